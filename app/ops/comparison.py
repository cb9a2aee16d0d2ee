"""Comparisons and logic: 1 or 0, and no gradient. In a rule they are masks, which select."""

from collections.abc import Callable
from typing import Any

import numpy as np

from app.ops.operator import Convention, Operator, Sample, Spelling, elementwise

FLAT = Convention(says="A comparison is flat wherever it is smooth, so its gradient is 0.")
WHOLE = Sample(low=-2, high=2, integers=True)


def _mask(test: Callable[..., Any]) -> Callable[..., Any]:
    """The test as 0.0 and 1.0, in the type of its operands."""

    def forward(*xs: Any) -> Any:
        return np.asarray(test(*xs)).astype(np.result_type(*xs, 0.0))

    return forward


def _cast(condition: str) -> dict[str, str]:
    return {
        "numpy": f"({condition}).astype(float)",
        "jax": f"({condition}).astype(float)",
        "torch": f"({condition}).double()",
        "tensorflow": f"tf.cast({condition}, tf.float64)",
    }


def _comparison(
    name: str, infix: str, test: Callable[..., Any], scalar: Callable[..., float], *, sign: str, latex: str, onnx: str,
    aliases: tuple[str, ...],
) -> Operator:  # fmt: skip
    js = {"==": "===", "!=": "!=="}.get(infix, infix)
    return elementwise(
        name, "x, y", forward=_mask(test), scalar=scalar, partials=lambda x, y, z: (0, 0), mask=True,
        infix=infix, sign=sign, latex=f"[{{0}} {latex} {{1}}]", conventions=(FLAT,), aliases=aliases,
        doc=f"1 where x {infix} y, else 0: a step, and a step passes no gradient.",
        example=f"x*(x {infix} 2)", sample=(WHOLE, WHOLE),
        spell=Spelling(python=f"({{0}} {infix} {{1}})", js=f"({{0}} {js} {{1}})", onnx=onnx,
                       **_cast(f"{{0}} {infix} {{1}}")),
    )  # fmt: skip


lt = _comparison(
    "lt", "<", np.less, lambda x, y: 1.0 if x < y else 0.0, sign="<", latex="<", onnx="Less", aliases=("less",)
)
le = _comparison(
    "le", "<=", np.less_equal, lambda x, y: 1.0 if x <= y else 0.0, sign="≤", latex=r"\le", onnx="LessOrEqual",
    aliases=("less_equal",),
)  # fmt: skip
gt = _comparison(
    "gt", ">", np.greater, lambda x, y: 1.0 if x > y else 0.0, sign=">", latex=">", onnx="Greater", aliases=("greater",)
)
ge = _comparison(
    "ge", ">=", np.greater_equal, lambda x, y: 1.0 if x >= y else 0.0, sign="≥", latex=r"\ge", onnx="GreaterOrEqual",
    aliases=("greater_equal",),
)  # fmt: skip
eq = _comparison(
    "eq", "==", np.equal, lambda x, y: 1.0 if x == y else 0.0, sign="=", latex="=", onnx="Equal", aliases=("equal",)
)
ne = _comparison(
    "ne", "!=", np.not_equal, lambda x, y: 1.0 if x != y else 0.0, sign="≠", latex=r"\ne", onnx="",
    aliases=("not_equal",),
)  # fmt: skip

both = elementwise(
    "and", "x, y", forward=_mask(np.logical_and), scalar=lambda x, y: 1.0 if x and y else 0.0,
    partials=lambda x, y, z: (0, 0), mask=True, infix="and", sign="∧", latex=r"{0} \land {1}", commutes=True,
    aliases=("logical_and",), conventions=(FLAT,),
    doc="1 where both are true (not 0), else 0. It decides and passes no gradient.",
    example="x*(x > 0 and x < 2)", sample=(WHOLE, WHOLE),
    spell=Spelling(python="({0} and {1})", js="({0} !== 0 && {1} !== 0)", onnx="And",
                   numpy="np.logical_and({0}, {1}).astype(float)",
                   jax="jnp.logical_and({0}, {1}).astype(float)", torch="torch.logical_and({0}, {1}).double()",
                   tensorflow="tf.cast(tf.logical_and(tf.cast({0}, tf.bool), tf.cast({1}, tf.bool)), tf.float64)"),
)  # fmt: skip

either = elementwise(
    "or", "x, y", forward=_mask(np.logical_or), scalar=lambda x, y: 1.0 if x or y else 0.0,
    partials=lambda x, y, z: (0, 0), mask=True, infix="or", sign="∨", latex=r"{0} \lor {1}", commutes=True,
    aliases=("logical_or",), conventions=(FLAT,),
    doc="1 where at least one is true (not 0), else 0. It decides and passes no gradient.",
    example="x*(x < 0 or x > 2)", sample=(WHOLE, WHOLE),
    spell=Spelling(python="({0} or {1})", js="({0} !== 0 || {1} !== 0)", onnx="Or",
                   numpy="np.logical_or({0}, {1}).astype(float)",
                   jax="jnp.logical_or({0}, {1}).astype(float)", torch="torch.logical_or({0}, {1}).double()",
                   tensorflow="tf.cast(tf.logical_or(tf.cast({0}, tf.bool), tf.cast({1}, tf.bool)), tf.float64)"),
)  # fmt: skip

negation = elementwise(
    "not", "x", forward=_mask(np.logical_not), scalar=lambda x: 0.0 if x else 1.0,
    partials=lambda x, y: (0,), mask=True, infix="not", sign="not", latex=r"\lnot {0}",
    aliases=("logical_not",), conventions=(FLAT,),
    doc="1 where x is 0, else 0. It decides and passes no gradient.", example="x*(not x > 2)", sample=(WHOLE,),
    spell=Spelling(python="(not {0})", js="({0} === 0)", onnx="Not", numpy="np.logical_not({0}).astype(float)",
                   jax="jnp.logical_not({0}).astype(float)", torch="torch.logical_not({0}).double()",
                   tensorflow="tf.cast(tf.logical_not(tf.cast({0}, tf.bool)), tf.float64)"),
)  # fmt: skip
