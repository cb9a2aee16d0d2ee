"""The gradient as nodes of the graph: the same numbers as the backward pass, at any depth."""

import numpy as np
import pytest
from hypothesis import given, settings

from app.autodiff.backward import backward_program
from app.autodiff.differences import difference
from app.autodiff.forward import forward
from app.autodiff.gradient import gradient
from app.autodiff.reverse import trace
from app.diagnostics import ProgramError
from app.graph.builder import Builder
from app.limits import UNLIMITED, Limits
from app.ops.algebra import Value
from tests.autodiff.graphs import Case, apply, builder_of, hard_cases, program, scalar_cases, tensor_cases


def agree(a: Value, b: Value) -> bool:
    return np.shape(a) == np.shape(b) and np.allclose(a, b, rtol=1e-8, atol=1e-9, equal_nan=True)


def as_the_backward_pass(case: Case) -> None:
    """The gradient's nodes hold the cotangents; an input that has none of them gets no gradient."""
    b = builder_of(case.graph)
    found = gradient(b, case.output, list(case.inputs))
    values = forward(b.freeze(), case.inputs)
    expected = trace(case.graph, case.inputs, case.output)
    for node, grad in zip(case.inputs, found, strict=True):
        if grad is None:
            assert not np.any(expected.cotangents[node])
        else:
            assert b.shapes[grad] == case.graph.shapes[node]
            assert agree(values[grad], expected.cotangents[node])


@given(case=scalar_cases())
def test_it_agrees_with_the_backward_pass(case: Case) -> None:
    as_the_backward_pass(case)


@settings(max_examples=60)
@given(case=tensor_cases())
def test_it_agrees_with_the_backward_pass_on_tensors(case: Case) -> None:
    as_the_backward_pass(case)


@settings(max_examples=40)
@given(case=scalar_cases(most=8))
def test_a_second_derivative_agrees_with_the_backward_pass_of_the_first(case: Case) -> None:
    b = builder_of(case.graph)
    x, *others = case.inputs
    (first,) = gradient(b, case.output, [x])
    if first is None:
        return
    second = gradient(b, first, [x, *others])
    graph = b.freeze()
    expected = trace(graph, case.inputs, first)
    for node, grad in zip((x, *others), second, strict=True):
        assert agree(0.0 if grad is None else expected.values[grad], expected.cotangents[node])


@pytest.mark.parametrize("order", [1, 2, 3, 4])
def test_powers_come_down_one_by_one(order: int) -> None:
    b = Builder(UNLIMITED)
    x = b.input()
    node: int | None = apply(b, "pow", x, 5.0)
    for _ in range(order):
        assert node is not None
        (node,) = gradient(b, node, [x])
    assert node is not None
    expected = [5 * 16.0, 20 * 8.0, 60 * 4.0, 120 * 2.0][order - 1]
    assert forward(b.freeze(), {x: 2.0})[node] == pytest.approx(expected)


def test_a_second_derivative_agrees_with_differences_of_the_first() -> None:
    b = Builder(UNLIMITED)
    x = b.input()
    out = apply(b, "div", apply(b, "tanh", apply(b, "mul", x, x)), apply(b, "exp", x))
    (first,) = gradient(b, out, [x])
    assert first is not None
    (second,) = gradient(b, first, [x])
    assert second is not None
    graph = b.freeze()
    measured = difference(graph, {x: 0.7}, first, x)
    assert forward(graph, {x: 0.7})[second] == pytest.approx(measured.central, rel=1e-8)


def test_what_does_not_depend_is_none() -> None:
    b = Builder(UNLIMITED)
    x, y = b.input(), b.input()
    assert gradient(b, apply(b, "mul", x, 2.0), [y]) == [None]
    assert gradient(b, apply(b, "stop_gradient", y), [y]) == [None]


def test_the_output_itself_has_gradient_one() -> None:
    b = Builder(UNLIMITED)
    x = b.input()
    (one,) = gradient(b, x, [x])
    assert one is not None
    assert b.constants[one] == 1.0


def test_a_tensor_is_refused() -> None:
    b = Builder(UNLIMITED)
    x = b.input((2,))
    with pytest.raises(ProgramError, match=r"grad\.scalar"):
        gradient(b, apply(b, "mul", x, 2.0), [x])


def test_a_step_of_a_loop_looks_at_its_own_gates_alone() -> None:
    b = Builder(Limits(nodes=10_000))
    x = b.input()
    h = x
    for _ in range(1_000):  # descends on x²
        (slope,) = gradient(b, apply(b, "pow", h, 2.0), [h])
        assert slope is not None
        h = apply(b, "sub", h, apply(b, "mul", slope, 0.25))
    assert forward(b.freeze(), {x: 1.0})[h] == 0.5**1000


def test_the_gradient_of_a_node_with_respect_to_itself_is_one() -> None:
    b = Builder(UNLIMITED)
    y = apply(b, "pow", b.input(), 2.0)
    (one,) = gradient(b, y, [y])
    assert one is not None
    assert b.constants[one] == 1.0


def test_many_gradients_of_a_long_program_meet_a_limit() -> None:
    b = Builder(Limits(nodes=2000))
    x = b.input()
    h = x
    for _ in range(900):
        h = apply(b, "sin", h)

    def gradients() -> None:
        for _ in range(100):
            gradient(b, h, [x])

    with pytest.raises(ProgramError, match=r"limit\.nodes"):
        gradients()


def test_the_backward_circuit_has_a_node_for_each_gradient() -> None:
    b = Builder(UNLIMITED)
    x, y = b.input(), b.input()
    p = apply(b, "mul", x, y)
    out = apply(b, "add", p, x)
    given_ = program(b, out, {"x": (x, 3.0), "y": (y, -4.0)})
    found = backward_program(given_, UNLIMITED)
    made = found.program
    values = forward(made.graph, made.values())
    at = {id_: values[n] for n, id_ in enumerate(made.ids)}
    assert at["∂x"] == -3.0
    assert at["∂y"] == 3.0
    assert found.of == {f"∂{n}": n for n in ("x", "y", f"n{p}", f"n{out}")}
    assert made.ids[made.output] == "∂x"


@settings(max_examples=60)
@given(case=scalar_cases(most=15))
def test_the_backward_circuit_computes_every_gradient(case: Case) -> None:
    b = builder_of(case.graph)
    given_ = program(b, case.output, {f"i{n}": (n, v) for n, v in case.inputs.items()})
    expected = trace(given_.graph, case.inputs, case.output)
    found = backward_program(given_, UNLIMITED)
    values = forward(found.program.graph, found.program.values())
    index = {id_: n for n, id_ in enumerate(found.program.ids)}
    assert len(set(found.program.ids)) == len(found.program.ids)
    of = {id_: n for n, id_ in enumerate(given_.ids)}
    for id_, whose in found.of.items():
        assert agree(values[index[id_]], expected.cotangents[of[whose]])
    flows = given_.graph.flows(case.output)
    assert set(found.of.values()) == {id_ for n, id_ in enumerate(given_.ids) if flows[n] or n in case.inputs}


def test_the_gradient_of_an_input_that_none_reaches_is_a_constant_0() -> None:
    b = Builder(UNLIMITED)
    x, y = b.input(), b.input((2,))
    out = apply(b, "floor", x)
    made = backward_program(program(b, out, {"x": (x, 3.5), "y": (y, np.ones(2))}), UNLIMITED).program
    values = forward(made.graph, made.values())
    at = {id_: values[n] for n, id_ in enumerate(made.ids)}
    assert (at["∂x"], np.asarray(at["∂y"]).tolist(), made.ids[made.output]) == (0.0, [0.0, 0.0], "∂x")


@settings(max_examples=300)
@given(case=hard_cases())
def test_it_agrees_with_the_backward_pass_at_ties_and_infinities(case: Case) -> None:
    if not case.graph.shapes[case.output]:
        as_the_backward_pass(case)


@pytest.mark.parametrize("fan", range(1, 21))
@pytest.mark.parametrize("shape", [(), (2, 3)])
@pytest.mark.parametrize("share", [True, False])
def test_a_shared_node_gathers_every_part_under_grad(fan: int, shape: tuple[int, ...], *, share: bool) -> None:
    """Σ k·h² for a shared h = x·x, k = 1 … fan: both slots of each product are fed by h."""
    b = Builder(UNLIMITED, share=share)
    x = b.input(shape)
    h = apply(b, "mul", x, x)
    out = apply(b, "mul", apply(b, "mul", h, h), 1.0)
    for k in range(2, fan + 1):
        out = apply(b, "add", out, apply(b, "mul", apply(b, "mul", h, h), float(k)))
    out = apply(b, "sum", out) if shape else out
    total = fan * (fan + 1) / 2
    (first,) = gradient(b, out, [x])
    assert first is not None
    (second,) = gradient(b, apply(b, "sum", first) if shape else first, [x])
    assert second is not None
    values = forward(b.freeze(), {x: np.full(shape, 2.0) if shape else 2.0})
    np.testing.assert_allclose(values[first], np.full(shape, total * 4 * 2.0**3))
    np.testing.assert_allclose(values[second], np.full(shape, total * 12 * 2.0**2))


@pytest.mark.parametrize("depth", [1, 2, 5, 30])
@pytest.mark.parametrize("shape", [(), (2, 3)])
def test_diamonds_in_a_row_double_the_gradient_each_under_grad(depth: int, shape: tuple[int, ...]) -> None:
    b = Builder(UNLIMITED)
    x = b.input(shape)
    h = apply(b, "square", x)
    for _ in range(depth):
        h = apply(b, "add", apply(b, "mul", h, 1.0), h)
    (first,) = gradient(b, apply(b, "sum", h) if shape else h, [x])
    assert first is not None
    (second,) = gradient(b, apply(b, "sum", first) if shape else first, [x])
    assert second is not None
    values = trace(b.freeze(), {x: np.full(shape, 1.5) if shape else 1.5}, second).values
    assert np.all(values[first] == 3.0 * 2.0**depth)
    assert np.all(values[second] == 2.0 * 2.0**depth)


@pytest.mark.parametrize(
    "name", ["add", "sub", "mul", "div", "pow", "maximum", "minimum", "hypot", "atan2", "logaddexp"]
)
@pytest.mark.parametrize("shape", [(), (4,)])
def test_both_slots_fed_by_one_node_add_up_under_grad(name: str, shape: tuple[int, ...]) -> None:
    b = Builder(UNLIMITED)
    x = b.input(shape)
    out = apply(b, name, x, x)
    (slope,) = gradient(b, apply(b, "sum", out) if shape else out, [x])
    at = np.linspace(0.5, 2, 4) if shape else 1.3
    found = trace(b.freeze(), {x: at}, out)
    expected = found.cotangents[x]
    assert expected is not None
    assert np.allclose(0.0 if slope is None else found.values[slope], expected, rtol=1e-14)
