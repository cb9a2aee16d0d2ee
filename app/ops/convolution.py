"""Convolution as PyTorch has it: (n, c, …) with weights (o, c/groups, …), by a channel-major im2col into one product.

With T(g, x, w) = ⟨g, x ∗ w⟩, linear in all three, the two gradients are ∂T/∂x and ∂T/∂w, operators of their own; and
each one's gradients are the other two again, so that derivatives of any order follow.
"""

from collections.abc import Iterator
from itertools import product
from math import prod
from typing import Any, NamedTuple

import numpy as np
from numpy.lib.stride_tricks import as_strided

from app.diagnostics import fail
from app.ops.algebra import Array, Shape, shape_of
from app.ops.operator import NOWHERE, Operator, Sample, Spelling, composed, tensor
from app.ops.reduction import sum_
from app.ops.shape import reshape

BLOCK = 1 << 21  # elements of the im2col matrix that are laid out at once
Ints = int | tuple[int, ...]


class Geometry(NamedTuple):
    """What slides over what, each by spatial axis; `padding` before and after."""

    kernel: tuple[int, ...]
    stride: tuple[int, ...]
    padding: tuple[tuple[int, int], ...]
    dilation: tuple[int, ...]
    out: tuple[int, ...]
    groups: int


def per_axis(value: Ints, rank: int, name: str, least: int = 1) -> tuple[int, ...]:
    """A number for each of `rank` spatial axes. Errors: call.arguments."""
    values = (value,) * rank if isinstance(value, int) else tuple(value) * (rank if len(value) == 1 else 1)
    if len(values) != rank or any(n < least for n in values):
        raise fail("call.arguments", f"`{name}` is a whole number of at least {least}, or one for each of {rank} axes")
    return values


def slid(sizes: Shape, kernel: Shape, stride: Shape, padding: tuple[tuple[int, int], ...], dilation: Shape) -> Shape:
    """How many places a window has along each axis. Errors: shape.mismatch."""
    out = []
    for size, k, s, (lo, hi), d in zip(sizes, kernel, stride, padding, dilation, strict=True):
        room = size + lo + hi - d * (k - 1) - 1
        if room < 0:
            raise fail("shape.mismatch", f"a window of {d * (k - 1) + 1} does not fit into an axis of {size + lo + hi}")
        out.append(room // s + 1)
    return tuple(out)


def geometry(
    x: Shape, w: Shape, *, stride: Ints = 1, padding: Ints | str = 0, dilation: Ints = 1, groups: int = 1
) -> Geometry:
    """Of an image (batched or not) and weights. Errors: shape.mismatch, call.arguments."""
    rank = len(w) - 2
    if len(x) not in (rank + 1, rank + 2):
        raise fail("shape.mismatch", f"weights of shape {w} slide over (n, c, …), and the image has shape {x}")
    channels = x[-rank - 1]
    if groups < 1:
        raise fail("call.arguments", f"`groups` must be at least 1, and this is {groups}")
    if channels != w[1] * groups or w[0] % groups:
        raise fail(
            "shape.mismatch",
            f"weights of shape {w} take {w[1] * groups} channels in {groups} groups, and the image of shape {x} has "
            f"{channels}",
        )
    kernel, sizes = w[2:], x[-rank:]
    strides, dilations = per_axis(stride, rank, "stride"), per_axis(dilation, rank, "dilation")
    if isinstance(padding, str):
        if padding.lower() not in ("same", "valid") or (padding.lower() == "same" and set(strides) != {1}):
            raise fail("call.arguments", "`padding` is a number, 'valid', or with a stride of 1 'same'")
        total = [d * (k - 1) if padding.lower() == "same" else 0 for d, k in zip(dilations, kernel, strict=True)]
        pads = tuple((n // 2, n - n // 2) for n in total)
    else:
        pads = tuple((n, n) for n in per_axis(padding, rank, "padding", 0))
    return Geometry(kernel, strides, pads, dilations, slid(sizes, kernel, strides, pads, dilations), groups)


# ── On arrays: images (n, c, …) padded, columns (groups, c/groups · kernel, n · out) ─────────────────────────────────


def _padded(x: Array, shape: Geometry) -> Array:
    if not any(map(any, shape.padding)):
        return x
    sizes = [size + lo + hi for size, (lo, hi) in zip(x.shape[2:], shape.padding, strict=True)]
    result = np.zeros((*x.shape[:2], *sizes), x.dtype)
    inside: Any = (..., *(slice(lo, lo + n) for n, (lo, _) in zip(x.shape[2:], shape.padding, strict=True)))
    result[inside] = x
    return result


def _parts(batch: int, rows: int, out: Shape) -> Iterator[tuple[slice, ...]]:
    """Slices of (n, *out) that cover it, each of at most BLOCK elements with `rows` each (or of one place)."""
    sizes = [batch, *out]
    step = list(sizes)
    while rows * prod(step) > BLOCK and max(step) > 1:
        widest = next((i for i, n in enumerate(step) if n > 1), 0)
        step[widest] = -(-step[widest] // 2)
    yield from product(
        *([slice(i, min(i + s, n)) for i in range(0, n, max(s, 1))] for n, s in zip(sizes, step, strict=True))
    )


def _columns(x: Array, shape: Geometry, part: tuple[slice, ...]) -> Array:
    """The windows at `part` of a padded image, as columns."""
    batch, *places = part
    strides, rank = x.strides, len(shape.kernel)
    x = x[batch]
    x = x[(slice(None), slice(None), *(slice(p.start * s, None) for p, s in zip(places, shape.stride, strict=True)))]
    counts = tuple(p.stop - p.start for p in places)
    windows = as_strided(
        x,
        (x.shape[1], *shape.kernel, x.shape[0], *counts),
        (
            strides[1],
            *(strides[2 + i] * shape.dilation[i] for i in range(rank)),
            strides[0],
            *(strides[2 + i] * shape.stride[i] for i in range(rank)),
        ),
        writeable=False,
    )
    return windows.reshape(shape.groups, x.shape[1] // shape.groups * prod(shape.kernel), -1)


def _flat(g: Array, part: tuple[slice, ...], groups: int) -> Array:
    """The result's gradient at `part` as (groups, o/groups, n · out)."""
    picked = g[(part[0], slice(None), *part[1:])]
    return np.moveaxis(picked, 1, 0).reshape(groups, g.shape[1] // groups, -1)


def _batched(x: Array, rank: int) -> Array:
    return x if x.ndim == rank + 2 else x[None]


def _forward(x: Array, w: Array, b: Array | None = None, **options: Any) -> Array:
    shape = geometry(x.shape, w.shape, **options)
    rank = len(shape.kernel)
    out = _slid(_batched(x, rank), w, shape)
    if b is not None:
        out += b.reshape(-1, *[1] * rank)
    return out if x.ndim == rank + 2 else out[0]


def _slid(x: Array, w: Array, shape: Geometry) -> Array:
    """The weights (o, c/groups, *kernel) at all places of the images (n, c, …): (n, o, *out)."""
    image = _padded(x, shape)
    n, o = image.shape[0], w.shape[0]
    weights = w.reshape(shape.groups, o // shape.groups, -1).transpose(0, 2, 1)
    out = np.empty((n, shape.groups, o // shape.groups, *shape.out), dtype=np.result_type(x, w))
    for part in _parts(n, image.shape[1] * prod(shape.kernel), shape.out):
        # Turned round: a narrow product is a quarter faster with its long side first.
        found = _columns(image, shape, part).transpose(0, 2, 1) @ weights
        counts = [p.stop - p.start for p in part]
        there: Any = (part[0], ..., *part[1:])
        out[there] = np.moveaxis(found.reshape(shape.groups, *counts, -1), (1, -1), (0, 2))
    return out.reshape(n, o, *shape.out)


def _turned(sizes: Shape, at: Geometry) -> Geometry | None:
    """With a stride of 1 the gradient to the image is a convolution too, of the weights turned round."""
    reach = [d * (k - 1) for d, k in zip(at.dilation, at.kernel, strict=True)]
    if set(at.stride) != {1} or any(max(pair) > r for pair, r in zip(at.padding, reach, strict=True)):
        return None
    padding = tuple((r - lo, r - hi) for r, (lo, hi) in zip(reach, at.padding, strict=True))
    return Geometry(at.kernel, at.stride, padding, at.dilation, sizes, at.groups)


def _opposite(w: Array, groups: int) -> Array:
    """Weights turned round in space, and from outputs to inputs: (c, o/groups, …)."""
    o, c, *kernel = w.shape
    turned = np.flip(w, tuple(range(2, w.ndim))).reshape(groups, o // groups, c, *kernel)
    return np.swapaxes(turned, 1, 2).reshape(groups * c, o // groups, *kernel)


def _input_forward(g: Array, w: Array, *, shape: Shape, **options: Any) -> Array:
    at = geometry(shape, w.shape, **options)
    rank = len(at.kernel)
    g = _batched(g, rank)
    turned = _turned(shape[-rank:], at)
    if turned is not None:
        back = _slid(g, _opposite(w, at.groups), turned)
        return back if len(shape) == rank + 2 else back[0]
    n, c = g.shape[0], w.shape[1] * at.groups
    sizes = tuple(size + lo + hi for size, (lo, hi) in zip(shape[-rank:], at.padding, strict=True))
    image = np.zeros((n, c, *sizes), dtype=np.result_type(g, w))
    weights = w.reshape(at.groups, w.shape[0] // at.groups, -1).transpose(0, 2, 1)
    for part in _parts(n, c * prod(at.kernel), at.out):
        counts = [p.stop - p.start for p in part]
        found = (weights @ _flat(g, part, at.groups)).reshape(c, *at.kernel, *counts)
        _scatter(image, found, at, part)
    inside = tuple(slice(lo, lo + size) for size, (lo, _) in zip(shape[-rank:], at.padding, strict=True))
    result = image[(slice(None), slice(None), *inside)]
    return result if len(shape) == rank + 2 else result[0]


def _scatter(image: Array, columns: Array, at: Geometry, part: tuple[slice, ...]) -> None:
    """Adds columns (c, *kernel, n, *out) to the places of the image that they came from."""
    batch, *places = part
    starts = [p.start * s for p, s in zip(places, at.stride, strict=True)]
    counts = [p.stop - p.start for p in places]
    here: Any
    there: Any
    if prod(at.kernel) <= prod(counts):
        for offset in product(*map(range, at.kernel)):
            first = [start + o * d for start, o, d in zip(starts, offset, at.dilation, strict=True)]
            where = [slice(f, f + (m - 1) * s + 1, s) for f, m, s in zip(first, counts, at.stride, strict=True)]
            here = (batch, slice(None), *where)
            there = (slice(None), *offset)
            image[here] += np.moveaxis(columns[there], 1, 0)
        return
    for place in product(*map(range, counts)):
        first = [start + p * s for start, p, s in zip(starts, place, at.stride, strict=True)]
        where = [slice(f, f + (k - 1) * d + 1, d) for f, k, d in zip(first, at.kernel, at.dilation, strict=True)]
        here = (batch, slice(None), *where)
        there = (..., *place)
        image[here] += np.moveaxis(columns[there], -1, 0)  # from (c, *kernel, n)


def _weight_forward(g: Array, x: Array, *, shape: Shape, **options: Any) -> Array:
    at = geometry(x.shape, shape, **options)
    rank = len(at.kernel)
    g, image = _batched(g, rank), _padded(_batched(x, rank), at)
    total = np.zeros((at.groups, prod(shape[1:]), shape[0] // at.groups), dtype=np.result_type(g, x))
    for part in _parts(g.shape[0], image.shape[1] * prod(at.kernel), at.out):
        total += _columns(image, at, part) @ _flat(g, part, at.groups).transpose(0, 2, 1)
    return np.ascontiguousarray(total.transpose(0, 2, 1)).reshape(shape)


# ── The operators ────────────────────────────────────────────────────────────────────────────────────────────────────

OPTIONS = "stride|strides: ints = 1, padding: any = 0, dilation: ints = 1, groups: int = 1"


def _rank(value: Any) -> int:
    return len(shape_of(value)) - 2


def _conv_shape(rank: int) -> Any:
    def shape(x: Shape, w: Shape, *bias: Shape, **options: Any) -> Shape:
        if len(w) != rank + 2:
            raise fail("shape.mismatch", f"conv{rank}d takes weights of {rank + 2} axes, and these have shape {w}")
        if bias and bias[0] != (w[0],):
            raise fail("shape.mismatch", f"weights of shape {w} take a bias of shape ({w[0]},), and it has {bias[0]}")
        return (*x[: -rank - 1], w[0], *geometry(x, w, **options).out)

    return shape


def _conv_vjp(i: int, g: Any, y: Any, x: Any, w: Any, *bias: Any, **options: Any) -> Any:
    if i == 0:
        return conv_input(g, w, shape=shape_of(x), **options)
    if i == 1:
        return conv_weight(g, x, shape=shape_of(w), **options)
    axes = range(len(shape_of(g)))
    return sum_(g, axis=tuple(a for a in axes if a != len(axes) - 1 - _rank(w)))


def _conv_jvp(ts: Any, y: Any, x: Any, w: Any, *bias: Any, **options: Any) -> Any:
    operator = {1: conv1d, 2: conv2d}[_rank(w)]
    parts = []
    if ts[0] is not None:
        parts.append(operator(ts[0], w, **options))
    if ts[1] is not None:
        parts.append(operator(x, ts[1], **options))
    if len(ts) > 2 and ts[2] is not None:
        column = reshape(ts[2], shape=(-1, *[1] * _rank(w)))
        parts.append(column + np.zeros(shape_of(y)))
    total = parts[0]
    for part in parts[1:]:
        total = total + part
    return total


def _conv_flops(out: Shape, x: Shape, w: Shape, *bias: Shape, **_: Any) -> int:
    return 2 * prod(out) * prod(w[1:]) + 2 * prod(out) + 2 * prod(x)


def _convolution(rank: int, image: Shape, weights: Shape, example: str) -> Operator:
    return tensor(
        f"conv{rank}d", f"x, w|weight|kernel, b|bias = None, /, {OPTIONS}", forward=_forward, shape=_conv_shape(rank),
        vjp=_conv_vjp, jvp=_conv_jvp, flops=_conv_flops, sign=f"conv{rank}d", latex=r"{0} \ast {1}",
        latex_partials=(r"G \star {1}", r"{0} \star G", r"\textstyle\sum G"),
        doc="One small set of weights slides over the image. Each weight gets the sum over all its places.",
        source=f"PyTorch: torch.nn.functional.conv{rank}d", example=example,
        sample=(Sample(shape=image), Sample(shape=weights), Sample(shape=weights[:1])),
        sample_attributes={"stride": 2, "padding": 1, "dilation": 1, "groups": 2},
        spell=Spelling(numpy="", jax="", tensorflow="", onnx="Conv",
                       torch=f"F.conv{rank}d({{args}}, stride={{stride}}, padding={{padding}}, dilation={{dilation}}, "
                             f"groups={{groups}})"),
    )  # fmt: skip


conv1d: Operator = _convolution(
    1, (2, 4, 7), (4, 2, 3), "x = [[[1, 2, 3, 4]]]\nw = [[[1, 0, -1]]]\nconv1d(x, w, padding=1)"
)
conv2d: Operator = _convolution(
    2, (2, 4, 5, 6), (4, 2, 3, 2), "x = randn(1, 1, 4, 4, seed=0)\nw = randn(2, 1, 3, 3, seed=1)\nconv2d(x, w)"
)


def _given_shape(*shapes: Shape, shape: Shape, **_: Any) -> Shape:
    return shape


def _input_vjp(i: int, u: Any, y: Any, g: Any, w: Any, *, shape: Shape, **options: Any) -> Any:
    if i == 0:
        return {1: conv1d, 2: conv2d}[_rank(w)](u, w, **options)
    return conv_weight(g, u, shape=shape_of(w), **options)


def _weight_vjp(i: int, v: Any, y: Any, g: Any, x: Any, *, shape: Shape, **options: Any) -> Any:
    if i == 0:
        return {1: conv1d, 2: conv2d}[len(shape) - 2](x, v, **options)
    return conv_input(g, v, shape=shape_of(x), **options)


def _adjoint(name: str, signature: str, forward: Any, vjp: Any, flops: Any, **rest: Any) -> Operator:
    return tensor(
        name, f"{signature}, /, shape: shape, {OPTIONS}", forward=forward, shape=_given_shape, vjp=vjp, linear="each",
        flops=flops, spell=NOWHERE,
        **rest,
    )  # fmt: skip


HOW = {"stride": 2, "padding": 1, "dilation": 1, "groups": 2}

conv_input: Operator = _adjoint(
    "conv_input", "g, w", _input_forward, _input_vjp,
    lambda out, g, w, **_: 2 * prod(g) * prod(w[1:]) * 2 + 2 * prod(out),
    sign="conv′", latex=r"{0} \star {1}", latex_partials=(r"G \ast {1}", r"G \star {0}"),
    doc="The gradient of a convolution to its image: each weight sends it back to where it looked.",
    example="g = [[[1, 2]]]\nw = [[[1, 0, -1]]]\nconv_input(g, w, (1, 1, 4))",
    sample=(Sample(shape=(2, 4, 3, 4)), Sample(shape=(4, 2, 3, 2))), sample_attributes={"shape": (2, 4, 5, 6), **HOW},
)  # fmt: skip

conv_weight: Operator = _adjoint(
    "conv_weight", "g, x", _weight_forward, _weight_vjp,
    lambda out, g, x, *, shape, **_: 2 * prod(g) * prod(shape[1:]) + 2 * prod(out) + 2 * prod(x),
    sign="conv′", latex=r"{1} \star {0}", latex_partials=(r"{1} \ast G", r"{0} \star G"),
    doc="The gradient of a convolution to its weights: a sum over all the places.",
    example="g = [[[1, 2]]]\nx = [[[1, 2, 3, 4]]]\nconv_weight(g, x, (1, 1, 3))",
    sample=(Sample(shape=(2, 4, 3, 4)), Sample(shape=(2, 4, 5, 6))), sample_attributes={"shape": (4, 2, 3, 2), **HOW},
)  # fmt: skip

conv_transpose2d = composed(
    "conv_transpose2d", "x, w|weight, b|bias = None, /, stride: int = 1, padding: int = 0",
    body="""def conv_transpose2d(x, w, b=None, stride=1, padding=0):
    height = (x.shape[-2] - 1)*stride - 2*padding + w.shape[-2]
    width = (x.shape[-1] - 1)*stride - 2*padding + w.shape[-1]
    y = conv_input(x, w, [x.shape[0], w.shape[1], height, width], stride=stride, padding=padding)
    return y if b is None else y + reshape(b, [-1, 1, 1])""",
    doc="A convolution the other way: each place sends its weights out.",
    source="PyTorch: torch.nn.functional.conv_transpose2d",
    example="x = [[[[1, 2], [3, 4]]]]\nw = [[[[1, 0], [0, 1]]]]\nconv_transpose2d(x, w, stride=2)",
    sample=(Sample(shape=(2, 3, 2, 3)), Sample(shape=(3, 2, 3, 3)), Sample(shape=(2,))),
    sample_attributes={"stride": 2, "padding": 1},
    spell=Spelling(numpy="", torch="F.conv_transpose2d({args}, stride={stride}, padding={padding})", jax="",
                   tensorflow="", onnx=""),
)  # fmt: skip
