"""Tensors replayed, value and all gradients, beside the bare matrix products that they cannot do without."""

from collections.abc import Callable, Iterable
from typing import Any

import numpy as np

from app.autodiff.replay import compile_replay
from app.lang import lower
from app.limits import UNLIMITED
from app.ops.algebra import Array
from benchmarks.row import Row, best, times

DRAW = np.random.default_rng(0)


def normal(*shape: int, scale: float = 1.0) -> Array:
    return scale * DRAW.normal(size=shape)


def run() -> Iterable[Row]:
    """A perceptron, a residual stack, attention, and a convolutional residual block."""
    yield row("MLP (64×784, 256, 10)", *perceptron())
    yield row("20 residual blocks of width 256", *stack(), goal=1 / 1.15)
    yield row("attention (128×64)", *attention())
    yield row("convolutional residual block (8×16×16×16)", *convolution())


def row(
    name: str, source: str, inputs: dict[str, Any], products: Callable[[], object], goal: float | None = None
) -> Row:
    program = lower(source, inputs, limits=UNLIMITED)
    replay = compile_replay(program.graph, program.output)
    values = program.values()
    given = [values[node] for node in replay.inputs]
    ours = best(lambda: replay.numbers(given), seconds=1.0)
    return times(name, ours, "its matrix products", best(products, seconds=1.0), goal, "ms")


def perceptron() -> tuple[str, dict[str, Any], Callable[[], object]]:
    x, v, w = normal(64, 784), normal(784, 256, scale=0.03), normal(256, 10, scale=0.06)
    g = np.ones((64, 10))

    def products() -> None:
        h = x @ v
        _ = h @ w, h.T @ g
        back = g @ w.T
        _ = x.T @ back, back @ v.T

    inputs = {"X": x, "V": v, "b": np.zeros(256), "W": w, "c": np.zeros(10)}
    return "sum(relu(X @ V + b) @ W + c)", inputs, products


def stack() -> tuple[str, dict[str, Any], Callable[[], object]]:
    x, g = normal(64, 256), np.ones((64, 256))
    weights = [normal(256, 256, scale=0.03) for _ in range(20)]

    def products() -> None:
        for w in weights:
            _ = x @ w, x.T @ g, g @ w.T

    lines = ["h = x", *(f"h = h + tanh(h @ W{i})" for i in range(20)), "sum(h)"]
    return "\n".join(lines), {"x": x, **{f"W{i}": w for i, w in enumerate(weights)}}, products


def attention() -> tuple[str, dict[str, Any], Callable[[], object]]:
    q, k, v = normal(128, 64), normal(128, 64), normal(128, 64)
    g = np.ones((128, 64))

    def products() -> None:
        s = q @ k.T
        back = g @ v.T
        _ = s @ v, s.T @ g, back @ k, back.T @ q

    lines = [
        "s = q @ k.T / 8",
        "e = exp(s - stop_gradient(max(s, axis=-1, keepdims=True)))",
        "sum(e / sum(e, axis=-1, keepdims=True) @ v)",
    ]
    return "\n".join(lines), {"q": q, "k": k, "v": v}, products


def convolution() -> tuple[str, dict[str, Any], Callable[[], object]]:
    x, w = normal(8, 16, 16, 16), normal(16, 16, 3, 3, scale=0.1)
    columns, rows, g = normal(144, 2048), w.reshape(16, 144), normal(16, 2048)

    def products() -> None:
        for _ in range(2):
            _ = rows @ columns, rows.T @ g, g @ columns.T

    source = "sum(x + conv2d(relu(conv2d(x, v, padding=1)), w, padding=1))"
    return source, {"x": x, "v": w, "w": w.copy()}, products
