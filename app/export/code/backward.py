"""A graph and its gradient as one graph: what an exporter writes out that differentiates by hand."""

from dataclasses import replace
from typing import NamedTuple

import numpy as np

from app.autodiff.gradient import gradient
from app.autodiff.trace import Trace
from app.graph.builder import Builder, Literal
from app.graph.graph import Graph
from app.graph.program import Program
from app.limits import Limits
from app.ops.catalogue import CATALOGUE
from app.ops.operator import passes

ROOM = 16  # a graph with its gradient is so many times larger at most


class Both(NamedTuple):
    """The nodes of the program keep their numbers. `gradients[i]` is the node that holds node i's gradient; None where
    the output does not depend on it."""

    graph: Graph
    gradients: list[int | None]


def with_gradient(program: Program, trace: Trace, limits: Limits) -> Both:
    """The program's graph, and behind it the gradient of its output. Errors: grad.undefined, limit.…"""
    graph = program.graph
    room = replace(limits, nodes=limits.nodes * ROOM, elements=limits.elements * ROOM, flops=limits.flops * ROOM)
    builder = Builder(room)
    for node, operator in enumerate(graph.operators):
        if node in graph.constants:
            builder.constant(graph.constants[node])
        elif operator.name == "input":
            builder.input(graph.shapes[node])
        else:
            builder.apply(operator, graph.operands[node], graph.attributes[node], share=False)
    flows = graph.flows(program.output)
    wanted = [node for node in range(program.output + 1) if flows[node] and _leads_on(graph, node)]
    found: list[int | None] = [None] * len(graph)
    if wanted:
        for node, made in zip(wanted, gradient(builder, _scalar(builder, program.output, trace), wanted), strict=True):
            found[node] = made
    return Both(builder.freeze(), found)


def _leads_on(graph: Graph, node: int) -> bool:
    """Whether it is an input, or passes a gradient on to an operand."""
    operands = graph.operands[node]
    arity = len(operands)
    return not arity or any(
        graph.differentiable[operand] and passes(graph.operators[node], slot, arity)
        for slot, operand in enumerate(operands)
    )


def _scalar(builder: Builder, output: int, trace: Trace) -> int:
    """The output times its seed, summed: its gradient is what the seed sends back."""
    shape = builder.shapes[output]
    if not np.all(np.equal(trace.seed, 1.0)):
        output = builder.apply(CATALOGUE["mul"], (output, Literal(trace.seed)), share=False)
    return builder.apply(CATALOGUE["sum"], (output,), share=False) if shape else output
