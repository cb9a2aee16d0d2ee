"""Sweeps over layers: each sorted by its neighbours' mean places, then adjacent exchanges that save crossings."""

from bisect import bisect_left
from collections.abc import Sequence

from app.layout.ordering import Ordering


class Sweeps:
    """The layers in an order, and what it takes to better that.

    Each port of a vertex has a number (its middle has the vertex's own), and `place[port]` says where it lies in its
    layer; `up[v]` and `down[v]` are the ports that v is joined to in the layers before and after. `counts[i]` are the
    crossings between layers i and i + 1, −1 where not known.
    """

    def __init__(self, problem: Ordering) -> None:
        size, depth = len(problem.fixed), len(problem.layers)
        self.layers = [list(layer) for layer in problem.layers]
        self.fixed, self.under, self.lane = problem.fixed, problem.under, problem.lane
        self.held = [False] * depth
        self.fraction = [0.5] * size
        self.more: list[list[int]] = [[] for _ in range(size)]  # further ports
        numbers: dict[tuple[int, float], int] = {}

        def number(v: int, port: float) -> int:
            if port == 0.5:
                return v
            known = numbers.get((v, port), -1)
            if known < 0:
                known = numbers[v, port] = len(self.fraction)
                self.fraction.append(port)
                self.more[v].append(known)
            return known

        self.up: list[list[int]] = [[] for _ in range(size)]
        self.down: list[list[int]] = [[] for _ in range(size)]
        # Where wires leave by ports of their own, these: they cross where they leave in another order than they arrive.
        self.own: dict[int, list[float]] = {
            a: [] for a, leave in zip(problem.sources, problem.leave, strict=True) if leave != 0.5
        }
        for a, b, leave, enter in zip(problem.sources, problem.targets, problem.leave, problem.enter, strict=True):
            self.up[b].append(a if leave == 0.5 else number(a, leave))
            self.down[a].append(b if enter == 0.5 else number(b, enter))
            if a in self.own:
                self.own[a].append(leave)
        self.place = [0.0] * len(self.fraction)
        self.counts = [-1] * max(depth - 1, 0)
        self.stamps = [0] * (depth + 2)  # [i + 1]: how often layer i has changed
        self.settled = [(-1, -1, -1)] * depth  # the stamps at which an exchange changed nothing

    def run(self, *, rounds: int, exchanges: int, limit: int) -> int:
        """Orders `self.layers` and gives the number of crossings left; gives up where a sweep leaves `limit`."""
        depth = len(self.layers)
        fixed, under = self.fixed, self.under
        for i, layer in enumerate(self.layers):
            self.held[i] = any(fixed[v] or under[v] >= 0 for v in layer)
            if self.held[i] and not self._keeps(layer):
                self._hold(layer, [float(k) for k in range(len(layer))])
            self._set(i)
        best = self.count()
        kept = [list(layer) for layer in self.layers]
        for turn in range(rounds):
            if not best:
                break
            down = turn % 2 == 0
            ends = self.up if down else self.down
            for i in range(1, depth) if down else range(depth - 2, -1, -1):
                self._sort(i, ends)
            count = self.count()
            if count >= limit:
                return count
            for _ in range(exchanges):
                saved = 0
                for i in range(depth) if turn % 2 else range(depth - 1, -1, -1):
                    if len(self.layers[i]) > 1:
                        saved += self._exchange(i, 0 if exchanges > 1 else 1)
                count -= saved
                if not count or not saved:
                    break
            if count < best:
                best, kept = count, [list(layer) for layer in self.layers]
        self.layers = kept
        return best

    def count(self) -> int:
        """All crossings; those between two layers are counted again only where one of them was sorted anew."""
        counts = self.counts
        for i, known in enumerate(counts):
            if known < 0:
                counts[i] = self._between(i)
        return sum(counts)

    def _between(self, i: int) -> int:
        place, own = self.place, self.own
        keys: list[float] = []
        for v in self.layers[i]:
            ports = self.down[v]
            if len(ports) == 1:
                keys.append(place[ports[0]])
            elif ports:
                ways = own.get(v)
                if ways is None:
                    keys.extend(sorted([place[q] for q in ports]))
                else:
                    keys.extend([key for _, key in sorted([(u, place[q]) for u, q in zip(ways, ports, strict=True)])])
        return inversions(keys)

    def _set(self, i: int) -> None:
        place, fraction, more = self.place, self.fraction, self.more
        self.stamps[i + 1] += 1
        for k, v in enumerate(self.layers[i]):
            place[v] = k + fraction[v]
            for q in more[v]:
                place[q] = k + fraction[q]

    def _sort(self, i: int, ends: Sequence[Sequence[int]]) -> None:
        layer = self.layers[i]
        width = len(layer)
        if width < 2:
            return
        place = self.place
        keys: list[float] = []
        for k, v in enumerate(layer):
            mine = ends[v]
            if len(mine) == 1:
                keys.append(place[mine[0]])
            elif mine:
                keys.append(sum([place[q] for q in mine]) / len(mine))
            else:
                keys.append(float(k))
        before = layer[:]
        if self.held[i]:
            self._hold(layer, keys)
        else:
            layer[:] = [layer[k] for k in sorted(range(width), key=keys.__getitem__)]
        if layer != before:
            self._set(i)
            if i:
                self.counts[i - 1] = -1
            if i < len(self.counts):
                self.counts[i] = -1

    def _keeps(self, layer: Sequence[int]) -> bool:
        """Whether what is fixed is in order in a layer, and what hangs stands behind its trunk."""
        fixed, under, lane = self.fixed, self.under, self.lane
        last, above = 0.0, set()
        for v in layer:
            if fixed[v]:
                if fixed[v] < last or lane[v] in above:
                    return False
                last = fixed[v]
            elif under[v] >= 0:
                above.add(under[v])
        return True

    def _hold(self, layer: list[int], keys: list[float]) -> None:
        """Sorts `layer` by `keys` after the keys of what is fixed were made monotone (pooling adjacent violators) and
        those of what hangs below a trunk were put behind it."""
        fixed, under, lane = self.fixed, self.under, self.lane
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

    def _exchange(self, i: int, least: int) -> int:
        """Adjacent exchanges that save at least `least` in the first pass, then 1; how many crossings they saved."""
        counts, layer = self.counts, self.layers[i]
        before = counts[i - 1] if i else 0
        after = counts[i] if i < len(counts) else 0
        if least and not before and not after:
            return 0
        stamps = (self.stamps[i], self.stamps[i + 1], self.stamps[i + 2])
        if stamps == self.settled[i]:
            return 0
        place, up, down = self.place, self.up, self.down
        held = self.held[i]
        ups = [[place[up[v][0]]] if len(up[v]) == 1 else sorted([place[q] for q in up[v]]) for v in layer]
        downs = [[place[down[v][0]]] if len(down[v]) == 1 else sorted([place[q] for q in down[v]]) for v in layer]
        saved_up = saved_down = 0
        changed = False
        for _ in range(6):
            moved = False
            a, a_up, a_down = layer[0], ups[0], downs[0]
            for k in range(1, len(layer)):
                b, b_up, b_down = layer[k], ups[k], downs[k]
                gain = gain_down = 0
                if a_up and b_up:
                    if a_up[-1] <= b_up[0]:
                        gain = -len(a_up) * len(b_up) if a_up[-1] < b_up[0] else _gain(a_up, b_up)
                    else:
                        gain = _gain(a_up, b_up)
                if a_down and b_down:
                    gain_down = -len(a_down) * len(b_down) if a_down[-1] < b_down[0] else _gain(a_down, b_down)
                if gain + gain_down >= least and not (held and not self._may(a, b)):
                    layer[k - 1], layer[k] = b, a
                    ups[k - 1], ups[k] = b_up, a_up
                    downs[k - 1], downs[k] = b_down, a_down
                    saved_up += gain
                    saved_down += gain_down
                    changed = True
                    if gain + gain_down > 0:
                        moved = True
                else:
                    a, a_up, a_down = b, b_up, b_down
            if not moved:
                break
            least = 1
        if changed:
            self._set(i)
            if i:
                counts[i - 1] -= saved_up
            if i < len(counts):
                counts[i] -= saved_down
        else:
            self.settled[i] = stamps
        return saved_up + saved_down

    def _may(self, a: int, b: int) -> bool:
        if self.fixed[a] and self.fixed[b]:
            return False
        return self.lane[a] < 0 or self.under[b] != self.lane[a]


def inversions(keys: Sequence[float]) -> int:
    """How many pairs stand in the wrong order; equal keys are wires that meet in one port, and do not cross.

    By insertion where the keys are few, else by an accumulator tree (Barth, Mutzel and Jünger 2002).
    """
    total = 0
    if len(keys) < 400:
        ordered: list[float] = []
        last = -1.0
        for key in keys:
            if key < last:
                place = bisect_left(ordered, key + 1e-9)
                total += len(ordered) - place
                ordered.insert(place, key)
            else:
                ordered.append(key)
                last = key
        return total
    ranked = {key: i + 1 for i, key in enumerate(sorted(set(keys)))}
    size = len(ranked)
    tree = [0] * (size + 1)
    for seen, key in enumerate(keys):
        i = at = ranked[key]
        not_above = 0
        while i:
            not_above += tree[i]
            i &= i - 1
        total += seen - not_above
        while at <= size:
            tree[at] += 1
            at += at & -at
    return total


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
