"""How the gradient fares from layer to layer: its norm, and the activation's, at each turn of a loop and each call."""

from dataclasses import dataclass

import numpy as np

from app.autodiff.trace import Trace
from app.graph.program import Program
from app.ops.algebra import Value


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """The Euclidean norms of the value last assigned in a group, and of its gradient (None: it has none)."""

    group: str
    label: str
    value: float
    grad: float | None


def flow(program: Program, trace: Trace) -> tuple[Row, ...]:
    """A row for each turn of a loop and each call of the program's functions, in the program's order. What a
    composition of the catalogue is made of has none."""
    last: dict[str, int] = {}
    named: dict[str, int] = {}
    parents = {g.id: g.parent for g in program.groups}
    compositions = {g.id for g in program.groups if g.kind == "composition"}
    for node, inner in enumerate(program.groups_of):
        if trace.graph.operands[node] or trace.graph.operators[node].family == "maker":
            id_ = inner
            while id_ is not None:
                last[id_] = node
                if program.names[node]:
                    named[id_] = node
                id_ = parents[id_]
    rows: list[Row] = []
    for group in program.groups:
        node_of = group.result if group.result is not None else named.get(group.id, last.get(group.id))
        if group.id in compositions or node_of is None:
            continue
        grad = trace.cotangents[node_of]
        rows.append(
            Row(
                group=group.id,
                label=group.label,
                value=norm(trace.values[node_of]),
                grad=None if grad is None else norm(grad),
            )
        )
    return tuple(rows)


def norm(value: Value) -> float:
    """The Euclidean norm; of a number its magnitude."""
    if isinstance(value, float):
        return abs(value)
    with np.errstate(all="ignore"):
        return float(np.linalg.norm(np.ravel(value)))
