"""TensorFlow functions that exported programs carry where they use them."""

from collections.abc import Mapping

HELPERS: Mapping[str, str] = {
    "root": '''\
def root(x):
    """The square root, with slope 0 at 0."""
    return tf.where(x == 0, tf.zeros_like(x), tf.sqrt(tf.where(x == 0, tf.ones_like(x), x)))
''',
    "variance": """\
def variance(x, axes, keepdims, freedom):
    deviations = x - tf.reduce_mean(x, axis=axes, keepdims=True)
    return tf.reduce_sum(tf.square(deviations), axis=axes, keepdims=keepdims) / freedom
""",
    "prod_others": '''\
def prod_others(x, axes):
    """For each element the product of all the others along the axes."""
    order = [a for a in range(len(x.shape)) if a not in axes] + list(axes)
    moved = tf.transpose(x, order)
    rows = tf.reshape(moved, [*moved.shape[: len(x.shape) - len(axes)], -1])
    own = tf.eye(rows.shape[-1], dtype=tf.float64) > 0
    others = tf.reduce_prod(tf.where(own, tf.constant(1.0, tf.float64), rows[..., None, :]), axis=-1)
    return tf.transpose(tf.reshape(others, moved.shape), [order.index(a) for a in range(len(x.shape))])
''',
    "cofactor": '''\
def cofactor(x):
    """The determinant times the transposed inverse."""
    return tf.linalg.det(x)[..., None, None] * tf.linalg.matrix_transpose(tf.linalg.inv(x))
''',
    "windows": '''\
def windows(shape, kernel, stride, padding, dilation):
    """Flat places in a padded image that each window sees, (places, windows); its sizes; the windows' shape."""
    sizes = [n + lo + hi for n, (lo, hi) in zip(shape, padding)]
    out = [(n - d * (k - 1) - 1) // s + 1 for n, k, s, d in zip(sizes, kernel, stride, dilation)]
    see = tf.zeros((1, 1), tf.int32)
    for k, s, d, n, m in zip(kernel, stride, dilation, sizes, out):
        along = tf.range(k)[:, None] * d + tf.range(m) * s
        see = tf.reshape(see[:, None, :, None] * n + along[None, :, None, :], (len(see) * k, -1))
    return see, sizes, out
''',
    "padded": '''\
def padded(x, padding, value):
    """With its border, the last axes as one."""
    rank = len(padding)
    x = tf.pad(x, [(0, 0)] * (len(x.shape) - rank) + list(padding), constant_values=value)
    return tf.reshape(x, [*x.shape[:-rank], -1])
''',
    "scattered": '''\
def scattered(g, places, shape, sizes, padding):
    """Images of this shape with g (rows, …) added at flat places of their bordered ones; the border is cut off."""
    rank = len(padding)
    count = int(tf.reduce_prod(sizes))
    total = tf.math.unsorted_segment_sum(tf.transpose(tf.reshape(g, [len(g), -1])), tf.reshape(places, [-1]), count)
    image = tf.reshape(tf.transpose(total), [*shape[:-rank], *sizes])
    return image[(..., *(slice(lo, n - hi) for n, (lo, hi) in zip(sizes, padding)))]
''',
    "seen": '''\
def seen(x, image, weights, stride, padding, dilation, groups):
    """What weights of this shape see: (n, groups, channels, places in a window, windows)."""
    see, _, _ = windows(image[-len(stride) :], weights[2:], stride, padding, dilation)
    flat = padded(x, padding, 0.0)
    return tf.gather(tf.reshape(flat, [-1, groups, weights[1], flat.shape[-1]]), see, axis=-1)
''',
    "conv": """\
def conv(x, w, image, weights, stride, padding, dilation, groups):
    columns = seen(x, image, weights, stride, padding, dilation, groups)
    _, _, out = windows(image[-len(stride) :], weights[2:], stride, padding, dilation)
    rows = tf.reshape(w, [groups, weights[0] // groups, weights[1], -1])
    return tf.reshape(tf.einsum("ngckp,gock->ngop", columns, rows), [*image[: -len(stride) - 1], weights[0], *out])
""",
    "conv_input": '''\
def conv_input(g, w, image, weights, stride, padding, dilation, groups):
    """The gradient of conv to the image."""
    see, sizes, _ = windows(image[-len(stride) :], weights[2:], stride, padding, dilation)
    rows = tf.reshape(w, [groups, weights[0] // groups, weights[1], -1])
    back = tf.einsum("ngop,gock->ngckp", tf.reshape(g, [-1, groups, weights[0] // groups, see.shape[1]]), rows)
    flat = tf.reshape(back, [back.shape[0] * back.shape[1] * back.shape[2], -1])
    return scattered(flat, see, image, sizes, padding)
''',
    "conv_weight": '''\
def conv_weight(g, x, image, weights, stride, padding, dilation, groups):
    """The gradient of conv to the weights."""
    columns = seen(x, image, weights, stride, padding, dilation, groups)
    back = tf.reshape(g, [columns.shape[0], groups, weights[0] // groups, -1])
    return tf.reshape(tf.einsum("ngop,ngckp->gock", back, columns), weights)
''',
    "pooled": '''\
def pooled(x, shape, size, stride, padding, value):
    """What each window of the last two axes sees: (…, places in a window, windows), and the result's shape."""
    see, _, out = windows(shape[-2:], size, stride, padding, (1, 1))
    return tf.gather(padded(x, padding, value), see, axis=-1), [*shape[:-2], *out]
''',
    "largest": '''\
def largest(x, shape, size, stride, padding):
    """One where an element is the first largest of its window, else 0: (…, places in a window, windows)."""
    image, _ = pooled(x, shape, size, stride, padding, float("-inf"))
    return tf.one_hot(tf.argmax(image, axis=-2), image.shape[-2], axis=len(image.shape) - 2, dtype=tf.float64)
''',
    "max_pool": """\
def max_pool(x, shape, size, stride, padding):
    image, out = pooled(x, shape, size, stride, padding, float("-inf"))
    first = largest(x, shape, size, stride, padding) > 0
    return tf.reshape(tf.reduce_sum(tf.where(first, image, tf.zeros_like(image)), axis=-2), out)
""",
    "avg_pool": """\
def avg_pool(x, shape, size, stride, padding):
    image, out = pooled(x, shape, size, stride, padding, 0.0)
    return tf.reshape(tf.reduce_mean(image, axis=-2), out)
""",
    "pool_spread": '''\
def pool_spread(g, x, shape, size, stride, padding):
    """The gradient of max_pool: each window's goes to its largest one."""
    see, sizes, _ = windows(shape[-2:], size, stride, padding, (1, 1))
    first = largest(x, shape, size, stride, padding)
    back = first * tf.reshape(g, [*shape[:-2], 1, -1])
    return scattered(tf.reshape(back, [-1, *see.shape]), see, shape, sizes, padding)
''',
    "pool_pick": '''\
def pool_pick(u, x, shape, size, stride, padding):
    """Of each window of u the element at which x is largest."""
    image, out = pooled(u, shape, size, stride, padding, 0.0)
    return tf.reshape(tf.reduce_sum(largest(x, shape, size, stride, padding) * image, axis=-2), out)
''',
    "avg_spread": '''\
def avg_spread(g, shape, size, stride, padding):
    """The gradient of avg_pool."""
    see, sizes, _ = windows(shape[-2:], size, stride, padding, (1, 1))
    part = tf.reshape(g, [-1, 1, see.shape[1]]) / float(see.shape[0])
    return scattered(tf.repeat(part, see.shape[0], axis=1), see, shape, sizes, padding)
''',
}
