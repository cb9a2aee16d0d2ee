"""A Value as micrograd has it, written again for the tests."""

import math
from collections.abc import Callable


class Value:
    """A number that remembers what it was made of."""

    def __init__(self, data: float, _children: "tuple[Value, ...]" = (), _op: str = "", label: str = "") -> None:
        self.data = data
        self.grad = 0.0
        self.label = label
        self._prev = set(_children)
        self._op = _op
        self._backward: Callable[[], None] = lambda: None

    def __add__(self, other: "Value") -> "Value":
        out = Value(self.data + other.data, (self, other), "+")

        def back() -> None:
            self.grad += out.grad
            other.grad += out.grad

        out._backward = back
        return out

    def __mul__(self, other: "Value") -> "Value":
        out = Value(self.data * other.data, (self, other), "*")

        def back() -> None:
            self.grad += other.data * out.grad
            other.grad += self.data * out.grad

        out._backward = back
        return out

    def tanh(self) -> "Value":
        t = math.tanh(self.data)
        out = Value(t, (self,), "tanh")

        def back() -> None:
            self.grad += (1 - t * t) * out.grad

        out._backward = back
        return out

    def backward(self) -> None:
        order: list[Value] = []
        waiting: list[tuple[Value, bool]] = [(self, False)]
        seen: set[int] = set()
        while waiting:
            value, done = waiting.pop()
            if done:
                order.append(value)
            elif id(value) not in seen:
                seen.add(id(value))
                waiting.append((value, True))
                waiting.extend((each, False) for each in value._prev)
        self.grad = 1.0
        for value in reversed(order):
            value._backward()
