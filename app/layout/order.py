"""The order within each layer, with few crossings: the trunks' lanes first and fixed, the rest around them.

Sweeps by barycentre with adjacent exchanges (Gansner et al. 1993, §3; Sugiyama, Tagawa and Toda 1981). Crossings are
counted by an accumulator tree (Barth, Mutzel and Jünger 2002). A place in a layer is an integer; a port on it a
fraction, so that operands out of their slots' order count as crossed.
"""

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass, field

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


def crossings(upper: Sequence[int], ends: Ends, position: Sequence[int], width: int) -> int:
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
    """Reorders `problem.layers` in place and gives the number of crossings left. Pure but for that; ties keep the
    order that was given, so that the same input has the same result."""
    layers = problem.layers
    position = problem.position = [0] * len(problem.fixed)
    constrained = [any(problem.fixed[v] or problem.under[v] >= 0 for v in layer) for layer in layers]
    for i, layer in enumerate(layers):
        if constrained[i]:
            _hold(problem, layer, [float(k) for k in range(len(layer))])
        for k, v in enumerate(layer):
            position[v] = k
    best = _all(problem)
    kept = [list(layer) for layer in layers]
    stale = 0
    for turn in range(rounds):
        if best == 0 or stale >= 4:
            break
        down = turn % 2 == 0
        sequence = range(1, len(layers)) if down else range(len(layers) - 2, -1, -1)
        ends = problem.above if down else problem.below
        for i in sequence:
            _sort(problem, layers[i], ends, constrained[i])
        _exchange(problem, constrained)
        count = _all(problem)
        if count < best:
            best, kept, stale = count, [list(layer) for layer in layers], 0
        else:
            stale += 1
    for i, layer in enumerate(kept):
        layers[i][:] = layer
        for k, v in enumerate(layer):
            position[v] = k
    return best


def _all(problem: Ordering) -> int:
    layers = problem.layers
    return sum(
        crossings(layers[i], problem.below, problem.position, len(layers[i + 1])) for i in range(len(layers) - 1)
    )


def _sort(problem: Ordering, layer: list[int], ends: Ends, constrained: bool) -> None:
    position = problem.position
    keys: list[float] = []
    for k, v in enumerate(layer):
        mine = ends[v]
        if not mine:
            keys.append(float(k))
        elif len(mine) == 1:
            keys.append(position[mine[0][0]] + mine[0][1])
        else:
            keys.append(sum([position[w] + port for w, port, _ in mine]) / len(mine))
    if constrained:
        _hold(problem, layer, keys)
    else:
        layer[:] = [layer[k] for k in sorted(range(len(layer)), key=keys.__getitem__)]
    for k, v in enumerate(layer):
        position[v] = k


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


def _exchange(problem: Ordering, constrained: Sequence[bool]) -> None:
    """Adjacent exchanges while they save crossings, at most a few passes over each layer."""
    position, above, below = problem.position, problem.above, problem.below
    for i, layer in enumerate(problem.layers):
        if len(layer) < 2:
            continue
        ups = {v: sorted([position[w] + port for w, port, _ in above[v]]) for v in layer}
        downs = {v: sorted([position[w] + port for w, port, _ in below[v]]) for v in layer}
        for _ in range(4):
            moved = False
            for k in range(len(layer) - 1):
                a, b = layer[k], layer[k + 1]
                if constrained[i] and not _may(problem, a, b):
                    continue
                gain = _gain(ups[a], ups[b]) + _gain(downs[a], downs[b])
                if gain > 0:
                    layer[k], layer[k + 1] = b, a
                    position[a], position[b] = k + 1, k
                    moved = True
            if not moved:
                break


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

