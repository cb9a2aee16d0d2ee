"""The same text with and without sharing: another graph, the same numbers."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from app.autodiff.reverse import trace
from app.graph.program import Program
from app.lang import lower
from app.limits import Limits

LIMITS = Limits()
LEAVES = st.sampled_from(["x", "y", "z", "2", "0.5"])


def deeper(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    pairs = st.tuples(inner, st.sampled_from(["+", "-", "*"]), inner).map(lambda t: f"({t[0]} {t[1]} {t[2]})")
    calls = st.tuples(st.sampled_from(["tanh", "sin", "relu", "sigmoid"]), inner).map(lambda t: f"{t[0]}({t[1]})")
    twice = inner.map(lambda text: f"({text} * {text})")
    return pairs | calls | twice


def grads(program: Program) -> dict[str, object]:
    found = trace(program.graph, program.values(), program.output)
    return {"value": found.values[program.output]} | {one.name: found.cotangents[one.node] for one in program.inputs}


@settings(max_examples=60)
@given(source=st.recursive(LEAVES, deeper, max_leaves=12).map(lambda text: f"{text} + x*y + z"))
def test_sharing_changes_no_number(source: str) -> None:
    inputs = {"x": 0.3, "y": -0.7, "z": 1.1}
    shared, apart = (lower(source, inputs, limits=LIMITS, share=share) for share in (True, False))
    assert len(shared.graph) <= len(apart.graph)
    one, two = grads(shared), grads(apart)
    assert one.keys() == two.keys()
    assert all(np.isclose(one[key], two[key], rtol=1e-12, atol=1e-12) for key in one)


@settings(max_examples=40)
@given(source=st.recursive(LEAVES, deeper, max_leaves=6).map(lambda text: f"f = {text} + x*y + z\ngrad(f, x)"))
def test_sharing_changes_no_derivative_that_is_part_of_the_graph(source: str) -> None:
    inputs = {"x": 0.3, "y": -0.7, "z": 1.1}
    one, two = (grads(lower(source, inputs, limits=LIMITS, share=share)) for share in (True, False))
    assert one.keys() == two.keys()
    assert all(np.isclose(one[key], two[key], rtol=1e-12, atol=1e-12) for key in one)
