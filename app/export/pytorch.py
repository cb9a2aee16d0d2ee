"""The circuit as a PyTorch program, which differentiates by itself."""

from collections.abc import Mapping

from app.export import Format, Subject
from app.export.code import cases
from app.export.code.listing import Case, Gate, Language, literal, rows, uniform
from app.export.code.names import quoted
from app.export.code.program import Written, call, joined, masked, named, report, summed
from app.ops.algebra import Array, Value
from app.ops.spelling import python


def number(x: float) -> str:
    """A number as a tensor."""
    return f"torch.tensor({literal(x).strip('()') if x - x == 0 else literal(x)})"


def array(value: Array) -> str:
    """An array as a tensor."""
    same = uniform(value)
    if same is None:
        return f"torch.tensor({rows(value)})" if value.size else f"torch.zeros({value.shape})"
    return f"torch.full({value.shape}, {literal(same)})"


def write(subject: Subject) -> str:
    """A program that holds `value` and `grads`, and prints them."""
    written = Written(subject, LANGUAGE)
    listing, program, graph = written.listing, written.program, written.program.graph
    listing.write([program.output], kept=named(written), headings=written.headings)
    flows = graph.flows(program.output)
    inputs = [asking(name, text) for name, text in written.given()]
    back = [f"value.backward({seed(written)})"] if any(flows[i.node] for i in program.inputs) else []
    entries = [
        f"    {quoted(i.name)}: {written.inputs[i.node]}.grad," if flows[i.node]
        else f"    {quoted(i.name)}: torch.zeros_like({written.inputs[i.node]}),"
        for i in program.inputs
    ]  # fmt: skip
    prelude = listing.prelude()
    value = written.output()
    texts = [*listing.lines, *prelude]
    return joined([
        '"""A circuit\'s value and gradients in PyTorch."""',
        "",
        "import torch",
        *(["import torch.nn.functional as F"] if any("F." in text for text in texts) else []),
        "",
        "torch.set_default_dtype(torch.float64)",
        "",
        (f"\n{text}\n\n" for text in prelude),
        written.source(),
        *(["# Inputs", *inputs, ""] if inputs else []),
        *(["# Forward", *listing.lines, ""] if listing.lines else []),
        f"value = {value}",
        *back,
        "grads = {",
        *entries,
        "}",
        "",
        *report("print", ".tolist()"),
    ])  # fmt: skip


def asking(name: str, text: str) -> str:
    """An input that asks for its gradient."""
    if text.startswith("torch.tensor(") and text.endswith(")"):
        return f"{name} = {text[:-1]}, requires_grad=True)"
    return f"{name} = {text}.requires_grad_()"


def seed(written: Written) -> str:
    """What the output's gradient is: nothing for a scalar's 1."""
    given: Value = written.trace.seed
    if isinstance(given, float):
        return "" if given == 1.0 else number(given)
    return "torch.ones_like(value)" if (given == 1.0).all() else written.listing.literal(given)


# ── What needs code ──────────────────────────────────────────────────────────────────────────────────────────────────


def _extreme(name: str) -> Case:
    def case(gate: Gate) -> str:
        texts = ", ".join(gate.texts)
        if len(gate.texts) == 1:
            return texts
        if len(gate.texts) == 2:
            return f"torch.{name}imum({texts})"
        return f"torch.a{name}(torch.stack(torch.broadcast_tensors({texts})), dim=0)"

    return case


def _sloped(name: str, otherwise: str) -> Case:
    """An activation whose slope may be a node: PyTorch's own takes a number only."""

    def case(gate: Gate) -> str:
        if len(gate.texts) == 1:
            return f"F.{name}({gate.texts[0]})"
        if gate.numbers[1] is not None:
            return f"F.{name}({gate.texts[0]}, {literal(gate.numbers[1])})"
        return otherwise.format(gate.named(0), gate.texts[1])

    return case


def _clip(gate: Gate) -> str:
    bounds = gate.numbers[1:]
    if len(gate.texts) == 1:
        return gate.texts[0]
    if None not in bounds:
        return f"torch.clamp({gate.texts[0]}, {', '.join(literal(b) for b in bounds if b is not None)})"
    return f"torch.clamp({', '.join(gate.texts)})"


def _index(gate: Gate) -> str:
    items = gate.attributes["at"]
    lists = sum(isinstance(item, tuple) and item[0] == "list" for item in items)
    backward = any(isinstance(item, tuple) and item[0] == "slice" and (item[3] or 1) < 0 for item in items)
    if backward or lists > 1 or (lists and any(isinstance(item, int) for item in items)):
        return f"torch.take({gate.texts[0]}, torch.tensor({cases.places(cases.positions(gate))}))"
    return f"{gate.named(0)}[{cases.index(gate, 'torch.tensor')}]"


def _scatter(gate: Gate) -> str:
    return f"{gate.helper('scatter')}({gate.texts[0]}, {cases.places(cases.scattered(gate))}, {gate.shape})"


def _product(gate: Gate) -> str:
    """A product along one axis after the other."""
    text = gate.texts[0]
    found = cases.axes(gate)
    if len(found) == len(gate.shapes[0]):
        text = f"torch.prod({text})"
        return f"torch.reshape({text}, {gate.shape})" if gate.shape else text
    for axis in sorted(found, reverse=True):
        text = f"torch.prod({text}, dim={axis}, keepdim={gate.attributes['keepdims']})"
    return text


def _place(gate: Gate) -> str:
    axis = gate.attributes["axis"]
    if axis is None:
        return f"torch.reshape(torch.{gate.operator.name}({gate.texts[0]}), {gate.shape}).double()"
    return f"torch.{gate.operator.name}({gate.texts[0]}, dim={axis}, keepdim={gate.attributes['keepdims']}).double()"


def _dot(gate: Gate) -> str:
    m, n = map(len, gate.shapes)
    if not m or not n:
        return f"({gate.texts[0]} * {gate.texts[1]})"
    if n < 3:
        return f"({gate.texts[0]} @ {gate.texts[1]})"
    return f"torch.tensordot({gate.texts[0]}, {gate.texts[1]}, dims=([{m - 1}], [{n - 2}]))"


def _convolution(gate: Gate) -> str:
    rank, padding, options = cases.convolved(gate)
    words = f"stride={options['stride']}, padding={{}}, dilation={options['dilation']}, groups={options['groups']}"
    even = tuple(lo for lo, _ in padding)
    uneven = any(lo != hi for lo, hi in padding)
    border = tuple(n for pair in reversed(padding) for n in pair)
    name = gate.operator.name
    if name in {"conv1d", "conv2d"}:
        image = f"F.pad({gate.texts[0]}, {border})" if uneven else gate.texts[0]
        rest = ", ".join(gate.texts[1:])
        return f"F.{name}({image}, {rest}, {words.format((0,) * rank if uneven else even)})"
    pad = f"F.pad({{}}, {border})" if uneven else "{}"
    how = words.format((0,) * rank if uneven else even)
    other = gate.named(1)
    if name == "conv_input":
        function = f"lambda x: F.conv{rank}d({pad.format('x')}, {other}, {how})"
    else:
        function = f"lambda w: F.conv{rank}d({pad.format(other)}, w, {how})"
    return f"torch.func.vjp({function}, torch.zeros({gate.shape}))[1]({gate.texts[0]})[0]"


def _pool(gate: Gate) -> str:
    size, stride, padding = cases.pooling(gate)
    how = f"{size}, {stride}, {tuple(lo for lo, _ in padding)}"
    match gate.operator.name:
        case "max_pool2d" | "avg_pool2d" as name:
            return f"F.{name}({gate.texts[0]}, {how})"
        case "avg_spread":
            return f"torch.func.vjp(lambda x: F.avg_pool2d(x, {how}), torch.zeros({gate.shape}))[1]({gate.texts[0]})[0]"
        case "pool_spread":
            return f"torch.func.vjp(lambda x: F.max_pool2d(x, {how}), {gate.texts[1]})[1]({gate.texts[0]})[0]"
    return f"torch.func.jvp(lambda x: F.max_pool2d(x, {how}), ({gate.texts[1]},), ({gate.texts[0]},))[1]"


CASES: Mapping[str, Case] = {
    "maximum": _extreme("max"),
    "minimum": _extreme("min"),
    "add_n": lambda gate: f"({' + '.join(gate.texts)})" if len(gate.texts) < 9 else f"sum([{', '.join(gate.texts)}])",
    "leaky_relu": _sloped("leaky_relu", "torch.where({0} > 0, {0}, {0} * {1})"),
    "elu": _sloped("elu", "torch.where({0} > 0, {0}, {1} * torch.expm1(torch.clamp({0}, max=0.0)))"),
    "clip": _clip,
    "floordiv": call("torch.floor_divide({0}, {1})"),
    "index": _index,
    "index_add": _scatter,
    **dict.fromkeys(("pick", "take_along_axis", "take"), call("torch.take({0}, torch.tensor({places}))")),
    "transpose": call("torch.permute({0}, {order})"),
    "expand_dims": call("torch.reshape({0}, {out})"),
    "squeeze": call("torch.reshape({0}, {out})"),
    "flip": call("torch.flip({0}, {axes})"),
    "max": call("torch.amax({0}, dim={axes}, keepdim={keepdims})"),
    "min": call("torch.amin({0}, dim={axes}, keepdim={keepdims})"),
    "logsumexp": call("torch.logsumexp({0}, dim={axes}, keepdim={keepdims})"),
    "prod": _product,
    "prod_others": call("prod_others({0}, {axes})", "prod_others"),
    "argmax": _place,
    "argmin": _place,
    "cumsum": lambda gate: f"torch.cumsum({gate.texts[0]}, dim={gate.attributes['axis']})"
    if gate.attributes["axis"] is not None else f"torch.cumsum(torch.flatten({gate.texts[0]}), dim=0)",
    "pad": lambda gate: f"F.pad({gate.texts[0]}, {tuple(n for pair in reversed(cases.pads(gate)) for n in pair)}, "
    f"value={python(gate.attributes['value'])})",
    "dot": _dot,
    "outer": call("torch.outer(torch.flatten({0}), torch.flatten({1}))"),
    "trace": call("torch.sum(torch.diagonal({0}, {offset}))"),
    "cofactor": call("cofactor({0})", "cofactor"),
    "dropout": masked,
    "sum_to": summed("torch.sum({0}, dim={axes}, keepdim=True)", "torch.reshape({0}, {shape})"),
    **dict.fromkeys(("conv1d", "conv2d", "conv_input", "conv_weight"), _convolution),
    **dict.fromkeys(("max_pool2d", "pool_spread", "pool_pick", "avg_pool2d", "avg_spread"), _pool),
}  # fmt: skip

HELPERS: Mapping[str, str] = {
    "scatter": '''\
def scatter(g, places, shape):
    """Zeros with the elements of g added at flat places, again where one repeats."""
    total = torch.zeros(torch.Size(shape).numel())
    return total.index_add(0, torch.tensor(places).flatten(), g.flatten()).reshape(shape)
''',
    "prod_others": '''\
def prod_others(x, axes):
    """For each element the product of all the others along the axes."""
    order = [a for a in range(x.ndim) if a not in axes] + list(axes)
    moved = x.permute(order)
    rows = moved.reshape(*moved.shape[: x.ndim - len(axes)], -1)
    own = torch.eye(rows.shape[-1], dtype=torch.bool)
    others = torch.where(own, 1.0, rows[..., None, :]).prod(-1).reshape(moved.shape)
    return others.permute([order.index(a) for a in range(x.ndim)])
''',
    "cofactor": '''\
def cofactor(x):
    """The determinant times the transposed inverse."""
    return torch.linalg.det(x)[..., None, None] * torch.linalg.inv(x).mT
''',
}

LANGUAGE = Language(
    framework="torch", number=number, array=array, calls=(), cases=CASES, helpers=HELPERS,
    reserved=frozenset({"torch", "F"}),
)  # fmt: skip

FORMAT = Format(name="pytorch", media_type="text/x-python", extension="py", write=write, computes=True)
