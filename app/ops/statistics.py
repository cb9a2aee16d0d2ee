"""Reductions that are not linear: variance, standard deviation, norm, logsumexp."""

from math import inf, prod
from typing import Any

import numpy as np

from app.ops.algebra import shape_of
from app.ops.arithmetic import div
from app.ops.comparison import eq
from app.ops.elementary import exp
from app.ops.operator import NOWHERE, Convention, Operator, Spelling, composed, tensor
from app.ops.reduction import BLOCK, MIDDLE, REDUCE, count, mean, reduced, restored, sum_
from app.ops.selection import where
from app.ops.shape import Axes

SPREAD = "x, /, axis: axes = None, keepdims: bool = False, ddof|correction|unbiased: int = 0"


def _freedom(x: Any, axis: Axes, ddof: int) -> float:
    """What a sum of squares is divided by: n − ddof, not below 0."""
    return float(max(count(shape_of(x), axis) - int(ddof), 0))


def _var(x: Any, *, axis: Axes = None, keepdims: bool = False, ddof: int = 0) -> Any:
    d = x - np.divide(np.sum(x, axis=axis, keepdims=True), count(np.shape(x), axis))
    return np.divide(np.sum(d * d, axis=axis, keepdims=keepdims), _freedom(x, axis, ddof))


def _deviations(x: Any, axis: Axes, ddof: int) -> Any:
    """∂var/∂x: 2 (x − mean) / (n − ddof)."""
    return div(2.0, _freedom(x, axis, ddof)) * (x - mean(x, axis=axis, keepdims=True))


def _var_vjp(i: int, g: Any, y: Any, x: Any, *, axis: Axes = None, keepdims: bool = False, ddof: int = 0) -> Any:
    return restored(g, shape_of(x), axis) * _deviations(x, axis, ddof)


def _var_jvp(ts: Any, y: Any, x: Any, *, axis: Axes = None, keepdims: bool = False, ddof: int = 0) -> Any:
    return sum_(_deviations(x, axis, ddof) * ts[0], axis=axis, keepdims=keepdims)


def _half(g: Any, y: Any) -> Any:
    """g · ∂√v/∂v, with 0 where √v is 0."""
    return where(eq(y, 0.0), 0.0, div(g, 2.0 * y))


def _std_vjp(i: int, g: Any, y: Any, x: Any, *, axis: Axes = None, keepdims: bool = False, ddof: int = 0) -> Any:
    return _var_vjp(i, _half(g, y), y, x, axis=axis, ddof=ddof)


def _std_jvp(ts: Any, y: Any, x: Any, *, axis: Axes = None, keepdims: bool = False, ddof: int = 0) -> Any:
    return _half(_var_jvp(ts, y, x, axis=axis, keepdims=keepdims, ddof=ddof), y)


def _spelt(name: str, tensorflow: str) -> Spelling:
    return Spelling(
        numpy=f"np.{name}({{0}}, axis={{axis}}, keepdims={{keepdims}}, ddof={{ddof}})",
        jax=f"jnp.{name}({{0}}, axis={{axis}}, keepdims={{keepdims}}, ddof={{ddof}})",
        torch=f"torch.{name}({{0}}, dim={{axis}}, keepdim={{keepdims}}, correction={{ddof}})",
        tensorflow=f"tf.math.{tensorflow}({{0}}, axis={{axis}}, keepdims={{keepdims}})",
        onnx="",
    )


var: Operator = tensor(
    "var", SPREAD, forward=_var, shape=reduced, vjp=_var_vjp, jvp=_var_jvp,
    flops=lambda out, x, **_: 5 * prod(x) + 2 * prod(out), latex=r"\operatorname{{Var}}({0})",
    latex_partials=(r"\tfrac{{2}}{{n}}\,G\,(x - \bar x)",), aliases=("reduce_variance",),
    defaults={"torch": {"ddof": 1}},
    doc="The mean square of the deviations: each element gets twice its own deviation, over n.",
    source="NumPy's ddof = 0; torch.var divides by n − 1", example="x = [1, 2, 4]\nvar(x)", sample=BLOCK,
    sample_attributes={**MIDDLE, "ddof": 1}, spell=_spelt("var", "reduce_variance"),
)  # fmt: skip

FLAT_AT_0 = "At 0 the gradient is 0, as in PyTorch."

std: Operator = tensor(
    "std", SPREAD, forward=lambda x, **attributes: np.sqrt(_var(x, **attributes)), shape=reduced, vjp=_std_vjp,
    jvp=_std_jvp, flops=lambda out, x, **_: 5 * prod(x) + 10 * prod(out), latex=r"\operatorname{{std}}({0})",
    latex_partials=(r"\tfrac{{1}}{{n\,Y}}\,G\,(x - \bar x)",), aliases=("reduce_std",), defaults={"torch": {"ddof": 1}},
    doc="The root of the variance: each element gets its deviation, over n and over the result.",
    conventions=(Convention(says=FLAT_AT_0, at=lambda x, **attributes: np.equal(_var(x, **attributes), 0)),),
    source="PyTorch: torch.std", example="x = [1, 2, 4]\nstd(x)", sample=BLOCK, sample_attributes={**MIDDLE, "ddof": 0},
    spell=_spelt("std", "reduce_std"),
)  # fmt: skip


def _norm(x: Any, *, axis: Axes = None, keepdims: bool = False) -> Any:
    return np.sqrt(np.sum(np.multiply(x, x), axis=axis, keepdims=keepdims))


def _norm_vjp(i: int, g: Any, y: Any, x: Any, *, axis: Axes = None, keepdims: bool = False) -> Any:
    return x * restored(where(eq(y, 0.0), 0.0, div(g, y)), shape_of(x), axis)


def _norm_jvp(ts: Any, y: Any, x: Any, *, axis: Axes = None, keepdims: bool = False) -> Any:
    return where(eq(y, 0.0), 0.0, div(sum_(x * ts[0], axis=axis, keepdims=keepdims), y))


norm: Operator = tensor(
    "norm", "x, /, ord|p: any = 2, axis: axes = None, keepdims: bool = False", forward=_norm, shape=reduced,
    vjp=_norm_vjp,
    jvp=_norm_jvp, flops=lambda out, x, **_: 2 * prod(x) + 8 * prod(out), sign="‖·‖",
    latex=r"\left\lVert {0} \right\rVert", latex_partials=(r"\tfrac{{G}}{{Y}}\,x",), aliases=("vector_norm",),
    variants={"ord": {2: "norm", None: "norm", "fro": "norm", "euclidean": "norm", 1: "norm1", inf: "norm_inf"}},
    doc="The Euclidean length. Its gradient is the unit vector in the direction of x.",
    conventions=(Convention(says=FLAT_AT_0, at=lambda x, **attributes: np.equal(_norm(x, **attributes), 0)),),
    source="PyTorch: torch.linalg.vector_norm", example="x = [3, 4]\nnorm(x)", sample=BLOCK, sample_attributes=MIDDLE,
    spell=Spelling(numpy="np.linalg.norm({0}, axis={axis}, keepdims={keepdims})",
                   jax="jnp.linalg.norm({0}, axis={axis}, keepdims={keepdims})",
                   torch="torch.linalg.vector_norm({0}, dim={axis}, keepdim={keepdims})",
                   tensorflow="tf.norm({0}, axis={axis}, keepdims={keepdims})", onnx="ReduceL2"),
)  # fmt: skip

norm1 = composed(
    "norm1", REDUCE,
    body="def norm1(x, axis=None, keepdims=False):\n    return sum(abs(x), axis=axis, keepdims=keepdims)",
    latex=r"\left\lVert {0} \right\rVert_1", doc="The sum of the absolute values.", example="x = [3, -4]\nnorm1(x)",
    sample=BLOCK, sample_attributes=MIDDLE, spell=Spelling(numpy="", torch="", jax="", tensorflow="", onnx="ReduceL1"),
)  # fmt: skip

norm_inf = composed(
    "norm_inf", REDUCE,
    body="def norm_inf(x, axis=None, keepdims=False):\n    return max(abs(x), axis=axis, keepdims=keepdims)",
    latex=r"\left\lVert {0} \right\rVert_\infty", doc="The largest absolute value.", example="x = [3, -4]\nnorm_inf(x)",
    sample=BLOCK, sample_attributes=MIDDLE, spell=NOWHERE,
)  # fmt: skip


def _logsumexp(x: Any, *, axis: Axes = None, keepdims: bool = False) -> Any:
    x = np.asarray(x)
    if count(x.shape, axis) == 0:
        return np.log(np.sum(x, axis=axis, keepdims=keepdims))  # log 0
    top = np.max(x, axis=axis, keepdims=True)
    top = np.where(np.isfinite(top), top, 0)
    total = np.log(np.sum(np.exp(x - top), axis=axis, keepdims=True)) + top
    return total.reshape(reduced(x.shape, axis=axis, keepdims=keepdims))


def _shares(y: Any, x: Any, axis: Axes) -> Any:
    return exp(x - restored(y, shape_of(x), axis))


logsumexp: Operator = tensor(
    "logsumexp", REDUCE, forward=_logsumexp, shape=reduced,
    vjp=lambda i, g, y, x, *, axis=None, keepdims=False: restored(g, shape_of(x), axis) * _shares(y, x, axis),
    jvp=lambda ts, y, x, *, axis=None, keepdims=False: sum_(_shares(y, x, axis) * ts[0], axis=axis, keepdims=keepdims),
    flops=lambda out, x, **_: 25 * prod(x) + 25 * prod(out), latex=r"\ln \textstyle\sum e^{{{0}}}",
    latex_partials=(r"G\,e^{{x - Y}}",), aliases=("reduce_logsumexp",),
    doc="A soft maximum: its gradient is the softmax, positive shares that sum to 1.",
    example="x = [1, 2, 3]\nlogsumexp(x)", sample=BLOCK, sample_attributes=MIDDLE,
    spell=Spelling(numpy="", torch="torch.logsumexp({0}, dim={axis}, keepdim={keepdims})",
                   jax="jax.scipy.special.logsumexp({0}, axis={axis}, keepdims={keepdims})",
                   tensorflow="tf.reduce_logsumexp({0}, axis={axis}, keepdims={keepdims})", onnx="ReduceLogSumExp"),
)  # fmt: skip
