"""Rules as they are written into a graph: no more gates than the numbers need."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.autodiff.forward import forward
from app.autodiff.gradient import gradient
from app.autodiff.reverse import trace
from app.graph.builder import Builder
from app.graph.graph import Graph
from app.limits import UNLIMITED
from app.ops.catalogue import CATALOGUE
from tests.autodiff.graphs import apply


def written(graph: Graph, node: int) -> str:
    """The node as its gates: `mul(3, pow(x0, 2))`."""
    if node in graph.constants:
        return f"{graph.constants[node]:g}"
    operands = graph.operands[node]
    if not operands:
        return f"x{node}"
    return f"{graph.operators[node].name}({', '.join(written(graph, i) for i in operands)})"


@pytest.mark.parametrize(
    ("exponent", "derivatives"),
    [
        (3.0, ["mul(3, pow(x0, 2))", "mul(6, x0)", "6"]),
        (2.0, ["mul(2, x0)", "2"]),
        (1.0, ["1"]),
        (0.0, ["0"]),
        (-1.0, ["neg(pow(x0, -2))", "mul(2, pow(x0, -3))"]),
        (0.5, ["mul(0.5, pow(x0, -0.5))"]),
    ],
)
def test_powers_read_as_in_a_textbook(exponent: float, derivatives: list[str]) -> None:
    b = Builder(UNLIMITED)
    x = b.input()
    node = apply(b, "pow", x, exponent)
    for expected in derivatives:
        (found,) = gradient(b, node, [x])
        assert found is not None
        node = found
        assert written(b.freeze(), node) == expected


def test_the_base_of_a_power_that_is_a_number_needs_no_condition() -> None:
    b = Builder(UNLIMITED)
    x = b.input()
    (found,) = gradient(b, apply(b, "pow", 2.0, x), [x])
    assert found is not None
    assert written(b.freeze(), found) == f"mul(pow(2, x0), {math.log(2):g})"


def test_an_exponent_made_of_numbers_decides_too() -> None:
    b = Builder(UNLIMITED)
    x = b.input()
    two = apply(b, "add", 1.0, 1.0)
    (found,) = gradient(b, apply(b, "pow", x, two), [x])
    assert found is not None
    assert written(b.freeze(), found) == "mul(add(1, 1), pow(x0, sub(add(1, 1), 1)))"


@pytest.mark.parametrize(
    ("reduction", "expected"),
    [("sum", "mul(2, sub(x0, 2))"), ("mean", "mul(0.25, mul(2, sub(x0, 2)))"), ("norm", None)],
)
def test_what_a_sum_spreads_is_a_number(reduction: str, expected: str | None) -> None:
    b = Builder(UNLIMITED)
    x = b.input((4,))
    out = apply(b, reduction, apply(b, "pow", apply(b, "sub", x, 2.0), 2.0))
    (found,) = gradient(b, out, [x])
    assert found is not None
    graph = b.freeze()
    assert expected is None or written(graph, found) == expected
    at = {x: np.array([1.0, 2.0, 3.5, -1.0])}
    np.testing.assert_allclose(forward(graph, at)[found], trace(graph, at, out).cotangents[x])


def test_what_a_sum_spreads_over_a_broadcast_is_summed_again() -> None:
    b = Builder(UNLIMITED)
    x, y = b.input((3, 1)), b.input((1, 4))
    out = apply(b, "sum", apply(b, "add", apply(b, "mul", x, y), y))
    found = gradient(b, out, [x, y])
    graph = b.freeze()
    at = {x: np.arange(3.0).reshape(3, 1), y: np.arange(4.0).reshape(1, 4)}
    values, expected = forward(graph, at), trace(graph, at, out)
    for node, grad in zip((x, y), found, strict=True):
        assert grad is not None
        assert graph.shapes[grad] == graph.shapes[node]
        np.testing.assert_array_equal(values[grad], expected.cotangents[node])


@pytest.mark.parametrize("name", [op.name for op in CATALOGUE.values() if op.family == "elementwise"])
def test_nothing_dead_is_left_and_no_number_is_shared(name: str) -> None:
    operator = CATALOGUE[name]
    b = Builder(UNLIMITED)
    nodes = [b.input() for _ in operator.sample]
    gate = b.apply(operator, nodes)
    out = apply(b, "mul", apply(b, "sin", gate), 3.0)
    mark = len(b)
    found = [node for node in gradient(b, out, nodes) if node is not None]
    graph = b.freeze()
    needed = set(found)
    for node in range(len(graph) - 1, -1, -1):
        if node in needed:
            needed.update(graph.operands[node])
    assert set(range(mark, len(graph))) <= needed
    uses = [i for operands in graph.operands for i in operands]
    assert all(uses.count(node) <= 1 for node in graph.constants)


def test_only_operands_that_need_a_gradient_are_expanded() -> None:
    b = Builder(UNLIMITED)
    x, y = b.input(), b.input()
    out = apply(b, "pow", apply(b, "exp", x), y)
    mark = len(b)
    gradient(b, out, [x])
    assert "log" not in {operator.name for operator in b.operators[mark:]}


def test_a_wide_join_with_some_constants_leaves_no_dead_slice() -> None:
    b = Builder(UNLIMITED)
    x = b.input()
    parts = [apply(b, "mul", x, float(i + 2)) if i % 3 else b.constant(1.0) for i in range(40)]
    out = apply(b, "sum", b.apply(CATALOGUE["stack"], parts))
    mark = len(b)
    (found,) = gradient(b, out, [x])
    graph = b.freeze()
    used = {i for operands in graph.operands for i in operands}
    assert all(node in used or node == found for node in range(mark, len(graph)))
    assert found is not None
    assert forward(graph, {x: 1.0})[found] == sum(i + 2.0 for i in range(40) if i % 3)


def test_a_pruned_builder_still_shares() -> None:
    b = Builder(UNLIMITED)
    x = b.input()
    parts = [apply(b, "mul", x, float(i + 2)) if i % 3 else b.constant(1.0) for i in range(40)]
    out = apply(b, "sum", b.apply(CATALOGUE["stack"], parts))
    first = gradient(b, out, [x])
    size = len(b)
    assert gradient(b, out, [x]) == first
    assert len(b) == size


@given(
    base=st.sampled_from([-2.0, -1.0, -0.0, 0.0, 0.5, 1.0, 3.0, math.inf, math.nan]),
    exponent=st.sampled_from([-2.0, -1.0, -0.5, 0.0, 0.5, 1.0, 2.0, 3.0, math.inf, math.nan]),
)
def test_powers_have_the_numbers_of_the_backward_pass(base: float, exponent: float) -> None:
    b = Builder(UNLIMITED)
    x = b.input()
    out = apply(b, "mul", apply(b, "pow", x, exponent), 3.0)
    expected = trace(b.freeze(), {x: base}, out).cotangents[x]
    (found,) = gradient(b, out, [x])
    assert found is not None
    assert forward(b.freeze(), {x: base})[found] == pytest.approx(expected, nan_ok=True, rel=1e-14)


def test_what_passes_nothing_has_no_parts() -> None:
    b = Builder(UNLIMITED)
    x = b.input((3,))
    assert gradient(b, apply(b, "argmax", x), [x]) == [None]
    assert gradient(b, apply(b, "mul", apply(b, "argmax", x), 2.0), [x]) == [None]
