"""The order of a tangle: where two sweeps leave many crossings, several orders are bettered at once, as arrays.

Copies of the layers stand side by side, each with a start and a rule of its own. After sweeps by barycentre (Sugiyama,
Tagawa and Toda 1981), a layer of all copies a step, adjacent exchanges save crossings (Gansner et al. 1993, §3): every
other layer and every other pair at once, as in odd-even transposition. No two of these share an end of a wire, so what
they save adds up exactly.
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from app.layout.ordering import Ordering

Ints = NDArray[np.intp]
Floats = NDArray[np.float64]

FEW, SMALL = 2, 100_000  # ends of a vertex on a side that are compared one by one: all where that is little
TIE = 1e-9  # below any true difference of two mean places, above what rounding makes of equal ones


class Side(NamedTuple):
    """The ends of all vertices on one side, by vertex: the `other` vertex, the `port` there (0 to 1), and where each
    vertex's ends begin."""

    other: Ints
    port: Floats
    first: Ints


class Step(NamedTuple):
    """One layer of all copies, as a sweep sees it: its slots, and towards the layer swept from the `other` ends, their
    `port` and vertex (`at`); a place is the ends' mean (by `share`), or else its own, scaled (by `own`, `shift`)."""

    slots: slice
    other: Ints
    port: Floats
    at: Ints
    share: Floats
    own: Floats
    shift: Floats


class Many(NamedTuple):
    """The vertices of a half with more ends than are compared on a side: `number[v]` counts them (−1: few), `first` is
    where each one's ends begin, `base` what keeps these apart when all are sorted."""

    number: Ints
    first: Ints
    other: Ints
    port: Floats
    base: Floats


class Half(NamedTuple):
    """Every other layer: its vertices; for each of the first ends [side, end, vertex] the `other` vertex (the last
    number, which lies nowhere: none) and the port there; the first slots of even pairs, and of odd; by side, who has
    more ends."""

    vertices: Ints
    other: Ints
    port: Floats
    pairs: list[Ints]
    many: list[tuple[int, Many]]


class Tangle:
    """Copies of the layers. Layer by layer, in it copy by copy, each vertex has a number, and `place` says at whose
    number it now lies, so that places tell layers and copies apart."""

    def __init__(self, problem: Ordering, copies: int) -> None:
        layers = problem.layers
        widths = np.array([len(layer) for layer in layers])
        flat = np.array([v for layer in layers for v in layer])
        size, depth = len(flat), len(layers)
        low = np.append(0, np.cumsum(copies * widths))
        layer = np.repeat(np.arange(depth), widths)
        number = np.empty((copies, size), np.intp)
        number[:, flat] = (copies - 1) * (np.cumsum(widths) - widths)[layer] + np.arange(size)
        width = np.empty(size, np.intp)
        width[flat] = widths[layer]
        number += np.arange(copies)[:, None] * width
        total = copies * size
        ends = number[:, problem.sources].ravel(), number[:, problem.targets].ravel()
        ports = np.tile(problem.leave, copies), np.tile(problem.enter, copies)
        self.copies, self.total, self.number, self.low = copies, total, number, low
        self.up, self.down = _side(ends[1], ends[0], ports[0], total), _side(ends[0], ends[1], ports[1], total)
        self.wires = (*ends, *ports)
        self.layer = np.repeat(np.arange(depth), copies * widths)
        within = np.arange(total) - low[self.layer]
        self.slot = within % widths[self.layer]
        self.last = self.slot == widths[self.layer] - 1
        self.place = np.append(np.arange(float(total)), np.nan)
        self.steps = self._steps(self.up, -1), self._steps(self.down, 1)
        most = int(max(np.diff(side.first).max() for side in (self.up, self.down)))
        self.few = most if total * most * most <= SMALL else FEW
        self.halves = [self._half(np.flatnonzero(self.layer % 2 == turn)) for turn in (0, 1)]
        self.hold([[0.0] * size] * copies, [[-1] * size] * copies, [-1] * size)

    def _steps(self, side: Side, towards: int) -> list[Step]:
        """The steps of a sweep, from the layer after the first; `towards` is −1 where that is the layer before."""
        low, depth = self.low, len(self.low) - 1
        count = np.diff(side.first)
        share, lone = 1 / np.maximum(count, 1), count == 0
        near = np.clip(np.arange(depth) + towards, 0, depth - 1)
        widths = np.diff(low) // self.copies
        # Who has no ends keeps its place, as a share of the layer's width.
        own = np.where(lone, (widths[near] / (widths + 1))[self.layer], 0.0)
        copy = (np.arange(self.total) - low[self.layer]) // widths[self.layer]
        base, near_base = np.arange(self.total) - self.slot, (low[near])[self.layer] + copy * widths[near][self.layer]
        shift = np.where(lone, near_base - base * own, 0.0)
        at = np.repeat(np.arange(self.total), count)
        first, bounds = side.first.tolist(), low.tolist()
        steps: list[Step] = []
        for i in range(1, depth) if towards < 0 else range(depth - 2, -1, -1):
            slots = slice(bounds[i], bounds[i + 1])
            e = slice(first[slots.start], first[slots.stop])
            steps.append(
                Step(slots, side.other[e], side.port[e], at[e] - slots.start, share[slots], own[slots], shift[slots])
            )
        return steps

    def _half(self, v: Ints) -> Half:
        other = np.full((2, self.few, len(v)), self.total)
        port = np.zeros((2, self.few, len(v)))
        many: list[tuple[int, Many]] = []
        for k, side in enumerate((self.up, self.down)):
            first, count = side.first[v], side.first[v + 1] - side.first[v]
            for d in range(self.few):
                has = np.flatnonzero(count > d)
                other[k, d, has] = side.other[first[has] + d]
                port[k, d, has] = side.port[first[has] + d]
            which = np.flatnonzero(count > self.few)
            if not len(which):
                continue
            number = np.full(len(v), -1)
            number[which] = np.arange(len(which))
            e = _ranges(first[which], count[which])
            base = np.repeat(np.arange(float(len(which))), count[which]) * (self.total + 1)
            first = np.append(0, np.cumsum(count[which]))
            many.append((k, Many(number, first, side.other[e], side.port[e], base)))
        pairs = [np.flatnonzero(~self.last[v] & (self.slot[v] % 2 == turn)) for turn in (0, 1)]
        return Half(v, other, port, pairs, many)

    def hold(self, fixed: Sequence[Sequence[float]], under: Sequence[Sequence[int]], lane: Sequence[int]) -> None:
        """What each copy keeps from here on: its `fixed` and `under`; `lane` is common (all as in order.Ordering)."""
        key, hangs = np.zeros(self.total), np.full(self.total, -1)
        key[self.number] = fixed
        below, lanes = np.array(under), np.array(lane)
        if (below >= 0).any():
            depth = len(self.low)
            on = np.flatnonzero(lanes >= 0)
            layer = self.layer[self.number[0]]
            for c, number in enumerate(self.number):
                trunk = np.full((max(lanes.max(), below[c].max()) + 1) * depth, -1)  # by trunk and layer its vertex
                trunk[lanes[on] * depth + layer[on]] = number[on]
                v = np.flatnonzero((below[c] >= 0) & (key[number] == 0))
                hangs[number[v]] = trunk[below[c][v] * depth + layer[v]]
        block = np.arange(self.total) - self.slot
        held, hung = np.flatnonzero(key), np.flatnonzero(hangs >= 0)
        held = held[np.lexsort((key[held], block[held]))]
        self.holds = bool(len(held) or len(hung))
        self.held, self.hung, self.trunks = held, hung, hangs[hung]
        self.free = [(key[half.vertices] == 0, hangs[half.vertices]) for half in self.halves]
        self.bounds = list(zip(*(np.searchsorted(x, self.low).tolist() for x in (held, hung)), strict=True))
        self._settle(slice(0, self.total), self.place[:-1].copy(), self.bounds[0], self.bounds[-1])

    def start(self, seed: int) -> None:
        """One copy as the layers stand, one reversed, the others at random."""
        block = np.arange(self.total) - self.slot
        keys = block + np.random.default_rng(seed).random(self.total)
        for sign, number in zip((1, -1), self.number, strict=False):
            keys[number] = block[number] + 0.5 + sign * self.slot[number] / self.total / 2
        self.place[np.argsort(keys)] = np.arange(self.total)

    def means(self, lane: Sequence[int]) -> list[list[float]]:
        """For each copy the mean of each lane's places, as shares of the layers."""
        lanes = np.array(lane)
        on = np.flatnonzero(lanes >= 0)
        width = np.diff(self.low) // self.copies
        found: list[list[float]] = []
        for number in self.number:
            v = number[on]
            share = (self.place[v] - v + self.slot[v] + 1) / (width[self.layer[v]] + 1)
            found.append((np.bincount(lanes[on], share) / np.maximum(np.bincount(lanes[on]), 1)).tolist())
        return found

    def sweep(self, *, down: bool) -> None:
        """Sorts each layer by the mean places of its ends in the layer before it (down) or after it. Ties keep their
        order."""
        place, bounds = self.place, self.bounds
        steps = self.steps[0 if down else 1]
        for turn, (slots, other, port, at, share, own, shift) in enumerate(steps, 1):
            i = turn if down else len(steps) - turn
            keys = np.bincount(at, place[other] + port, slots.stop - slots.start) * share
            keys += place[slots] * (own + TIE)
            keys += shift
            self._settle(slots, keys, bounds[i], bounds[i + 1])

    def _settle(self, slots: slice, keys: Floats, first: tuple[int, int], last: tuple[int, int]) -> None:
        """Sorts some slots by keys, of which those that are fixed are exchanged until they are in order, and those of
        what hangs below a trunk are put behind it."""
        if first != last:
            held = self.held[first[0] : last[0]] - slots.start
            hung = self.hung[first[1] : last[1]] - slots.start
            keys[held] = np.sort(keys[held])
            keys[hung] = np.maximum(keys[hung], keys[self.trunks[first[1] : last[1]] - slots.start] + TIE / 2)
        self.place[slots][np.argsort(keys, kind="stable")] = np.arange(slots.start, slots.stop)

    def exchange(self) -> int:
        """Exchanges pairs of neighbours, once each, where that makes no crossing more; how many were saved.

        It is along such plateaus that a long wire finds its way around what it crosses.
        """
        saved = 0
        place = self.place
        for half, (free, hangs) in zip(self.halves, self.free, strict=True):
            v = half.vertices
            if not len(v):
                continue
            here = place[half.other] + half.port
            lie = place[v]
            order = np.argsort(lie)
            where = lie[order]
            sought = [(*m, np.sort(place[m[1].other] + m[1].port + m[1].base)) for m in half.many]
            for k in half.pairs:
                a, b = order[k], order[k + 1]
                one, two = here.take(a, axis=2)[:, :, None], here.take(b, axis=2)[:, None]
                sign = (one > two).view(np.int8) - (one < two).view(np.int8)
                gain = sign.reshape(2 * self.few * self.few, -1).sum(0, dtype=np.int32)
                for side, many, keys in sought:
                    f = np.flatnonzero((many.number[a] >= 0) | (many.number[b] >= 0))
                    if len(f):
                        gain[f] -= sign[side][:, :, f].reshape(self.few * self.few, -1).sum(0, dtype=np.int32)
                        gain[f] += self._searched((self.up, self.down)[side], v, many, keys, a[f], b[f])
                swap = gain >= 0
                if self.holds:
                    swap &= (free[a] | free[b]) & (v[a] != hangs[b])
                swapped = k[swap]
                order[swapped], order[swapped + 1] = b[swap], a[swap]
                saved += int(gain[swap].sum())
            place[v[order]] = where
        return saved

    def _searched(self, side: Side, v: Ints, many: Many, keys: Floats, a: Ints, b: Ints) -> Ints:
        """The gain on a side of pairs of which one has many ends: those of who has fewer, sought among the other's."""
        count_a, count_b = (side.first[v[x] + 1] - side.first[v[x]] for x in (a, b))
        less = count_a <= count_b
        few, other, count = v[np.where(less, a, b)], many.number[np.where(less, b, a)], np.minimum(count_a, count_b)
        e = _ranges(side.first[few], count)
        at = np.repeat(other, count)
        x = self.place[side.other[e]] + side.port[e] + at * (self.total + 1.0)
        diff = np.searchsorted(keys, x, "left") + np.searchsorted(keys, x, "right")
        diff -= many.first[at] + many.first[at + 1]
        gain = np.bincount(np.repeat(np.arange(len(a)), count), diff, len(a)).astype(np.int32)
        return np.where(less, gain, -gain)

    def count(self) -> Ints:
        """The crossings of each copy."""
        a, b, leave, enter = self.wires
        near, far = self.place[a] + leave, self.place[b] + enter
        order = np.lexsort((far, near))
        far = far[order]
        copy = np.repeat(np.arange(self.copies), len(a) // self.copies)[order]
        layer = self.layer[a[order]]
        channel = layer * self.copies + copy
        wires = np.bincount(channel)
        rank = np.searchsorted(np.sort(far), far) - (np.cumsum(wires) - wires)[channel]
        return np.bincount(copy, inversions(channel, rank), self.copies).astype(np.intp)

    def places(self, copy: int) -> list[float]:
        """What each vertex's place is in a copy, to be compared within its layer."""
        found: list[float] = self.place[self.number[copy]].tolist()
        return found


def _side(ends: Ints, others: Ints, ports: Floats, total: int) -> Side:
    order = np.argsort(ends, kind="stable")
    return Side(others[order], ports[order], np.append(0, np.cumsum(np.bincount(ends, minlength=total))))


def _ranges(first: Ints, count: Ints) -> Ints:
    """first[0], first[0] + 1, … (count[0] of them), first[1], …"""
    stop = np.cumsum(count)
    return np.arange(stop[-1] if len(stop) else 0) + np.repeat(first - stop + count, count)


def inversions(group: Ints, rank: Ints) -> Ints:
    """For each number (natural) how many greater ones of its group stand before it; the groups stand one after another.

    Bit by bit from the highest: numbers that agree in all bits before stand together, in their order; a 0 counts the 1s
    before it.
    """
    n = len(rank)
    index = order = np.arange(n)
    found = np.zeros(n, np.intp)
    bits = int(rank.max(initial=0)).bit_length()
    rank = group << bits | rank
    for bit in range(bits - 1, -1, -1):
        agreed, one = rank >> (bit + 1), (rank >> bit) & 1
        begin = np.flatnonzero(np.append(True, agreed[1:] != agreed[:-1]))
        length = np.diff(np.append(begin, n))
        ones = np.cumsum(one) - one
        ones -= np.repeat(ones[begin], length)
        zeros = np.repeat(begin + length - np.add.reduceat(one, begin), length)
        found[order] += np.where(one, 0, ones)
        goal = np.where(one, zeros + ones, index - ones)
        fresh, moved = np.empty_like(rank), np.empty_like(order)
        fresh[goal], moved[goal] = rank, order
        rank, order = fresh, moved
    return found
