"""Random scalar circuits, the same for all contenders, and what a person would write by hand to run them."""

import math
import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from app.graph.builder import Builder
from app.graph.graph import Graph
from app.limits import UNLIMITED
from app.ops.catalogue import CATALOGUE

ONE = ("tanh", "relu", "sin")
TWO = ("add", "add", "mul", "mul", "sub")


@dataclass(frozen=True, slots=True, kw_only=True)
class Circuit:
    """Node i: ("input",), or an operator's name with its operands. The last node is the output."""

    nodes: tuple[tuple[Any, ...], ...]
    inputs: tuple[int, ...]
    values: tuple[float, ...]


def circuit(count: int, seed: int = 0) -> Circuit:
    """About `count` nodes: a tenth inputs, gates on any earlier nodes, then a tree of additions over what is unused."""
    draw = random.Random(seed)
    nodes: list[tuple[Any, ...]] = [("input",)] * max(2, count // 10)
    inputs = tuple(range(len(nodes)))
    while len(nodes) < count * 0.72:
        if draw.random() < 0.4:
            nodes.append((draw.choice(ONE), draw.randrange(len(nodes))))
        else:
            nodes.append((draw.choice(TWO), draw.randrange(len(nodes)), draw.randrange(len(nodes))))
    used = {operand for node in nodes for operand in node[1:]}
    loose = [i for i in range(len(nodes)) if i not in used]
    while len(loose) > 1:
        pairs = list(zip(loose[::2], loose[1::2], strict=False))
        rest = loose[len(pairs) * 2 :]
        for a, b in pairs:
            nodes.append(("add", a, b))
        loose = [*range(len(nodes) - len(pairs), len(nodes)), *rest]
    if loose[0] != len(nodes) - 1:
        nodes.append(("add", loose[0], len(nodes) - 1))
    return Circuit(nodes=tuple(nodes), inputs=inputs, values=tuple(draw.uniform(-0.5, 0.5) for _ in inputs))


def graph_of(it: Circuit) -> Graph:
    """The circuit as a graph."""
    builder = Builder(UNLIMITED, share=False)
    for name, *operands in it.nodes:
        if name == "input":
            builder.input()
        else:
            builder.apply(CATALOGUE[name], operands)
    return builder.freeze()


def by_hand(it: Circuit) -> Callable[..., tuple[Sequence[float], Sequence[float]]]:
    """Straight-line Python, as one would write it: every value, then every gradient."""
    forward = {
        "add": "v{0} + v{1}", "sub": "v{0} - v{1}", "mul": "v{0} * v{1}", "tanh": "tanh(v{0})", "sin": "sin(v{0})",
        "relu": "v{0} if v{0} > 0.0 else 0.0",
    }  # fmt: skip
    back = {
        "add": ("g{i}", "g{i}"), "sub": ("g{i}", "-g{i}"), "mul": ("g{i} * v{1}", "g{i} * v{0}"),
        "tanh": ("g{i} * (1.0 - v{i} * v{i})",), "sin": ("g{i} * cos(v{0})",),
        "relu": ("(g{i} if v{0} > 0.0 else 0.0)",),
    }  # fmt: skip
    lines = [f"def run({', '.join(f'v{i}' for i in it.inputs)}):"]
    for i, (name, *operands) in enumerate(it.nodes):
        if name != "input":
            lines.append(f" v{i} = {forward[name].format(*operands)}")
    parts: list[list[str]] = [[] for _ in it.nodes]
    parts[-1].append("1.0")
    for i in range(len(it.nodes) - 1, -1, -1):
        lines.append(f" g{i} = {' + '.join(parts[i]) or '0.0'}")
        name, *operands = it.nodes[i]
        for operand, text in zip(operands, back.get(name, ()), strict=True):
            parts[operand].append(text.format(*operands, i=i))
    count = range(len(it.nodes))
    lines.append(f" return ({', '.join(f'v{i}' for i in count)},), ({', '.join(f'g{i}' for i in count)},)")
    scope: dict[str, Any] = {"tanh": math.tanh, "sin": math.sin, "cos": math.cos}
    exec("\n".join(lines), scope)
    run: Callable[..., tuple[Sequence[float], Sequence[float]]] = scope["run"]
    return run


class Value:
    """A scalar that remembers how it came about, in the manner of micrograd: a closure for each gate."""

    __slots__ = ("backward", "children", "data", "grad")

    def __init__(self, data: float, children: tuple["Value", ...] = ()) -> None:
        self.data = data
        self.grad = 0.0
        self.children = children
        self.backward: Callable[[], None] = lambda: None

    def __add__(self, other: "Value") -> "Value":
        return gate("add", self, other)

    def __sub__(self, other: "Value") -> "Value":
        return gate("sub", self, other)

    def __mul__(self, other: "Value") -> "Value":
        return gate("mul", self, other)


def gate(name: str, a: Value, b: Value | None) -> Value:
    """One gate, with its rule as a closure."""
    x = a.data
    if b is None:
        y = math.tanh(x) if name == "tanh" else math.sin(x) if name == "sin" else max(x, 0.0)
        out = Value(y, (a,))
        slope = 1 - y * y if name == "tanh" else math.cos(x) if name == "sin" else float(x > 0)

        def alone() -> None:
            a.grad += slope * out.grad

        out.backward = alone
        return out
    out = Value(x + b.data if name == "add" else x - b.data if name == "sub" else x * b.data, (a, b))

    def both() -> None:
        if name == "mul":
            a.grad += b.data * out.grad
            b.grad += a.data * out.grad
        else:
            a.grad += out.grad
            b.grad += out.grad if name == "add" else -out.grad

    out.backward = both
    return out


def micrograd(it: Circuit, values: Sequence[float]) -> tuple[list[float], list[float]]:
    """Built, sorted and differentiated anew, as such a library does at each evaluation (without its recursion)."""
    made: list[Value] = []
    given = iter(values)
    for name, *operands in it.nodes:
        if name == "input":
            made.append(Value(next(given)))
        else:
            made.append(gate(name, made[operands[0]], made[operands[1]] if len(operands) > 1 else None))
    differentiate(made[-1])
    return [node.data for node in made], [node.grad for node in made]


def micrograd_read(source: str, inputs: Mapping[str, float], output: str) -> dict[str, float]:
    """The same from a text: Python compiles it and runs it on such values. The gradients of the inputs."""
    leaves = {name: Value(value) for name, value in inputs.items()}
    scope: dict[str, Any] = {name: partial(gate, name, b=None) for name in ONE} | leaves
    exec(compile(source, "<circuit>", "exec"), scope)
    differentiate(scope[output])
    return {name: leaf.grad for name, leaf in leaves.items()}


def differentiate(output: Value) -> None:
    """Sorts what an output depends on, and gives each its gradient."""
    order: list[Value] = []
    seen: set[Value] = set()
    waiting: list[tuple[Value, bool]] = [(output, False)]
    while waiting:
        node, done = waiting.pop()
        if done:
            order.append(node)
        elif node not in seen:
            seen.add(node)
            waiting.append((node, True))
            waiting.extend((child, False) for child in node.children if child not in seen)
    output.grad = 1.0
    for node in reversed(order):
        node.backward()
