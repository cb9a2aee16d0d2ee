"""The two numbers of a wire: the value above in green, the gradient below in red, with an arrow against the flow."""

from collections.abc import Sequence
from typing import Literal, NamedTuple

from app.draw.figures import Figure, TensorFigure
from app.draw.mark import Attribute, Mark
from app.draw.marks.label import fitted
from app.draw.number import exact_text, norm_text, number_size, number_text, part_rows, sum_text
from app.draw.theme import Theme
from app.graph.view import Shape
from app.layout.metrics import CAP_HEIGHT, text_width
from app.layout.model import Box, Direction, Point

SIZE = 16.0  # px, where there is room
ARROW = 7.5  # px that the arrow takes before its number: its length, and a space
OVERHANG = 1.0  # px by which it may stand out of the gradient's box: nothing is drawn so near to one


class Seat(NamedTuple):
    """Where a text sits: its box, and how it leans in it: centred above or below a wire that runs right, against the
    wire to its right (`end`) or left (`start`) where wires run down."""

    box: Box
    anchor: Literal["start", "middle", "end"]

    @property
    def arrow(self) -> float:
        """What the arrow takes of the box (px). Where wires run down it stands behind the text, in the clear."""
        return ARROW - OVERHANG if self.anchor == "middle" else 0.0

    @property
    def x(self) -> float:
        leaning = {"start": self.box.x, "middle": self.box.centre.x, "end": self.box.x + self.box.width}
        return leaning[self.anchor]


def before(box: Box, direction: Direction) -> Seat:
    """The seat of a value, above or left of its wire."""
    return Seat(box, "middle" if direction == "right" else "end")


def after(box: Box, direction: Direction) -> Seat:
    """The seat of a gradient, below or right of its wire."""
    return Seat(box, "middle" if direction == "right" else "start")


def shape_text(shape: Shape) -> str:
    """A shape as a wire shows it: 128×64, and (3) for a vector."""
    return "×".join(map(str, shape)) if len(shape) > 1 else f"({''.join(map(str, shape))})"


def value_text(figure: Figure) -> tuple[str, dict[str, Attribute]]:
    """What a value is shown as, with its exact number; a tensor shows its shape, and no number."""
    assert figure is not None
    if isinstance(figure, TensorFigure):
        return shape_text(figure.shape), {}
    return number_text(figure), {"data-value": exact_text(figure)}


def grad_text(figure: Figure) -> tuple[str, dict[str, Attribute]]:
    """What a gradient is shown as, with its exact number; a tensor shows its norm."""
    assert figure is not None
    if isinstance(figure, TensorFigure):
        return norm_text(figure.norm), {"data-value": exact_text(figure.norm)}
    return number_text(figure), {"data-value": exact_text(figure)}


def given(label: str, figure: Figure, box: Box, theme: Theme) -> tuple[Mark, ...]:
    """A constant's label, small and grey: it is the value of its wire as well, so it stands once, in `box`."""
    exact = {} if figure is None else value_text(figure)[1]
    attributes = {**theme.paint("value", "given"), **exact}
    return (_text("value", label, box.centre.x, box.centre.y, fitted(label, 14.0, box.width), "middle", attributes),)


def value(figure: Figure, at: Seat, theme: Theme) -> tuple[Mark, ...]:
    """The text of a value, or nothing where there is none."""
    if figure is None:
        return ()
    text, exact = value_text(figure)
    size = number_size(text, at.box.width, SIZE)
    return (_text("value", text, at.x, at.box.centre.y, size, at.anchor, {**theme.paint("value"), **exact}),)


def grad(figure: Figure, at: Seat, theme: Theme) -> tuple[Mark, ...]:
    """The text of a gradient with its arrow, or nothing where there is none."""
    if figure is None:
        return ()
    text, exact = grad_text(figure)
    size = number_size(text, at.box.width - at.arrow, SIZE)
    x, tip = beside_arrow(text_width(text, size), at)
    y = at.box.centre.y
    return (
        arrow(Point(tip, y), at, theme),
        _text("grad", text, x, y, size, at.anchor, {**theme.paint("grad"), **exact}),
    )


def total(parts: Sequence[float], figure: Figure, at: Seat, theme: Theme) -> tuple[Mark, ...]:
    """The gradient at a split as it came about: `2 + 2 = 4` in one row, or in more; of a tensor its norm, and below it
    those of its parts. A single part (the output needs no other) is no sum."""
    if figure is None or len(parts) < 2:
        return grad(figure, at, theme)
    exact = grad_text(figure)[1]
    norms = isinstance(figure, TensorFigure)
    whole = figure.norm if isinstance(figure, TensorFigure) else figure
    said = sum_text(parts, whole, at.box.width, SIZE, at.arrow, part_rows(at.box.height), norms=norms)
    red = {**theme.paint("grad"), **exact}
    height = SIZE if said.rows == 1 else SIZE + 1 + 1.2 * said.parts_size * (said.rows - 1)
    top = at.box.y if at.anchor == "middle" else at.box.centre.y - height / 2
    first = top + SIZE / 2
    if said.rows == 1:
        x, tip = beside_arrow(text_width(said.parts + said.total, said.size), at)
        row = _text("sum", "", x, first, said.size, at.anchor, {"class": "sum"})
        spans = (
            Mark("tspan", "parts", theme.paint("parts"), text=said.parts),
            Mark("tspan", "grad", red, text=said.total),
        )
        return arrow(Point(tip, first), at, theme), Mark("text", "sum", row.attributes, spans)
    x, tip = beside_arrow(text_width(said.total, said.size), at)
    second = top + SIZE + 1 + 0.6 * said.parts_size
    shade = theme.paint("parts")
    return (
        arrow(Point(tip, first), at, theme),
        _text("grad", said.total, x, first, said.size, at.anchor, red),
        *(
            _text(f"parts{k or ''}", row, at.x, second + k * 1.2 * said.parts_size, said.parts_size, at.anchor, shade)
            for k, row in enumerate(said.parts.split("\n"))
        ),
    )


def arrow(centre: Point, at: Seat, theme: Theme) -> Mark:
    """A small arrow against the flow. It has a shaft: a bare head before a number would read as `<`."""
    x, y = centre
    ways = ((2.5, 0), (-2.5, 0), (-0.5, -2), (-0.5, 2))
    level = at.anchor == "middle"
    places = [(x + u, y + v) if level else (x + v, y + u) for u, v in ways]
    tail, tip, left, right = (f"{a:.2f} {b:.2f}" for a, b in places)
    d = f"M{tail}L{tip}M{left}L{tip}L{right}"
    return Mark("path", "back", {**theme.paint("back"), "d": d, "fill": "none", "stroke-width": 1})


def beside_arrow(width: float, at: Seat) -> tuple[float, float]:
    """The x of a text `width` px wide, and that of the arrow: before it, or after it where the text leans on a wire to
    its left. A centred text stays below its value while the arrow has room, and moves over by what the arrow lacks."""
    if at.anchor == "start":
        return at.x, at.x + width + ARROW - 2.5
    left = at.x - width / 2 if at.anchor == "middle" else at.x - width
    moved = max(0.0, min(at.box.x + at.arrow - left, at.box.x + at.box.width - left - width))
    return at.x + moved, left + moved - ARROW + 2.5


def _text(key: str, text: str, x: float, y: float, size: float, anchor: str, attributes: dict[str, Attribute]) -> Mark:
    place: dict[str, Attribute] = {"x": x, "y": y + CAP_HEIGHT / 2 * size, "font-size": size, "text-anchor": anchor}
    return Mark("text", key, {**attributes, **place}, text=text)
