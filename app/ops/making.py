"""Makers: tensors out of nothing but a shape, and the same numbers each time.

Random ones come from NumPy's `default_rng(seed)`. Without a seed each call has a `stream` of its own, by the name that
it is assigned to or by counting, from which the seed is made.
"""

from hashlib import sha256
from math import ceil, isfinite
from typing import Any

import numpy as np

from app.diagnostics import fail
from app.ops.algebra import Array, Shape
from app.ops.operator import NOWHERE, Operator, Spelling, maker
from app.ops.shape import flat

SEED = "seed: int = None, stream: str = ''"


def seed_of(seed: int | None, stream: str = "") -> int:
    """The seed itself, or the one that a stream stands for: the first 32 bits of its SHA-256."""
    if seed is None:
        return int.from_bytes(sha256(stream.encode()).digest()[:4], "big")
    return seed if seed >= 0 else seed + 2**64


def generator(seed: int | None, stream: str = "") -> np.random.Generator:
    return np.random.default_rng(seed_of(seed, stream))


def given(*, shape: Any, **_: Any) -> Shape:
    """The shape that a maker was given. Errors: shape.reshape."""
    wanted = flat(shape)
    if any(n < 0 for n in wanted):
        raise fail("shape.reshape", f"a size cannot be negative: {wanted}")
    return wanted


def _spelt(name: str, tensorflow: str | None = None, arguments: str = "{shape}", onnx: str = "") -> Spelling:
    return Spelling(
        numpy=f"np.{name}({arguments})", torch=f"torch.{name}({arguments})", jax=f"jnp.{name}({arguments})",
        tensorflow=f"tf.{tensorflow or name}({arguments})", onnx=onnx,
    )  # fmt: skip


zeros = maker(
    "zeros", "*shape: shape", forward=lambda *, shape: np.zeros(flat(shape)), shape=given,
    doc="A tensor of zeros.", aliases=("empty",), example="W = zeros(2, 3)\nsum(W)",
    sample_attributes={"shape": (2, 3)},
    spell=_spelt("zeros"),
)  # fmt: skip

ones = maker(
    "ones", "*shape: shape", forward=lambda *, shape: np.ones(flat(shape)), shape=given,
    doc="A tensor of ones.", example="W = ones(2, 3)\nsum(W)", sample_attributes={"shape": (2, 3)},
    spell=_spelt("ones"),
)  # fmt: skip

full = maker(
    "full", "shape: shape, value|fill_value: float", forward=lambda *, shape, value: np.full(flat(shape), float(value)),
    shape=given, doc="A tensor of one number.", example="W = full((2, 3), 0.5)\nsum(W)", aliases=("fill",),
    sample_attributes={"shape": (2, 3), "value": 0.5}, spell=_spelt("full", "fill", "{shape}, {value}"),
)  # fmt: skip


def _eye_shape(*, n: int, m: int | None = None) -> Shape:
    return given(shape=(n, n if m is None else m))


eye = maker(
    "eye", "n|N|num_rows: int, m|M|num_columns: int = None", forward=lambda *, n, m=None: np.eye(n, m),
    shape=_eye_shape,
    doc="The identity matrix: ones on the diagonal.", aliases=("numpy.identity", "jax.identity"),
    example="I = eye(2)\nsum(I)",
    sample_attributes={"n": 2, "m": 3},
    spell=Spelling(numpy="np.eye({n}, {m})", torch="", jax="jnp.eye({n}, {m})", tensorflow="tf.eye({n}, {m})", onnx=""),
)  # fmt: skip

tri = maker(
    "tri", "n|N: int, m|M: int = None, k: int = 0", forward=lambda *, n, m=None, k=0: np.tri(n, m, k),
    shape=lambda *, n, m=None, k=0: _eye_shape(n=n, m=m),
    doc="Ones on the diagonal and below it: who may look at whom.",
    example="I = tri(2)\nsum(I)", sample_attributes={"n": 2, "m": 3},
    spell=Spelling(numpy="np.tri({n}, {m}, {k})", torch="", jax="jnp.tri({n}, {m}, {k})", tensorflow="", onnx=""),
)  # fmt: skip


def _arange(*, start: float, stop: float | None = None, step: float = 1) -> tuple[float, float]:
    low, high = (0, start) if stop is None else (start, stop)
    if step == 0 or not all(map(isfinite, (low, high, step))):
        raise fail("call.arguments", "arange takes finite numbers and a step that is not 0")
    return low, high


def _arange_shape(*, start: float, stop: float | None = None, step: float = 1) -> Shape:
    low, high = _arange(start=start, stop=stop, step=step)
    span = (high - low) / step
    return (max(0, ceil(span)) if isfinite(span) else 2**62,)


def _arange_forward(*, start: float, stop: float | None = None, step: float = 1) -> Array:
    low, _ = _arange(start=start, stop=stop, step=step)
    return low + np.arange(float(_arange_shape(start=start, stop=stop, step=step)[0])) * step


arange = maker(
    "arange", "start: float, stop|end|limit: float = None, step|delta: float = 1", forward=_arange_forward,
    shape=_arange_shape, doc="Numbers in equal steps, the end not among them.", example="t = arange(4)\nsum(t*x)",
    sample_attributes={"start": 1, "stop": 5},
    spell=NOWHERE,
)  # fmt: skip

linspace = maker(
    "linspace", "start: float, stop|end: float, num|steps: int = 50",
    forward=lambda *, start, stop, num=50: np.linspace(start, stop, num), shape=lambda *, start, stop,
    num=50: given(shape=(num,)),
    doc="So many numbers at equal distances, both ends among them.", example="t = linspace(0, 1, 5)\nsum(t*x)",
    sample_attributes={"start": 0, "stop": 1, "num": 5},
    spell=Spelling(numpy="np.linspace({start}, {stop}, {num})", torch="torch.linspace({start}, {stop}, {num})",
                   jax="jnp.linspace({start}, {stop}, {num})", tensorflow="tf.linspace({start}, {stop}, {num})",
                   onnx=""),
)  # fmt: skip


def _random(name: str, draw: Any, aliases: tuple[str, ...], doc: str) -> Operator:
    return maker(
        name, f"*shape: shape, {SEED}", forward=lambda *, shape, seed=None,
        stream="": draw(generator(seed, stream), flat(shape)),
        shape=given, flops=lambda out, **_: 20 * int(np.prod(out, dtype=object)), aliases=aliases, doc=doc,
        example=f"W = {name}(2, 3, seed=0)\nsum(W)", sample_attributes={"shape": (2, 3), "seed": 0},
        spell=NOWHERE,
    )  # fmt: skip


randn = _random(
    "randn", lambda rng, shape: rng.standard_normal(shape),
    ("standard_normal", "tensorflow.normal", "tensorflow.random_normal"),
    "Normally distributed numbers (mean 0, variance 1), the same each time: those of NumPy's default_rng(seed).",
)  # fmt: skip
rand = _random(
    "rand", lambda rng, shape: rng.random(shape),
    ("random", "random_sample", "tensorflow.uniform", "tensorflow.random_uniform"),
    "Numbers from 0 to 1, evenly distributed, the same each time: those of NumPy's default_rng(seed).",
)  # fmt: skip


def _randint(*, low: int, high: int | None = None, shape: Any = (), seed: int | None = None, stream: str = "") -> Any:
    start, end = (0, low) if high is None else (low, high)
    return generator(seed, stream).integers(start, end, flat(shape)).astype(float)


def _randint_shape(*, low: int, high: int | None = None, shape: Any = (), **_: Any) -> Shape:
    start, end = (0, low) if high is None else (low, high)
    if not -(2**53) <= start < end <= 2**53:
        raise fail("call.arguments", f"there is no whole number from {start} to below {end}, or it is beyond 2^53")
    return given(shape=shape)


randint = maker(
    "randint", f"low: int, high: int = None, shape|size: shape = (), {SEED}", forward=_randint, shape=_randint_shape,
    flops=lambda out, **_: 20 * int(np.prod(out, dtype=object)), aliases=("integers",),
    doc="Whole numbers from low to below high, the same each time.", example="k = randint(0, 10, (3,), seed=0)\nsum(k)",
    sample_attributes={"low": 0, "high": 10, "shape": (2, 3), "seed": 0},
    spell=NOWHERE,
)  # fmt: skip
