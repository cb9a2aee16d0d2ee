"""Attributes and methods: other spellings of the same functions."""

from typing import TYPE_CHECKING, Any

from app.diagnostics import Form, fail
from app.lang import dictionaries, frameworks, modules, pasted
from app.lang.asked import opaque_call
from app.lang.bindings import needs_shape
from app.lang.code import Step
from app.lang.opaque import opaque_attribute, stepping
from app.lang.operators import operate
from app.lang.places import short
from app.lang.standard import items_of
from app.lang.unknown import missing, unknown
from app.lang.values import (
    NOTHING,
    Ambiguous,
    Broken,
    BrokenError,
    Detached,
    Held,
    Known,
    Layer,
    Listing,
    Method,
    Module,
    Number,
    Opaque,
    Special,
)
from app.ops.catalogue import CATALOGUE

if TYPE_CHECKING:
    from app.lang.machine import Machine


_ATTRIBUTES = {"T": "transpose", "mT": "swapped", "H": "transpose"}


def attribute(m: "Machine", step: Step) -> None:
    """`value.name`."""
    stack = m.frame.stack
    owner = stack[-1]
    name = step[1]
    at = step[2]
    if isinstance(owner, Ambiguous):
        owner = owner.function if isinstance(owner.function, Module) else m.operand(owner, at)
    if isinstance(owner, Broken):
        raise BrokenError
    if isinstance(owner, Module):
        m.pasted = m.pasted or owner.path.split(".")[0] in {"torch", "tensorflow", "jax"}
        found = frameworks.member(owner, name)
        if isinstance(found, Number):
            found = Number(found.value, at, step=step[4], literal=True)
        elif isinstance(found, Opaque):
            found = Opaque(found.what, found.kind, found.needed, at)
        stack[-1] = found
        return
    if isinstance(owner, Known | Special):
        path = owner.path if isinstance(owner, Special) else owner.name
        found = frameworks.member(Module(path), name)
        stack[-1] = (
            found if not isinstance(found, Special) or found.rule != "unknown" else Special("unknown", f"{path}.{name}")
        )
        return
    if isinstance(owner, Opaque) and owner.kind == "dictionary":
        stack[-1] = Method(owner, name)
        return
    if isinstance(owner, Layer):
        stack[-1] = modules.attribute(m, owner, name, at)
        return
    if isinstance(owner, Opaque):
        stack[-1] = opaque_attribute(owner, name, at)
        return
    stack[-1] = _value_attribute(m, owner, name, at, step)


def _value_attribute(m: "Machine", owner: Held, name: str, at: Any, step: Step) -> Held:
    if name in pasted.ATTRIBUTES:
        return pasted.value_attribute(m, owner, name, at)
    if isinstance(owner, Listing) and name in {"values", "indices"} and owner.tuple and len(owner.items) == 2:
        return owner.items[name == "indices"]
    if isinstance(owner, Listing) and name in {"append", "extend"}:
        return Method(owner, name)
    if name == "at":  # JAX's `x.at[0].set(y)`
        raise fail(
            "syntax.unsupported", "a part of a tensor cannot be set: build the whole with `stack`, `concat` or `where`",
            m.places.span(m.place or at),
        )  # fmt: skip
    if name in _ATTRIBUTES:
        operand = m.operand(owner, at)
        shape = m.shape(operand)
        if name == "mT" or (m.framework == "torch" and len(shape) == 2):
            return (
                m.make(CATALOGUE["swapaxes"], [operand], at, step[4], {"axis1": -2, "axis2": -1})
                if name == "mT"
                else m.make(CATALOGUE["transpose"], [operand], at, step[4])
            )
        return m.make(CATALOGUE["transpose"], [operand], at, step[4])
    if name == "shape":
        shape = m.shape(m.operand(owner, at))
        if not shape:
            needs_shape(m, owner, at)
        return Listing([Number(n, at) for n in shape], at, tuple=True)
    if name in {"ndim", "size"} and not (name == "size" and m.framework == "torch"):
        shape = m.shape(m.operand(owner, at))
        size = 1
        for n in shape:
            size *= n
        return Number(len(shape) if name == "ndim" else size, at)
    return Method(owner, name)


def method(m: "Machine", owner: Held, name: str, given: list[Held], named: dict[str, Held], step: Step) -> Any:
    """`x.name(…)`: the operator of that name on x, by the framework of the program."""
    at = step[2]
    if isinstance(owner, Opaque):
        found = dictionaries.method(owner, name, given, at) if owner.kind == "dictionary" else None
        return found if found is not None else Opaque(owner.what, "", owner.needed, at)
    if isinstance(owner, Layer):
        return modules.method(m, owner, name, given)
    rule = pasted.METHODS_OF.get((m.framework, name), pasted.METHODS.get(name))
    if rule is not None:
        return rule(m, owner, name, given, named, step)
    if isinstance(owner, Listing) and name in {"append", "extend"}:
        return _append(m, owner, name, given, step)
    if name.endswith("_") and frameworks.named(name[:-1]) is not None:
        return _in_place(m, owner, name, given, step)
    framework = m.framework if m.pasted else None
    operator = frameworks.named(name, framework)
    if operator is None or operator.family == "maker":
        return opaque_call(m, missing(m, unknown(m, f".{name}", step), f".{name}"), given, named, step)
    return operate(m, operator, [owner, *given], named, framework, step, name)


def _in_place(m: "Machine", owner: Held, name: str, given: list[Held], step: Step) -> Held:
    """`w.sub_(lr*w.grad)` is a step of training; another change in place has no circuit.
    Errors: syntax.unsupported."""
    at = step[2]
    if m.stopping or any(isinstance(value, Opaque) for value in given) or isinstance(owner, Detached):
        stepping(m, at)
        m.note("pasted.opaque", "left out: this step of training does not change the circuit before it", at)
        return Opaque("a step of training", "backward", None, at)
    text = m.places.text(at.func.value) if m.place is None and hasattr(at, "func") else "x"
    inside = ", ".join(m.places.text(a) for a in at.args) if m.place is None and hasattr(at, "args") else "…"
    hint = short(f"{text if text.isidentifier() else 'y'} = {text}.{name[:-1]}({inside})", 80)
    raise fail(
        "syntax.unsupported", f"`.{name}` changes its tensor in place, and a circuit has one value at each wire: write "
        f"`{hint}`",
        m.places.span(m.place or at), hint=hint,
    )  # fmt: skip


def _append(m: "Machine", owner: Listing, name: str, given: list[Held], step: Step) -> Held:
    """`xs.append(x)`."""
    if len(given) != 1:
        raise fail(
            "call.arguments", f"`{name}` takes one value: it is written `xs.{name}(x)`", hint=Form(f"xs.{name}(x)")
        )
    value = given[0]
    if isinstance(value, Ambiguous):
        value = m.operand(value, step[2])
    items = list(owner.items) if not isinstance(owner.items, list) else owner.items
    if name == "append":
        items.append(value)
    else:
        more = items_of(m, value, step)
        items += [more] if isinstance(more, Opaque) else more
    owner.items = items
    owner.node = None
    for state in m.frame.loops:  # what it holds is of the circuit, and so are the loops around
        state.opaque = False
    return NOTHING
