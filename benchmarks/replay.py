"""Scalar replay: all values and all gradients of a random circuit, again and again; and one circuit at many points.

JAX is one of the peers that `make bench` installs. PyTorch is measured where it is installed (on Linux `pip install
torch` brings gigabytes of CUDA, so it is none of them); elsewhere the figures stand that the project's aims state.
"""

from collections.abc import Callable, Iterable, Sequence
from functools import partial
from importlib.util import find_spec
from math import isclose
from typing import Any

import numpy as np

from app.autodiff.batch import Batch
from app.autodiff.replay import compile_replay
from app.autodiff.reverse import trace
from app.ops.algebra import Array
from benchmarks.row import Row, against, best, one_core, times
from benchmarks.scalars import Circuit, by_hand, circuit, graph_of, micrograd

# What PyTorch eager takes on two cores, s, as the project's aims state it.
PYTORCH = {10: 59e-6, 100: 0.50e-3, 1_000: 9.6e-3, 10_000: 67e-3, 100_000: 1.5}
Contender = Callable[..., tuple[Any, Any]]  # all values and all gradients, from the inputs' values
GOALS = {10: 100, 100: 100, 1_000: 60, 10_000: 60, 100_000: 150}


def run() -> Iterable[Row]:
    """Replay of 10 to 100,000 nodes beside what one would write by hand, a library like micrograd and PyTorch; a first
    evaluation; a sweep of 100,000 points beside NumPy written by hand and JAX compiled."""
    for count in PYTORCH:
        yield from replayed(count)
    yield from sweep()


def replayed(count: int) -> Iterable[Row]:
    """One size of circuit: replayed, and evaluated for the first time."""
    it = circuit(count)
    graph = graph_of(it)
    output = len(graph) - 1
    replay = compile_replay(graph, output)
    values = list(it.values)
    inputs = dict(zip(it.inputs, values, strict=True))
    name = f"replay of {count:,} nodes ({replay.kind})"
    ours = partial(replay.numbers, values)  # called as the hands below are, without a frame between
    hands: dict[str, Contender] = {}
    if count <= 10_000:
        hands["straight-line Python, by hand"] = by_hand(it)
    if count >= 1_000:
        hands["NumPy by levels, by hand"] = by_levels(it)
    for hand_name, hand in hands.items():
        assert agree(ours(), hand(*values))
        yield against(name, ours, hand_name, partial(hand, *values), 0.8)
    yield against(name, ours, "like micrograd", partial(micrograd, it, values), rounds=3)
    if find_spec("torch") is None:
        yield times(name, best(ours), "PyTorch eager (stated)", PYTORCH[count], GOALS[count])
    else:
        eager = by_torch(it)
        assert agree(ours(), ([value.item() for value in eager(*values)], ()))
        yield against(name, ours, "PyTorch eager", partial(eager, *values), GOALS[count], rounds=3)
    name = f"first evaluation of {count:,} nodes"
    first = partial(trace, graph, inputs, output)
    yield against(name, first, "like micrograd", partial(micrograd, it, values), 1.0, rounds=3)


def agree(ours: tuple[Sequence[float], Sequence[float]], theirs: tuple[Sequence[float], Sequence[float]]) -> bool:
    """Whether values are the same, and gradients where there are some."""
    return all(
        isclose(a, b, rel_tol=1e-9, abs_tol=1e-12)
        for mine, other in zip(ours, theirs, strict=True)
        for a, b in zip(mine, other if len(other) else mine, strict=True)
    )


def by_levels(it: Circuit) -> Contender:
    """All gates of one operator on one level at once."""
    level = [0] * len(it.nodes)
    kinds: dict[tuple[int, str], list[int]] = {}
    for i, (name, *operands) in enumerate(it.nodes):
        if operands:
            level[i] = 1 + max(level[j] for j in operands)
            kinds.setdefault((level[i], name), []).append(i)
    groups = [
        (name, np.array(gates), [np.array(column) for column in zip(*[it.nodes[i][1:] for i in gates], strict=True)])
        for (_, name), gates in sorted(kinds.items())
    ]
    inputs = np.array(it.inputs)

    def run_(*given: float) -> tuple[Array, Array]:
        values, grads = np.zeros(len(it.nodes)), np.zeros(len(it.nodes))
        values[inputs] = given
        for name, gates, operands in groups:
            values[gates] = FORWARD[name](*[values[column] for column in operands])
        grads[-1] = 1.0
        for name, gates, operands in reversed(groups):
            parts = BACK[name](grads[gates], values[gates], *[values[column] for column in operands])
            for column, part in zip(operands, parts, strict=True):
                np.add.at(grads, column, part)
        return values, grads

    return run_


def by_torch(it: Circuit) -> Callable[..., list[Any]]:
    """A tensor for each number, forward and backward. Only inputs keep their gradients: to keep all takes longer."""
    import torch

    forward: dict[str, Callable[..., Any]] = {
        "add": torch.add, "sub": torch.sub, "mul": torch.mul, "tanh": torch.tanh, "sin": torch.sin, "relu": torch.relu,
    }  # fmt: skip

    def run_(*given: float) -> list[Any]:
        leaves = iter([torch.tensor(x, dtype=torch.float64, requires_grad=True) for x in given])
        values: list[Any] = []
        for name, *operands in it.nodes:
            values.append(next(leaves) if name == "input" else forward[name](*[values[i] for i in operands]))
        values[-1].backward()
        return values

    return run_


def sweep(points: int = 100_000) -> Iterable[Row]:
    """100 nodes over many points, value and all gradients, beside the same straight line on whole NumPy arrays, and
    beside JAX: on one core, where both do one thing at a time, and as it comes."""
    it = circuit(100)
    graph = graph_of(it)
    batch = Batch(graph, len(graph) - 1)
    random = np.random.default_rng(0)
    columns = [random.uniform(-0.5, 0.5, points) for _ in it.inputs]
    given = dict(zip(it.inputs, columns, strict=True))
    name, expected = f"sweep of 100 nodes, {points:,} points", batch.run(given, {})[0]
    hand = by_numpy(it)
    assert np.allclose(expected, hand(*columns)[0])

    def ours() -> object:
        return batch.run(given, {})

    yield against(name, ours, "NumPy by hand", lambda: hand(*columns), 1.0, "ms")
    if find_spec("jax") is not None:
        compiled = by_jax(it, columns)
        assert np.allclose(expected, compiled())
        yield against(name, ours, "JAX jit, all cores", compiled, None, "ms")
        with one_core():
            yield against(name, ours, "JAX jit, one core", compiled, 1.0, "ms")


def by_jax(it: Circuit, columns: Sequence[Array]) -> Callable[[], Any]:
    """The same, compiled before it is measured, its points where JAX wants them."""
    import jax

    jax.config.update("jax_enable_x64", True)
    forward: dict[str, Callable[..., Any]] = {
        "add": jax.numpy.add, "sub": jax.numpy.subtract, "mul": jax.numpy.multiply, "tanh": jax.numpy.tanh,
        "sin": jax.numpy.sin, "relu": jax.nn.relu,
    }  # fmt: skip

    def output(*xs: Any) -> Any:
        values: list[Any] = []
        given = iter(xs)
        for name, *operands in it.nodes:
            values.append(next(given) if name == "input" else forward[name](*[values[i] for i in operands]))
        return values[-1]

    compiled = jax.jit(jax.vmap(jax.value_and_grad(output, argnums=tuple(range(len(columns))))))
    there = [jax.numpy.asarray(column) for column in columns]
    jax.block_until_ready(compiled(*there))
    return lambda: jax.block_until_ready(compiled(*there))[0]


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
