"""Reverse mode: what flows along each edge, and how it adds up."""

import math
import time

import numpy as np
import pytest
from hypothesis import given, settings

from app.autodiff.reverse import backward, trace
from app.autodiff.tangent import tangents
from app.autodiff.trace import Trace
from app.diagnostics import ProgramError
from app.graph.builder import Builder
from app.limits import UNLIMITED
from app.ops.algebra import Value
from tests.autodiff.graphs import Case, apply, scalar_cases, tensor_cases


def sums(found: Trace) -> list[Value | None]:
    """The cotangents as the sums of what the out-edges say, plus the seed."""
    total: list[Value | None] = [None if g is None else np.zeros(np.shape(g)) for g in found.cotangents]
    total[found.output] = found.seed if total[found.output] is not None else None
    for node in range(len(found.graph) - 1, -1, -1):
        for operand, part in zip(found.graph.operands[node], found.contributions[node], strict=True):
            if part is not None:
                total[operand] = total[operand] + part
    return total


def close(a: Value | None, b: Value | None) -> bool:
    if a is None or b is None:
        return a is b
    return np.shape(a) == np.shape(b) and np.allclose(a, b, rtol=1e-9, atol=1e-9, equal_nan=True)


@given(case=scalar_cases())
def test_what_the_out_edges_carry_sums_to_the_gradient(case: Case) -> None:
    found = trace(case.graph, case.inputs, case.output)
    assert all(close(a, b) for a, b in zip(sums(found), found.cotangents, strict=True))


@given(case=tensor_cases())
def test_what_the_out_edges_carry_sums_to_the_gradient_of_tensors(case: Case) -> None:
    found = trace(case.graph, case.inputs, case.output)
    assert all(close(a, b) for a, b in zip(sums(found), found.cotangents, strict=True))
    for node, operands in enumerate(case.graph.operands):
        for slot, operand in enumerate(operands):
            part = found.contributions[node][slot]
            assert part is None or np.shape(part) == case.graph.shapes[operand]


@given(case=scalar_cases())
def test_forward_mode_agrees_with_reverse_mode(case: Case) -> None:
    found = trace(case.graph, case.inputs, case.output)
    for node in case.inputs:
        tangent, _ = tangents(case.graph, found.values, {node: 1.0})
        # A branch not taken may send 0 · ∞ back into itself, which forward mode never meets.
        if all(part is None or math.isfinite(part) for row in found.contributions for part in row):
            assert close(tangent[case.output], found.cotangents[node])


@given(case=tensor_cases())
def test_forward_mode_agrees_with_reverse_mode_on_tensors(case: Case) -> None:
    found = trace(case.graph, case.inputs, case.output)
    random = np.random.default_rng(0)
    for node, value in case.inputs.items():
        direction = random.normal(size=np.shape(value)) if np.shape(value) else 1.0
        tangent, along = tangents(case.graph, found.values, {node: direction})
        assert np.isclose(tangent[case.output], np.sum(np.multiply(found.cotangents[node], direction)), atol=1e-9)
        for gate, parts in enumerate(along):
            if parts:
                assert close(tangent[gate], sum(parts))


def test_the_seed_circuit_adds_two_and_two() -> None:
    b = Builder(UNLIMITED)
    x, y, z, w = (b.input() for _ in range(4))
    xy, zw = apply(b, "mul", x, y), apply(b, "maximum", z, w)
    total = apply(b, "add", apply(b, "add", xy, zw), xy)
    out = apply(b, "add", apply(b, "mul", total, 2.0), 45.0)
    found = trace(b.freeze(), {x: 3.0, y: -4.0, z: 2.0, w: -1.0}, out)
    assert found.values[out] == 1.0
    assert [found.cotangents[i] for i in (x, y, z, w, xy)] == [-16.0, 12.0, 2.0, 0.0, 4.0]


@pytest.mark.parametrize("fan", range(1, 21))
@pytest.mark.parametrize("shape", [(), (2, 3)])
def test_a_value_that_fans_out_gathers_every_part(fan: int, shape: tuple[int, ...]) -> None:
    b = Builder(UNLIMITED, share=False)
    x = b.input(shape)
    y = apply(b, "mul", x, 3.0)
    total = apply(b, "mul", y, 1.0)
    for k in range(2, fan + 1):
        total = apply(b, "add", total, apply(b, "mul", y, float(k)))
    found = trace(b.freeze(), {x: np.ones(shape) if shape else 1.0}, total)
    expected = fan * (fan + 1) / 2
    assert np.all(found.cotangents[y] == expected)
    assert np.all(found.cotangents[x] == 3 * expected)


@pytest.mark.parametrize(
    "name", ["add", "sub", "mul", "div", "pow", "maximum", "minimum", "hypot", "atan2", "logaddexp"]
)
@pytest.mark.parametrize("shape", [(), (4,)])
def test_both_slots_fed_by_one_node_are_two_edges(name: str, shape: tuple[int, ...]) -> None:
    b = Builder(UNLIMITED)
    x = b.input(shape)
    out = apply(b, name, x, x)
    at = np.linspace(0.5, 2, 4) if shape else 1.3
    one = trace(b.freeze(), {x: at}, out)
    apart = Builder(UNLIMITED)
    u, v = apart.input(shape), apart.input(shape)
    w = apply(apart, name, u, v)
    other = trace(apart.freeze(), {u: at, v: at}, w)
    assert all(np.array_equal(p, q) for p, q in zip(one.contributions[out], other.contributions[w], strict=True))
    assert np.allclose(one.cotangents[x], other.cotangents[u] + other.cotangents[v])


@pytest.mark.parametrize("depth", [1, 2, 5, 30])
@pytest.mark.parametrize("shape", [(), (2, 3)])
def test_diamonds_in_a_row_double_the_gradient_each(depth: int, shape: tuple[int, ...]) -> None:
    b = Builder(UNLIMITED)
    h = x = b.input(shape)
    for _ in range(depth):
        h = apply(b, "add", apply(b, "mul", h, 1.0), h)
    found = trace(b.freeze(), {x: np.full(shape, 0.5) if shape else 0.5}, h)
    assert np.all(found.cotangents[x] == 2.0**depth)


def test_what_the_output_does_not_need_has_gradient_zero() -> None:
    b = Builder(UNLIMITED)
    x = b.input()
    unused = apply(b, "log", x)
    out = apply(b, "mul", x, 2.0)
    found = trace(b.freeze(), {x: 0.0}, out)
    assert found.cotangents[unused] == 0.0
    assert found.contributions[unused] == (0.0,)
    assert found.cotangents[x] == 2.0


def test_constants_and_gates_of_constants_have_no_gradient() -> None:
    b = Builder(UNLIMITED)
    x = b.input()
    root = apply(b, "sqrt", 2.0)
    out = apply(b, "mul", x, root)
    found = trace(b.freeze(), {x: 3.0}, out)
    assert found.cotangents[root] is None
    assert found.contributions[root] == (None,)
    assert found.contributions[out] == (math.sqrt(2.0), None)


def test_an_infinite_slope_behind_a_condition_adds_nothing() -> None:
    b = Builder(UNLIMITED)
    x = b.input()
    condition = apply(b, "gt", apply(b, "sqrt", x), 1.0)
    out = apply(b, "where", condition, x, apply(b, "mul", x, 3.0))
    assert trace(b.freeze(), {x: 0.0}, out).cotangents[x] == 3.0


def test_a_seed_fills_or_has_the_shape_of_the_output() -> None:
    b = Builder(UNLIMITED)
    x = b.input((3,))
    out = apply(b, "mul", x, 2.0)
    graph, at = b.freeze(), {x: np.ones(3)}
    assert trace(graph, at, out).cotangents[x].tolist() == [2, 2, 2]
    assert trace(graph, at, out, 10.0).cotangents[x].tolist() == [20, 20, 20]
    assert trace(graph, at, out, np.array([1.0, 0.0, -1.0])).cotangents[x].tolist() == [2, 0, -2]
    with pytest.raises(ProgramError, match=r"seed\.shape"):
        trace(graph, at, out, np.ones(2))


def test_broadcasting_is_summed_back() -> None:
    b = Builder(UNLIMITED)
    row, column, number = b.input((3,)), b.input((2, 1)), b.input()
    out = apply(b, "mul", apply(b, "mul", row, column), number)
    found = trace(b.freeze(), {row: np.array([1.0, 2.0, 3.0]), column: np.array([[1.0], [10.0]]), number: 2.0}, out)
    assert found.cotangents[row].tolist() == [22.0, 22.0, 22.0]
    assert found.cotangents[column].tolist() == [[12.0], [12.0]]
    assert found.cotangents[number] == 66.0


def test_float32_rounds_every_result() -> None:
    b = Builder(UNLIMITED)
    x = b.input()
    out = apply(b, "mul", apply(b, "div", x, 3.0), 3.0)
    found = trace(b.freeze(), {x: 0.1}, out, dtype="float32")
    assert all(v is None or v == float(np.float32(v)) for v in (*found.values, *found.cotangents))


@pytest.mark.parametrize("form", ["chain", "fan"])
def test_a_hundred_thousand_nodes_take_time_in_proportion(form: str) -> None:
    def seconds(count: int) -> float:
        b = Builder(UNLIMITED, share=False)
        x = b.input()
        h = apply(b, "mul", x, 1.0)
        for _ in range(count):
            h = apply(b, "add", h, x) if form == "fan" else apply(b, "neg", h)
        graph = b.freeze()
        start = time.perf_counter()
        found = trace(graph, {x: 1.0}, h)
        taken = time.perf_counter() - start
        assert found.cotangents[x] == (count + 1.0 if form == "fan" else (-1.0) ** count)
        return taken

    assert seconds(100_000) < 40 * max(seconds(10_000), 0.01)


@settings(max_examples=30)
@given(case=scalar_cases())
def test_the_values_may_be_known_already(case: Case) -> None:
    found = trace(case.graph, case.inputs, case.output, 2.0)
    again = backward(case.graph, found.values, case.output, 2.0)
    assert all(close(a, b) for a, b in zip(again.cotangents, found.cotangents, strict=True))
