"""Dictionaries, as courses keep weights and gradients in them: `params['W1']`. Each value is picked without a gate."""

import ast
from typing import TYPE_CHECKING, Any

import numpy as np

from app.diagnostics import ProgramError, fail
from app.lang import syntax
from app.lang.bindings import line_of
from app.lang.known import number
from app.lang.opaque import key, stepping
from app.lang.values import BROKEN, Broken, BrokenError, Held, Listing, Number, Opaque, Text

if TYPE_CHECKING:
    from app.lang.code import Step
    from app.lang.machine import Machine

NEEDED = "a dictionary cannot be drawn: give each value a name of its own"


def made(pairs: list[tuple[Held, Held]], at: Any) -> Opaque:
    """A dictionary of (key, value)."""
    return Opaque("a dictionary", "dictionary", NEEDED, at, {key(k): (k, value) for k, value in pairs})


def dictionary(m: "Machine", step: "Step") -> None:
    """`{k: v, …}`."""
    count = step[1]
    stack = m.frame.stack
    items = stack[len(stack) - 2 * count :]
    del stack[len(stack) - 2 * count :]
    stack.append(made(list(zip(items[::2], items[1::2], strict=True)), step[2]))


def paired(m: "Machine", step: "Step") -> None:
    """`{k: v for …}`: what the comprehension collected, as (key, value), is a dictionary."""
    stack = m.frame.stack
    if isinstance(stack[-1], Listing):
        stack[-1] = made([tuple(pair.items) for pair in stack[-1].items], step[2])


def dict_(m: "Machine", callee: Any, given: list[Held], named: dict[str, Held], step: "Step") -> Held:
    """`dict(W=…, b=…)`."""
    if given:
        return given[0] if isinstance(given[0], Opaque) else Opaque("a dictionary", "", NEEDED, step[2])
    return made([(Text(name), value) for name, value in named.items()], step[2])


def picked(m: "Machine", owner: Opaque, item: Held, at: Any) -> Held:
    """`params['W1']`. What a program's own dictionary holds of numbers is an input, named by its key.
    Errors: name.unknown-function."""
    found = owner.items.get(key(item))
    if found is None:
        if owner.name and isinstance(item, Text):
            known = [k for k in owner.items if isinstance(k, str)]
            tail = f": it has {', '.join(f'`{k}`' for k in known[:5])}" if known else ": it is empty"
            raise fail("name.unknown", f"`{owner.name}` has no `{item.value}`{tail}", m.places.span(at))
        return Opaque(f"a part of {owner.what}", "", owner.needed, at)
    value = found[1]
    if owner.name and isinstance(item, Text):
        value = _input(m, owner, item.value, value, at)
        owner.items[key(item)] = (item, value)
    return value


def named(m: "Machine", value: Held, at: Any) -> list[tuple[str, Held]]:
    """The arguments of `f(**settings)`. Errors: call.arguments."""
    if isinstance(value, Broken):
        raise BrokenError
    if not isinstance(value, Opaque) or value.kind != "dictionary":
        raise fail("call.arguments", "`**` takes a dictionary: write the arguments one by one")
    keys = [item for item, _ in value.items.values()]
    if not all(isinstance(item, Text) for item in keys):
        raise fail("call.arguments", "`**` takes a dictionary whose keys are the names of arguments")
    return [(item.value, picked(m, value, item, at)) for item in keys]


def _input(m: "Machine", owner: Opaque, name: str, value: Held, at: Any) -> Held:
    """Numbers as an input with that default; anything else as it is."""
    if isinstance(value, Number) and (value.node is not None or value.home is not None):
        return value
    numbers: Any = None
    if isinstance(value, Number | Listing):
        numbers = m.numbers(value)
    elif type(value) is int and not m.builder.differentiable[value]:
        numbers = number(m, value)
        m.apart.append((value, value + 1))
    if numbers is None or isinstance(numbers, bool | np.bool_):
        return value
    taken = name in m.program.names or name in m.assigned or not name.isidentifier()
    node: Held = m.leaf_input(f"{owner.name}_{name}" if taken else name, numbers, getattr(value, "at", None) or at)
    return node


def store_item(m: "Machine", step: "Step") -> None:
    """`grads['W1'] = …`. Errors: syntax.unsupported, where it is no dictionary."""
    stack = m.frame.stack
    item, owner, value = stack.pop(), stack.pop(), stack.pop()
    if isinstance(owner, Broken):
        raise BrokenError
    if not isinstance(owner, Opaque):
        raise _part(m, step)
    if owner.kind == "dictionary":
        owner.items[key(item)] = (item, value)


def update_item(m: "Machine", step: "Step") -> None:
    """`params['W1'] -= lr*grads['W1']`: a step of training. Errors: syntax.unsupported, where it is no dictionary."""
    stack = m.frame.stack
    stack.pop()
    owner = stack.pop()
    if isinstance(owner, Broken):
        raise BrokenError
    if not isinstance(owner, Opaque):
        raise _part(m, step)
    stepping(m, step[2])
    m.note("pasted.opaque", "left out: this step of training does not change the circuit before it", line_of(step[2]))


def _part(m: "Machine", step: "Step") -> ProgramError:
    target: Any = getattr(step[2], "target", step[2])
    if isinstance(target.value, ast.Name):
        m.frame.names[target.value.id] = BROKEN
    found = syntax.unsupported_target(target)
    return fail(found.code, found.message, m.places.span(target), hint=found.hint)


def method(owner: Opaque, name: str, given: list[Held], at: Any) -> Held | None:
    """`.items()`, `.keys()`, `.values()`, `.get(key)`; None for any other."""
    pairs = list(owner.items.values())
    if name == "items":
        return Listing([Listing(pair, at, tuple=True) for pair in pairs], at)
    if name in {"keys", "values"}:
        return Listing([pair[name == "values"] for pair in pairs], at)
    if name == "get" and given and key(given[0]) in owner.items:
        return owner.items[key(given[0])][1]
    return None
