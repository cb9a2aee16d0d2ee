"""Reductions: sums and means along axes."""

from math import prod
from typing import Any

import numpy as np

from app.ops.algebra import Shape, shape_of
from app.ops.operator import Sample, Spelling, tensor
from app.ops.shape import Axes, axes_of, broadcast_to, reshape

REDUCE = "x, /, axis: axes = None, keepdims: bool = False"
MATRIX = (Sample(shape=(2, 3, 4)),)
MIDDLE = {"axis": 1, "keepdims": False}


def reduced(x: Shape, *, axis: Axes = None, keepdims: bool = False, **_: Any) -> Shape:
    """The shape that a reduction leaves. Errors: shape.axis."""
    axes = axes_of(x, axis)
    return tuple(1 if i in axes else n for i, n in enumerate(x) if keepdims or i not in axes)


def count(x: Shape, axis: Axes) -> int:
    """How many elements each result is made of."""
    return prod(x[i] for i in axes_of(x, axis))


def restored(g: Any, shape: Shape, axis: Axes) -> Any:
    """`g` with the reduced axes back as 1, so that it broadcasts against `shape`."""
    kept = reduced(shape, axis=axis, keepdims=True)
    return g if shape_of(g) == kept else reshape(g, shape=kept)


def spread(g: Any, shape: Shape, axis: Axes) -> Any:
    """`g` copied along the reduced axes."""
    back = restored(g, shape, axis)
    return back if shape_of(back) == shape else broadcast_to(back, shape=shape)




def _spelt(name: str, torch: str | None = None, tensorflow: str | None = None, onnx: str = "") -> Spelling:
    return Spelling(
        numpy=f"np.{name}({{0}}, axis={{axis}}, keepdims={{keepdims}})",
        torch=f"torch.{torch or name}({{0}}, dim={{axis}}, keepdim={{keepdims}})",
        jax=f"jnp.{name}({{0}}, axis={{axis}}, keepdims={{keepdims}})",
        tensorflow=f"tf.{tensorflow or 'reduce_' + name}({{0}}, axis={{axis}}, keepdims={{keepdims}})",
        onnx=onnx,
    )


sum_ = tensor(
    "sum", REDUCE, forward=lambda x, *, axis=None, keepdims=False: np.sum(x, axis=axis, keepdims=keepdims),
    shape=reduced, vjp=lambda i, g, y, x, *, axis=None, keepdims=False: spread(g, shape_of(x), axis), linear="jointly",
    flops=lambda out, x, **_: prod(x), sign="Σ", latex=r"\textstyle\sum {0}", latex_partials=(r"\mathbf{{1}}\,G",),
    aliases=("reduce_sum",), doc="A sum copies its gradient to every element.", example="x = [1, 2, 3]\nsum(x)",
    sample=MATRIX, sample_attributes=MIDDLE, spell=_spelt("sum", onnx="ReduceSum"),
)  # fmt: skip


def _mean_vjp(i: int, g: Any, y: Any, x: Any, *, axis: Axes = None, keepdims: bool = False) -> Any:
    return spread(g / float(count(shape_of(x), axis)), shape_of(x), axis)


mean = tensor(
    "mean", REDUCE, forward=lambda x, *, axis=None, keepdims=False: np.mean(x, axis=axis, keepdims=keepdims),
    shape=reduced, vjp=_mean_vjp, linear="jointly",
    flops=lambda out, x, **_: prod(x) + prod(out), sign="mean", latex=r"\operatorname{{mean}}({0})",
    latex_partials=(r"\tfrac{{1}}{{n}}\,\mathbf{{1}}\,G",), aliases=("reduce_mean", "average"),
    doc="A mean shares its gradient: each of n elements gets an n-th.", example="x = [1, 2, 3]\nmean(x)", sample=MATRIX,
    sample_attributes=MIDDLE, spell=_spelt("mean", onnx="ReduceMean"),
)  # fmt: skip
