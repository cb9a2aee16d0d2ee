"""The two numbers of a wire: the value above in green, the gradient below in red, with an arrow against the flow."""

from collections.abc import Sequence
from typing import NamedTuple

from app.draw.figures import Figure, TensorFigure
from app.draw.mark import Attribute, Mark
from app.draw.marks.label import fitted
from app.draw.number import SumText, exact_text, number_size, number_text, sum_text
from app.draw.path import near
from app.draw.theme import Theme
from app.graph.view import Shape
from app.layout.metrics import CAP_HEIGHT, text_width
from app.layout.model import Box, Point

SIZE = 16.0  # px, where there is room
ARROW = 9.5  # px that the arrow takes of a gradient's room: its length, and a space


class Seat(NamedTuple):
    """Where a text sits: its box, the side that it leans on, and the way of its wire there (a unit vector)."""

    box: Box
    anchor: str
    flow: Point

    @property
    def x(self) -> float:
        leaning = {"start": self.box.x, "middle": self.box.centre.x, "end": self.box.x + self.box.width}
        return leaning[self.anchor]


def seat(box: Box, points: Sequence[Point]) -> Seat:
    """The seat of a text beside the way `points`: centred above or below it, or leaning on it from a side."""
    place = near(points, box.centre)
    steep = abs(place.direction.y) > abs(place.direction.x)
    anchor = "middle"
    if steep and place.point.x <= box.x:
        anchor = "start"
    elif steep and place.point.x >= box.x + box.width:
        anchor = "end"
    return Seat(box, anchor, place.direction)


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
        return f"∥{number_text(figure.norm)}∥", {"data-value": exact_text(figure.norm)}
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
    size = number_size(text, at.box.width - ARROW, SIZE)
    x, tip = beside_arrow(text_width(text, size), at)
    y = at.box.centre.y
    return (
        arrow(Point(tip, y), at.flow, theme),
        _text("grad", text, x, y, size, at.anchor, {**theme.paint("grad"), **exact}),
    )


def total(parts: Sequence[float], figure: Figure, ways: int, at: Seat, theme: Theme) -> tuple[Mark, ...]:
    """The gradient at a split as it came about: `2 + 2 = 4` in one row, or in two. A tensor's parts have no number in
    common, so it shows its norm and how many `ways` it came."""
    room = at.box.width - ARROW
    if figure is None or ways < 2:
        return grad(figure, at, theme)
    text, exact = grad_text(figure)
    if isinstance(figure, TensorFigure) or len(parts) < 2:
        below = f"= sum of {ways}"
        said = SumText(2, text, below, number_size(text, room, SIZE), number_size(below, at.box.width, SIZE * 0.75))
    else:
        said = sum_text(parts, figure, at.box.width, SIZE, ARROW)
    red, first = {**theme.paint("grad"), **exact}, at.box.y + SIZE / 2
    if said.rows == 1:
        x, tip = beside_arrow(text_width(said.parts + said.total, said.size), at)
        row = _text("sum", "", x, first, said.size, at.anchor, {"class": "sum"})
        spans = (
            Mark("tspan", "parts", theme.paint("parts"), text=said.parts),
            Mark("tspan", "grad", red, text=said.total),
        )
        return arrow(Point(tip, first), at.flow, theme), Mark("text", "sum", row.attributes, spans)
    x, tip = beside_arrow(text_width(said.total, said.size), at)
    second = at.box.y + SIZE + 1 + 0.6 * said.parts_size
    return (
        arrow(Point(tip, first), at.flow, theme),
        _text("grad", said.total, x, first, said.size, at.anchor, red),
        _text("parts", said.parts, at.x, second, said.parts_size, at.anchor, theme.paint("parts")),
    )


def arrow(centre: Point, flow: Point, theme: Theme) -> Mark:
    """A small arrow against the flow. It has a shaft: a bare head before a number would read as `<`."""
    back = Point(-1, 0) if abs(flow.x) >= abs(flow.y) else Point(0, -1)
    if flow.x * back.x + flow.y * back.y > 0:
        back = Point(-back.x, -back.y)

    def place(along: float, across: float) -> str:
        return f"{centre.x + along * back.x - across * back.y:.2f} {centre.y + along * back.y + across * back.x:.2f}"

    d = f"M{place(-3, 0)}L{place(3, 0)}M{place(0.8, -2.2)}L{place(3, 0)}L{place(0.8, 2.2)}"
    return Mark("path", "back", {**theme.paint("back"), "d": d, "fill": "none", "stroke-width": 1})


def beside_arrow(width: float, at: Seat) -> tuple[float, float]:
    """The x of a text `width` px wide, and that of the arrow: before it, or after it where the text leans on a wire to
    its left. A centred text stays below its value while the arrow has room, and moves over by what the arrow lacks."""
    if at.anchor == "start":
        return at.x, at.x + width + ARROW - 3
    left = at.x - width / 2 if at.anchor == "middle" else at.x - width
    moved = max(0.0, min(at.box.x + ARROW - left, at.box.x + at.box.width - left - width))
    return at.x + moved, left + moved - ARROW + 3


def _text(key: str, text: str, x: float, y: float, size: float, anchor: str, attributes: dict[str, Attribute]) -> Mark:
    place: dict[str, Attribute] = {"x": x, "y": y + CAP_HEIGHT / 2 * size, "font-size": size, "text-anchor": anchor}
    return Mark("text", key, {**attributes, **place}, text=text)
