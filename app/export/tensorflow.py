"""The circuit as a TensorFlow program, differentiated by a gradient tape."""

from collections.abc import Mapping

import numpy as np

from app.export import Format, Subject
from app.export.code import cases
from app.export.code.listing import Case, Gate, Language, literal, rows, uniform
from app.export.code.names import quoted
from app.export.code.program import Written, biased, call, clipped, joined, leaky, masked, named, padded, report, summed
from app.export.code.tensorflow_helpers import HELPERS
from app.ops.algebra import Array
from app.ops.spelling import python


def number(x: float) -> str:
    """A number as a tensor."""
    return f"tf.constant({x!r}, tf.float64)" if x - x == 0 else f"tf.constant({literal(x)}, tf.float64)"


def array(value: Array) -> str:
    """An array as a tensor."""
    same = uniform(value)
    if same is None:
        return f"tf.constant({rows(value)}, tf.float64, {value.shape})"
    return f"tf.fill({value.shape}, {number(same)})"


def write(subject: Subject) -> str:
    """A program that holds `value` and `grads`, and prints them."""
    written = Written(subject, LANGUAGE)
    listing, program = written.listing, written.program
    listing.write([program.output], kept=named(written), headings=written.headings)
    inputs = [f"{name} = tf.Variable({text})" for name, text in written.given()]
    prelude = listing.prelude()
    output = written.output()
    entries = ", ".join(f"{quoted(i.name)}: {written.inputs[i.node]}" for i in program.inputs)
    given = written.trace.seed
    ones = np.all(np.equal(given, 1.0))
    seed = "" if ones else f", output_gradients={listing.value(given)}"
    differentiable = program.graph.differentiable[program.output]
    zeros = "unconnected_gradients=tf.UnconnectedGradients.ZERO"
    return joined([
        '"""A circuit\'s value and gradients in TensorFlow."""',
        "",
        "import tensorflow as tf",
        "",
        (f"\n{text}\n\n" for text in prelude),
        written.source(),
        *(["# Inputs", *inputs, ""] if inputs else []),
        "with tf.GradientTape() as tape:",
        *(f"    {line}".rstrip() for text in listing.lines for line in text.split("\n")),
        f"    value = {output}",
        f"inputs = {{{entries}}}",
        f"grads = tape.gradient(value, inputs{seed}, {zeros})" if differentiable
        else "grads = {name: tf.zeros_like(x) for name, x in inputs.items()}",
        "",
        *report("tf.print"),
    ])  # fmt: skip


# ── What needs code ──────────────────────────────────────────────────────────────────────────────────────────────────


def _spread(gate: Gate) -> str:
    """The operands in the result's shape, side by side."""
    texts = [
        text if shape == gate.shape else f"tf.broadcast_to({text}, {python(gate.shape)})"
        for text, shape in zip(gate.texts, gate.shapes, strict=True)
    ]
    return f"tf.stack([{', '.join(texts)}])"


def _extreme(name: str) -> Case:
    """Among several: tf.maximum would send all of the gradient to the first of a tie."""

    def case(gate: Gate) -> str:
        return gate.texts[0] if len(gate.texts) == 1 else f"tf.reduce_{name}({_spread(gate)}, axis=0)"

    return case


def _elu(gate: Gate) -> str:
    alpha = f"{gate.texts[1]} * " if len(gate.texts) > 1 else ""
    x = gate.named(0)
    return f"tf.where({x} > 0, {x}, {alpha}tf.math.expm1(tf.where({x} > 0, tf.zeros_like({x}), {x})))"


def _gelu(gate: Gate) -> str:
    """By hand: tf.nn.gelu rounds √½ to float32."""
    x = gate.named(0)
    return f"(0.5 * {x} * (1 + tf.math.erf({x} * 0.7071067811865476)))"


def _clip(gate: Gate) -> str:
    return clipped(gate, "tf.where")


def _picked(gate: Gate) -> str:
    """Elements by their flat places."""
    return f"tf.gather(tf.reshape({gate.texts[0]}, [-1]), {cases.places(cases.positions(gate))})"


def _index(gate: Gate) -> str:
    items = gate.attributes["at"]
    if any(isinstance(item, tuple) and item[0] == "list" for item in items):
        return _picked(gate)
    return f"{gate.named(0)}[{cases.index(gate, '')}]"


def _scatter(gate: Gate) -> str:
    count = int(np.prod(gate.shape, dtype=int))
    places = cases.places(cases.scattered(gate).ravel())
    total = f"tf.math.unsorted_segment_sum(tf.reshape({gate.texts[0]}, [-1]), tf.constant({places}, tf.int32), {count})"
    return f"tf.reshape({total}, {python(gate.shape)})"


def _matmul(gate: Gate) -> str:
    """A vector as a row or as a column, and away again."""
    (a, b), (m, n) = gate.texts, gate.shapes
    if len(m) > 1 and len(n) > 1:
        return f"tf.linalg.matmul({a}, {b})"
    left = f"tf.reshape({a}, {(1, *m)})" if len(m) == 1 else a
    right = f"tf.reshape({b}, {(*n, 1)})" if len(n) == 1 else b
    return f"tf.reshape(tf.linalg.matmul({left}, {right}), {python(gate.shape)})"


def _dot(gate: Gate) -> str:
    (a, b), (m, n) = gate.texts, map(len, gate.shapes)
    if not m or not n:
        return f"({a} * {b})"
    return f"tf.tensordot({a}, {b}, [[{m - 1}], [{max(n - 2, 0)}]])"


def _solve(gate: Gate) -> str:
    a, b = gate.texts
    if len(gate.shapes[1]) > 1:
        return f"tf.linalg.solve({a}, {b})"
    return f"tf.reshape(tf.linalg.solve({a}, {b}[:, None]), {python(gate.shape)})"


def _diagonal(gate: Gate) -> str:
    return f"tf.linalg.diag{'_part' if len(gate.shapes[0]) > 1 else ''}({gate.texts[0]}, k={gate.attributes['k']})"


def _place(gate: Gate) -> str:
    axis, x = gate.attributes["axis"], gate.texts[0]
    if axis is None:
        x, axis = f"tf.reshape({x}, [-1])", 0
    place = f"tf.cast(tf.{gate.operator.name}({x}, axis={axis}), tf.float64)"
    return f"tf.reshape({place}, {python(gate.shape)})" if gate.attributes["keepdims"] else place


def _variance(template: str, *helpers: str) -> Case:
    """Deviations squared over n − ddof."""

    def case(gate: Gate) -> str:
        for helper in ("variance", *helpers):
            gate.helper(helper)
        axes = cases.axes(gate)
        count = int(np.prod([gate.shapes[0][a] for a in axes], dtype=int))
        freedom = float(max(count - int(gate.attributes["ddof"]), 0))
        keep = gate.attributes["keepdims"]
        return template.format(f"variance({gate.texts[0]}, {axes}, {keep}, {freedom})")

    return case


def _convolution(gate: Gate) -> str:
    options, name = cases.convolution(gate), gate.operator.name
    if name in {"conv_input", "conv_weight"}:
        image, weights = (gate.shape, gate.shapes[1]) if name == "conv_input" else (gate.shapes[1], gate.shape)
        return f"{gate.helper(name)}({gate.texts[0]}, {gate.texts[1]}, {image}, {weights}, {options})"
    found = f"{gate.helper('conv')}({gate.texts[0]}, {gate.texts[1]}, {gate.shapes[0]}, {gate.shapes[1]}, {options})"
    return biased(gate, found, "tf.reshape")


def _pool(gate: Gate) -> str:
    size, stride, padding = cases.pooling(gate)
    how, name = f"{size}, {stride}, {padding}", gate.operator.name.removesuffix("2d")
    shape = gate.shape if name in {"pool_spread", "avg_spread"} else gate.shapes[0]
    return f"{gate.helper(name)}({', '.join(gate.texts)}, {shape}, {how})"


CASES: Mapping[str, Case] = {
    "maximum": _extreme("max"),
    "minimum": _extreme("min"),
    "logaddexp": lambda gate: f"tf.reduce_logsumexp({_spread(gate)}, axis=0)",
    "add_n": lambda gate: f"tf.reduce_sum({_spread(gate)}, axis=0)",
    "leaky_relu": leaky("tf.where"),
    "elu": _elu,
    "gelu": _gelu,
    "clip": _clip,
    "index": _index,
    "index_add": _scatter,
    **dict.fromkeys(("pick", "take_along_axis", "take"), _picked),
    "transpose": call("tf.transpose({0}, {order})"),
    "swapaxes": call("tf.transpose({0}, {order})"),
    "expand_dims": call("tf.reshape({0}, {out})"),
    "squeeze": call("tf.reshape({0}, {out})"),
    "flip": call("tf.reverse({0}, axis={axes})"),
    "matmul": _matmul,
    "dot": _dot,
    "outer": call("tf.tensordot(tf.reshape({0}, [-1]), tf.reshape({1}, [-1]), 0)"),
    "solve": _solve,
    "diag": _diagonal,
    "trace": call("tf.reduce_sum(tf.linalg.diag_part({0}, k={offset}))"),
    "cofactor": call("cofactor({0})", "cofactor"),
    "logdet": call("tf.math.log(tf.linalg.det({0}))"),
    "argmax": _place,
    "argmin": _place,
    "cumsum": lambda gate: f"tf.cumsum({gate.texts[0]}, axis={gate.attributes['axis']})"
    if gate.attributes["axis"] is not None else f"tf.cumsum(tf.reshape({gate.texts[0]}, [-1]))",
    "pad": padded("tf.pad"),
    "pad_last": padded("tf.pad"),
    "prod_others": call("prod_others({0}, {axes})", "prod_others"),
    "norm": call("root(tf.reduce_sum(tf.square({0}), axis={axes}, keepdims={keepdims}))", "root"),
    "var": _variance("{}"),
    "std": _variance("root({})", "root"),
    "dropout": masked,
    "sum_to": summed("tf.reduce_sum({0}, axis={axes}, keepdims=True)", "tf.reshape({0}, {shape})"),
    **dict.fromkeys(("conv1d", "conv2d", "conv_input", "conv_weight"), _convolution),
    **dict.fromkeys(("max_pool2d", "pool_spread", "pool_pick", "avg_pool2d", "avg_spread"), _pool),
}  # fmt: skip

LANGUAGE = Language(
    framework="tensorflow", number=number, array=array, calls=(), cases=CASES, helpers=HELPERS,
    reserved=frozenset({"tf", "tape", "inputs"}),
)  # fmt: skip

FORMAT = Format(name="tensorflow", media_type="text/x-python", extension="py", write=write, computes=True)
