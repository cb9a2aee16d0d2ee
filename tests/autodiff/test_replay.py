"""Replay: the interpreter's numbers, faster."""

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from app.autodiff import lanes
from app.autodiff import replay as replays
from app.autodiff.batch import Batch
from app.autodiff.buffers import Buffers
from app.autodiff.lanes import Lanes
from app.autodiff.levels import Levels
from app.autodiff.replay import Replay, compile_replay
from app.autodiff.reverse import of_numbers, trace
from app.autodiff.straight import input_nodes
from app.autodiff.tape import tape
from app.graph.builder import Builder
from app.graph.groups import view
from app.limits import UNLIMITED
from app.ops.catalogue import CATALOGUE
from app.ops.operator import Operator
from tests.autodiff.graphs import Case, apply, builder_of, hard_cases, program, scalar_cases, tensor_cases


def same(a: Any, b: Any) -> bool:
    """The same digits."""
    return np.array_equal(a, b, equal_nan=True)


def near(a: Any, b: Any) -> bool:
    """The same but for what NumPy's functions and the C library's differ by (docs/decisions/0010)."""
    return same(a, b) or np.allclose(a, b, rtol=1e-11, atol=1e-11, equal_nan=True)


def assert_same(found: Any, expected: Any, like: Callable[[Any, Any], bool] = same) -> None:
    assert len(found.values) == len(expected.values)
    assert all(like(a, b) for a, b in zip(found.values, expected.values, strict=True))
    for a, b in zip(found.cotangents, expected.cotangents, strict=True):
        assert (a is None) == (b is None)
        assert a is None or like(a, b)
    for row, other in zip(found.contributions, expected.contributions, strict=True):
        for a, b in zip(row, other, strict=True):
            assert (a is None) == (b is None)
            assert a is None or like(a, b)


@given(case=scalar_cases())
def test_code_gives_what_the_interpreter_gives(case: Case) -> None:
    compiled = Replay(case.graph, case.output)
    expected = trace(case.graph, case.inputs, case.output, 2.5)
    assert compiled.kind == "code"
    assert_same(compiled.run(case.inputs, 2.5), expected)
    values, cotangents = compiled.numbers([case.inputs[n] for n in compiled.inputs], 2.5)
    assert all(same(a, b) for a, b in zip(values, expected.values, strict=True))
    assert all(b is None or same(a, b) for a, b in zip(cotangents, expected.cotangents, strict=True))


@given(case=scalar_cases())
def test_levels_give_what_the_interpreter_gives(case: Case) -> None:
    levels = Levels(case.graph, case.output)
    values, cotangents = levels.run(2.5, [case.inputs[n] for n in input_nodes(case.graph)])
    expected = trace(case.graph, case.inputs, case.output, 2.5)
    assert all(near(a, b) for a, b in zip(values, expected.values, strict=True))
    assert all(b is None or near(a, b) for a, b in zip(cotangents, expected.cotangents, strict=True))


@settings(max_examples=40)
@given(case=scalar_cases())
def test_levels_give_a_whole_trace(case: Case) -> None:
    wide = replays.WIDE
    try:
        replays.WIDE = 0
        compiled = Replay(case.graph, case.output)
    finally:
        replays.WIDE = wide
    assert compiled.kind == "levels"
    assert_same(compiled.run(case.inputs), trace(case.graph, case.inputs, case.output), near)


@settings(max_examples=60)
@given(case=tensor_cases())
def test_tensors_are_replayed_by_the_interpreter(case: Case) -> None:
    assert_same(compile_replay(case.graph, case.output).run(case.inputs), trace(case.graph, case.inputs, case.output))


def test_what_no_input_changes_is_computed_once() -> None:
    b = Builder(UNLIMITED)
    x = b.input((3,))
    made = apply(b, "randn", shape=(3,), seed=0) if "randn" in CATALOGUE else apply(b, "sqrt", 2.0)
    out = apply(b, "sum", apply(b, "mul", x, made))
    graph, at = b.freeze(), {x: np.ones(3)}
    compiled = compile_replay(graph, out)
    assert_same(compiled.run(at), trace(graph, at, out))


@pytest.mark.parametrize(
    ("name", "at"), [("log", 0.0), ("log", -1.0), ("sqrt", -1.0), ("exp", 1000.0), ("reciprocal", 0.0)]
)
def test_where_python_raises_the_numbers_are_those_of_ieee(name: str, at: float) -> None:
    b = Builder(UNLIMITED)
    x = b.input()
    out = apply(b, "add", apply(b, name, x), x)
    graph = b.freeze()
    found, expected = compile_replay(graph, out).run({x: at}), trace(graph, {x: at}, out)
    assert repr(found.values) == repr(expected.values)
    assert repr(found.cotangents) == repr(expected.cotangents)


def test_a_fan_out_of_thousands_compiles() -> None:
    b = Builder(UNLIMITED, share=False)
    x = b.input()
    h = apply(b, "mul", x, 1.0)
    for _ in range(5_000):
        h = apply(b, "sub", x, h)
    compiled = Replay(b.freeze(), h)
    assert compiled.kind == "code"
    assert compiled.run({x: 0.5}).cotangents[x] == trace(b.freeze(), {x: 0.5}, h).cotangents[x]


def test_a_maximum_of_thousands_is_no_recursion() -> None:
    b = Builder(UNLIMITED)
    xs = [b.input() for _ in range(3_000)]
    out = apply(b, "maximum", *xs)
    at: dict[int, Any] = {x: float(i % 7) for i, x in enumerate(xs)}
    found = trace(b.freeze(), at, out)
    assert math.fsum(found.cotangents[x] or 0.0 for x in xs) == pytest.approx(1.0)
    assert_same(Replay(b.freeze(), out).run(at), found)


@settings(max_examples=50)
@given(case=scalar_cases())
def test_many_points_at_once_are_each_a_single_one(case: Case) -> None:
    batch = Batch(case.graph, case.output)
    node = next(iter(case.inputs))
    points = np.array([-1.5, -0.25, 0.0, 1.0, 2.0])
    value, grads = batch.run({node: points}, case.inputs)
    for i, at in enumerate(points.tolist()):
        found = trace(case.graph, {**case.inputs, node: at}, case.output)
        assert near(value[i], found.values[case.output])
        for n in case.inputs:
            assert near(grads[n][i], found.cotangents[n])


@settings(max_examples=100)
@given(case=hard_cases(), varying=st.integers(0, 3))
def test_points_are_as_ieee_has_them_whichever_inputs_vary(case: Case, varying: int) -> None:
    assume(of_numbers(case.graph))
    points = {n: np.full(5, value) for i, (n, value) in enumerate(case.inputs.items()) if varying >> i & 1}
    value, grads = Batch(case.graph, case.output).run(points or {-1: np.zeros(5)}, case.inputs)
    found = trace(case.graph, case.inputs, case.output)
    assert near(value, found.values[case.output])
    assert all(near(grads[n], found.cotangents[n]) for n in case.inputs)


def test_points_give_the_gradients_that_are_wanted() -> None:
    b = Builder(UNLIMITED)
    x, y, z = b.input(), b.input(), b.input()
    out = apply(b, "mul", apply(b, "mul", x, x), y)
    value, grads = Batch(b.freeze(), out, [z, x]).run({x: np.array([1.0, 2.0, 3.0])}, {y: 5.0, z: 7.0})
    assert value.tolist() == [5.0, 20.0, 45.0]
    assert {n: grad.tolist() for n, grad in grads.items()} == {z: [0.0, 0.0, 0.0], x: [10.0, 20.0, 30.0]}


@settings(max_examples=30)
@given(case=scalar_cases(), width=st.integers(1, 7), cores=st.sampled_from([1, 2, 5]))
def test_blocks_of_points_are_the_bytes_of_the_whole(case: Case, width: int, cores: int) -> None:
    points = {n: np.linspace(-2, 2, 23) + i for i, n in enumerate(case.inputs)}
    whole = Lanes(case.graph, case.output, points, list(points)).run(1.5, points, 23)
    assert width < lanes.BLOCK
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(lanes, "BLOCK", width)
        patch.setattr(lanes, "_cores", lambda: cores)
        pieces = Lanes(case.graph, case.output, points, list(points)).run(1.5, points, 23)
    assert all(np.array_equal(a, b, equal_nan=True) for a, b in zip(whole, pieces, strict=True))


@settings(max_examples=50)
@given(case=scalar_cases())
def test_the_tape_is_the_same_circuit(case: Case) -> None:
    b = builder_of(case.graph)
    made = program(b, case.output, {f"i{n}": (n, v) for n, v in case.inputs.items()})
    shown = view(made, closed="none", limits=UNLIMITED)
    found = tape(made, shown)
    assert found is not None
    slots: list[Any] = [None] * found["slots"]
    for slot, number in found["constants"]:
        slots[slot] = float(number)
    for one in made.inputs:
        slots[found["inputs"][one.name]] = one.value
    for name, result, *operands in found["steps"]:
        scalar = CATALOGUE[name].scalar
        assert scalar is not None
        slots[result] = scalar(*[slots[i] for i in operands])
    expected = trace(case.graph, case.inputs, case.output)
    for n, id_ in enumerate(made.ids):
        assert same(slots[found["values"][id_]], expected.values[n])
        grad = found["grads"][id_]
        assert (grad is None) == (expected.cotangents[n] is None)
        assert grad is None or same(slots[grad], expected.cotangents[n])
    for edge in shown.edges:
        ((node, slot),) = edge.members
        grad, part = found["edge_grads"][edge.id], expected.contributions[node][slot]
        assert (grad is None) == (part is None)
        assert grad is None or same(slots[grad], part)


def test_a_gradient_that_an_addition_hands_on_is_not_added_into() -> None:
    b = Builder(UNLIMITED)
    x = b.input((2,))
    first = apply(b, "tanh", x)  # its part comes to x after that of h
    h = apply(b, "add", x, 1.0)
    out = apply(b, "sum", apply(b, "add", apply(b, "mul", h, h), first))
    compiled = Replay(b.freeze(), out)
    at = np.array([1.0, 2.0])
    _, cotangents = compiled.numbers([at])
    assert list(cotangents[h]) == [4.0, 6.0]
    np.testing.assert_allclose(cotangents[x], 2 * (at + 1) + 1 - np.tanh(at) ** 2)


@settings(max_examples=300)
@given(case=tensor_cases(), seed=st.sampled_from([None, 2.5, math.nan, math.inf]))
def test_buffers_give_what_the_interpreter_gives_again_and_again(case: Case, seed: float | None) -> None:
    compiled = Replay(case.graph, case.output)
    others = {node: np.negative(value) if np.ndim(value) else -value for node, value in case.inputs.items()}
    for inputs in (case.inputs, others, case.inputs):
        values, cotangents = compiled.numbers([inputs[n] for n in compiled.inputs], seed)
        expected = trace(case.graph, inputs, case.output, seed)
        for found, wanted in ((values, expected.values), (cotangents, expected.cotangents)):
            for a, b in zip(found, wanted, strict=True):
                assert (a is None) == (b is None)
                assert b is None or (np.shape(a) == np.shape(b) and np.array_equal(a, b, equal_nan=True))


@settings(max_examples=300)
@given(case=tensor_cases(), which=st.integers(0, 255), seed=st.sampled_from([1.0, -0.5]))
def test_buffers_that_are_written_again_give_what_is_wanted(case: Case, which: int, seed: float) -> None:
    wanted = [node for i, node in enumerate(case.inputs) if which >> i & 1]
    compiled = Replay(case.graph, case.output, wanted=wanted)
    others = {node: np.negative(value) if np.ndim(value) else -value for node, value in case.inputs.items()}
    for inputs in (case.inputs, others, case.inputs):
        values, cotangents = compiled.numbers([inputs[n] for n in compiled.inputs], seed)
        expected = trace(case.graph, inputs, case.output, seed)
        assert same(values[case.output], expected.values[case.output])
        assert all(same(cotangents[node], expected.cotangents[node]) for node in wanted)


def test_a_tensor_that_nothing_needs_any_more_makes_room_for_the_next() -> None:
    b = Builder(UNLIMITED)
    x = b.input((2,))
    squared = apply(b, "mul", x, x)
    out = apply(b, "sum", apply(b, "add", apply(b, "add", squared, 1.0), 2.0))
    few = Buffers(b.freeze(), out, [x])
    values, cotangents = few.run([np.array([1.0, 2.0])])
    assert values[out] == 11.0
    assert values[squared] is None
    assert cotangents[x].tolist() == [2.0, 4.0]
    assert few.slots[squared] is few.slots[squared + 2]  # 1.0 stands between


@settings(max_examples=400)
@given(case=hard_cases(), seed=st.sampled_from([None, 2.5]))
def test_every_form_gives_what_the_interpreter_gives_at_ties_and_infinities(case: Case, seed: float | None) -> None:
    compiled = Replay(case.graph, case.output)
    expected = trace(case.graph, case.inputs, case.output, seed)
    assert_same(compiled.run(case.inputs, seed), expected)
    values, cotangents = compiled.numbers([case.inputs[n] for n in compiled.inputs], 1.0 if seed is None else seed)
    assert all(same(a, b) for a, b in zip(values, expected.values, strict=True))
    assert all(b is None or same(a, b) for a, b in zip(cotangents, expected.cotangents, strict=True))


@settings(max_examples=200)
@given(case=hard_cases())
def test_levels_give_what_the_interpreter_gives_at_ties_and_infinities(case: Case) -> None:
    if any(case.graph.shapes):
        return
    expected = trace(case.graph, case.inputs, case.output)
    values, cotangents = Levels(case.graph, case.output).run(1.0, [case.inputs[n] for n in input_nodes(case.graph)])
    assert all(near(a, b) for a, b in zip(values, expected.values, strict=True))
    assert all(b is None or near(a, b) for a, b in zip(cotangents, expected.cotangents, strict=True))


@pytest.mark.parametrize("operator", [op for op in CATALOGUE.values() if op.scalar is not None], ids=lambda op: op.name)
def test_numpys_functions_are_those_of_the_c_library_to_four_units_in_the_last_place(operator: Operator) -> None:
    random = np.random.default_rng(0)
    xs = [random.uniform(it.low, it.high, 2_000) for it in operator.sample]
    xs = [np.rint(x) if it.integers else x for it, x in zip(operator.sample, xs, strict=True)]
    assert operator.forward is not None
    assert operator.scalar is not None
    with np.errstate(all="ignore"):
        found = np.asarray(operator.forward(*xs), dtype=float)
    expected = np.array([operator.scalar(*row) for row in zip(*[x.tolist() for x in xs], strict=True)])
    size = np.abs(expected)
    if operator.name == "gelu":  # left of 0 it is x times the little that is left of 1 - 1
        size = np.maximum(size, np.abs(xs[0]))
    assert np.all((found == expected) | (np.abs(found - expected) <= 4 * np.spacing(size)))


@pytest.mark.parametrize("operator", [op for op in CATALOGUE.values() if op.into is not None], ids=lambda op: op.name)
def test_what_is_computed_into_an_array_is_what_forward_gives(operator: Operator) -> None:
    xs = [np.array([0.0, -0.0, 1.5, -2.0, math.inf, -math.inf, math.nan]) for _ in operator.sample]
    out = np.empty(7)
    assert operator.forward is not None
    assert operator.into is not None
    with np.errstate(all="ignore"):
        operator.into(*xs, out=out)
        np.testing.assert_array_equal(out, operator.forward(*xs))
