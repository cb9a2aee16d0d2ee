"""The gradient as nodes of the same graph: what `grad(y, x)` in a program becomes, at any depth."""

from collections.abc import Sequence
from math import prod
from typing import Any

from app.autodiff.rules import substituted
from app.diagnostics import fail
from app.graph.builder import Builder, Symbol
from app.ops.algebra import Shape
from app.ops.catalogue import CATALOGUE
from app.ops.expression import expression, times
from app.ops.operator import G, partials, passes

Term = Symbol | float  # a node, or a number that is none yet
VISITS = 5  # nodes that all gradients of one program may look at, as a multiple of its limit on nodes


def gradient(builder: Builder, output: int, wrt: Sequence[int], *, group: object = None) -> list[int | None]:
    """The node of ∂output/∂x for each node x of `wrt` (its shape is x's); None where `output` does not depend on x.

    `output` is a scalar. Only nodes between `wrt` and `output` are differentiated, by the rules that numbers take, so
    the result can be differentiated again. What is added is shared with equal nodes of `group`. Errors: grad.scalar,
    grad.undefined (an operator without a derivative of this order), limit.….
    """
    if builder.shapes[output]:
        raise fail("grad.scalar", f"`grad` needs a scalar, and this has shape {builder.shapes[output]}")
    ancestors = _ancestors(builder, output)
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
            for slot, part in parts_of(builder, node, cotangents[node], slots, group):
                operand = builder.operands[node][slot]
                before = cotangents.get(operand)
                cotangents[operand] = part if before is None else before + part
    return [None if x not in cotangents else _node(builder, cotangents[x], group) for x in wrt]


def parts_of(
    builder: Builder, node: int, g: Term, slots: Sequence[int], group: object = None
) -> list[tuple[int, Term]]:
    """What flows back from `node` along each of these slots, in the shape of its operand, as nodes."""
    if not slots:
        return []
    operator = builder.operators[node]
    operands = builder.operands[node]
    y = Symbol(builder, node, group)
    xs = [Symbol(builder, operand, group) for operand in operands]
    found: list[tuple[int, Term]] = []
    if operator.partials is not None:
        terms: dict[str, Any] = {f"x{i}": x for i, x in enumerate(xs)} | {"y": y, "g": g}
        rules = partials(operator, len(xs))
        if isinstance(g, Symbol):
            trees = [times(G, rules[slot]) for slot in slots]
        elif g == 1.0:  # 1 · partial is the partial itself
            trees = [rules[slot] for slot in slots]
        else:
            trees = [times(expression(g), rules[slot]) for slot in slots]
        for slot, part in zip(slots, substituted(trees, terms), strict=True):
            found.append((slot, _summed_to(part, builder.shapes[operands[slot]], builder, group)))
        return found
    assert operator.vjp is not None, operator
    upstream = Symbol(builder, _node(builder, g, group), group)
    attributes = builder.attributes[node]
    every = (
        operator.vjps(upstream, y, *xs, **attributes)
        if operator.vjps is not None and 2 * len(slots) > len(xs)
        else None
    )
    for slot in slots:
        part = every[slot] if every is not None else operator.vjp(slot, upstream, y, *xs, **attributes)
        found.append((slot, _summed_to(part, builder.shapes[operands[slot]], builder, group)))
    return found


def _summed_to(part: Any, shape: Shape, builder: Builder, group: object) -> Term:
    """What broadcasting spread is summed, as nodes."""
    if not isinstance(part, Symbol):
        if not shape and getattr(part, "shape", ()) == ():
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


def _ancestors(builder: Builder, output: int) -> list[int]:
    """The differentiable nodes that a gradient of `output` may pass, ascending."""
    found = {output}
    waiting = [output]
    flags = builder.differentiable
    while waiting:
        node = waiting.pop()
        for slot, operand in enumerate(builder.operands[node]):
            if flags[operand] and operand not in found and _passes(builder, node, slot):
                found.add(operand)
                waiting.append(operand)
    return sorted(found)
