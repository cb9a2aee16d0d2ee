"""Integers that are known while a program is lowered: exact arithmetic, bounded."""

import operator
from collections.abc import Callable
from typing import Any

from app.diagnostics import fail
from app.lang.values import Number

BITS = 4_096  # an integer beyond this many bits is none of the language's

_EXACT: dict[str, Callable[[Any, Any], Any]] = {
    "add": operator.add, "sub": operator.sub, "mul": operator.mul, "floordiv": operator.floordiv, "mod": operator.mod,
    "pow": operator.pow,
}  # fmt: skip
_TEST: dict[str, Callable[[Any, Any], bool]] = {
    "lt": operator.lt, "le": operator.le, "gt": operator.gt, "ge": operator.ge, "eq": operator.eq, "ne": operator.ne,
}  # fmt: skip


def arithmetic(name: str, a: Number, b: Number, at: Any, step: int) -> Number | None:
    """`a` sign `b` as an exact integer; None where it is none (a float, a quotient, a negative power).
    Errors: type.integer (a division by zero), number.range."""
    rule = _EXACT.get(name)
    x, y = a.value, b.value
    if rule is None or not isinstance(x, int) or not isinstance(y, int):
        return None
    literal = a.literal and b.literal
    if name in {"floordiv", "mod"} and y == 0:
        if literal:
            return None
        raise fail("type.integer", "an integer is divided by zero here")
    if name == "pow" and (y < 0 or (abs(x) > 1 and x.bit_length() * y > BITS)):
        if y < 0 or literal:
            return None
        raise fail("number.range", "this integer is too large: it is beyond float64")
    if name == "mul" and x.bit_length() + y.bit_length() > BITS:
        raise fail("number.range", "this integer is too large: it is beyond float64")
    return Number(
        rule(int(x), int(y)), at, step=step, literal=literal, parts=(name, (a, b), at, step) if literal else None
    )


def comparison(name: str, a: Number, b: Number, at: Any, step: int) -> Number | None:
    """`a` sign `b` as a truth value."""
    rule = _TEST.get(name)
    if rule is None or not isinstance(a.value, (int, float)) or not isinstance(b.value, (int, float)):
        return None
    literal = a.literal and b.literal
    return Number(
        rule(a.value, b.value), at, step=step, literal=literal, parts=(name, (a, b), at, step) if literal else None
    )


def negative(a: Number, at: Any, step: int) -> Number | None:
    """−a as an exact integer."""
    if not isinstance(a.value, int):
        return None
    return Number(-int(a.value), at, step=step, literal=a.literal, parts=("neg", (a,), at, step) if a.literal else None)
