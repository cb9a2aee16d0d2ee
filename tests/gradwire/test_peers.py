"""What the real libraries compute, drawn: the numbers are theirs. `make test` installs them."""

from typing import Any

import numpy as np
import pytest

from gradwire import show
from gradwire.drawing import read
from gradwire.readers.reading import Graph

pytestmark = pytest.mark.peer
INSTALLED = "`make test` installs it"


def gradients(graph: Graph) -> dict[str, Any]:
    """By label, of what has none but that name."""
    return {node["label"]: node["grad"] for node in graph.nodes if node["op"] in {"input", ""}}


def labels(graph: Graph) -> list[str]:
    return [node["label"] for node in graph.nodes]


def adds_up(graph: Graph) -> bool:
    """Whether each node's gradient is the sum of what flows to it."""
    sums: dict[str, Any] = {}
    for edge in graph.edges:
        if edge["grad"] is not None:
            sums[edge["source"]] = np.add(sums.get(edge["source"], 0.0), edge["grad"])
    return all(np.allclose(node["grad"], sums[node["id"]]) for node in graph.nodes if node["id"] in sums)


# ── HIPS autograd ────────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_function_of_autograd_has_autograds_gradients() -> None:
    autograd = pytest.importorskip("autograd", reason=INSTALLED)
    onp = autograd.numpy

    def f(x: Any, w: Any, b: Any) -> Any:
        h = onp.tanh(onp.dot(w, x) + b)
        return onp.sum(h * h) / 2 + h[0]

    at = (np.array([1.0, 2.0]), np.array([[0.1, 0.2], [0.3, -0.4]]), 1.0)
    graph = read(f, at, {})
    assert labels(graph) == ["x", "w", "b", "·", "+", "tanh", "×", "Σ", "2", "÷", "[0]", "+"]
    found = gradients(graph)
    for i, name in enumerate("xwb"):
        np.testing.assert_allclose(found[name], autograd.grad(f, i)(*at), rtol=1e-15)
    assert adds_up(graph)
    assert show(f, *at).svg.startswith("<svg")


def test_what_autograd_gives_no_gradient_is_a_number() -> None:
    autograd = pytest.importorskip("autograd", reason=INSTALLED)
    onp = autograd.numpy
    graph = read(lambda x: onp.floor(x) * x**2, (), {"x": 1.5})
    assert [(n["label"], n["value"], n["grad"]) for n in graph.nodes] == [
        ("x", 1.5, 3.0), ("2", 2.0, None), ("xⁿ", 2.25, 1.0), ("1", 1.0, None), ("×", 2.25, 1.0),
    ]  # fmt: skip
    with pytest.raises(TypeError, match="does not depend"):
        read(onp.floor, (1.5,), {})


def test_jax_and_autograd_are_told_apart_by_what_a_function_names() -> None:
    autograd = pytest.importorskip("autograd", reason=INSTALLED)
    jnp = pytest.importorskip("jax", reason=INSTALLED).numpy
    onp = autograd.numpy
    assert {n["op"] for n in read(lambda x: onp.exp(x) * 2, (1.0,), {}).nodes} == {
        "input",
        "exp",
        "constant",
        "multiply",
    }
    assert "mul" in {n["op"] for n in read(lambda x: jnp.exp(x) * 2, (1.0,), {}).nodes}

    def inner(x: Any) -> Any:
        return onp.exp(x)

    assert "exp" in {n["op"] for n in read(lambda x: inner(x) + 1, (1.0,), {}).nodes}


# ── JAX ──────────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_function_of_jax_has_jaxs_gradients() -> None:
    jax = pytest.importorskip("jax", reason=INSTALLED)

    @jax.jit
    def squash(v: Any) -> Any:
        return jax.numpy.tanh(v) * v

    def f(params: Any, x: Any) -> Any:
        return jax.nn.relu(squash(params["W"] @ x + params["b"])).sum()

    params = {"W": np.array([[0.1, 0.2], [0.3, -0.4]], np.float32), "b": np.float32(0.5)}
    x = np.array([1.0, 2.0], np.float32)
    graph = read(f, (params, x), {})
    found = gradients(graph)
    weights, inner = jax.grad(f, (0, 1))(params, x)
    np.testing.assert_allclose(found["params['W']"], weights["W"], rtol=1e-6)
    np.testing.assert_allclose(found["params['b']"], weights["b"], rtol=1e-6)
    np.testing.assert_allclose(found["x"], inner, rtol=1e-6)
    assert any(str(node.get("group", "")).startswith("squash") for node in graph.nodes)
    assert show(f, params, x).svg.startswith("<svg")


# ── micrograd ────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_value_of_micrograd_itself_is_drawn() -> None:
    engine = pytest.importorskip("micrograd.engine", reason=INSTALLED)
    a, b = engine.Value(-4.0), engine.Value(2.0)
    c = a + b
    d = (a * b + b**3).relu() + c
    d.backward()
    graph = read(d, (), {"a": a, "b": b})
    assert gradients(graph) == {"a": a.grad, "b": b.grad}
    assert show(d, a=a, b=b).svg.startswith("<svg")
