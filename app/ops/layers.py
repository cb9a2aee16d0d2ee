"""Layers that frameworks offer besides, in terms of the rest: normalisations by groups, pooling along a line, gates."""

from math import inf

from app.ops.operator import Operator, Sample, composed

LINES = (Sample(shape=(2, 3, 6)),)
IMAGE = (Sample(shape=(1, 2, 4, 4)),)

group_norm = composed(
    "group_norm", "x, num_groups|groups: int, weight = None, bias = None, /, eps: float = 1e-5",
    body="""def group_norm(x, num_groups, weight=None, bias=None, eps=1e-5):
    rest = [x.shape[i] for i in range(2, len(x.shape))]
    h = reshape(x, x.shape[0], num_groups, x.shape[1] // num_groups, *rest)
    y = reshape(layer_norm(h, axis=[i for i in range(2, len(h.shape))], eps=eps), *x.shape)
    ones = [1 for i in rest]
    if weight is not None:
        y = y * reshape(weight, -1, *ones)
    if bias is not None:
        y = y + reshape(bias, -1, *ones)
    return y""",
    doc="The channels (axis 1) of each example are normalised in groups.",
    source="PyTorch: torch.nn.functional.group_norm", within={"num_groups": (1, inf)},
    example="x = randn(1, 4, 2, seed=0)\ngroup_norm(x, 2)", sample=(Sample(shape=(2, 4, 3)), Sample(shape=(4,))),
    sample_attributes={"num_groups": 2},
)  # fmt: skip

instance_norm = composed(
    "instance_norm", "x, running_mean = None, running_var = None, weight = None, bias = None, /, "
    "use_input_stats: bool = True, momentum: float = 0.1, eps: float = 1e-5",
    body="""def instance_norm(
    x, running_mean=None, running_var=None, weight=None, bias=None, use_input_stats=True, momentum=0.1, eps=1e-5
):
    if use_input_stats:
        return group_norm(x, x.shape[1], weight, bias, eps=eps)
    return batch_norm_running(x, running_mean, running_var, weight, bias, eps=eps)""",
    doc="Each channel of each example is normalised alone; without its own statistics, by those that are given.",
    source="PyTorch: torch.nn.functional.instance_norm",
    example="x = randn(1, 2, 3, seed=0)\ninstance_norm(x)", sample=(Sample(shape=(2, 2, 3)),),
)  # fmt: skip

standardize = composed(
    "standardize", "x, /, axis: axes = -1, eps|epsilon: float = 1e-5",
    body="def standardize(x, axis=-1, eps=1e-5):\n    return layer_norm(x, axis=axis, eps=eps)",
    doc="Shifted to mean 0 and scaled to variance 1.", example="x = [1, 2, 4]\nstandardize(x)",
    sample=(Sample(shape=(2, 3)),),
)  # fmt: skip

glu = composed(
    "glu", "x, /, axis: axis = -1",
    body="""def glu(x, axis=-1):
    n = x.shape[axis] // 2
    return narrow(x, axis, 0, n) * sigmoid(narrow(x, axis, n, n))""",
    doc="One half, let through as far as the sigmoid of the other says.", example="x = [1, 2, 0, 1]\nglu(x)",
    sample=(Sample(shape=(2, 4)),),
)  # fmt: skip


def _line(name: str, pool: str, doc: str) -> Operator:
    """Pooling along a line: that of an image of one row."""
    return composed(
        name, "x, /, size|kernel_size: int, stride|strides: int = None, padding: int = 0",
        body=f"""def {name}(x, size, stride=None, padding=0):
    s = size if stride is None else stride
    return squeeze({pool}(expand_dims(x, -2), (1, size), (1, s), (0, padding)), -2)""",
        doc=doc, example=f"x = randn(1, 1, 6, seed=0)\n{name}(x, 2)", sample=LINES,
        sample_attributes={"size": 2, "stride": 2},
    )  # fmt: skip


max_pool1d = _line("max_pool1d", "max_pool2d", "The largest of each stretch: only that one gets a gradient.")
avg_pool1d = _line("avg_pool1d", "avg_pool2d", "The mean of each stretch, and so is the gradient shared.")

_WHOLE = {1: "adaptive_avg_pool2d", (1, 1): "adaptive_avg_pool2d", (1,): "adaptive_avg_pool2d"}
adaptive_avg_pool2d = composed(
    "adaptive_avg_pool2d", "x, /, output_size: any = 1", variants={"output_size": _WHOLE},
    body="def adaptive_avg_pool2d(x):\n    return mean(x, axis=(-2, -1), keepdims=True)",
    doc="The mean of each channel, for a size of 1.",
    example="x = randn(1, 2, 3, 3, seed=0)\nadaptive_avg_pool2d(x, 1)",
    sample=IMAGE,
)  # fmt: skip

adaptive_max_pool2d = composed(
    "adaptive_max_pool2d", "x, /, output_size: any = 1",
    variants={"output_size": dict.fromkeys(_WHOLE, "adaptive_max_pool2d")},
    body="def adaptive_max_pool2d(x):\n    return max(x, axis=(-2, -1), keepdims=True)",
    doc="The largest of each channel, for a size of 1.",
    example="x = randn(1, 2, 3, 3, seed=0)\nadaptive_max_pool2d(x, 1)",
    sample=IMAGE,
)  # fmt: skip

interpolate = composed(
    "interpolate", "x, /, scale_factor: int, mode: str = 'nearest'", aliases=("upsample",),
    variants={"mode": {"nearest": "interpolate"}},
    body="""def interpolate(x, scale_factor):
    return repeat(repeat(x, scale_factor, axis=-1), scale_factor, axis=-2)""",
    doc="An image made larger, each point becoming a square.",
    example="x = randn(1, 1, 2, 2, seed=0)\ninterpolate(x, scale_factor=2)", sample=(Sample(shape=(1, 1, 2, 3)),),
    sample_attributes={"scale_factor": 2},
)  # fmt: skip

xw_plus_b = composed(
    "xw_plus_b", "x, W|weights, b|biases", body="def xw_plus_b(x, W, b):\n    return x @ W + b",
    doc="A layer of weights, one column for each output, and a bias.",
    example="x = [[1, 2]]\nxw_plus_b(x, [[1, 0], [0, 1]], [1, 1])",
    sample=(Sample(shape=(4, 3)), Sample(shape=(3, 2)), Sample(shape=(2,))),
)  # fmt: skip
