"""Reductions along axes: sums, means, products, running sums."""

from math import prod
from typing import Any

import numpy as np

from app.ops.algebra import Array, Shape, shape_of
from app.ops.arithmetic import div
from app.ops.operator import NOWHERE, Operator, Sample, Spelling, tensor
from app.ops.order import expand_dims, flip, transpose
from app.ops.selection import where
from app.ops.shape import Axes, axes_of, axis_of, broadcast_to, reshape

REDUCE = "x, /, axis: axes = None, keepdims: bool = False"
BLOCK = (Sample(shape=(2, 3, 4)),)
MIDDLE = {"axis": 1, "keepdims": False}


def reduced(x: Shape, *, axis: Axes = None, keepdims: bool = False, **_: Any) -> Shape:
    """The shape that a reduction leaves. Errors: shape.axis."""
    axes = axes_of(x, axis)
    return tuple(1 if i in axes else n for i, n in enumerate(x) if keepdims or i not in axes)


def count(x: Shape, axis: Axes) -> int:
    """How many elements each result is made of."""
    return prod(x[i] for i in axes_of(x, axis))


def restored(g: Any, shape: Shape, axis: Axes) -> Any:
    """`g` with the reduced axes back as 1, so that it broadcasts against `shape`; a number does as it is."""
    kept = reduced(shape, axis=axis, keepdims=True)
    return g if shape_of(g) in (kept, ()) else reshape(g, shape=kept)


def spread(g: Any, shape: Shape, axis: Axes) -> Any:
    """`g` copied along the reduced axes."""
    back = restored(g, shape, axis)
    return back if shape_of(back) == shape else broadcast_to(back, shape=shape)


def spelt(name: str, torch: str | None = None, tensorflow: str | None = None, onnx: str = "") -> Spelling:
    return Spelling(
        numpy=f"np.{name}({{0}}, axis={{axis}}, keepdims={{keepdims}})",
        torch=f"torch.{torch or name}({{0}}, dim={{axis}}, keepdim={{keepdims}})",
        jax=f"jnp.{name}({{0}}, axis={{axis}}, keepdims={{keepdims}})",
        tensorflow=f"tf.{tensorflow or 'reduce_' + name}({{0}}, axis={{axis}}, keepdims={{keepdims}})",
        onnx=onnx,
    )


sum_: Operator = tensor(
    "sum", REDUCE, forward=lambda x, *, axis=None, keepdims=False: np.sum(x, axis=axis, keepdims=keepdims),
    shape=reduced, vjp=lambda i, g, y, x, *, axis=None, keepdims=False: spread(g, shape_of(x), axis), linear="jointly",
    flops=lambda out, x, **_: prod(x), sign="Σ", latex=r"\textstyle\sum {0}", latex_partials=(r"\mathbf{{1}}\,G",),
    aliases=("reduce_sum",), doc="A sum copies its gradient to every element.", example="x = [1, 2, 3]\nsum(x)",
    sample=BLOCK, sample_attributes=MIDDLE, spell=spelt("sum", onnx="ReduceSum"),
)  # fmt: skip


def _mean(x: Any, *, axis: Axes = None, keepdims: bool = False) -> Any:
    return np.divide(np.sum(x, axis=axis, keepdims=keepdims), count(np.shape(x), axis))


def _mean_vjp(i: int, g: Any, y: Any, x: Any, *, axis: Axes = None, keepdims: bool = False) -> Any:
    return spread(div(g, float(count(shape_of(x), axis))), shape_of(x), axis)


mean: Operator = tensor(
    "mean", REDUCE, forward=_mean, shape=reduced, vjp=_mean_vjp, linear="jointly",
    flops=lambda out, x, **_: prod(x) + prod(out), latex=r"\operatorname{{mean}}({0})",
    latex_partials=(r"\tfrac{{1}}{{n}}\,\mathbf{{1}}\,G",), aliases=("reduce_mean",),
    doc="A mean shares its gradient: each of n elements gets an n-th.", example="x = [1, 2, 3]\nmean(x)", sample=BLOCK,
    sample_attributes=MIDDLE, spell=spelt("mean", onnx="ReduceMean"),
)  # fmt: skip

# ── Products ─────────────────────────────────────────────────────────────────────────────────────────────────────────


def _prod_vjp(i: int, g: Any, y: Any, x: Any, *, axis: Axes = None, keepdims: bool = False) -> Any:
    return restored(g, shape_of(x), axis) * others(x, axis=axis)


def _prod_jvp(ts: Any, y: Any, x: Any, *, axis: Axes = None, keepdims: bool = False) -> Any:
    return sum_(ts[0] * others(x, axis=axis), axis=axis, keepdims=keepdims)


prod_: Operator = tensor(
    "prod", REDUCE, forward=lambda x, *, axis=None, keepdims=False: np.prod(x, axis=axis, keepdims=keepdims),
    shape=reduced, vjp=_prod_vjp, jvp=_prod_jvp, flops=lambda out, x, **_: prod(x), sign="∏",
    latex=r"\textstyle\prod {0}", latex_partials=(r"G \textstyle\prod_{{j \ne i}} x_j",), aliases=("reduce_prod",),
    doc="A product of many: each element's gradient is multiplied by all the others, so one zero silences the rest.",
    example="x = [1, 2, 3]\nprod(x)", sample=BLOCK, sample_attributes=MIDDLE, spell=spelt("prod", onnx="ReduceProd"),
)  # fmt: skip


def _rows(x: Any, axis: Axes) -> tuple[Any, tuple[int, ...], Shape]:
    """`x` with the reduced axes last and as one, the order of axes that did it, and the shape before they were one."""
    axes = axes_of(shape_of(x), axis)
    order = (*(i for i in range(len(shape_of(x))) if i not in axes), *axes)
    moved = transpose(x, axes=order) if order != tuple(range(len(order))) else x
    shape = shape_of(moved)
    kept = len(order) - len(axes)
    return reshape(moved, shape=(*shape[:kept], prod(shape[kept:]))), order, shape


def _others(x: Any, *, axis: Axes = None) -> Any:
    rows, order, shape = _rows(np.asarray(x), axis)
    before = np.ones_like(rows)
    after = np.ones_like(rows)
    np.cumprod(rows[..., :-1], axis=-1, out=before[..., 1:])
    np.cumprod(rows[..., :0:-1], axis=-1, out=after[..., -2::-1])
    return np.transpose((before * after).reshape(shape), np.argsort(order))


def _others_vjp(i: int, g: Any, y: Any, x: Any, *, axis: Axes = None) -> Any:
    # others = the product of a row in which its own place is 1: quadratic in the row, and right where there are zeros.
    rows, order, shape = _rows(x, axis)
    n = shape_of(rows)[-1]
    back = reshape(_rows(g, axis)[0], shape=(*shape_of(rows), 1))
    own: Array = np.eye(n)
    table = where(own, 1.0, expand_dims(rows, axis=-2))
    part = sum_(back * where(own, 0.0, others(table, axis=-1)), axis=-2)
    return transpose(reshape(part, shape=shape), axes=tuple(order.index(a) for a in range(len(order))))


def _others_jvp(ts: Any, y: Any, x: Any, *, axis: Axes = None) -> Any:
    return _others_vjp(0, ts[0], y, x, axis=axis)  # its Jacobian is symmetric


others: Operator = tensor(
    "prod_others", "x, /, axis: axes = None", forward=_others,
    shape=lambda x, *, axis=None: (axes_of(x, axis), x)[1], vjp=_others_vjp, jvp=_others_jvp,
    flops=lambda out, x, **_: 3 * prod(x), sign="∏≠", latex=r"\textstyle\prod_{{j \ne i}} {0}",
    latex_partials=(r"\textstyle\sum_k G_k \prod_{{j \ne i, k}} x_j",),
    doc="For each element the product of all the others: the slope of a product.",
    example="x = [1, 2, 3]\nprod_others(x)", sample=BLOCK, sample_attributes={"axis": 1},
    spell=NOWHERE,
)  # fmt: skip

# ── Running sums ─────────────────────────────────────────────────────────────────────────────────────────────────────


def _cumsum_shape(x: Shape, *, axis: int | None = 0) -> Shape:
    if axis is None:
        return (prod(x),)
    axis_of(x, axis)
    return x


def _cumsum_vjp(i: int, g: Any, y: Any, x: Any, *, axis: int | None = 0) -> Any:
    back = flip(cumsum(flip(g, axis=axis), axis=axis), axis=axis)
    return reshape(back, shape=shape_of(x)) if axis is None else back


cumsum: Operator = tensor(
    "cumsum", "x, /, axis: axis = 0", forward=lambda x, *, axis=0: np.cumsum(x, axis=axis), shape=_cumsum_shape,
    vjp=_cumsum_vjp, linear="jointly", flops=lambda out, x, **_: prod(x), latex=r"\operatorname{{cumsum}}({0})",
    latex_partials=(r"\textstyle\sum_{{j \ge i}} G_j",), defaults={"numpy": {"axis": None}, "jax": {"axis": None}},
    doc="Running sums: an element is in every later sum, so it gets the gradients of all of them.",
    example="x = [1, 2, 3]\ncumsum(x)", sample=BLOCK, sample_attributes={"axis": 1},
    spell=Spelling(torch="torch.cumsum({0}, dim={axis})", tensorflow="tf.cumsum({0}, axis={axis})", onnx="CumSum"),
)  # fmt: skip
