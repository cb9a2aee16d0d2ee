"""NumPy functions that exported programs carry: each is written out as it stands here, where a program needs it."""

import math

import numpy as np

# What is exported are the functions' texts, so nothing in them may name anything but `np`, `math` and each other.
# mypy: disable-error-code="no-untyped-def, no-untyped-call, arg-type"


def erf(x):
    return np.vectorize(math.erf, otypes=[float])(x)


def logsumexp(x, axis, keepdims):
    top = np.max(x, axis=axis, keepdims=True)
    top = np.where(np.isfinite(top), top, 0.0)
    total = np.log(np.sum(np.exp(x - top), axis=axis, keepdims=True)) + top
    return total if keepdims else np.squeeze(total, axis)


def logdet(x):
    sign, size = np.linalg.slogdet(x)
    return np.where(sign < 0, np.nan, size)


def cofactor(x):
    """det(x) times the transposed inverse, by the singular values, so that a singular matrix has one too."""
    u, s, vh = np.linalg.svd(x)
    rest = np.prod(np.where(np.eye(s.shape[-1], dtype=bool), 1.0, s[..., None, :]), axis=-1)
    sign = np.round(np.linalg.det(u) * np.linalg.det(vh))
    return (u * rest[..., None, :]) @ vh * sign[..., None, None]


def scatter(g, positions, shape):
    """Zeros with the elements of g added at flat positions, again where one repeats."""
    result = np.zeros(int(np.prod(shape)))
    np.add.at(result, positions, g)
    return result.reshape(shape)


def prod_others(x, axis):
    """For each element the product of all the others along the axes."""
    axes = tuple(range(x.ndim)) if axis is None else (axis,) if isinstance(axis, int) else axis
    axes = [a % x.ndim for a in axes]
    order = [a for a in range(x.ndim) if a not in axes] + axes
    moved = np.transpose(x, order)
    rows = moved.reshape(*moved.shape[: x.ndim - len(axes)], -1)
    before, after = np.ones_like(rows), np.ones_like(rows)
    before[..., 1:] = np.cumprod(rows[..., :-1], axis=-1)
    after[..., :-1] = np.cumprod(rows[..., :0:-1], axis=-1)[..., ::-1]
    return np.transpose((before * after).reshape(moved.shape), np.argsort(order))


def windows(shape, kernel, stride, padding, dilation):
    """Flat places in a padded image that each window sees, (places, windows); its sizes; the windows' shape."""
    sizes = [n + lo + hi for n, (lo, hi) in zip(shape, padding, strict=True)]
    out = [(n - d * (k - 1) - 1) // s + 1 for n, k, s, d in zip(sizes, kernel, stride, dilation, strict=True)]
    see = np.zeros((1, 1), dtype=int)
    for k, s, d, n, m in zip(kernel, stride, dilation, sizes, out, strict=True):
        along = np.arange(k)[:, None] * d + np.arange(m) * s
        see = (see[:, None, :, None] * n + along[None, :, None, :]).reshape(len(see) * k, -1)
    return see, sizes, out


def padded(x, padding, value):
    return np.pad(x, [(0, 0)] * (x.ndim - len(padding)) + list(padding), constant_values=value)


def inside(image, padding):
    cut = [slice(lo, n - hi) for n, (lo, hi) in zip(image.shape[-len(padding) :], padding, strict=True)]
    return image[(..., *cut)]


def seen(x, shape, stride, padding, dilation, groups):
    """What weights of this shape see: (n, groups, channels, places in a window, windows), and the windows' shape."""
    see, sizes, out = windows(x.shape[-len(stride) :], shape[2:], stride, padding, dilation)
    image = padded(x, padding, 0.0).reshape(-1, groups, shape[1], int(np.prod(sizes)))
    return image[..., see], out


def conv(x, w, stride, padding, dilation, groups):
    image, out = seen(x, w.shape, stride, padding, dilation, groups)
    weights = w.reshape(groups, -1, w.shape[1], image.shape[3])
    result = np.einsum("ngckp,gock->ngop", image, weights, optimize=True)
    return result.reshape(*x.shape[: -len(stride) - 1], w.shape[0], *out)


def conv_input(g, w, shape, stride, padding, dilation, groups):
    """The gradient of conv to an image of this shape."""
    see, sizes, _ = windows(shape[-len(stride) :], w.shape[2:], stride, padding, dilation)
    weights = w.reshape(groups, -1, w.shape[1], len(see))
    back = g.reshape(-1, groups, weights.shape[1], see.shape[1])
    image = np.zeros((len(back), groups, w.shape[1], int(np.prod(sizes))))
    np.add.at(image, (..., see), np.einsum("ngop,gock->ngckp", back, weights, optimize=True))
    return inside(image.reshape(*shape[: -len(stride)], *sizes), padding)


def conv_weight(g, x, shape, stride, padding, dilation, groups):
    """The gradient of conv to weights of this shape."""
    image, _ = seen(x, shape, stride, padding, dilation, groups)
    back = g.reshape(len(image), groups, shape[0] // groups, image.shape[4])
    return np.einsum("ngop,ngckp->gock", back, image, optimize=True).reshape(shape)


def pooled(x, size, stride, padding, value):
    """What each window of the last two axes sees: (n, places in a window, windows), and the result's shape."""
    see, sizes, out = windows(x.shape[-2:], size, stride, padding, (1, 1))
    return padded(x, padding, value).reshape(-1, int(np.prod(sizes)))[:, see], (*x.shape[:-2], *out)


def max_pool(x, size, stride, padding):
    image, shape = pooled(x, size, stride, padding, -np.inf)
    return np.max(image, axis=1).reshape(shape)


def avg_pool(x, size, stride, padding):
    image, shape = pooled(x, size, stride, padding, 0.0)
    return np.mean(image, axis=1).reshape(shape)


def largest(x, size, stride, padding):
    """The flat place of the first largest one of each window, (n, windows), and the sizes of the padded image."""
    see, sizes, _ = windows(x.shape[-2:], size, stride, padding, (1, 1))
    image, _ = pooled(x, size, stride, padding, -np.inf)
    return see[np.argmax(image, axis=1), np.arange(see.shape[1])], sizes


def pool_spread(g, x, size, stride, padding):
    """The gradient of max_pool: each window's goes to its largest one."""
    at, sizes = largest(x, size, stride, padding)
    image = np.zeros((len(at), int(np.prod(sizes))))
    np.add.at(image, (np.arange(len(at))[:, None], at), g.reshape(at.shape))
    return inside(image.reshape(*x.shape[:-2], *sizes), padding)


def pool_pick(u, x, size, stride, padding):
    """Of each window of u the element at which x is largest."""
    at, _ = largest(x, size, stride, padding)
    _, shape = pooled(x, size, stride, padding, 0.0)
    return np.take_along_axis(padded(u, padding, 0.0).reshape(len(at), -1), at, axis=1).reshape(shape)


def avg_spread(g, shape, size, stride, padding):
    """The gradient of avg_pool to an image of this shape."""
    see, sizes, _ = windows(shape[-2:], size, stride, padding, (1, 1))
    part = g.reshape(-1, 1, see.shape[1]) / len(see)
    image = np.zeros((len(part), int(np.prod(sizes))))
    np.add.at(image, (slice(None), see), np.broadcast_to(part, (len(part), *see.shape)))
    return inside(image.reshape(*shape[:-2], *sizes), padding)
