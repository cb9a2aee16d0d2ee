"""Pooling as PyTorch has it: the largest, or the mean, of each window of the last two axes."""

from collections.abc import Iterator
from itertools import product
from math import inf, prod
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from app.diagnostics import fail
from app.ops.algebra import Array, Shape, shape_of
from app.ops.convolution import Ints, per_axis, slid
from app.ops.operator import NOWHERE, Convention, Operator, Sample, Spelling, tensor

Places = NDArray[np.intp]
POOL = "size|kernel_size|ksize: ints, stride|strides: ints = None, padding: ints = 0"


class Windows(NamedTuple):
    size: tuple[int, ...]
    stride: tuple[int, ...]
    padding: tuple[tuple[int, int], ...]
    out: tuple[int, ...]


def windows(x: Shape, *, size: Ints, stride: Ints | None = None, padding: Ints = 0) -> Windows:
    """Of an image (…, h, w). Errors: shape.mismatch, call.arguments."""
    if len(x) not in (3, 4):
        raise fail("shape.mismatch", f"pooling takes (n, c, h, w) or (c, h, w), and this has shape {x}")
    kernel = per_axis(size, 2, "size")
    strides = kernel if stride is None else per_axis(stride, 2, "stride")
    pads = per_axis(padding, 2, "padding", 0)
    if any(2 * p > k for p, k in zip(pads, kernel, strict=True)):
        raise fail("call.arguments", "`padding` is at most half of a window")
    pairs = tuple((p, p) for p in pads)
    return Windows(kernel, strides, pairs, slid(x[-2:], kernel, strides, pairs, (1, 1)))


def _padded(x: Array, at: Windows, value: float) -> Array:
    if not any(map(any, at.padding)):
        return x
    return np.pad(x, (*[(0, 0)] * (x.ndim - 2), *at.padding), constant_values=value)


def _empty(shape: Shape, at: Windows, like: Array) -> Array:
    sizes = (n + lo + hi for n, (lo, hi) in zip(shape[-2:], at.padding, strict=True))
    return np.zeros((*shape[:-2], *sizes), like.dtype)


def _inside(x: Array, shape: Shape, at: Windows) -> Array:
    rows, columns = (slice(lo, lo + n) for n, (lo, _) in zip(shape[-2:], at.padding, strict=True))
    return x[..., rows, columns]


def _offsets(at: Windows) -> Iterator[tuple[int, tuple[Any, ...]]]:
    """For each place in a window its number, and the index of what stands there in all windows."""
    for number, offset in enumerate(product(*map(range, at.size))):
        ranges = zip(offset, at.stride, at.out, strict=True)
        yield number, (..., *(slice(o, o + (n - 1) * s + 1, s) for o, s, n in ranges))


def _places(at: Windows) -> Iterator[tuple[tuple[Any, ...], tuple[Any, ...]]]:
    """For each window its index in the result, and that of its elements in the image."""
    for place in product(*map(range, at.out)):
        yield (
            (..., *place),
            (..., *(slice(p * s, p * s + k) for p, s, k in zip(place, at.stride, at.size, strict=True))),
        )


def _few(at: Windows) -> bool:
    """Whether a window has no more places than there are windows."""
    return prod(at.size) <= prod(at.out)


def _largest(x: Array, at: Windows) -> tuple[Array, Places]:
    """The largest of each window, and its number in the window: the first one, or the last NaN."""
    image = _padded(x, at, -inf)
    shape = (*x.shape[:-2], *at.out)
    best, number = np.full(shape, -inf, x.dtype), np.zeros(shape, np.intp)
    if _few(at):
        for k, where in _offsets(at):
            value = image[where]
            better = (value > best) | np.isnan(value)
            np.copyto(best, value, where=better)
            number[better] = k
        return best, number
    for place, where in _places(at):
        window = image[where].reshape(*x.shape[:-2], -1)
        odd = np.isnan(window)
        last = window.shape[-1] - 1 - np.argmax(odd[..., ::-1], axis=-1)
        number[place] = np.where(odd.any(axis=-1), last, np.argmax(window, axis=-1))
        best[place] = np.take_along_axis(window, number[place][..., None], axis=-1)[..., 0]
    return best, number


def _pick(u: Array, x: Array, **options: Any) -> Array:
    """Of each window of `u` the element at which `x` is largest."""
    at = windows(x.shape, **options)
    _, number = _largest(x, at)
    image, rows = _padded(u, at, 0.0), _rows(number, at)
    lead: tuple[Any, ...] = np.indices((*number.shape[:-2], 1, 1), sparse=True)[:-2]
    picked: Array = image[(*lead, *rows)]
    return picked


def _rows(number: Places, at: Windows) -> tuple[Places, Places]:
    """The row and the column in the padded image of the numbered element of each window."""
    inside = np.divmod(number, at.size[1])
    starts = np.ogrid[: at.out[0], : at.out[1]]
    return inside[0] + starts[0] * at.stride[0], inside[1] + starts[1] * at.stride[1]


def _spread(g: Array, x: Array, **options: Any) -> Array:
    """Zeros like `x`, with the element of `g` of each window added where `x` is largest."""
    at = windows(x.shape, **options)
    _, number = _largest(x, at)
    image = _empty(x.shape, at, g)
    lead: tuple[Any, ...] = np.indices((*number.shape[:-2], 1, 1), sparse=True)[:-2]
    np.add.at(image, (*lead, *_rows(number, at)), g)
    return _inside(image, x.shape, at)


def _average(x: Array, **options: Any) -> Array:
    at = windows(x.shape, **options)
    image = _padded(x, at, 0.0)
    total = np.zeros((*x.shape[:-2], *at.out), x.dtype)
    if _few(at):
        for _, where in _offsets(at):
            total += image[where]
    else:
        for place, where in _places(at):
            total[place] = image[where].sum(axis=(-2, -1))
    return total / prod(at.size)


def _shared(g: Array, *, shape: Shape, **options: Any) -> Array:
    at = windows(shape, **options)
    image = _empty(shape, at, g)
    part = g / prod(at.size)
    if _few(at):
        for _, where in _offsets(at):
            image[where] += part
    else:
        for place, where in _places(at):
            image[where] += part[place][..., None, None]
    return _inside(image, shape, at)


def _pooled(x: Shape, *others: Shape, **options: Any) -> Shape:
    return (*x[:-2], *windows(x, **options).out)


def _cost(factor: int) -> Any:
    """flop of going through every window, some steps for each of its places."""

    def flops(out: Shape, *shapes: Shape, size: Ints, **_: Any) -> int:
        windows_ = min(prod(out), *map(prod, shapes))
        return factor * windows_ * prod(per_axis(size, 2, "size")) + 4 * max(prod(out), *map(prod, shapes))

    return flops


IMAGE = Sample(shape=(2, 1, 5, 6))
HOW = {"size": 2, "stride": 1, "padding": 0}

max_pool2d: Operator = tensor(
    "max_pool2d", f"x, /, {POOL}", forward=lambda x, **options: _largest(x, windows(x.shape, **options))[0],
    shape=_pooled,
    vjp=lambda i, g, y, x, **options: pool_spread(g, x, **options), jvp=lambda ts, y, x,
    **options: pool_pick(ts[0], x, **options),
    flops=_cost(4), sign="maxpool", latex=r"\operatorname{{maxpool}}\left({0}\right)",
    latex_partials=(r"G\,[x = \max \text{{of its window}}]",), aliases=("max_pool",),
    doc="The largest of each window: it alone gets the window's gradient.",
    conventions=(Convention(says="At a tie the first of the window gets all of it, as in PyTorch."),),
    source="PyTorch: torch.nn.functional.max_pool2d", example="x = randn(1, 1, 4, 4, seed=0)\nmax_pool2d(x, 2)",
    sample=(IMAGE,), sample_attributes=HOW,
    spell=Spelling(numpy="", torch="F.max_pool2d({0}, {size}, {stride}, {padding})", jax="", tensorflow="",
                   onnx="MaxPool"),
)  # fmt: skip

pool_spread: Operator = tensor(
    "pool_spread", f"g, x, /, {POOL}", forward=_spread, shape=lambda g, x, **options: x,
    vjp=lambda i, u, y, g, x, **options: pool_pick(u, x, **options), passes=lambda slot: slot == 0,
    jvp=lambda ts, y, g, x, **options: pool_spread(ts[0], x, **options), flops=_cost(8), sign="unpool",
    latex=r"\operatorname{{unpool}}\left({0}\right)", latex_partials=(r"\operatorname{{pick}}(G)", "0"),
    doc="The gradient of a max pool: to the largest of each window.",
    example="g = [[[1]]]\nx = [[[1, 2], [3, 4]]]\npool_spread(g, x, 2)",
    sample=(Sample(shape=(2, 1, 4, 5)), IMAGE), sample_attributes=HOW, spell=NOWHERE,
)  # fmt: skip

pool_pick: Operator = tensor(
    "pool_pick", f"u, x, /, {POOL}", forward=_pick, shape=_pooled,
    vjp=lambda i, g, y, u, x, **options: pool_spread(g, x, **options), passes=lambda slot: slot == 0,
    jvp=lambda ts, y, u, x, **options: pool_pick(ts[0], x, **options), flops=_cost(8), sign="pick",
    latex=r"\operatorname{{pick}}\left({0}\right)", latex_partials=(r"\operatorname{{unpool}}(G)", "0"),
    doc="Of each window the element at the place where another image is largest.",
    example="u = [[[1, 2], [3, 4]]]\nx = [[[4, 3], [2, 1]]]\npool_pick(u, x, 2)",
    sample=(IMAGE, IMAGE), sample_attributes=HOW, spell=NOWHERE,
)  # fmt: skip

avg_pool2d: Operator = tensor(
    "avg_pool2d", f"x, /, {POOL}", forward=_average, shape=_pooled, linear="jointly",
    vjp=lambda i, g, y, x, **options: avg_spread(g, shape=shape_of(x), **options), flops=_cost(2), sign="avgpool",
    latex=r"\operatorname{{avgpool}}\left({0}\right)", latex_partials=(r"\tfrac{{1}}{{k^2}}\textstyle\sum G",),
    aliases=("avg_pool",), doc="The mean of each window: its elements share the window's gradient evenly.",
    source="PyTorch: torch.nn.functional.avg_pool2d", example="x = randn(1, 1, 4, 4, seed=0)\navg_pool2d(x, 2)",
    sample=(IMAGE,), sample_attributes=HOW,
    spell=Spelling(numpy="", torch="F.avg_pool2d({0}, {size}, {stride}, {padding})", jax="", tensorflow="",
                   onnx="AveragePool"),
)  # fmt: skip

avg_spread: Operator = tensor(
    "avg_spread", f"g, /, shape: shape, {POOL}", forward=_shared, shape=lambda g, *, shape, **_: shape,
    linear="jointly",
    vjp=lambda i, u, y, g, *, shape, **options: avg_pool2d(u, **options), flops=_cost(2), sign="unpool",
    latex=r"\operatorname{{unpool}}\left({0}\right)", latex_partials=(r"\operatorname{{avgpool}}(G)",),
    doc="The gradient of a mean pool: shared by each window.", example="g = [[[1]]]\navg_spread(g, (1, 2, 2), 2)",
    sample=(Sample(shape=(2, 1, 4, 5)),), sample_attributes={"shape": (2, 1, 5, 6), **HOW}, spell=NOWHERE,
)  # fmt: skip
