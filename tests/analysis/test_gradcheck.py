"""Gradients against differences: right ones pass, kinks are known for what they are."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings

from app.analysis.flow import flow
from app.analysis.forward import forward
from app.analysis.gradcheck import gradcheck, verdict
from app.autodiff.differences import Difference
from app.autodiff.reverse import trace
from app.graph.builder import Builder
from app.graph.groups import view
from app.graph.program import Program
from app.lang import lower
from app.limits import UNLIMITED, Limits
from tests.autodiff.graphs import Case, apply, builder_of, program, tensor_cases
from tests.graph.test_groups import stack

LIMITS = Limits()


def of(name: str, at: float) -> Program:
    b = Builder(UNLIMITED)
    x = b.input()
    return program(b, apply(b, name, x), {"x": (x, at)})


def test_a_smooth_gradient_is_right() -> None:
    made = of("tanh", 0.3)
    found = gradcheck(made, trace(made.graph, made.values(), made.output), LIMITS)
    assert found.ok
    assert found.inputs[0].error < 1e-8
    assert not found.inputs[0].kink


def test_at_a_kink_any_slope_between_the_sides_is_right() -> None:
    made = of("relu", 0.0)
    found = gradcheck(made, trace(made.graph, made.values(), made.output), LIMITS)
    assert found.ok
    assert found.inputs[0].kink


def test_what_is_stopped_is_held() -> None:
    made = lower("y = x*stop_gradient(x)\ny + softmax([x, 2])[0]", {"x": 3.0}, limits=LIMITS)
    found = gradcheck(made, trace(made.graph, made.values(), made.output), LIMITS)
    assert found.ok
    assert found.inputs[0].error < 1e-8
    assert found.inputs[0].grad == pytest.approx(3.0 + np.exp(-1) / (1 + np.exp(-1)) ** 2)


def test_a_wrong_slope_is_found() -> None:
    seen = Difference(central=2.0, left=2.0, right=2.0, kink=False, error=1e-10)
    assert verdict(2.001, seen)[1] is False
    assert verdict(2.0, seen)[1] is True


def test_an_infinite_slope_is_no_failure() -> None:
    made = of("sqrt", 0.0)
    assert gradcheck(made, trace(made.graph, made.values(), made.output), LIMITS).ok


def test_a_large_tensor_is_sampled() -> None:
    b = Builder(UNLIMITED)
    x = b.input((50, 50))
    made = program(b, apply(b, "sum", apply(b, "square", x)), {"x": (x, np.ones((50, 50)))})
    (found,) = gradcheck(made, trace(made.graph, made.values(), made.output), LIMITS).inputs
    assert found.ok
    assert found.elements is not None
    assert len(found.elements) == np.size(found.difference) == np.size(found.grad) <= 256


@settings(max_examples=25)
@given(case=tensor_cases())
def test_random_circuits_pass(case: Case) -> None:
    b = builder_of(case.graph)
    made = program(b, case.output, {f"i{n}": (n, v) for n, v in case.inputs.items()})
    found = trace(made.graph, made.values(), made.output)
    if all(np.all(np.isfinite(v)) for v in found.values):
        assert gradcheck(made, found, LIMITS).ok


@pytest.mark.parametrize(
    "source",
    ["x*y + sin(x)", "exp(3*x)/y", "(x + 10000)**2", "w = randn(4, 4, seed=0)\nsum(softmax(w @ w)**2)", "relu(x - 1)"],
)
def test_float32_is_judged_by_its_own_digits(source: str) -> None:
    made = lower(source, {}, limits=LIMITS)
    found = trace(made.graph, made.values(), made.output, dtype="float32")
    assert gradcheck(made, found, LIMITS, dtype="float32").ok


def test_a_gradient_that_is_wrong_in_float32_is_found() -> None:
    made = lower("x*y", {"x": 3.0, "y": 2.0}, limits=LIMITS)
    found = trace(made.graph, made.values(), made.output, 1.001, dtype="float32")
    wrong = replace(found, seed=1.0)
    assert not gradcheck(made, wrong, LIMITS, dtype="float32").ok


def test_flow_has_a_row_for_each_block() -> None:
    made = stack(3)
    rows = flow(made, trace(made.graph, made.values(), made.output))
    assert [row.group for row in rows] == ["block#1", "block#2", "block#3"]
    assert rows[0].value == 2.0


def test_tangents_flow_along_the_wires_and_add_up_at_gates() -> None:
    made = stack(1)
    seen = view(made, closed="none", limits=UNLIMITED)
    found = forward(made, seen, trace(made.graph, made.values(), made.output), {"x": 1.0})
    assert found.nodes == {"x": 1.0, "w": 0.0, "n2": 0.5, "n3": 2.0, "n4": 3.0}
    assert found.edges["n2 > n3 0"] == 0.5
    assert found.parts["x > n4 0"] + found.parts["n3 > n4 1"] == 3.0
