"""Tensors replayed, value and all gradients, beside the bare matrix products that they cannot do without, beside JAX
compiled, and beside PyTorch where it is installed, on as many threads as ours."""

import os
from collections.abc import Callable, Iterable
from importlib.util import find_spec
from types import CodeType
from typing import Any

import numpy as np

from app.autodiff.replay import compile_replay
from app.lang import lower
from app.limits import UNLIMITED
from app.ops.algebra import Array
from benchmarks.row import Row, against

DRAW = np.random.default_rng(0)


def normal(*shape: int, scale: float = 1.0) -> Array:
    return scale * DRAW.normal(size=shape)


def run() -> Iterable[Row]:
    """A perceptron, a residual stack, attention, and a convolutional residual block."""
    yield from rows("MLP (64×784, 256, 10)", *perceptron(), torch_goal=1.0)
    yield from rows("20 residual blocks of width 256", *stack(), goal=1 / 1.15)
    yield from rows("attention (128×64)", *attention(), torch_goal=1.15)
    yield from rows("convolutional residual block (8×16×16×16)", *convolution(), torch_goal=0.8, jax_goal=10.0)


def rows(
    name: str,
    source: str,
    inputs: dict[str, Any],
    products: Callable[[], object],
    goal: float | None = None,
    torch_goal: float | None = None,
    jax_goal: float | None = None,
) -> Iterable[Row]:
    program = lower(source, inputs, limits=UNLIMITED)
    leaves = [each.node for each in program.inputs]
    replay = compile_replay(program.graph, program.output, wanted=leaves)
    values = program.values()
    given = [values[node] for node in replay.inputs]

    def ours() -> object:
        return replay.numbers(given)

    yield against(name, ours, "its matrix products", products, goal, "ms", seconds=2.0)
    if find_spec("torch") is not None:
        yield against(name, ours, "PyTorch", eager(source, inputs), torch_goal, "ms", seconds=2.0)
    if find_spec("jax") is not None:
        yield against(name, ours, "JAX jit", compiled(source, inputs), jax_goal, "ms", seconds=2.0)


def eager(source: str, inputs: dict[str, Any]) -> Callable[[], object]:
    """The same text run by PyTorch, value and gradients: its operators have the names of ours."""
    import torch

    torch.set_num_threads(int(os.environ.get("OMP_NUM_THREADS", os.cpu_count() or 1)))
    leaves = {name: torch.tensor(value, requires_grad=True) for name, value in inputs.items()}
    code = code_of(source)
    names = {
        "sum": lambda x, axis=None, keepdims=False: x.sum() if axis is None else x.sum(axis, keepdim=keepdims),
        "max": lambda x, axis, keepdims: x.amax(axis, keepdim=keepdims),
        "stop_gradient": lambda x: x.detach(),
        **{name: getattr(torch, name) for name in ("relu", "tanh", "exp")},
        "conv2d": torch.nn.functional.conv2d,
    }

    def run() -> None:
        space = {**names, **leaves}
        exec(code, space)
        for leaf in leaves.values():
            leaf.grad = None
        space["result"].backward()

    return run


def compiled(source: str, inputs: dict[str, Any]) -> Callable[[], object]:
    """The same text compiled by JAX, value and gradients; its compile time is not counted."""
    import jax
    from jax import lax
    from jax import numpy as jnp

    jax.config.update("jax_enable_x64", True)
    code = code_of(source)
    names = {
        "sum": jnp.sum,
        "max": jnp.max,
        "stop_gradient": lax.stop_gradient,
        "relu": jax.nn.relu,
        **{name: getattr(jnp, name) for name in ("tanh", "exp")},
        "conv2d": lambda x, w, padding: lax.conv_general_dilated(x, w, (1, 1), ((padding, padding),) * 2),
    }

    def output(leaves: dict[str, Any]) -> Any:
        space = {**names, **leaves}
        exec(code, space)
        return space["result"]

    both = jax.jit(jax.value_and_grad(output))
    leaves = {name: jnp.asarray(value) for name, value in inputs.items()}
    jax.block_until_ready(both(leaves))
    return lambda: jax.block_until_ready(both(leaves))


def code_of(source: str) -> CodeType:
    """A text whose last line is what it is about, as Python that leaves it in `result`."""
    *lines, last = source.splitlines()
    return compile("\n".join([*lines, f"result = {last}"]), "<tensors>", "exec")


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
