"""The order within each layer, with few crossings: the trunks' lanes first and fixed, the rest around them.

Sweeps by barycentre with adjacent exchanges (Gansner et al. 1993, §3; Sugiyama, Tagawa and Toda 1981). Crossings are
counted by an accumulator tree (Barth, Mutzel and Jünger 2002). A place in a layer is an integer; a port on it a
fraction, so that operands out of their slots' order count as crossed.
"""

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass, field

WORTH = 3  # crossings
LARGE = 1500  # vertices

Ends = list[list[tuple[int, float, float]]]  # for each vertex: (neighbour, port at the neighbour, port here)


@dataclass(slots=True)
class Ordering:
    """What the sweeps work on. `fixed[v]` > 0 is a key whose order is kept within a layer (0: free); `under[v]` is the
    trunk (−1: none) that v must stay below; `lane[v]` is the trunk that v is on."""

    layers: list[list[int]]
    above: Ends  # towards the layer before
    below: Ends  # towards the layer after
    fixed: list[float]
    under: list[int]
    lane: list[int]
    position: list[int] = field(default_factory=list)
    constrained: list[bool] = field(default_factory=list)
    settled: list[bool] = field(default_factory=list)
    counts: list[int] = field(default_factory=list)


def crossings(upper: Sequence[int], ends: Ends, position: Sequence[int]) -> int:
    """How many pairs of segments cross between two adjacent layers; `upper` in order, `ends` towards the other one."""
    keys: list[float] = []
    for u in upper:
        mine = ends[u]
        if len(mine) == 1:
            keys.append(position[mine[0][0]] + mine[0][1])
        elif mine:
            row = sorted([(here, position[w] + port) for w, port, here in mine])
            keys.extend([key for _, key in row])
    total, seen = 0, 0
    if len(keys) < 400:
        ordered: list[float] = []
        for key in keys:
            if seen and key < ordered[-1]:
                # Ties are wires that meet in one port: they do not cross.
                place = bisect_left(ordered, key + 1e-9)
                total += seen - place
                ordered.insert(place, key)
            else:
                ordered.append(key)
            seen += 1
        return total
    ranked = {key: i + 1 for i, key in enumerate(sorted(set(keys)))}
    size = len(ranked)
    tree = [0] * (size + 1)
    for key in keys:
        i = at = ranked[key]
        not_above = 0
        while i:
            not_above += tree[i]
            i &= i - 1
        total += seen - not_above
        while at <= size:
            tree[at] += 1
            at += at & -at
        seen += 1
    return total


def order(problem: Ordering, *, rounds: int) -> int:
    """Orders the layers in place and gives the number of crossings left.

    Where that saves many crossings, inputs leave the order of the program, and what belongs below a trunk goes above.
    """
    if len({lane for lane in problem.lane if lane >= 0}) > 1 and len(problem.fixed) <= LARGE:
        _arrange(problem, rounds=3)
    strict = _order(problem, rounds=rounds)
    if strict < WORTH or len(problem.fixed) > LARGE:
        return strict
    kept = [list(layer) for layer in problem.layers]
    fixed, under = problem.fixed, problem.under
    problem.fixed = [key if on >= 0 else 0.0 for key, on in zip(fixed, problem.lane, strict=True)]
    problem.under = [-1] * len(under)
    loose = strict if fixed == problem.fixed and under == problem.under else _order(problem, rounds=rounds)
    problem.fixed, problem.under = fixed, under
    if strict - loose >= max(WORTH, strict // 4):
        return loose
    for layer, before in zip(problem.layers, kept, strict=True):
        layer[:] = before
        for k, v in enumerate(layer):
            problem.position[v] = k
    return strict


def keep(problem: Ordering) -> int:
    """Takes the layers as they stand, but for the trunks' order, and gives the number of crossings."""
    fixed, under = problem.fixed, problem.under
    problem.fixed = [key if on >= 0 else 0.0 for key, on in zip(fixed, problem.lane, strict=True)]
    problem.under = [-1] * len(under)
    count = _order(problem, rounds=0)
    problem.fixed, problem.under = fixed, under
    return count


def _arrange(problem: Ordering, *, rounds: int) -> None:
    """Orders the trunks among each other as they come to lie when nothing holds them; one that hangs below another
    after that, and those that begin in inputs in the inputs' order."""
    lane, fixed, under = problem.lane, problem.fixed, problem.under
    first = [list(layer) for layer in problem.layers]
    problem.fixed, problem.under, problem.lane = [0.0] * len(fixed), [-1] * len(fixed), [-1] * len(fixed)
    _order(problem, rounds=rounds)
    problem.fixed, problem.under, problem.lane = fixed, under, lane
    places: dict[int, list[float]] = {}
    for layer in problem.layers:
        for k, v in enumerate(layer):
            if lane[v] >= 0:
                places.setdefault(lane[v], []).append((k + 1) / (len(layer) + 1))
    mean = {t: sum(p) / len(p) for t, p in places.items()}
    begun = sorted({(fixed[v], lane[v]) for v in first[0] if lane[v] >= 0 and fixed[v]})
    for value, (_, t) in zip(sorted(mean[t] for _, t in begun), begun, strict=True):
        mean[t] = value
    outer = {lane[v]: under[v] for v in range(len(lane)) if lane[v] >= 0 and under[v] >= 0}
    ranked = sorted(mean, key=lambda t: (mean[t], t))
    for t in sorted(outer):
        if outer[t] in ranked and ranked.index(t) < ranked.index(outer[t]):
            ranked.remove(t)
            ranked.insert(ranked.index(outer[t]) + 1, t)
    held = set(first[0])
    for v, t in enumerate(lane):
        if t >= 0 and not (v in held and fixed[v] != t + 1.0):
            fixed[v] = ranked.index(t) + 1.0
    for layer, before in zip(problem.layers, first, strict=True):
        layer[:] = before


def _order(problem: Ordering, *, rounds: int) -> int:
    """Reorders `problem.layers` in place and gives the number of crossings left. Pure but for that; ties keep the
    order that was given or reverse it, turn by turn, so that the same input has the same result."""
    layers = problem.layers
    depth = len(layers)
    position = problem.position = [0] * len(problem.fixed)
    problem.constrained = [any(problem.fixed[v] or problem.under[v] >= 0 for v in layer) for layer in layers]
    for i, layer in enumerate(layers):
        if problem.constrained[i]:
            _hold(problem, layer, [float(k) for k in range(len(layer))])
        for k, v in enumerate(layer):
            position[v] = k
    problem.counts = [-1] * max(depth - 1, 0)
    best = _count(problem)
    large = len(problem.fixed) > LARGE
    kept = [list(layer) for layer in layers]
    stale = 0
    problem.settled = [False] * depth
    for turn in range(rounds):
        if best == 0 or stale >= 3:
            break
        down = turn % 2 == 0
        flip = turn % 4 >= 2
        ends = problem.above if down else problem.below
        for i in range(1, depth) if down else range(depth - 2, -1, -1):
            _sort(problem, i, ends, flip)
        for _ in range(1 if large else 4):
            if (large and turn % 4 != 3) or not _exchange(problem, even=not large):
                break
        count = _count(problem)
        if count < best:
            best, kept, stale = count, [list(layer) for layer in layers], 0
        else:
            stale += 1
    for i, layer in enumerate(kept):
        layers[i][:] = layer
        for k, v in enumerate(layer):
            position[v] = k
    return best


def _count(problem: Ordering) -> int:
    """All crossings; those between two layers are counted again only where one of them has changed."""
    return sum([_between(problem, i) for i in range(len(problem.counts))])


def _between(problem: Ordering, i: int) -> int:
    """The crossings between layer i and the next one; none beyond the ends."""
    counts = problem.counts
    if not 0 <= i < len(counts):
        return 0
    if counts[i] < 0:
        counts[i] = crossings(problem.layers[i], problem.below, problem.position)
    return counts[i]


def _touch(problem: Ordering, i: int) -> None:
    """Layer i has changed."""
    last = len(problem.settled) - 1
    problem.settled[i] = False
    if i:
        problem.counts[i - 1] = -1
        problem.settled[i - 1] = False
    if i < last:
        problem.counts[i] = -1
        problem.settled[i + 1] = False


def _sort(problem: Ordering, i: int, ends: Ends, flip: bool) -> None:
    layer = problem.layers[i]
    if len(layer) < 2:
        return
    position = problem.position
    keys: list[float] = []
    for k, v in enumerate(layer):
        mine = ends[v]
        if len(mine) == 1:
            keys.append(position[mine[0][0]] + mine[0][1])
        elif mine:
            keys.append(sum([position[w] + port for w, port, _ in mine]) / len(mine))
        else:
            keys.append(float(k))
    before = list(layer)
    if problem.constrained[i]:
        _hold(problem, layer, keys)
    elif flip:
        layer[:] = [layer[k] for k in sorted(range(len(layer) - 1, -1, -1), key=keys.__getitem__)]
    else:
        layer[:] = [layer[k] for k in sorted(range(len(layer)), key=keys.__getitem__)]
    if layer != before:
        for k, v in enumerate(layer):
            position[v] = k
        _touch(problem, i)


def _hold(problem: Ordering, layer: list[int], keys: list[float]) -> None:
    """Sorts `layer` by `keys` after the keys of what is fixed were made monotone (pooling adjacent violators) and those
    of what hangs below a trunk were put behind it."""
    fixed, under, lane = problem.fixed, problem.under, problem.lane
    held = sorted([k for k in range(len(layer)) if fixed[layer[k]]], key=lambda k: fixed[layer[k]])
    pools: list[tuple[float, int]] = []
    for k in held:
        total, count = keys[k], 1
        while pools and pools[-1][0] / pools[-1][1] >= total / count:
            total, count = total + pools[-1][0], count + pools[-1][1]
            pools.pop()
        pools.append((total, count))
    place = 0
    where: dict[int, float] = {}
    second = [0] * len(layer)
    for total, count in pools:
        for k in held[place : place + count]:
            keys[k] = total / count
            second[k] = place + 1
            if lane[layer[k]] >= 0:
                where[lane[layer[k]]] = keys[k]
            place += 1
    if where:
        for k, v in enumerate(layer):
            if under[v] in where and not fixed[v] and keys[k] <= where[under[v]]:
                keys[k] = where[under[v]]

    # Among equal keys: what is free, the held in their order, what hangs.
    def rank(k: int) -> tuple[float, int, int]:
        v = layer[k]
        return (keys[k], second[k] if fixed[v] else len(layer) + 1 if under[v] in where else 0, k)

    layer[:] = [layer[k] for k in sorted(range(len(layer)), key=rank)]


def _exchange(problem: Ordering, *, even: bool) -> bool:
    """Adjacent exchanges while they save crossings, and once where they save none if `even`; whether any was made."""
    position, above, below = problem.position, problem.above, problem.below
    changed = False
    for i, layer in enumerate(problem.layers):
        width = len(layer)
        if width < 2 or (problem.settled[i] and not even):
            continue
        if not (_between(problem, i - 1) or _between(problem, i)):
            continue
        problem.settled[i] = True
        held = problem.constrained[i]
        ups: list[list[float]] = []
        downs: list[list[float]] = []
        for v in layer:
            for ends, keys in ((above[v], ups), (below[v], downs)):
                if len(ends) == 1:
                    keys.append([position[ends[0][0]] + ends[0][1]])
                else:
                    keys.append(sorted([position[w] + port for w, port, _ in ends]))
        moved = True
        least = 0 if even else 1
        passes = 0
        while moved and passes < 6:
            moved = False
            passes += 1
            for k in range(width - 1):
                gain = 0
                first, second = ups[k], ups[k + 1]
                if first and second:
                    if first[-1] > second[0]:
                        gain = _gain(first, second)
                    elif first[-1] < second[0]:
                        gain = -len(first) * len(second)
                    else:
                        gain = _gain(first, second)
                first, second = downs[k], downs[k + 1]
                if first and second:
                    if first[-1] < second[0]:
                        gain -= len(first) * len(second)
                    else:
                        gain += _gain(first, second)
                if gain >= least:
                    a, b = layer[k], layer[k + 1]
                    if held and not _may(problem, a, b):
                        continue
                    layer[k], layer[k + 1] = b, a
                    position[a], position[b] = k + 1, k
                    ups[k], ups[k + 1] = ups[k + 1], ups[k]
                    downs[k], downs[k + 1] = downs[k + 1], downs[k]
                    moved = moved or gain > 0
                    changed = True
                    _touch(problem, i)
            least = 1
    return changed


def _may(problem: Ordering, a: int, b: int) -> bool:
    if problem.fixed[a] and problem.fixed[b]:
        return False
    return problem.lane[a] < 0 or problem.under[b] != problem.lane[a]


def _gain(first: Sequence[float], second: Sequence[float]) -> int:
    """Crossings of a before b less those of b before a, from their sorted neighbours' places."""
    gain = 0
    for x in first:
        for y in second:
            if x > y:
                gain += 1
            elif x < y:
                gain -= 1
    return gain
