"""micrograd's Value, and what was copied from it: `data`, `grad`, `_prev`, `_op`, and perhaps `label`."""

from collections.abc import Mapping
from operator import attrgetter
from typing import Any

from gradwire.readers.reading import Graph, ordered, sign

PARTS = ("data", "grad", "_prev", "_op")
previous, operation = attrgetter("_prev"), attrgetter("_op")  # private, and where it is


def recognises(value: Any) -> bool:
    """Whether it has what a Value has."""
    return all(hasattr(value, part) for part in PARTS)


def read(y: Any, named: Mapping[str, Any]) -> Graph:
    """Its graph, with the gradients of the last `backward()`.

    A Value keeps its operands as a set: their order is that in which they were made, and an operand that entered twice
    is one wire. What flows along one wire is known where it is the only one, or the operator's rule says it.
    """
    names = {id(value): name for name, value in named.items()}
    values = ordered([y], previous)
    place = {id(value): i for i, value in enumerate(values)}
    operands = [sorted(previous(value), key=lambda each: place[id(each)]) for value in values]
    fan = [0] * len(values)
    for taken in operands:
        for each in taken:
            fan[place[id(each)]] += 1
    graph = Graph()
    ids: list[str] = []
    for value, taken in zip(values, operands, strict=True):
        name = names.get(id(value)) or str(getattr(value, "label", "") or "")
        op = str(operation(value))
        label = f"{name} {sign(op)}".strip() if taken else name or "·"
        ids.append(graph.node(label, op=op, value=value.data, grad=value.grad))
        for each in taken:
            at = place[id(each)]
            grad = each.grad if fan[at] == 1 and each is not y else along(op, value, taken, each)
            graph.edge(ids[at], ids[-1], value=each.data, grad=grad)
    graph.output = ids[place[id(y)]]
    return graph


def along(op: str, result: Any, operands: list[Any], operand: Any) -> Any:
    """What flows back to one operand of a sum or of a product; None for the others."""
    if op == "+":
        return result.grad * (2 if len(operands) == 1 else 1)
    if op == "*":
        if len(operands) == 1:
            return 2 * operand.data * result.grad
        other = operands[0] if operands[1] is operand else operands[1]
        return other.data * result.grad
    return None
