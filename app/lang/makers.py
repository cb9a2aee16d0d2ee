"""Variables, placeholders and tensors of other frameworks: which are inputs, and which constants."""

from math import prod
from typing import TYPE_CHECKING, Any

import numpy as np

from app.diagnostics import Form, fail
from app.lang import frameworks
from app.lang.known import number
from app.lang.opaque import true
from app.lang.operators import operate, stream
from app.lang.values import NOTHING, Detached, Held, Known, Listing, Number, Opaque, Special, Text, array_of
from app.ops.catalogue import CATALOGUE

if TYPE_CHECKING:
    from app.lang.code import Step
    from app.lang.machine import Machine


def watch(m: "Machine", value: Held) -> None:
    """A gradient is asked of a constant: it is an input after all (the program is lowered again, knowing that)."""
    if isinstance(value, Detached):
        value = value.of
    if isinstance(value, Listing):
        for item in value.items:
            watch(m, item)
    elif isinstance(value, Number):
        for name, held in m.program.names.items():
            if held is value:
                m.knowledge.watched.add(name)


def _leaf(m: "Machine", kind: str, value: Held, named: dict[str, Held], step: "Step") -> Held:
    """A value that a framework makes: within an assignment that is free of names its default, elsewhere an input."""
    label = named.get("name", named.get("label"))
    if isinstance(label, Text):
        m.leaf_label = label.value
    if kind == "variable" or true(named.get("requires_grad")):
        m.leaf_kind = "input"
        if not m.leaf:
            return fresh_input(m, value, step)
    elif m.leaf_kind is None:
        m.leaf_kind = kind
    return value


def fresh_input(m: "Machine", value: Held, step: "Step") -> Held:
    """An input where no assignment of the program's makes one: in a function, in an expression."""
    if type(value) is int or isinstance(value, Opaque):
        return value
    statement = m.frame.statement
    name = statement.assigns[0] if statement is not None and len(statement.assigns) == 1 else "v"
    numbers = m.numbers(value)
    if numbers is None:
        found = number(m, m.node(value, step[2]))
        numbers = found if found is not None else 1.0
    if m.frame is not m.program or name in m.program.names:
        name = m.fresh(name)
    return m.input(name, m.given.get(name, array_of(numbers)), step[2])


def tensor(m: "Machine", callee: Special, given: list[Held], named: dict[str, Held], step: "Step") -> Held:
    """`torch.tensor(2.)`, `tf.constant(2.)`: a constant where a gradient is asked for somewhere."""
    if not given:
        given = [named[k] for k in ("data", "value", "object", "initial_value") if k in named][:1]
    if not given:
        raise fail(
            "call.arguments",
            f"`{callee.path}` takes a value: it is written `{callee.path}([1., 2.])`",
            hint=Form(f"{callee.path}([1., 2.])"),
        )
    value = given[0]
    if (
        len(given) > 1
        and all(isinstance(v, Number) and v.integer is not None for v in given)
        and callee.path.endswith("Tensor")
    ):
        value = m.make(CATALOGUE["zeros"], [], step[2], step[4], {"shape": tuple(v.integer for v in given)})
    return _leaf(m, "constant", value, named, step)


def variable(m: "Machine", callee: Special, given: list[Held], named: dict[str, Held], step: "Step") -> Held:
    value = given[0] if given else named.get("initial_value", named.get("data", Number(1.0, step[2])))
    return _leaf(m, "variable", value, named, step)


def old_variable(m: "Machine", callee: Special, given: list[Held], named: dict[str, Held], step: "Step") -> Held:
    value = given[0] if given else Number(1.0, step[2])
    m.leaf_kind = None if m.leaf else m.leaf_kind
    return _leaf(m, "variable" if true(named.get("requires_grad")) else "constant", value, named, step)


def get_variable(m: "Machine", callee: Special, given: list[Held], named: dict[str, Held], step: "Step") -> Held:
    shape = named.get("shape", given[1] if len(given) > 1 else None)
    sizes = m.exact(shape, step[2]) if shape is not None else ()
    if isinstance(given[0] if given else None, Text):
        named = {"name": given[0], **named}
    start = named.get("initializer")
    value: Held = Number(1.0, step[2])
    if isinstance(start, Number | Listing) or type(start) is int:
        value = start
    elif sizes:
        sizes = sizes if isinstance(sizes, tuple) else (sizes,)
        value = m.make(CATALOGUE["randn"], [], step[2], step[4], {"shape": sizes, "stream": stream(m)}, share=False)
    return _leaf(m, "variable", value, named, step)


def placeholder(m: "Machine", callee: Special, given: list[Held], named: dict[str, Held], step: "Step") -> Held:
    m.leaf_kind = "placeholder"
    label = named.get("name")
    if isinstance(label, Text):
        m.leaf_label = label.value
    shape = named.get("shape", given[1] if len(given) > 1 else None)
    value = Number(1.0, step[2])
    if isinstance(shape, Listing) and shape.items:  # of an axis without a size: 1
        sizes = [1 if item is NOTHING else m.integer(item, step[2]) for item in shape.items]
        value = Number(np.ones(sizes), step[2]) if prod(map(abs, sizes)) <= m.limits.elements else value
    if not m.leaf:
        return fresh_input(m, value, step)
    return value


def array(m: "Machine", callee: Special, given: list[Held], named: dict[str, Held], step: "Step") -> Held:
    if not given:
        raise fail(
            "call.arguments",
            f"`{callee.path}` takes a list: it is written `{callee.path}([1., 2.])`",
            hint=Form(f"{callee.path}([1., 2.])"),
        )
    return given[0]


def value(m: "Machine", callee: Special, given: list[Held], named: dict[str, Held], step: "Step") -> Held:
    """micrograd's Value."""
    m.pasted = True
    m.framework = m.framework or "torch"
    if len(given) > 1 and "label" not in named and isinstance(given[-1], Text):
        named = {"label": given[-1], **named}
    return _leaf(m, "variable", given[0] if given else Number(1.0, step[2]), named, step)


def module(m: "Machine", callee: Special, given: list[Held], named: dict[str, Held], step: "Step") -> Held:
    """`nn.ReLU()`, `nn.CrossEntropyLoss()`: their function. `fixed` holds what they were made with."""
    name = callee.path.rpartition(".")[2]
    operator = frameworks.named(frameworks.MODULES[name], callee.framework)
    if operator is None:
        raise fail(
            "program.no-drawing", f"`{callee.path}` is not known here: write what it computes", m.places.span(step[2])
        )
    attributes = [p for p in operator.parameters if p.role == "attribute" or (p.default is not None and not p.required)]
    fixed = [
        (p.name, value)
        for p, value in zip([p for p in attributes if not p.required or p.role == "attribute"], given, strict=False)
    ]
    if name == "Flatten" and not fixed and not named:
        fixed = [("start_dim", Number(1, step[2]))]  # of a batch each example
    return Known(operator, callee.framework, callee.path, (*fixed, *named.items()))  # type: ignore[arg-type]


def initializer(m: "Machine", callee: Special, given: list[Held], named: dict[str, Held], step: "Step") -> Held:
    """`tf.constant_initializer(3.0)` is its value."""
    if "zeros" in callee.path.lower():
        return Number(0.0, step[2])
    if "ones" in callee.path.lower():
        return Number(1.0, step[2])
    return given[0] if given else named.get("value", Number(1.0, step[2]))


# What draws the numbers of a generator, and its arguments in order, those of a moved and scaled one.
_GENERATORS: dict[str, tuple[str, tuple[str, str, str]]] = {
    "normal": ("randn", ("loc", "scale", "shape")),
    "uniform": ("rand", ("low", "high", "shape")),
}
_SPELT = {"mean": "loc", "stddev": "scale", "std": "scale", "minval": "low", "maxval": "high", "size": "shape"}


def random(m: "Machine", callee: Special, given: list[Held], named: dict[str, Held], step: "Step") -> Any:
    """`np.random.normal(0, 1, (2, 3))`, `jax.random.uniform(key, (3,))`: a maker's numbers, moved and scaled."""
    maker, places = _GENERATORS[callee.rule]
    if callee.framework in {"jax", "tensorflow"}:  # the shape comes first
        places = ("shape", *places[:2])
    values = [value for value in given if not (isinstance(value, Opaque) and value.kind == "device")]
    found = dict(zip(places, values, strict=False))
    found |= {_SPELT.get(name, name): value for name, value in named.items() if not isinstance(value, Opaque)}
    seed = {"seed": found["seed"]} if isinstance(found.get("seed"), Number) else {}
    size = found.get("shape", Listing([], step[2], tuple=True))
    made = operate(m, CATALOGUE[maker], [size], seed, callee.framework, step, callee.path)
    start, scale = found.get("loc", found.get("low")), found.get("scale", found.get("high"))
    if maker == "rand" and start is not None:
        end = Number(1.0, step[2]) if scale is None else scale
        scale = m.make(CATALOGUE["sub"], [m.operand(end), m.operand(start)], step[2], (step[4], "width"))
    for name, value in (("mul", scale), ("add", start)):
        if value is not None and not (isinstance(value, Number) and value.value == (name == "mul")):
            made = m.make(CATALOGUE[name], [made, m.operand(value, step[2])], step[2], (step[4], name))
    return made


def like_this(m: "Machine", callee: Special, given: list[Held], named: dict[str, Held], step: "Step") -> Any:
    """`zeros_like(x)`: a maker by the shape of a value."""
    like = callee.path.rpartition(".")[2]
    if not given:
        raise fail("call.arguments", f"`{like}` takes a tensor: it is written `{like}(x)`", hint=Form(f"{like}(x)"))
    if isinstance(given[0], Opaque):
        return given[0]
    shape = m.shape(m.operand(given[0], step[2]))
    sizes = Listing([Number(n, step[2]) for n in shape], step[2], tuple=True)
    maker = CATALOGUE[like.removesuffix("_like")]
    return operate(m, maker, [sizes, *given[1:]], named, callee.framework, step, like)
