"""What the levels need to know of a view, as plain sequences by node and edge number."""

from collections.abc import Sequence
from dataclasses import dataclass

from app.layout.sizes import Room


@dataclass(frozen=True, slots=True)
class Facts:
    """What the levels need to know of the view, by node and edge number (sizes in the layout's own frame, px).

    `text[v]` is the room of what stands behind v's box (None: nothing), `room[e]` that of an edge's texts, where
    `labelled[e]` says that these stand on a piece of their own before the target. `main[v]` is the operand that enters
    straight (−1: none). `gate[v]`: its box is a circle or ends in halves of one; `parted[v]`: its wires differ.
    `series[g]` is the first group of those that g is in a row with.
    """

    along: Sequence[float]
    across: Sequence[float]
    text: Sequence[Room | None]
    room: Sequence[Room]
    labelled: Sequence[bool]
    main: Sequence[int]
    commutes: Sequence[bool]
    inputs: Sequence[bool]
    gate: Sequence[bool]
    slot: Sequence[int]
    parted: Sequence[bool]
    series: Sequence[int]
    output: int
    downward: bool
