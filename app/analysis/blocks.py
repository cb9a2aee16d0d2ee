"""The gradient split by how many residual blocks a path goes through: of a product of I + ∂F/∂x, expanded, the terms of
each degree (Veit, Wilber and Belongie 2016)."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from app.analysis.paths import between, input_node, spoken
from app.autodiff.reverse import node_parts
from app.autodiff.trace import Trace
from app.diagnostics import fail
from app.graph.graph import Graph
from app.graph.program import Program
from app.limits import Limits
from app.ops.algebra import Value

STEPS = 2_000_000  # gates that the search for skips may visit
TERMS = 300_000  # (node, number of blocks) pairs


@dataclass(frozen=True, slots=True, kw_only=True)
class Share:
    """The part of the gradient, in the input's shape, that came through exactly `blocks` residual blocks; `count`: by
    how many choices of blocks."""

    blocks: int
    count: int | str
    sum: Value
    norm: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Blocks:
    """The shares add up to `grad`."""

    grad: Value
    blocks: tuple[Share, ...]


def blocks(program: Program, trace: Trace, input_: str, limits: Limits) -> Blocks:
    """The gradient of an input, scalar or tensor, by residual blocks. Errors: name.unknown, limit.flops.

    Every gate's backward pass is linear in what comes back, so the cotangents travel as polynomials: one term for each
    number of blocks, and the slot of a residual `+` that its block feeds adds one to the degree.
    """
    graph = trace.graph
    source = input_node(program, input_)
    nodes = between(graph, source, trace.output)
    skips = residual_slots(graph, nodes)
    terms_at_most = len(nodes) * (len(skips) + 1)
    if program.cost.flops * 3 * (len(skips) + 1) > limits.flops or terms_at_most > TERMS:
        raise fail("limit.flops", f"splitting the gradient over {len(skips)} blocks takes too many operations")
    terms = _backward(trace, nodes, skips, source)
    counts = _counts(graph, nodes, skips, source).get(trace.output, [])
    grad = trace.cotangents[source]
    assert grad is not None
    shares = tuple(
        Share(blocks=degree, count=spoken(count), sum=total, norm=float(np.linalg.norm(np.ravel(total))))
        for degree, count in enumerate(counts)
        if count
        for total in [terms.get(degree, np.zeros(graph.shapes[source]) if graph.shapes[source] else 0.0)]
    )
    return Blocks(grad=grad, blocks=shares)


def residual_slots(graph: Graph, nodes: Sequence[int]) -> dict[int, int]:
    """For each addition among `nodes` of a value h and what gates made of h: the slot of the latter."""
    users: dict[int, int] = {}
    for node in range(nodes[-1] + 1 if nodes else 0):
        for operand in set(graph.operands[node]):
            users[operand] = users.get(operand, 0) + 1
    found: dict[int, int] = {}
    steps = 0
    for node in nodes:
        operands = graph.operands[node]
        if graph.operators[node].name != "add" or len(operands) != 2:
            continue
        for slot, (through, around) in enumerate((operands, operands[::-1])):
            if users[around] < 2 or not graph.differentiable[around] or through <= around:
                continue
            waiting, seen = [through], {through}
            while waiting and steps < STEPS:
                steps += 1
                gate = waiting.pop()
                if around in graph.operands[gate]:
                    found[node] = slot
                    break
                fresh = [i for i in graph.operands[gate] if i > around and i not in seen]
                seen.update(fresh)
                waiting.extend(fresh)
    return found


def _backward(trace: Trace, nodes: Sequence[int], skips: dict[int, int], source: int) -> dict[int, Value]:
    """The cotangent of `source` by number of blocks."""
    graph = trace.graph
    inside = set(nodes)
    terms: dict[int, dict[int, Value]] = {trace.output: {0: trace.seed}} if nodes else {}
    with np.errstate(all="ignore"):
        for node in reversed(nodes):
            if node == source:
                break
            operands = graph.operands[node]
            xs = [trace.values[i] for i in operands]
            wanted = tuple([i in inside for i in operands])
            for degree, g in terms.pop(node, {}).items():
                parts, active = node_parts(
                    graph.operators[node], g, trace.values[node], xs, graph.attributes[node], wanted
                )
                for slot in active:
                    part = parts[slot]
                    assert part is not None
                    reached = degree + (skips.get(node) == slot)
                    sums = terms.setdefault(operands[slot], {})
                    sums[reached] = sums[reached] + part if reached in sums else part
    return terms.get(source, {})


def _counts(graph: Graph, nodes: Sequence[int], skips: dict[int, int], source: int) -> dict[int, list[int]]:
    """For each node, by number of blocks, the choices of blocks on the ways from `source` to it: ways that part and
    meet again within one block are one choice."""
    counts: dict[int, list[int]] = {source: [1]}
    for node in nodes:
        if node == source:
            continue
        taken = [(slot, counts[i]) for slot, i in enumerate(graph.operands[node]) if i in counts]
        shifted = [[0, *row] if skips.get(node) == slot else row for slot, row in taken]
        total = [0] * max(map(len, shifted))
        for row in shifted:
            for degree, count in enumerate(row):
                total[degree] = total[degree] + count if node in skips else max(total[degree], count)
        counts[node] = total
    return counts
