"""Functions: defined, called (each call a group of its own), left."""

import ast
from functools import cache
from typing import TYPE_CHECKING, Any

from app.diagnostics import Form, ProgramError, fail
from app.lang import growth
from app.lang.bindings import counts
from app.lang.code import Code, Scope, Step
from app.lang.compiler import Compiler
from app.lang.frames import SWITCH, Frame
from app.lang.loops import enter_group
from app.lang.opaque import stopped
from app.lang.places import Places, short
from app.lang.values import (
    BROKEN,
    NOTHING,
    Ambiguous,
    Broken,
    BrokenError,
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
    key_of,
)
from app.ops.operator import Operator

if TYPE_CHECKING:
    from app.lang.machine import Machine


def define(m: "Machine", step: Step) -> Any:
    """`def` or `lambda`."""
    name, parameters, defaulted, variadic, code, stored, uses, decorators = step[1]
    stack = m.frame.stack
    defaults = dict(zip(defaulted, stack[len(stack) - len(defaulted) :], strict=True)) if defaulted else {}
    if defaulted:
        del stack[len(stack) - len(defaulted) :]
    if decorators:
        wrappers = stack[len(stack) - decorators :]
        del stack[len(stack) - decorators :]
    else:
        wrappers = []
    closure = m.frame if m.frame is not m.program else None
    function = Function(
        name, parameters, defaults, variadic, code, step[2], closure=closure, uses=uses[0], passes=uses[1]
    )
    for held in wrappers:
        wrapper = held.function if isinstance(held, Ambiguous) else held
        if isinstance(wrapper, Special) and wrapper.rule == "no_grad":
            function.detached = True
        elif isinstance(wrapper, Special) and wrapper.rule in {"jax_grad", "value_and_grad"}:
            m.frame.functions[name] = Gradient(function, (0,), True, wrapper.rule == "value_and_grad")
            return None
        elif not isinstance(wrapper, Opaque | Special):
            raise fail(
                "syntax.unsupported",
                "decorators are not part of the language: leave it out",
                m.places.span(step[2].decorator_list[0]),
            )
    if not stored:
        stack.append(function)
        return None
    m.frame.functions[name] = function
    if type(m.frame.names.get(name)) is Opaque:
        del m.frame.names[name]
    counts(m, ("function", function, step[2]))
    return None


def placed(m: "Machine", function: Function, given: list[Held], named: dict[str, Held], at: Any) -> dict[str, Held]:
    """The arguments by name. Errors: call.arguments."""
    found: dict[str, Held] = {}

    def wrong(message: str) -> ProgramError:
        signature = _signature(m, function)
        return fail("call.arguments", f"{message}: it is written `{signature}`", hint=Form(signature))

    placed_by = function.parameters[: _unnamed(function)]
    found.update(zip(placed_by, given, strict=False))
    if len(given) > len(placed_by):
        if function.variadic is None:
            count = len(placed_by)
            raise wrong(f"`{function.name}` takes {count} argument{'s' * (count != 1)}, and here are {len(given)}")
        found[function.variadic] = Listing(given[len(placed_by) :], at, tuple=True)
    elif function.variadic is not None:
        found[function.variadic] = Listing([], at, tuple=True)
    for name, value in named.items():
        if name not in function.parameters:
            raise wrong(f"`{function.name}` has no argument `{name}`")
        if name in found:
            raise wrong(f"`{function.name}` is given `{name}` twice")
        found[name] = value
    for parameter in function.parameters:
        if parameter not in found:
            if parameter not in function.defaults:
                raise wrong(f"`{function.name}` needs `{parameter}`")
            found[parameter] = function.defaults[parameter]
    return found


def _unnamed(function: Function) -> int:
    """How many parameters may be given without their names."""
    arguments = function.at.args
    return len(arguments.posonlyargs) + len(arguments.args)


def _signature(m: "Machine", function: Function) -> str:
    parts = [f"{p}={_default(m, function.defaults[p])}" if p in function.defaults else p for p in function.parameters]
    unnamed = _unnamed(function)
    if function.variadic or unnamed < len(parts):
        parts.insert(unnamed, f"*{function.variadic or ''}")
    return f"{function.name}({', '.join(parts)})"


def _default(m: "Machine", value: Held) -> str:
    return short(repr(value.value), 12) if isinstance(value, Number) else "None" if value is NOTHING else "…"


def inline(
    m: "Machine", function: Function, given: list[Held], named: dict[str, Held], step: Step, after: Any = None
) -> Any:
    """Runs the function's body in a group of its own; an equal call in the same group is the same group."""
    at = step[2]
    values = placed(m, function, given, named, at)
    for name, value in values.items():
        if isinstance(value, Broken):
            raise BrokenError
        if isinstance(value, Ambiguous):
            if name in function.uses or (isinstance(value.function, Function) and value.name not in m.assigned):
                values[name] = value.function
            else:
                values[name] = m.operand(value, at)
        elif (
            isinstance(value, Number)
            and value.home is None
            and value.node is None
            and not (isinstance(value.value, int) and not value.literal)
        ):
            values[name] = Number(
                value.value,
                value.at,
                step=value.step,
                literal=value.literal,
                parts=value.parts,
                home=(m.group, m.anchor),
            )
    return enter(m, function, values, "call", step, after)


def compose(m: "Machine", operator: Operator, operands: list[Any], attributes: dict[str, Any], step: Step) -> Any:
    """A call of an operator that is written in the language."""
    function = native(operator)
    values: dict[str, Held] = {}
    taken = iter(operands)
    for parameter in operator.parameters:
        if parameter.role == "attribute":
            if parameter.name in attributes:
                values[parameter.name] = held_constant(attributes[parameter.name], step[2])
        elif parameter.role in {"operands", "list"}:
            values[parameter.name] = Listing(list(taken), step[2])
        else:
            value = next(taken, NOTHING)
            if value is not NOTHING:
                if isinstance(value, Number) and value.home is None:
                    value = Number(value.value, value.at, step=value.step, home=(m.group, m.anchor))
                values[parameter.name] = value
    for name, default in function.defaults.items():
        values.setdefault(name, default)
    if function.variadic in values:
        pass
    for name in function.parameters:
        if name not in values and name == "stream":
            values[name] = Text(str(attributes.get("stream", "")))
    return enter(m, function, values, "composition", step, None)


def held_constant(value: Any, at: Any) -> Held:
    if value is None:
        return NOTHING
    if isinstance(value, str):
        return Text(value)
    if isinstance(value, tuple):
        return Listing([held_constant(item, at) for item in value], at, tuple=True)
    return Number(value, at, literal=True)


@cache
def native(operator: Operator) -> Function:
    """A composed operator's body, compiled once."""
    from app.lang import table

    assert operator.body is not None
    places = Places(operator.body)
    node = ast.parse(operator.body).body[0]
    assert isinstance(node, ast.FunctionDef)
    code = Code(places, Scope(places))
    errors: list[Any] = []
    compiler = Compiler(code, table, errors.append, function=True)
    compiler.whole(node.body)
    assert not errors, errors
    defaults: dict[str, Held] = {}
    names = [a.arg for a in node.args.args]
    for name, default in zip(names[len(names) - len(node.args.defaults) :], node.args.defaults, strict=True):
        defaults[name] = held_constant(ast.literal_eval(default), default)
    variadic = node.args.vararg.arg if node.args.vararg else None
    return Function(operator.name, tuple(names), defaults, variadic, code, node, native=operator)


def enter(m: "Machine", function: Function, values: dict[str, Held], kind: Any, step: Step, after: Any) -> Any:
    """Enters a body: SWITCH, or at once the result where an equal call is known."""
    at = step[2]
    key: object = None
    if m.share and after is None and function.closure is None:
        key = (function, tuple([(name, key_of(value)) for name, value in values.items()]), m.group)
        known = m.calls.get(key)
        if known is not None:
            reads, result, group = known
            if all(_now(m, name) is value or key_of(_now(m, name)) == key_of(value) for name, value in reads.items()):
                if m.frame is not m.program:
                    m.frame.reads.update(reads)
                group.places.append(m.place or at)
                return Listing(list(result.items), at, tuple=result.tuple) if isinstance(result, Listing) else result
    for frame in m.frames:
        if frame.function is function:
            raise fail(
                "limit.recursion",
                f"`{function.name}` calls itself, and a circuit is finite: repeat with `for i in range(n)`",
                m.places.span(at) if m.place is None else m.places.span(m.place),
            )  # fmt: skip
    if len(m.frames) > m.limits.nesting:
        raise fail("limit.nesting", f"calls may nest {m.limits.nesting} deep, and here they nest deeper")
    growth.step(m, len(function.code.steps), at)
    if function.native is None:
        growth.calls(m, at)
    outer = m.group
    label = function.name if function.native is None else function.native.sign
    inner = enter_group(m, label, kind, function.name, at)
    inner.arguments = tuple(values.values())
    names: dict[str, Held] = {}
    functions: dict[str, Held] = {}
    for name, value in values.items():
        if isinstance(value, Function | Known | Special | Gradient):
            functions[name] = value
        else:
            names[name] = value
    frame = Frame(
        code=function.code, names=names, functions=functions, function=function, group=outer, inner=inner,
        place=m.place,
        key=key, after=after, at=at, anchor=m.anchor,
        base=(m.anchor, step[4] - (m.frame.statement.start if m.frame.statement is not None else 0)),
        detached=bool(m.stopping),
    )  # fmt: skip
    if function.native is not None and m.place is None:
        m.place = at
    if function.detached:
        m.stopping += 1
    m.group = inner
    m.frames.append(frame)
    m.frame = frame
    return SWITCH


def _now(m: "Machine", name: str) -> Held:
    if name.startswith("def "):
        return m.program.functions.get(name[4:])
    return m.program.names.get(name)


def give(m: "Machine", step: Step) -> Any:
    """`return`."""
    return return_value(m, m.frame.stack.pop())


def finish(m: "Machine", step: Step) -> Any:
    """The end of a body."""
    return return_value(m, NOTHING)


def return_value(m: "Machine", value: Held) -> Any:
    """Leaves the body: its value goes to whoever called."""
    frame = m.frames.pop()
    m.frame = m.frames[-1]
    group = frame.inner
    m.group = frame.group
    m.place = frame.place
    if frame.function is not None and frame.function.detached:
        m.stopping -= 1
        value = stopped(m, value, frame.at)
    m.anchor = m.frame.anchor
    if isinstance(value, Ambiguous) and not isinstance(value.function, Module):
        value = value.function if value.name not in m.assigned else m.operand(value, frame.at)
    if isinstance(value, Number) and value.parts is not None:
        value = m.operand(value, frame.at)
    assert group is not None
    if type(value) is int:
        group.result = value
    if frame.unseeded or any(isinstance(v, Opaque) for v in frame.names.values()):
        pass
    elif frame.key is not None and not isinstance(value, Broken):
        m.calls[frame.key] = (frame.reads, value, group)
    if m.frame is not m.program:
        m.frame.reads.update(frame.reads)
    if frame.after is not None:
        try:
            value = frame.after(value)
        except ProgramError as error:
            for diagnostic in error.diagnostics:
                m.report(diagnostic.at(m.places.span(frame.at)))
            value = BROKEN
        except BrokenError:
            value = BROKEN
    if value is not SWITCH:  # … which has entered another body
        m.frame.stack.append(value)
    return SWITCH
