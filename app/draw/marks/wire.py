"""A wire: its line, with a gap where another crosses over it, its value above and its gradient below."""

import math
from collections.abc import Sequence
from typing import NamedTuple

from app.draw.figures import Figure, TensorFigure
from app.draw.mark import Attribute, Mark
from app.draw.marks.figures import after, before, given, grad, value
from app.draw.marks.label import line
from app.draw.path import cut, walk
from app.draw.theme import Theme
from app.graph.view import ViewEdge
from app.layout.model import Box, Direction, Point, Wire

THIN, NORMAL, HEAVY = 1.0, 1.5, 2.5  # px: a constant's, a wire's and a trunk's
GAP = 5.0  # px to each side of a crossing
PALE = 0.45  # what the output does not depend on
BADGE = 7.5  # px, the radius of a sign on a wire


class Stroke(NamedTuple):
    """How a line is drawn: its kind in the theme, its width (px), and its dashes."""

    kind: str
    width: float
    dashes: str = ""
    opacity: float = 1.0

    def attributes(self, theme: Theme) -> dict[str, Attribute]:
        found: dict[str, Attribute] = {**theme.paint(self.kind), "fill": "none", "stroke-width": self.width}
        if self.dashes:
            found["stroke-dasharray"] = self.dashes
        if self.opacity < 1:
            found["stroke-opacity"] = self.opacity
        return found


def wire(
    edge: ViewEdge,
    at: Wire,
    value_: Figure,
    grad_: Figure,
    theme: Theme,
    direction: Direction,
    *,
    title: str | None,
    hit: bool,
    reached: bool,
    home: Box | None,
    label: str,
    flow: bool = False,
) -> Mark:
    """An edge's marks. The number of a constant with one wire stands once, in the constant's own place (`home`), as its
    `label`. `hit` adds a broad clear line for a pointer. With `flow` the line tells log |gradient|."""
    carried = edge.differentiable
    classes = ["wire"]
    classes += ["trunk"] if at.straight else []
    classes += [] if carried else ["constant"]
    classes += [] if edge.passes else ["blocked"]
    classes += [] if reached else ["unreached"]
    stroke = plain(carried, at.straight, edge.passes, reached)
    signs: tuple[Mark, ...] = ()
    if flow and carried:
        stroke = by_gradient(magnitude(grad_), blocked=not edge.passes)
        signs = badge(magnitude(grad_), at, theme) if edge.passes else ()
    path = cut(at.own, at.gaps, GAP)
    children: list[Mark] = []
    if title is not None:
        children.append(Mark("title", "title", text=title))
    if hit:
        clear: dict[str, Attribute] = {"class": "hit", "d": at.own, "fill": "none", "stroke": "transparent"}
        children.append(Mark("path", "hit", {**clear, "stroke-width": 14}))
    children.append(Mark("path", "line", {**stroke.attributes(theme), "d": path}))
    children += signs
    if at.mark is not None:
        children.append(line("slot", str(edge.slot + 1), at.mark, 10.0, theme, "quiet"))
    if home is not None:
        children += given(label, value_, home, theme)
    else:
        children += value(value_, before(at.value_box, direction), theme)
    if carried:
        children += grad(grad_, after(at.grad_box, direction), theme)
    return Mark("g", f"edge:{edge.id}", {"class": " ".join(classes), "data-edge": edge.id}, tuple(children))


def plain(carried: bool, straight: bool, passes: bool, reached: bool) -> Stroke:
    """How a wire is drawn by what it is: a trunk heavy, a constant's thin, dashed where no gradient passes by rule."""
    opacity = 1.0 if reached else PALE
    dashes = "" if passes or not carried else "5 4"
    if not carried:
        return Stroke("leader", THIN, "", opacity)
    return Stroke("main", HEAVY, dashes, opacity) if straight else Stroke("line", NORMAL, dashes, opacity)


def magnitude(figure: Figure) -> float | None:
    """|gradient|, a tensor's norm; None where there is none."""
    return figure.norm if isinstance(figure, TensorFigure) else None if figure is None else abs(figure)


def by_gradient(size: float | None, *, blocked: bool = False) -> Stroke:
    """How a wire is drawn by log10 |gradient|: 1 is 3 px wide, a thousandfold 7.5, a millionth a pale hair; zero is
    dotted grey, what is not finite is dashed at full width."""
    if size is None or blocked:
        return Stroke("line", THIN, "5 4" if blocked else "")
    if size == 0:
        return Stroke("line", NORMAL, "1.5 4")
    if not math.isfinite(size):
        return Stroke("flow", 7.5, "3 2")
    power = math.log10(size)
    width = 3 + 1.5 * power if power > 0 else 3 + 0.55 * power
    opacity = 1.0 if power >= 0 else 1 + power * 0.12
    return Stroke("flow", round(min(9.0, max(0.8, width)), 2), "", round(max(0.28, opacity), 2))


def badge(size: float | None, at: Wire, theme: Theme) -> tuple[Mark, ...]:
    """A sign on a wire whose gradient is zero, infinite or not a number."""
    if size is None or (math.isfinite(size) and size != 0):
        return ()
    sign = "0" if size == 0 else "∞" if math.isinf(size) else "?"
    centre = clear_place(at.points, (at.value_box, at.grad_box))
    circle: dict[str, Attribute] = {**theme.paint("badge"), "cx": centre.x, "cy": centre.y, "r": BADGE}
    return (
        Mark("circle", "badge", {**circle, "stroke-width": 1.2}),
        line("sign", sign, centre, 11.0, theme, "parts"),
    )


def clear_place(points: Sequence[Point], boxes: Sequence[Box]) -> Point:
    """The place on a wire that is farthest from the boxes of its texts and from its ends."""

    def room(place: Point) -> float:
        ends = (points[0], points[-1])
        return min([*(distance(place, box) for box in boxes), *(math.dist(place, end) for end in ends)])

    return max(walk(points, 4.0), key=room, default=points[0])


def distance(place: Point, box: Box) -> float:
    """From a point to a box (px); 0 inside."""
    return math.hypot(
        max(box.x - place.x, 0.0, place.x - box.x - box.width), max(box.y - place.y, 0.0, place.y - box.y - box.height)
    )
