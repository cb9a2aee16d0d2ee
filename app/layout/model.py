"""What a layout is: a place for each node, wire and text of a view. It knows no numbers."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from typing import Literal, NamedTuple

Direction = Literal["right", "down"]


class Point(NamedTuple):
    """A place in px, y downwards."""

    x: float
    y: float


class Box(NamedTuple):
    """A rectangle in px; (x, y) is its top left corner."""

    x: float
    y: float
    width: float
    height: float

    @property
    def centre(self) -> Point:
        return Point(self.x + self.width / 2, self.y + self.height / 2)


# From their tuples in a third of the time that their constructors take: a circuit has thousands.
as_point = partial(tuple.__new__, Point)
as_box = partial(tuple.__new__, Box)


# Places and wires are values as well, never changed once made; they are not frozen because a frozen dataclass takes
# three times as long to make, and every layout makes one for each node and each wire.
@dataclass(slots=True, kw_only=True)
class Placed:
    """A node's place. `stem` is the node's own piece of wire, `stem_path` the same as SVG path data: from its box to
    the split (where its value fans out) or to the open end (at the output, and at what nothing uses); its texts stand
    above and below it. `split` is the dot at the stem's end.

    `value_box` and `grad_box` have room for seven characters at 16 px; `sum_box`, in place of `grad_box` at a fan-out,
    for two rows: the sum as it came about. `dots` are further splits along the shared way, behind the first.
    """

    box: Box
    stem: tuple[Point, ...] = ()
    stem_path: str = ""
    split: Point | None = None
    value_box: Box | None = None
    grad_box: Box | None = None
    sum_box: Box | None = None
    dots: tuple[Point, ...] = ()


@dataclass(slots=True, kw_only=True)
class Wire:
    """An edge's way: `points` from the source's box to the target's (a polyline that follows the curve), `path` the
    same as SVG path data, `own` the path data of the piece after the split (equal to `path` without one).

    The texts' boxes stand above and below the wire, in `down` left and right of it (set towards the wire); on a
    constant's wire they are small, for its node shows the number. `straight` holds for a piece of a trunk. `gaps` are
    the points where another wire crosses over this one.
    `mark` is where a slot number stands when operands of a gate that does not commute can't enter in order.
    """

    points: tuple[Point, ...]
    path: str
    own: str
    value_box: Box
    grad_box: Box
    straight: bool = False
    gaps: tuple[Point, ...] = ()
    mark: Point | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Frame:
    """An open group: the tinted box, and the box of its label with the way to close it."""

    box: Box
    label_box: Box


@dataclass(frozen=True, slots=True, kw_only=True)
class Layout:
    """A place for everything in one coordinate system. Keys are the view's node, edge and group ids.

    `lanes` says where the ways of values run across the flow, (node, frame, layer, px): not drawn, the next layout
    starts from it.
    """

    nodes: Mapping[str, Placed]
    wires: Mapping[str, Wire]
    frames: Mapping[str, Frame]
    bounds: Box
    direction: Direction
    lanes: tuple[tuple[str, str, int, float], ...] = ()
