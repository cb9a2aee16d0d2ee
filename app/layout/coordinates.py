"""The places across the flow: lines kept straight, nothing closer than it may be, each line near what it is joined to.

Vertices that must be level are one *line* (the blocks of Brandes and Köpf 2002, with their inner shifts). As no two
lines cross, the order in the layers is a partial order of lines, and the least sum of squares under its separations is
found by pooling adjacent violators over that order: VPSC (Dwyer, Marriott and Stuckey 2005, "Fast Node Overlap
Removal", §3), which on a single layer is isotonic regression.
"""

from bisect import bisect_left
from collections.abc import Sequence
from heapq import heapify, heappop, heappush, heapreplace
from typing import NamedTuple

Layers = Sequence[Sequence[int]]
Pull = tuple[int, float, float]  # by another line, to this far from it, by this weight
Hold = tuple[int, float]  # by another line, at least this far before


class Segments(NamedTuple):
    """The pieces of wire between vertices of adjacent layers, with the ports' places relative to each vertex's own.

    `straight` is how much each must be level: 0 not, else the higher wins where two such segments cross. By `weight` it
    draws its ends to each other.
    """

    sources: Sequence[int]
    targets: Sequence[int]
    leave: Sequence[float]
    enter: Sequence[float]
    straight: Sequence[int]
    weight: Sequence[float]


class Lines(NamedTuple):
    """`line[v]` is the line that vertex v is on, `shift[v]` its place relative to the line's. Lines are numbered by the
    layer in which they begin."""

    line: list[int]
    shift: list[float]
    total: int


def coordinates(
    layers: Layers,
    position: Sequence[int],
    segments: Segments,
    before: Sequence[float],
    after: Sequence[float],
    heavy: Sequence[bool],
) -> list[float]:
    """A place for each vertex: for neighbours a, b in a layer place[b] − place[a] ≥ after[a] + before[b]; the ends of a
    straight segment are level exactly; else each is drawn to the mean of its neighbours. `heavy` vertices stay put."""
    on = lines(layers, position, segments)
    inward = _inward(layers, on, before, after)
    sequence = _sequence(inward)
    weight = [1.0] * on.total
    for v, is_heavy in enumerate(heavy):
        if is_heavy:
            weight[on.line[v]] = 4.0
    back, ahead = _pulls(on, segments)
    every = [mine + others for mine, others in zip(back, ahead, strict=True)]
    first = [mine or others for mine, others in zip(back, ahead, strict=True)]
    place = _stacked(layers, on, before, after)
    # First to what comes before alone, so that places spread from the inputs; last, gates stay amid their operands.
    for pulls, backwards in ((first, False), (every, False), (every, True)):
        place = separate(_aimed(place, pulls, backwards), weight, sequence, inward)
    # Less than a pixel, which every gap has to spare; from a line, for the whole may stand anywhere.
    rounded = [float(round(p - place[0])) for p in place]
    return [rounded[a] + own for a, own in zip(on.line, on.shift, strict=True)]


def lines(layers: Layers, position: Sequence[int], segments: Segments) -> Lines:
    """Joins vertices by the segments that are to be straight, in order of level; one that would cross a segment
    already straight, or share its end, stays crooked. Without crossings the lines' order is acyclic."""
    sources, targets, leave, enter, straight, _ = segments
    n = len(position)
    layer_of = [0] * n
    for i, layer in enumerate(layers):
        for v in layer:
            layer_of[v] = i
    led, behind = [False] * n, [-1] * n
    taken: list[tuple[list[int], list[int]]] = [([], []) for _ in layers]
    for k in sorted([k for k, level in enumerate(straight) if level], key=lambda k: -straight[k]):
        source, target = sources[k], targets[k]
        if led[source] or behind[target] >= 0:
            continue
        begin, end = position[source], position[target]
        starts, ends = taken[layer_of[source]]
        at = bisect_left(starts, begin)
        if (at and ends[at - 1] > end) or (at < len(ends) and ends[at] < end):
            continue
        starts.insert(at, begin)
        ends.insert(at, end)
        led[source], behind[target] = True, k
    line, shift, count = [-1] * n, [0.0] * n, 0
    for layer in layers:
        for v in layer:
            k = behind[v]
            if k >= 0:
                source = sources[k]
                line[v], shift[v] = line[source], shift[source] + leave[k] - enter[k]
            else:
                line[v] = count
                count += 1
    return Lines(line, shift, count)


def _inward(layers: Layers, on: Lines, before: Sequence[float], after: Sequence[float]) -> list[list[Hold]]:
    """What each line is held by: the lines next before it in any layer, and how far from them it is at least."""
    line, shift, count = on
    gaps: dict[int, float] = {}
    for layer in layers:
        a = layer[0]
        end = shift[a] + after[a]
        a = line[a]
        for v in layer[1:]:
            b = line[v]
            gap = end + before[v] - shift[v]
            pair = a * count + b
            if gap > gaps.get(pair, -1e18):
                gaps[pair] = gap
            a, end = b, shift[v] + after[v]
    inward: list[list[Hold]] = [[] for _ in range(count)]
    for pair, gap in gaps.items():
        a, b = divmod(pair, count)
        inward[b].append((a, gap))
    return inward


def _sequence(inward: Sequence[Sequence[Hold]]) -> list[int]:
    """The lines, each behind those that hold it."""
    outward: list[list[int]] = [[] for _ in inward]
    for b, mine in enumerate(inward):
        for a, _ in mine:
            outward[a].append(b)
    waiting = [len(mine) for mine in inward]
    found = [a for a, many in enumerate(waiting) if not many]
    for a in found:
        for b in outward[a]:
            waiting[b] -= 1
            if not waiting[b]:
                found.append(b)
    assert len(found) == len(inward), "lines that cross"
    return found


def _pulls(on: Lines, segments: Segments) -> tuple[list[list[Pull]], list[list[Pull]]]:
    """What pulls at each line: the lines that lead to it, and those that it leads to."""
    line, shift, count = on
    back: list[list[Pull]] = [[] for _ in range(count)]
    ahead: list[list[Pull]] = [[] for _ in range(count)]
    for source, target, leave, enter, _, weight in zip(*segments, strict=True):
        a, b = line[source], line[target]
        if a != b:
            # place[a] + leave = place[b] + enter, in the lines' own places
            apart = shift[source] + leave - shift[target] - enter
            back[b].append((a, apart, weight))
            ahead[a].append((b, -apart, weight))
    return back, ahead


def _stacked(layers: Layers, on: Lines, before: Sequence[float], after: Sequence[float]) -> list[float]:
    """Where each line would be by the layers alone, each stacked about 0."""
    line, shift, count = on
    total, many = [0.0] * count, [0] * count
    for layer in layers:
        tops: list[float] = []
        end = 0.0
        for v in layer:
            tops.append(end + before[v])
            end = tops[-1] + after[v]
        middle = (tops[0] + tops[-1]) / 2
        for v, top in zip(layer, tops, strict=True):
            total[line[v]] += top - middle - shift[v]
            many[line[v]] += 1
    return [whole / parts for whole, parts in zip(total, many, strict=True)]


def _aimed(place: Sequence[float], pulls: Sequence[Sequence[Pull]], backwards: bool) -> list[float]:
    """Where each line would go: to the mean of what pulls at it, the lines before it where they would go themselves."""
    aim = list(place)
    count = len(aim)
    for a in range(count - 1, -1, -1) if backwards else range(count):
        mine = pulls[a]
        if len(mine) == 1:
            b, apart, _ = mine[0]
            aim[a] = aim[b] + apart
        elif mine:
            total = whole = 0.0
            for b, apart, weight in mine:
                total += (aim[b] + apart) * weight
                whole += weight
            aim[a] = total / whole
    return aim


def separate(
    aim: Sequence[float], weight: Sequence[float], sequence: Sequence[int], inward: Sequence[Sequence[Hold]]
) -> list[float]:
    """Places with place[b] ≥ place[a] + gap for each (a, gap) in inward[b], close to the aims by weighted squares.

    `sequence` is a topological order of the constraints. Blocks of touching lines move as one (satisfy_VPSC). Written
    as one loop: a step of it takes a microsecond, and a call would double that.
    """
    count = len(aim)
    block, offset = list(range(count)), [0.0] * count
    at, mass = list(aim), list(weight)
    pull = [w * d for w, d in zip(weight, aim, strict=True)]
    members: list[list[int] | None] = [None] * count  # of a block of several
    heaps: list[list[tuple[float, int, int, float]] | None] = [None] * count  # what such a block is held by
    for right in sequence:
        here = at[right] + 1e-9
        for a, gap in inward[right]:
            if at[block[a]] + offset[a] + gap > here:
                break
        else:
            continue
        b, mine = right, [right]
        heap = [(-(at[block[a]] + offset[a] + gap), a, b, gap) for a, gap in inward[b]]
        heapify(heap)
        while heap:
            key, a, held, gap = heap[0]
            other = block[a]
            if other == b:
                heappop(heap)
                continue
            true = at[other] + offset[a] + gap - offset[held]
            if true < -key - 1e-9:
                heapreplace(heap, (-true, a, held, gap))
                continue
            if true - at[b] <= 1e-9:
                break
            heappop(heap)
            theirs = members[other]
            if theirs is None:
                theirs = [other]
            holds = heaps[other]
            if holds is None:
                holds = [(0.0, a, other, gap) for a, gap in inward[other]]
            # The smaller block joins the larger, whose own offsets stay.
            small, delta = other, offset[held] - gap - offset[a]
            if len(theirs) > len(mine):
                b, small, delta = other, b, -delta
                mine, theirs = theirs, mine
                heap, holds = holds, heap
            for v in theirs:
                offset[v] += delta
                block[v] = b
            mine += theirs
            pull[b] += pull[small] - delta * mass[small]
            mass[b] += mass[small]
            at[b] = pull[b] / mass[b]
            for _, a, held, gap in holds:
                other = block[a]
                if other != b:
                    heappush(heap, (-(at[other] + offset[a] + gap - offset[held]), a, held, gap))
        members[b], heaps[b] = mine, heap
    return [at[b] + own for b, own in zip(block, offset, strict=True)]
