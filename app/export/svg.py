"""The circuit as an SVG that stands alone."""

from app.draw.mark import Scene
from app.draw.scene import scene
from app.draw.svg import svg
from app.draw.theme import Theme, theme
from app.export import Format, Subject


def write(subject: Subject) -> str:
    """The picture, with its fonts, its description, and the state that it was drawn from."""
    return svg(*picture(subject), source=subject.state)


def picture(subject: Subject) -> tuple[Scene, Theme]:
    """What is drawn, and its colours."""
    look = subject.look
    colours = theme(look.theme, look.palette)
    layout = subject.layout()
    return scene(subject.view, layout, subject.figures, theme=colours, title=subject.title, flow=look.flow), colours


FORMAT = Format(name="svg", media_type="image/svg+xml", extension="svg", write=write)
