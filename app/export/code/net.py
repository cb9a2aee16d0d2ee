"""An ONNX model that is being written, and a gate as what writes it sees it."""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from app.diagnostics import fail
from app.export.code.listing import LITERAL
from app.export.code.protobuf import Attribute, Kind, node, tensor
from app.graph.graph import Graph
from app.ops.algebra import Shape
from app.ops.operator import Operator


class Model:
    """A model that is being written. Operators of ONNX are applied by `op`, which answers the result's name."""

    def __init__(self, graph: Graph) -> None:
        self.graph = graph
        self.nodes: list[bytes] = []
        self.initializers: list[bytes] = []
        self.numbers = 0
        self._taken: set[str] = set()
        self._known: dict[object, str] = {}

    def fresh(self, wanted: str) -> str:
        """A name like this one that no value has yet."""
        name, count = wanted, 1
        while name in self._taken:
            count += 1
            name = f"{wanted}_{count}"
        self._taken.add(name)
        return name

    def op(self, kind: str, *inputs: str, name: str = "", **attributes: Attribute) -> str:
        result = name or self.fresh(f"{kind}_{len(self.nodes)}")
        self.nodes.append(node(kind, inputs, result, **attributes))
        return result

    def constant(self, value: Any, kind: Kind = "double") -> str:
        """Numbers that stand in the model, equal ones once. Errors: limit.answer."""
        array = np.asarray(value)
        key = (kind, array.shape, array.tobytes())
        if key not in self._known:
            self.numbers += array.size
            if self.numbers > 4 * LITERAL:
                raise fail("limit.answer", f"as a model this needs over {4 * LITERAL:,} numbers written out")
            self._known[key] = self.fresh(f"c_{len(self.initializers)}")
            self.initializers.append(tensor(self._known[key], value, kind))
        return self._known[key]

    def ints(self, values: Sequence[int]) -> str:
        return self.constant(list(values), "int64")

    def reshape(self, x: str, shape: Sequence[int]) -> str:
        return self.op("Reshape", x, self.ints(shape))

    def picked(self, x: str, places: Any) -> str:
        """Elements by their flat places."""
        return self.op("Gather", self.reshape(x, [-1]), self.constant(places, "int64"), axis=0)

    def truth(self, x: str) -> str:
        return self.op("Cast", x, to=9)

    def double(self, x: str) -> str:
        return self.op("Cast", x, to=11)


class Gate:
    """One gate as a case sees it: the names of its operands, their shapes, its own, and its attributes."""

    def __init__(self, m: Model, index: int, names: Sequence[str]) -> None:
        graph = m.graph
        self.m = m
        self.operator: Operator = graph.operators[index]
        self.attributes: dict[str, Any] = {p.name: p.default for p in self.operator.attributes}
        self.attributes |= graph.attributes[index]
        self.shape: Shape = graph.shapes[index]
        self.shapes: list[Shape] = [graph.shapes[i] for i in graph.operands[index]]
        self.x = list(names)


Case = Callable[[Gate], str]  # writes a gate: the name of its result
