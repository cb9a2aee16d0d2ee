"""What flows back through an elementwise gate, compiled: one function for each operator and set of operands in need.

The text that is compiled is a closed grammar: the variables of rules, numbers, and functions bound by the catalogue.
"""

from collections.abc import Callable, Sequence
from functools import cache
from typing import Any, NamedTuple

from app.ops.expression import Expression, code
from app.ops.operator import Operator, contributions, passes

# Operators whose Python sign never raises on floats, and is what IEEE says.
PLAIN = frozenset({"add", "sub", "mul", "neg"})
SIGNS = {"add": "({0} + {1})", "sub": "({0} - {1})", "mul": "({0} * {1})", "neg": "(-{0})"}


class Rule(NamedTuple):
    """`parts(g, y, *xs)`: what flows back along each operand's edge (None where it is not wanted, 0.0 where no gradient
    passes by rule); `active`: the slots whose part is more than such a 0."""

    parts: Callable[..., tuple[Any, ...]]
    active: tuple[int, ...]


@cache
def scalar_rule(operator: Operator, wanted: tuple[bool, ...]) -> Rule:
    """The rule on Python floats, IEEE where `math` raises."""
    return _compiled(operator, wanted, scalar=True)


@cache
def array_rule(operator: Operator, wanted: tuple[bool, ...]) -> Rule:
    """The rule on arrays (and floats beside them); its parts have the shape that their operands broadcast to."""
    return _compiled(operator, wanted, scalar=False)


def _compiled(operator: Operator, wanted: tuple[bool, ...], *, scalar: bool) -> Rule:
    arity = len(wanted)
    trees = contributions(operator, arity)
    active = tuple(i for i, needed in enumerate(wanted) if needed and passes(operator, i, arity))
    bound: dict[str, Any] = {"inf": float("inf"), "nan": float("nan")}
    parts = [
        "None" if not needed else _text(tree, bound, scalar) if slot in active else "0.0"
        for slot, (tree, needed) in enumerate(zip(trees, wanted, strict=True))
    ]
    names = ", ".join(f"x{i}" for i in range(arity))
    source = f"lambda g, y, {names}: ({', '.join(parts)},)"
    parts = eval(source, {"__builtins__": {}, **bound})  # noqa: S307 - closed grammar
    return Rule(parts, active)


def _text(tree: Expression, bound: dict[str, Any], scalar: bool) -> str:
    def spell(operator: Operator, texts: Sequence[str]) -> str:
        if operator.name in PLAIN:
            return SIGNS[operator.name].format(*texts)
        name = f"f_{operator.name}"
        bound[name] = operator.scalar if scalar else operator.forward
        return f"{name}({', '.join(texts)})"

    return code(tree, spell)
