"""Gates that choose: where, maximum, minimum, clip; and stop_gradient, which lets only the value through."""

import math
from collections.abc import Callable
from functools import reduce
from operator import add
from typing import Any

import numpy as np

from app.ops.comparison import both, either, eq, ge, gt, le, lt, ne
from app.ops.operator import Convention, Operator, Sample, Spelling, elementwise


def _chosen(c: Any, a: Any, b: Any, out: Any) -> None:
    """By their bits, without a branch: to guess wrongly which one is taken costs a processor more than that."""
    taken = c if getattr(c, "dtype", None) == np.bool_ else np.not_equal(c, 0)
    mask = np.negative(taken.view(np.int8), dtype=np.int64)  # all bits or none
    other = np.asarray(b, dtype=np.float64).view(np.int64)
    bits = out.view(np.int64)
    np.bitwise_xor(np.asarray(a, dtype=np.float64).view(np.int64), other, out=bits)
    np.bitwise_and(bits, mask, out=bits)
    np.bitwise_xor(bits, other, out=bits)


where: Operator = elementwise(
    "where", "c|condition|cond, a|input|x|self, b|other|y",
    forward=lambda c, a, b: np.where(np.not_equal(c, 0), a, b), scalar=lambda c, a, b: a if c else b,
    into=_chosen,
    partials=lambda c, a, b, y: (0, where(c, 1, 0), where(c, 0, 1)),
    sign="where", latex=r"\begin{{cases}} {1} & {0} \\ {2} & \text{{else}} \end{{cases}}", aliases=("select",),
    doc="A switch: the branch that is taken gets all of the gradient, the other exactly 0, whatever stands in it.",
    conventions=(Convention(says="A condition is a step, so it gets no gradient."),),
    example="where(x > 0, x**2, exp(x))", sample=(Sample(low=0, high=1, integers=True), Sample(), Sample()),
    spell=Spelling(python="({1} if {0} else {2})", js="({0} !== 0 ? {1} : {2})", onnx="Where",
                   numpy="np.where({0}, {1}, {2})",
                   torch="torch.where(torch.as_tensor({0}) != 0, {1}, {2})", jax="jnp.where({0}, {1}, {2})",
                   tensorflow="tf.where(tf.cast({0}, tf.bool), {1}, {2})"),
)  # fmt: skip


def _extreme(strictly: Callable[[Any, Any], Any]) -> Callable[..., tuple[Any, ...]]:
    """The partials of an n-ary maximum (`strictly` is lt: what is less than another gets nothing)."""

    def partials(*terms: Any) -> tuple[Any, ...]:
        *xs, y = terms
        if len(xs) == 1:
            return (1,)
        if len(xs) == 2:
            a, b = xs
            share = where(eq(a, b), 0.5, 1)  # 1 also where one is NaN, which everyone gets
            return (where(strictly(a, b), 0, share), where(strictly(b, a), 0, share))
        ties = [eq(x, y) for x in xs]
        share = 1 / reduce(add, ties)
        undefined = ne(y, y)  # NaN, which everyone gets
        return tuple(where(tie, share, undefined) for tie in ties)

    return partials


def _greatest(*xs: float) -> float:
    """The largest; NaN where there is one, as in PyTorch."""
    best = xs[0]
    for x in xs:
        if x > best or x != x:
            best = x
    return best


def _least(*xs: float) -> float:
    """The smallest; NaN where there is one, as in PyTorch."""
    best = xs[0]
    for x in xs:
        if x < best or x != x:
            best = x
    return best


def _tied_at(extreme: Callable[[Any, Any], Any]) -> Callable[..., Any]:
    """For each operand whether it is the extreme, and not alone."""

    def at(*xs: Any) -> Any:
        best = reduce(extreme, xs)
        several = sum(np.where(np.equal(x, best), 1, 0) for x in xs) > 1
        return tuple(np.equal(x, best) & several for x in xs)

    return at


SHARED = "At a tie the gradient is shared evenly among the tied, as in PyTorch and JAX (TensorFlow: all to the first)."

maximum = elementwise(
    "maximum", "*xs", forward=lambda *xs: reduce(np.maximum, xs), scalar=_greatest, partials=_extreme(lt),
    sign="max", latex=r"\max({args})", commutes=True, aliases=("fmax", "clamp_min"),
    doc="A max gate routes: all of the gradient goes to the largest operand, none to the others.",
    conventions=(Convention(says=SHARED, at=_tied_at(np.maximum), each=True),),
    source="PyTorch: torch.maximum, torch.amax",
    example="maximum(x, y)", sample=(Sample(), Sample()),
    spell=Spelling(python="", js="Math.max({args})", onnx="Max", numpy="", torch="", jax="", tensorflow=""),
)  # fmt: skip

minimum = elementwise(
    "minimum", "*xs", forward=lambda *xs: reduce(np.minimum, xs), scalar=_least, partials=_extreme(gt),
    sign="min", latex=r"\min({args})", commutes=True, aliases=("fmin", "clamp_max"),
    doc="A min gate routes: all of the gradient goes to the smallest operand, none to the others.",
    conventions=(Convention(says=SHARED, at=_tied_at(np.minimum), each=True),),
    source="PyTorch: torch.minimum, torch.amin",
    example="minimum(x, y)", sample=(Sample(), Sample()),
    spell=Spelling(python="", js="Math.min({args})", onnx="Min", numpy="", torch="", jax="", tensorflow=""),
)  # fmt: skip


def _clipped(x: float, lo: float = -math.inf, hi: float = math.inf) -> float:
    above = lo if x < lo or lo != lo else x
    return hi if above > hi or hi != hi else above


def _clip_partials(*terms: Any) -> tuple[Any, ...]:
    x, *bounds, _ = terms
    if not bounds:
        return (1,)
    if len(bounds) == 1:
        return (ge(x, bounds[0]), lt(x, bounds[0]))
    lo, hi = bounds
    return (both(ge(x, lo), le(x, hi)), both(lt(x, lo), lt(lo, hi)), either(gt(x, hi), gt(lo, hi)))


clip = elementwise(
    "clip", "x, lo|min|a_min|clip_value_min = -inf, hi|max|a_max|clip_value_max = inf",
    forward=lambda x, lo=-math.inf, hi=math.inf: np.minimum(np.maximum(x, lo), hi), scalar=_clipped,
    partials=_clip_partials, sign="clip", latex=r"\operatorname{{clip}}({args})", aliases=("clamp", "clip_by_value"),
    doc="Inside its bounds it is a wire; outside it is flat, and the gradient goes to the bound.",
    conventions=(Convention(says="At a bound the slope is 1.", at=lambda x, *bounds:
                            np.any([np.equal(x, b) for b in bounds], axis=0)),),
    source="PyTorch: torch.clamp", example="clip(x, -0.5, 0.5)", flops=2,
    sample=(Sample(), Sample(low=-1.5, high=-0.5), Sample(low=0.5, high=1.5)),
    spell=Spelling(python="", js="clip({args})", onnx="Clip", numpy="np.clip({args})", torch="torch.clamp({args})",
                   jax="jnp.clip({args})", tensorflow="tf.clip_by_value({args})"),
)  # fmt: skip

stop_gradient = elementwise(
    "stop_gradient", "x", forward=np.positive, scalar=lambda x: x, partials=lambda x, y: (0,), flops=0,
    sign="stop", latex=r"\operatorname{{stop}}({0})", aliases=("detach",),
    doc="The value passes, the gradient does not: to what lies before it the result is a constant.",
    example="x*stop_gradient(x)", sample=(Sample(),),
    spell=Spelling(python="{0}", js="{0}", onnx="Identity", numpy="{0}", torch="{0}.detach()",
                   jax="jax.lax.stop_gradient({0})", tensorflow="tf.stop_gradient({0})"),
)  # fmt: skip
