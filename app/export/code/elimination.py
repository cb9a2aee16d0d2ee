"""Systems of equations in ONNX, which has no operator for them: Gauss and Jordan's elimination, written out."""

import math
from typing import NamedTuple

import numpy as np

from app.diagnostics import fail
from app.export.code.net import Gate, Model

LARGEST = 64  # rows up to which it is written out: some 15 operators each


class Eliminated(NamedTuple):
    """What is left of the matrices (…, n, n + m) beside the identity, (…, n, m); the pivots, each (…, 1, 1); and for
    each row −1 where it was exchanged, else 1, (…, 1)."""

    rest: str
    pivots: list[str]
    signs: list[str]


def inverse(gate: Gate) -> str:
    """What is left beside a matrix of the identity. Errors: request.option, where it is too large to be written out."""
    n = _rows(gate)
    identity = gate.m.op("Expand", gate.m.constant(np.eye(n)), gate.m.ints(gate.shapes[0]))
    return eliminated(gate.m, gate.m.op("Concat", gate.x[0], identity, axis=-1), n, n).rest


def solution(gate: Gate) -> str:
    """What is left beside a matrix of the right sides. Errors: request.option."""
    m, b = gate.m, gate.shapes[1]
    n, right = _rows(gate), gate.x[1]
    columns = 1 if len(b) == 1 else b[-1]
    if len(b) == 1:
        right = m.reshape(right, [n, 1])
    lead = gate.shape[:-1] if len(b) == 1 else gate.shape[:-2]
    whole = m.op("Concat", *[
        m.op("Expand", x, m.ints([*lead, n, width])) for x, width in ((gate.x[0], n), (right, columns))
    ], axis=-1)  # fmt: skip
    return m.reshape(eliminated(m, whole, n, columns).rest, gate.shape)


def determinant(gate: Gate) -> str:
    """The product of the pivots; for the logarithm the sum of theirs, NaN where the determinant is negative.
    Errors: request.option."""
    m, n = gate.m, _rows(gate)
    _, pivots, signs = eliminated(m, gate.x[0], n, 0)
    pivot = m.op("Concat", *pivots, axis=-1)
    flat = [*gate.shape, n]
    found, turned = m.reshape(pivot, flat), m.reshape(m.op("Concat", *signs, axis=-1), flat)
    last = m.ints([-1])
    if gate.operator.name == "det":
        return m.op("ReduceProd", m.op("Mul", found, turned), last, keepdims=0)
    side = m.op("ReduceProd", m.op("Mul", m.op("Sign", found), turned), last, keepdims=0)
    size = m.op("ReduceSum", m.op("Log", m.op("Abs", found)), last, keepdims=0)
    return m.op("Where", m.op("Less", side, m.constant(0.0)), m.constant(math.nan), size)


def _rows(gate: Gate) -> int:
    """How many rows the matrix has. Errors: request.option."""
    n = gate.shapes[0][-1]
    if n > LARGEST:
        name = gate.operator.name
        raise fail("request.option", f"ONNX has no operator for `{name}`, and {n} rows are too many to write it out")
    return n


def eliminated(net: Model, whole: str, n: int, columns: int) -> Eliminated:
    """Each pivot is the largest of its column, by magnitude; a singular matrix gives NaN or ∞."""
    pivots: list[str] = []
    signs: list[str] = []
    rows = net.constant(np.arange(n), "int64")
    zero, one, minus = net.constant(0.0), net.constant(1.0), net.constant(-1.0)
    for k in range(n):
        here = net.constant(k, "int64")
        column = net.op("Gather", whole, here, axis=-1)
        open_ = net.op("Equal", net.constant(np.arange(n) >= k, "double"), one)
        largest = net.op("ArgMax", net.op("Where", open_, net.op("Abs", column), minus), axis=-1, keepdims=1)
        signs.append(net.op("Where", net.op("Equal", largest, here), one, minus))
        place = net.op("Unsqueeze", net.op("Equal", rows, largest), net.ints([-1]))
        chosen = net.op("ReduceSum", net.op("Where", place, whole, zero), net.ints([-2]), keepdims=1)
        at = net.ints([k])
        whole = net.op("Where", place, net.op("Gather", whole, at, axis=-2), whole)
        pivots.append(net.op("Gather", chosen, at, axis=-1))
        unit = net.op("Div", chosen, pivots[-1])
        factors = net.op("Gather", whole, at, axis=-1)
        its_own = net.op("Equal", net.constant(np.arange(n)[:, None] == k, "double"), one)
        whole = net.op("Where", its_own, unit, net.op("Sub", whole, net.op("Mul", factors, unit)))
    rest = net.op("Gather", whole, net.ints(range(n, n + columns)), axis=-1) if columns else whole
    return Eliminated(rest, pivots, signs)
