"""What is known of a node while a program is lowered: constants, and inputs that turn out to be parameters."""

import math
from typing import TYPE_CHECKING, Any

import numpy as np

from app.ops.operator import evaluate

if TYPE_CHECKING:
    from app.lang.operands import Operands

WORK = 100_000  # elements that are computed to know a value
_WHOLE = frozenset(
    {
        *("add", "sub", "mul", "floordiv", "mod", "pow", "neg", "abs", "maximum", "minimum", "stack", "index"),
        *("reshape", "expand_dims", "squeeze", "transpose", "swapaxes", "concat", "take", "flip", "broadcast_to"),
        *("lt", "le", "gt", "ge", "eq", "ne", "and", "or", "not", "stop_gradient"),
    }
)


def value_of(m: "Operands", node: int, *, inputs: bool) -> tuple[Any, set[str]] | None:
    """The value of a node made of constants (and, with `inputs`, of whole-valued inputs): (value, names of the
    inputs)."""
    builder = m.builder
    needed: set[int] = set()
    waiting = [node]
    names: set[str] = set()
    size = 0
    while waiting:
        part = waiting.pop()
        if part in needed:
            continue
        needed.add(part)
        size += math.prod(builder.shapes[part])
        if size > WORK or len(needed) > WORK:
            return None
        state = m.by_node.get(part)
        if state is not None:
            if not inputs or state.exact is None:
                return None
            names.add(state.variable)
        waiting += builder.operands[part]
    values: dict[int, Any] = {}
    with np.errstate(all="ignore"):
        for part in sorted(needed):
            state = m.by_node.get(part)
            if state is not None:
                values[part] = np.asarray(state.value, float) if np.shape(state.value) else float(state.value)
            elif part in builder.constants:
                values[part] = builder.constants[part]
            else:
                operator = builder.operators[part]
                if inputs and names and operator.name not in _WHOLE:
                    return None
                values[part] = evaluate(
                    operator, tuple([values[x] for x in builder.operands[part]]), builder.attributes[part]
                )
    return values[node], names


def exactly(m: "Operands", node: int) -> Any:
    """A node as an integer or nested tuples of them; the inputs that it is made of become parameters (the program is
    then lowered again, knowing that). None where it is not known."""
    found = value_of(m, node, inputs=True)
    if found is None:
        return None
    exact = integers(found[0])
    if exact is not None:
        m.knowledge.parameters |= found[1]
    return exact


def number(m: "Operands", node: int) -> Any:
    """The value of a node of constants alone, else None."""
    found = value_of(m, node, inputs=False)
    return None if found is None else found[0]


def integers(value: Any) -> Any:
    """A value as an int or nested tuples of ints, None where it is not whole."""
    if isinstance(value, bool):
        return int(value)
    if isinstance(value, int):
        return value
    if isinstance(value, float):
        return int(value) if value.is_integer() and abs(value) < 2**53 else None
    if isinstance(value, np.ndarray):
        if value.size > 1_000_000 or not np.array_equal(value, np.rint(value)):  # NaN equals nothing
            return None
        return integers(value.tolist())
    if isinstance(value, list | tuple):
        items = [integers(item) for item in value]
        return None if None in items else tuple(items)
    return None
