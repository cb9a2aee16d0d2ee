"""The order in the layers: counts are true, what is held stays, and both ways to it, lists and arrays, are exact."""

import itertools
from random import Random

import numpy as np
import pytest

from app.layout.order import order
from app.layout.ordering import Ordering
from app.layout.sweeps import Sweeps, inversions
from app.layout.tangles import Tangle
from app.layout.tangles import inversions as grouped


def layered(seed: int, *, widest: int = 7, busiest: int = 14) -> Ordering:
    """Random layers joined by random segments, some by ports."""
    rng = Random(seed)
    layers: list[list[int]] = []
    for _ in range(rng.randint(2, 6)):
        first = sum(map(len, layers))
        layers.append(list(range(first, first + rng.randint(1, widest))))
    size = sum(map(len, layers))
    segments: list[tuple[int, int, float, float]] = []
    for upper, lower in itertools.pairwise(layers):
        for _ in range(rng.randint(1, busiest)):
            ports = rng.choice([0.5, 0.25, 0.75]), rng.choice([0.5, 0.3])
            segments.append((rng.choice(upper), rng.choice(lower), *ports))
    sources, targets, leave, enter = zip(*segments, strict=True)
    return Ordering(layers, sources, targets, leave, enter, [0.0] * size, [-1] * size, [-1] * size)


def held(seed: int) -> Ordering:
    """Random layers with two trunks, inputs in order, and things that hang below the first trunk."""
    problem = layered(seed, widest=9, busiest=30)
    rng = Random(seed)
    for v in problem.layers[0]:
        problem.fixed[v] = v + 3.0
    for layer in problem.layers[1:]:
        for t, v in enumerate(rng.sample(layer, min(2, len(layer)))):
            problem.lane[v], problem.fixed[v] = t, t + 1.0
        for v in layer:
            if problem.lane[v] < 0 and rng.random() < 0.3:
                problem.under[v] = 0
    return problem


def crossed(problem: Ordering) -> int:
    position = problem.position
    layer_of = {v: i for i, layer in enumerate(problem.layers) for v in layer}
    ends = [
        (layer_of[a], position[a] + leave, position[b] + enter)
        for a, b, leave, enter in zip(problem.sources, problem.targets, problem.leave, problem.enter, strict=True)
    ]
    return sum(i == j and (a - c) * (b - d) < -1e-9 for (i, a, b), (j, c, d) in itertools.combinations(ends, 2))


def keeps(problem: Ordering) -> bool:
    """What is fixed is in order in each layer, and what hangs stands behind its trunk."""
    for layer in problem.layers:
        keys = [problem.fixed[v] for v in layer if problem.fixed[v]]
        lanes = [problem.lane[v] for v in layer]
        if keys != sorted(keys):
            return False
        for k, v in enumerate(layer):
            if problem.under[v] >= 0 and problem.under[v] in lanes[k + 1 :]:
                return False
    return True


@pytest.mark.parametrize("seed", range(60))
def test_the_crossings_that_are_left_are_those_that_are_told(seed: int) -> None:
    problem = layered(seed)
    before = crossed(problem)
    sweeps = Sweeps(problem)
    told = sweeps.run(rounds=8, exchanges=8, limit=1000)
    problem.put(sweeps.layers)
    assert told == crossed(problem) <= before


@pytest.mark.parametrize("seed", range(60))
def test_an_order_tells_its_crossings(seed: int) -> None:
    problem = layered(seed, widest=12, busiest=60)
    before = crossed(problem)
    assert order(problem) == crossed(problem) <= before


@pytest.mark.parametrize("copies", [1, 5])
@pytest.mark.parametrize("seed", range(30))
def test_a_tangle_counts_what_its_exchanges_save(seed: int, copies: int) -> None:
    problem = layered(seed, widest=9, busiest=40)
    tangle = Tangle(problem, copies)
    tangle.start(seed)
    before = int(tangle.count().sum())
    saved = sum(tangle.exchange() for _ in range(6))
    assert saved >= 0
    for copy, count in enumerate(tangle.count().tolist()):
        places = tangle.places(copy)
        problem.put([sorted(layer, key=places.__getitem__) for layer in problem.layers])
        assert count == crossed(problem)
        before -= count
    assert before == saved


@pytest.mark.parametrize("seed", range(30))
def test_a_tangle_keeps_what_it_is_told_to(seed: int) -> None:
    problem = held(seed)
    tangle = Tangle(problem, 4)
    tangle.start(seed)
    tangle.hold([problem.fixed] * 4, [problem.under] * 4, problem.lane)
    for turn in range(4):
        for copy in range(4):
            places = tangle.places(copy)
            problem.put([sorted(layer, key=places.__getitem__) for layer in problem.layers])
            assert keeps(problem)
        tangle.sweep(down=turn % 2 == 0)
        tangle.exchange()


@pytest.mark.parametrize("seed", range(30))
def test_lists_keep_what_they_are_told_to(seed: int) -> None:
    problem = held(seed)
    sweeps = Sweeps(problem)
    sweeps.run(rounds=8, exchanges=8, limit=1000)
    problem.put(sweeps.layers)
    assert keeps(problem)


def test_inversions_of_few_and_of_many_keys_are_counted_alike() -> None:
    keys = [Random(k).randrange(50) for k in range(700)]
    pairs = sum(a > b for k, b in enumerate(keys) for a in keys[:k])
    assert inversions([float(key) for key in keys]) == pairs
    assert grouped(np.zeros(700, np.intp), np.array(keys)).sum() == pairs
    some = [sum(a > b for k, b in enumerate(part) for a in part[:k]) for part in (keys[:300], keys[300:])]
    assert inversions([float(key) for key in keys[:300]]) == some[0]
    assert grouped(np.repeat([0, 1], [300, 400]), np.array(keys)).sum() == sum(some)
