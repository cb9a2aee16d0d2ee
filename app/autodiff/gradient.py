"""The gradient as nodes of the same graph: what `grad(y, x)` in a program becomes, at any depth."""

from collections.abc import Sequence
from functools import lru_cache
from math import prod
from typing import Any, NamedTuple

import numpy as np

from app.autodiff.rules import ordered, substituted
from app.autodiff.simplified import simplified
from app.diagnostics import fail
from app.graph.builder import Builder, Number, Symbol
from app.ops.algebra import Shape
from app.ops.catalogue import CATALOGUE
from app.ops.expression import Expression
from app.ops.operator import Operator, contributions, evaluate, passes

Term = Symbol | float  # a node, or a number that is none yet
FEW = 16  # operands up to which each part is written by itself
DEEP = 64  # gates of constants up to which a condition's operand is computed
VISITS = 5  # nodes that all gradients of one program may look at, as a multiple of its limit on nodes


def gradient(builder: Builder, output: int, wrt: Sequence[int], *, group: object = None) -> list[int | None]:
    """The node of ∂output/∂x for each node x of `wrt` (its shape is x's); None where `output` does not depend on x.

    `output` is a scalar. Only nodes between `wrt` and `output` are differentiated, by the rules that numbers take, so
    the result can be differentiated again. What is added is shared with equal nodes of `group`, and is no more than the
    results need: the seed is the number 1, so what it multiplies stands alone; numbers are literals of the gates that
    take them; conditions on constants are decided (see simplified.py). Errors: grad.scalar, grad.undefined (an operator
    without a derivative of this order), limit.….
    """
    mark = len(builder)
    if builder.shapes[output]:
        raise fail("grad.scalar", f"`grad` needs a scalar, and this has shape {builder.shapes[output]}")
    ancestors = _ancestors(builder, output, min(wrt, default=0))
    builder.visits += len(ancestors)
    if builder.visits > VISITS * builder.limits.nodes:
        raise fail("limit.nodes", f"these gradients go through over {VISITS * builder.limits.nodes:,} nodes")
    depending = set(wrt)
    for node in ancestors:
        if node not in depending and any(
            operand in depending and _passes(builder, node, slot) for slot, operand in enumerate(builder.operands[node])
        ):
            depending.add(node)
    cotangents: dict[int, Term] = {output: 1.0} if output in depending else {}
    for node in reversed(ancestors):
        if node in cotangents and builder.operands[node]:
            slots = [
                slot
                for slot, operand in enumerate(builder.operands[node])
                if operand in depending and _passes(builder, node, slot)
            ]
            for slot, part in parts_of(builder, node, cotangents[node], slots, group, bare=True):
                operand = builder.operands[node][slot]
                cotangents[operand] = added(cotangents.get(operand), part)
    found = [None if x not in cotangents else _node(builder, cotangents[x], group) for x in wrt]
    places = builder.prune(mark, [node for node in found if node is not None])
    return [None if node is None else places.get(node, node) for node in found]


def parts_of(
    builder: Builder, node: int, g: Term, slots: Sequence[int], group: object = None, *, bare: bool = False
) -> list[tuple[int, Term]]:
    """What flows back from `node` along each of these slots, in the shape of its operand, as nodes. `bare`: a cotangent
    that is a number spread over a tensor (of a sum) is that number, and is left out where it is 1."""
    if not slots:
        return []
    operator = builder.operators[node]
    operands = builder.operands[node]
    if operator.partials is not None:
        found = _by_partials(builder, node, g, slots, group, _spread(builder, g) if bare else None)
    else:
        found = _by_vjp(builder, node, g, slots, group)
    return [(slot, _summed_to(part, builder.shapes[operands[slot]], builder, group)) for slot, part in found]


def _spread(builder: Builder, g: Term) -> float | None:
    """The number that a cotangent is everywhere."""
    if isinstance(g, Symbol) and builder.operators[g.node].name == "broadcast_to":
        return _number(builder, builder.operands[g.node][0])
    return None


def _by_partials(
    builder: Builder, node: int, g: Term, slots: Sequence[int], group: object, spread: float | None
) -> list[tuple[int, Any]]:
    """`spread`: the number that g is everywhere, where it is such a one."""
    operands = builder.operands[node]
    nodes = {"y": node, **{f"x{i}": operand for i, operand in enumerate(operands)}}
    terms: dict[str, Any] = {"g": g, **{name: Symbol(builder, one, group) for name, one in nodes.items()}}
    numbers = {name: number for name, one in nodes.items() if (number := _number(builder, one)) is not None}
    if not isinstance(g, Symbol):
        numbers["g"] = g
    elif spread is not None:
        numbers["g"] = spread
    decided = {name: value for name, one in nodes.items() if (value := _decided(builder, one)) is not None}
    rule = _rule(builder.operators[node], len(operands), tuple(slots), _written(numbers), _written(decided))
    parts = substituted(rule.trees, terms, rule.order)
    if spread is not None:
        parts = [g if part == spread else _over(builder, part, builder.shapes[node], group) for part in parts]
    return list(zip(slots, parts, strict=True))


class _Rule(NamedTuple):
    """Contributions as they are written, and every subexpression of theirs, operands first."""

    trees: list[Expression]
    order: list[Expression]


def _written(numbers: dict[str, float]) -> tuple[tuple[str, str], ...]:
    """Numbers by name as text: −0.0 is another than 0.0, NaN is itself."""
    return tuple([(name, repr(number)) for name, number in numbers.items()]) if numbers else ()


def _rule(
    operator: Operator, arity: int, slots: tuple[int, ...], numbers: tuple[tuple[str, str], ...],
    decided: tuple[tuple[str, str], ...],
) -> _Rule:  # fmt: skip
    """What flows back along `slots`, with these numbers in its place."""
    return (_kept if arity <= FEW else _kept.__wrapped__)(operator, arity, slots, numbers, decided)


@lru_cache(maxsize=4096)
def _kept(
    operator: Operator, arity: int, slots: tuple[int, ...], numbers: tuple[tuple[str, str], ...],
    decided: tuple[tuple[str, str], ...],
) -> _Rule:  # fmt: skip
    trees = contributions(operator, arity)
    read = [{name: float(text) for name, text in part} for part in (numbers, decided)]
    found = simplified([trees[slot] for slot in slots], *read)
    return _Rule(found, ordered(found))


def _over(builder: Builder, part: Any, shape: Shape, group: object) -> Any:
    """The part in the whole shape of its gate, as if a cotangent of that shape had been multiplied in."""
    term = part if isinstance(part, Symbol) else Number(builder, float(part), group)
    return term if term.shape == shape else CATALOGUE["broadcast_to"](term, shape=shape)


def _by_vjp(builder: Builder, node: int, g: Term, slots: Sequence[int], group: object) -> list[tuple[int, Any]]:
    operator, operands, attributes = builder.operators[node], builder.operands[node], builder.attributes[node]
    if operator.vjp is None:
        return []
    upstream = g if isinstance(g, Symbol) else Number(builder, g, group)
    y = Symbol(builder, node, group)
    xs = [
        Symbol(builder, operand, group)
        if (number := _number(builder, operand)) is None
        else Number(builder, number, group)
        for operand in operands
    ]
    if operator.vjps is not None and (len(slots) == len(xs) or (len(xs) > FEW and 2 * len(slots) > len(xs))):
        every = operator.vjps(upstream, y, *xs, **attributes)
        return [(slot, every[slot]) for slot in slots]
    return [(slot, operator.vjp(slot, upstream, y, *xs, **attributes)) for slot in slots]


def added(before: Term | None, part: Term) -> Term:
    """The sum of two parts; the number 0 adds nothing."""
    if before is None or (not isinstance(before, Symbol) and before == 0.0):
        return part
    if not isinstance(part, Symbol) and part == 0.0:
        return before
    return before + part


def _number(builder: Builder, node: int) -> float | None:
    """What a literal says."""
    value = builder.constants.get(node)
    return value if isinstance(value, float) else None


def _decided(builder: Builder, node: int) -> float | None:
    """The value of a small gate of literals alone, such as the 1 + 1 of x**(1 + 1)."""
    order, waiting = [node], [node]
    while waiting:
        gate = waiting.pop()
        operator = builder.operators[gate]
        if builder.differentiable[gate] or builder.shapes[gate] or len(order) > DEEP:
            return None
        if gate not in builder.constants:
            if operator.family != "elementwise":
                return None
            order.extend(builder.operands[gate])
            waiting.extend(builder.operands[gate])
    values: dict[int, float] = {}
    with np.errstate(all="ignore"):
        for gate in sorted(set(order)):
            value = builder.constants.get(gate)
            if value is None:
                operands = tuple([values[i] for i in builder.operands[gate]])
                value = evaluate(builder.operators[gate], operands, builder.attributes[gate])
            values[gate] = float(value)
    return values[node]


def _summed_to(part: Any, shape: Shape, builder: Builder, group: object) -> Term:
    """What broadcasting spread is summed, as nodes."""
    if isinstance(part, Number):
        part = part.value
    if not isinstance(part, Symbol):
        if not shape and np.shape(part) == ():
            return float(part)
        part = Symbol(builder, builder.constant(part), group)
    if part.shape != shape and prod(part.shape) >= prod(shape):
        part = CATALOGUE["sum_to"](part, shape=shape)
    result: Symbol = part if part.shape == shape else CATALOGUE["broadcast_to"](part, shape=shape)
    return result


def _node(builder: Builder, term: Term, group: object) -> int:
    return term.node if isinstance(term, Symbol) else builder.number(term, group=group)


def _passes(builder: Builder, node: int, slot: int) -> bool:
    return passes(builder.operators[node], slot, len(builder.operands[node]))


def _ancestors(builder: Builder, output: int, first: int) -> list[int]:
    """The differentiable nodes from `first` on that a gradient of `output` may pass, ascending: what stands before a
    node does not depend on it, so a step of a loop looks at its own gates alone."""
    found = {output}
    waiting = [output]
    flags = builder.differentiable
    while waiting:
        node = waiting.pop()
        for slot, operand in enumerate(builder.operands[node]):
            if operand >= first and flags[operand] and operand not in found and _passes(builder, node, slot):
                found.add(operand)
                waiting.append(operand)
    return sorted(found)
