"""Axes in another order, more of them, fewer, turned round."""

from typing import Any

import numpy as np

from app.diagnostics import fail
from app.ops.algebra import Shape, shape_of
from app.ops.operator import Operator, Sample, Spelling, tensor
from app.ops.shape import Axes, axes_of, axis_of, flat, free, reshape


def _swapped(x: Shape, *, axis1: int, axis2: int) -> Shape:
    sizes = list(x)
    i, j = axis_of(x, axis1), axis_of(x, axis2)
    sizes[i], sizes[j] = sizes[j], sizes[i]
    return tuple(sizes)


swapaxes: Operator = tensor(
    "swapaxes", "x, /, axis1|dim0: axis, axis2|dim1: axis",
    forward=lambda x, *, axis1, axis2: np.swapaxes(x, axis1, axis2), shape=_swapped, linear="jointly",
    vjp=lambda i, g, y, x, *, axis1, axis2: swapaxes(g, axis1=axis1, axis2=axis2), flops=free, sign="swap",
    latex=r"{0}^\top", latex_partials=(r"G^\top",), aliases=("torch.transpose", "torch.swapdims"),
    doc="Two axes change places; in the gradient they change back.",
    example="x = [[1, 2], [3, 4]]\nswapaxes(x, 0, 1)", sample=(Sample(shape=(2, 3, 4)),),
    sample_attributes={"axis1": 0, "axis2": -1},
    spell=Spelling(numpy="np.swapaxes({0}, {axis1}, {axis2})", torch="torch.transpose({0}, {axis1}, {axis2})",
                   jax="jnp.swapaxes({0}, {axis1}, {axis2})", tensorflow="", onnx="Transpose"),
)  # fmt: skip


def _order(x: Shape, axes: Any) -> tuple[int, ...]:
    """A whole order of axes, counted from 0; none is the reverse. Errors: shape.axis."""
    wanted = flat(axes) if axes else ()
    if not wanted:
        return tuple(reversed(range(len(x))))
    order = tuple(axis_of(x, a) for a in wanted)
    if sorted(order) != list(range(len(x))):
        raise fail("shape.axis", f"an order of the {len(x)} axes of shape {x} names each once, and {wanted} does not")
    return order


def _transpose_vjp(i: int, g: Any, y: Any, x: Any, *, axes: Any = ()) -> Any:
    order = _order(shape_of(x), axes)
    return transpose(g, axes=tuple(order.index(a) for a in range(len(order))))


transpose: Operator = tensor(
    "transpose", "x, /, *axes|perm|dims: axes = ()",
    forward=lambda x, *, axes=(): np.transpose(x, _order(np.shape(x), axes)),
    shape=lambda x, *, axes=(): tuple(x[a] for a in _order(x, axes)), vjp=_transpose_vjp, linear="jointly",
    flops=free, sign="T", latex=r"{0}^\top", latex_partials=(r"G^\top",),
    aliases=("permute", "torch.t", "permute_dims"),
    doc="Axes in another order, reversed unless said; the gradient goes back the same way.",
    example="x = [[1, 2], [3, 4]]\ntranspose(x)", sample=(Sample(shape=(2, 3, 4)),),
    sample_attributes={"axes": (1, 2, 0)},
    spell=Spelling(numpy="", torch="", jax="", tensorflow="", onnx="Transpose"),
)  # fmt: skip


def _expanded(x: Shape, *, axis: Any) -> Shape:
    rank = len(x) + (1 if isinstance(axis, int) else len(axis))
    places = axes_of((1,) * rank, axis)
    sizes = iter(x)
    return tuple(1 if i in places else next(sizes) for i in range(rank))


expand_dims = tensor(
    "expand_dims", "x, /, axis: axes", forward=lambda x, *, axis: np.expand_dims(x, axis), shape=_expanded,
    vjp=lambda i, g, y, x, *, axis: reshape(g, shape=shape_of(x)), linear="jointly", flops=free, sign="+axis",
    latex=r"\operatorname{{expand}}({0})", latex_partials=(r"\operatorname{{squeeze}}(G)",), aliases=("unsqueeze",),
    doc="A new axis of size 1; the gradient loses it again.", example="x = [1, 2]\nexpand_dims(x, 0)",
    sample=(Sample(shape=(2, 3)),), sample_attributes={"axis": 1},
    spell=Spelling(numpy="np.expand_dims({0}, {axis})", torch="torch.unsqueeze({0}, {axis})",
                   jax="jnp.expand_dims({0}, {axis})", tensorflow="tf.expand_dims({0}, {axis})", onnx="Unsqueeze"),
)  # fmt: skip


def _squeezed(x: Shape, *, axis: Axes = None) -> Shape:
    axes = axes_of(x, axis)
    if axis is None:
        return tuple(n for n in x if n != 1)
    for a in axes:
        if x[a] != 1:
            raise fail("shape.axis", f"only an axis of size 1 can be squeezed out, and axis {a} of {x} has size {x[a]}")
    return tuple(n for i, n in enumerate(x) if i not in axes)


squeeze = tensor(
    "squeeze", "x, /, axis: axes = None", forward=lambda x, *, axis=None: np.squeeze(x, axis), shape=_squeezed,
    vjp=lambda i, g, y, x, *, axis=None: reshape(g, shape=shape_of(x)), linear="jointly", flops=free, sign="−axis",
    latex=r"\operatorname{{squeeze}}({0})", latex_partials=(r"\operatorname{{expand}}(G)",),
    doc="Axes of size 1 are left out; the gradient has them again.", example="x = [[1, 2]]\nsqueeze(x)",
    sample=(Sample(shape=(2, 1, 3)),), sample_attributes={"axis": 1},
    spell=Spelling(numpy="np.squeeze({0}, {axis})", torch="", jax="jnp.squeeze({0}, {axis})",
                   tensorflow="tf.squeeze({0}, {axis})", onnx="Squeeze"),
)  # fmt: skip


def _flip_shape(x: Shape, *, axis: Axes = None) -> Shape:
    axes_of(x, axis)
    return x


flip: Operator = tensor(
    "flip", "x, /, axis: axes = None", forward=lambda x, *, axis=None: np.flip(x, axis), shape=_flip_shape,
    vjp=lambda i, g, y, x, *, axis=None: flip(g, axis=axis), linear="jointly", flops=free,
    latex=r"\operatorname{{flip}}({0})", latex_partials=(r"\operatorname{{flip}}(G)",), aliases=("reverse",),
    doc="The order along axes is reversed, and so is the gradient's.", example="x = [1, 2, 3]\nflip(x)",
    sample=(Sample(shape=(2, 3)),), sample_attributes={"axis": 1},
    spell=Spelling(numpy="np.flip({0}, {axis})", torch="", jax="jnp.flip({0}, {axis})",
                   tensorflow="tf.reverse({0}, axis={axis})", onnx=""),
)  # fmt: skip
