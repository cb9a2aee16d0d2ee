"""The order within each layer, with few crossings: the trunks' lanes first and fixed, the rest around them.

Sweeps by barycentre (Sugiyama, Tagawa and Toda 1981), after each of them adjacent exchanges (Gansner et al. 1993, §3),
those that save nothing included: it is along such plateaus that a long wire finds its way around what it crosses. From
several starts the best is kept. A place in a layer is an integer; a port on it a fraction, so that operands out of
their slots' order count as crossed.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from random import Random

from app.layout.sweeps import Ends, Sweeps

WORTH, SHARE = 2, 5  # crossings, and a share of them, that are worth another order than the program's
STARTS = 6
LARGE, HUGE = 1500, 40_000  # vertices
EFFORT = 600  # vertices in all starts after the first


@dataclass(slots=True)
class Ordering:
    """What is ordered. `fixed[v]` > 0 is a key whose order is kept within a layer (0: free); `under[v]` is the
    trunk (−1: none) that v must stay below; `lane[v]` is the trunk that v is on."""

    layers: list[list[int]]
    above: Ends  # towards the layer before
    below: Ends  # towards the layer after
    fixed: list[float]
    under: list[int]
    lane: list[int]

    @property
    def position(self) -> list[int]:
        """Each vertex's place in its layer."""
        position = [0] * len(self.fixed)
        for layer in self.layers:
            for k, v in enumerate(layer):
                position[v] = k
        return position


def order(problem: Ordering, *, rounds: int) -> int:
    """Orders the layers in place and gives the number of crossings left.

    Where that saves many crossings, inputs leave the order of the program, and what belongs below a trunk goes above.
    """
    size = len(problem.fixed)
    large = size > LARGE
    exchanges = 8 if size < HUGE else 2
    sweeps = Sweeps(problem.layers, problem.above, problem.below)
    start = [list(layer) for layer in problem.layers]
    held, free = (problem.fixed, problem.under), _free(problem)
    sweeps.hold(*held, problem.lane)
    # A circuit is either in good order after two sweeps, or a tangle, in which no order of the program is seen.
    best = sweeps.run(start, rounds=2, exchanges=1 if large else 2)
    _put(problem, sweeps.layers)
    if best < 2 or (large and best < size // 4):
        return best
    if not large and len({lane for lane in problem.lane if lane >= 0}) > 1:
        _arrange(problem, sweeps, start)
        free = _free(problem)
        sweeps.hold(*held, problem.lane)
    tangled = size >= 150 and best >= size // 4
    if not tangled:
        best = sweeps.run(start, rounds=rounds, exchanges=exchanges)
        _put(problem, sweeps.layers)
    if best >= WORTH and (large or free != held):
        sweeps.hold(*free, problem.lane)
        loose = sweeps.run(start, rounds=rounds, exchanges=exchanges)
        if tangled or best - loose >= max(WORTH, best // SHARE):
            best = loose
            _put(problem, sweeps.layers)
        else:
            sweeps.hold(*held, problem.lane)
    if large:
        return best
    chance = Random(size)  # noqa: S311 - the same for the same view
    stale = 0
    for turn in range(1, min(STARTS, EFFORT // size + 1)):
        layers = (
            [layer[::-1] for layer in start] if turn == 1 else [chance.sample(layer, len(layer)) for layer in start]
        )
        count = sweeps.run(layers, rounds=rounds, exchanges=exchanges, bound=best)
        stale += 1
        if count < best:
            best, stale = count, 0
            _put(problem, sweeps.layers)
        if best < 2 or stale >= 2:
            break
    return best


def keep(problem: Ordering) -> int:
    """Takes the layers as they stand, but for the trunks' order, and gives the number of crossings."""
    sweeps = Sweeps(problem.layers, problem.above, problem.below)
    sweeps.hold(*_free(problem), problem.lane)
    count = sweeps.run(problem.layers, rounds=0, exchanges=0)
    _put(problem, sweeps.layers)
    return count


def _free(problem: Ordering) -> tuple[list[float], list[int]]:
    """`fixed` and `under` where only trunks are held."""
    fixed = [key if on >= 0 else 0.0 for key, on in zip(problem.fixed, problem.lane, strict=True)]
    return fixed, [-1] * len(problem.under)


def _put(problem: Ordering, layers: Sequence[Sequence[int]]) -> None:
    for layer, found in zip(problem.layers, layers, strict=True):
        layer[:] = found


def _arrange(problem: Ordering, sweeps: Sweeps, first: Sequence[Sequence[int]]) -> None:
    """Orders the trunks among each other as they come to lie when nothing holds them; one that hangs below another
    after that, and those that begin in inputs in the inputs' order."""
    lane, fixed, under = problem.lane, problem.fixed, problem.under
    sweeps.hold([0.0] * len(fixed), [-1] * len(fixed), [-1] * len(fixed))
    sweeps.run(first, rounds=3, exchanges=4)
    places: dict[int, list[float]] = {}
    for layer in sweeps.layers:
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
