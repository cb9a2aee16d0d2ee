"""The circuit as a PNG that carries the state that it was drawn from."""

from dataclasses import replace

from app.draw.png import png
from app.export import Format, Subject
from app.export.svg import write as write_svg


def write(subject: Subject) -> bytes:
    """The picture at the wanted scale or width. Errors: `limit.picture`."""
    look = subject.look
    drawing = write_svg(replace(subject, state=None))
    return png(
        drawing,
        limits=subject.limits,
        scale=look.scale,
        width=look.width,
        background=look.background,
        source=subject.state,
    )


FORMAT = Format(name="png", media_type="image/png", extension="png", write=write)
