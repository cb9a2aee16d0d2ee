"""What flows back through an elementwise gate, compiled: one function for each operator and set of operands in need.

The text that is compiled is a closed grammar: variables of rules, numbers, and functions bound by the catalogue. It is
made without recursion, and what a rule uses twice is computed once.
"""

import math
from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from typing import Any, NamedTuple, TypeAlias

from app.ops.expression import Expression
from app.ops.operator import Operator, contributions, passes

# Puts an operator around its operands' texts, and adds to the scope what the names in them are bound to.
Spell: TypeAlias = Callable[[Operator, Sequence[str], dict[str, Any]], str]

# Operators whose Python sign never raises on floats, and is what IEEE says.
SIGNS = {"add": "({0} + {1})", "sub": "({0} - {1})", "mul": "({0} * {1})", "neg": "(-{0})"}
WIDEST = 8  # operands above which a rule is walked, not compiled: a maximum of thousands is used once


class Rule(NamedTuple):
    """`parts(g, y, *xs)`: what flows back along each operand's edge (None where it is not wanted, 0.0 where no gradient
    passes by rule); `active`: the slots whose part is more than such a 0."""

    parts: Callable[..., tuple[Any, ...]]
    active: tuple[int, ...]


def scalar_rule(operator: Operator, wanted: tuple[bool, ...]) -> Rule:
    """The rule on Python floats, IEEE where `math` raises."""
    return _kept(operator, wanted, scalar=True) if len(wanted) <= WIDEST else _rule(operator, wanted, scalar=True)


def whole_rule(operator: Operator, arity: int) -> Callable[..., tuple[Any, ...]]:
    """The parts of the rule on Python floats, where all operands want theirs."""
    return _whole(operator, arity) if arity <= WIDEST else _rule(operator, (True,) * arity, scalar=True).parts


@lru_cache(maxsize=4096)
def _whole(operator: Operator, arity: int) -> Callable[..., tuple[Any, ...]]:
    return scalar_rule(operator, (True,) * arity).parts


def array_rule(operator: Operator, wanted: tuple[bool, ...]) -> Rule:
    """The rule on arrays (and floats beside them); its parts have the shape that their operands broadcast to."""
    return _kept(operator, wanted, scalar=False) if len(wanted) <= WIDEST else _rule(operator, wanted, scalar=False)


@lru_cache(maxsize=4096)
def _kept(operator: Operator, wanted: tuple[bool, ...], *, scalar: bool) -> Rule:
    return _rule(operator, wanted, scalar=scalar)


def _rule(operator: Operator, wanted: tuple[bool, ...], *, scalar: bool) -> Rule:
    arity = len(wanted)
    trees = contributions(operator, arity)
    active = tuple(i for i, needed in enumerate(wanted) if needed and passes(operator, i, arity))
    if arity > WIDEST:
        return Rule(_walked(trees, wanted, active), active)
    names = [f"x{i}" for i in range(arity)]
    steps, texts, bound = compiled([trees[i] for i in active], {}, careful if scalar else on_arrays)
    found = dict(zip(active, texts, strict=True))
    parts = ", ".join(found.get(i, "0.0" if needed else "None") for i, needed in enumerate(wanted))
    body = "".join(f"    {name} = {text}\n" for name, text in steps)
    source = f"def parts(g, y, {', '.join(names)}):\n{body}    return ({parts},)\n"
    scope: dict[str, Any] = {"__builtins__": {}, **bound}
    exec(source, scope)  # noqa: S102 - closed grammar
    return Rule(scope["parts"], active)


def compiled(
    trees: Sequence[Expression], names: Mapping[str, str], spell: Spell, temporary: str = "t"
) -> tuple[list[tuple[str, str]], list[str], dict[str, Any]]:
    """Python statements `(name, text)` that come first, the trees' own texts, and what the names of functions are bound
    to. `names` renames variables; a subexpression that is used twice has a statement of its own, named by `temporary`
    and a number."""
    bound: dict[str, Any] = {"inf": math.inf, "nan": math.nan}
    uses: dict[int, int] = {}
    order = ordered(trees)
    for tree in order:
        for operand in tree.operands:
            uses[id(operand)] = uses.get(id(operand), 0) + 1
    texts: dict[int, str] = {}
    steps: list[tuple[str, str]] = []
    for tree in order:
        if tree.operator is None:
            texts[id(tree)] = _leaf(tree, names)
            continue
        text = spell(tree.operator, [texts[id(operand)] for operand in tree.operands], bound)
        if uses.get(id(tree), 0) > 1 or len(text) > 400:
            steps.append((f"{temporary}{len(steps)}", text))
            text = steps[-1][0]
        texts[id(tree)] = text
    return steps, [texts[id(tree)] for tree in trees], bound


def careful(operator: Operator, texts: Sequence[str], bound: dict[str, Any]) -> str:
    """On floats, IEEE where `math` raises."""
    return _called(operator, texts, bound, operator.scalar)


def on_arrays(operator: Operator, texts: Sequence[str], bound: dict[str, Any]) -> str:
    """On arrays, and on floats beside them."""
    return _called(operator, texts, bound, operator.forward)


def _called(operator: Operator, texts: Sequence[str], bound: dict[str, Any], function: object) -> str:
    sign = SIGNS.get(operator.name)
    if sign is not None:
        return sign.format(*texts)
    bound[f"f_{operator.name}"] = function
    return f"f_{operator.name}({', '.join(texts)})"


def ordered(trees: Sequence[Expression]) -> list[Expression]:
    """Every subexpression once, operands first."""
    found: dict[int, Expression] = {}
    waiting: list[tuple[Expression, bool]] = [(tree, False) for tree in reversed(trees)]
    while waiting:
        tree, opened = waiting.pop()
        if opened:
            found.setdefault(id(tree), tree)
        elif id(tree) not in found:
            waiting.append((tree, True))
            waiting.extend((operand, False) for operand in reversed(tree.operands))
    return list(found.values())


def substituted(
    trees: Sequence[Expression], terms: Mapping[str, Any], order: Sequence[Expression] | None = None
) -> list[Any]:
    """The trees with terms, numbers or arrays for their variables; what they share is applied once. `order`: what
    `ordered` makes of them, where that is known."""
    found: dict[int, Any] = {}
    for tree in ordered(trees) if order is None else order:
        if tree.operator is None:
            found[id(tree)] = terms[tree.name] if tree.name is not None else tree.number
        else:
            found[id(tree)] = tree.operator(*[found[id(operand)] for operand in tree.operands], **tree.attributes)
    return [found[id(tree)] for tree in trees]


def _leaf(tree: Expression, names: Mapping[str, str]) -> str:
    if tree.name is not None:
        return names.get(tree.name, tree.name)
    assert tree.number is not None
    return repr(tree.number) if tree.number >= 0 else f"({tree.number!r})"


def _walked(
    trees: Sequence[Expression], wanted: Sequence[bool], active: Sequence[int]
) -> Callable[..., tuple[Any, ...]]:
    def parts(g: Any, y: Any, *xs: Any) -> tuple[Any, ...]:
        terms = {"g": g, "y": y, **{f"x{i}": x for i, x in enumerate(xs)}}
        found = dict(zip(active, substituted([trees[i] for i in active], terms), strict=True))
        return tuple(found.get(i, 0.0 if needed else None) for i, needed in enumerate(wanted))

    return parts
