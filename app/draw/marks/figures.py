"""The two numbers of a wire: the value above in green, the gradient below in red, with an arrow against the flow."""

from collections.abc import Sequence
from typing import NamedTuple

from app.draw.figures import Figure, TensorFigure
from app.draw.mark import Attribute, Mark
from app.draw.number import SumText, exact_text, number_size, number_text, sum_text
from app.draw.path import near
from app.draw.theme import Theme
from app.graph.view import Shape
from app.layout.metrics import CAP_HEIGHT, text_width
from app.layout.model import Box, Point

SIZE = 16.0  # px, where there is room
ARROW = 11.0  # px that the arrow takes before its number


class Seat(NamedTuple):
    """Where a text sits: its box, the side that it leans on, and the way of its wire (a unit vector)."""

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


def value(figure: Figure, at: Seat, theme: Theme, *more: str, nominal: float = SIZE) -> tuple[Mark, ...]:
    """The text of a value at `nominal` px or smaller, or nothing where there is none."""
    if figure is None:
        return ()
    text, exact = value_text(figure)
    size = number_size(text, at.box.width, nominal)
    return (_text("value", text, at.x, at.box.centre.y, size, at.anchor, {**theme.paint("value", *more), **exact}),)


def grad(figure: Figure, at: Seat, theme: Theme) -> tuple[Mark, ...]:
    """The text of a gradient with its arrow, or nothing where there is none."""
    if figure is None:
        return ()
    text, exact = grad_text(figure)
    size = number_size(text, at.box.width, SIZE)
    x, tip = _beside_arrow(text_width(text, size), at)
    return (
        arrow(Point(tip, at.box.centre.y), at.flow, theme),
        _text("grad", text, x, at.box.centre.y, size, at.anchor, {**theme.paint("grad"), **exact}),
    )


def total(parts: Sequence[float], figure: Figure, ways: int, at: Seat, theme: Theme) -> tuple[Mark, ...]:
    """The gradient at a split as it came about: `2 + 2 = 4`. A tensor's parts have no common number, so it shows its
    norm and how many `ways` it came."""
    if figure is None or ways < 2:
        return grad(figure, at, theme)
    if isinstance(figure, TensorFigure) or len(parts) < 2:
        text, exact = grad_text(figure)
        size = number_size(text, at.box.width, SIZE)
        said = SumText(2, text, f"= sum of {ways}", size, number_size(f"= sum of {ways}", at.box.width, SIZE * 0.75))
    else:
        said = sum_text(parts, figure, at.box.width, SIZE)
        exact = {"data-value": exact_text(figure)}
    box = at.box
    if said.rows == 1:
        width = text_width(said.parts + said.total, said.size)
        x, tip = _beside_arrow(width, at)
        y = box.y + min(box.height / 2, said.size * 0.6)
        attributes: dict[str, Attribute] = {"class": "sum", "x": x, "y": y + CAP_HEIGHT / 2 * said.size}
        row = Mark(
            "text",
            "sum",
            {**attributes, "font-size": said.size, "text-anchor": at.anchor},
            (
                Mark("tspan", "parts", theme.paint("parts"), text=said.parts),
                Mark("tspan", "grad", {**theme.paint("grad"), **exact}, text=said.total),
            ),
        )
        return arrow(Point(tip, y), at.flow, theme), row
    x, tip = _beside_arrow(text_width(said.total, said.size), at)
    first = box.y + SIZE * 0.6
    second = min(first + 0.55 * SIZE + 0.6 * said.parts_size, box.y + box.height - 0.4 * said.parts_size)
    return (
        arrow(Point(tip, first), at.flow, theme),
        _text("grad", said.total, x, first, said.size, at.anchor, {**theme.paint("grad"), **exact}),
        _text("parts", said.parts, at.x, second, said.parts_size, at.anchor, theme.paint("parts")),
    )


def arrow(centre: Point, flow: Point, theme: Theme) -> Mark:
    """A small arrow at `centre` against the flow. It has a shaft: a bare head before a number would read as `<`."""
    back = Point(-1, 0) if abs(flow.x) >= abs(flow.y) else Point(0, -1)
    if flow.x * back.x + flow.y * back.y > 0:
        back = Point(-back.x, -back.y)
    x, y, side = centre.x, centre.y, Point(-back.y, back.x)
    tip, tail = Point(x + 3.5 * back.x, y + 3.5 * back.y), Point(x - 3.5 * back.x, y - 3.5 * back.y)
    neck = Point(x + back.x, y + back.y)
    wings = [Point(neck.x + 2.2 * k * side.x, neck.y + 2.2 * k * side.y) for k in (1, -1)]
    d = "M{} {}L{} {}M{} {}L{} {}L{} {}".format(*(f"{c:.2f}" for p in (tail, tip, wings[0], tip, wings[1]) for c in p))
    return Mark("path", "back", {**theme.paint("back"), "d": d, "fill": "none", "stroke-width": 1})


def _beside_arrow(width: float, at: Seat) -> tuple[float, float]:
    """The x of a text `width` px wide, and the x of the arrow: before it, or after it where it leans on a wire to its
    left. A centred text stays below its value while the arrow has room, and moves over by what the arrow lacks."""
    if at.anchor == "start":
        return at.x, at.x + width + ARROW / 2 + 1.5
    left = at.x - width / 2 if at.anchor == "middle" else at.x - width
    right = at.box.x + at.box.width
    moved = max(0.0, min(at.box.x + ARROW - left, right - left - width))
    return at.x + moved, left + moved - ARROW / 2 - 1.5


def _text(key: str, text: str, x: float, y: float, size: float, anchor: str, attributes: dict[str, Attribute]) -> Mark:
    place: dict[str, Attribute] = {"x": x, "y": y + CAP_HEIGHT / 2 * size, "font-size": size, "text-anchor": anchor}
    return Mark("text", key, {**attributes, **place}, text=text)
