"""Rules are written in operators and dispatch on what they are given: numbers, arrays, or terms of a symbolic algebra.

A term is anything that can take an operator: an `Expression` (a rule being read as mathematics or code) or a graph's
symbol (a rule being added to a graph). So one spelling of a derivative gives numbers, LaTeX,
code and the backward graph.
"""

from collections.abc import Mapping
from typing import Any, Protocol, Self, TypeAlias, runtime_checkable

import numpy as np
from numpy.typing import NDArray

Shape: TypeAlias = tuple[int, ...]
Array: TypeAlias = NDArray[np.float64]
Value: TypeAlias = float | Array  # a node of shape () holds a Python float, any other an array
# What a call may fix besides its operands: an axis, a shape, a flag. Hashable, so equal calls can be found.
Static: TypeAlias = bool | int | float | str | tuple["Static", ...] | None
Attributes: TypeAlias = Mapping[str, Static]


@runtime_checkable
class Term(Protocol):
    """What a rule can be applied to besides numbers and arrays."""

    @property
    def shape(self) -> Shape: ...

    def apply(self, operator: str, operands: tuple[Any, ...], attributes: Attributes) -> Self: ...


class Arithmetic:
    """The signs of Python for a term: each is the operator of that name, so `1 - y*y` reads as it is written."""

    __slots__ = ()
    __array_ufunc__ = None  # so that `array * term` asks the term

    def apply(self, operator: str, operands: tuple[Any, ...], attributes: Attributes) -> Any:
        raise NotImplementedError  # each algebra says what its terms are made of

    def _binary(self, operator: str, other: Any) -> Any:
        return self.apply(operator, (self, other), {})

    def _reflected(self, operator: str, other: Any) -> Any:
        return self.apply(operator, (other, self), {})

    def __add__(self, other: Any) -> Any:
        return self._binary("add", other)

    def __radd__(self, other: Any) -> Any:
        return self._reflected("add", other)

    def __sub__(self, other: Any) -> Any:
        return self._binary("sub", other)

    def __rsub__(self, other: Any) -> Any:
        return self._reflected("sub", other)

    def __mul__(self, other: Any) -> Any:
        return self._binary("mul", other)

    def __rmul__(self, other: Any) -> Any:
        return self._reflected("mul", other)

    def __truediv__(self, other: Any) -> Any:
        return self._binary("div", other)

    def __rtruediv__(self, other: Any) -> Any:
        return self._reflected("div", other)

    def __pow__(self, other: Any) -> Any:
        return self._binary("pow", other)

    def __rpow__(self, other: Any) -> Any:
        return self._reflected("pow", other)

    def __neg__(self) -> Any:
        return self.apply("neg", (self,), {})

    def __lt__(self, other: Any) -> Any:
        return self._binary("lt", other)

    def __le__(self, other: Any) -> Any:
        return self._binary("le", other)

    def __gt__(self, other: Any) -> Any:
        return self._binary("gt", other)

    def __ge__(self, other: Any) -> Any:
        return self._binary("ge", other)


def shape_of(value: Any) -> Shape:
    """The shape of a number, an array or a term."""
    return () if isinstance(value, (int, float)) else tuple(value.shape)
