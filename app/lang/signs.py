"""Signs: arithmetic, comparisons, logic and choices, on nodes, on numbers and on integers that are known."""

import ast
from typing import TYPE_CHECKING, Any

from app.diagnostics import ProgramError, fail
from app.lang import indexing, statics
from app.lang.code import Step
from app.lang.opaque import mixed
from app.lang.values import NOTHING, Broken, BrokenError, Held, Listing, Number, Opaque, Text
from app.ops.catalogue import CATALOGUE

if TYPE_CHECKING:
    from app.lang.machine import Machine


_OPERATORS: dict[str, Any] = {}


def sign(name: str) -> Any:
    """The operator of a sign."""
    found = _OPERATORS.get(name)
    if found is None:
        found = _OPERATORS[name] = CATALOGUE[name]
    return found


def binary(m: "Machine", step: Step) -> None:
    stack = m.frame.stack
    b = stack.pop()
    a = stack[-1]
    name = step[1]
    if type(a) is int and (
        type(b) is int or (type(b) is Number and b.home is None and b.parts is None and type(b.value) is float)
    ):
        stack[-1] = gate(m, name, (a, b), step)
        return
    stack[-1] = combine(m, name, a, b, step)


def combine(m: "Machine", name: str, a: Held, b: Held, step: Step) -> Held:
    """The result of a sign on whatever stands beside it."""
    kinds = (type(a), type(b))
    if Broken in kinds:
        raise BrokenError
    if kinds == (Number, Number):
        found = statics.arithmetic(name, a, b, step[2], step[4])
        if found is not None:
            return found
    if Listing in kinds:
        joined = _lists(m, name, a, b, step)
        if joined is not None:
            return joined
    if Opaque in kinds:
        return mixed(a, b, step[2])
    if kinds == (Text, Text) and name == "add":
        return Text(a.value + b.value)
    return gate(m, name, (m.operand(a, step[2]), m.operand(b, step[2])), step)


def _lists(m: "Machine", name: str, a: Held, b: Held, step: Step) -> Held | None:
    """`+` of tuples, and of a list that began empty, joins them; `*` repeats a tuple. Other lists are tensors there."""
    if name == "add" and isinstance(a, Listing) and isinstance(b, Listing):
        if a.tuple or b.tuple or a.grown or b.grown or not a.items or not b.items:
            m.room(len(a.items) + len(b.items))
            joined = Listing([*a.items, *b.items], step[2], tuple=a.tuple, step=step[4])
            joined.grown = not a.tuple
            return joined
    elif name == "mul":
        items, count = (a, b) if isinstance(a, Listing) else (b, a)
        times = count.integer if isinstance(count, Number) and not isinstance(count.value, bool) else None
        if times is not None and items.tuple:
            m.room(len(items.items) * times)
            return Listing(list(items.items) * max(times, 0), step[2], tuple=True, step=step[4])
    return None


def gate(m: "Machine", name: str, operands: Any, step: Step) -> int:
    """A gate on operands, with errors that name them."""
    try:
        return m.make(sign(name), operands, step[2], step[4])
    except ProgramError as error:
        indexing.explain(m, error, sign(name), operands, step, {})
        raise


def negative(m: "Machine", step: Step) -> None:
    stack = m.frame.stack
    value = stack[-1]
    if type(value) is Number:
        found = statics.negative(value, step[2], step[4])
        if found is not None:
            stack[-1] = found
            return
    if isinstance(value, Opaque):
        return
    stack[-1] = m.make(sign("neg"), [m.operand(value, step[2])], step[2], step[4])


def positive(m: "Machine", step: Step) -> None:
    if not isinstance(m.frame.stack[-1], Opaque | Listing):
        m.operand(m.frame.stack[-1], step[2])


def negation(m: "Machine", step: Step) -> None:
    stack = m.frame.stack
    value = stack[-1]
    if type(value) is Number and value.node is None and not hasattr(value.value, "shape"):
        stack[-1] = Number(
            not value.value, step[2], step=step[4], literal=value.literal,
            parts=("not", (value,), step[2], step[4]) if value.literal else None,
        )  # fmt: skip
        return
    if value is NOTHING:
        stack[-1] = Number(True, step[2])
        return
    if isinstance(value, Opaque):
        return
    stack[-1] = m.make(sign("not"), [m.operand(value, step[2])], step[2], step[4])


def static_truth(value: Held) -> bool | None:
    """Whether a value that is known while lowering is true; None where it is a value of the circuit."""
    if type(value) is Number and value.node is None and not hasattr(value.value, "shape"):
        return bool(value.value)
    if value is NOTHING:
        return False
    return None


def short(m: "Machine", step: Step) -> int | None:
    """`0 and …`, `1 or …`: the rest is not looked at."""
    name, end = step[1]
    truth = static_truth(m.frame.stack[-1])
    if truth is not None and truth == (name == "or"):
        return int(end)
    return None


def logical(m: "Machine", step: Step) -> None:
    stack = m.frame.stack
    b = stack.pop()
    a = stack[-1]
    name = step[1]
    if isinstance(a, Broken) or isinstance(b, Broken):
        raise BrokenError
    if isinstance(a, Opaque) or isinstance(b, Opaque):
        stack[-1] = mixed(a, b, step[2])
        return
    first, second = static_truth(a), static_truth(b)
    if first is not None and second is not None:
        literal = getattr(a, "literal", False) and getattr(b, "literal", False)
        truth = (first and second) if name == "and" else (first or second)
        stack[-1] = Number(
            truth, step[2], step=step[4], literal=literal, parts=(name, (a, b), step[2], step[4]) if literal else None
        )
        return
    stack[-1] = m.make(sign(name), [m.operand(a, step[2]), m.operand(b, step[2])], step[2], step[4])


def compare(m: "Machine", step: Step) -> None:
    names = step[1]
    stack = m.frame.stack
    operands = stack[-len(names) - 1 :]
    del stack[-len(names) - 1 :]
    if any(isinstance(o, Broken) for o in operands):
        raise BrokenError
    result: Held = None
    for position, name in enumerate(names):
        found = _test(m, name, operands[position], operands[position + 1], step, position)
        if result is None:
            result = found
        elif type(result) is Number and type(found) is Number:
            result = Number(bool(result.value) and bool(found.value), step[2], step=step[4])
        elif isinstance(result, Opaque) or isinstance(found, Opaque):
            result = mixed(result, found, step[2])
        else:
            result = m.make(sign("and"), [m.operand(result), m.operand(found)], step[2], (step[4], "and", position))
    stack.append(result)


def _compared(m: "Machine", at: Any) -> str | None:
    """`a is b` with the sign that compares values."""
    if m.place is not None or not isinstance(at, ast.Compare) or len(at.ops) > 1:
        return None
    return f"{m.places.text(at.left)} == {m.places.text(at.comparators[0])}"


def _test(m: "Machine", name: str, a: Held, b: Held, step: Step, position: int) -> Held:
    at = step[2]
    if name in {"is", "is not"}:
        same = (a is NOTHING) == (b is NOTHING)
        if NOTHING not in (a, b):
            message = "`is` compares with None only: compare values with `==`"
            raise fail("syntax.unsupported", message, hint=_compared(m, at))
        return Number(same == (name == "is"), at, step=step[4])
    if isinstance(a, Text):
        known = [b] if isinstance(b, Text) else list(b.items) if isinstance(b, Listing) else []
        if known and all(isinstance(other, Text) for other in known):
            same = any(other.value == a.value for other in known)
            return Number(same == (name in {"eq", "in"}), at, step=step[4])
    if name in {"in", "not in"}:
        item, items = m.exact(a, at), m.exact(b, at)
        if item is None or not isinstance(items, tuple):
            raise fail(
                "syntax.unsupported",
                "`in` looks for an integer in a list of integers: compare values with `==`",
                hint=_compared(m, at),
            )
        return Number((item in items) == (name == "in"), at, step=step[4])
    if a is NOTHING or b is NOTHING:
        return Number((a is b) == (name == "eq"), at, step=step[4])
    if type(a) is Number and type(b) is Number:
        found = statics.comparison(name, a, b, at, step[4])
        if found is not None:
            return found
    if isinstance(a, Opaque) or isinstance(b, Opaque):
        return mixed(a, b, at)
    if isinstance(a, Listing) and isinstance(b, Listing) and (a.tuple or b.tuple):
        first, second = m.exact(a, at), m.exact(b, at)
        if first is not None and second is not None and name in {"eq", "ne"}:
            return Number((first == second) == (name == "eq"), at, step=step[4])
    number: Any = step[4] if position == 0 else (step[4], position)
    operands = (m.operand(a, at), m.operand(b, at))
    try:
        return m.make(sign(name), operands, at, number)
    except ProgramError as error:
        indexing.explain(m, error, sign(name), operands, step, {})
        raise


TAKEN, OTHER = object(), object()


def branch(m: "Machine", step: Step) -> int | None:
    """`a if c else b`: a known condition chooses, another is a `where`."""
    stack = m.frame.stack
    value = stack[-1]
    if isinstance(value, Broken):
        return None
    truth = static_truth(value)
    if truth is None:
        return None
    if truth:
        stack[-1] = TAKEN
        return None
    stack[-1] = OTHER
    stack.append(None)
    return int(step[1])


def middle(m: "Machine", step: Step) -> int | None:
    stack = m.frame.stack
    if stack[-2] is TAKEN:
        stack.append(None)
        return int(step[1])
    return None


def join(m: "Machine", step: Step) -> None:
    stack = m.frame.stack
    other = stack.pop()
    taken = stack.pop()
    condition = stack[-1]
    if condition is TAKEN:
        stack[-1] = taken
    elif condition is OTHER:
        stack[-1] = other
    else:
        values = (condition, taken, other)
        if any(isinstance(v, Broken) for v in values):
            raise BrokenError
        if any(isinstance(v, Opaque) for v in values):
            stack[-1] = next(v for v in values if isinstance(v, Opaque))
            return
        at = step[2]
        operands = [m.operand(condition, at.test), m.operand(taken, at.body), m.operand(other, at.orelse)]
        stack[-1] = m.make(sign("where"), operands, at, step[4])
