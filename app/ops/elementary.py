"""Functions of one number: roots, exponentials, logarithms, trigonometry, rounding."""

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from app.ops.operator import Convention, Operator, Sample, Spelling, elementwise

PI = math.pi
ANY = (Sample(),)
POSITIVE = (Sample(low=0.2, high=4),)
INSIDE = (Sample(low=-0.9, high=0.9),)


Real = Callable[[float], float]


def ieee(function: Real, over: Real = lambda x: math.inf) -> Real:
    """`function` with IEEE results where `math` raises: `over` where it overflows, NaN outside its domain."""

    def total(x: float) -> float:
        try:
            return function(x)
        except OverflowError:
            return over(x)
        except ValueError:
            return math.nan

    return total


def _logarithm(function: Real, pole: float = 0.0) -> Real:
    """A logarithm: −inf at its pole, NaN beyond it."""

    def total(x: float) -> float:
        try:
            return function(x)
        except ValueError:
            return -math.inf if x == pole else math.nan

    return total


def _reciprocal(x: float) -> float:
    try:
        return 1.0 / x
    except ZeroDivisionError:
        return math.copysign(math.inf, x)


def _inverse_root(x: float) -> float:
    try:
        return 1.0 / math.sqrt(x)
    except ZeroDivisionError:
        return math.copysign(math.inf, x)
    except ValueError:
        return math.nan


def _rounded(function: Real) -> Real:
    """A rounding to whole numbers that keeps ±inf, NaN and the sign of zero."""

    def total(x: float) -> float:
        try:
            return math.copysign(float(function(x)), x)
        except (OverflowError, ValueError):
            return x

    return total


def _sign(x: float) -> float:
    return 1.0 if x > 0 else -1.0 if x < 0 else x


def function(
    name: str, forward: Any, scalar: Real, slope: Callable[[Any, Any], Any], *, latex: str,
    doc: str,
    example: str = "", sample: tuple[Sample, ...] = ANY, flops: int = 20, **rest: Any,
) -> Operator:  # fmt: skip
    """An elementwise operator of one argument: `slope(x, y)` is its derivative."""
    return elementwise(
        name, forward=forward, scalar=scalar, partials=lambda x, y: (slope(x, y),), latex=latex, doc=doc,
        example=example or f"{name}(x)", sample=sample, flops=flops, **rest,
    )  # fmt: skip


def _call(name: str) -> str:
    return rf"\{name}\left({{0}}\right)"


def flat(step: str) -> tuple[Convention, ...]:
    return (Convention(says=f"Its derivative is 0, {step} too."),)


# ── Powers and roots ─────────────────────────────────────────────────────────────────────────────────────────────────

abs_ = function(
    "abs", np.abs, abs, lambda x, y: sign(x), latex=r"\left|{0}\right|", sign="|x|", flops=1,
    aliases=("absolute", "fabs"),
    doc="The distance from 0: the gradient passes with the sign of x.", source="PyTorch: torch.abs",
    conventions=(Convention(says="At 0 the slope is 0.", at=lambda x: np.equal(x, 0)),),
    spell=Spelling(python="abs({0})", js="Math.abs({0})", onnx="Abs"),
)  # fmt: skip

sign: Operator = function(
    "sign", np.sign, _sign, lambda x, y: 0, latex=r"\operatorname{{sgn}}\left({0}\right)", sign="sgn", flops=1,
    doc="−1, 0 or 1: flat on both sides, so no gradient passes.", conventions=flat("at 0"),
    source="PyTorch: torch.sign",
    example="sign(x)*x", spell=Spelling(js="Math.sign({0})", onnx="Sign"), aliases=("sgn",),
)  # fmt: skip

sqrt = function(
    "sqrt", np.sqrt, ieee(math.sqrt), lambda x, y: 1 / (2 * y), latex=r"\sqrt{{{0}}}", sign="√", sample=POSITIVE,
    doc="The square root is steep near 0: its slope is one over twice the result.", flops=8,
    conventions=(Convention(says="At 0 the slope is infinite, as IEEE has it.", at=lambda x: np.equal(x, 0)),),
    spell=Spelling(python="sqrt({0})", js="Math.sqrt({0})", onnx="Sqrt"),
)  # fmt: skip

rsqrt = function(
    "rsqrt", lambda x: 1 / np.sqrt(x), _inverse_root, lambda x, y: -0.5 * (y * y * y), sample=POSITIVE, flops=12,
    latex=r"\frac{{1}}{{\sqrt{{{0}}}}}", sign="1/√", doc="One over the square root, as normalisations divide by it.",
    spell=Spelling(python="(1.0 / sqrt({0}))", js="(1 / Math.sqrt({0}))", onnx="", numpy="(1 / np.sqrt({0}))",
                   jax="jax.lax.rsqrt({0})", tensorflow="tf.math.rsqrt({0})"),
)  # fmt: skip

square = function(
    "square", np.square, lambda x: x * x, lambda x, y: 2 * x, latex="{{{0}}}^2", sign="x²", flops=1,
    doc="A square doubles: the slope is 2x.",
    spell=Spelling(js="({0} * {0})", onnx=""),
)  # fmt: skip

reciprocal = function(
    "reciprocal", np.reciprocal, _reciprocal, lambda x, y: -(y * y), latex=r"\frac{{1}}{{{0}}}", sign="1/x", flops=4,
    doc="One over x: its slope is minus the square of the result.", sample=(Sample(low=0.4, high=3),),
    spell=Spelling(python="(1.0 / {0})", js="(1 / {0})", onnx="Reciprocal", tensorflow="tf.math.reciprocal({0})"),
)  # fmt: skip

# ── Exponentials and logarithms ──────────────────────────────────────────────────────────────────────────────────────

exp = function(
    "exp", np.exp, ieee(math.exp), lambda x, y: y, latex="e^{{{0}}}", aliases=("tensorflow.exponential",),
    doc="The exponential is its own slope: the gradient is multiplied by the result.",
    spell=Spelling(python="exp({0})", js="Math.exp({0})", onnx="Exp"),
)  # fmt: skip

expm1 = function(
    "expm1", np.expm1, ieee(math.expm1), lambda x, y: y + 1, latex="e^{{{0}}} - 1",
    doc="eˣ − 1, exact near 0. Its slope is the result plus 1.",
    spell=Spelling(python="expm1({0})", js="Math.expm1({0})", onnx="", tensorflow="tf.math.expm1({0})"),
)  # fmt: skip

log = function(
    "log", np.log, _logarithm(math.log), lambda x, y: 1 / x, latex=_call("ln"), sign="ln", sample=POSITIVE,
    doc="The logarithm divides the gradient by x: small inputs get large gradients.", aliases=("ln",),
    conventions=(Convention(says="At 0 the value is −∞ and the slope infinite, as IEEE has it.",
                            at=lambda x: np.equal(x, 0)),),
    spell=Spelling(python="log({0})", js="Math.log({0})", onnx="Log", tensorflow="tf.math.log({0})"),
)  # fmt: skip

log1p = function(
    "log1p", np.log1p, _logarithm(math.log1p, -1.0), lambda x, y: 1 / (x + 1), latex=r"\ln\left(1 + {0}\right)",
    doc="log(1 + x), exact near 0.", sample=(Sample(low=-0.6, high=3),),
    spell=Spelling(python="log1p({0})", js="Math.log1p({0})", onnx="", tensorflow="tf.math.log1p({0})"),
)  # fmt: skip

log2 = function(
    "log2", np.log2, _logarithm(math.log2), lambda x, y: 1 / (x * math.log(2)), latex=r"\log_2\left({0}\right)",
    sign="log₂", doc="The logarithm to base 2: slope 1/(x·ln 2).", sample=POSITIVE,
    spell=Spelling(python="log2({0})", js="Math.log2({0})", onnx="",
                   tensorflow="(tf.math.log({0}) / 0.6931471805599453)"),
)  # fmt: skip

log10 = function(
    "log10", np.log10, _logarithm(math.log10), lambda x, y: 1 / (x * math.log(10)),
    latex=r"\log_{{10}}\left({0}\right)",
    sign="log₁₀", doc="The logarithm to base 10: slope 1/(x·ln 10).", sample=POSITIVE,
    spell=Spelling(python="log10({0})", js="Math.log10({0})", onnx="",
                   tensorflow="(tf.math.log({0}) / 2.302585092994046)"),
)  # fmt: skip

# ── Trigonometry ─────────────────────────────────────────────────────────────────────────────────────────────────────

sin: Operator = function(
    "sin", np.sin, ieee(math.sin), lambda x, y: cos(x), latex=_call("sin"), doc="The slope of the sine is the cosine.",
    spell=Spelling(python="sin({0})", js="Math.sin({0})", onnx="Sin"),
)  # fmt: skip

cos: Operator = function(
    "cos", np.cos, ieee(math.cos), lambda x, y: -sin(x), latex=_call("cos"),
    doc="The slope of the cosine is minus the sine.", spell=Spelling(python="cos({0})", js="Math.cos({0})", onnx="Cos"),
)  # fmt: skip

tan = function(
    "tan", np.tan, ieee(math.tan), lambda x, y: 1 + y * y, latex=_call("tan"), sample=(Sample(low=-1.2, high=1.2),),
    doc="The tangent's slope is 1 plus the square of the result: never less than 1.",
    spell=Spelling(python="tan({0})", js="Math.tan({0})", onnx="Tan"),
)  # fmt: skip

asin = function(
    "asin", np.arcsin, ieee(math.asin), lambda x, y: rsqrt(1 - x * x), latex=_call("arcsin"), sample=INSIDE,
    doc="The inverse of the sine: steep at ±1.", aliases=("arcsin",),
    spell=Spelling(python="asin({0})", js="Math.asin({0})", onnx="Asin", numpy="np.arcsin({0})", jax="jnp.arcsin({0})"),
)  # fmt: skip

acos = function(
    "acos", np.arccos, ieee(math.acos), lambda x, y: -rsqrt(1 - x * x), latex=_call("arccos"), sample=INSIDE,
    doc="The inverse of the cosine: its slope is minus that of asin.", aliases=("arccos",),
    spell=Spelling(python="acos({0})", js="Math.acos({0})", onnx="Acos", numpy="np.arccos({0})", jax="jnp.arccos({0})"),
)  # fmt: skip

atan = function(
    "atan", np.arctan, math.atan, lambda x, y: 1 / (x * x + 1), latex=_call("arctan"),
    doc="The inverse of the tangent: slope 1 at 0, fading as 1/x².", aliases=("arctan",),
    spell=Spelling(python="atan({0})", js="Math.atan({0})", onnx="Atan", numpy="np.arctan({0})", jax="jnp.arctan({0})"),
)  # fmt: skip

sinh: Operator = function(
    "sinh", np.sinh, ieee(math.sinh, lambda x: math.copysign(math.inf, x)), lambda x, y: cosh(x), latex=_call("sinh"),
    doc="The slope of the hyperbolic sine is the hyperbolic cosine.",
    spell=Spelling(python="sinh({0})", js="Math.sinh({0})", onnx="Sinh"),
)  # fmt: skip

cosh: Operator = function(
    "cosh", np.cosh, ieee(math.cosh), lambda x, y: sinh(x), latex=_call("cosh"),
    doc="The slope of the hyperbolic cosine is the hyperbolic sine.",
    spell=Spelling(python="cosh({0})", js="Math.cosh({0})", onnx="Cosh"),
)  # fmt: skip

tanh = function(
    "tanh", np.tanh, math.tanh, lambda x, y: 1 - y * y, latex=_call("tanh"),
    doc="Squashes to (−1, 1). Its slope is 1 at 0 and falls off fast: deep stacks of it vanish.",
    spell=Spelling(python="tanh({0})", js="Math.tanh({0})", onnx="Tanh"),
)  # fmt: skip

asinh = function(
    "asinh", np.arcsinh, math.asinh, lambda x, y: rsqrt(x * x + 1), latex=r"\operatorname{{arsinh}}\left({0}\right)",
    doc="The inverse of sinh: a logarithm for both signs.", aliases=("arcsinh",),
    spell=Spelling(python="asinh({0})", js="Math.asinh({0})", onnx="Asinh", numpy="np.arcsinh({0})",
                   jax="jnp.arcsinh({0})", tensorflow="tf.math.asinh({0})"),
)  # fmt: skip

acosh = function(
    "acosh", np.arccosh, ieee(math.acosh), lambda x, y: rsqrt(x * x - 1),
    latex=r"\operatorname{{arcosh}}\left({0}\right)", sample=(Sample(low=1.2, high=4),),
    doc="The inverse of cosh: steep at 1.", aliases=("arccosh",),
    spell=Spelling(python="acosh({0})", js="Math.acosh({0})", onnx="Acosh", numpy="np.arccosh({0})",
                   jax="jnp.arccosh({0})", tensorflow="tf.math.acosh({0})"),
)  # fmt: skip


def _artanh(x: float) -> float:
    try:
        return math.atanh(x)
    except ValueError:
        return math.copysign(math.inf, x) if abs(x) == 1 else math.nan


atanh = function(
    "atanh", np.arctanh, _artanh, lambda x, y: 1 / (1 - x * x), latex=r"\operatorname{{artanh}}\left({0}\right)",
    sample=INSIDE, doc="The inverse of tanh: steep at ±1.", aliases=("arctanh",),
    spell=Spelling(python="atanh({0})", js="Math.atanh({0})", onnx="Atanh", numpy="np.arctanh({0})",
                   jax="jnp.arctanh({0})", tensorflow="tf.math.atanh({0})"),
)  # fmt: skip

# ── Rounding ─────────────────────────────────────────────────────────────────────────────────────────────────────────

floor = function(
    "floor", np.floor, _rounded(math.floor), lambda x, y: 0, latex=r"\left\lfloor {0} \right\rfloor", sign="⌊x⌋",
    flops=1,
    doc="Rounds down: a staircase, so no gradient passes.", conventions=flat("at its steps"), example="x - floor(x)",
    spell=Spelling(js="Math.floor({0})", onnx="Floor"),
)  # fmt: skip

ceil = function(
    "ceil", np.ceil, _rounded(math.ceil), lambda x, y: 0, latex=r"\left\lceil {0} \right\rceil", sign="⌈x⌉", flops=1,
    doc="Rounds up: a staircase, so no gradient passes.", conventions=flat("at its steps"), example="ceil(x) - x",
    spell=Spelling(js="Math.ceil({0})", onnx="Ceil", tensorflow="tf.math.ceil({0})"),
)  # fmt: skip

round_ = function(
    "round", np.rint, _rounded(round), lambda x, y: 0, latex=r"\operatorname{{round}}\left({0}\right)", flops=1,
    doc="Rounds to the nearest whole number, a half to the even one: a staircase, so no gradient passes.",
    conventions=flat("at its steps"), example="x - round(x)", aliases=("rint", "around"),
    spell=Spelling(js="round({0})", onnx="Round"),
)  # fmt: skip
