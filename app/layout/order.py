"""The order within each layer, with few crossings: the trunks' lanes first and fixed, the rest around them.

A circuit is either in good order after two sweeps of lists, or a tangle, which several starts share as arrays. A place
in a layer is an integer; a port on it a fraction, so that operands out of their slots' order count as crossed.
"""

from collections.abc import Sequence
from dataclasses import replace
from math import sqrt

from app.layout.ordering import Ordering
from app.layout.sweeps import Sweeps

WORTH, SHARE = 2, 5  # crossings, and a share of them, that are worth another order than the program's
STARTS, EFFORT = 16, 120  # starts at most, and by the root of the vertices
WIDE = 24  # vertices in a layer, from where arrays are faster than lists
ROUNDS = 200  # of exchanges at most
LARGE = 1500  # vertices, from where time matters more than a crossing
GAIN, LARGE_GAIN = 3000, 500  # a round that saves one crossing for so many vertices is the last
TANGLED = 3, 4  # vertices for each crossing: fewer after the first sweep, or after two with exchanges, are a tangle


def order(problem: Ordering) -> int:
    """Orders the layers in place and gives the number of crossings left.

    Where that saves many crossings, inputs leave the order of the program, and what belongs below a trunk goes above.
    """
    size = len(problem.fixed)
    best = -1
    if size < LARGE or size < WIDE * len(problem.layers):
        sweeps = Sweeps(problem)
        best = sweeps.run(rounds=2, exchanges=2 if size < LARGE else 1, limit=size // TANGLED[0])
        problem.put(sweeps.layers)
        if best < WORTH or (size >= LARGE and best < size // TANGLED[1]):
            return best
    return _untangle(problem, best)


def keep(problem: Ordering) -> int:
    """Takes the layers as they stand, but for the trunks' order, and gives the number of crossings."""
    fixed, under = _free(problem, problem.fixed)
    sweeps = Sweeps(replace(problem, fixed=fixed, under=under))
    count = sweeps.run(rounds=0, exchanges=0, limit=0)
    problem.put(sweeps.layers)
    return count


def _free(problem: Ordering, fixed: Sequence[float]) -> tuple[list[float], list[int]]:
    """`fixed` and `under` where only trunks are held."""
    return [key if on >= 0 else 0.0 for key, on in zip(fixed, problem.lane, strict=True)], [-1] * len(problem.under)


def _untangle(problem: Ordering, known: int) -> int:
    """Orders a tangle by arrays; `known` is the number of crossings that a first look left (−1: none was taken)."""
    from app.layout.tangles import Tangle

    size = len(problem.fixed)
    copies = max(1, min(STARTS, int(EFFORT / sqrt(size))))
    tangle = Tangle(problem, copies)
    tangle.start(size)
    tangle.sweep(down=True)
    tangle.sweep(down=False)
    fixed = [problem.fixed] * copies
    if max(problem.lane) > 0:
        tangle.exchange()
        tangle.exchange()
        fixed = [_ranked(problem, means) for means in tangle.means(problem.lane)]
    # In a tangle no order of the program is seen; else half of the copies keep it.
    tangled = known >= size // TANGLED[1] if known >= 0 else int(tangle.count().min()) >= size // TANGLED[0]
    kept = [not tangled and c % 2 == 0 for c in range(copies)]
    rules = [(keys, problem.under) if k else _free(problem, keys) for k, keys in zip(kept, fixed, strict=True)]
    tangle.hold([keys for keys, _ in rules], [under for _, under in rules], problem.lane)
    tangle.sweep(down=True)
    gain = GAIN if size < LARGE else LARGE_GAIN
    for _ in range(ROUNDS):
        if tangle.exchange() * gain <= copies * size:
            break
    counts: list[int] = tangle.count().tolist()
    loose = min(range(copies), key=lambda c: (kept[c], counts[c]))
    best = min(range(copies), key=lambda c: (not kept[c], counts[c]))
    if counts[best] - counts[loose] >= max(WORTH, counts[best] // SHARE):
        best = loose
    if 0 <= known <= counts[best]:
        return known
    problem.fixed[:] = fixed[best]
    places = tangle.places(best)
    for layer in problem.layers:
        layer.sort(key=places.__getitem__)
    return counts[best]


def _ranked(problem: Ordering, mean: Sequence[float]) -> list[float]:
    """`fixed` with the trunks ordered among each other by their mean places; one that hangs below another after that,
    and those that begin in inputs in the inputs' order."""
    lane, fixed, under = problem.lane, problem.fixed, problem.under
    place = list(mean)
    begun = sorted({(fixed[v], lane[v]) for v in problem.layers[0] if lane[v] >= 0 and fixed[v]})
    for value, (_, t) in zip(sorted([place[t] for _, t in begun]), begun, strict=True):
        place[t] = value
    ranked = sorted(range(len(place)), key=lambda t: (place[t], t))
    for t, around in sorted({lane[v]: under[v] for v in range(len(lane)) if lane[v] >= 0 and under[v] >= 0}.items()):
        if ranked.index(t) < ranked.index(around):
            ranked.remove(t)
            ranked.insert(ranked.index(around) + 1, t)
    rank = {t: k + 1.0 for k, t in enumerate(ranked)}
    first = set(problem.layers[0])
    return [
        rank[t] if t >= 0 and not (v in first and key != t + 1.0) else key
        for v, (t, key) in enumerate(zip(lane, fixed, strict=True))
    ]
