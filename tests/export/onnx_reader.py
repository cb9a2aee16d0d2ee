"""Reads an ONNX model off the wire and runs it with NumPy: the operators by their own words in the specification."""

import math
import struct
from collections.abc import Callable, Iterator, Mapping
from functools import reduce
from typing import Any

import numpy as np

DTYPES = {11: np.dtype("<f8"), 7: np.dtype("<i8"), 9: np.dtype("?")}


def fields(message: bytes) -> Iterator[tuple[int, Any]]:
    """The fields of a message: (number, integer, bytes or float)."""
    at = 0

    def integer() -> int:
        nonlocal at
        value = shift = 0
        while True:
            byte = message[at]
            at += 1
            value |= (byte & 0x7F) << shift
            shift += 7
            if byte < 0x80:
                return value

    while at < len(message):
        key = integer()
        if key & 7 == 0:
            yield key >> 3, integer()
        elif key & 7 == 5:
            yield key >> 3, struct.unpack("<f", message[at : at + 4])[0]
            at += 4
        else:
            assert key & 7 == 2
            size = integer()
            assert at + size <= len(message)
            yield key >> 3, message[at : at + size]
            at += size


def every(message: bytes, field: int) -> list[Any]:
    return [value for key, value in fields(message) if key == field]


def one(message: bytes, field: int) -> Any:
    (value,) = every(message, field)
    return value


def text(message: bytes, field: int) -> str:
    return str(one(message, field), "utf-8")


def signed(value: int) -> int:
    return value - (1 << 64) if value >> 63 else value


def graph_of(model: bytes) -> bytes:
    graph = one(model, 7)
    assert isinstance(graph, bytes)
    return graph


def tensors(graph: bytes) -> dict[str, Any]:
    """The initializers by name."""
    return {
        text(t, 8): np.frombuffer(one(t, 9), DTYPES[one(t, 2)]).reshape(every(t, 1)) for t in every(graph, 5)
    }  # fmt: skip


def attributes(node: bytes) -> dict[str, Any]:
    """The attributes of a node by name."""
    read: Mapping[int, Callable[[bytes], Any]] = {
        1: lambda a: one(a, 2),
        2: lambda a: signed(one(a, 3)),
        3: lambda a: text(a, 4),
        7: lambda a: [signed(i) for i in every(a, 8)],
    }
    return {text(a, 1): read[one(a, 20)](a) for a in every(node, 5)}


def run(model: bytes) -> Any:
    """The value of a model's one output, its inputs at their defaults."""
    graph = graph_of(model)
    values = tensors(graph)
    with np.errstate(all="ignore"):
        for node in every(graph, 1):
            inputs = [values[str(name, "utf-8")] for name in every(node, 1)]
            values[text(node, 2)] = np.asarray(OPERATORS[text(node, 4)](*inputs, **attributes(node)))
    return values[text(one(graph, 12), 1)]


def _reduce(f: Callable[..., Any]) -> Callable[..., Any]:
    def reduced(x: Any, axes: Any = None, *, keepdims: int = 1) -> Any:
        return f(x, axis=None if axes is None else tuple(axes.tolist()), keepdims=bool(keepdims))

    return reduced


def _pad(x: Any, widths: Any, value: Any) -> Any:
    n = x.ndim
    return np.pad(x, [(widths[i], widths[n + i]) for i in range(n)], constant_values=value)


def _scatter(x: Any, at: Any, updates: Any, *, axis: int, reduction: str) -> Any:
    assert (axis, reduction, x.ndim) == (0, "add", 1)
    result = x.copy()
    np.add.at(result, at, updates)
    return result


def _max_pool(x: Any, *, kernel_shape: list[int], strides: list[int], pads: list[int]) -> Any:
    x = np.pad(x, [(0, 0), (0, 0), (pads[0], pads[2]), (pads[1], pads[3])], constant_values=-np.inf)
    windows = np.lib.stride_tricks.sliding_window_view(x, kernel_shape, axis=(2, 3))
    return windows[:, :, :: strides[0], :: strides[1]].max(axis=(-2, -1))


OPERATORS: Mapping[str, Callable[..., Any]] = {
    "Add": np.add, "Sub": np.subtract, "Mul": np.multiply, "Div": np.divide, "Pow": np.power, "Neg": np.negative,
    "Max": lambda *xs: reduce(np.maximum, xs), "Min": lambda *xs: reduce(np.minimum, xs), "Sum": lambda *xs: sum(xs),
    "Abs": np.abs, "Sign": np.sign, "Sqrt": np.sqrt, "Reciprocal": np.reciprocal, "Exp": np.exp, "Log": np.log,
    "Sin": np.sin, "Cos": np.cos, "Asin": np.arcsin, "Acos": np.arccos, "Atan": np.arctan,
    "Asinh": np.arcsinh, "Acosh": np.arccosh, "Atanh": np.arctanh, "Tanh": np.tanh,
    "Sigmoid": lambda x: 1 / (1 + np.exp(-x)), "Relu": lambda x: np.maximum(x, 0),
    "Softplus": lambda x: np.logaddexp(x, 0), "Erf": np.vectorize(math.erf, otypes=[float]), "Floor": np.floor,
    "Ceil": np.ceil, "Round": np.rint, "Identity": lambda x: x, "Det": np.linalg.det, "MatMul": np.matmul,
    "Less": np.less, "LessOrEqual": np.less_equal, "Greater": np.greater, "GreaterOrEqual": np.greater_equal,
    "Equal": np.equal, "And": np.logical_and, "Or": np.logical_or, "Not": np.logical_not, "Where": np.where,
    "Cast": lambda x, *, to: x.astype(DTYPES[to]), "Reshape": lambda x, shape: x.reshape(shape),
    "Expand": lambda x, shape: np.broadcast_to(x, np.broadcast_shapes(x.shape, tuple(shape))),
    "Unsqueeze": lambda x, axes: np.expand_dims(x, tuple(int(axis) for axis in axes)),
    "Transpose": lambda x, *, perm: np.transpose(x, perm), "Concat": lambda *xs, axis: np.concatenate(xs, axis),
    "Gather": lambda x, at, *, axis: np.take(x, at, axis), "Pad": _pad, "ScatterElements": _scatter,
    "CumSum": lambda x, axis: np.cumsum(x, int(axis)), "Einsum": lambda *xs, equation: np.einsum(equation, *xs),
    "ArgMax": lambda x, *, axis, keepdims: np.argmax(x, axis, keepdims=bool(keepdims)),
    "ArgMin": lambda x, *, axis, keepdims: np.argmin(x, axis, keepdims=bool(keepdims)),
    "ReduceSum": _reduce(np.sum), "ReduceMean": _reduce(np.mean), "ReduceMax": _reduce(np.max),
    "ReduceMin": _reduce(np.min), "ReduceProd": _reduce(np.prod),
    "ReduceL2": _reduce(lambda x, **how: np.sqrt(np.sum(x * x, **how))),
    "ReduceLogSumExp": _reduce(lambda x, **how: np.log(np.sum(np.exp(x), **how))), "MaxPool": _max_pool,
}  # fmt: skip
