"""Forward mode: the same circuit with a tangent beside each value."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from app.autodiff.forward import Dtype
from app.autodiff.tangent import tangents
from app.autodiff.trace import Trace
from app.diagnostics import fail
from app.graph.program import Program
from app.graph.view import View
from app.ops.algebra import Value


@dataclass(frozen=True, slots=True, kw_only=True)
class Tangents:
    """By the view's ids. A node's tangent (None: a closed group that several wires leave); along an edge flows its
    source's; `parts`: what came along each edge into a gate, which sum to the gate's tangent."""

    nodes: Mapping[str, Value | None]
    edges: Mapping[str, Value]
    parts: Mapping[str, Value]


def forward(
    program: Program, view: View, trace: Trace, directions: Mapping[str, Value], *, dtype: Dtype = "float64"
) -> Tangents:
    """How every value changes along `directions`: for each input named, a tangent of its shape, or a number to fill it.

    Errors: name.unknown, seed.shape.
    """
    graph = trace.graph
    given: dict[int, Value] = {}
    known = {one.name: one.node for one in program.inputs}
    for name, direction in directions.items():
        if name not in known:
            raise fail("name.unknown", f"the program has no input `{name[:80]}`")
        shape = graph.shapes[known[name]]
        if np.shape(direction) not in ((), shape):
            message = f"`{name}` has shape {shape}, and its tangent has shape {np.shape(direction)}"
            raise fail("seed.shape", message)
        given[known[name]] = direction
    found, along = tangents(graph, trace.values, given, dtype=dtype)
    operands = graph.operands
    single = {node.id for node in view.nodes if node.kind != "group"}
    return Tangents(
        nodes={node.id: None if node.index is None else found[node.index] for node in view.nodes},
        edges={edge.id: found[operands[edge.members[0][0]][edge.members[0][1]]] for edge in view.edges},
        parts={edge.id: along[edge.members[0][0]][edge.members[0][1]] for edge in view.edges if edge.target in single},
    )
