"""A derivative as mathematics: a small tree of operators over a gate's inputs, its result and its cotangent.

Read off a rule once, by calling it with variables; from the tree come the contribution to each operand, Python and
NumPy code, and LaTeX.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from app.ops.algebra import Arithmetic, Attributes, Shape

if TYPE_CHECKING:
    from app.ops.operator import Operator


class Expression(Arithmetic):
    """A variable (`name`), a number, or an operator on expressions."""

    __slots__ = ("attributes", "name", "number", "operands", "operator")

    def __init__(
        self,
        *,
        name: str | None = None,
        number: float | None = None,
        operator: "Operator | None" = None,
        operands: tuple["Expression", ...] = (),
        attributes: Attributes | None = None,
    ) -> None:
        self.name = name
        self.number = number
        self.operator = operator
        self.operands = operands
        self.attributes: Attributes = attributes or {}

    @property
    def shape(self) -> Shape:
        """Rules of elementwise operators know no shapes."""
        return ()

    def apply(self, operator: str, operands: tuple[Any, ...], attributes: Attributes) -> "Expression":
        from app.ops.catalogue import CATALOGUE  # the catalogue is full only once every family is read

        return Expression(
            operator=CATALOGUE[operator], operands=tuple(map(expression, operands)), attributes=attributes
        )

    def __repr__(self) -> str:
        if self.operator is None:
            return self.name if self.name is not None else repr(self.number)
        return f"{self.operator.name}({', '.join(map(repr, self.operands))})"


def expression(value: "Expression | float | bool") -> Expression:
    """A number as an expression; an expression as it is."""
    return value if isinstance(value, Expression) else Expression(number=float(value))


def times(g: Expression, partial: Expression, known: dict[int, Expression] | None = None) -> Expression:
    """g · partial, where a mask selects rather than multiplies (0 · ∞ must not become NaN) and 1/e divides. `known`:
    the products with g so far, by the partial's `id`: what several partials share, their products share."""
    known = {} if known is None else known
    found = known.get(id(partial))
    if found is None:
        found = known[id(partial)] = _times(g, partial, known)
    return found


def _times(g: Expression, partial: Expression, known: dict[int, Expression]) -> Expression:
    operator, operands = partial.operator, partial.operands
    found: Expression
    if partial.number == 0.0:
        found = expression(0.0)
    elif partial.number == 1.0:
        found = g
    elif partial.number == -1.0:
        found = -g
    elif operator is None:
        found = g * partial
    elif operator.name == "not":
        found = where(operands[0], expression(0.0), g)
    elif operator.mask:
        found = where(partial, g, expression(0.0))
    elif operator.name == "where":
        found = where(operands[0], times(g, operands[1], known), times(g, operands[2], known))
    elif operator.name == "neg":
        found = -times(g, operands[0], known)
    elif operator.name == "div" and operands[0].number == 1.0:
        found = g / operands[1]
    else:
        found = g * partial
    return found


def where(condition: Expression, taken: Expression, other: Expression) -> Expression:
    return condition.apply("where", (condition, taken, other), {})


def substitute(tree: Expression, terms: Mapping[str, Any]) -> Any:
    """The tree with terms (or numbers, or arrays) for its variables, in whatever algebra they belong to."""
    if tree.operator is None:
        return terms[tree.name] if tree.name is not None else tree.number
    return tree.operator(*(substitute(operand, terms) for operand in tree.operands), **tree.attributes)


def code(tree: Expression, spell: Callable[["Operator", Sequence[str]], str]) -> str:
    """The tree as program text: `spell` puts an operator around its operands' texts. Closed grammar: only variables of
    rules, numbers and the catalogue's own spellings."""
    if tree.operator is None:
        if tree.name is not None:
            return tree.name
        assert tree.number is not None
        return repr(tree.number) if tree.number >= 0 else f"({tree.number!r})"
    return spell(tree.operator, [code(operand, spell) for operand in tree.operands])
