"""Reductions that frameworks offer besides, in terms of the rest: any, all, sums without NaN, averages, areas."""

from typing import Any

from app.ops.operator import Operator, Sample, composed

BLOCK = (Sample(shape=(2, 3)),)
HOW = "axis=axis, keepdims=keepdims"


def _over(name: str, value: str, *, doc: str, example: str, **rest: Any) -> Operator:
    """A reduction of x by one expression, in which `HOW` says over what."""
    return composed(
        name, "x, /, axis: axes = None, keepdims: bool = False",
        body=f"def {name}(x, axis=None, keepdims=False):\n    return {value}",
        doc=doc, example=example, sample=BLOCK, **rest,
    )  # fmt: skip


any_ = _over(
    "any", f"max(x != 0, {HOW})", aliases=("reduce_any",), doc="1 where one at least is true.",
    example="x = [0, 1]\nany(x)",
)  # fmt: skip
all_ = _over(
    "all", f"min(x != 0, {HOW})", aliases=("reduce_all",), doc="1 where all are true.", example="x = [0, 1]\nall(x)",
)  # fmt: skip
count_nonzero = _over(
    "count_nonzero", f"sum(x != 0, {HOW})", doc="How many are not 0.", example="x = [0, 1]\ncount_nonzero(x)"
)
ptp = _over(
    "ptp", f"max(x, {HOW}) - min(x, {HOW})", doc="From the smallest to the largest.", example="x = [1, 4]\nptp(x)"
)
nansum = _over(
    "nansum", f"sum(where(x != x, 0, x), {HOW})", doc="A sum that leaves out NaN.", example="x = [1, 2]\nnansum(x)"
)
nanmean = _over(
    "nanmean", f"sum(where(x != x, 0, x), {HOW}) / sum(x == x, {HOW})", doc="A mean that leaves out NaN.",
    example="x = [1, 2]\nnanmean(x)",
)  # fmt: skip

average = composed(
    "average", "x, weights = None, /, axis: axes = None, keepdims: bool = False",
    body="""def average(x, weights=None, axis=None, keepdims=False):
    if weights is None:
        return mean(x, axis=axis, keepdims=keepdims)
    return sum(x*weights, axis=axis, keepdims=keepdims) / sum(weights + 0*x, axis=axis, keepdims=keepdims)""",
    doc="A mean in which some count more.", example="x = [1, 2]\naverage(x, [3, 1])",
    sample=(Sample(shape=(2, 3)), Sample(low=0.5, high=2, shape=(3,))),
)  # fmt: skip

trapezoid = composed(
    "trapezoid", "y, x = None, /, dx: float = 1.0",
    body="""def trapezoid(y, x=None, dx=1.0):
    h = (y[..., 1:] + y[..., :-1]) / 2
    return sum(h, axis=-1)*dx if x is None else sum(h*(x[..., 1:] - x[..., :-1]), axis=-1)""",
    aliases=("trapz",), doc="The area below a line through points.", example="y = [1, 2, 4]\ntrapezoid(y)",
    sample=(Sample(shape=(4,)), Sample(shape=(4,))),
)  # fmt: skip
