"""Scalar replay: all values and all gradients of a random circuit, again and again."""

from collections.abc import Callable, Iterable
from math import isclose
from typing import Any

import numpy as np

from app.autodiff.batch import Batch
from app.autodiff.replay import compile_replay
from app.autodiff.reverse import trace
from app.ops.algebra import Array
from benchmarks.row import Row, best, times
from benchmarks.scalars import Circuit, by_hand, circuit, graph_of, micrograd

# What PyTorch eager takes on two cores, s, as the project's aims state it: not run here, for it is not installed.
PYTORCH = {10: 59e-6, 100: 0.50e-3, 1_000: 9.6e-3, 10_000: 67e-3, 100_000: 1.5}
GOALS = {10: 100, 100: 100, 1_000: 60, 10_000: 60, 100_000: 150}


def run() -> Iterable[Row]:
    """Replay of 10 to 100,000 nodes beside straight-line Python and a library like micrograd; a first evaluation; a
    sweep of 100,000 points beside NumPy written by hand."""
    for count in PYTORCH:
        yield from replayed(count)
    yield sweep()


def replayed(count: int) -> Iterable[Row]:
    """One size of circuit: replayed, and evaluated for the first time."""
    it = circuit(count)
    graph = graph_of(it)
    output = len(graph) - 1
    replay = compile_replay(graph, output)
    values = list(it.values)
    inputs = dict(zip(it.inputs, values, strict=True))
    ours = best(lambda: replay.numbers(values))
    found, grads = replay.numbers(values)
    size = f"{count:,} nodes ({replay.kind})"
    if count <= 10_000:
        hand = by_hand(it)
        expected, slopes = hand(*values)
        assert all(isclose(a, b, rel_tol=1e-9, abs_tol=1e-12) for a, b in zip(found, expected, strict=True))
        assert all(isclose(a, b, rel_tol=1e-9, abs_tol=1e-12) for a, b in zip(grads, slopes, strict=True))
        yield times(f"replay of {size}", ours, "straight-line Python", best(lambda: hand(*values)), 0.8)
    peer = best(lambda: micrograd(it, values), seconds=1.0, rounds=3)
    yield times(f"replay of {size}", ours, "like micrograd", peer)
    yield times(f"replay of {size}", ours, "PyTorch eager (stated)", PYTORCH[count], GOALS[count])
    once = best(lambda: trace(graph, inputs, output), seconds=1.0, rounds=3)
    yield times(f"first evaluation of {count:,} nodes", once, "like micrograd", peer, 1.0)


def sweep(points: int = 100_000) -> Row:
    """100 nodes over many points, value and all gradients, beside the same straight line on whole NumPy arrays."""
    it = circuit(100)
    graph = graph_of(it)
    batch = Batch(graph, len(graph) - 1)
    random = np.random.default_rng(0)
    columns = [random.uniform(-0.5, 0.5, points) for _ in it.inputs]
    given = dict(zip(it.inputs, columns, strict=True))
    hand = by_numpy(it)
    assert np.allclose(batch.run(given, {})[0], hand(*columns)[0])
    ours, peer = best(lambda: batch.run(given, {})), best(lambda: hand(*columns))
    return times(f"sweep of 100 nodes, {points:,} points", ours, "NumPy by hand", peer, 1.0, "ms")


def by_numpy(it: Circuit) -> Callable[..., list[Array]]:
    """The output and the gradients of the inputs, in one loop over whole arrays."""

    def run_(*columns: Array) -> list[Array]:
        values: list[Array] = []
        given = iter(columns)
        for name, *operands in it.nodes:
            xs = [values[i] for i in operands]
            values.append(next(given) if name == "input" else FORWARD[name](*xs))
        grads: list[Array | float] = [0.0] * len(values)
        grads[-1] = np.ones_like(values[-1])
        for i in range(len(values) - 1, -1, -1):
            name, *operands = it.nodes[i]
            if name != "input":
                parts = BACK[name](grads[i], values[i], *[values[j] for j in operands])
                for operand, part in zip(operands, parts, strict=True):
                    grads[operand] = grads[operand] + part
        return [values[-1], *[np.asarray(grads[i]) for i in it.inputs]]

    return run_


FORWARD: dict[str, Callable[..., Any]] = {
    "add": np.add, "sub": np.subtract, "mul": np.multiply, "tanh": np.tanh, "sin": np.sin,
    "relu": lambda x: np.maximum(x, 0.0),
}  # fmt: skip
BACK: dict[str, Callable[..., Any]] = {
    "add": lambda g, y, a, b: (g, g), "sub": lambda g, y, a, b: (g, -g), "mul": lambda g, y, a, b: (g * b, g * a),
    "tanh": lambda g, y, a: (g * (1 - y * y),), "sin": lambda g, y, a: (g * np.cos(a),),
    "relu": lambda g, y, a: (np.where(a > 0, g, 0.0),),
}  # fmt: skip
