"""The signs: + - * / // % ** and the unary minus; and the one gate that adds many."""

import math
from functools import reduce
from operator import add as plus
from operator import mul as product
from operator import neg as minus
from operator import sub as difference
from typing import Any

import numpy as np

from app.ops.comparison import both, eq, ge
from app.ops.elementary import log
from app.ops.operator import Convention, Sample, Spelling, elementwise
from app.ops.selection import where


def _power(x: float, y: float) -> float:
    """x**y by IEEE 754: NaN where the result is not real, ±inf where `math` raises."""
    try:
        return math.pow(x, y)
    except OverflowError:
        return -math.inf if x < 0 and y % 2 == 1 else math.inf
    except ValueError:
        if x == 0:
            return math.copysign(math.inf, x) if y % 2 == 1 else math.inf
        return math.nan


def _quotient(x: float, y: float) -> float:
    """x/y by IEEE 754: ±inf or NaN where y is 0."""
    try:
        return x / y
    except ZeroDivisionError:
        return math.nan if x == 0 or x != x else math.copysign(math.inf, x) * math.copysign(1.0, y)


def _floor_quotient(x: float, y: float) -> float:
    """⌊x/y⌋; where y is 0 what x/y is."""
    try:
        return x // y
    except ZeroDivisionError:
        return _quotient(x, y)


def _remainder(x: float, y: float) -> float:
    """x − y·⌊x/y⌋, with the sign of y; NaN where y is 0."""
    try:
        return x % y
    except ZeroDivisionError:
        return math.nan


def _total(*xs: Any) -> Any:
    return reduce(plus, xs)


add = elementwise(
    "add", "x, y", forward=np.add, scalar=plus, partials=lambda x, y, z: (1, 1), linear="jointly",
    latex="{0} + {1}", infix="+", sign="+", commutes=True, aliases=("tensorflow.bias_add",),
    doc="An addition hands its gradient on to every operand unchanged: it distributes.",
    example="x + y", sample=(Sample(), Sample()),
    spell=Spelling(python="({0} + {1})", numpy="({0} + {1})", torch="({0} + {1})", jax="({0} + {1})",
                   tensorflow="({0} + {1})", onnx="Add", js="({0} + {1})"),
)  # fmt: skip

sub = elementwise(
    "sub", "x, y", forward=np.subtract, scalar=difference, partials=lambda x, y, z: (1, -1), linear="jointly",
    latex="{0} - {1}", infix="-", sign="−", aliases=("subtract",),
    doc="A subtraction hands its gradient on to the first operand, and its negative to the second.",
    example="x - y", sample=(Sample(), Sample()),
    spell=Spelling(python="({0} - {1})", numpy="({0} - {1})", torch="({0} - {1})", jax="({0} - {1})",
                   tensorflow="({0} - {1})", onnx="Sub", js="({0} - {1})"),
)  # fmt: skip

mul = elementwise(
    "mul", "x, y", forward=np.multiply, scalar=product, partials=lambda x, y, z: (y, x), linear="each",
    latex=r"{0} \cdot {1}", infix="*", sign="×", commutes=True, aliases=("multiply", "scalar_mul"),
    doc="A multiply gate swaps its inputs: each gets the other's value, times what came back.",
    example="x*y", sample=(Sample(), Sample()),
    spell=Spelling(python="({0} * {1})", numpy="({0} * {1})", torch="({0} * {1})", jax="({0} * {1})",
                   tensorflow="({0} * {1})", onnx="Mul", js="({0} * {1})"),
)  # fmt: skip

div = elementwise(
    "div", "x, y", forward=np.divide, scalar=_quotient, partials=lambda x, y, z: (1 / y, -(z / y)),
    latex=r"\frac{{{0}}}{{{1}}}", infix="/", sign="÷", aliases=("divide", "true_divide", "truediv", "realdiv"),
    flops=4,
    doc="A division passes its gradient over the divisor to the numerator; the divisor's is negative, the larger the "
    "smaller it is.",
    example="x/y", sample=(Sample(), Sample(low=0.5, high=2)),
    spell=Spelling(python="({0} / {1})", numpy="({0} / {1})", torch="({0} / {1})", jax="({0} / {1})",
                   tensorflow="({0} / {1})", onnx="Div", js="({0} / {1})"),
)  # fmt: skip

floordiv = elementwise(
    "floordiv", "x, y", forward=np.floor_divide, scalar=_floor_quotient, partials=lambda x, y, z: (0, 0),
    latex=r"\left\lfloor \frac{{{0}}}{{{1}}} \right\rfloor", infix="//", sign="//", aliases=("floor_divide",), flops=4,
    doc="The quotient rounded down: a staircase, flat but for its steps, so no gradient passes.",
    conventions=(Convention(says="Its derivative is 0, at the steps too."),), source="PyTorch: torch.floor_divide",
    example="x//y + x", sample=(Sample(), Sample(low=0.5, high=2)),
    spell=Spelling(python="({0} // {1})", numpy="({0} // {1})", torch="torch.floor_divide({0}, {1})",
                   jax="({0} // {1})",
                   tensorflow="({0} // {1})", onnx="", js="floordiv({0}, {1})"),
)  # fmt: skip

mod = elementwise(
    "mod", "x, y", forward=np.mod, scalar=_remainder, partials=lambda x, y, z: (1, -floordiv(x, y)),
    latex=r"{0} \bmod {1}", infix="%", sign="mod", aliases=("remainder", "floormod", "floor_mod"), flops=4,
    doc="What is left of x after whole steps of y, with the sign of y: a sawtooth of slope 1.",
    conventions=(Convention(says="d/dx is 1 and d/dy is −⌊x/y⌋, at the jumps too.",
                            at=lambda x, y: np.equal(np.mod(x, y), 0)),),
    source="PyTorch: torch.remainder", example="x % y", sample=(Sample(), Sample(low=0.5, high=2)),
    spell=Spelling(python="({0} % {1})", numpy="({0} % {1})", torch="torch.remainder({0}, {1})", jax="({0} % {1})",
                   tensorflow="({0} % {1})", onnx="", js="mod({0}, {1})"),
)  # fmt: skip

pow_ = elementwise(
    "pow", "x, y|exponent|exp", forward=np.power, scalar=_power,
    partials=lambda x, y, z: (
        where(eq(y, 0), 0, y * x ** (y - 1)),
        where(both(eq(x, 0), ge(y, 0)), 0, z * log(x)),
    ),
    latex="{{{0}}}^{{{1}}}", infix="**", sign="xⁿ", aliases=("power", "float_power", "integer_pow"), flops=40,
    doc="A power brings its exponent down: y·x^(y−1) to the base; to the exponent, the result times log x.",
    conventions=(
        Convention(says="For x < 0, d/dy is NaN, as in PyTorch; d/dx is real where y is an integer.", slots=(1,),
                   at=lambda x, y: np.less(x, 0)),
        Convention(says="At x = 0, d/dx is y·x^(y−1) as IEEE computes it, with 0 where y = 0.", slots=(0,),
                   at=lambda x, y: np.equal(x, 0) & np.less(y, 1)),
        Convention(says="At x = 0, d/dy is 0 where y ≥ 0.", slots=(1,),
                   at=lambda x, y: np.equal(x, 0) & np.greater_equal(y, 0)),
    ),
    source="PyTorch: torch.pow", example="x**3", sample=(Sample(low=0.2, high=2), Sample()),
    spell=Spelling(python="pow({0}, {1})", numpy="({0} ** {1})", torch="({0} ** {1})", jax="({0} ** {1})",
                   tensorflow="({0} ** {1})", onnx="Pow", js="power({0}, {1})"),
)  # fmt: skip

neg = elementwise(
    "neg", "x", forward=np.negative, scalar=minus, partials=lambda x, y: (-1,), linear="jointly",
    latex="-{0}", sign="−", aliases=("negative",), doc="A minus sign turns the gradient round.", example="-x",
    sample=(Sample(),),
    spell=Spelling(python="(-{0})", numpy="(-{0})", torch="(-{0})", jax="(-{0})", tensorflow="(-{0})", onnx="Neg",
                   js="(-{0})"),
)  # fmt: skip

add_n = elementwise(
    "add_n", "[xs|inputs]", forward=_total, scalar=_total, partials=lambda *terms: (1,) * (len(terms) - 1),
    linear="jointly", latex="{args}", sign="+", commutes=True, aliases=("accumulate_n",),
    doc="One addition of many: each operand gets the gradient unchanged.", example="add_n([x, y, z])",
    sample=(Sample(), Sample(), Sample()),
    spell=Spelling(python="", numpy="", torch="", jax="", tensorflow="tf.add_n([{args}])", onnx="Sum",
                   js="total({args})"),
)  # fmt: skip

identity = elementwise(
    "identity", "x", forward=np.positive, scalar=lambda x: x, partials=lambda x, y: (1,), linear="jointly", flops=0,
    latex="{0}", sign="=", doc="A wire: value and gradient pass unchanged.", example="identity(x)", sample=(Sample(),),
    spell=Spelling(python="{0}", numpy="{0}", torch="{0}", jax="{0}", tensorflow="tf.identity({0})", onnx="Identity",
                   js="{0}"),
)  # fmt: skip
