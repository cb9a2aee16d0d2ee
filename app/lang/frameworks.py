"""Names with a prefix: which framework a prefix is, and what `torch.x`, `np.linalg.x` or `tf.train.X` mean."""

import math
from collections.abc import Iterable
from functools import cache

from app.lang.layers import HOLDING, LAYERS
from app.lang.values import NOTHING, Held, Known, Module, Number, Opaque, Special
from app.ops.catalogue import CATALOGUE
from app.ops.operator import Framework, Operator

# Prefixes that need no import.
ROOTS: dict[str, str] = {
    "np": "numpy", "numpy": "numpy", "jnp": "jax.numpy", "torch": "torch", "F": "torch.nn.functional", "nn": "torch.nn",
    "math": "math", "jax": "jax", "tf": "tensorflow",
}  # fmt: skip
FRAMEWORKS: dict[str, Framework] = {
    "numpy": "numpy", "scipy": "numpy", "autograd": "numpy", "torch": "torch", "jax": "jax", "tensorflow": "tensorflow",
    "keras": "tensorflow", "math": "math", "micrograd": "torch", "torchvision": "torch", "optax": "jax",
}  # fmt: skip
_SHORT = {
    "np": "numpy",
    "jnp": "jax",
    "tf": "tensorflow",
    **{name: name for name in ("numpy", "jax", "torch", "tensorflow", "math")},
}
# Constants without a prefix, where the program does not assign them. `e` stays free.
BARE: dict[str, float] = {"pi": math.pi, "inf": math.inf}
CONSTANTS: dict[str, float] = {
    "pi": math.pi, "e": math.e, "inf": math.inf, "nan": math.nan, "Inf": math.inf, "Infinity": math.inf,
    "NaN": math.nan,
    "tau": math.tau, "NAN": math.nan, "PINF": math.inf, "NINF": -math.inf, "euler_gamma": 0.5772156649015329,
}  # fmt: skip
_PARTS = frozenset(
    [
        "nn",
        "functional",
        "linalg",
        "random",
        "numpy",
        "math",
        "special",
        "autograd",
        "optim",
        "keras",
        "train",
        "compat",
        "v1",
        "v2",
        "losses",
        "layers",
        "activations",
        "lax",
        "scipy",
        "fft",
        "optimizers",
        "utils",
        "data",
        "engine",
        "metrics",
        "stats",
        "test",
        "initializers",
        "config",
        "distributions",
        "init",
        "cuda",
        "backends",
        "tree_util",
        "func",
        "keras",
        "estimator",
        "summary",
        "datasets",
        "contrib",
        "signal",
        "sparse",
    ]
)
PYTHON_TYPES = frozenset({"int", "float", "bool", "complex", "str", "list", "tuple", "dict", "object"})
_TYPES = frozenset(
    [
        "float32",
        "float64",
        "float16",
        "bfloat16",
        "int32",
        "int64",
        "int8",
        "uint8",
        "long",
        "double",
        "half",
        "bool",
        "bool_",
        "float_",
        "int_",
        "newaxis",
        "float",
        "int",
        "ndarray",
        "Tensor",
        "device",
        "complex64",
        "Module",
    ]
)


@cache
def _table() -> dict[tuple[str | None, str], Operator]:
    """Operators by (framework or None, name)."""
    found: dict[tuple[str | None, str], Operator] = {}
    for operator in CATALOGUE.values():
        if operator.family == "leaf":
            continue
        found[None, operator.name] = operator
    for operator in CATALOGUE.values():
        for alias in operator.aliases:
            prefix, dot, name = alias.rpartition(".")
            if dot:
                framework = _SHORT.get(prefix.split(".")[0])
                found.setdefault((framework, name), operator)
            else:
                found.setdefault((None, alias), operator)
    return found


def named(name: str, framework: str | None = None) -> Operator | None:
    """The operator that a framework (or no one) calls so."""
    table = _table()
    return table.get((framework, name)) or table.get((None, name)) if framework else table.get((None, name))


def known_names() -> Iterable[str]:
    """What a function may be called without a prefix."""
    return [name for framework, name in _table() if framework is None]


def root(name: str) -> Module | None:
    """The module of a prefix that needs no import."""
    path = ROOTS.get(name)
    return Module(path) if path else None


def framework_of(path: str) -> Framework | None:
    return FRAMEWORKS.get(path.split(".", maxsplit=1)[0])


def known_module(path: str) -> bool:
    return path.split(".", maxsplit=1)[0] in FRAMEWORKS


_OPAQUE = {
    "manual_seed": "the seed of a generator", "seed": "the seed of a generator", "set_seed": "the seed of a generator",
    "set_random_seed": "the seed of a generator", "set_printoptions": "how numbers are printed",
    "PRNGKey": "a random key",
    "key": "a random key", "split": "a random key", "set_default_dtype": "a setting",
    "set_default_tensor_type": "a setting",
    "Session": "a session", "InteractiveSession": "a session", "global_variables_initializer": "an initializer",
    "initialize_all_variables": "an initializer", "reset_default_graph": "a reset of the graph", "Graph": "a graph",
    "get_default_graph": "a graph", "disable_eager_execution": "a setting", "disable_v2_behavior": "a setting",
    "enable_eager_execution": "a setting", "config": "a setting", "set_grad_enabled": "a setting", "no_grad": "no_grad",
    "FileWriter": "a log", "ConfigProto": "a setting", "is_available": "a device", "set_detect_anomaly": "a setting",
    "use_deterministic_algorithms": "a setting", "device": "a device", "default_rng": "a generator",
    "assert_allclose": "an assertion",
    "Generator": "a generator", "local_variables_initializer": "an initializer", "block_until_ready": "a wait",
    "RandomState": "a generator", "Print": "a print", "print": "a print", "function": "a decorator",
    "jit": "a decorator", "save": "a file", "savez": "a file", "savetxt": "a file", "load": "a file",
    "loadtxt": "a file", "set_num_threads": "a setting", "errstate": "a setting", "seterr": "a setting",
    "array_str": "a text", "array2string": "a text", "make_jaxpr": "a listing", "is_tensor": "a test",
    "clip_grad_norm_": "a step of training", "clip_grad_value_": "a step of training",
}  # fmt: skip
_DATA = {"DataLoader", "TensorDataset", "Dataset", "MNIST", "CIFAR10", "load_data", "from_tensor_slices", "Compose"}
MODELS = {
    "Linear", "Conv1d", "Conv2d", "Sequential", "LSTM", "GRU", "RNN", "Embedding", "BatchNorm1d", "BatchNorm2d",
    "LayerNorm",
    "Dense", "Conv2D", "Model", "Input", "Module", "ModuleList", "MultiheadAttention", "TransformerEncoderLayer", "MLP",
    "Neuron", "Layer", "ResNet", "resnet18", "resnet50", "BatchNormalization", "LayerNormalization", "Bilinear",
    "Transformer", "LSTMCell", "GRUCell", "RNNCell", "Conv3d", "ConvTranspose1d", "ConvTranspose2d", "GroupNorm",
    "InstanceNorm1d", "InstanceNorm2d", "RMSNorm", "TransformerEncoder", "TransformerDecoder", "ModuleDict", "PReLU",
    "DataParallel", "BasicLSTMCell", "BasicRNNCell", "SimpleRNN", "TimeDistributed",
}  # fmt: skip
# Modules without weights: their function.
MODULES: dict[str, str] = {
    "ReLU": "relu", "Sigmoid": "sigmoid", "Tanh": "tanh", "Softplus": "softplus", "GELU": "gelu", "SiLU": "silu",
    "ELU": "elu",
    "LeakyReLU": "leaky_relu", "Softmax": "softmax", "LogSoftmax": "log_softmax", "CrossEntropyLoss": "cross_entropy",
    "MSELoss": "mse_loss", "BCEWithLogitsLoss": "bce_with_logits", "MaxPool2d": "max_pool2d", "AvgPool2d": "avg_pool2d",
    "Dropout": "dropout", "MeanSquaredError": "mse_loss", "L1Loss": "l1_loss", "BCELoss": "bce_loss",
    "NLLLoss": "nll_loss",
    "SmoothL1Loss": "smooth_l1_loss", "HuberLoss": "huber_loss", "KLDivLoss": "kl_div", "Identity": "identity",
    "Flatten": "flatten", "Hardtanh": "hardtanh", "ReLU6": "relu6", "Swish": "silu", "SELU": "selu", "CELU": "celu",
    "Mish": "mish", "Softsign": "softsign", "Hardswish": "hardswish", "Hardsigmoid": "hardsigmoid",
    "LogSigmoid": "logsigmoid", "Tanhshrink": "tanhshrink", "Hardshrink": "hardshrink", "Softshrink": "softshrink",
    "Threshold": "threshold", "Softmin": "softmin", "GLU": "glu", "CosineSimilarity": "cosine_similarity",
    "PairwiseDistance": "pairwise_distance", "MaxPool1d": "max_pool1d", "AvgPool1d": "avg_pool1d",
    "AdaptiveAvgPool2d": "adaptive_avg_pool2d", "AdaptiveMaxPool2d": "adaptive_max_pool2d", "Unflatten": "unflatten",
    "Upsample": "interpolate", "SoftMarginLoss": "soft_margin_loss", "HingeEmbeddingLoss": "hinge_embedding_loss",
    "MarginRankingLoss": "margin_ranking_loss", "TripletMarginLoss": "triplet_margin_loss",
    "CosineEmbeddingLoss": "cosine_embedding_loss", "PoissonNLLLoss": "poisson_nll_loss",
    "GaussianNLLLoss": "gaussian_nll_loss",
    "MeanAbsoluteError": "mean_absolute_error_mean", "BinaryCrossentropy": "binary_crossentropy_mean",
    "CategoricalCrossentropy": "categorical_crossentropy_mean",
    "SparseCategoricalCrossentropy": "sparse_categorical_crossentropy_mean", "Huber": "huber_mean",
    "Hinge": "hinge_mean", "SquaredHinge": "squared_hinge_mean", "LogCosh": "log_cosh_mean",
    "KLDivergence": "kl_divergence_mean", "Poisson": "poisson_mean",
}  # fmt: skip
# Modules of functions: what is called of them is meant to be part of the circuit.
FUNCTIONAL = frozenset(
    {"functional", "nn", "numpy", "linalg", "special", "math", "losses", "activations", "lax", "torch", "tensorflow"}
)
LIKE = frozenset({"zeros_like", "ones_like", "full_like", "randn_like", "rand_like"})
# Calls that give several values: the name of their rule (app/lang/several.py).
SEVERAL: dict[str, str] = {
    **{name: name for name in ("split", "chunk", "unbind", "slogdet", "meshgrid", "std_mean", "var_mean", "aminmax")},
    "unstack": "unbind", "array_split": "split", "tensor_split": "split", "moments": "moments",
}  # fmt: skip
_ALL = ("torch", "numpy", "jax", "tensorflow")
# Calls with a rule of their own, by framework (None: any): what the rule is called.
SPECIALS: dict[tuple[str | None, str], str] = {
    ("tensorflow", "Variable"): "variable", ("tensorflow", "get_variable"): "get_variable",
    ("tensorflow", "placeholder"): "placeholder",
    ("tensorflow", "constant"): "tensor", ("tensorflow", "convert_to_tensor"): "tensor",
    ("tensorflow", "gradients"): "gradients",
    ("tensorflow", "GradientTape"): "tape", ("tensorflow", "cast"): "same", ("tensorflow", "identity"): "same",
    ("tensorflow", "control_dependencies"): "context", ("tensorflow", "name_scope"): "context",
    ("tensorflow", "variable_scope"): "context",
    ("tensorflow", "device"): "context", ("tensorflow", "range"): "arange",
    ("torch", "tensor"): "tensor", ("torch", "as_tensor"): "tensor", ("torch", "from_numpy"): "tensor",
    ("torch", "FloatTensor"): "tensor",
    ("torch", "Tensor"): "tensor", ("torch", "DoubleTensor"): "tensor", ("torch", "LongTensor"): "tensor",
    ("torch", "scalar_tensor"): "tensor",
    ("torch", "Parameter"): "variable", ("torch", "Variable"): "old_variable", ("torch", "grad"): "torch_grad",
    ("torch", "backward"): "torch_backward", ("torch", "enable_grad"): "context", ("torch", "no_grad"): "no_grad",
    ("torch", "inference_mode"): "no_grad", ("torch", "autocast"): "context", ("torch", "clone"): "same",
    ("torch", "set_grad_enabled"): "context", ("torch", "detect_anomaly"): "context", ("torch", "numel"): "size",
    ("torch", "jit"): "decorator",
    ("numpy", "array"): "array", ("numpy", "asarray"): "array", ("jax", "array"): "array", ("jax", "asarray"): "array",
    ("numpy", "float64"): "array", ("numpy", "float32"): "array", ("jax", "float32"): "array",
    ("numpy", "copy"): "same",
    ("numpy", "ndim"): "ndim", ("numpy", "shape"): "shape", ("numpy", "size"): "size", ("jax", "ndim"): "ndim",
    ("jax", "shape"): "shape",
    ("tensorflow", "shape"): "shape", ("tensorflow", "rank"): "ndim", ("tensorflow", "size"): "size",
    ("jax", "grad"): "jax_grad", ("jax", "value_and_grad"): "value_and_grad", ("numpy", "grad"): "jax_grad",
    ("numpy", "elementwise_grad"): "jax_grad", ("numpy", "value_and_grad"): "value_and_grad",
    ("jax", "jit"): "decorator",
    ("jax", "vmap"): "vmap", ("torch", "vmap"): "vmap",
    ("jax", "jacfwd"): "jacobian", ("jax", "jacrev"): "jacobian", ("jax", "jacobian"): "jacobian",
    ("jax", "hessian"): "jacobian", ("numpy", "jacobian"): "jacobian", ("numpy", "hessian"): "jacobian",
    ("torch", "jacobian"): "jacobian", ("torch", "hessian"): "jacobian", ("torch", "jacrev"): "jacobian",
    ("torch", "jacfwd"): "jacobian",
    ("jax", "checkpoint"): "decorator", ("jax", "remat"): "decorator", ("jax", "device_put"): "same",
    ("tensorflow", "function"): "decorator", ("torch", "Value"): "value", ("tensorflow", "no_gradient"): "same",
    ("numpy", "positive"): "same", ("torch", "positive"): "same", ("torch", "conj"): "same", ("torch", "real"): "same",
    ("tensorflow", "to_float"): "same", ("tensorflow", "to_int32"): "same", ("jax", "device_get"): "same",
    ("torch", "sort"): "sort", ("torch", "topk"): "topk", ("jax", "top_k"): "topk", ("tensorflow", "top_k"): "topk",
    ("torch", "median"): "median",
    ("torch", "normal"): "normal", ("numpy", "normal"): "normal", ("jax", "normal"): "normal",
    ("tensorflow", "normal"): "normal", ("tensorflow", "random_normal"): "normal",
    ("tensorflow", "truncated_normal"): "normal", ("jax", "truncated_normal"): "normal",
    ("numpy", "uniform"): "uniform", ("jax", "uniform"): "uniform", ("tensorflow", "uniform"): "uniform",
    ("tensorflow", "random_uniform"): "uniform",
    **{(framework, name): rule for name, rule in SEVERAL.items() for framework in _ALL},
}  # fmt: skip
# What cannot be drawn, and what can instead, by the name of the call.
_ALONG = "a direction has no circuit of its own: `jax.grad(f)(x)` holds the slopes of all of them"
_MASKED = "its shape depends on values, and a circuit's does not: choose with `where`"
_FACTORS = "svd svd_lowrank eig eigh eigvals eigvalsh qr cholesky lu lstsq pinv pinverse matrix_exp expm"
_OTHERS = (
    "percentile quantile interp convolve correlate cov corrcoef histogram histc bincount searchsorted bucketize "
    "digamma polygamma lgamma gammaln gamma i0 erfinv erf_inv mode cummax cummin logcumsumexp scatter scatter_add "
    "scatter_nd segment_sum unsorted_segment_sum index_put unfold fold grid_sample affine_grid ctc_loss stft fft "
    "multinomial bernoulli categorical choice permutation randperm shuffle conv_transpose1d conv_transpose2d conv3d "
    "polyval conv_general_dilated logspace geomspace gradient block_diag cartesian_prod combinations renorm"
)
UNDRAWN: dict[str, str] = {
    "vmap": "a batch is drawn as one tensor: call the function on the whole of it",
    "pmap": "a batch is drawn as one tensor: call the function on the whole of it",
    "vectorized_map": "a batch is drawn as one tensor: call the function on the whole of it",
    "map_fn": "a batch is drawn as one tensor: call the function on the whole of it",
    "jvp": _ALONG, "vjp": _ALONG, "linearize": _ALONG, "make_vjp": _ALONG, "make_jvp": _ALONG,
    "scan": "repeat with `for i in range(n)`", "fori_loop": "repeat with `for i in range(n)`",
    "while_loop": "repeat with `for i in range(n)`", "foldl": "repeat with `for i in range(n)`",
    "cond": "choose with `a if c else b`", "switch_case": "choose with `a if c else b`",
    "case": "choose with `a if c else b`",
    "masked_select": _MASKED, "boolean_mask": _MASKED, "nonzero": _MASKED, "unique": _MASKED, "argwhere": _MASKED,
    "custom_vjp": "a rule of one's own cannot be drawn: write the function in operators",
    "custom_jvp": "a rule of one's own cannot be drawn: write the function in operators",
    "custom_gradient": "a rule of one's own cannot be drawn: write the function in operators",
    **dict.fromkeys(_FACTORS.split(), "write what its factors are for, with `solve`, `inv` or `det`"),
    **dict.fromkeys(_OTHERS.split(), "it is not among the functions that are drawn: write what it computes"),
    "sorted": "write `sort(x)`", "set": "write a list: `[a, b]`", "getattr": "write the attribute: `x.name`",
    "super": "a class cannot be drawn: write the mathematics of its call",
    "vectorize": "operators work on whole tensors: call the function on the tensor",
}  # fmt: skip


def member(module: Module, name: str) -> Held:
    """What `module.name` means: the first of these that knows the name."""
    for rule in (_constant, _ruled, _without_weights, _with_weights, _data, _optimizer, _opaque, _model, _drawn):
        found = rule(module, name)
        if found is not None:
            return found
    return Special("undrawn" if name in UNDRAWN else "unknown", f"{module.path}.{name}", framework_of(module.path))


def _constant(module: Module, name: str) -> Held | None:
    last = module.path.rpartition(".")[2]
    if name in CONSTANTS and last in {"numpy", "math", "torch", "jax", "tensorflow", "constants"}:
        return Number(CONSTANTS[name], None, literal=True)
    return NOTHING if name == "newaxis" else None


def _ruled(module: Module, name: str) -> Held | None:
    """A call with a rule of its own."""
    framework, parts = framework_of(module.path), module.path.split(".")
    rule = SPECIALS.get((framework, name))
    if rule == "split" and parts[-1] == "random":
        rule = None  # of a random key
    elif rule == "decorator" and (framework, name) == ("torch", "jit"):
        rule = None
    if name in LIKE:
        rule = "like"
    elif framework == "tensorflow" and (name in _INITIALIZERS or "initializers" in parts):
        rule = "initializer"
    elif name == "Value" and parts[0] == "micrograd":
        rule = "value"
    return None if rule is None else Special(rule, f"{module.path}.{name}", framework)


_INITIALIZERS = frozenset(
    f"{kind}_initializer"
    for kind in ("zeros", "ones", "constant", "random_normal", "random_uniform", "truncated_normal", "glorot_uniform",
                 "glorot_normal", "uniform_unit_scaling", "variance_scaling", "orthogonal", "xavier", "he_normal")
)  # fmt: skip


def _without_weights(module: Module, name: str) -> Held | None:
    framework = framework_of(module.path)
    if name in MODULES and framework in {"torch", "tensorflow"}:
        return Special("module", f"{module.path}.{name}", framework)
    return None


def _with_weights(module: Module, name: str) -> Held | None:
    """A module whose weights are drawn as inputs."""
    if (
        framework_of(module.path) != "torch"
        or not (name in LAYERS or name in HOLDING)
        or module.path.startswith("micrograd")
    ):
        return None
    return Special("layer" if name in LAYERS else "holding", f"{module.path}.{name}", "torch")


def _data(module: Module, name: str) -> Held | None:
    if name not in _DATA and not {"datasets", "data", "transforms"} & set(module.path.split(".")):
        return None
    text = (
        f"`{module.path}.{name}` is a data set, which cannot be drawn: paste the numbers, as in `x = [[1, 2], [3, 4]]`"
    )
    return Opaque("a data set", "data", text)


def _optimizer(module: Module, name: str) -> Held | None:
    parts = set(module.path.split("."))
    known = name in {"SGD", "Adam", "RMSprop"} or ("optax" in parts and name in {"sgd", "adam", "adamw", "rmsprop"})
    if known or parts & {"optim", "optimizers"} or name.endswith("Optimizer"):
        return Opaque("an optimizer", "optimizer")
    return None


# The kinds of what is left out: what they are called, and their kind.
_KINDS = {"a device": "device", "a random key": "device", "a generator": "generator", "a session": "context"}


# Names that are left out in these modules only.
_HOMES = {
    "split": frozenset({"random"}),
    **dict.fromkeys(
        ("seed", "key", "function", "device"), frozenset({"random", "torch", "tensorflow", "jax", "numpy"})
    ),
}


def _opaque(module: Module, name: str) -> Held | None:
    what, home = _OPAQUE.get(name), module.path.rpartition(".")[2]
    if what is None or home not in _HOMES.get(name, {home}):
        return None
    return Opaque(what, "context" if name == "Graph" else _KINDS.get(what, ""))


def _model(module: Module, name: str) -> Held | None:
    if name not in MODELS:
        return None
    text = (
        f"`{module.path}.{name}` makes its own random weights, which cannot be drawn: paste the mathematics, such as "
    )
    return Opaque(f"`{name}`", "model", text + "`h = tanh(x @ W + b)`")


def _drawn(module: Module, name: str) -> Held | None:
    """A module within, a type, an operator."""
    path, framework = f"{module.path}.{name}", framework_of(module.path)
    if name in _PARTS:
        return Module(path)
    if name in _TYPES:
        return Opaque("a type", "type")
    operator = named(name, framework)
    return None if operator is None else Known(operator, framework, path)
