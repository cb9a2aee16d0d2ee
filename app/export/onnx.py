"""The circuit as an ONNX model: its forward graph in float64, the inputs' values as their defaults.

Where ONNX Runtime has no kernel for doubles (convolutions, mean pools, sinh), or ONNX has no operator (systems of
equations), it is made of others.
"""

import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from app.diagnostics import fail
from app.export import Format, Subject
from app.export.code import cases
from app.export.code.elimination import LARGEST, eliminated
from app.export.code.listing import LITERAL
from app.export.code.protobuf import Attribute, Kind, model, node, tensor, value_info
from app.graph.graph import Graph
from app.ops.algebra import Shape
from app.ops.operator import Operator


class Model:
    """A model that is being written. Operators of ONNX are applied by `op`, which answers the result's name."""

    def __init__(self, graph: Graph) -> None:
        self.graph = graph
        self.nodes: list[bytes] = []
        self.initializers: list[bytes] = []
        self.numbers = 0
        self._taken: set[str] = set()
        self._known: dict[object, str] = {}

    def fresh(self, wanted: str) -> str:
        """A name like this one that no value has yet."""
        name, count = wanted, 1
        while name in self._taken:
            count += 1
            name = f"{wanted}_{count}"
        self._taken.add(name)
        return name

    def op(self, kind: str, *inputs: str, name: str = "", **attributes: Attribute) -> str:
        result = name or self.fresh(f"{kind}_{len(self.nodes)}")
        self.nodes.append(node(kind, inputs, result, **attributes))
        return result

    def constant(self, value: Any, kind: Kind = "double") -> str:
        """Numbers that stand in the model, equal ones once. Errors: limit.answer."""
        array = np.asarray(value)
        key = (kind, array.shape, array.tobytes())
        if key not in self._known:
            self.numbers += array.size
            if self.numbers > 4 * LITERAL:
                raise fail("limit.answer", f"as a model this needs over {4 * LITERAL:,} numbers written out")
            self._known[key] = self.fresh(f"c_{len(self.initializers)}")
            self.initializers.append(tensor(self._known[key], value, kind))
        return self._known[key]

    def ints(self, values: Sequence[int]) -> str:
        return self.constant(list(values), "int64")

    def reshape(self, x: str, shape: Sequence[int]) -> str:
        return self.op("Reshape", x, self.ints(shape))

    def picked(self, x: str, places: Any) -> str:
        """Elements by their flat places."""
        return self.op("Gather", self.reshape(x, [-1]), self.constant(places, "int64"), axis=0)

    def truth(self, x: str) -> str:
        return self.op("Cast", x, to=9)

    def double(self, x: str) -> str:
        return self.op("Cast", x, to=11)


class Gate:
    """One gate as a case sees it: the names of its operands, their shapes, its own, and its attributes."""

    def __init__(self, m: Model, index: int, names: Sequence[str]) -> None:
        graph = m.graph
        self.m = m
        self.operator: Operator = graph.operators[index]
        self.attributes: dict[str, Any] = {p.name: p.default for p in self.operator.attributes}
        self.attributes |= graph.attributes[index]
        self.shape: Shape = graph.shapes[index]
        self.shapes: list[Shape] = [graph.shapes[i] for i in graph.operands[index]]
        self.x = list(names)


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

Case = Callable[[Gate], str]


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


def _convolution(gate: Gate) -> str:
    """What each window sees, gathered, times the weights."""
    m, x, w = gate.m, gate.shapes[0], gate.shapes[1]
    rank, padding, how = cases.convolved(gate)
    see, sizes, out = cases.places_seen(x[-rank:], w[2:], how["stride"], padding, how["dilation"])
    groups = how["groups"]
    columns = _windows(m, gate.x[0], x, padding, see, (-1, groups, w[1], math.prod(sizes)))
    weights = m.reshape(gate.x[1], [groups, w[0] // groups, w[1], see.shape[0]])
    found = m.op("Einsum", columns, weights, equation="ngckp,gock->ngop")
    result = m.reshape(found, [*x[: -rank - 1], w[0], *out])
    return result if len(gate.x) == 2 else m.op("Add", result, m.reshape(gate.x[2], [-1, *[1] * rank]))


def _windows(m: Model, x: str, shape: Shape, padding: cases.Pairs, see: Any, flat: Sequence[int]) -> str:
    """(…, places in a window, windows) of an image with a border of zeros."""
    lead = [0] * (len(shape) - len(padding))
    widths = m.ints([*lead, *(lo for lo, _ in padding), *lead, *(hi for _, hi in padding)])
    image = m.op("Pad", x, widths, m.constant(0.0)) if any(map(any, padding)) else x
    return m.op("Gather", m.reshape(image, flat), m.constant(see, "int64"), axis=len(flat) - 1)


def _average(gate: Gate) -> str:
    m, x = gate.m, gate.shapes[0]
    size, stride, padding = cases.pooling(gate)
    see, sizes, _ = cases.places_seen(x[-2:], size, stride, padding, (1, 1))
    found = _windows(m, gate.x[0], x, padding, see, (-1, math.prod(sizes)))
    return m.reshape(m.op("ReduceMean", found, m.ints([1]), keepdims=0), gate.shape)


def _largest(gate: Gate) -> str:
    m, x = gate.m, gate.shapes[0]
    size, stride, padding = cases.pooling(gate)
    image = m.reshape(gate.x[0], (-1, 1, *x[-2:]))
    pads = [*(lo for lo, _ in padding), *(hi for _, hi in padding)]
    return m.reshape(m.op("MaxPool", image, kernel_shape=size, strides=stride, pads=pads), gate.shape)


# ── Systems of equations, of matrices that are not too large to be written out ───────────────────────────────────────


def _rows(gate: Gate) -> int:
    """How many rows the matrix has. Errors: request.option."""
    n = gate.shapes[0][-1]
    if n > LARGEST:
        name = gate.operator.name
        raise fail("request.option", f"ONNX has no operator for `{name}`, and {n} rows are too many to write it out")
    return n


def _inverse(gate: Gate) -> str:
    n = _rows(gate)
    identity = gate.m.op("Expand", gate.m.constant(np.eye(n)), gate.m.ints(gate.shapes[0]))
    return eliminated(gate.m, gate.m.op("Concat", gate.x[0], identity, axis=-1), n, n).rest


def _solution(gate: Gate) -> str:
    m, b = gate.m, gate.shapes[1]
    n, right = _rows(gate), gate.x[1]
    columns = 1 if len(b) == 1 else b[-1]
    if len(b) == 1:
        right = m.reshape(right, [n, 1])
    lead = gate.shape[:-1] if len(b) == 1 else gate.shape[:-2]
    whole = m.op("Concat", *[
        m.op("Expand", x, m.ints([*lead, n, width])) for x, width in ((gate.x[0], n), (right, columns))
    ], axis=-1)  # fmt: skip
    return m.reshape(eliminated(m, whole, n, columns).rest, gate.shape)


def _determinant(gate: Gate) -> str:
    """The product of the pivots; for the logarithm the sum of theirs, NaN where the determinant is negative."""
    m, n = gate.m, _rows(gate)
    _, pivots, signs = eliminated(m, gate.x[0], n, 0)
    pivot = m.op("Concat", *pivots, axis=-1)
    flat = [*gate.shape, n]
    found, turned = m.reshape(pivot, flat), m.reshape(m.op("Concat", *signs, axis=-1), flat)
    last = m.ints([-1])
    if gate.operator.name == "det":
        return m.op("ReduceProd", m.op("Mul", found, turned), last, keepdims=0)
    side = m.op("ReduceProd", m.op("Mul", m.op("Sign", found), turned), last, keepdims=0)
    size = m.op("ReduceSum", m.op("Log", m.op("Abs", found)), last, keepdims=0)
    return m.op("Where", m.op("Less", side, m.constant(0.0)), m.constant(math.nan), size)


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
    **dict.fromkeys(("conv1d", "conv2d"), _convolution),
    "max_pool2d": _largest,
    "avg_pool2d": _average,
    "inv": _inverse,
    "solve": _solution,
    **dict.fromkeys(("det", "logdet"), _determinant),
}

FORMAT = Format(name="onnx", media_type="application/onnx", extension="onnx", write=write, computes=True)
