"""Graphs of other tools, read from look-alikes that have the same attributes."""

import sys
from collections.abc import Callable, Sequence
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from gradwire.drawing import read
from gradwire.numbers import plain, told
from gradwire.readers.reading import Graph, ordered
from tests.gradwire.micrograd_value import Value


def named(graph: Graph, label: str) -> dict[str, Any]:
    (found,) = [node for node in graph.nodes if node["label"] == label]
    return found


def flows(graph: Graph) -> list[tuple[str, str, Any]]:
    labels = {node["id"]: node["label"] for node in graph.nodes}
    return sorted((labels[e["source"]], labels[e["target"]], e["grad"]) for e in graph.edges)


# ── micrograd ────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_value_of_micrograd_is_drawn_with_what_flows_along_each_wire() -> None:
    x, y = Value(3.0, label="x"), Value(-4.0, label="y")
    q = x * y
    q.label = "q"
    out = q + (q * y)
    out.backward()
    graph = read(out, (), {})
    assert named(graph, "q ×")["value"] == -12.0
    assert named(graph, "q ×")["grad"] == -3.0
    assert flows(graph) == [
        ("q ×", "+", 1.0),
        ("q ×", "×", -4.0),
        ("x", "q ×", 12.0),
        ("y", "q ×", -9.0),
        ("y", "×", -12.0),
        ("×", "+", 1.0),
    ]
    assert graph.output == named(graph, "+")["id"]


def test_a_value_times_itself_is_one_wire_of_micrograds() -> None:
    x = Value(3.0)
    out = x * x + x
    out.backward()
    assert [grad for _, _, grad in flows(read(out, (), {"x": x}))] == [1.0, 6.0, 1.0]


def test_a_chain_of_many_thousands_is_read_without_recursion() -> None:
    value = one = Value(1.0)
    for _ in range(20_000):
        value = value * one
    assert len(read(value, (), {}).nodes) == 20_001


def test_a_function_of_values_is_called() -> None:
    graph = read(lambda a, b: a * b, (Value(2.0, label="a"), Value(3.0, label="b")), {})
    assert named(graph, "×")["value"] == 6.0


# ── PyTorch ──────────────────────────────────────────────────────────────────────────────────────────────────────────


class Tensor:
    """A tensor of one number, as far as a reader looks."""

    __module__ = "torch"

    def __init__(self, value: float, grad_fn: "Function | None" = None) -> None:
        self.value, self.grad_fn, self.grad, self.shape = value, grad_fn, None, ()

    def detach(self) -> "Tensor":
        return self

    def tolist(self) -> float:
        return self.value


class Function:
    """What stands behind a tensor: `back` gives from a gradient those of its operands."""

    def __init__(self, name: str, operands: Sequence["Function"], back: Callable[[float], tuple[float, ...]]) -> None:
        self._name, self.back = name, back
        self.next_functions = [(each, 0) for each in operands]
        self.hooks: list[Any] = []

    def name(self) -> str:
        return self._name

    def register_hook(self, hook: Any) -> Any:
        self.hooks.append(hook)
        return SimpleNamespace(remove=lambda: self.hooks.remove(hook))


class Leaf(Function):
    def __init__(self, variable: Tensor) -> None:
        super().__init__("torch::autograd::AccumulateGrad", (), lambda g: ())
        self.variable = variable


def engine(freed: bool) -> Any:
    """`torch`, with its backward pass over these functions."""

    def grad(y: Tensor, leaves: list[Tensor], seed: Tensor, *, retain_graph: bool, allow_unused: bool) -> Any:
        assert retain_graph
        assert allow_unused
        if freed:
            raise RuntimeError("Trying to backward through the graph a second time")
        assert y.grad_fn is not None
        order = ordered([y.grad_fn], lambda f: [g for g, _ in f.next_functions])
        into = {id(y.grad_fn): seed.value}
        for f in reversed(order):
            parts = f.back(into[id(f)])
            for hook in list(f.hooks):
                hook(tuple(map(Tensor, parts)), (Tensor(into[id(f)]),))
            for (g, _), part in zip(f.next_functions, parts, strict=True):
                into[id(g)] = into.get(id(g), 0.0) + part
        sums = {id(f.variable): into[id(f)] for f in order if isinstance(f, Leaf)}
        return [Tensor(sums[id(leaf)]) for leaf in leaves]

    return SimpleNamespace(ones_like=lambda y: Tensor(1.0), autograd=SimpleNamespace(grad=grad))


def product(monkeypatch: pytest.MonkeyPatch, *, freed: bool) -> tuple[Tensor, Tensor, Tensor]:
    """z = x·y + x at x = 2, y = 3."""
    monkeypatch.setitem(sys.modules, "torch", engine(freed))
    x, y = Tensor(2.0), Tensor(3.0)
    fx, fy = Leaf(x), Leaf(y)
    times = Function("MulBackward0", (fx, fy), lambda g: (3 * g, 2 * g))
    return Tensor(8.0, Function("AddBackward0", (times, fx), lambda g: (g, g))), x, y


def test_a_tensor_is_drawn_with_a_backward_pass_of_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    z, x, y = product(monkeypatch, freed=False)
    graph = read(z, (), {"x": x, "y": y})
    assert [(n["label"], n["value"], n["grad"]) for n in graph.nodes] == [
        ("x", 2.0, 4.0), ("y", 3.0, 2.0), ("×", None, 1.0), ("+", 8.0, 1.0),
    ]  # fmt: skip
    assert flows(graph) == [("x", "+", 1.0), ("x", "×", 3.0), ("y", "×", 2.0), ("×", "+", 1.0)]
    assert x.grad is None
    assert z.grad_fn is not None
    assert z.grad_fn.hooks == []


def test_a_freed_graph_is_drawn_without_what_is_not_known(monkeypatch: pytest.MonkeyPatch) -> None:
    z, x, _ = product(monkeypatch, freed=True)
    x.grad = Tensor(4.0)  # type: ignore[assignment]
    graph = read(z, (), {"x": x})
    assert (named(graph, "x")["grad"], named(graph, "+")["grad"]) == (4.0, None)


def test_parameters_of_a_module_are_called_as_it_calls_them(monkeypatch: pytest.MonkeyPatch) -> None:
    z, x, y = product(monkeypatch, freed=False)
    module = SimpleNamespace(named_parameters=lambda: [("layer.weight", x), ("layer.bias", y)])
    assert {"layer.weight", "layer.bias"} <= {node["label"] for node in read(z, (module,), {}).nodes}


# ── JAX ──────────────────────────────────────────────────────────────────────────────────────────────────────────────


class Primitive:
    multiple_results = False

    def __init__(self, name: str, f: Callable[..., Any]) -> None:
        self.name, self.f = name, f

    def get_bind_params(self, params: dict[str, Any]) -> dict[str, Any]:
        return dict(params)

    def bind(self, *values: Any, **params: Any) -> Any:
        return self.f(*values, **params)


def equation(kind: str, f: Callable[..., Any], ins: Sequence[Any], out: Any, **params: Any) -> Any:
    return SimpleNamespace(primitive=Primitive(kind, f), invars=list(ins), outvars=[out], params=params)


def jaxpr(ins: Sequence[Any], equations: Sequence[Any], out: Any) -> Any:
    return SimpleNamespace(constvars=[], invars=list(ins), eqns=list(equations), outvars=[out])


def vjp(f: Callable[..., Any], *xs: float) -> tuple[Any, Callable[[float], tuple[float, ...]]]:
    """By central differences."""
    h = 1e-6

    def slope(i: int) -> float:
        ends = [f(*(x + s * h * (j == i) for j, x in enumerate(xs))) for s in (1, -1)]
        return float(ends[0] - ends[1]) / (2 * h)

    return f(*xs), lambda g: tuple(round(g * slope(i), 6) for i in range(len(xs)))


def fake_jax(closed: Any) -> Any:
    def flatten(tree: tuple[tuple[Any, ...], dict[str, Any]]) -> Any:
        args, named = tree
        leaves = [((SimpleNamespace(idx=0), SimpleNamespace(idx=i)), value) for i, value in enumerate(args)]
        leaves += [((SimpleNamespace(idx=1), SimpleNamespace(key=key)), value) for key, value in named.items()]
        return leaves, None

    tree_util = SimpleNamespace(tree_flatten_with_path=flatten, keystr=lambda path: "")
    return SimpleNamespace(make_jaxpr=lambda f: lambda *a, **k: closed, tree_util=tree_util, numpy=np, vjp=vjp)


def test_a_function_of_jax_is_evaluated_and_differentiated_along_its_jaxpr(monkeypatch: pytest.MonkeyPatch) -> None:
    inner = jaxpr(["a"], [equation("tanh", np.tanh, ["a"], "b")], "b")
    body = jaxpr(
        ["x", "y"],
        [
            equation("mul", lambda a, b: a * b, ["x", "y"], "q"),
            equation("jit", lambda *_: None, ["q"], "r", jaxpr=SimpleNamespace(jaxpr=inner, consts=[]), name="squash"),
            equation("convert_element_type", lambda a: a, ["r"], "s"),
            equation("add", lambda a, b: a + b, ["s", SimpleNamespace(val=2.0)], "t"),
            equation("mul", lambda a, b: a * b, ["t", "x"], "u"),
        ],
        "u",
    )
    monkeypatch.setitem(sys.modules, "jax", fake_jax(SimpleNamespace(jaxpr=body, consts=[])))
    graph = read(lambda x, y: None, (0.5,), {"y": 2.0})
    assert [(n["label"], n.get("group")) for n in graph.nodes] == [
        ("x", None), ("y", None), ("×", None), ("tanh", "squash#1"), ("2", None), ("+", None), ("×", None),
    ]  # fmt: skip
    assert named(graph, "2")["grad"] is None
    t, slope = np.tanh(1.0), 1 - np.tanh(1.0) ** 2
    assert named(graph, "y")["grad"] == pytest.approx(0.5 * 0.5 * slope, rel=1e-4)
    assert named(graph, "x")["grad"] == pytest.approx(t + 2 + 0.5 * 2 * slope, rel=1e-4)


# ── What is none of these ────────────────────────────────────────────────────────────────────────────────────────────


def test_what_cannot_be_drawn_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(sys.modules, "jax", raising=False)
    with pytest.raises(TypeError, match="a float cannot be drawn"):
        read(2.0, (), {})
    with pytest.raises(TypeError, match="with its arguments"):
        read(lambda: lambda: 1, (), {})


def test_values_are_told_as_json_has_them() -> None:
    assert told(np.array([[1.0, np.inf], [np.nan, -np.inf]])) == [[1.0, "Infinity"], ["NaN", "-Infinity"]]
    assert told("text") is None
    assert told(np.zeros(200_000)) is None
    assert plain((1, np.float64(2.0))) == [1, 2.0]
