"""The places across the flow: lines kept straight, nothing closer than it may be, each line near what it is joined to.

Vertices that must be level are one *line* (the blocks of Brandes and Köpf 2002, with their inner shifts). As no two
lines cross, the order in the layers is a partial order of lines, and the least sum of squares under its separations is
found by pooling adjacent violators over that order: VPSC (Dwyer, Marriott and Stuckey 2005, "Fast Node Overlap
Removal", §3), which on a single layer is isotonic regression.
"""

from bisect import bisect_left
from collections.abc import Sequence
from heapq import heapify, heappop, heappush
from typing import NamedTuple

Layers = Sequence[Sequence[int]]


class Segment(NamedTuple):
    """A piece of wire between vertices of adjacent layers, with the ports' places relative to each vertex's own.

    `level` is how much it must be straight: 0 not, else the higher wins where two such segments cross.
    """

    source: int
    target: int
    leave: float
    enter: float
    level: int
    weight: float


class Lines(NamedTuple):
    """`line[v]` is the line that vertex v is on, `shift[v]` its place relative to the line's."""

    line: list[int]
    shift: list[float]
    total: int


def lines(layers: Layers, position: Sequence[int], segments: Sequence[Segment]) -> Lines:
    """Joins vertices by the segments that are to be straight, in order of level; one that would cross a segment
    already straight, or share its end, stays crooked. Without crossings the lines' order is acyclic."""
    n = len(position)
    layer_of = [0] * n
    for i, layer in enumerate(layers):
        for v in layer:
            layer_of[v] = i
    ahead, behind = [-1] * n, [-1] * n
    taken: list[tuple[list[int], list[int]]] = [([], []) for _ in layers]
    for k in sorted([k for k, s in enumerate(segments) if s.level], key=lambda k: (-segments[k].level, k)):
        source, target = segments[k].source, segments[k].target
        if ahead[source] >= 0 or behind[target] >= 0:
            continue
        starts, ends = taken[layer_of[source]]
        at = bisect_left(starts, position[source])
        if (at and ends[at - 1] > position[target]) or (at < len(ends) and ends[at] < position[target]):
            continue
        starts.insert(at, position[source])
        ends.insert(at, position[target])
        ahead[source], behind[target] = k, k
    line, shift, count = [-1] * n, [0.0] * n, 0
    for layer in layers:
        for v in layer:
            if behind[v] >= 0:
                s = segments[behind[v]]
                line[v], shift[v] = line[s.source], shift[s.source] + s.leave - s.enter
            else:
                line[v] = count
                count += 1
    return Lines(line, shift, count)


def coordinates(
    layers: Layers,
    position: Sequence[int],
    segments: Sequence[Segment],
    before: Sequence[float],
    after: Sequence[float],
    heavy: Sequence[bool],
    *,
    rounds: int,
) -> list[float]:
    """A place for each vertex: for neighbours a, b in a layer place[b] − place[a] ≥ after[a] + before[b]; the ends of a
    straight segment are level exactly; else each is drawn to the mean of its neighbours. `heavy` vertices stay put."""
    found = lines(layers, position, segments)
    line, shift, count = found
    gaps: dict[tuple[int, int], float] = {}
    for layer in layers:
        for k in range(len(layer) - 1):
            a, b = layer[k], layer[k + 1]
            pair = (line[a], line[b])
            gap = after[a] + before[b] + shift[a] - shift[b]
            if gap > gaps.get(pair, -1e18):
                gaps[pair] = gap
    inward: list[list[tuple[int, float]]] = [[] for _ in range(count)]
    outward: list[list[int]] = [[] for _ in range(count)]
    waiting = [0] * count
    for (a, b), gap in gaps.items():
        inward[b].append((a, gap))
        outward[a].append(b)
        waiting[b] += 1
    sequence = [a for a in range(count) if not waiting[a]]
    for a in sequence:
        for b in outward[a]:
            waiting[b] -= 1
            if not waiting[b]:
                sequence.append(b)
    assert len(sequence) == count, "lines that cross"

    weight = [1.0] * count
    for v, is_heavy in enumerate(heavy):
        if is_heavy:
            weight[line[v]] = 4.0
    pulls_in: list[list[Pull]] = [[] for _ in range(count)]
    pulls_out: list[list[Pull]] = [[] for _ in range(count)]
    for source, target, leave, enter, _, pull in segments:
        a, b = line[source], line[target]
        if a != b:
            # place[a] + leave = place[b] + enter, in the lines' own places
            apart = shift[source] + leave - shift[target] - enter
            pulls_in[b].append((a, apart, pull))
            pulls_out[a].append((b, -apart, pull))
    pulls = [mine + others for mine, others in zip(pulls_in, pulls_out, strict=True)]
    aims = (
        [mine or others for mine, others in zip(pulls_in, pulls, strict=True)],
        [mine or others for mine, others in zip(pulls_out, pulls, strict=True)],
    )

    place = [0.0] * count
    for b in sequence:
        mine = inward[b]
        if mine:
            place[b] = max([place[a] + gap for a, gap in mine])
    known: list[list[float]] = []  # after each turn
    turn = 0
    while turn < rounds:
        last = turn >= rounds - 2
        place = separate(_aimed(place, pulls if last else aims[turn % 2], turn % 2 == 1), weight, sequence, inward)
        known.append(place)
        if not last and turn >= 2 and _alike(place, known[turn - 2]):
            # What would follow is the same again, but for where the whole stands.
            place = place if turn % 2 else known[turn - 1]
            turn = rounds - 2
        else:
            turn += 1
    # Less than a pixel, which every gap has to spare; from a line, for the whole may stand anywhere.
    rounded = [float(round(p - place[0])) for p in place]
    return [rounded[line[v]] + shift[v] for v in range(len(position))]


Pull = tuple[int, float, float]  # by another line, to this far from it, by this weight


def _aimed(place: Sequence[float], pulls: Sequence[Sequence[Pull]], backwards: bool) -> list[float]:
    """Where each line would go: to the mean of what pulls at it, the lines before it where they would go themselves.
    Lines are numbered by the layer in which they begin."""
    aim = list(place)
    count = len(aim)
    for a in range(count - 1, -1, -1) if backwards else range(count):
        mine = pulls[a]
        if len(mine) == 1:
            b, apart, _ = mine[0]
            aim[a] = aim[b] + apart
        elif mine:
            total = whole = 0.0
            for b, apart, pull in mine:
                total += (aim[b] + apart) * pull
                whole += pull
            aim[a] = total / whole
    return aim


ALIKE = 0.25  # px


def _alike(one: Sequence[float], other: Sequence[float]) -> bool:
    """Whether two turns put the lines in the same places, wherever the whole stands."""
    moved = [a - b for a, b in zip(one, other, strict=True)]
    return max(moved) - min(moved) < ALIKE


def separate(
    aim: Sequence[float],
    weight: Sequence[float],
    sequence: Sequence[int],
    inward: Sequence[Sequence[tuple[int, float]]],
) -> list[float]:
    """Places with place[b] ≥ place[a] + gap for each (a, gap) in inward[b], close to the aims by weighted squares.

    `sequence` is a topological order of the constraints. Blocks of touching lines move as one (satisfy_VPSC).
    """
    count = len(aim)
    block = list(range(count))
    offset = [0.0] * count
    at = list(aim)
    mass = list(weight)
    pull = [w * d for w, d in zip(weight, aim, strict=True)]
    members: dict[int, list[int]] = {}  # of blocks of several
    heaps: dict[int, list[tuple[float, int, int, float]]] = {}  # what a block is held by, made where it is asked for

    def heap_of(b: int) -> list[tuple[float, int, int, float]]:
        heap = heaps.get(b)
        if heap is None:
            heap = heaps[b] = [(-(at[block[a]] + offset[a] + gap), a, b, gap) for a, gap in inward[b]]
            heapify(heap)
        return heap

    for right in sequence:
        here = at[right] + 1e-9
        for a, gap in inward[right]:
            if at[block[a]] + offset[a] + gap > here:
                break
        else:
            continue
        b = right
        heap = heap_of(b)
        while heap:
            key, a, r, gap = heap[0]
            other = block[a]
            if other == b:
                heappop(heap)
                continue
            true = at[other] + offset[a] + gap - offset[r]
            if true < -key - 1e-9:
                heappop(heap)
                heappush(heap, (-true, a, r, gap))
                continue
            if true - at[b] <= 1e-9:
                break
            heappop(heap)
            # `small` joins `big`, whose own offsets stay
            mine, theirs = members.pop(b, None) or [b], members.pop(other, None) or [other]
            if len(theirs) > len(mine):
                big, small, delta = other, b, offset[a] + gap - offset[r]
                mine, theirs = theirs, mine
            else:
                big, small, delta = b, other, offset[r] - gap - offset[a]
            for v in theirs:
                offset[v] += delta
                block[v] = big
            mine += theirs
            members[big] = mine
            pull[big] += pull[small] - delta * mass[small]
            mass[big] += mass[small]
            at[big] = pull[big] / mass[big]
            heap, others = heap_of(big), heap_of(small)
            for _, left, rr, g in others:
                if block[left] != big:
                    heappush(heap, (-(at[block[left]] + offset[left] + g - offset[rr]), left, rr, g))
            del heaps[small]
            b = big
    return [at[block[v]] + offset[v] for v in range(count)]
