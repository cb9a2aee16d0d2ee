"""Activations: what neurons squash with."""

import math
from typing import Any

import numpy as np

from app.ops.elementary import exp, expm1, function
from app.ops.erf import erf_of
from app.ops.operator import Convention, Operator, Sample, Spelling, composed, elementwise
from app.ops.selection import where
from app.ops.signature import parameters
from app.ops.special import erf


def _sigmoid(x: float) -> float:
    try:
        return 1.0 / (1.0 + math.exp(-x))
    except OverflowError:
        return 0.0


def _silu(x: float) -> float:
    try:
        return x / (1.0 + math.exp(-x))
    except OverflowError:
        return x / math.inf


def _squashed(x: Any, out: Any) -> None:
    np.negative(x, out)
    np.exp(out, out)
    np.add(out, 1, out)
    np.divide(1, out, out)


sigmoid = function(
    "sigmoid", lambda x: 1 / (1 + np.exp(-x)), _sigmoid, lambda x, y: y * (1 - y),
    into=_squashed,
    latex=r"\sigma\left({0}\right)", sign="σ", aliases=("logistic", "expit"),
    doc="Squashes to (0, 1). Its slope is y·(1 − y), at most ¼: each sigmoid shrinks the gradient at least fourfold.",
    spell=Spelling(python="(1.0 / (1.0 + exp(-{0})))", js="(1 / (1 + Math.exp(-{0})))", onnx="Sigmoid",
                   numpy="(1 / (1 + np.exp(-{0})))", jax="jax.nn.sigmoid({0})", tensorflow="tf.sigmoid({0})"),
)  # fmt: skip

relu = function(
    "relu", lambda x: np.maximum(x, 0), lambda x: 0.0 if x <= 0 else x, lambda x, y: where(x <= 0, 0, 1),
    into=lambda x, out: np.maximum(x, 0, out=out),
    latex=r"\operatorname{{ReLU}}\left({0}\right)", sign="ReLU", flops=1,
    doc="A gate: open where x > 0, and the gradient passes unchanged; shut elsewhere, and nothing passes.",
    conventions=(Convention(says="At 0 the slope is 0.", at=lambda x: np.equal(x, 0)),), source="PyTorch: torch.relu",
    spell=Spelling(python="(0.0 if {0} <= 0 else {0})", js="relu({0})", onnx="Relu", numpy="np.maximum({0}, 0)",
                   jax="jax.nn.relu({0})", tensorflow="tf.nn.relu({0})"),
)  # fmt: skip


def _leaky(x: Any, *rest: Any) -> tuple[Any, ...]:
    slope = rest[0] if len(rest) == 2 else 0.01
    return (where(x > 0, 1, slope), where(x > 0, 0, x))[: len(rest)]


leaky_relu = elementwise(
    "leaky_relu", "x, slope|negative_slope|alpha = 0.01",
    forward=lambda x, slope=0.01: np.where(np.greater(x, 0), x, np.multiply(x, slope)),
    scalar=lambda x, slope=0.01: x if x > 0 else x * slope, partials=_leaky,
    sign="LReLU", latex=r"\operatorname{{LeakyReLU}}\left({args}\right)", aliases=("prelu",),
    defaults={"tensorflow": {"slope": 0.2}},
    doc="A gate that is never quite shut: where x < 0 a small part of the gradient still passes.",
    conventions=(Convention(says="At 0 the slope is that for x < 0.", slots=(0,),
                            at=lambda x, slope=0.01: np.equal(x, 0) & np.not_equal(slope, 1)),),
    source="PyTorch: torch.nn.functional.leaky_relu", example="leaky_relu(x, 0.1)", flops=2,
    sample=(Sample(), Sample(low=0.05, high=0.3)),
    spell=Spelling(js="leaky_relu({args})", onnx="LeakyRelu", numpy="", torch="F.leaky_relu({args})",
                   jax="jax.nn.leaky_relu({args})", tensorflow=""),
)  # fmt: skip


def _elu(x: float, alpha: float = 1.0) -> float:
    return alpha * math.expm1(x) if x <= 0 else x


def _elu_partials(x: Any, *rest: Any) -> tuple[Any, ...]:
    if len(rest) == 1:
        return (where(x <= 0, exp(x), 1),)
    alpha = rest[0]
    return (where(x <= 0, alpha * exp(x), 1), where(x <= 0, expm1(x), 0))


elu = elementwise(
    "elu", "x, alpha = 1.0", forward=lambda x, alpha=1.0: np.where(np.less_equal(x, 0), alpha * np.expm1(x), x),
    scalar=_elu, partials=_elu_partials, sign="ELU", latex=r"\operatorname{{ELU}}\left({args}\right)",
    doc="The identity where x > 0; below, an exponential that levels off at −α, so its slope fades.",
    conventions=(Convention(says="At 0 the slope is α.", slots=(0,),
                            at=lambda x, alpha=1.0: np.equal(x, 0) & np.not_equal(alpha, 1)),),
    source="PyTorch: torch.nn.functional.elu", example="elu(x)", flops=25, sample=(Sample(), Sample(low=0.5, high=1.5)),
    spell=Spelling(js="elu({args})", onnx="Elu", numpy="", torch="F.elu({args})", jax="jax.nn.elu({args})",
                   tensorflow=""),
)  # fmt: skip

softplus = function(
    "softplus", lambda x: np.where(np.greater(x, 20), x, np.log1p(np.exp(x))),
    lambda x: x if x > 20 or x != x else math.log1p(math.exp(x)), lambda x, y: where(x > 20, 1, sigmoid(x)),
    latex=r"\ln\left(1 + e^{{{0}}}\right)", flops=45,
    doc="A smooth ReLU: its slope is the sigmoid.", source="PyTorch: torch.nn.functional.softplus, linear above 20",
    spell=Spelling(js="softplus({0})", onnx="Softplus", numpy="", torch="F.softplus({0})", jax="jax.nn.softplus({0})",
                   tensorflow="tf.nn.softplus({0})"),
)  # fmt: skip

silu = function(
    "silu", lambda x: x / (1 + np.exp(-x)), _silu, lambda x, y: sigmoid(x) * (1 + x * (1 - sigmoid(x))),
    latex=r"{0} \cdot \sigma\left({0}\right)", sign="SiLU", aliases=("swish",),
    doc="x times its sigmoid: a soft gate that x opens for itself.",
    spell=Spelling(python="({0} / (1.0 + exp(-{0})))", js="({0} / (1 + Math.exp(-{0})))", onnx="",
                   numpy="({0} / (1 + np.exp(-{0})))",
                   torch="F.silu({0})", jax="jax.nn.silu({0})", tensorflow="tf.nn.silu({0})"),
)  # fmt: skip

ROOT_HALF = math.sqrt(0.5)
PEAK = 1 / math.sqrt(2 * math.pi)  # of the bell curve

gelu: Operator = elementwise(
    "gelu", "x, approximate: str = 'none'", forward=lambda x: 0.5 * x * (1 + erf_of(x * ROOT_HALF)),
    scalar=lambda x: 0.5 * x * (1 + math.erf(x * ROOT_HALF)),
    partials=lambda x, y: (0.5 * (1 + erf(x * ROOT_HALF)) + x * (PEAK * exp(-0.5 * (x * x))),),
    variants={"approximate": {"none": "gelu", False: "gelu", "tanh": "gelu_tanh", True: "gelu_tanh"}},
    defaults={"jax": {"approximate": True}}, example="gelu(x)", sample=(Sample(),),
    latex=r"\operatorname{{GELU}}\left({0}\right)", sign="GELU", flops=50,
    doc="x times the share of a bell curve that lies below it: a gate that opens smoothly.",
    source="PyTorch: torch.nn.functional.gelu, the exact form by erf",
    spell=Spelling(js="(0.5 * {0} * (1 + erf({0} * 0.7071067811865476)))", onnx="Gelu", numpy="", torch="F.gelu({0})",
                   jax="jax.nn.gelu({0}, approximate=False)", tensorflow="tf.nn.gelu({0})"),
)  # fmt: skip

# ── Written in the language ──────────────────────────────────────────────────────────────────────────────────────────


def _short(name: str, body: str, *, doc: str, signature: str = "x", torch: str | None = None, **rest: Any) -> Operator:
    """A composition of one expression of its parameters."""
    names = ", ".join(p.name if p.required else f"{p.name}={p.default!r}" for p in parameters(signature))
    return composed(
        name, signature, body=f"def {name}({names}):\n    return {body}", doc=doc, example=f"{name}(x)",
        sample=(Sample(),),
        spell=Spelling(numpy="", torch=f"F.{torch or name}({{0}})", jax="", tensorflow="", onnx=""), **rest,
    )  # fmt: skip


gelu_tanh = _short(
    "gelu_tanh", "0.5*x*(1 + tanh(0.7978845608028654*(x + 0.044715*x**3)))", torch="gelu",
    doc="GELU by a tanh that comes close to the bell curve's share.", source="Hendrycks and Gimpel 2016",
)  # fmt: skip
relu6 = _short("relu6", "clip(x, 0, 6)", doc="A ReLU that levels off at 6.")
hardtanh = _short(
    "hardtanh", "clip(x, lo, hi)", signature="x, lo|min_val = -1.0, hi|max_val = 1.0",
    doc="Straight between −1 and 1, flat outside.",
)  # fmt: skip
hardsigmoid = _short(
    "hardsigmoid", "clip(x + 3, 0, 6)/6", doc="A sigmoid of straight pieces.", aliases=("hard_sigmoid",)
)
hardswish = _short(
    "hardswish",
    "x*clip(x + 3, 0, 6)/6",
    doc="SiLU with a sigmoid of straight pieces.",
    aliases=("hard_swish", "hard_silu"),
)
softsign = _short(
    "softsign", "x/(1 + abs(x))", doc="Squashes to (−1, 1), with tails that fade slowly.", aliases=("soft_sign",)
)
logsigmoid = _short(
    "logsigmoid", "-softplus(-x)", doc="The logarithm of the sigmoid, stable.", aliases=("log_sigmoid",)
)
mish = _short("mish", "x*tanh(softplus(x))", doc="x times the tanh of its softplus: a smooth gate.")
tanhshrink = _short("tanhshrink", "x - tanh(x)", doc="What tanh takes off.")
selu = _short(
    "selu", "1.0507009873554805*elu(x, 1.6732632423543772)",
    doc="An ELU scaled so that signals keep their size through layers.",
)  # fmt: skip
celu = _short("celu", "maximum(x, 0) + minimum(0, expm1(x))", doc="An ELU, smooth at 0.")
