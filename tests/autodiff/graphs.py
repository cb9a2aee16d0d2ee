"""Graphs to differentiate: named tiny ones, and random ones of scalars or tensors."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from hypothesis import strategies as st

from app.diagnostics import Span
from app.graph.builder import Builder, Literal
from app.graph.graph import Graph
from app.graph.program import Group, Input, Program
from app.limits import UNLIMITED
from app.ops.algebra import Value
from app.ops.catalogue import CATALOGUE

ONE = ("neg", "tanh", "sin", "exp", "sigmoid", "relu", "square", "abs", "softplus", "stop_gradient")
STEEP = ("sqrt", "log", "reciprocal", "floor", "sign", "leaky_relu", "elu", "log1p")
SPECIAL = (0.0, -0.0, 1.0, 1.0, -1.0, 2.0, -2.0, 0.5, 3.0, np.inf, -np.inf, np.nan, 1e300, 1e-300)
TWO = ("add", "sub", "mul", "mul", "add", "maximum", "minimum", "hypot", "gt")


@dataclass
class Case:
    """A graph with values for its inputs."""

    graph: Graph
    inputs: dict[int, Value]
    output: int


def apply(builder: Builder, name: str, *operands: float, **attributes: Any) -> int:
    """The node of an operator, by its name; numbers become constants."""
    taken = [x if isinstance(x, int) else Literal(x) for x in operands]
    return builder.apply(CATALOGUE[name], taken, attributes)


@st.composite
def hard_cases(draw: st.DrawFn) -> Case:
    """A random circuit, of numbers alone or with tensors, at ties, zeros, infinities and NaN, with gates that have
    poles and kinks."""
    builder = Builder(UNLIMITED, share=draw(st.booleans()))
    numbers = st.sampled_from(SPECIAL)
    shapes: list[tuple[int, ...]] = [(), (), *(((3,), (2, 3), (2, 1), (3, 3)) if draw(st.booleans()) else ())]
    inputs: dict[int, Value] = {}
    for shape in shapes:
        flat = [draw(numbers) for _ in range(int(np.prod(shape)))]
        inputs[builder.input(shape)] = np.reshape(flat, shape) if shape else flat[0]
    nodes = list(inputs)
    for _ in range(draw(st.integers(1, 15))):
        a, b = draw(st.sampled_from(nodes)), draw(st.sampled_from(nodes))
        kind = draw(st.integers(0, 9))
        if kind < 3:
            node = apply(builder, draw(st.sampled_from((*ONE, *STEEP))), a)
        elif kind == 3:
            node = apply(builder, draw(st.sampled_from(("pow", "mul", "maximum", "div"))), a, draw(numbers))
        elif kind == 4 and builder.shapes[a]:
            name = draw(st.sampled_from(("sum", "max", "min", "prod", "mean", "norm")))
            node = apply(builder, name, a, axis=draw(st.sampled_from((None, -1))), keepdims=True)
        elif kind == 5 and builder.shapes[a][-1:] == (3,):
            square = next(n for n, shape in enumerate(shapes) if shape == (3, 3))
            node = apply(builder, "matmul", a, draw(st.sampled_from([square, a])) if a == square else square)
        elif kind == 6 and {builder.shapes[a], builder.shapes[b]} <= {(), (3,), (3, 3)}:
            node = apply(builder, "where", apply(builder, "gt", a, b), a, b)
        elif {builder.shapes[a], builder.shapes[b]} <= {(), (3,), (3, 3)}:
            node = apply(builder, draw(st.sampled_from((*TWO, "div", "pow", "mod", "atan2"))), a, b)
        else:
            node = apply(builder, draw(st.sampled_from(TWO)), a, draw(numbers))
        nodes.append(node)
    out = draw(st.sampled_from(nodes[len(inputs) :]))
    return Case(builder.freeze(), inputs, out)


@st.composite
def scalar_cases(draw: st.DrawFn, *, share: bool = True, most: int = 40) -> Case:
    """A random circuit of numbers: any operand may be any earlier node, so values fan out, meet again and die."""
    builder = Builder(UNLIMITED, share=share)
    values = st.floats(-2, 2).map(lambda x: round(x, 3))
    inputs: dict[int, Value] = {builder.input(): draw(values) for _ in range(draw(st.integers(1, 4)))}
    nodes = list(inputs)
    for _ in range(draw(st.integers(1, most))):
        operands = [draw(st.sampled_from(nodes)) for _ in range(2)]
        kind = draw(st.integers(0, 9))
        if kind < 3:
            node = apply(builder, draw(st.sampled_from(ONE)), operands[0])
        elif kind == 3:
            node = apply(builder, draw(st.sampled_from(("add", "mul", "sub"))), operands[0], draw(values))
        elif kind == 4:
            node = apply(builder, "where", apply(builder, "gt", *operands), *operands)
        else:
            node = apply(builder, draw(st.sampled_from(TWO)), *operands)
        nodes.append(node)
    return Case(builder.freeze(), inputs, nodes[-1] if draw(st.booleans()) else draw(st.sampled_from(nodes)))


@st.composite
def tensor_cases(draw: st.DrawFn) -> Case:
    """A random circuit of tensors that broadcast against each other, ending in a sum."""
    builder = Builder(UNLIMITED)
    random = np.random.default_rng(draw(st.integers(0, 1000)))
    inputs: dict[int, Value] = {}
    for shape in ((), (3,), (2, 1), (2, 3), (1, 3)):
        inputs[builder.input(shape)] = random.uniform(-1, 1, shape) if shape else float(random.uniform(-1, 1))
    nodes = list(inputs)
    for _ in range(draw(st.integers(1, 15))):
        a, b = (draw(st.sampled_from(nodes)) for _ in range(2))
        kind = draw(st.integers(0, 6))
        if kind < 2:
            node = apply(builder, draw(st.sampled_from(("tanh", "sin", "relu", "square"))), a)
        elif kind == 2 and builder.shapes[a]:
            node = apply(builder, "sum", a, axis=0, keepdims=True)
        elif kind == 3 and builder.shapes[a] == (2, 3):
            node = apply(builder, "matmul", a, apply(builder, "transpose", a))
            node = apply(builder, "sum", node)
        else:
            node = apply(builder, draw(st.sampled_from(("add", "sub", "mul", "maximum"))), a, b)
        nodes.append(node)
    out = nodes[-1]
    output = apply(builder, "sum", out) if builder.shapes[out] else out
    return Case(builder.freeze(), inputs, output)


def builder_of(graph: Graph) -> Builder:
    """A builder that goes on where the graph ends, sharing as a program does."""
    b = Builder(UNLIMITED)
    same: dict[int, int] = {}
    for node, operator in enumerate(graph.operators):
        if node in graph.constants:
            same[node] = b.constant(graph.constants[node])
        elif operator.name == "input":
            same[node] = b.input(graph.shapes[node])
        else:
            same[node] = b._append(
                operator,
                tuple(same[i] for i in graph.operands[node]),
                graph.attributes[node],
                graph.shapes[node],
                differentiable=graph.differentiable[node],
            )
    return b


def program(
    builder: Builder,
    output: int,
    values: dict[str, tuple[int, Value]],
    *,
    groups: tuple[Group, ...] = (),
    groups_of: dict[int, str] | None = None,
    names: dict[int, str] | None = None,
) -> Program:
    """A program around a graph that was built by hand: ids are the names of inputs, then `n4` for node 4."""
    graph = builder.freeze()
    known = {node: name for name, (node, _) in values.items()} | (names or {})
    span = Span(1, 1, 1, 2)
    inside = groups_of or {}
    return Program(
        source="",
        graph=graph,
        ids=tuple(known.get(n, f"n{n}") for n in range(len(graph))),
        names=tuple((known[n],) if n in known else () for n in range(len(graph))),
        labels={},
        spans=((span,),) * len(graph),
        groups_of=tuple(inside.get(n) for n in range(len(graph))),
        groups=groups,
        inputs=tuple(Input(name=name, node=node, value=value) for name, (node, value) in values.items()),
        parameters=(),
        output=output,
        cost=builder.cost,
    )
