"""Local derivatives: ∂target/∂source along a wire between scalars."""

from collections.abc import Sequence

import numpy as np

from app.autodiff.reverse import node_parts
from app.autodiff.rules import whole_rule
from app.graph.graph import Graph
from app.ops.algebra import Value
from app.ops.operator import passes


def local(graph: Graph, values: Sequence[Value], node: int, slot: int) -> float | None:
    """∂node/∂operand at `slot`; None where one of the two is a tensor. 0 where no gradient passes by rule."""
    if graph.shapes[node] or graph.shapes[graph.operands[node][slot]]:
        return None
    return locals_of(graph, values, node)[slot]


def locals_of(graph: Graph, values: Sequence[Value], node: int) -> tuple[float | None, ...]:
    """The local derivatives of one gate, for each slot; None where the gate or the operand is a tensor."""
    operands = graph.operands[node]
    arity = len(operands)
    if not arity or graph.shapes[node]:
        return (None,) * arity
    operator = graph.operators[node]
    if operator.scalar is not None:
        return whole_rule(operator, arity)(1.0, values[node], *[values[i] for i in operands])
    given = [values[i] for i in operands]
    with np.errstate(all="ignore"):
        wanted = tuple([not graph.shapes[i] and passes(operator, slot, arity) for slot, i in enumerate(operands)])
        parts, _ = node_parts(operator, 1.0, values[node], given, graph.attributes[node], wanted)
    return tuple([
        None if graph.shapes[i] else part if isinstance(part, float) else 0.0
        for i, part in zip(operands, parts, strict=True)
    ])  # fmt: skip


def local_derivatives(graph: Graph, values: Sequence[Value]) -> tuple[tuple[float | None, ...], ...]:
    """The local derivatives of every gate, by node and slot."""
    return tuple([locals_of(graph, values, node) for node in range(len(graph))])
