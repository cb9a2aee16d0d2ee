"""The largest and the smallest of a tensor, and where they are."""

from collections.abc import Callable
from typing import Any

import numpy as np

from app.diagnostics import fail
from app.ops.algebra import Shape, shape_of
from app.ops.arithmetic import div
from app.ops.comparison import eq
from app.ops.operator import Convention, Operator, Spelling, tensor
from app.ops.reduction import BLOCK, MIDDLE, REDUCE, count, reduced, restored, spelt, sum_
from app.ops.selection import SHARED, where
from app.ops.shape import Axes


def _some(x: Shape, *, axis: Axes = None, keepdims: bool = False) -> Shape:
    """The shape of a reduction that needs an element. Errors: shape.axis."""
    shape = reduced(x, axis=axis, keepdims=keepdims)
    if count(x, axis) == 0:
        raise fail("shape.axis", f"no elements have no largest and no smallest one: the shape is {x}")
    return shape


def _extreme_vjp(i: int, g: Any, y: Any, x: Any, *, axis: Axes = None, keepdims: bool = False) -> Any:
    tied = eq(x, restored(y, shape_of(x), axis))
    # NaN is not equal to itself: 0/0, so that all are NaN.
    return div(where(tied, restored(g, shape_of(x), axis), 0.0), sum_(tied, axis=axis, keepdims=True))


def _extreme_jvp(ts: Any, y: Any, x: Any, *, axis: Axes = None, keepdims: bool = False) -> Any:
    tied = eq(x, restored(y, shape_of(x), axis))
    total = sum_(where(tied, ts[0], 0.0), axis=axis, keepdims=keepdims)
    return div(total, sum_(tied, axis=axis, keepdims=keepdims))


def _tie(best: Callable[..., Any]) -> Callable[..., Any]:
    """Whether two elements or more are the extreme of their row."""

    def at(x: Any, *, axis: Axes = None, keepdims: bool = False) -> Any:
        return np.sum(np.equal(x, best(x, axis=axis, keepdims=True)), axis=axis, keepdims=keepdims) > 1

    return at


def _reduction(name: str, best: Callable[..., Any], torch: str, tie: str, which: str) -> Operator:
    return tensor(
        name, REDUCE, forward=lambda x, *, axis=None, keepdims=False: best(x, axis=axis, keepdims=keepdims),
        shape=_some,
        vjp=_extreme_vjp, jvp=_extreme_jvp, latex=rf"\{name} {{0}}", latex_partials=(r"G\,[x = Y]",),
        aliases=(torch, f"reduce_{name}"), conventions=(Convention(says=tie, at=_tie(best)),),
        source=f"PyTorch: torch.{torch}",
        doc=f"The {which} of many: it gets all of the gradient, the others none.", example=f"x = [1, 3, 2]\n{name}(x)",
        sample=BLOCK, sample_attributes=MIDDLE, spell=spelt(name, torch=torch, onnx=f"Reduce{name.title()}"),
    )  # fmt: skip


max_ = _reduction("max", np.max, "amax", SHARED, "largest")
min_ = _reduction("min", np.min, "amin", SHARED, "smallest")


def _place(name: str, find: Callable[..., Any], which: str) -> Operator:
    return tensor(
        name, "x, /, axis: axes = None, keepdims: bool = False",
        forward=lambda x, *, axis=None, keepdims=False: np.asarray(find(x, axis=axis, keepdims=keepdims), float),
        shape=_some,
        passes=lambda slot: False, latex=rf"\operatorname{{{{{name}}}}}({{0}})", latex_partials=("0",),
        conventions=(Convention(says="A place is a whole number and moves in jumps: no gradient passes."),),
        doc=f"Where the {which} stands, counted from 0 (the first of them). It passes no gradient.",
        example=f"x = [1, 3, 2]\n{name}(x)*x[0]", sample=BLOCK, sample_attributes=MIDDLE,
        spell=Spelling(torch=f"torch.{name}({{0}}, dim={{axis}}, keepdim={{keepdims}})",
                       tensorflow=f"tf.{name}({{0}}, axis={{axis}})",
                       onnx=name.replace("arg", "Arg").replace("m", "M", 1)),
    )  # fmt: skip


argmax = _place("argmax", np.argmax, "largest")
argmin = _place("argmin", np.argmin, "smallest")
