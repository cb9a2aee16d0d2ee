"""Shapes: the same numbers in another arrangement. All are linear, and each gradient is the way back."""

from math import prod
from typing import Any

import numpy as np

from app.diagnostics import fail
from app.ops.algebra import Shape, shape_of
from app.ops.operator import Operator, Sample, Spelling, broadcast, tensor

Axes = int | tuple[int, ...] | None


def free(out: Shape, *shapes: Shape, **_: Any) -> int:
    """flop of what only moves numbers: one an element, for the copy."""
    return prod(out)


def axis_of(shape: Shape, axis: int) -> int:
    """The axis counted from 0. Errors: shape.axis."""
    rank = len(shape)
    if not -rank <= axis < rank:
        raise fail("shape.axis", f"there is no axis {axis}: the shape is {shape}")
    return axis % rank


def axes_of(shape: Shape, axis: Axes) -> tuple[int, ...]:
    """The axes counted from 0, in order; None is all of them. Errors: shape.axis."""
    if axis is None:
        return tuple(range(len(shape)))
    if isinstance(axis, int):
        return (axis_of(shape, axis),)
    axes = sorted(axis_of(shape, a) for a in axis)
    if len(set(axes)) < len(axes):
        raise fail("shape.axis", f"an axis stands twice in {axis}")
    return tuple(axes)


def flat(shape: Any) -> Shape:
    """A shape given as a number, as a tuple, or as a tuple in a tuple."""
    if isinstance(shape, int):
        return (shape,)
    return tuple(shape[0]) if len(shape) == 1 and isinstance(shape[0], tuple) else tuple(shape)


# ── reshape, and going back and forth by broadcasting ────────────────────────────────────────────────────────────────


def _reshaped(x: Shape, *, shape: Any) -> Shape:
    wanted, size = flat(shape), prod(x)
    known = prod(n for n in wanted if n != -1)
    if wanted.count(-1) > 1 or any(n < -1 for n in wanted):
        raise fail("shape.reshape", f"in the shape {wanted} one size at most may be -1, and none less")
    if -1 in wanted:
        if known == 0 or size % known:
            raise fail("shape.reshape", f"{size} elements, of shape {x}, do not fit {wanted}")
        return tuple(size // known if n == -1 else n for n in wanted)
    if known != size:
        raise fail("shape.reshape", f"shape {x} has {size} elements, and {wanted} would have {known}")
    return wanted


reshape: Operator = tensor(
    "reshape", "x, /, *shape: shape",
    forward=lambda x, *, shape: np.reshape(x, flat(shape)), shape=_reshaped, linear="jointly",
    vjp=lambda i, g, y, x, *, shape: reshape(g, shape=shape_of(x)), flops=free,
    latex=r"\operatorname{{reshape}}({0})", latex_partials=(r"\operatorname{{reshape}}(G)",), aliases=("view",),
    doc="The same numbers in another shape; so is the gradient.", example="x = [1, 2, 3, 4]\nreshape(x, 2, 2)",
    sample=(Sample(shape=(2, 6)),), sample_attributes={"shape": (3, -1)},
    spell=Spelling(numpy="np.reshape({0}, {shape})", torch="torch.reshape({0}, {shape})",
                   jax="jnp.reshape({0}, {shape})",
                   tensorflow="tf.reshape({0}, {shape})", onnx="Reshape"),
)  # fmt: skip


def _broadcast_shape(x: Shape, *, shape: Any) -> Shape:
    wanted = flat(shape)
    lead = len(wanted) - len(x)
    if lead >= 0:
        wanted = tuple(x[i - lead] if n == -1 and i >= lead else n for i, n in enumerate(wanted))
    spread = all(m in (1, n) for m, n in zip(reversed(x), reversed(wanted), strict=False))
    if lead < 0 or any(n < 0 for n in wanted) or not spread:
        raise fail("shape.broadcast", f"shape {x} does not broadcast to {wanted}")
    return wanted


broadcast_to: Operator = tensor(
    "broadcast_to", "x, /, *shape: shape",
    forward=lambda x, *, shape: np.broadcast_to(x, _broadcast_shape(np.shape(x), shape=shape)), shape=_broadcast_shape,
    linear="jointly", vjp=lambda i, g, y, x, *, shape: sum_to(g, shape=shape_of(x)), flops=free, sign="spread",
    latex=r"\operatorname{{broadcast}}({0})", latex_partials=(r"\textstyle\sum G",), aliases=("expand",),
    doc="Copies along new axes; the gradients of all copies are summed.",
    example="x = [1, 2, 3]\nbroadcast_to(x, (2, 3))", sample=(Sample(shape=(3, 1)),),
    sample_attributes={"shape": (2, 3, 4)},
    spell=Spelling(numpy="np.broadcast_to({0}, {shape})", torch="torch.broadcast_to({0}, {shape})",
                   jax="jnp.broadcast_to({0}, {shape})", tensorflow="tf.broadcast_to({0}, {shape})", onnx="Expand"),
)  # fmt: skip


def _summed_to(x: Any, *, shape: Shape) -> Any:
    have = np.shape(x)
    lead = len(have) - len(shape)
    axes = (*range(lead), *(lead + i for i, n in enumerate(shape) if n == 1 and have[lead + i] != 1))
    return np.sum(x, axis=axes, keepdims=True).reshape(shape) if axes else x


def _sum_to_shape(x: Shape, *, shape: Shape) -> Shape:
    if broadcast(x, shape) != x:
        raise fail("shape.broadcast", f"shape {shape} does not broadcast to {x}")
    return shape


sum_to: Operator = tensor(
    "sum_to", "x, /, shape: shape", forward=_summed_to, shape=_sum_to_shape, linear="jointly",
    vjp=lambda i, g, y, x, *, shape: broadcast_to(g, shape=shape_of(x)), sign="Σ",
    flops=lambda out, x, **_: prod(x), latex=r"\textstyle\sum {0}", latex_partials=(r"\operatorname{{broadcast}}(G)",),
    doc="Sums what broadcasting spread: the way back of broadcast_to.",
    example="x = [[1, 2], [3, 4]]\nsum_to(x, (2,))", sample=(Sample(shape=(2, 3, 4)),),
    sample_attributes={"shape": (3, 1)},
    spell=Spelling(numpy="", torch="{0}.sum_to_size({shape})", jax="", tensorflow="", onnx=""),
)  # fmt: skip


def fitted(g: Any, shape: Shape) -> Any:
    """`g` in `shape`, to which it broadcasts or that broadcasts to it: sums or spreads as needed."""
    have = shape_of(g)
    if have == shape:
        return g
    whole = broadcast(have, shape)
    spread = g if have == whole else broadcast_to(g, shape=whole)
    return spread if whole == shape else sum_to(spread, shape=shape)
