"""A rule before it is written into a graph: numbers put in, and what they decide left out.

So `grad(x**3, x)` is 3·x², and not a switch on whether 3 is 0 with two branches. What holds:

- an operator on numbers alone is the number that it makes;
- a `where` whose condition is made of constants is the branch that it takes; the other is not written
  (nor what stands beside a 0 in an `and`);
- 1·t, t/1 and t¹ are t, t⁰ is 1, (−1)·t is −t, and whole numbers that multiply one after the other are one factor.

All but the last give the same floats; the last the same to a rounding. 0·t stays, for t may be infinite.
"""

from collections.abc import Mapping, Sequence

import numpy as np

from app.autodiff.rules import ordered
from app.ops.expression import Expression, expression
from app.ops.operator import evaluate

EXACT = 2.0**53  # whole numbers up to it are floats


def simplified(
    trees: Sequence[Expression], numbers: Mapping[str, float], decided: Mapping[str, float]
) -> list[Expression]:
    """The trees with `numbers` for these variables. `decided` are values of other variables that stay variables (gates
    of constants): they only decide conditions. Equal subexpressions are one afterwards."""
    found: dict[int, Expression] = {}
    kept: dict[object, Expression] = {}
    for tree in ordered(trees):
        if tree.operator is None:
            number = numbers.get(tree.name) if tree.name is not None else None
            made = tree if number is None else expression(number)
        else:
            made = _applied(tree, tuple([found[id(operand)] for operand in tree.operands]), decided)
        found[id(tree)] = kept.setdefault(_key(made), made)
    return [found[id(tree)] for tree in trees]


def _key(tree: Expression) -> object:
    """Equal for equal expressions whose operands are one where they are equal."""
    if tree.operator is None:
        return tree.name if tree.name is not None else repr(tree.number)
    operands = [repr(x.number) if x.number is not None else id(x) for x in tree.operands]
    return (tree.operator.name, *operands, *tree.attributes.items())


def _applied(tree: Expression, operands: tuple[Expression, ...], decided: Mapping[str, float]) -> Expression:
    """The operator of `tree` on simplified operands."""
    operator = tree.operator
    assert operator is not None
    given = [operand.number for operand in operands if operand.number is not None]
    if len(given) == len(operands):
        with np.errstate(all="ignore"):
            return expression(float(evaluate(operator, tuple(given), tree.attributes)))
    found: Expression | None = None
    match operator.name, operands:
        case "where", (condition, taken, other):
            value = _value(condition, decided)
            found = None if value is None else taken if value else other
        case "and", _ if 0.0 in given:
            found = expression(0.0)
        case "mul", (a, b):
            found = _scaled(a, b) or _scaled(b, a)
        case "neg", (a,):
            found = _turned(a)
        case "div", (a, b) if b.number == 1.0:
            found = a
        case "pow", (a, b) if b.number == 1.0:
            found = a
        case "pow", (a, b) if b.number == 0.0:
            found = expression(1.0)
        case _:
            pass
    if found is not None:
        return found
    if all(new is old for new, old in zip(operands, tree.operands, strict=True)):
        return tree
    return Expression(operator=operator, operands=operands, attributes=tree.attributes)


def _scaled(factor: Expression, other: Expression) -> Expression | None:
    """number · other, where it is simpler than that product."""
    n = factor.number
    if n is None:
        return None
    if n == 1.0:
        return other
    if n == -1.0:
        return _turned(other) or negated(other)
    name = other.operator.name if other.operator is not None else ""
    if name == "neg":
        return product(-n, other.operands[0])
    if name == "mul":
        inner, rest = other.operands if other.operands[0].number is not None else other.operands[::-1]
        if inner.number is not None and _whole(n) and _whole(inner.number) and _whole(n * inner.number):
            return product(n * inner.number, rest)
    return None


def _turned(tree: Expression) -> Expression | None:
    """−tree, where it is simpler than that."""
    name = tree.operator.name if tree.operator is not None else ""
    if name == "neg":
        return tree.operands[0]
    if name == "mul" and tree.operands[0].number is not None:
        return product(-tree.operands[0].number, tree.operands[1])
    return None


def product(number: float, tree: Expression) -> Expression:
    return tree.apply("mul", (expression(number), tree), {})


def negated(tree: Expression) -> Expression:
    return tree.apply("neg", (tree,), {})


def _whole(number: float) -> bool:
    return number != 0.0 and abs(number) <= EXACT and number == int(number)


def _value(tree: Expression, decided: Mapping[str, float]) -> float | None:
    """What a tree of constants is; None where a variable in it has no value."""
    found: dict[int, float] = {}
    for part in ordered([tree]):
        if part.operator is None:
            value = decided.get(part.name) if part.name is not None else part.number
            if value is None:
                return None
            found[id(part)] = value
        else:
            operands = tuple([found[id(operand)] for operand in part.operands])
            with np.errstate(all="ignore"):
                found[id(part)] = float(evaluate(part.operator, operands, part.attributes))
    return found[id(tree)]
