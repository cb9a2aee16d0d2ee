"""Sweeps: the numbers of single evaluations, and kinks where they are."""

import numpy as np
import pytest
from hypothesis import given, settings

from app.analysis.sweep import grid, sweep
from app.autodiff.reverse import trace
from app.diagnostics import ProgramError
from app.graph.builder import Builder
from app.graph.program import Program
from app.limits import UNLIMITED, Limits
from tests.autodiff.graphs import Case, apply, builder_of, program, scalar_cases

LIMITS = Limits()


def of(name: str, *constants: float) -> Program:
    b = Builder(UNLIMITED)
    x = b.input()
    return program(b, apply(b, name, x, *constants), {"x": (x, 1.0)})


@settings(max_examples=40)
@given(case=scalar_cases(most=20))
def test_each_point_is_an_evaluation(case: Case) -> None:
    b = builder_of(case.graph)
    made = program(b, case.output, {f"i{n}": (n, v) for n, v in case.inputs.items()})
    x = np.linspace(-1, 1, 5)
    found = sweep(made, "i0", x, None, LIMITS)
    for at, value, grad in zip(x.tolist(), found.value, found.grad, strict=True):
        one = trace(made.graph, {**case.inputs, 0: at}, made.output)
        assert np.allclose([value, grad], [one.values[made.output], one.cotangents[0]], equal_nan=True, rtol=1e-11)


@pytest.mark.parametrize(
    ("name", "constants", "kinks"),
    [
        ("relu", (), (0.0,)),
        ("abs", (), (0.0,)),
        ("maximum", (0.3,), (0.3,)),
        ("minimum", (-1.25,), (-1.25,)),
        ("clip", (-0.5, 1.5), (-0.5, 1.5)),
        ("floor", (), (-1.0, 0.0, 1.0, 2.0)),
        ("square", (), ()),
        ("tanh", (), ()),
        ("pow", (2.0,), ()),
        ("softplus", (), ()),
    ],
)
def test_kinks_are_where_the_slope_jumps(name: str, constants: tuple[float, ...], kinks: tuple[float, ...]) -> None:
    found = sweep(of(name, *constants), "x", np.linspace(-2, 2, 41 if name != "floor" else 40), None, LIMITS)
    inside = tuple(k for k in found.kinks if abs(k) < 2 or name != "floor")
    assert inside == pytest.approx(tuple(k for k in kinks if abs(k) < 2), abs=1e-9)


def test_a_grid_has_rows_over_the_first_input() -> None:
    b = Builder(UNLIMITED)
    x, y = b.input(), b.input()
    made = program(b, apply(b, "mul", x, apply(b, "square", y)), {"x": (x, 1.0), "y": (y, 1.0)})
    found = grid(made, ("x", "y"), (np.array([1.0, 2.0]), np.array([1.0, 2.0, 3.0])), None, LIMITS)
    assert found.value.tolist() == [[1, 4, 9], [2, 8, 18]]
    assert found.grad[0].tolist() == [[1, 4, 9], [1, 4, 9]]
    assert found.grad[1].tolist() == [[2, 4, 6], [4, 8, 12]]


def test_of_a_tensor_the_sum_is_swept() -> None:
    b = Builder(UNLIMITED)
    x, v = b.input(), b.input((3,))
    made = program(b, apply(b, "mul", x, v), {"x": (x, 1.0), "v": (v, np.array([1.0, 2.0, 3.0]))})
    found = sweep(made, "x", np.array([0.0, 1.0, 2.0]), None, LIMITS)
    assert found.value.tolist() == [0, 6, 12]
    assert found.grad.tolist() == [6, 6, 6]


def test_kinks_of_a_circuit_with_tensors_are_found_by_their_jumps() -> None:
    b = Builder(UNLIMITED)
    x, v = b.input(), b.input((3,))
    out = apply(b, "sum", apply(b, "relu", apply(b, "sub", apply(b, "sin", x), v)))
    made = program(b, out, {"x": (x, 1.0), "v": (v, np.array([-0.5, 0.25, 0.5]))})
    found = sweep(made, "x", np.linspace(-1, 1, 41), None, LIMITS)
    assert found.kinks == pytest.approx(np.arcsin([-0.5, 0.25, 0.5]).tolist(), abs=1e-9)


def test_a_tensor_is_not_swept_and_too_many_points_are_refused() -> None:
    b = Builder(UNLIMITED)
    x, v = b.input(), b.input((3,))
    made = program(b, apply(b, "mul", x, v), {"x": (x, 1.0), "v": (v, np.ones(3))})
    with pytest.raises(ProgramError, match=r"type\.number"):
        sweep(made, "v", np.ones(3), None, LIMITS)
    with pytest.raises(ProgramError, match=r"limit\.flops"):
        sweep(made, "x", np.linspace(0, 1, 20_000), None, Limits(flops=1000))


def test_a_range_wider_than_the_largest_number_is_swept_without_a_warning() -> None:
    found = sweep(of("relu"), "x", np.array([-1.5e308, 0.0, 1.5e308]), None, LIMITS)
    assert found.value.tolist() == [0.0, 0.0, 1.5e308]
