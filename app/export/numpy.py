"""The circuit as a NumPy program: forward, and backward written out gate by gate, so that nothing else is needed."""

import inspect
from collections.abc import Mapping

from app.export import Format, Subject
from app.export.code import cases, numpy_helpers
from app.export.code.backward import with_gradient
from app.export.code.listing import Case, Gate, Language, literal, rows, uniform
from app.export.code.names import quoted
from app.export.code.program import Written, biased, call, joined, like_numpy, many, named, report
from app.ops.algebra import Array
from app.ops.spelling import python


def number(x: float) -> str:
    """A number as NumPy counts with it: IEEE where Python raises."""
    return f"np.float64({x!r})" if x - x == 0 else f"np.float64({quoted(str(x))})"


def array(value: Array) -> str:
    """An array as NumPy makes one."""
    same = uniform(value)
    if same is None:
        return f"np.array({rows(value)})" if value.size else f"np.zeros({value.shape})"
    return f"np.zeros({value.shape})" if same == 0 else f"np.ones({value.shape})" if same == 1 else (
        f"np.full({value.shape}, {literal(same)})"
    )  # fmt: skip


def write(subject: Subject) -> str:
    """A program that holds `value` and `grads`, and prints them."""
    assert subject.program is not None
    assert subject.trace is not None
    graph, gradients = with_gradient(subject.program, subject.trace, subject.limits)
    written = Written(subject, LANGUAGE, graph)
    listing, program = written.listing, written.program
    wanted = [g for i in program.inputs if (g := gradients[i.node]) is not None and not listing.scalar(g)]
    listing.write([program.output], later=wanted, kept=named(written), headings=written.headings)
    forward, listing.lines = listing.lines, []
    names = dict(listing.preferred)
    for node in sorted(range(len(gradients)), key=lambda node: not program.names[node]):
        gradient = gradients[node]
        if gradient is not None and gradient >= len(program.graph) and listing.texts.get(node, "(").isidentifier():
            names.setdefault(gradient, f"d_{listing.texts[node]}")
    listing.preferred = names
    listing.write(wanted)
    backward = listing.lines
    value = written.output()
    inputs = [f"{name} = {text}" for name, text in written.given()]
    entries = [f"    {quoted(i.name)}: {gradient_of(written, i.node, gradients[i.node])}," for i in program.inputs]
    return joined([
        '"""A circuit\'s value and gradients in NumPy, the backward pass written out."""',
        "",
        *(["import math", ""] if any("math." in text for text in listing.prelude()) else []),
        "import numpy as np",
        "",
        'np.seterr(all="ignore")  # infinities and NaN are values',
        "",
        (f"\n{text}\n\n" for text in listing.prelude()),
        written.source(),
        *(["# Inputs", *inputs, ""] if inputs else []),
        *(["# Forward", *forward, ""] if forward else []),
        *(["# Backward: d_x is the gradient of the output with respect to x", *backward, ""] if backward else []),
        f"value = {value}",
        "grads = {",
        *entries,
        "}",
        "",
        *report("print"),
    ])  # fmt: skip


def gradient_of(written: Written, node: int, gradient: int | None) -> str:
    """The text of an input's gradient: zeros where the output does not depend on it."""
    if gradient is None:
        return f"np.zeros_like({written.inputs[node]})"
    text = written.listing.texts.get(gradient)
    return text if text is not None else literal(float(written.listing.graph.constants[gradient]))


# ── What needs code ──────────────────────────────────────────────────────────────────────────────────────────────────


def _elu(gate: Gate) -> str:
    alpha = f"{gate.texts[1]} * " if len(gate.texts) > 1 else ""
    x = gate.named(0)
    return f"np.where({x} <= 0, {alpha}np.expm1({x}), {x})"


def _softplus(gate: Gate) -> str:
    x = gate.named(0)
    return f"np.where({x} > 20, {x}, np.log1p(np.exp({x})))"


def _gelu(gate: Gate) -> str:
    x = gate.named(0)
    return f"(0.5 * {x} * (1 + {gate.helper('erf')}({x} * 0.7071067811865476)))"


def _where(gate: Gate) -> str:
    """A comparison that stands in it need not be a number."""
    return f"np.where({gate.texts[0].removesuffix('.astype(float)')}, {gate.texts[1]}, {gate.texts[2]})"


def _not(gate: Gate) -> str:
    return f"np.logical_not({gate.texts[0].removesuffix('.astype(float)')}).astype(float)"


def _index(gate: Gate) -> str:
    return f"{gate.named(0)}[{cases.index(gate, 'np.array')}]"


def _scatter(gate: Gate) -> str:
    return f"{gate.helper('scatter')}({gate.texts[0]}, {cases.places(cases.scattered(gate))}, {gate.shape})"


def _convolution(gate: Gate) -> str:
    options = cases.convolution(gate)
    name = gate.operator.name
    if name.startswith("conv_"):
        return f"{gate.helper(name)}({gate.texts[0]}, {gate.texts[1]}, {gate.shape}, {options})"
    return biased(gate, f"{gate.helper('conv')}({gate.texts[0]}, {gate.texts[1]}, {options})", "np.reshape")


def _pool(gate: Gate) -> str:
    size, stride, padding = cases.pooling(gate)
    name = gate.helper(gate.operator.name.removesuffix("2d"))
    shape = f", {gate.shape}" if gate.operator.name == "avg_spread" else ""
    return f"{name}({', '.join(gate.texts)}{shape}, {size}, {stride}, {padding})"


def _norm(gate: Gate) -> str:
    axis, keep = python(gate.attributes["axis"]), gate.attributes["keepdims"]
    return f"np.sqrt(np.sum(np.square({gate.texts[0]}), axis={axis}, keepdims={keep}))"


CASES: Mapping[str, Case] = {
    **like_numpy("np"),
    "erf": call("erf({0})", "erf"),
    "elu": _elu,
    "softplus": _softplus,
    "gelu": _gelu,
    "maximum": many("np.maximum({})", "np.max(np.broadcast_arrays({}), axis=0)"),
    "minimum": many("np.minimum({})", "np.min(np.broadcast_arrays({}), axis=0)"),
    "where": _where,
    "and": call("np.logical_and({0}, {1}).astype(float)"),
    "or": call("np.logical_or({0}, {1}).astype(float)"),
    "not": _not,
    "clip": lambda gate: f"np.clip({', '.join(gate.texts)})" if len(gate.texts) == 3 else (
        f"np.maximum({', '.join(gate.texts)})" if len(gate.texts) == 2 else gate.texts[0]
    ),
    "index": _index,
    "index_add": _scatter,
    **dict.fromkeys(("pick", "take_along_axis", "take"), call("np.take({0}, {places})")),
    "prod_others": call("prod_others({0}, {axis})", "prod_others"),
    "logsumexp": call("logsumexp({0}, {axis}, {keepdims})", "logsumexp"),
    "norm": _norm,
    **dict.fromkeys(("conv1d", "conv2d", "conv_input", "conv_weight"), _convolution),
    **dict.fromkeys(("max_pool2d", "pool_spread", "pool_pick", "avg_pool2d", "avg_spread"), _pool),
}  # fmt: skip

HELPERS = {
    name: inspect.getsource(function)
    for name, function in vars(numpy_helpers).items()
    if inspect.isfunction(function) and function.__module__ == numpy_helpers.__name__
}

LANGUAGE = Language(
    framework="numpy", number=number, array=array, calls=("np.",), cases=CASES, helpers=HELPERS,
    reserved=frozenset({"np", "math", "numpy"}),
)  # fmt: skip

FORMAT = Format(name="numpy", media_type="text/x-python", extension="py", write=write, computes=True)
