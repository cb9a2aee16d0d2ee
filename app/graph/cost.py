"""What a graph will need, forward and backward, known from its shapes before anything is allocated."""

from dataclasses import dataclass
from functools import lru_cache
from math import prod

from app.graph.graph import Graph
from app.ops.expression import Expression
from app.ops.operator import Operator, contributions

BLOCK = 1 << 21  # elements that a convolution lays out at once, at most
# Measured on one core of a small machine, and rounded up.
NODE_SECONDS = 1.5e-6
TENSOR_SECONDS = 15e-6
FLOP_SECONDS = 1e-9
ELEMENT_SECONDS = 2e-9


@dataclass(frozen=True, slots=True, kw_only=True)
class Estimate:
    """Upper bounds of one evaluation with gradients: `elements` that are kept (values, gradients, what flows along each
    edge), `buffer` elements beside them at any one time, `flops` of both directions; and about how many `seconds`."""

    elements: int
    buffer: int
    flops: int
    seconds: float

    @property
    def bytes(self) -> int:
        """Of float64 arrays."""
        return 8 * (self.elements + self.buffer)


def estimate(graph: Graph) -> Estimate:
    """The estimate of a whole graph, from shapes alone."""
    elements = buffer = flops = tensors = 0
    shapes = graph.shapes
    for node, operator in enumerate(graph.operators):
        operands = graph.operands[node]
        size = prod(shapes[node])
        elements += 2 * size
        tensors += bool(shapes[node])
        if not operands:
            flops += size
            continue
        given = [shapes[i] for i in operands]
        sizes = list(map(prod, given))
        elements += sum(sizes)
        forward = operator.flops(shapes[node], *given, **graph.attributes[node])
        if operator.partials is not None:
            steps = weight(operator, len(operands))
            flops += forward + steps * size + sum(sizes)
            temporary = 4 * size if len(operands) <= 8 else 4 * len(operands) * size
        else:
            flops += 4 * forward + 8 * (size + sum(sizes))
            temporary = 6 * (size + sum(sizes)) + (3 * BLOCK if forward > 8 * (size + sum(sizes)) else 0)
        buffer = max(buffer, temporary)
    scalars = len(graph) - tensors
    seconds = scalars * NODE_SECONDS + tensors * TENSOR_SECONDS + flops * FLOP_SECONDS + elements * ELEMENT_SECONDS
    return Estimate(elements=elements, buffer=buffer, flops=flops, seconds=seconds)


@lru_cache(maxsize=1024)
def weight(operator: Operator, arity: int) -> int:
    """Flop an element of all contributions of an elementwise gate: a flop, or what it says itself, for each operator in
    their expressions."""
    seen: dict[int, Expression] = {}
    waiting = list(contributions(operator, arity))
    total = arity
    while waiting:
        tree = waiting.pop()
        if tree.operator is not None and id(tree) not in seen:
            seen[id(tree)] = tree
            total += tree.operator.flops((), *[()] * len(tree.operands))
            waiting.extend(tree.operands)
    return total
