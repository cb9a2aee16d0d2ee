"""The estimate: an upper bound of what an evaluation allocates, known before it is made."""

import tracemalloc

import numpy as np
import pytest
from hypothesis import given, settings

from app.autodiff.reverse import trace
from app.diagnostics import ProgramError
from app.graph.builder import Builder
from app.graph.cost import estimate
from app.graph.graph import Graph
from app.limits import UNLIMITED, Limits
from app.ops.algebra import Value
from tests.autodiff.graphs import Case, apply, scalar_cases, tensor_cases

NODE_BYTES = 600  # of Python objects for each node: tuples, floats, array headers


def peak(graph: Graph, inputs: dict[int, Value], output: int) -> int:
    trace(graph, inputs, output)  # what is made once (compiled rules) is made
    tracemalloc.start()
    trace(graph, inputs, output)
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    return most


@settings(max_examples=40)
@given(case=tensor_cases())
def test_no_random_circuit_takes_more(case: Case) -> None:
    bound = estimate(case.graph)
    assert peak(case.graph, case.inputs, case.output) <= bound.bytes + NODE_BYTES * len(case.graph) + 20_000


@settings(max_examples=20)
@given(case=scalar_cases())
def test_no_random_circuit_of_numbers_takes_more(case: Case) -> None:
    bound = estimate(case.graph)
    assert bound.elements >= 2 * len(case.graph)
    assert peak(case.graph, case.inputs, case.output) <= bound.bytes + NODE_BYTES * len(case.graph) + 20_000


@pytest.mark.parametrize(
    "name", ["tanh", "exp", "square", "sum", "cumsum", "transpose", "logsumexp", "var", "norm", "mean"]
)
def test_a_large_tensor_takes_no_more_than_estimated(name: str) -> None:
    b = Builder(UNLIMITED)
    x = b.input((200, 300))
    out = apply(b, name, x)
    graph = b.freeze()
    at: dict[int, Value] = {x: np.random.default_rng(0).uniform(0.5, 1, (200, 300))}
    assert peak(graph, at, out) <= estimate(graph).bytes + 100_000


def test_a_product_takes_no_more_than_estimated() -> None:
    b = Builder(UNLIMITED)
    x, w = b.input((300, 200)), b.input((200, 100))
    out = apply(b, "matmul", x, w)
    graph = b.freeze()
    assert peak(graph, {x: np.ones((300, 200)), w: np.ones((200, 100))}, out) <= estimate(graph).bytes + 100_000
    assert estimate(graph).flops >= 3 * 2 * 300 * 200 * 100


def test_a_limit_is_met_before_anything_is_allocated() -> None:
    tracemalloc.start()
    b = Builder(Limits())
    x = b.input((1_000_000,))
    with pytest.raises(ProgramError, match=r"limit\.(flops|elements)"):
        apply(b, "outer", x, x)
    with pytest.raises(ProgramError, match=r"limit\.(flops|elements)"):
        apply(b, "broadcast_to", x, shape=(1_000_000, 1_000_000))
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert most < 1_000_000
