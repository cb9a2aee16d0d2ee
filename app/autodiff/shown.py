"""The numbers of what is shown: a trace summed over a view, by the view's ids."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from app.autodiff.local import locals_of
from app.autodiff.reverse import node_parts
from app.autodiff.trace import Trace
from app.graph.view import View, ViewEdge, ViewNode
from app.ops.algebra import Value


@dataclass(frozen=True, slots=True, kw_only=True)
class Numbers:
    """By the ids of a view's nodes and edges. A value or a gradient is None where there is none: a constant's gradient,
    a closed group that several wires leave.

    `edge_grads` are what flows back along one shown wire: the sum of its members. `locals` has an entry for each edge
    between scalars (ids of others are missing): for a closed group the derivative over all paths inside it. `parts`
    holds, for each node whose gradient is the sum of several, those several in the order of the view's edges, at the
    output the seed last; wires that pass none by rule or lead to what the output does not need are no parts.
    """

    values: Mapping[str, Value | None]
    grads: Mapping[str, Value | None]
    edge_values: Mapping[str, Value]
    edge_grads: Mapping[str, Value | None]
    locals: Mapping[str, float]
    parts: Mapping[str, tuple[Value, ...]]


def shown(view: View, trace: Trace) -> Numbers:
    """The numbers for every node and edge of `view`, a view of the program that `trace` is of."""
    nodes = {node.id: node for node in view.nodes}
    values, cotangents, contributions = trace.values, trace.cotangents, trace.contributions
    operands = trace.graph.operands
    edge_values: dict[str, Value] = {}
    edge_grads: dict[str, Value | None] = {}
    for edge in view.edges:
        node, slot = edge.members[0]
        edge_values[edge.id] = values[operands[node][slot]]
        edge_grads[edge.id] = contributions[node][slot] if len(edge.members) == 1 else _flow(edge, trace)
    return Numbers(
        values={n.id: None if n.index is None else values[n.index] for n in view.nodes},
        grads={n.id: None if n.index is None else cotangents[n.index] for n in view.nodes},
        edge_values=edge_values,
        edge_grads=edge_grads,
        locals=_locals(view, nodes, trace),
        parts=_parts(view, nodes, edge_grads, trace),
    )


def _flow(edge: ViewEdge, trace: Trace) -> Value | None:
    """The sum of the members' contributions, in the order in which the source's gradient adds them up."""
    total: Value | None = None
    for node, slot in reversed(edge.members):
        part = trace.contributions[node][slot]
        if part is not None:
            total = part if total is None else total + part
    return total


def _parts(
    view: View, nodes: Mapping[str, ViewNode], grads: Mapping[str, Value | None], trace: Trace
) -> dict[str, tuple[Value, ...]]:
    found: dict[str, list[Value]] = {}
    for edge in view.edges:
        grad = grads[edge.id]
        if grad is not None and edge.passes and nodes[edge.target].reached:
            found.setdefault(edge.source, []).append(grad)
    if nodes[view.output].differentiable and view.output in found:
        found[view.output].append(trace.seed)
    return {id_: tuple(parts) for id_, parts in found.items() if len(parts) > 1 and nodes[id_].shape is not None}


def _locals(view: View, nodes: Mapping[str, ViewNode], trace: Trace) -> dict[str, float]:
    found: dict[str, float] = {}
    borders: dict[str, list[ViewEdge]] = {}  # of the closed groups that give a number
    at = ""
    given: tuple[float | None, ...] = ()
    for edge in view.edges:  # those into one node stand together
        if edge.target != at:
            at, given = edge.target, ()
            target = nodes[at]
            if target.shape == () and target.index is not None:
                if target.kind == "group":
                    borders[at] = []
                else:
                    given = locals_of(trace.graph, trace.values, target.index)
        if given:
            local = given[edge.slot]
            if local is not None:
                found[edge.id] = local
        elif at in borders:
            borders[at].append(edge)
    for id_, border in borders.items():
        wanted = [edge for edge in border if edge.shape == ()]
        result = nodes[id_].index
        if wanted and result is not None:
            found.update(through(result, wanted, border, trace))
    return found


def through(result: int, wanted: list[ViewEdge], border: list[ViewEdge], trace: Trace) -> dict[str, float]:
    """∂result/∂source for each wanted wire into a closed group, over all paths inside it: a backward pass from `result`
    that ends at the group's border (all wires into it)."""
    graph = trace.graph
    ends = {member for edge in border for member in edge.members}
    flows: dict[int, Value] = {result: 1.0}
    arriving: dict[tuple[int, int], Value] = {}
    inside = {result}
    waiting = [result]
    while waiting:
        node = waiting.pop()
        for slot, operand in enumerate(graph.operands[node]):
            if (node, slot) not in ends and operand not in inside:
                inside.add(operand)
                waiting.append(operand)
    with np.errstate(all="ignore"):
        for node in sorted(inside, reverse=True):
            operands = graph.operands[node]
            if node not in flows or not operands:
                continue
            given = [trace.values[i] for i in operands]
            everything = (True,) * len(operands)
            parts, active = node_parts(
                graph.operators[node], flows[node], trace.values[node], given, graph.attributes[node], everything
            )
            for slot in active:
                part = parts[slot]
                assert part is not None
                if (node, slot) in ends:
                    arriving[node, slot] = part
                else:
                    before = flows.get(operands[slot])
                    flows[operands[slot]] = part if before is None else before + part
    sums: dict[str, float] = {}
    for edge in wanted:
        total = 0.0
        for member in edge.members:
            part = arriving.get(member, 0.0)
            assert isinstance(part, float)
            total += part
        sums[edge.id] = total
    return sums
