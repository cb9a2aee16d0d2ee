"""How large things are drawn (px): boxes by what stands in them, and the room that a wire's texts take.

The layout works in a frame of its own: `along` is the direction of the flow, `across` is the other one. For
`right` along is x; for `down` along is y, and texts stand left and right of their wire instead of above and below.
"""

from dataclasses import dataclass
from functools import lru_cache

from app.graph.view import Shape, ViewNode
from app.layout.metrics import text_width
from app.layout.model import Direction

RADIUS = 20.0
TEXT = 16.0
CLEAR = 6.0  # between a wire and its text
ROOM = 67.0  # seven characters; the widest, such as −0.3932, are set a little smaller than 16 px
SUM_WIDTH, SUM_HEIGHT = 100.0, 34.0
CONSTANT_TEXT = 14.0
TICK = 10.0  # the small boxes on a constant's wire
FRAME_PAD, FRAME_HEAD = 14.0, 26.0
LABEL_TEXT, CLOSE = 12.0, 20.0


@dataclass(frozen=True, slots=True)
class Room:
    """What a wire's texts take: `along` it, and across it on the side `before` (above, left) and `after` it."""

    along: float
    before: float
    after: float


def node_size(node: ViewNode, operands: int) -> tuple[float, float]:
    """(width, height) of a node's box, tall enough for the wires that enter a closed group or an input."""
    match node.kind:
        case "constant":
            return max(8.0, text_width(node.label, CONSTANT_TEXT)) + 4, 18.0
        case "input":
            return max(40.0, text_width(node.label, TEXT) + 20), 32.0
        case "group":
            width = max(72.0, text_width(node.label, 15) + 24, text_width(node.detail, 11) + 18)
            return _even(width), max(60.0 if node.skip else 44.0, 12.0 * operands + 12)
        case _:
            return _gate_size(node.label)


@lru_cache(maxsize=512)
def _gate_size(sign: str) -> tuple[float, float]:
    if text_width(sign, 12) <= 2 * RADIUS - 8:
        return 2 * RADIUS, 2 * RADIUS
    return _even(text_width(sign, 15) + 28), 2 * RADIUS


def shape_text(shape: Shape) -> str:
    """`128×64`, `3` for a vector of three, and nothing for a scalar."""
    return "×".join(map(str, shape))


@lru_cache(maxsize=512)
def edge_room(shape: Shape, direction: Direction) -> Room:
    """The room of a wire's value and gradient: seven characters, or the shape's own width where it is longer."""
    width = ROOM if not shape else max(ROOM, _even(text_width(shape_text(shape), TEXT) + 4))
    if direction == "right":
        return Room(width, CLEAR + TEXT, CLEAR + TEXT)
    return Room(TEXT, CLEAR + width, CLEAR + width)


@lru_cache(maxsize=512)
def sum_room(shape: Shape, direction: Direction, ways: int) -> Room:
    """The room at a fan-out of so many ways: the value on one side, on the other the sum as it came about, a row for
    its total and below that rows for two parts each, of a tensor for the norm of one, up to three."""
    value = edge_room(shape, direction)
    rows = min(3, ways if shape else (ways + 1) // 2)
    height = SUM_HEIGHT if rows == 1 else 17 + 12.0 * rows
    if direction == "right":
        return Room(max(value.along, SUM_WIDTH), value.before, CLEAR + height)
    return Room(height, value.before, CLEAR + SUM_WIDTH)


def _even(width: float) -> float:
    return 2.0 * -(-width // 2)
