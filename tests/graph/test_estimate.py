"""The estimate of every operator, and of what replays a program: at least what is then allocated and computed."""

import tracemalloc
from collections.abc import Callable
from math import prod
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings

from app.analysis.sweep import sweep
from app.analysis.train import Options, train
from app.autodiff.replay import compile_replay
from app.autodiff.reverse import backward, node_parts, trace
from app.graph.builder import Builder
from app.graph.cost import estimate
from app.graph.graph import Graph
from app.lang import lower
from app.limits import UNLIMITED
from app.ops.algebra import Value
from app.ops.catalogue import CATALOGUE
from app.ops.operator import Operator, passes
from tests.autodiff.graphs import Case, tensor_cases

SLACK = 100_000  # bytes of Python objects: tuples, array headers, compiled rules
OPERATORS = [op for op in CATALOGUE.values() if op.forward is not None and op.sample]


class Counted(np.ndarray):
    """An array that counts what is computed with it: a flop for each element of a ufunc's result (of a reduction's
    operand), 2·n·k·m for a product."""

    total = 0

    def __array_ufunc__(self, ufunc: Any, method: str, *inputs: Any, out: Any = None, **kwargs: Any) -> Any:
        if method == "at":  # (array, places, what is added)
            Counted.total += np.size(inputs[2])
            return ufunc.at(np.asarray(inputs[0]), inputs[1], np.asarray(inputs[2]))
        plain = [np.asarray(x) for x in inputs]
        if out is not None:
            kwargs["out"] = tuple(np.asarray(x) for x in out)
        result = getattr(ufunc, method)(*plain, **kwargs)
        size = max(np.size(result), *(np.size(x) for x in plain[:1])) if method != "__call__" else np.size(result)
        size = 0 if ufunc is np.positive else size  # a copy
        Counted.total += 2 * np.size(result) * plain[0].shape[-1] if ufunc is np.matmul else size
        return result.view(Counted) if isinstance(result, np.ndarray) else result


def drawn(operator: Operator, scale: int = 1) -> list[Any]:
    """Operands by its samples; elementwise ones as arrays of a size that shows."""
    rng = np.random.default_rng(0)
    shape = (100 * scale, 50) if operator.family == "elementwise" else None
    found = []
    for s in operator.sample:
        of = shape or s.shape
        x = rng.uniform(s.low, s.high, of)
        x = np.round(x) if s.integers else x
        found.append(x + s.diagonal * np.eye(of[0]) if s.diagonal else x)
    return found


def graph_of(operator: Operator, xs: list[Any]) -> tuple[Graph, dict[int, Value], int]:
    b = Builder(UNLIMITED)
    nodes = [b.input(np.shape(x)) for x in xs]
    out = b.apply(operator, nodes, operator.sample_attributes)
    return b.freeze(), {node: x if np.ndim(x) else float(x) for node, x in zip(nodes, xs, strict=True)}, out


def peak(run: Callable[[], object]) -> int:
    run()  # what is made once is made
    tracemalloc.start()
    run()
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    return most


@pytest.mark.parametrize("operator", OPERATORS, ids=lambda op: op.name)
def test_an_operator_computes_no_more_than_estimated(operator: Operator) -> None:
    xs = drawn(operator)
    graph, _, out = graph_of(operator, xs)
    attributes = operator.sample_attributes
    assert operator.forward is not None
    counted: list[Any] = [np.asarray(x).view(Counted) for x in xs]
    with np.errstate(all="ignore"):
        Counted.total = 0
        y = operator.forward(*counted, **attributes)
        assert Counted.total <= operator.flops(graph.shapes[out], *map(np.shape, xs), **attributes) + 8
        if any(passes(operator, i, len(xs)) for i in range(len(xs))):
            g: Any = np.ones(graph.shapes[out]).view(Counted)
            node_parts(operator, g, y, counted, attributes, (True,) * len(xs))
    assert Counted.total <= estimate(graph).flops


@pytest.mark.parametrize("operator", OPERATORS, ids=lambda op: op.name)
def test_an_operator_allocates_no_more_than_estimated(operator: Operator) -> None:
    graph, inputs, out = graph_of(operator, drawn(operator, scale=10))
    assert peak(lambda: trace(graph, inputs, out)) <= estimate(graph).bytes + SLACK


@settings(max_examples=60)
@given(case=tensor_cases())
def test_no_random_circuit_computes_more_than_estimated(case: Case) -> None:
    graph, output = case.graph, case.output
    given_ = {node: np.asarray(value).view(Counted) for node, value in case.inputs.items()}
    values: list[Any] = []
    with np.errstate(all="ignore"):
        Counted.total = 0
        for node, operator in enumerate(graph.operators):
            if operator.family == "leaf":
                values.append(graph.constants.get(node, given_.get(node)))
            else:
                assert operator.forward is not None
                operands = [values[i] for i in graph.operands[node]]
                values.append(operator.forward(*operands, **graph.attributes[node]))
        backward(graph, tuple(values), output)
    assert 0 < Counted.total <= estimate(graph).flops


@pytest.mark.parametrize("name", ["maximum", "minimum", "add_n"])
def test_many_operands_cost_more_than_two(name: str) -> None:
    operator = CATALOGUE[name]
    xs: list[Any] = [np.full((10, 10), float(i)).view(Counted) for i in range(30)]
    Counted.total = 0
    assert operator.forward is not None
    operator.forward(*xs)
    assert Counted.total == 29 * 100 == operator.flops((10, 10), *[(10, 10)] * 30)


PROGRAMS = {
    "perceptron": "W = 0.1*randn(200, 100, seed=0)\nV = 0.1*randn(100, 10, seed=1)\nx = randn(300, 200, seed=2)\n"
    "sum(relu(x @ W) @ V)",
    "attention": "q = randn(80, 40, seed=0)\nk = randn(80, 40, seed=1)\nv = randn(80, 40, seed=2)\n"
    "sum(softmax(q @ k.T / 8) @ v)",
    "residual": "h = randn(100, 60, seed=0)\nw = 0.1*randn(60, 60, seed=1)\nfor i in range(10):\n"
    "    h = h + tanh(layer_norm(h) @ w)\nsum(h**2)",
    "convolution": "x = randn(2, 4, 16, 16, seed=0)\nw = randn(8, 4, 3, 3, seed=1)\n"
    "sum(max_pool2d(relu(conv2d(x, w, padding=1)), 2))",
    "broadcast": "x = randn(300, 1, seed=0)\ny = randn(1, 200, seed=1)\nsum(where(x > y, hypot(x, y), x*y))",
}


@pytest.mark.parametrize("name", PROGRAMS)
def test_a_program_allocates_no_more_than_estimated(name: str) -> None:
    program = lower(PROGRAMS[name], {}, limits=UNLIMITED)
    graph, values = program.graph, program.values()
    bound = estimate(graph).bytes + SLACK
    assert peak(lambda: trace(graph, values, program.output)) <= bound
    given = [values[node] for node in compile_replay(graph, program.output).inputs]
    assert peak(lambda: compile_replay(graph, program.output).numbers(given)) <= bound
    weights = 8 * sum(prod(graph.shapes[one.node]) for one in program.inputs)
    adam = Options(optimizer="adam")  # two averages, and a step's copies beside
    assert peak(lambda: [step.loss for step in train(program, [], 3, adam)]) <= bound + 12 * weights


def test_a_sweep_allocates_a_block_at_a_time() -> None:
    program = lower("y = x\nfor i in range(50):\n    y = sin(y) + x*y\ny", {}, limits=UNLIMITED)
    points = np.linspace(0, 1, 100_000)
    assert peak(lambda: sweep(program, "x", points, None, UNLIMITED)) <= 40 * points.nbytes
