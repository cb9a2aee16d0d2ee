"""The circuit as an SVG that stands alone."""

from app.draw.scene import scene
from app.draw.svg import svg
from app.draw.theme import theme
from app.export import Format, Subject


def write(subject: Subject) -> str:
    """The picture, with its fonts, its description, and the state that it was drawn from."""
    look = subject.look
    colours = theme(look.theme, look.palette)
    picture = scene(subject.view, subject.layout(), subject.figures, theme=colours, title=subject.title, flow=look.flow)
    return svg(picture, colours, source=subject.state)


FORMAT = Format(name="svg", media_type="image/svg+xml", extension="svg", write=write)
