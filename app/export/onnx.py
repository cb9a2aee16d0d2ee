"""The circuit as an ONNX model: its forward graph in float64, the inputs' values as their defaults.

Where ONNX Runtime has no kernel for doubles (sinh here, windows in `code/windows.py`), or ONNX has no operator (systems
of equations, in `code/elimination.py`), it is made of others.
"""

import math
from collections.abc import Mapping
from typing import Any

import numpy as np

from app.diagnostics import fail
from app.export import Format, Subject
from app.export.code import cases
from app.export.code.elimination import determinant, inverse, solution
from app.export.code.net import Case, Gate, Model
from app.export.code.protobuf import model, tensor, value_info
from app.export.code.windows import average, convolution, largest
from app.ops.algebra import Shape


def write(subject: Subject) -> bytes:
    """The model. Errors: request.option, where ONNX has no way to write an operator."""
    program = subject.program
    assert program is not None
    assert subject.trace is not None
    graph = program.graph
    m = Model(graph)
    names: dict[int, str] = {each.node: m.fresh(each.name) for each in program.inputs}
    defaults = [tensor(names[i.node], subject.trace.values[i.node], "double") for i in program.inputs]
    inputs = [value_info(names[i.node], graph.shapes[i.node]) for i in program.inputs]
    reached = graph.reached(program.output)
    for index, operator in enumerate(graph.operators):
        if index in names or not reached[index]:
            continue
        if index in graph.constants:
            names[index] = m.constant(graph.constants[index])
        elif operator.family == "maker":
            names[index] = m.constant(subject.trace.values[index])
        else:
            names[index] = applied(Gate(m, index, [names[i] for i in graph.operands[index]]))
    output = m.op("Identity", names[program.output], name=m.fresh("value"))
    return model(m.nodes, [*defaults, *m.initializers], inputs, [value_info(output, graph.shapes[program.output])])


def applied(gate: Gate) -> str:
    """The name of a gate's result."""
    operator = gate.operator
    case = CASES.get(operator.name)
    if case is not None:
        return case(gate)
    if operator.spell.onnx and not operator.attributes:
        return gate.m.op(operator.spell.onnx, *gate.x)
    raise fail("request.option", f"ONNX has no operator for `{operator.name}`")


# ── What is more than an operator of the same name ───────────────────────────────────────────────────────────────────


def _comparison(gate: Gate) -> str:
    assert gate.operator.spell.onnx
    return gate.m.double(gate.m.op(gate.operator.spell.onnx, *gate.x))


def _unequal(gate: Gate) -> str:
    return gate.m.double(gate.m.op("Not", gate.m.op("Equal", *gate.x)))


def _logic(gate: Gate) -> str:
    assert gate.operator.spell.onnx
    return gate.m.double(gate.m.op(gate.operator.spell.onnx, *map(gate.m.truth, gate.x)))


def _where(gate: Gate) -> str:
    return gate.m.op("Where", gate.m.truth(gate.x[0]), *gate.x[1:])


def formula(text: str) -> Case:
    """A case from an expression in postfix: names of ONNX's operators, `0` `1` for operands, `#x` for a number; an
    operator takes as many as it needs."""
    words = text.split()
    arity = {"Add": 2, "Sub": 2, "Mul": 2, "Div": 2, "Max": 2, "Min": 2, "Pow": 2, "Where": 3, "Greater": 2, "Less": 2}

    def case(gate: Gate) -> str:
        held: list[str] = []
        for word in words:
            if word.isdigit():
                held.append(gate.x[int(word)])
            elif word.startswith("#"):
                held.append(gate.m.constant(float(word[1:])))
            else:
                count = arity.get(word, 1)
                taken = held[-count:]
                held[-count:] = [gate.m.op(word, *taken)]
        (result,) = held
        return result

    return case


def _by_arity(*texts: str) -> Case:
    """One formula for each number of operands, from one on."""
    found = [formula(text) for text in texts]
    return lambda gate: found[len(gate.x) - 1](gate)


def _atan2(gate: Gate) -> str:
    """The angle by the quotient, turned by half a circle where x < 0."""
    m, (y, x) = gate.m, gate.x
    zero = m.constant(0.0)
    base = m.op("Atan", m.op("Div", y, x))
    turned = m.op("Where", m.op("Less", y, zero), m.constant(-math.pi), m.constant(math.pi))
    return m.op("Add", base, m.op("Where", m.op("Less", x, zero), turned, zero))


def _reduction(gate: Gate) -> str:
    assert gate.operator.spell.onnx
    if not gate.shapes[0]:
        return gate.m.op("Identity" if gate.operator.name != "norm" else "Abs", gate.x[0])
    axes = gate.m.ints(cases.axes(gate))
    return gate.m.op(gate.operator.spell.onnx, gate.x[0], axes, keepdims=int(gate.attributes["keepdims"]))


def _variance(gate: Gate) -> str:
    m, axes = gate.m, gate.m.ints(cases.axes(gate))
    deviations = m.op("Sub", gate.x[0], m.op("ReduceMean", gate.x[0], axes, keepdims=1))
    count = math.prod(gate.shapes[0][a] for a in cases.axes(gate))
    freedom = m.constant(float(max(count - int(gate.attributes["ddof"]), 0)))
    squares = m.op("ReduceSum", m.op("Mul", deviations, deviations), axes, keepdims=int(gate.attributes["keepdims"]))
    variance = m.op("Div", squares, freedom)
    return variance if gate.operator.name == "var" else m.op("Sqrt", variance)


def _place(gate: Gate) -> str:
    axis, x = gate.attributes["axis"], gate.x[0]
    if axis is None:
        x, axis = gate.m.reshape(x, [-1]), 0
    kind = "ArgMax" if gate.operator.name == "argmax" else "ArgMin"
    return gate.m.reshape(gate.m.double(gate.m.op(kind, x, axis=axis, keepdims=0)), gate.shape)


def _cumsum(gate: Gate) -> str:
    axis, x = gate.attributes["axis"], gate.x[0]
    if axis is None:
        x, axis = gate.m.reshape(x, [-1]), 0
    return gate.m.op("CumSum", x, gate.m.constant(axis, "int64"))


def _reshaped(gate: Gate) -> str:
    return gate.m.reshape(gate.x[0], gate.shape)


def _expanded(gate: Gate) -> str:
    return gate.m.op("Expand", gate.x[0], gate.m.ints(gate.shape))


def _sum_to(gate: Gate) -> str:
    axes, _ = cases.lost(gate)
    if not axes:
        return gate.x[0]
    return gate.m.reshape(gate.m.op("ReduceSum", gate.x[0], gate.m.ints(axes), keepdims=1), gate.shape)


def _ordered(gate: Gate) -> str:
    return gate.m.op("Transpose", gate.x[0], perm=cases.order(gate))


def _joined(gate: Gate) -> str:
    return gate.m.op("Concat", *gate.x, axis=gate.attributes["axis"])


def _stacked(gate: Gate) -> str:
    axis = gate.attributes["axis"] % len(gate.shape)
    one = (*gate.shape[:axis], 1, *gate.shape[axis + 1 :])
    return gate.m.op("Concat", *(gate.m.reshape(x, one) for x in gate.x), axis=axis)


def _picked(gate: Gate) -> str:
    return gate.m.picked(gate.x[0], cases.positions(gate))


def _scattered(gate: Gate) -> str:
    places = cases.scattered(gate).ravel()
    return _added(gate.m, gate.x[0], places, gate.shape)


def _added(m: Model, g: str, places: Any, shape: Shape) -> str:
    """Zeros of this shape with the elements of g added at flat places."""
    zeros = m.op("Expand", m.constant(0.0), m.ints([math.prod(shape)]))
    at = m.constant(places.ravel(), "int64")
    return m.reshape(m.op("ScatterElements", zeros, at, m.reshape(g, [-1]), axis=0, reduction="add"), shape)


def _diag(gate: Gate) -> str:
    if len(gate.shapes[0]) > 1:
        return _picked(gate)
    places = np.arange(math.prod(gate.shape)).reshape(gate.shape)
    return _added(gate.m, gate.x[0], np.diag(places, gate.attributes["k"]), gate.shape)


def _trace(gate: Gate) -> str:
    places = np.arange(math.prod(gate.shapes[0])).reshape(gate.shapes[0])
    return gate.m.op("ReduceSum", gate.m.picked(gate.x[0], np.diag(places, gate.attributes["offset"])), keepdims=0)


def _padded(gate: Gate) -> str:
    pairs = cases.pads(gate)
    widths = gate.m.ints([lo for lo, _ in pairs] + [hi for _, hi in pairs])
    return gate.m.op("Pad", gate.x[0], widths, gate.m.constant(float(gate.attributes["value"])))


def _dot(gate: Gate) -> str:
    m, n = map(len, gate.shapes)
    if not m or not n:
        return gate.m.op("Mul", *gate.x)
    if n < 3:
        return gate.m.op("MatMul", *gate.x)
    a, b = "abcdefgh"[:m], "ijklmnop"[:n]
    b = b[:-2] + a[-1] + b[-1]
    return gate.m.op("Einsum", *gate.x, equation=f"{a},{b}->{a[:-1]}{b[:-2]}{b[-1]}")


def _outer(gate: Gate) -> str:
    return gate.m.op("Mul", gate.m.reshape(gate.x[0], [-1, 1]), gate.m.reshape(gate.x[1], [1, -1]))


def _einsum(gate: Gate) -> str:
    return gate.m.op("Einsum", *gate.x, equation=gate.attributes["equation"])


def _masked(gate: Gate) -> str:
    assert gate.operator.forward is not None
    mask = gate.operator.forward(np.ones(gate.shapes[0]), **gate.attributes)
    return gate.m.op("Mul", gate.x[0], gate.m.constant(mask))


CASES: Mapping[str, Case] = {
    **dict.fromkeys(("lt", "le", "gt", "ge", "eq"), _comparison),
    "ne": _unequal,
    **dict.fromkeys(("and", "or", "not"), _logic),
    "where": _where,
    "square": formula("0 0 Mul"),
    "rsqrt": formula("0 Sqrt Reciprocal"),
    "expm1": formula("0 Exp #1 Sub"),
    "log1p": formula("0 #1 Add Log"),
    "log2": formula(f"0 Log #{math.log(2)!r} Div"),
    "log10": formula(f"0 Log #{math.log(10)!r} Div"),
    "tan": formula("0 Sin 0 Cos Div"),
    "sinh": formula("0 Exp 0 Neg Exp Sub #0.5 Mul"),
    "cosh": formula("0 Exp 0 Neg Exp Add #0.5 Mul"),
    "silu": formula("0 0 Sigmoid Mul"),
    "gelu": formula(f"0 #0.5 Mul 0 #{math.sqrt(0.5)!r} Mul Erf #1 Add Mul"),
    "leaky_relu": _by_arity("0 #0 Greater 0 0 #0.01 Mul Where", "0 #0 Greater 0 0 1 Mul Where"),
    "elu": _by_arity("0 #0 Greater 0 0 Exp #1 Sub Where", "0 #0 Greater 0 0 Exp #1 Sub 1 Mul Where"),
    "floordiv": formula("0 1 Div Floor"),
    "mod": formula("0 0 1 Div Floor 1 Mul Sub"),
    "hypot": formula("0 0 Mul 1 1 Mul Add Sqrt"),
    "logaddexp": formula("0 1 Max 0 1 Sub Abs Neg Exp #1 Add Log Add"),
    "clip": _by_arity("0", "0 1 Max", "0 1 Max 2 Min"),
    "atan2": _atan2,
    **dict.fromkeys(("sum", "mean", "max", "min", "prod", "norm", "logsumexp"), _reduction),
    **dict.fromkeys(("var", "std"), _variance),
    **dict.fromkeys(("argmax", "argmin"), _place),
    "cumsum": _cumsum,
    **dict.fromkeys(("reshape", "expand_dims", "squeeze"), _reshaped),
    "broadcast_to": _expanded,
    "sum_to": _sum_to,
    **dict.fromkeys(("transpose", "swapaxes"), _ordered),
    "concat": _joined,
    "stack": _stacked,
    **dict.fromkeys(("index", "take", "pick", "take_along_axis", "flip"), _picked),
    "index_add": _scattered,
    "diag": _diag,
    "trace": _trace,
    **dict.fromkeys(("pad", "pad_last"), _padded),
    "dot": _dot,
    "outer": _outer,
    "einsum": _einsum,
    "dropout": _masked,
    **dict.fromkeys(("conv1d", "conv2d"), convolution),
    "max_pool2d": largest,
    "avg_pool2d": average,
    "inv": inverse,
    "solve": solution,
    **dict.fromkeys(("det", "logdet"), determinant),
}

FORMAT = Format(name="onnx", media_type="application/onnx", extension="onnx", write=write, computes=True)
