"""Paths: the largest first, counts exact, lengths that add up to the gradient."""

import math
import time
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.analysis.blocks import blocks
from app.analysis.paths import Lengths, lengths, paths
from app.autodiff.local import locals_of
from app.autodiff.reverse import trace
from app.autodiff.trace import Trace
from app.diagnostics import ProgramError
from app.graph.builder import Builder
from app.graph.program import Program
from app.limits import UNLIMITED, Limits
from app.ops.algebra import Value
from app.ops.operator import passes
from tests.autodiff.graphs import Case, apply, builder_of, program, scalar_cases

LIMITS = Limits()


def residual(count: int, w: float = 0.5) -> Program:
    """h = h + w*h, `count` times."""
    b = Builder(UNLIMITED)
    h = x = b.input()
    for _ in range(count):
        h = apply(b, "add", h, apply(b, "mul", h, w))
    return program(b, h, {"x": (x, 1.0)})


def all_paths(made: Program, source: int) -> list[tuple[tuple[int, ...], float]]:
    """By brute force: every way from the output back."""
    found = trace(made.graph, made.values(), made.output)
    ways: list[tuple[tuple[int, ...], float]] = []
    waiting = [((made.output,), 1.0)]
    while waiting:
        nodes, product = waiting.pop()
        if nodes[0] == source:
            ways.append((nodes, product))
            continue
        slopes = locals_of(made.graph, found.values, nodes[0])
        for slot, operand in enumerate(made.graph.operands[nodes[0]]):
            waiting.append(((operand, *nodes), product * (slopes[slot] or 0.0)))
    return ways


@settings(max_examples=60)
@given(case=scalar_cases(most=12))
def test_the_largest_come_first_and_none_is_missed(case: Case) -> None:
    b = builder_of(case.graph)
    made = program(b, case.output, {f"i{n}": (n, v) for n, v in case.inputs.items()})
    found = trace(made.graph, made.values(), made.output)
    for one in made.inputs:
        brute = all_paths(made, one.node)
        answer = paths(made, found, one.name, 10, LIMITS)
        assert answer.total == len(brute)
        assert len(answer.paths) == min(10, len(brute))
        sizes = [abs(p.product) for p in answer.paths]
        assert all(a >= b or math.isnan(a) for a, b in pairwise(sizes))
        if all(math.isfinite(product) for _, product in brute):
            best = sorted((abs(product) for _, product in brute), reverse=True)[:10]
            assert np.allclose(sizes, best, rtol=1e-9)
        by_length = lengths(made, found, one.name, LIMITS)
        assert sum(int(row.count) for row in by_length.lengths) == len(brute)
        assert_adds_up(by_length, magnitude(made, found, one.node))


def assert_adds_up(found: Lengths, magnitude: float) -> None:
    """To rounding: 1e-12 of the sum of all paths' magnitudes, where that is a number. Paths of opposite signs cancel
    within a length as well as between lengths, so no smaller measure would do."""
    total = sum(row.sum for row in found.lengths)
    assert not math.isfinite(magnitude) or abs(total - found.grad) <= 1e-12 * magnitude


def magnitude(made: Program, found: Trace, source: int) -> float:
    """The sum of |product| over the paths from `source`, but for those that a rule cuts."""
    graph = made.graph
    sums = {made.output: 1.0}
    for node in range(made.output, source, -1):
        operands = graph.operands[node]
        for slot, (operand, slope) in enumerate(zip(operands, locals_of(graph, found.values, node), strict=True)):
            if node in sums and slope is not None and passes(graph.operators[node], slot, len(operands)):
                sums[operand] = sums.get(operand, 0.0) + sums[node] * abs(slope)
    return sums.get(source, 0.0)


@settings(max_examples=40)
@given(case=scalar_cases(most=200))
def test_lengths_of_larger_circuits_add_up_to_the_gradient(case: Case) -> None:
    b = builder_of(case.graph)
    made = program(b, case.output, {f"i{n}": (n, v) for n, v in case.inputs.items()})
    found = trace(made.graph, made.values(), made.output)
    for one in made.inputs:
        assert_adds_up(lengths(made, found, one.name, LIMITS), magnitude(made, found, one.node))


def test_what_a_rule_cuts_is_zero_however_steep_it_is() -> None:
    b = Builder(UNLIMITED)
    x = b.input()
    steep = apply(b, "exp", apply(b, "mul", x, 1e6))
    out = apply(b, "add", apply(b, "stop_gradient", steep), x)
    made = program(b, out, {"x": (x, 1.0)})
    found = trace(made.graph, made.values(), out)
    assert [(row.length, row.count, row.sum) for row in lengths(made, found, "x", LIMITS).lengths] == [
        (1, 1, 1.0), (4, 1, 0.0),
    ]  # fmt: skip
    assert [(p.length, p.product) for p in paths(made, found, "x", 5, LIMITS).paths] == [(1, 1.0), (4, 0.0)]


def test_what_a_condition_selects_away_is_zero_however_large_it_is() -> None:
    b = Builder(UNLIMITED)
    x = b.input()
    out = apply(b, "mul", apply(b, "mul", apply(b, "relu", x), 1e200), 1e200)
    made = program(b, out, {"x": (x, -1.0)})
    found = trace(made.graph, made.values(), out)
    assert [row.sum for row in lengths(made, found, "x", LIMITS).lengths] == [0.0] == [found.cotangents[x]]


@settings(max_examples=60)
@given(
    kinds=st.lists(st.sampled_from(["block", "plain", "twice", "shared"]), min_size=1, max_size=7),
    seed=st.integers(0, 99),
)
def test_blocks_add_up_to_the_gradient(kinds: list[str], seed: int) -> None:
    b = Builder(UNLIMITED)
    random = np.random.default_rng(seed)
    values: dict[str, tuple[int, Value]] = {}
    h = x = b.input((2, 3))
    values["x"] = (x, random.normal(size=(2, 3)))
    for i, kind in enumerate(kinds):
        w = b.input((3, 3)) if kind != "shared" or i == 0 else next(n for k, (n, _) in values.items() if k[0] == "W")
        values.setdefault(f"W{i}" if w == len(b) - 1 else "W0", (w, random.normal(size=(3, 3))))
        inner = apply(b, "tanh", apply(b, "matmul", h, w))
        if kind == "plain":
            h = inner
        elif kind == "twice":
            h = apply(b, "add", apply(b, "mul", inner, inner), h)
        else:
            h = apply(b, "add", h, inner)
    made = program(b, apply(b, "sum", h), values)
    found = trace(made.graph, made.values(), made.output)
    for one in made.inputs:
        answer = blocks(made, found, one.name, LIMITS)
        total = sum(share.sum for share in answer.blocks)
        largest = max(float(np.max(np.abs(share.sum))) for share in answer.blocks)
        assert np.all(np.abs(total - answer.grad) <= 1e-12 * largest)


def test_a_path_names_its_nodes_and_its_wires() -> None:
    b = Builder(UNLIMITED)
    x, y = b.input(), b.input()
    out = apply(b, "mul", apply(b, "add", apply(b, "mul", x, y), x), 2.0)
    made = program(b, out, {"x": (x, 3.0), "y": (y, -4.0)})
    found = paths(made, trace(made.graph, made.values(), out), "x", 5, LIMITS)
    assert found.grad == -6.0
    assert [(p.nodes, p.product, p.length) for p in found.paths] == [
        (("x", "n2", "n3", "n5"), -8.0, 3), (("x", "n3", "n5"), 2.0, 2),
    ]  # fmt: skip


def test_two_wires_between_two_nodes_are_two_paths() -> None:
    b = Builder(UNLIMITED)
    x = b.input()
    out = apply(b, "mul", x, x)
    made = program(b, out, {"x": (x, 3.0)})
    assert [p.product for p in paths(made, trace(made.graph, made.values(), out), "x", 5, LIMITS).paths] == [3.0, 3.0]


@pytest.mark.parametrize("w", [0.5, 1.0, 0.0, 1.1])
def test_astronomically_many_paths_are_counted_and_the_largest_found(w: float) -> None:
    made = residual(2_000, w)
    found = trace(made.graph, made.values(), made.output)
    start = time.perf_counter()
    answer = paths(made, found, "x", 20, LIMITS)
    assert time.perf_counter() - start < 5
    assert len(answer.paths) == 20
    assert isinstance(answer.total, str)
    assert int(answer.total) == 2**2_000
    assert answer.paths[0].length == (4_000 if w > 1 else 2_000) or w in (1.0, 0.0)


def test_a_count_of_thirty_thousand_digits_is_written_out() -> None:
    made = residual(20_000, 0.0)
    found = trace(made.graph, made.values(), made.output)
    total = paths(made, found, "x", 1, LIMITS).total
    assert isinstance(total, str)
    assert len(total) == int(20_000 * math.log10(2)) + 1


def test_lengths_are_binomial_in_a_residual_stack() -> None:
    made = residual(30)
    answer = lengths(made, trace(made.graph, made.values(), made.output), "x", LIMITS)
    assert [row.length for row in answer.lengths] == list(range(30, 61))
    assert [row.count for row in answer.lengths] == [math.comb(30, k) for k in range(31)]
    assert [row.sum for row in answer.lengths] == [math.comb(30, k) * 0.5**k for k in range(31)]
    assert math.fsum(row.sum for row in answer.lengths) == answer.grad


def test_blocks_split_the_gradient_of_a_tensor() -> None:
    b = Builder(UNLIMITED)
    h = x = b.input((2, 3))
    ws = [b.input((3, 3)) for _ in range(4)]
    for w in ws:
        h = apply(b, "add", h, apply(b, "tanh", apply(b, "matmul", h, w)))
    out = apply(b, "sum", apply(b, "square", h))
    random = np.random.default_rng(1)
    values = {"x": (x, random.normal(size=(2, 3)))} | {
        f"W{i}": (w, random.normal(size=(3, 3))) for i, w in enumerate(ws)
    }
    made = program(b, out, values)
    found = trace(made.graph, made.values(), out)
    answer = blocks(made, found, "x", LIMITS)
    assert [(s.blocks, s.count) for s in answer.blocks] == [(0, 1), (1, 4), (2, 6), (3, 4), (4, 1)]
    assert np.allclose(sum(s.sum for s in answer.blocks), found.cotangents[x])
    assert np.allclose(answer.blocks[0].sum, 2 * found.values[h])
    inner = blocks(made, found, "W1", LIMITS)
    assert [(s.blocks, s.count) for s in inner.blocks] == [(1, 1), (2, 2), (3, 1)]
    assert np.allclose(sum(s.sum for s in inner.blocks), found.cotangents[ws[1]])


def test_paths_too_long_to_list_are_refused() -> None:
    made = residual(3_000)
    with pytest.raises(ProgramError, match=r"limit\.(answer|flops)"):
        paths(made, trace(made.graph, made.values(), made.output), "x", 1_000, LIMITS)


def test_tensors_have_no_list_of_paths() -> None:
    b = Builder(UNLIMITED)
    x = b.input((2,))
    made = program(b, apply(b, "sum", x), {"x": (x, np.ones(2))})
    with pytest.raises(ProgramError, match=r"type\.number"):
        paths(made, trace(made.graph, made.values(), made.output), "x", 5, LIMITS)


def test_an_input_that_is_not_there_is_said() -> None:
    made = residual(1)
    with pytest.raises(ProgramError, match=r"name\.unknown"):
        paths(made, trace(made.graph, made.values(), made.output), "q", 5, LIMITS)
