"""Networks: softmax, normalisations, attention and what else they are built of, most of it written in the language."""

from typing import Any

import numpy as np

from app.ops.algebra import Shape
from app.ops.making import SEED, generator
from app.ops.operator import NOWHERE, Convention, Operator, Sample, Spelling, composed, tensor

ROWS = (Sample(shape=(2, 3)),)


def _spelt(*, torch: str = "", jax: str = "", tensorflow: str = "", onnx: str = "") -> Spelling:
    """The call as frameworks write it, where they have one."""
    return Spelling(numpy="", torch=torch, jax=jax, tensorflow=tensorflow, onnx=onnx)


# ── softmax ──────────────────────────────────────────────────────────────────────────────────────────────────────────

softmax = composed(
    "softmax", "x, /, axis: axis = -1",
    body="""def softmax(x, axis=-1):
    e = exp(x - stop_gradient(max(x, axis=axis, keepdims=True)))
    return e / sum(e, axis=axis, keepdims=True)""",
    doc="Positive numbers that sum to 1 along an axis. What one gains the others lose: the gradient sums to 0.",
    example="x = [1, 2, 3]\nsoftmax(x)", sample=ROWS, sample_attributes={"axis": -1},
    spell=_spelt(torch="torch.softmax({0}, dim={axis})", jax="jax.nn.softmax({0}, axis={axis})",
                 tensorflow="tf.nn.softmax({0}, axis={axis})", onnx="Softmax"),
)  # fmt: skip

log_softmax = composed(
    "log_softmax", "x, /, axis: axis = -1",
    body="""def log_softmax(x, axis=-1):
    z = x - stop_gradient(max(x, axis=axis, keepdims=True))
    return z - log(sum(exp(z), axis=axis, keepdims=True))""",
    doc="The logarithm of softmax, without its underflow: scores minus their logsumexp.",
    example="x = [1, 2, 3]\nlog_softmax(x)", sample=ROWS, sample_attributes={"axis": -1},
    spell=_spelt(torch="torch.log_softmax({0}, dim={axis})", jax="jax.nn.log_softmax({0}, axis={axis})",
                 tensorflow="tf.nn.log_softmax({0}, axis={axis})", onnx="LogSoftmax"),
)  # fmt: skip

softmin = composed(
    "softmin", "x, /, axis: axis = -1", body="def softmin(x, axis=-1):\n    return softmax(-x, axis=axis)",
    doc="The softmax of the negatives: the smallest gets the largest share.", example="x = [1, 2, 3]\nsoftmin(x)",
    sample=ROWS, sample_attributes={"axis": -1}, spell=_spelt(torch="F.softmin({0}, dim={axis})"),
)  # fmt: skip

# ── Layers ───────────────────────────────────────────────────────────────────────────────────────────────────────────

linear = composed(
    "linear", "x, W|weight|w, b|bias = None",
    body="""def linear(x, W, b=None):
    y = x @ W.T
    return y if b is None else y + b""",
    doc="A layer of weights, one row for each output, and a bias.", source="PyTorch: torch.nn.functional.linear",
    example="x = [1, 2]\nW = [[1, 0], [0, 1], [1, 1]]\nlinear(x, W)",
    sample=(Sample(shape=(4, 3)), Sample(shape=(2, 3)), Sample(shape=(2,))),
    spell=_spelt(torch="F.linear({args})"),
)  # fmt: skip

embedding = composed(
    "embedding", "indices|input|ids|x: ints, weight|params",
    body="def embedding(indices, weight):\n    return take(weight, indices, axis=0)",
    doc="Rows of a table by their numbers. Only the rows that were looked up get a gradient.",
    source="PyTorch: torch.nn.functional.embedding", example="W = [[1, 2], [3, 4], [5, 6]]\nembedding([0, 2], W)",
    sample=(Sample(shape=(3, 2)),), sample_attributes={"indices": (0, 2, 0)},
    spell=_spelt(torch="F.embedding(torch.tensor({indices}), {0})"),
)  # fmt: skip


def _kept(x: Any, *, p: float = 0.5, training: bool = True, seed: int | None = None, stream: str = "") -> Any:
    """Each element over 1 − p, or 0 with probability p."""
    if not training or p == 0:
        return np.positive(x)
    mask = generator(seed, stream).random(np.shape(x)) >= p
    return np.where(mask, np.divide(x, 1 - p), 0.0)


SAME = Convention(says="Which elements are dropped is random, but the same each time: by `seed=`, else by the name.")


def _unchanged(x: Shape, **_: Any) -> Shape:
    return x


dropout: Operator = tensor(
    "dropout", f"x, /, p|rate: float = 0.5, training: bool = True, {SEED}", forward=_kept, shape=_unchanged,
    linear="jointly",
    vjp=lambda i, g, y, x, **attributes: dropout(g, **attributes), flops=lambda out, *_,
    **__: 20 * int(np.prod(out, dtype=object)),
    within={"p": (0, 1)}, sign="drop",
    latex=r"\operatorname{{dropout}}\left({0}\right)", latex_partials=(r"\operatorname{{dropout}}(G)",),
    doc="Some elements are set to 0 at random, the others scaled up; the gradient passes the same ones.",
    source="PyTorch: torch.nn.functional.dropout, as in training", conventions=(SAME,),
    example="x = [1, 2, 3, 4]\ndropout(x, 0.5, seed=0)", sample=(Sample(shape=(3, 4)),),
    sample_attributes={"p": 0.4, "seed": 1},
    spell=NOWHERE,
)  # fmt: skip

# ── Normalisations ───────────────────────────────────────────────────────────────────────────────────────────────────

layer_norm = composed(
    "layer_norm", "x, gamma|weight|scale = 1.0, beta|bias|offset = None, /, axis: axes = -1, eps|epsilon: float = 1e-5",
    body="""def layer_norm(x, gamma=None, beta=None, axis=-1, eps=1e-5):
    m = mean(x, axis=axis, keepdims=True)
    v = var(x, axis=axis, keepdims=True)
    y = (x - m) / sqrt(v + eps)
    if gamma is not None:
        y = y * gamma
    if beta is not None:
        y = y + beta
    return y""",
    doc="Each row is shifted to mean 0 and scaled to variance 1: its gradient loses what would only shift or scale it.",
    source="PyTorch: torch.nn.functional.layer_norm", example="x = [1, 2, 4]\nlayer_norm(x)",
    sample=(Sample(shape=(2, 4)), Sample(shape=(4,)), Sample(shape=(4,))),
)  # fmt: skip

layer_norm_over = composed(
    "layer_norm_over", "x, normalized_shape: shape, weight = 1.0, bias = None, /, eps: float = 1e-5",
    body="""def layer_norm_over(x, normalized_shape, weight=None, bias=None, eps=1e-5):
    axes = [-1 - i for i in range(len(normalized_shape))]
    return layer_norm(x, weight, bias, axis=axes, eps=eps)""",
    sign="layer_norm", aliases=("torch.layer_norm",),
    doc="Layer normalisation over the last axes, as PyTorch writes it.",
    example="x = [[1, 2, 4]]\nlayer_norm_over(x, (3,))",
    sample=(Sample(shape=(2, 4)), Sample(shape=(4,)), Sample(shape=(4,))),
    sample_attributes={"normalized_shape": (4,)},
)  # fmt: skip

rms_norm = composed(
    "rms_norm", "x, gamma|weight|scale = None, /, axis: axes = -1, eps|epsilon: float = 1e-6",
    body="""def rms_norm(x, gamma=None, axis=-1, eps=1e-6):
    y = x / sqrt(mean(x*x, axis=axis, keepdims=True) + eps)
    return y if gamma is None else y * gamma""",
    doc="Each row is divided by its root mean square, without a shift.",
    example="x = [1, 2, 4]\nrms_norm(x)", sample=(Sample(shape=(2, 4)), Sample(shape=(4,))),
)  # fmt: skip

rms_norm_over = composed(
    "rms_norm_over", "x, normalized_shape: shape, weight = None, /, eps: float = 2.220446049250313e-16",
    body="""def rms_norm_over(x, normalized_shape, weight=None, eps=2.220446049250313e-16):
    axes = [-1 - i for i in range(len(normalized_shape))]
    return rms_norm(x, weight, axis=axes, eps=eps)""",
    sign="rms_norm", aliases=("torch.rms_norm",), doc="RMS normalisation over the last axes, as PyTorch writes it.",
    example="x = [[1, 2, 4]]\nrms_norm_over(x, (3,))", sample=(Sample(shape=(2, 4)), Sample(shape=(4,))),
    sample_attributes={"normalized_shape": (4,)},
)  # fmt: skip

batch_norm = composed(
    "batch_norm", "x, gamma|weight|scale = 1.0, beta|bias|offset = None, /, eps|epsilon: float = 1e-5",
    body="""def batch_norm(x, gamma=None, beta=None, eps=1e-5):
    h = swapaxes(x, 1, -1)
    axes = [i for i in range(len(x.shape) - 1)]
    m = mean(h, axis=axes, keepdims=True)
    v = var(h, axis=axes, keepdims=True)
    y = (h - m) / sqrt(v + eps)
    if gamma is not None:
        y = y * gamma
    if beta is not None:
        y = y + beta
    return swapaxes(y, 1, -1)""",
    doc="Each channel (axis 1) is normalised over the batch, as in training: all examples share one gradient.",
    source="PyTorch: torch.nn.functional.batch_norm with training=True", example="x = [[1, 2], [3, 5]]\nbatch_norm(x)",
    sample=(Sample(shape=(3, 2, 4)), Sample(shape=(2,)), Sample(shape=(2,))),
)  # fmt: skip

batch_norm_running = composed(
    "batch_norm_running",
    "x, running_mean = 0.0, running_var = 1.0, weight = 1.0, bias = None, /, training: bool = False, "
    "momentum: float = 0.1, eps: float = 1e-5",
    body="""def batch_norm_running(
    x, running_mean=0, running_var=1, weight=None, bias=None, training=False, momentum=0.1, eps=1e-5
):
    if training:
        return batch_norm(x, weight, bias, eps=eps)
    h = (swapaxes(x, 1, -1) - running_mean) / sqrt(running_var + eps)
    if weight is not None:
        h = h * weight
    if bias is not None:
        h = h + bias
    return swapaxes(h, 1, -1)""",
    sign="batch_norm", aliases=("torch.batch_norm",),
    doc="Batch normalisation as PyTorch writes it: by given statistics, or by the batch's own.",
    example="x = [[1, 2], [3, 5]]\nbatch_norm_running(x, training=True)",
    sample=(Sample(shape=(3, 2, 4)), Sample(shape=(2,)), Sample(low=0.5, high=2, shape=(2,))),
)  # fmt: skip

# ── Attention ────────────────────────────────────────────────────────────────────────────────────────────────────────

attention = composed(
    "attention", "q|query, k|key, v|value, /, is_causal|causal: bool = False",
    body="""def attention(q, k, v, is_causal=False):
    s = q @ swapaxes(k, -1, -2) / sqrt(q.shape[-1])
    if is_causal:
        s = where(tri(q.shape[-2], k.shape[-2]), s, -inf)
    return softmax(s) @ v""",
    aliases=("scaled_dot_product_attention",),
    doc="Each query takes a weighted mean of the values, by how well it fits their keys.",
    source="Vaswani et al. 2017; PyTorch: scaled_dot_product_attention",
    example="q = randn(2, 3, seed=0)\nk = randn(4, 3, seed=1)\nv = randn(4, 2, seed=2)\nattention(q, k, v)",
    sample=(Sample(shape=(2, 3)), Sample(shape=(4, 3)), Sample(shape=(4, 2))),
    spell=_spelt(torch="F.scaled_dot_product_attention({args}, is_causal={is_causal})"),
)  # fmt: skip

# ── Directions ───────────────────────────────────────────────────────────────────────────────────────────────────────

normalize = composed(
    "normalize", "x, /, axis: axes = -1, eps: float = 1e-12",
    body="""def normalize(x, axis=-1, eps=1e-12):
    return x / maximum(norm(x, axis=axis, keepdims=True), eps)""",
    aliases=("l2_normalize",), defaults={"torch": {"axis": 1}},
    doc="Vectors of length 1: the gradient loses what points along them.", example="x = [3, 4]\nnormalize(x)",
    sample=ROWS,
)  # fmt: skip

clip_by_norm = composed(
    "clip_by_norm", "x|t, limit|clip_norm",
    body="def clip_by_norm(x, limit):\n    return x * minimum(1, limit / norm(x))",
    doc="Shortened to a length where it is longer.", example="x = [3, 4]\nclip_by_norm(x, 1)",
    sample=(Sample(shape=(3,)), Sample(low=0.5, high=1)),
)  # fmt: skip

cosine_similarity = composed(
    "cosine_similarity", "x|x1, y|x2, /, axis: axes = -1, eps: float = 1e-8",
    body="""def cosine_similarity(x, y, axis=-1, eps=1e-8):
    return sum(x*y, axis=axis) / (maximum(norm(x, axis=axis), eps) * maximum(norm(y, axis=axis), eps))""",
    defaults={"torch": {"axis": 1}}, doc="How far two vectors point the same way: 1 the same, 0 across, −1 opposite.",
    example="x = [1, 2]\ny = [2, 1]\ncosine_similarity(x, y)", sample=(*ROWS, *ROWS),
)  # fmt: skip
