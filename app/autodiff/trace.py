"""A graph with its numbers."""

from dataclasses import dataclass

from app.graph.graph import Graph
from app.ops.algebra import Value


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Trace:
    """`values[i]` of node i; `cotangents[i]` its gradient (None: it is not differentiable; 0 where the output does not
    depend on it); `contributions[i][slot]` what flows back from node i along that one edge, in the shape of the operand
    (None: the operand is not differentiable). The sum of its out-edges' contributions, plus the seed at the output, is
    a node's cotangent, added in the order of the edges' targets from the last to the first.
    """

    graph: Graph
    output: int
    seed: Value
    values: tuple[Value, ...]
    cotangents: tuple[Value | None, ...]
    contributions: tuple[tuple[Value | None, ...], ...]
