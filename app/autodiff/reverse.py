"""Reverse mode: from the output back, node by node, with what flows along each single edge kept."""

from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from typing import Any

import numpy as np

from app.autodiff.forward import Dtype, forward, numbers, rounded, rounding
from app.autodiff.rules import array_rule, scalar_rule
from app.autodiff.trace import Trace
from app.diagnostics import fail
from app.graph.graph import Graph
from app.graph.uncollected import uncollected
from app.ops.algebra import Array, Shape, Value
from app.ops.operator import Operator, passes

Parts = tuple[Value | None, ...]


@uncollected
def trace(
    graph: Graph, inputs: Mapping[int, Value], output: int, seed: Value | None = None, *, dtype: Dtype = "float64"
) -> Trace:
    """The graph with its numbers: values forward, then gradients of `output` backward from `seed`.

    `seed` is of the output's shape, or a number that fills it; None is ones. Errors: seed.shape.
    """
    plain = dtype == "float64" and of_numbers(graph)
    values = numbers(graph, inputs) if plain else forward(graph, inputs, dtype=dtype)
    return _back(graph, values, output, seed, dtype, plain)


def backward(
    graph: Graph, values: tuple[Value, ...], output: int, seed: Value | None = None, *, dtype: Dtype = "float64"
) -> Trace:
    """The trace of a graph whose values are known.

    A node that no gradient reaches has 0, and so have the edges of its gate: whatever stands in it (an infinite slope
    behind a condition), it adds nothing.
    """
    return _back(graph, values, output, seed, dtype, dtype == "float64" and of_numbers(graph))


def _back(graph: Graph, values: tuple[Value, ...], output: int, seed: Value | None, dtype: Dtype, plain: bool) -> Trace:
    """`backward`; `plain`: in float64, and all is of numbers."""
    start = seeded(seed, graph.shapes[output])
    if dtype == "float32":
        start = rounded(start)
    shapes, flags = graph.shapes, graph.differentiable
    cotangents: list[Value | None] = [None] * len(graph)
    contributions: list[Parts] = [()] * len(graph)  # a gate has as many as operands, once it is reached
    if flags[output]:
        cotangents[output] = start
        if plain:
            _numbers(graph, values, output, cotangents, contributions)
        else:
            _tensors(graph, values, output, cotangents, contributions, dtype)
    zero = _nothing if plain else Zeros(dtype)
    for node, operands in enumerate(graph.operands):
        if operands and not contributions[node]:
            contributions[node] = tuple([zero(shapes[i]) if flags[i] else None for i in operands])
        if cotangents[node] is None and flags[node]:
            cotangents[node] = zero(shapes[node])
    return Trace(
        graph=graph,
        output=output,
        seed=start,
        values=values,
        cotangents=tuple(cotangents),
        contributions=tuple(contributions),
    )


def of_numbers(graph: Graph) -> bool:
    """Whether every node is a number, and every gate elementwise."""
    return not any(graph.shapes) and all(o.scalar is not None or o.family == "leaf" for o in set(graph.operators))


def _numbers(
    graph: Graph, values: Sequence[Any], output: int, cotangents: list[Any], contributions: list[Parts]
) -> None:
    """The backward pass of a graph of numbers alone, in float64: fills both lists where a gradient flows."""
    operators, operands_of, flags = graph.operators, graph.operands, graph.differentiable
    for node in range(output, -1, -1):
        g = cotangents[node]
        if g is None:
            continue
        operands = operands_of[node]
        if len(operands) == 2:
            a, b = operands
            compute, active = _of_two(operators[node], flags[a], flags[b])
            contributions[node] = parts = compute(g, values[node], values[a], values[b])
            for slot in active:
                operand = operands[slot]
                before = cotangents[operand]
                cotangents[operand] = parts[slot] if before is None else before + parts[slot]
        elif len(operands) == 1:
            (a,) = operands
            compute, active = _of_one(operators[node])
            contributions[node] = parts = compute(g, values[node], values[a])
            if active:
                before = cotangents[a]
                cotangents[a] = parts[0] if before is None else before + parts[0]
        elif operands:
            compute, active = scalar_rule(operators[node], tuple([flags[i] for i in operands]))
            contributions[node] = parts = compute(g, values[node], *[values[i] for i in operands])
            for slot in active:
                operand = operands[slot]
                before = cotangents[operand]
                cotangents[operand] = parts[slot] if before is None else before + parts[slot]


@lru_cache(maxsize=1024)
def _of_one(operator: Operator) -> tuple[Callable[..., Parts], tuple[int, ...]]:
    """The rule of a gate with one operand, as a plain tuple: it is taken apart faster than a named one."""
    parts, active = scalar_rule(operator, (True,))
    return parts, active


@lru_cache(maxsize=4096)
def _of_two(operator: Operator, first: bool, second: bool) -> tuple[Callable[..., Parts], tuple[int, ...]]:
    """The rule of a gate with two, which are differentiable or not."""
    parts, active = scalar_rule(operator, (first, second))
    return parts, active


def _tensors(
    graph: Graph,
    values: Sequence[Value],
    output: int,
    cotangents: list[Value | None],
    contributions: list[Parts],
    dtype: Dtype,
) -> None:
    """The backward pass of any graph: fills both lists where a gradient flows."""
    shapes, flags = graph.shapes, graph.differentiable
    keep = rounding(dtype)
    with np.errstate(all="ignore"):
        for node in range(output, -1, -1):
            g = cotangents[node]
            operands = graph.operands[node]
            if g is None or not operands:
                continue
            operator = graph.operators[node]
            wanted = tuple([flags[i] for i in operands])
            given = [values[i] for i in operands]
            if operator.scalar is not None and not shapes[node]:
                parts, active = scalar_rule(operator, wanted)
                found: Parts = parts(g, values[node], *given)
                if dtype == "float32":
                    found = tuple([None if part is None else keep(part) for part in found])
            else:
                found, active = node_parts(operator, g, values[node], given, graph.attributes[node], wanted, dtype)
            contributions[node] = found
            for slot in active:
                operand = operands[slot]
                before = cotangents[operand]
                part = found[slot]
                assert part is not None
                cotangents[operand] = part if before is None else keep(before + part)


def seeded(seed: Value | None, shape: Shape) -> Value:
    """The cotangent to start from: of `shape`; None is ones, a number fills it. Errors: seed.shape."""
    if not shape:
        if isinstance(seed, np.ndarray) and seed.shape != ():
            raise fail("seed.shape", f"the output is a number, and the seed has shape {seed.shape}")
        return 1.0 if seed is None else float(seed)
    if seed is None or isinstance(seed, (int, float)) or seed.shape == ():
        return np.full(shape, 1.0 if seed is None else float(seed))
    if seed.shape != shape:
        raise fail("seed.shape", f"the output has shape {shape}, and the seed has shape {seed.shape}")
    return seed


def node_parts(
    operator: Operator,
    g: Value,
    y: Value,
    xs: list[Value],
    attributes: Mapping[str, Any],
    wanted: tuple[bool, ...],
    dtype: Dtype = "float64",
) -> tuple[Parts, tuple[int, ...]]:
    """What flows back from one gate along each edge, in the shape of its operand, and the slots that are not 0 by rule.

    `wanted`: the operands that are differentiable; the parts of the others are None.
    """
    if operator.partials is not None:
        rule = array_rule(operator, wanted)
        found = rule.parts(g, y, *xs)
        active = rule.active
    else:
        arity = len(xs)
        active = tuple(i for i in range(arity) if wanted[i] and passes(operator, i, arity))
        vjp = operator.vjp
        assert vjp is not None or not active, operator
        if operator.vjps is not None and arity > 2:
            every = operator.vjps(g, y, *xs, **attributes)
            return tuple([
                summed_to(part, np.shape(x), dtype) if need else None
                for part, x, need in zip(every, xs, wanted, strict=True)
            ]), active  # fmt: skip
        found = tuple(vjp(i, g, y, *xs, **attributes) if vjp and i in active else 0.0 for i in range(arity))
    parts = tuple(
        summed_to(part, np.shape(x), dtype) if need else None for part, x, need in zip(found, xs, wanted, strict=True)
    )
    return parts, active


def summed_to(part: Any, shape: Shape, dtype: Dtype = "float64") -> Value:
    """What broadcasting spread is summed: `part` in `shape`, to which it broadcasts, or that broadcasts to it."""
    if not shape:
        return float(part) if not np.shape(part) else float(np.sum(part))
    if np.shape(part) != shape:
        lead = np.ndim(part) - len(shape)
        if lead < 0:
            part, lead = np.reshape(part, (1,) * -lead + np.shape(part)), 0
        spread = [lead + i for i, size in enumerate(shape) if size == 1 and part.shape[lead + i] != 1]
        axes = (*range(lead), *spread)
        if axes:
            part = np.sum(part, axis=axes, keepdims=True)
            part = part.reshape(part.shape[lead:])
        if part.shape != shape:
            part = np.broadcast_to(part, shape).copy()
    return part if dtype == "float64" else rounded(part)


def _nothing(_: Shape) -> Value:
    return 0.0


class Zeros:
    """One read-only array of zeros for each shape: what nothing flows through takes no memory."""

    def __init__(self, dtype: Dtype) -> None:
        self._dtype = np.dtype(dtype)
        self._made: dict[Shape, Array] = {}

    def __call__(self, shape: Shape) -> Value:
        if not shape:
            return 0.0
        found = self._made.get(shape)
        if found is None:
            found = self._made[shape] = np.broadcast_to(np.zeros((), self._dtype), shape)
        return found
