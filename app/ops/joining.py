"""Tensors joined, padded, and picked from: concat, stack, pad, take, one_hot."""

from math import prod
from typing import Any

import numpy as np

from app.diagnostics import fail
from app.ops.algebra import Shape, Static, shape_of
from app.ops.indexing import index, index_add, indexed, numpy_index
from app.ops.operator import NOWHERE, Operator, Sample, Spelling, maker, tensor
from app.ops.shape import axis_of, free, reshape

ALL = ("slice", None, None, None)
PAIR = (Sample(shape=(2, 3)), Sample(shape=(2, 3)))


def _concat_shape(*xs: Shape, axis: int = 0) -> Shape:
    if not xs:
        raise fail("call.arguments", "nothing to join: the list is empty")
    first = xs[0]
    if not first:
        raise fail("shape.mismatch", "numbers have no axis to be joined along; `stack` makes one")
    at = axis_of(first, axis)
    for x in xs[1:]:
        if len(x) != len(first) or any(m != n for i, (m, n) in enumerate(zip(first, x, strict=True)) if i != at):
            raise fail("shape.mismatch", f"joined along axis {axis}, {first} and {x} must agree in all other axes")
    return (*first[:at], sum(x[at] for x in xs), *first[at + 1 :])


def _concat_vjp(i: int, g: Any, y: Any, *xs: Any, axis: int = 0) -> Any:
    shapes = [shape_of(x) for x in xs]
    at = axis_of(shapes[0], axis)
    start = sum(s[at] for s in shapes[:i])
    return index(g, at=(*[ALL] * at, ("slice", start, start + shapes[i][at], None)))


def _concat_vjps(g: Any, y: Any, *xs: Any, axis: int = 0) -> list[Any]:
    at, start, parts = axis_of(shape_of(y), axis), 0, []
    for x in xs:
        stop = start + shape_of(x)[at]
        parts.append(index(g, at=(*[ALL] * at, ("slice", start, stop, None))))
        start = stop
    return parts


concat: Operator = tensor(
    "concat", "[xs|tensors|values|arrays], /, axis: axis = 0", forward=lambda *xs,
    axis=0: np.concatenate(xs, axis=axis),
    shape=_concat_shape, vjp=_concat_vjp, vjps=_concat_vjps, linear="jointly", flops=free, latex=r"\left[{args}\right]",
    latex_partials=(r"G_{{\text{{part}}}}",), aliases=("concatenate", "cat"),
    doc="Joined end to end; each part gets its own part of the gradient back.",
    example="x = [1, 2]\ny = [3]\nconcat([x, y])", sample=PAIR, sample_attributes={"axis": 1},
    spell=Spelling(numpy="np.concatenate([{args}], axis={axis})", torch="torch.cat([{args}], dim={axis})",
                   jax="jnp.concatenate([{args}], axis={axis})", tensorflow="tf.concat([{args}], axis={axis})",
                   onnx="Concat"),
)  # fmt: skip


def _stack_shape(*xs: Shape, axis: int = 0) -> Shape:
    if not xs:
        raise fail("call.arguments", "nothing to stack: the list is empty")
    for x in xs:
        if x != xs[0]:
            raise fail("shape.mismatch", f"to be stacked, shapes {xs[0]} and {x} must be equal")
    at = axis_of((*xs[0], 1), axis)
    return (*xs[0][:at], len(xs), *xs[0][at:])


def _stack_vjp(i: int, g: Any, y: Any, *xs: Any, axis: int = 0) -> Any:
    at = axis_of(shape_of(y), axis)
    return index(g, at=(*[ALL] * at, i))


def _stack_vjps(g: Any, y: Any, *xs: Any, axis: int = 0) -> list[Any]:
    at = axis_of(shape_of(y), axis)
    return [index(g, at=(*[ALL] * at, i)) for i in range(len(xs))]


stack: Operator = tensor(
    "stack", "[xs|tensors|values|arrays], /, axis: axis = 0", forward=lambda *xs, axis=0: np.stack(xs, axis=axis),
    shape=_stack_shape, vjp=_stack_vjp, vjps=_stack_vjps, linear="jointly", flops=free, latex=r"\left[{args}\right]",
    latex_partials=(r"G_i",), doc="Laid side by side along a new axis; each gets its own slice of the gradient.",
    aliases=("pack",), example="stack([x, y])", sample=PAIR, sample_attributes={"axis": -1},
    spell=Spelling(numpy="np.stack([{args}], axis={axis})", torch="torch.stack([{args}], dim={axis})",
                   jax="jnp.stack([{args}], axis={axis})", tensorflow="tf.stack([{args}], axis={axis})", onnx=""),
)  # fmt: skip


def widths(shape: Shape, width: Any) -> tuple[tuple[int, int], ...]:
    """NumPy's pad_width as a pair for each axis: a number, a pair, or pairs. Errors: shape.axis."""
    if isinstance(width, int):
        pairs = ((width, width),) * len(shape)
    elif width and isinstance(width[0], int):
        pairs = ((width[0], width[-1]),) * len(shape)
    else:
        pairs = tuple((p, p) if isinstance(p, int) else (p[0], p[-1]) for p in width)
        pairs = pairs * len(shape) if len(pairs) == 1 else pairs
    return _checked_widths(shape, pairs, width)


def _checked_widths(shape: Shape, pairs: tuple[tuple[int, int], ...], width: Static) -> tuple[tuple[int, int], ...]:
    if len(pairs) != len(shape):
        raise fail("shape.axis", f"{len(pairs)} pairs of widths do not fit the {len(shape)} axes of shape {shape}")
    if any(n < 0 for pair in pairs for n in pair):
        raise fail("shape.mismatch", f"a width of padding cannot be negative: {width}")
    return pairs


def _last_widths(shape: Shape, width: Any) -> tuple[tuple[int, int], ...]:
    """PyTorch's order: pairs from the last axis on."""
    width = (width,) * 2 if isinstance(width, int) else width
    pairs = tuple(zip(width[::2], width[1::2], strict=False))
    return _checked_widths(shape, ((0, 0),) * (len(shape) - len(pairs)) + pairs[::-1], width)


def _padding(name: str, signature: str, pairs_of: Any, example: str, **rest: Any) -> Operator:
    def shape(x: Shape, *, width: Any, value: float = 0.0) -> Shape:
        return tuple(n + a + b for n, (a, b) in zip(x, pairs_of(x, width), strict=True))

    def forward(x: Any, *, width: Any, value: float = 0.0) -> Any:
        return np.pad(x, pairs_of(np.shape(x), width), constant_values=value)

    def vjp(i: int, g: Any, y: Any, x: Any, *, width: Any, value: float = 0.0) -> Any:
        inside = zip(shape_of(x), pairs_of(shape_of(x), width), strict=True)
        return index(g, at=tuple(("slice", a, a + n, None) for n, (a, _) in inside))

    def jvp(ts: Any, y: Any, x: Any, *, width: Any, value: float = 0.0) -> Any:
        return pad(ts[0], width=pairs_of(shape_of(x), width))

    return tensor(
        name, signature, forward=forward, shape=shape, vjp=vjp, jvp=jvp, flops=free, sign="pad",
        latex=r"\operatorname{{pad}}({0})", latex_partials=(r"G_{{\text{{inside}}}}",), example=example,
        sample=(Sample(shape=(2, 3)),), **rest,
    )  # fmt: skip


pad: Operator = _padding(
    "pad", "x, /, width|pad_width|paddings: any, value|constant_values: float = 0.0, mode: str = 'constant'", widths,
    "x = [1, 2]\npad(x, 1)",
    doc="A border of constants; the gradient of the border is dropped.", sample_attributes={"width": ((1, 0), (0, 2))},
    variants={"mode": {"constant": "pad", "CONSTANT": "pad"}},
    spell=Spelling(numpy="np.pad({0}, {width}, constant_values={value})", torch="",
                   jax="jnp.pad({0}, {width}, constant_values={value})",
                   tensorflow="tf.pad({0}, {width}, constant_values={value})",
                   onnx=""),
)  # fmt: skip

pad_last: Operator = _padding(
    "pad_last", "x, /, width|pad: ints, mode: str = 'constant', value: float = 0.0", _last_widths,
    "x = [1, 2]\npad_last(x, (1, 1))",
    doc="A border of constants, its widths in pairs from the last axis on, as PyTorch has them.",
    aliases=("torch.pad",),
    variants={"mode": {"constant": "pad_last"}}, sample_attributes={"width": (0, 2, 1, 0)},
    spell=Spelling(numpy="", torch="F.pad({0}, {width}, value={value})", jax="", tensorflow="", onnx=""),
)  # fmt: skip


def _list(indices: Any) -> Any:
    """Indices as the item of an index: 2, or ("list", 0, 2), nested where they are."""
    return ("list", *map(_list, indices)) if isinstance(indices, tuple) else indices


def _take_index(x: Shape, indices: Any, axis: int | None) -> Any:
    return (_list(indices),) if axis is None else (*[ALL] * axis_of(x, axis), _list(indices))


def _take_shape(x: Shape, *, indices: Any, axis: int | None = 0) -> Shape:
    source = (prod(x),) if axis is None else x
    return indexed(source, at=_take_index(x, indices, axis))


def _take(x: Any, *, indices: Any, axis: int | None = 0) -> Any:
    return (np.ravel(x) if axis is None else x)[numpy_index(_take_index(np.shape(x), indices, axis))]


def _take_vjp(i: int, g: Any, y: Any, x: Any, *, indices: Any, axis: int | None = 0) -> Any:
    shape = shape_of(x)
    back = index_add(g, shape=(prod(shape),) if axis is None else shape, at=_take_index(shape, indices, axis))
    return reshape(back, shape=shape) if axis is None else back


take: Operator = tensor(
    "take", "x|params, /, indices|index: ints, axis: axis = 0", forward=_take, shape=_take_shape, vjp=_take_vjp,
    linear="jointly", flops=free, latex=r"{0}[\,\cdot\,]", latex_partials=(r"\operatorname{{scatter}}(G)",),
    aliases=("tensorflow.gather", "tensorflow.embedding_lookup", "torch.index_select"),
    defaults={"numpy": {"axis": None}, "jax": {"axis": None}},
    doc="Rows picked by their numbers. A row picked twice gets both gradients, one that was not gets 0.",
    example="x = [1, 2, 3]\ntake(x, [0, 2, 2])", sample=(Sample(shape=(3, 4)),),
    sample_attributes={"indices": (2, 0, 2), "axis": 0},
    spell=Spelling(numpy="np.take({0}, {indices}, axis={axis})", jax="jnp.take({0}, jnp.array({indices}), axis={axis})",
                   torch="", tensorflow="tf.gather({0}, {indices}, axis={axis})", onnx="Gather"),
)  # fmt: skip


def _picked(x: Shape, labels: Any) -> Any:
    """The index of one element along the last axis for each row; one label for a vector."""
    if not x:
        raise fail("shape.index", "a number has no classes to pick from")
    if np.size(labels) and not 0 <= np.min(labels) <= np.max(labels) < x[-1]:
        low, high = np.min(labels), np.max(labels)
        raise fail("shape.index", f"labels run from 0 to {x[-1] - 1}, and {low if low < 0 else high} is none of them")
    if isinstance(labels, int):
        return (*[ALL] * (len(x) - 1), labels)
    if np.shape(labels) != x[:-1]:
        raise fail("shape.mismatch", f"shape {x} needs labels of shape {x[:-1]}, and these have {np.shape(labels)}")
    rows = np.indices(x[:-1])
    return (*(_list(_tuple(r.tolist())) for r in rows), _list(labels))


def _tuple(values: Any) -> Any:
    return tuple(map(_tuple, values)) if isinstance(values, list) else values


pick: Operator = tensor(
    "pick", "x, /, labels: ints", forward=lambda x, *, labels: x[numpy_index(_picked(np.shape(x), labels))],
    shape=lambda x, *, labels: indexed(x, at=_picked(x, labels)), linear="jointly", flops=free,
    vjp=lambda i, g, y, x, *, labels: index_add(g, shape=shape_of(x), at=_picked(shape_of(x), labels)),
    latex=r"{0}_{{\text{{label}}}}", latex_partials=(r"\operatorname{{scatter}}(G)",),
    doc="For each row the element of its label. Only that one gets a gradient.",
    example="x = [[1, 2], [3, 4]]\npick(x, [0, 1])", sample=(Sample(shape=(2, 3)),),
    sample_attributes={"labels": (2, 0)},
    spell=NOWHERE,
)  # fmt: skip


def _one_hot_shape(*, indices: Any, n: int = -1) -> Shape:
    labels = np.asarray(indices, dtype=np.intp)
    classes = int(labels.max(initial=-1)) + 1 if n == -1 else n
    if labels.size and not 0 <= int(labels.min()) <= int(labels.max()) < classes:
        raise fail("shape.index", f"labels run from 0 to {classes - 1}, these from {labels.min()} to {labels.max()}")
    return (*labels.shape, classes)


def _one_hot(*, indices: Any, n: int = -1) -> Any:
    return np.eye(_one_hot_shape(indices=indices, n=n)[-1])[np.asarray(indices, dtype=np.intp)]


one_hot: Operator = maker(
    "one_hot", "indices|x|input: ints, n|num_classes|depth: int = -1", forward=_one_hot, shape=_one_hot_shape,
    doc="A row of zeros with a single 1 at each label.", example="sum(one_hot([0, 2], 3)*x)",
    sample_attributes={"indices": (0, 2), "n": 3},
    spell=Spelling(numpy="", jax="jax.nn.one_hot(jnp.array({indices}), {n})",
                   torch="F.one_hot(torch.tensor({indices}), {n})", tensorflow="tf.one_hot({indices}, {n})", onnx=""),
)  # fmt: skip
