"""Values: a graph evaluated node by node, scalars as Python floats, tensors as arrays."""

from collections.abc import Callable, Mapping
from typing import Any, Literal

import numpy as np

from app.graph.graph import Graph
from app.ops.algebra import Value
from app.ops.operator import evaluate

Dtype = Literal["float64", "float32"]


def forward(graph: Graph, inputs: Mapping[int, Value], *, dtype: Dtype = "float64") -> tuple[Value, ...]:
    """The value of each node: a float where the shape is (), an array of the node's shape elsewhere.

    `inputs` gives the value of each input node. With "float32" every result is rounded to it, and arrays are of that
    type. What is not finite is a value, as IEEE has it.
    """
    keep = rounding(dtype)
    values: list[Value] = [0.0] * len(graph)
    for node, constant in graph.constants.items():
        values[node] = keep(constant)
    shapes = graph.shapes
    with np.errstate(all="ignore"):
        for node, (operator, operands, attributes) in enumerate(
            zip(graph.operators, graph.operands, graph.attributes, strict=True)
        ):
            scalar = operator.scalar
            if scalar is not None and not shapes[node] and not attributes:
                if len(operands) == 2:
                    a, b = operands
                    value: Value = scalar(values[a], values[b])
                elif len(operands) == 1:
                    value = scalar(values[operands[0]])
                else:
                    value = scalar(*[values[i] for i in operands])
            elif operator.family == "leaf":
                if node in graph.constants:
                    continue
                given = inputs[node]
                value = np.asarray(given, dtype=np.float64) if shapes[node] else float(given)
            else:
                value = evaluate(operator, tuple([values[i] for i in operands]), attributes)
            values[node] = value if dtype == "float64" else keep(value)
    return tuple(values)


def numbers(graph: Graph, inputs: Mapping[int, Value]) -> tuple[Value, ...]:
    """`forward` of a graph in which every node is a number and every gate elementwise, in float64."""
    found: list[Any] = []
    add = found.append
    constants = graph.constants
    for node, (operator, operands, attributes) in enumerate(
        zip(graph.operators, graph.operands, graph.attributes, strict=True)
    ):
        scalar = operator.scalar
        if scalar is None:
            add(constants[node] if node in constants else float(inputs[node]))
        elif attributes or len(operands) > 2:
            add(scalar(*[found[i] for i in operands], **attributes))
        elif len(operands) == 2:
            a, b = operands
            add(scalar(found[a], found[b]))
        else:
            add(scalar(found[operands[0]]))
    return tuple(found)


def rounding(dtype: Dtype) -> Callable[[Value], Value]:
    """How a result is kept in `dtype`: float64 as it is."""
    return rounded if dtype == "float32" else lambda value: value


def rounded(value: Value) -> Value:
    """The nearest float32: a float stays a Python float, an array becomes one of that type."""
    if isinstance(value, np.ndarray):
        return value.astype(np.float32, copy=False)
    return float(np.float32(value))
