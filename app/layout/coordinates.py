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
    pulls_in: list[list[tuple[int, float, float]]] = [[] for _ in range(count)]
    pulls_out: list[list[tuple[int, float, float]]] = [[] for _ in range(count)]
    for s in segments:
        a, b = line[s.source], line[s.target]
        if a != b:
            # place[a] + leave = place[b] + enter, in the lines' own places
            apart = shift[s.source] + s.leave - shift[s.target] - s.enter
            pulls_in[b].append((a, apart, s.weight))
            pulls_out[a].append((b, -apart, s.weight))

    place = [0.0] * count
    for b in sequence:
        place[b] = max([place[a] + gap for a, gap in inward[b]], default=0.0)
    forwards = list(range(count))  # lines are numbered by the layer in which they begin
    for turn in range(rounds):
        aim = list(place)
        last = turn >= rounds - 2
        for a in forwards if turn % 2 == 0 else reversed(forwards):
            pulls = pulls_in[a] if turn % 2 == 0 else pulls_out[a]
            if last or not pulls:
                pulls = pulls_in[a] + pulls_out[a]
            if pulls:
                total = sum([w for _, _, w in pulls])
                aim[a] = sum([(aim[b] + apart) * w for b, apart, w in pulls]) / total
        place = separate(aim, weight, sequence, inward)
    rounded = [float(round(p)) for p in place]  # less than a pixel, which every gap has to spare
    return [rounded[line[v]] + shift[v] for v in range(len(position))]


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
    members: list[list[int]] = [[v] for v in range(count)]
    heaps: list[list[tuple[float, int, int, float]]] = [[] for _ in range(count)]
    for right in sequence:
        mine = inward[right]
        if not mine:
            continue
        b = right
        heap = [(-(at[block[a]] + offset[a] + gap), a, right, gap) for a, gap in mine]
        heapify(heap)
        heaps[b] = heap
        while heaps[b]:
            key, a, r, gap = heaps[b][0]
            other = block[a]
            if other == b:
                heappop(heaps[b])
                continue
            true = at[other] + offset[a] + gap - offset[r]
            if true < -key - 1e-9:
                heappop(heaps[b])
                heappush(heaps[b], (-true, a, r, gap))
                continue
            if true - at[b] <= 1e-9:
                break
            heappop(heaps[b])
            # `small` joins `big`, whose own offsets stay
            if len(members[other]) > len(members[b]):
                big, small, delta = other, b, offset[a] + gap - offset[r]
            else:
                big, small, delta = b, other, offset[r] - gap - offset[a]
            for v in members[small]:
                offset[v] += delta
                block[v] = big
            members[big].extend(members[small])
            pull[big] += pull[small] - delta * mass[small]
            mass[big] += mass[small]
            at[big] = pull[big] / mass[big]
            target = heaps[big]
            for _, left, rr, g in heaps[small]:
                if block[left] != big:
                    heappush(target, (-(at[block[left]] + offset[left] + g - offset[rr]), left, rr, g))
            heaps[small] = []
            members[small] = []
            b = big
    return [at[block[v]] + offset[v] for v in range(count)]
