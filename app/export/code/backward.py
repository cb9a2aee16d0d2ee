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
from app.ops.leaf import CONSTANT
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
    return _plain(builder.freeze(), found, len(graph))


def _plain(graph: Graph, gradients: list[int | None], start: int) -> Both:
    """The same from node `start` on without what a reader would leave out, each step exact: numbers of numbers, a
    choice by a number, x·1, x/1, x¹."""
    operators, operands, constants = list(graph.operators), list(graph.operands), dict(graph.constants)
    same = list(range(len(graph)))  # the node that stands for each
    for node in range(start, len(graph)):
        operands[node] = taken = tuple([same[i] for i in operands[node]])
        operator = operators[node]
        numbers = [c if isinstance(c := constants.get(i), float) and not graph.shapes[i] else None for i in taken]
        if taken and operator.scalar is not None and None not in numbers:
            constants[node] = operator.scalar(*numbers)
            operators[node], operands[node] = CONSTANT, ()
        elif operator.name == "where" and numbers[0] is not None:
            same[node] = _alike(graph, node, taken[1] if numbers[0] else taken[2])
        elif operator.name in {"mul", "div", "pow"} and numbers[1] == 1.0:
            same[node] = _alike(graph, node, taken[0])
        elif operator.name == "mul" and numbers[0] == 1.0:
            same[node] = _alike(graph, node, taken[1])
    plain = replace(graph, operators=tuple(operators), operands=tuple(operands), constants=constants)
    return Both(plain, [None if g is None else same[g] for g in gradients])


def _alike(graph: Graph, node: int, other: int) -> int:
    """The other node, where it has the same shape."""
    return other if graph.shapes[node] == graph.shapes[other] else node


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
