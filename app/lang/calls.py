"""Calls: what a name calls, and what is called."""

import ast
from typing import TYPE_CHECKING, Any

from app.diagnostics import fail
from app.lang import dictionaries, frameworks, modules, pasted
from app.lang.asked import differentiate, opaque_call, take_feed
from app.lang.bindings import functions, note_read, spread
from app.lang.code import Step
from app.lang.frames import SWITCH
from app.lang.functions import inline
from app.lang.members import method
from app.lang.operators import operate
from app.lang.places import short
from app.lang.standard import STANDARD
from app.lang.unknown import missing, unknown
from app.lang.values import (
    Ambiguous,
    Broken,
    BrokenError,
    Function,
    Gradient,
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

if TYPE_CHECKING:
    from app.lang.machine import Machine


# Calls that are no operators.
BUILTIN: dict[str, str] = {
    "grad": "grad", "range": "range", "len": "len", "list": "list", "tuple": "list", "int": "int", "float": "same",
    "bool": "same",
    "zip": "zip", "enumerate": "enumerate", "reversed": "reversed", "Value": "value", "print": "print", "str": "text",
    "sorted": "undrawn",
    "map": "map", "set": "undrawn", "dict": "dict", "super": "undrawn", "getattr": "undrawn",
}  # fmt: skip


def call(m: "Machine", step: Step) -> Any:
    """`name(…)`."""
    name, count, keywords, stars = step[1]
    given, named = _taken(m, count, keywords, stars, step)
    return pushed(m, invoke(m, find(m, name, step), given, named, step, name))


def apply(m: "Machine", step: Step) -> Any:
    """`….name(…)`, `f(x)(y)`: what is called lies on the stack, below its arguments."""
    count, keywords, stars = step[1]
    given, named = _taken(m, count, keywords, stars, step)
    callee = m.frame.stack.pop()
    func = step[2].func
    called = short(m.places.text(func)) if m.place is None and isinstance(func, ast.Attribute) else "this"
    return pushed(m, invoke(m, callee, given, named, step, called))


def pushed(m: "Machine", value: Any) -> Any:
    if value is SWITCH:
        return SWITCH
    m.frame.stack.append(value)
    return None


def _taken(
    m: "Machine", count: int, keywords: tuple[str, ...], stars: tuple[int, ...], step: Step
) -> tuple[list[Held], dict[str, Held]]:
    stack = m.frame.stack
    start = len(stack) - count - len(keywords)
    values = stack[start:]
    del stack[start:]
    given = values[:count]
    if stars:
        given = spread(m, given, stars, step[2])
    pairs = [
        pair
        for name, value in zip(keywords, values[count:], strict=True)
        for pair in ([(name, value)] if name != "**" else dictionaries.named(m, value, step[2]))
    ]
    named = dict(pairs)
    if len(named) < len(pairs):
        raise fail("call.arguments", "an argument is given twice")
    return given, named


def find(m: "Machine", name: str, step: Step) -> Held:
    """What a bare name calls: the program's function, an operator, or what a framework's import bound."""
    frame = m.frame
    value = frame.names.get(name)
    if value is None and frame is not m.program:
        value = m.program.names.get(name)
    if type(value) is Opaque:
        return value
    if type(value) is Layer:
        note_read(m, name, value)
        return value
    function = functions(m, name)
    if function is not None:
        return function
    builtin = BUILTIN.get(name)
    if builtin is not None:
        return Special(builtin, name, m.framework)
    operator = frameworks.named(name)
    if operator is not None:
        return Known(operator, None, name)
    if value is not None:
        return value
    if name in frameworks.MODULES and m.pasted:
        return Special("module", name, "torch")
    if name in frameworks.MODELS and m.pasted:
        return Opaque(
            f"`{name}`",
            "model",
            f"`{name}` has weights of its own: paste the mathematics, such as `h = tanh(x @ W + b)`",
        )
    if name in frameworks.LIKE:
        return Special("like", name, m.framework)
    return missing(m, unknown(m, name, step), name)


def invoke(m: "Machine", callee: Held, given: list[Held], named: dict[str, Held], step: Step, called: str) -> Any:
    """The result of a call, or SWITCH where a body is to be run first."""
    if isinstance(callee, Ambiguous):
        if isinstance(callee.function, Module):
            raise unknown(m, called, step)
        callee = callee.function
    feed = named.get("feed_dict") if named else None
    if isinstance(feed, Opaque):
        take_feed(m, feed)
    if isinstance(callee, Broken):
        raise BrokenError
    for value in given:
        if isinstance(value, Broken):
            raise BrokenError
    if isinstance(callee, Known):
        called = callee.operator.name if called == "this" else called
        return operate(m, callee.operator, given, {**dict(callee.fixed), **named}, callee.framework, step, called)
    if isinstance(callee, Function):
        return inline(m, callee, given, named, step)
    if isinstance(callee, Layer):
        return modules.run(m, callee, given, named, step, invoke)
    if isinstance(callee, Special):
        rule = STANDARD.get(callee.rule) or pasted.SPECIAL.get(callee.rule)
        if rule is None:
            if callee.rule == "unknown":
                found = opaque_call(m, missing(m, unknown(m, callee.path, step), callee.path), given, named, step)
                if found.needed and callee.path.split(".")[-2] in frameworks.FUNCTIONAL:
                    found.kind = "function"
                return found
            instead = frameworks.UNDRAWN.get(callee.path.rpartition(".")[2], "write what it computes")
            raise fail(
                "program.no-drawing", f"`{callee.path}` cannot be drawn: {instead}", m.places.span(m.place or step[2])
            )
        return rule(m, callee, given, named, step)
    if isinstance(callee, Gradient):
        return differentiate(m, callee, given, named, step)
    if isinstance(callee, Method):
        return method(m, callee.owner, callee.name, given, named, step)
    if isinstance(callee, Opaque):
        return opaque_call(m, callee, given, named, step)
    at = step[2]
    func = getattr(at, "func", at)
    if isinstance(callee, Number | Listing) or type(callee) is int:
        text = m.places.text(func)
        if isinstance(func, ast.BinOp):
            text = f"({text})"
        inside = ", ".join(m.places.text(a) for a in at.args) if at.args else "…"
        hint = (
            f"{text}*({inside})"
            if len(at.args) != 1 or not isinstance(at.args[0], ast.Name | ast.Constant)
            else f"{text}*{inside}"
        )
        raise fail(
            "syntax.missing-operator",
            f"`{short(text)}` is a value, not a function: a product is written `{short(hint)}`",
            m.places.span(at),
            hint=short(hint, 200),
        )
    raise fail("name.unknown-function", f"`{called}` is not a function", m.places.span(func))


def unread(m: "Machine", step: Step) -> None:
    """`print(…)`: what it is given was looked at for gradients that it asks for, and is left out."""
    name, count = step[1]
    stack = m.frame.stack
    values = stack[len(stack) - count :]
    del stack[len(stack) - count :]
    found = [value for value in values if type(value) is int]
    if name == "print" and found and m.quiet == 1:
        m.printed = (found[-1], step[2])
    end_apart(m)
    if (
        name == "isinstance"
        and len(values) == 2
        and (type(values[0]) is int or isinstance(values[0], Number | Listing))
    ):
        stack.append(Number(_instance(values[0], step[2]), step[2]))
        return
    if name in {"eval", "exec", "open", "input", "type", "isinstance", "id"}:
        stack.append(
            Opaque(
                f"`{name}`", "", f"`{name}` is not part of the language: a program is text that is never run", step[2]
            )
        )
        if not m.pasted:
            m.fail(
                "name.unknown-function",
                f"there is no function `{name}`: a program is never run, only drawn",
                step[2].func,
            )
        return
    stack.append(Opaque(f"`{name}`", "print", f"`{name}` gives no value", step[2]))


def _instance(value: Held, at: Any) -> bool:
    """`isinstance(x, float)`: whether it is a number of Python's, or a list; of any other type, whether it is none."""
    names = {part.id for part in ast.walk(at.args[1]) if isinstance(part, ast.Name)}
    plain = (isinstance(value, Number) and bool(names & {"int", "float", "bool"})) or (
        isinstance(value, Listing) and bool(names & {"list", "tuple"})
    )
    return plain or (type(value) is int and not names <= {"int", "float", "bool", "list", "tuple", "str", "dict"})


def end_apart(m: "Machine") -> None:
    if m.quiet:
        m.quiet -= 1
        m.apart.append((m.aparts.pop(), len(m.builder)))
