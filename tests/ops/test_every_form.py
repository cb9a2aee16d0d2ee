"""Each operator of the catalogue in every form in which a graph is evaluated: compiled, in place, at many points, in
float32; one node in all of its slots; and differentiated twice."""

from collections.abc import Mapping
from operator import attrgetter
from typing import Any

import numpy as np
import pytest

from app.autodiff.batch import Batch
from app.autodiff.gradient import gradient
from app.autodiff.replay import Replay
from app.autodiff.reverse import trace
from app.diagnostics import ProgramError
from app.graph.builder import Builder
from app.graph.graph import Graph
from app.limits import UNLIMITED
from app.ops.algebra import Value
from app.ops.catalogue import CATALOGUE
from app.ops.operator import Operator, passes

ELEMENTWISE = [op for op in CATALOGUE.values() if op.family == "elementwise" and op.sample]
TENSORS = [op for op in CATALOGUE.values() if op.family == "tensor" and op.sample]
# What gradients of windows are made of: an image and a gradient, which no program can make the same node.
WINDOWS = {"conv_input", "conv_weight", "pool_spread", "avg_spread"}
TWO = [op for op in ELEMENTWISE + TENSORS if len(op.sample) > 1 and op.name not in WINDOWS]
by_name = attrgetter("name")


def graph_of(operator: Operator, xs: list[Any], *, shared: bool = False) -> tuple[Graph, list[int], int]:
    """The operator on inputs (`shared`: on one in all slots), its inputs and its node."""
    b = Builder(UNLIMITED, share=False)
    nodes = [b.input(np.shape(xs[0]))] * len(xs) if shared else [b.input(np.shape(x)) for x in xs]
    out = b.apply(operator, nodes, operator.sample_attributes)
    return b.freeze(), nodes, out


def at(nodes: list[int], xs: list[Any]) -> Mapping[int, Value]:
    return dict(zip(nodes, xs, strict=True))


# ── One node in every slot ───────────────────────────────────────────────────────────────────────────────────────────


def fits(operator: Operator, xs: list[Any]) -> bool:
    """Whether its first operand can stand in all slots."""
    try:
        graph_of(operator, xs, shared=True)
    except ProgramError:
        return False
    return True


@pytest.mark.parametrize("shape", [(), (2, 3)])
@pytest.mark.parametrize("operator", TWO, ids=by_name)
def test_one_node_in_every_slot_gets_the_sum_of_what_two_would(
    operator: Operator, shape: tuple[int, ...], draw: Any
) -> None:
    if operator.family == "tensor" and shape:
        shape = (3, 3)  # what products and systems take twice
    x = draw(operator, 0, shape=shape)[0]
    xs = [x] * len(operator.sample)
    if not fits(operator, xs):
        assert operator.family == "tensor", operator  # a convolution, an index: the slots are of different kinds
        return
    graph, nodes, out = graph_of(operator, xs, shared=True)
    found = trace(graph, at(nodes[:1], xs[:1]), out)
    apart, others, end = graph_of(operator, xs)
    expected = trace(apart, at(others, xs), end)
    parts = expected.contributions[end]
    assert all(np.array_equal(a, b, equal_nan=True) for a, b in zip(found.contributions[out], parts, strict=True))
    total = sum(part for part in parts if part is not None)
    np.testing.assert_allclose(found.cotangents[nodes[0]], total, rtol=1e-14, atol=1e-14)


# ── Compiled, in place, at many points ───────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("shape", [(), (2, 3)])
@pytest.mark.parametrize("operator", ELEMENTWISE + TENSORS, ids=by_name)
def test_a_replay_gives_the_interpreters_bytes(operator: Operator, shape: tuple[int, ...], draw: Any) -> None:
    xs = draw(operator, 1, shape=shape if operator.family == "elementwise" else ())
    graph, nodes, out = graph_of(operator, xs)
    replay = Replay(graph, out)
    for factor in (1.0, 0.5):
        given = [x * factor if factor == 1.0 or not operator.sample[i].integers else x for i, x in enumerate(xs)]
        expected = trace(graph, at(nodes, given), out)
        values, cotangents = replay.numbers(given)
        np.testing.assert_array_equal(values[out], expected.values[out])
        for node in nodes:
            np.testing.assert_array_equal(cotangents[node], expected.cotangents[node])


@pytest.mark.parametrize("operator", ELEMENTWISE, ids=by_name)
def test_many_points_are_each_a_single_one(operator: Operator, draw: Any) -> None:
    rows = [draw(operator, seed) for seed in range(7)]
    graph, nodes, out = graph_of(operator, rows[0])
    columns = {node: np.array([row[i] for row in rows]) for i, node in enumerate(nodes)}
    value, grads = Batch(graph, out).run(columns, {})
    for i, row in enumerate(rows):
        expected = trace(graph, at(nodes, row), out)
        np.testing.assert_allclose(value[i], expected.values[out], rtol=1e-13, atol=1e-15)
        for node in nodes:
            np.testing.assert_allclose(grads[node][i], expected.cotangents[node], rtol=1e-12, atol=1e-15)


# ── float32 ──────────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("operator", ELEMENTWISE + TENSORS, ids=by_name)
def test_float32_is_float64_to_its_own_precision(operator: Operator, draw: Any) -> None:
    xs = draw(operator, 2)
    narrow = [np.float32(x).astype(np.float64) if np.shape(x) else float(np.float32(x)) for x in xs]
    graph, nodes, out = graph_of(operator, narrow)
    single, double = (trace(graph, at(nodes, narrow), out, dtype=dtype) for dtype in ("float32", "float64"))
    for a, b in [
        (single.values[out], double.values[out]),
        *((single.cotangents[n], double.cotangents[n]) for n in nodes),
    ]:
        assert a is not None
        assert not np.shape(a) or np.asarray(a).dtype == np.float32
        np.testing.assert_array_equal(np.float32(a), a)
        np.testing.assert_allclose(a, b, rtol=3e-5, atol=3e-5 * float(np.max(np.abs(b), initial=0.0)))


# ── Second derivatives ───────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("operator", ELEMENTWISE, ids=by_name)
def test_a_second_derivative_agrees_with_differences_of_the_first(operator: Operator, draw: Any) -> None:
    for seed in range(3):
        xs = draw(operator, seed)
        for slot in range(len(xs)):
            if not passes(operator, slot, len(xs)):
                continue
            b = Builder(UNLIMITED)
            nodes = [b.input() for _ in xs]
            (slope,) = gradient(b, b.apply(operator, nodes, operator.sample_attributes), [nodes[slot]])
            assert slope is not None
            graph = b.freeze()
            found = trace(graph, at(nodes, xs), slope)
            for i, node in enumerate(nodes):
                step = 1e-5 * max(1.0, abs(xs[i]))
                high, low = (
                    trace(graph, at(nodes, [x + way * step * (k == i) for k, x in enumerate(xs)]), slope).values[slope]
                    for way in (1, -1)
                )
                numeric = (high - low) / (2 * step)
                assert found.cotangents[node] == pytest.approx(numeric, rel=1e-4, abs=1e-5)
