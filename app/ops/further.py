"""Elementwise functions that frameworks offer besides, in terms of the rest: exp2, cbrt, logit, xlogy, lerp and kin."""

from typing import Any

from app.ops.operator import Operator, Sample, composed
from app.ops.signature import parameters, written

POSITIVE = Sample(low=0.2, high=3)
SHARE = Sample(low=0.1, high=0.9)


def _of(name: str, signature: str, value: str, *, doc: str, example: str = "", **rest: Any) -> Operator:
    """A composition of one expression of its parameters."""
    taken = parameters(signature)
    operands = [p.name for p in taken if p.role != "attribute" and p.required]
    return composed(
        name, signature, body=f"def {name}({written(taken)}):\n    return {value}", doc=doc,
        example=example or f"{name}({', '.join(operands)})",
        **{"sample": (Sample(),) * len(operands), **rest},
    )  # fmt: skip


exp2 = _of("exp2", "x", "2**x", doc="Powers of two.")
cbrt = _of(
    "cbrt", "x", "sign(x) * abs(x)**(1/3)", doc="The cube root, of negative numbers too. At 0 its slope is infinite.",
    sample=(POSITIVE,),
)  # fmt: skip
erfc = _of("erfc", "x", "1 - erf(x)", doc="What the error function lacks to 1.")
sinc = _of(
    "sinc", "x", "where(x == 0, 1, sin(pi*x) / where(x == 0, 1, pi*x))",
    doc="sin(πx) over πx, which is 1 at 0: the shape of an ideal filter.",
)  # fmt: skip
logit = _of(
    "logit", "x, /, eps: float = None",
    "log(x / (1 - x)) if eps is None else log(clip(x, eps, 1 - eps) / (1 - clip(x, eps, 1 - eps)))",
    doc="The inverse of the sigmoid: from a probability its odds, as a logarithm.", sample=(SHARE,),
    example="x = 0.7\nlogit(x)",
)  # fmt: skip
xlogy = _of(
    "xlogy", "x, y", "where(x == 0, 0, x*log(y))", doc="x·ln y, and 0 where x is 0: entropies are made of it.",
    sample=(Sample(), POSITIVE),
)  # fmt: skip
entr = _of("entr", "x", "-where(x == 0, 0, x*log(x))", doc="The entropy of one probability: −x·ln x.", sample=(SHARE,))
lerp = _of(
    "lerp", "x|start, y|end, weight", "x + weight*(y - x)", doc="From x to y, by the weight's share of the way.",
    example="lerp(x, y, 0.3)",
)  # fmt: skip
addcmul = _of(
    "addcmul", "b, x|tensor1, y|tensor2, /, value: float = 1.0", "b + value*x*y", doc="A product added to something.",
)  # fmt: skip
addcdiv = _of(
    "addcdiv", "b, x|tensor1, y|tensor2, /, value: float = 1.0", "b + value*x/y", doc="A quotient added to something.",
    sample=(Sample(), Sample(), POSITIVE),
)  # fmt: skip
trunc = _of("trunc", "x", "sign(x) * floor(abs(x))", doc="The whole part: towards 0. Flat, so no gradient.",
            aliases=("fix",))  # fmt: skip
frac = _of("frac", "x", "x - trunc(x)", doc="What follows the point: its slope is 1.")
fmod = _of(
    "fmod", "x, y", "x - y*trunc(x / y)", doc="The remainder with the sign of x, as in C; `x % y` has that of y.",
    sample=(Sample(), POSITIVE),
)  # fmt: skip
heaviside = _of(
    "heaviside", "x, value|x2|values", "where(x == 0, value, x > 0)",
    doc="A step from 0 to 1 at 0, where it has the given value: flat, so no gradient.", example="heaviside(x, 0.5)",
)  # fmt: skip
copysign = _of("copysign", "x, y", "where(y < 0, -abs(x), abs(x))", doc="The size of x with the sign of y.")
deg2rad = _of("deg2rad", "x", "x * (pi / 180)", doc="Degrees in radians.", aliases=("radians",))
rad2deg = _of("rad2deg", "x", "x * (180 / pi)", doc="Radians in degrees.", aliases=("degrees",))
logaddexp2 = _of("logaddexp2", "x, y", "log2(2**x + 2**y)", doc="The logarithm to base 2 of a sum of powers of two.")
divide_no_nan = _of(
    "divide_no_nan", "x, y", "where(y == 0, 0, x / where(y == 0, 1, y))",
    doc="A quotient that is 0 where one divides by 0.", aliases=("div_no_nan",),
)  # fmt: skip
isnan = _of("isnan", "x", "x != x", doc="1 where a value is NaN, which is the only one that is not itself.",
            aliases=("is_nan",))  # fmt: skip
isinf = _of("isinf", "x", "abs(x) == inf", doc="1 where a value is infinite.", aliases=("is_inf",))
isfinite = _of("isfinite", "x", "abs(x) < inf", doc="1 where a value is a number, neither infinite nor NaN.",
               aliases=("is_finite",))  # fmt: skip
nan_to_num = _of(
    "nan_to_num", "x, /, nan: float = 0.0", "where(x != x, nan, x)",
    doc="NaN replaced by a number; what is replaced gets no gradient.",
)  # fmt: skip
logical_xor = _of("logical_xor", "x, y", "(x != 0) != (y != 0)", doc="1 where exactly one is true.")
threshold = _of(
    "threshold", "x, /, threshold: float, value: float", "where(x > threshold, x, value)",
    doc="A value where x is not above the threshold.", sample_attributes={"threshold": 0.5, "value": -1.0},
    example="threshold(x, 0.5, 0)",
)  # fmt: skip
hardshrink = _of(
    "hardshrink", "x, /, lambd: float = 0.5", "where(abs(x) > lambd, x, 0)",
    doc="0 for the small, the others as they are.",
)  # fmt: skip
softshrink = _of(
    "softshrink", "x, /, lambd: float = 0.5", "sign(x) * relu(abs(x) - lambd)",
    doc="0 for the small, the others brought nearer to 0: the step of the lasso.",
)  # fmt: skip
squareplus = _of("squareplus", "x, b = 4.0", "(x + sqrt(x*x + b)) / 2", doc="A smooth ReLU without exponentials.")
