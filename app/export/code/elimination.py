"""Systems of equations in ONNX, which has no operator for them: Gauss and Jordan's elimination, written out."""

from collections.abc import Sequence
from typing import Any, NamedTuple, Protocol

import numpy as np

from app.export.code.protobuf import Attribute, Kind

LARGEST = 64  # rows up to which it is written out: some 15 operators each


class Net(Protocol):
    """A model that is being written: the names of results."""

    def op(self, kind: str, *inputs: str, name: str = "", **attributes: Attribute) -> str: ...

    def constant(self, value: Any, kind: Kind = "double") -> str: ...

    def ints(self, values: Sequence[int]) -> str: ...


class Eliminated(NamedTuple):
    """What is left of the matrices (…, n, n + m) beside the identity, (…, n, m); the pivots, each (…, 1, 1); and for
    each row −1 where it was exchanged, else 1, (…, 1)."""

    rest: str
    pivots: list[str]
    signs: list[str]


def eliminated(net: Net, whole: str, n: int, columns: int) -> Eliminated:
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
