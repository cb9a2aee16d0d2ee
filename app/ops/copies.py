"""Copies and rows: tile, repeat, roll, narrow, gather, diff, and products along an axis, most in terms of the rest."""

from math import inf
from typing import Any

import numpy as np

from app.diagnostics import fail
from app.ops.algebra import Shape, shape_of
from app.ops.indexing import index_add
from app.ops.operator import NOWHERE, Operator, Sample, Spelling, composed, tensor
from app.ops.shape import axis_of, free

MATRIX = (Sample(shape=(2, 3)),)

tile = composed(
    "tile", "x, /, *reps|multiples|repeats: shape",
    body="""def tile(x, reps):
    y = reshape(x, *[1 for i in range(len(reps) - len(x.shape))], *x.shape)
    for i in range(len(reps)):
        if reps[i] != 1:
            y = concat([y for k in range(reps[i])], axis=i - len(reps))
    return y""",
    aliases=("torch.repeat",), doc="Copies laid end to end along the axes; their gradients are summed.",
    example="x = [1, 2]\ntile(x, 3)", sample=MATRIX, sample_attributes={"reps": (2, 1, 2)},
)  # fmt: skip

repeat = composed(
    "repeat", "x, /, repeats: int, axis: axis = None",
    body="""def repeat(x, repeats, axis=None):
    h = reshape(x, -1) if axis is None else x
    a = 0 if axis is None else axis
    return take(h, [i // repeats for i in range(h.shape[a]*repeats)], axis=a)""",
    aliases=("repeat_interleave",), doc="Each element several times in a row; the gradients of its copies are summed.",
    example="x = [1, 2]\nrepeat(x, 2)", sample=MATRIX, sample_attributes={"repeats": 2, "axis": 1},
    within={"repeats": (0, inf)},
)  # fmt: skip

roll = composed(
    "roll", "x, /, shift|shifts: int, axis: axis = None",
    body="""def roll(x, shift, axis=None):
    h = reshape(x, -1) if axis is None else x
    a = 0 if axis is None else axis
    n = h.shape[a]
    y = take(h, [(i - shift) % n for i in range(n)], axis=a)
    return reshape(y, *x.shape) if axis is None else y""",
    doc="Shifted along an axis, the last coming first; the gradient is shifted back.",
    example="x = [1, 2, 3]\nroll(x, 1)",
    sample=MATRIX, sample_attributes={"shift": 1, "axis": 1},
)  # fmt: skip

narrow = composed(
    "narrow", "x, /, axis: axis, start: int, length: int",
    body="def narrow(x, axis, start, length):\n    return take(x, [start + i for i in range(length)], axis=axis)",
    doc="A stretch of an axis.", example="x = [1, 2, 3]\nnarrow(x, 0, 1, 2)", sample=MATRIX,
    sample_attributes={"axis": 1, "start": 1, "length": 2},
)  # fmt: skip

select_row = composed(
    "select_row", "x, /, axis: axis, index: int",
    body="def select_row(x, axis, index):\n    return squeeze(take(x, [index], axis=axis), axis)",
    sign="select", aliases=("torch.select",), doc="One row along an axis, which it then lacks.",
    example="x = [[1, 2], [3, 4]]\nselect_row(x, 1, 0)", sample=MATRIX, sample_attributes={"axis": 1, "index": 2},
)  # fmt: skip

diff = composed(
    "diff", "x, /, n: int = 1, axis: axis = -1",
    body="""def diff(x, n=1, axis=-1):
    y = x
    for k in range(n):
        m = y.shape[axis] - 1
        y = take(y, [i + 1 for i in range(m)], axis=axis) - take(y, [i for i in range(m)], axis=axis)
    return y""",
    within={"n": (0, inf)}, doc="What each element has more than the one before.",
    example="x = [1, 4, 9]\ndiff(x)", sample=MATRIX,
)  # fmt: skip

cumprod = composed(
    "cumprod", "x, /, axis: axis = 0",
    body="""def cumprod(x, axis=0):
    parts = [take(x, [0], axis=axis)]
    for i in range(1, x.shape[axis]):
        parts.append(parts[-1] * take(x, [i], axis=axis))
    return concat(parts, axis=axis)""",
    doc="Products of all up to here: each factor's gradient has all the others in it.",
    example="x = [1, 2, 3]\ncumprod(x)", sample=MATRIX, sample_attributes={"axis": 1},
)  # fmt: skip


def _places(x: Shape, indices: Any, axis: int) -> tuple[Any, ...]:
    """The index that picks along one axis and stays in place on the others. Errors: shape.mismatch, shape.index."""
    at = axis_of(x, axis)
    wanted = np.asarray(indices, dtype=np.intp)
    fits = wanted.ndim == len(x) and all(
        m <= n or i == at for i, (m, n) in enumerate(zip(wanted.shape, x, strict=True))
    )
    if not fits:
        raise fail(
            "shape.mismatch", f"the indices, of shape {wanted.shape}, must have as many axes as the tensor, of shape "
            f"{x}, and be no longer than it but along axis {axis}",
        )  # fmt: skip
    if wanted.size and not -x[at] <= int(wanted.min()) <= int(wanted.max()) < x[at]:
        raise fail("shape.index", f"indices along an axis of size {x[at]} run from 0 to {x[at] - 1}")
    rows: list[Any] = list(np.indices(wanted.shape))
    rows[at] = wanted
    return tuple(_listed(row.tolist()) for row in rows)


def _listed(values: Any) -> Any:
    return ("list", *map(_listed, values)) if isinstance(values, list) else values


def _along(x: Any, *, indices: Any, axis: int) -> Any:
    return np.take_along_axis(x, np.asarray(indices, dtype=np.intp), axis)


def _along_shape(x: Shape, *, indices: Any, axis: int) -> Shape:
    _places(x, indices, axis)
    return np.shape(indices)


take_along_axis: Operator = tensor(
    "take_along_axis", "x, /, indices|index: ints, axis: axis", forward=_along, shape=_along_shape, linear="jointly",
    vjp=lambda i, g, y, x, *, indices, axis: index_add(
        g, shape=shape_of(x), at=_places(shape_of(x), indices, axis)
    ),
    flops=free, sign="gather", latex=r"{0}[\,\cdot\,]", latex_partials=(r"\operatorname{{scatter}}(G)",),
    aliases=("take_along_dim",),
    doc="For each place one element along the axis, by its number. One that is picked twice gets both gradients.",
    example="x = [[1, 2], [3, 4]]\ntake_along_axis(x, [[1], [0]], 1)", sample=MATRIX,
    sample_attributes={"indices": ((2, 0), (1, 1)), "axis": 1}, spell=NOWHERE,
)  # fmt: skip

gather = composed(
    "gather", "x, /, axis: axis, index|indices: ints",
    body="def gather(x, axis, index):\n    return take_along_axis(x, index, axis=axis)",
    doc="For each place one element along the axis, by its number, as PyTorch writes it.",
    example="x = [[1, 2], [3, 4]]\ngather(x, 1, [[1], [0]])", sample=MATRIX,
    sample_attributes={"axis": 1, "index": ((2, 0), (1, 1))},
)  # fmt: skip


def _ordered(x: Any, *, axis: int = -1) -> Any:
    return np.argsort(x, axis, kind="stable").astype(np.result_type(x, np.float32))


def _order_shape(x: Shape, *, axis: int = -1) -> Shape:
    axis_of(x, axis)
    return x


argsort: Operator = tensor(
    "argsort", "x, /, axis: axis = -1", forward=_ordered,
    shape=_order_shape, flops=lambda out, *_, **__: 20 * int(np.prod(out, dtype=object)),
    latex=r"\operatorname{{argsort}}({0})", sample=MATRIX,
    doc="Where the elements are that come first, second and so on. A number of a place passes no gradient.",
    example="x = [3, 1, 2]\nsum(argsort(x)*x)", spell=Spelling(
        numpy="np.argsort({0}, {axis})", torch="torch.argsort({0}, dim={axis})", jax="jnp.argsort({0}, {axis})",
        tensorflow="tf.argsort({0}, {axis})", onnx=""),
)  # fmt: skip

sort = composed(
    "sort", "x, /, axis: axis = -1, descending: bool = False",
    body="""def sort(x, axis=-1, descending=False):
    h = swapaxes(x, axis, -1)
    order = argsort(-h if descending else h)
    picked = expand_dims(order, -1) == arange(h.shape[-1])
    return swapaxes(sum(where(picked, expand_dims(h, -2), 0), axis=-1), axis, -1)""",
    doc="In order. Each gradient goes back to where its element came from.", example="x = [3, 1, 2]\nsort(x)",
    sample=MATRIX,
)  # fmt: skip

median = composed(
    "median", "x, /, axis: axis = None",
    body="""def median(x, axis=None):
    h = reshape(x, -1) if axis is None else swapaxes(x, axis, -1)
    n = h.shape[-1]
    ordered = sort(h)
    return (ordered[..., (n - 1)//2] + ordered[..., n//2]) / 2""",
    doc="The middle one, or the mean of the middle two: only these get a gradient.", example="x = [3, 1, 2]\nmedian(x)",
    sample=MATRIX,
)  # fmt: skip
