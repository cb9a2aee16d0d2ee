"""The order in the layers: counts are true, what is held stays, and known small tangles are undone."""

import itertools
from random import Random

import pytest

from app.layout.sweeps import Sweeps, inversions

Ends = list[list[tuple[int, float, float]]]


def layered(seed: int) -> tuple[list[list[int]], Ends, Ends]:
    """Random layers joined by random segments, some by ports."""
    rng = Random(seed)
    layers: list[list[int]] = []
    for _ in range(rng.randint(2, 6)):
        first = sum(map(len, layers))
        layers.append(list(range(first, first + rng.randint(1, 7))))
    size = sum(map(len, layers))
    above: Ends = [[] for _ in range(size)]
    below: Ends = [[] for _ in range(size)]
    for upper, lower in itertools.pairwise(layers):
        for _ in range(rng.randint(1, 14)):
            a, b = rng.choice(upper), rng.choice(lower)
            leave, enter = rng.choice([0.5, 0.25, 0.75]), rng.choice([0.5, 0.3])
            below[a].append((b, enter, leave))
            above[b].append((a, leave, enter))
    return layers, above, below


def crossed(layers: list[list[int]], below: Ends) -> int:
    position = {v: k for layer in layers for k, v in enumerate(layer)}
    total = 0
    for layer in layers:
        ends = [(position[v] + here, position[w] + port) for v in layer for w, port, here in below[v]]
        total += sum((a - c) * (b - d) < -1e-9 for i, (a, b) in enumerate(ends) for c, d in ends[:i])
    return total


@pytest.mark.parametrize("seed", range(60))
def test_the_crossings_that_are_left_are_those_that_are_told(seed: int) -> None:
    layers, above, below = layered(seed)
    size = len(above)
    sweeps = Sweeps(layers, above, below)
    sweeps.hold([0.0] * size, [-1] * size, [-1] * size)
    told = sweeps.run(layers, rounds=8, exchanges=8)
    assert told == crossed(sweeps.layers, below) <= crossed(layers, below)


@pytest.mark.parametrize("seed", range(30))
def test_what_is_fixed_keeps_its_order(seed: int) -> None:
    layers, above, below = layered(seed)
    size = len(above)
    fixed = [0.0] * size
    for v in layers[0]:
        fixed[v] = v + 1.0
    sweeps = Sweeps(layers, above, below)
    sweeps.hold(fixed, [-1] * size, [-1] * size)
    sweeps.run(layers, rounds=8, exchanges=8)
    assert sweeps.layers[0] == layers[0]


def test_inversions_of_few_and_of_many_keys_are_counted_alike() -> None:
    keys = [float(Random(k).randrange(50)) for k in range(700)]
    pairs = sum(a > b for k, b in enumerate(keys) for a in keys[:k])
    assert inversions(keys) == pairs
    assert inversions(keys[:300]) == sum(a > b for k, b in enumerate(keys[:300]) for a in keys[:k])
