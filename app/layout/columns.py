"""Along the flow: how wide each layer's two columns are, boxes and texts, and the room between layers for bends."""

from collections.abc import Mapping, Sequence
from math import ceil
from typing import NamedTuple

from app.layout.facts import Facts
from app.layout.frames import BOX, CONSTANT, ENTRY, EXIT, NODE, Level
from app.layout.sizes import FRAME_HEAD, FRAME_PAD
from app.layout.start import LABEL
from app.layout.vertices import Vertices

BESIDE, BESIDE_DOWN = 2.0, 5.0  # between a text's room and the ends of its piece of wire
CONSTANT_WIRE = 28.0


class Columns(NamedTuple):
    """By layer where its boxes begin and its texts begin and end, the width of its boxes, and where the level ends."""

    start: list[float]
    middle: list[float]
    stop: list[float]
    boxes: list[float]
    along: float


def columns(
    level: Level,
    facts: Facts,
    made: Vertices,
    inner: Mapping[int, float],
    bend: Sequence[float],
    depth: int,
    head: float,
) -> Columns:
    """`inner` are the lengths of the levels inside; `bend[s]` what segment s needs before its target's layer; `head`
    the width of a frame's label."""
    kinds, keys = level.kinds, level.keys
    n, count = len(kinds), len(made.kind)
    v_kind, v_layer, v_of = made.kind, made.layer, made.of
    framed = level.group >= 0
    beside = BESIDE_DOWN if facts.downward else BESIDE
    boxes, texts = [0.0] * depth, [0.0] * depth
    for v in range(count):
        i = v_layer[v]
        if v >= n:
            if v_kind[v] == LABEL:
                texts[i] = max(texts[i], facts.room[v_of[v]].along + 2 * beside)
        elif kinds[v] == BOX:
            boxes[i] = max(boxes[i], inner[keys[v]])
        elif kinds[v] == CONSTANT:
            texts[i] = max(texts[i], facts.along[keys[v]] + CONSTANT_WIRE + 2)
        elif kinds[v] == NODE:
            boxes[i] = max(boxes[i], facts.along[keys[v]])
            text = facts.text[keys[v]]
            if text is not None:
                texts[i] = max(texts[i], text.along + 2 * beside)
    before = [0.0] * depth  # each layer, for bends
    for s, need in enumerate(bend):
        j = v_layer[made.targets[s]]
        before[j] = max(before[j], need)
    if framed:
        if ENTRY in kinds:
            texts[0] = FRAME_HEAD if facts.downward else 0.0
            before[1] = max(before[1], FRAME_PAD)
        else:
            before[0] = FRAME_HEAD if facts.downward else FRAME_PAD
        if EXIT in kinds:
            before[depth - 1] = max(before[depth - 1], FRAME_PAD)
    start, middle, stop = [0.0] * depth, [0.0] * depth, [0.0] * depth
    u = 0.0
    for i in range(depth):
        u += before[i]
        start[i], middle[i] = u, u + boxes[i]
        u = stop[i] = middle[i] + texts[i]
    if framed and EXIT not in kinds:
        u += FRAME_PAD
    if framed and not facts.downward and u < head + 2 * FRAME_PAD:
        u = head + 2 * FRAME_PAD
        if EXIT in kinds:
            start[-1] = middle[-1] = stop[-1] = u
    return Columns(start, middle, stop, boxes, u)


def bends(made: Vertices, offset: Sequence[float], side: Sequence[int], early: Sequence[bool]) -> list[float]:
    """By segment the length (px) that its bend needs; `offset[s]` is how far across it goes."""
    found: list[float] = []
    for s, dv in enumerate(offset):
        if side[s]:
            found.append(0.0 if early[s] else 18.0)
        else:
            found.append(0.0 if dv < 0.5 else float(ceil(32 + min(0.14 * dv, 56))))
    return found
