"""The circuit as a PNG that carries the state that it was drawn from."""

from app.draw.png import png
from app.export import Format, Subject
from app.export.svg import picture


def write(subject: Subject) -> bytes:
    """The picture at the wanted scale or width. Errors: `limit.picture`."""
    look = subject.look
    drawn, colours = picture(subject)
    return png(
        drawn,
        colours.colours.paper,
        limits=subject.limits,
        scale=look.scale,
        width=look.width,
        source=subject.state,
    )


FORMAT = Format(name="png", media_type="image/png", extension="png", write=write)
