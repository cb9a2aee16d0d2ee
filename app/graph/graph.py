"""The graph: operators on operands, in topological order. Nothing of names, places or groups: those stand beside it."""

from collections.abc import Mapping
from dataclasses import dataclass

from app.ops.algebra import Attributes, Shape, Value
from app.ops.operator import Operator, passes


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Graph:
    """Immutable. Node i is `operators[i]` on the nodes `operands[i]` (all smaller than i) with `attributes[i]`.

    `shapes[i]` is its result's. `differentiable[i]`: it depends on an input, so it has a gradient. `constants` holds
    the values of the constant nodes; inputs come with each evaluation.
    """

    operators: tuple[Operator, ...]
    operands: tuple[tuple[int, ...], ...]
    attributes: tuple[Attributes, ...]
    shapes: tuple[Shape, ...]
    differentiable: tuple[bool, ...]
    constants: Mapping[int, Value]

    def __len__(self) -> int:
        return len(self.operators)

    def reached(self, output: int) -> bytearray:
        """For each node whether `output` depends on it (1) or not (0)."""
        seen = bytearray(len(self))
        seen[output] = 1
        operands = self.operands
        for node in range(output, -1, -1):
            if seen[node]:
                for operand in operands[node]:
                    seen[operand] = 1
        return seen

    def flows(self, output: int) -> bytearray:
        """For each node whether a gradient of `output` flows back to it: 1 where every gate on some way passes it."""
        seen = bytearray(len(self))
        seen[output] = self.differentiable[output]
        operands, operators, flags = self.operands, self.operators, self.differentiable
        for node in range(output, -1, -1):
            if seen[node]:
                taken = operands[node]
                for slot, operand in enumerate(taken):
                    if flags[operand] and not seen[operand] and passes(operators[node], slot, len(taken)):
                        seen[operand] = 1
        return seen


@dataclass(frozen=True, slots=True, kw_only=True)
class Cost:
    """What a graph needs, known from its shapes before anything is allocated: counts, and flop forward."""

    nodes: int
    edges: int
    elements: int
    flops: int
