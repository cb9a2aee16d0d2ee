"""What is called and is no operator: `grad`, `range`, `len`, `zip` and the like."""

import ast
from typing import TYPE_CHECKING, Any

from app.diagnostics import Form, fail
from app.lang.asked import jax_grad
from app.lang.bindings import needs_shape
from app.lang.code import Step
from app.lang.dictionaries import dict_
from app.lang.loops import iterate
from app.lang.opaque import text_of
from app.lang.places import short
from app.lang.values import (
    Ambiguous,
    Asked,
    Broken,
    Counting,
    Detached,
    Function,
    Gradient,
    Held,
    Known,
    Listing,
    Module,
    Number,
    Opaque,
    Special,
    Text,
)

if TYPE_CHECKING:
    from app.lang.machine import Machine


def _grad(m: "Machine", callee: Special, given: list[Held], named: dict[str, Held], step: Step) -> Any:
    """`grad(y, x)`; `grad(f)` in a snippet of JAX or autograd."""
    at = step[2]
    first = given[0] if given else None
    if isinstance(first, Ambiguous) and not isinstance(first.function, Module) and len(given) < 2:
        first = first.function
    if isinstance(first, (Function | Known, Gradient)):
        return jax_grad(m, callee, [first, *given[1:]], named, step)
    if isinstance(first, Opaque):
        return first
    if len(given) != 2 or named:
        raise fail(
            "call.arguments",
            "`grad` takes a scalar and what it is differentiated by: it is written `grad(y, x)`",
            hint=Form("grad(y, x)"),
        )
    output = m.operand(first, at)
    several = isinstance(given[1], Listing)
    items = list(given[1].items) if several else [given[1]]
    place = at.args[1] if m.place is None and len(at.args) > 1 else at
    wrt = [wrt_node(m, item, place) for item in items]
    shape = m.shape(output)
    if shape:
        text = short(m.places.text(at.args[0])) if m.place is None and at.args else "y"
        raise fail(
            "grad.scalar", f"`grad` differentiates a scalar, and `{text}` has shape {shape}: sum it, as in "
            f"`grad(sum({text}), …)`",
            m.places.span(at.args[0] if m.place is None and at.args else m.place or at),
            hint=f"sum({m.places.text(at.args[0])})" if m.place is None and at.args else None,
        )  # fmt: skip
    found = m.gradients(m.node(output, at), wrt, at, step[4])
    return Listing(found, at) if several else found[0]


def wrt_node(m: "Machine", value: Held, at: Any) -> int:
    """What a gradient is taken by. Errors: grad.constant."""
    if isinstance(value, Ambiguous | Detached | Asked):
        value = m.operand(value, at)
    if type(value) is int and m.builder.differentiable[value]:
        return value
    if isinstance(value, Opaque | Broken):
        m.operand(value, at)
    text = short(m.places.text(at)) if m.place is None else "this"
    if isinstance(value, Number) and any(p == text for p in m.knowledge.parameters):
        raise fail("grad.constant", f"`{text}` is a parameter, an integer without a gradient", m.places.span(at))
    raise fail(
        "grad.constant",
        f"`{text}` is a constant: a gradient is taken by an input, or by what depends on one",
        m.places.span(m.place or at),
    )


def _range(m: "Machine", callee: Special, given: list[Held], named: dict[str, Held], step: Step) -> Any:
    at = step[2]
    if not 1 <= len(given) <= 3 or named:
        raise fail(
            "call.arguments",
            "`range` takes one to three integers: it is written `range(stop)` or `range(start, stop, step)`",
            hint=Form("range(stop)"),
        )
    places = at.args if m.place is None and len(getattr(at, "args", [])) == len(given) else [at] * len(given)
    numbers = [m.integer(value, place, "an integer") for value, place in zip(given, places, strict=True)]
    if any(abs(n) > 2**62 for n in numbers):
        raise fail("limit.turns", f"loops may have {m.limits.loop_turns:,} turns in all, and this range is larger")
    if len(numbers) == 3 and numbers[2] == 0:
        raise fail("call.arguments", "the step of a range cannot be 0", m.places.span(at))
    found = range(*numbers)
    if len(found) > m.limits.loop_turns:
        raise fail(
            "limit.turns", f"loops may have {m.limits.loop_turns:,} turns in all, and this range has {len(found):,}",
            m.places.span(m.place or at)
        )  # fmt: skip
    return Listing(Counting(found, at), at)


def _len(m: "Machine", callee: Special, given: list[Held], named: dict[str, Held], step: Step) -> Any:
    at = step[2]
    if len(given) != 1:
        raise fail("call.arguments", "`len` takes one argument: it is written `len(x)`", hint=Form("len(x)"))
    value = given[0]
    if isinstance(value, Opaque):
        return value
    if isinstance(value, Listing):
        return Number(len(value.items), at)
    shape = m.shape(m.operand(value, at))
    if not shape:
        needs_shape(m, value, at)
        raise fail("shape.axis", "a number has no length: `len` takes a tensor or a list", m.places.span(m.place or at))
    return Number(shape[0], at)


def _list(m: "Machine", callee: Special, given: list[Held], named: dict[str, Held], step: Step) -> Any:
    if not given:
        return Listing([], step[2])
    items = items_of(m, given[0], step)
    return items if isinstance(items, Opaque) else Listing(items, step[2], tuple=callee.path == "tuple")


def _argument_of(m: "Machine", at: Any, value: Held) -> Any:
    """Where an argument stands in its call: the last that is no literal, where it cannot be told."""
    given = getattr(at, "args", [])
    if m.place is None and given:
        state = m.by_node.get(value) if type(value) is int else None
        for node in given:
            if state is not None and isinstance(node, ast.Name) and node.id == state.variable:
                return node
        return given[0] if len(given) == 1 else at
    return at


def items_of(m: "Machine", value: Held, step: Step) -> Any:
    if isinstance(value, Opaque):
        return value
    items, count = iterate(m, value, _argument_of(m, step[2], value))
    if count > m.limits.loop_turns:
        raise fail("limit.turns", f"a list may have {m.limits.loop_turns:,} items")
    m.room(count // 5)  # an item takes less room than a node
    return list(items)


def _zip(m: "Machine", callee: Special, given: list[Held], named: dict[str, Held], step: Step) -> Any:
    lists = [items_of(m, value, step) for value in given]
    if any(isinstance(items, Opaque) for items in lists):
        return next(items for items in lists if isinstance(items, Opaque))
    return Listing([Listing(list(row), step[2], tuple=True) for row in zip(*lists, strict=False)], step[2])


def _enumerate(m: "Machine", callee: Special, given: list[Held], named: dict[str, Held], step: Step) -> Any:
    if not given:
        raise fail(
            "call.arguments", "`enumerate` takes a list: it is written `enumerate(xs)`", hint=Form("enumerate(xs)")
        )
    start = (
        m.integer(given[1], step[2])
        if len(given) > 1
        else m.integer(named["start"], step[2])
        if "start" in named
        else 0
    )
    items = items_of(m, given[0], step)
    if isinstance(items, Opaque):
        return items
    return Listing(
        [Listing([Number(start + i, step[2]), item], step[2], tuple=True) for i, item in enumerate(items)], step[2]
    )


def _reversed(m: "Machine", callee: Special, given: list[Held], named: dict[str, Held], step: Step) -> Any:
    items = items_of(m, given[0], step) if given else []
    return items if isinstance(items, Opaque) else Listing(items[::-1], step[2])


def _int(m: "Machine", callee: Special, given: list[Held], named: dict[str, Held], step: Step) -> Any:
    if len(given) != 1:
        raise fail("call.arguments", "`int` takes one argument")
    value = given[0]
    if isinstance(value, Opaque):
        return value
    if isinstance(value, Number) and isinstance(value.value, float) and abs(value.value) < 2**53:
        return Number(int(value.value), step[2])
    return Number(m.integer(value, step[2]), step[2])


def _same(m: "Machine", callee: Special, given: list[Held], named: dict[str, Held], step: Step) -> Any:
    """What passes a value on: `tf.cast`, `float`."""
    if not given:
        given = list(named.values())
    if not given:
        raise fail("call.arguments", f"`{callee.path}` takes a value")
    if isinstance(given[0], Text):  # `float('-inf')`
        found = _SPELT.get(given[0].value.strip().lower())
        if found is None:
            raise fail("type.number", f"`{callee.path}` of a text is not part of the language: write the number")
        return Number(found, step[2], step=step[4], literal=True)
    return given[0]


_SPELT = {f"{sign}{word}": float(sign + word) for word in ("inf", "infinity", "nan") for sign in ("", "+", "-")}


def _map(m: "Machine", callee: Special, given: list[Held], named: dict[str, Held], step: Step) -> Any:
    raise fail(
        "syntax.unsupported",
        "`map` is not part of the language: write `[f(x) for x in xs]`",
        m.places.span(step[2]),
        hint=Form("[f(x) for x in xs]"),
    )


def _print(m: "Machine", callee: Special, given: list[Held], named: dict[str, Held], step: Step) -> Any:
    return Opaque("a print", "print", None, step[2])


def _text(m: "Machine", callee: Special, given: list[Held], named: dict[str, Held], step: Step) -> Any:
    return Text(text_of(given[0]) if given else "")


def _size(m: "Machine", callee: Special, given: list[Held], named: dict[str, Held], step: Step) -> Any:
    if not given:
        raise fail("call.arguments", f"`{callee.path}` takes a tensor")
    shape = m.shape(m.operand(given[0], step[2]))
    if callee.rule == "shape":
        return Listing([Number(n, step[2]) for n in shape], step[2], tuple=True)
    if callee.rule == "ndim":
        return Number(len(shape), step[2])
    total = 1
    for n in shape:
        total *= n
    return Number(total, step[2])


STANDARD: dict[str, Any] = {
    "grad": _grad, "range": _range, "len": _len, "list": _list, "zip": _zip, "enumerate": _enumerate,
    "reversed": _reversed, "dict": dict_,
    "int": _int, "same": _same, "map": _map, "print": _print, "text": _text, "size": _size, "shape": _size,
    "ndim": _size,
}  # fmt: skip
