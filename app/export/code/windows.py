"""Convolutions and pools in ONNX: of doubles ONNX Runtime has none but the largest, so that windows are gathered."""

import math
from collections.abc import Sequence
from typing import Any

from app.export.code import cases
from app.export.code.net import Gate, Model
from app.ops.algebra import Shape


def convolution(gate: Gate) -> str:
    """What each window sees, gathered, times the weights."""
    m, x, w = gate.m, gate.shapes[0], gate.shapes[1]
    rank, padding, how = cases.convolved(gate)
    see, sizes, out = cases.places_seen(x[-rank:], w[2:], how["stride"], padding, how["dilation"])
    groups = how["groups"]
    columns = _windows(m, gate.x[0], x, padding, see, (-1, groups, w[1], math.prod(sizes)))
    weights = m.reshape(gate.x[1], [groups, w[0] // groups, w[1], see.shape[0]])
    found = m.op("Einsum", columns, weights, equation="ngckp,gock->ngop")
    result = m.reshape(found, [*x[: -rank - 1], w[0], *out])
    return result if len(gate.x) == 2 else m.op("Add", result, m.reshape(gate.x[2], [-1, *[1] * rank]))


def average(gate: Gate) -> str:
    """The mean of each window."""
    m, x = gate.m, gate.shapes[0]
    size, stride, padding = cases.pooling(gate)
    see, sizes, _ = cases.places_seen(x[-2:], size, stride, padding, (1, 1))
    found = _windows(m, gate.x[0], x, padding, see, (-1, math.prod(sizes)))
    return m.reshape(m.op("ReduceMean", found, m.ints([1]), keepdims=0), gate.shape)


def largest(gate: Gate) -> str:
    """The largest of each window: the one of these that ONNX Runtime has for doubles."""
    m, x = gate.m, gate.shapes[0]
    size, stride, padding = cases.pooling(gate)
    image = m.reshape(gate.x[0], (-1, 1, *x[-2:]))
    pads = [*(lo for lo, _ in padding), *(hi for _, hi in padding)]
    return m.reshape(m.op("MaxPool", image, kernel_shape=size, strides=stride, pads=pads), gate.shape)


def _windows(m: Model, x: str, shape: Shape, padding: cases.Pairs, see: Any, flat: Sequence[int]) -> str:
    """(…, places in a window, windows) of an image with a border of zeros."""
    lead = [0] * (len(shape) - len(padding))
    widths = m.ints([*lead, *(lo for lo, _ in padding), *lead, *(hi for _, hi in padding)])
    image = m.op("Pad", x, widths, m.constant(0.0)) if any(map(any, padding)) else x
    return m.op("Gather", m.reshape(image, flat), m.constant(see, "int64"), axis=len(flat) - 1)
