"""Special functions and functions of two numbers: erf, atan2, hypot, logaddexp."""

import math
from typing import Any

import numpy as np

from app.ops.comparison import eq
from app.ops.elementary import exp, function
from app.ops.erf import erf_of
from app.ops.operator import Convention, Sample, Spelling, elementwise
from app.ops.selection import where

erf = function(
    "erf", erf_of, math.erf, lambda x, y: 2 / math.sqrt(math.pi) * exp(-(x * x)),
    latex=r"\operatorname{{erf}}\left({0}\right)", flops=40,
    doc="The error function: its slope is a bell curve.",
    spell=Spelling(python="erf({0})", js="erf({0})", onnx="Erf", numpy="", jax="jax.scipy.special.erf({0})",
                   tensorflow="tf.math.erf({0})"),
)  # fmt: skip


def _log_add(x: float, y: float) -> float:
    """log(eˣ + eʸ) without overflow."""
    if x == y:
        return x + math.log(2)  # ±inf too
    high, low = (x, y) if x > y else (y, x)
    return high + math.log1p(math.exp(low - high)) if high == high and low == low else math.nan


def _turn(side: Any, distance: Any) -> Any:
    return where(eq(distance, 0), 0, side / distance)


atan2 = elementwise(
    "atan2", "y, x", forward=np.arctan2, scalar=math.atan2,
    partials=lambda y, x, z: (_turn(x, y * y + x * x), _turn(-y, y * y + x * x)),
    latex=r"\operatorname{{atan2}}\left({0}, {1}\right)", aliases=("arctan2",), flops=40,
    doc="The angle of the point (x, y). Its gradient turns: across the ray, over the distance.",
    conventions=(Convention(says="At (0, 0) there is no direction: the gradient is 0, as in PyTorch.", at=lambda y,
                            x: np.equal(y, 0) & np.equal(x, 0)),),
    example="atan2(y, x)", sample=(Sample(low=0.3, high=2), Sample(low=-2, high=2)),
    spell=Spelling(python="atan2({0}, {1})", js="Math.atan2({0}, {1})", onnx="", numpy="np.arctan2({0}, {1})",
                   jax="jnp.arctan2({0}, {1})", tensorflow="tf.math.atan2({0}, {1})"),
)  # fmt: skip

hypot = elementwise(
    "hypot", "x, y", forward=np.hypot, scalar=math.hypot, partials=lambda x, y, z: (x / z, y / z),
    latex=r"\sqrt{{{0}^2 + {1}^2}}", commutes=True, flops=20,
    doc="The length of (x, y). Its gradient is the unit vector in that direction.",
    conventions=(Convention(says="At (0, 0) there is no direction: NaN, as in PyTorch.", at=lambda x,
                            y: np.equal(x, 0) & np.equal(y, 0)),),
    example="hypot(x, y)", sample=(Sample(low=0.3, high=2), Sample(low=-2, high=2)),
    spell=Spelling(python="hypot({0}, {1})", js="Math.hypot({0}, {1})", onnx="",
                   tensorflow="tf.sqrt({0}**2 + {1}**2)"),
)  # fmt: skip

logaddexp = elementwise(
    "logaddexp", "x, y", forward=np.logaddexp, scalar=_log_add,
    partials=lambda x, y, z: (1 / (1 + exp(y - x)), 1 / (1 + exp(x - y))),
    latex=r"\ln\left(e^{{{0}}} + e^{{{1}}}\right)", commutes=True, flops=60,
    doc="A soft maximum: its two slopes are positive and sum to 1.", example="logaddexp(x, y)",
    sample=(Sample(), Sample()),
    spell=Spelling(js="logaddexp({0}, {1})", onnx="",
                   tensorflow="tf.math.reduce_logsumexp(tf.stack([{0}, {1}]), axis=0)"),
)  # fmt: skip
