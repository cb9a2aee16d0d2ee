"""Calls: of operators, of functions (inlined as groups), of methods, and of what is no operator (`grad`, `range`)."""

import ast
from functools import cache
from typing import Any

from app.diagnostics import ProgramError, Span, fail
from app.lang import arguments, frameworks, indexing, pasted
from app.lang.code import Code, Compiler, Scope, Step
from app.lang.frames import Frame, GroupState
from app.lang.machine import SWITCH, Machine
from app.lang.names import near
from app.lang.places import Places, short
from app.lang.values import (
    BROKEN,
    NOTHING,
    Ambiguous,
    Asked,
    Broken,
    BrokenError,
    Counting,
    Detached,
    Function,
    Gradient,
    Held,
    Known,
    Listing,
    Method,
    Module,
    Number,
    Opaque,
    Special,
    Text,
    key_of,
)  # fmt: skip
from app.ops.catalogue import CATALOGUE
from app.ops.operator import NODE, Operator, variant

# Calls that are no operators.
BUILTIN: dict[str, str] = {
    "grad": "grad", "range": "range", "len": "len", "list": "list", "tuple": "list", "int": "int", "float": "same", "bool": "same",
    "zip": "zip", "enumerate": "enumerate", "reversed": "reversed", "Value": "value", "print": "print", "str": "text", "sorted": "undrawn",
    "map": "map", "set": "undrawn", "dict": "undrawn", "super": "undrawn", "getattr": "undrawn",
}  # fmt: skip
_ATTRIBUTES = {"T": "transpose", "mT": "swapped", "H": "transpose"}


# ── Finding what is called ───────────────────────────────────────────────────────────────────────────────────────────


def call(m: Machine, step: Step) -> Any:
    """`name(…)`."""
    name, count, keywords, stars = step[1]
    given, named = _taken(m, count, keywords, stars, step)
    return _push(m, invoke(m, find(m, name, step), given, named, step, name))


def apply(m: Machine, step: Step) -> Any:
    """`….name(…)`, `f(x)(y)`: what is called lies on the stack, below its arguments."""
    count, keywords, stars = step[1]
    given, named = _taken(m, count, keywords, stars, step)
    callee = m.frame.stack.pop()
    func = step[2].func
    called = short(m.places.text(func)) if m.place is None and isinstance(func, ast.Attribute) else "this"
    return _push(m, invoke(m, callee, given, named, step, called))


def _push(m: Machine, value: Any) -> Any:
    if value is SWITCH:
        return SWITCH
    m.frame.stack.append(value)
    return None


def _taken(
    m: Machine, count: int, keywords: tuple[str, ...], stars: tuple[int, ...], step: Step
) -> tuple[list[Held], dict[str, Held]]:
    stack = m.frame.stack
    start = len(stack) - count - len(keywords)
    values = stack[start:]
    del stack[start:]
    given = values[:count]
    if stars:
        from app.lang.rules import spread

        given = spread(m, given, stars, step[2])
    if len(set(keywords)) < len(keywords):
        raise fail("call.arguments", "an argument is given twice")
    return given, dict(zip(keywords, values[count:], strict=True))


def find(m: Machine, name: str, step: Step) -> Held:
    """What a bare name calls: the program's function, an operator, or what a framework's import bound."""
    frame = m.frame
    value = frame.names.get(name)
    if value is None and frame is not m.program:
        value = m.program.names.get(name)
    if type(value) is Opaque:
        return value
    from app.lang.rules import functions

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
    if name in frameworks._MODELS and m.pasted:  # noqa: SLF001
        return Opaque(
            f"`{name}`",
            "model",
            f"`{name}` has weights of its own: paste the mathematics, such as `h = tanh(x @ W + b)`",
        )
    if name in frameworks.LIKE:
        return Special("like", name, m.framework)
    return _missing(m, unknown(m, name, step), name)


def _missing(m: Machine, error: ProgramError, name: str) -> Held:
    """What nothing is known of: in a pasted program that matters only where the circuit needs it."""
    if not m.pasted:
        raise error
    said = error.diagnostics[0]
    at = _Place(said.spans[0]) if said.spans else None
    return Opaque(f"`{short(name)}`", "import", said.message, at, code=said.code, hint=said.hint)


class _Place:
    """A span as a place of the parser."""

    def __init__(self, span: Span) -> None:
        self.span = span


def unknown(m: Machine, name: str, step: Step) -> ProgramError:
    """No function of this name: near ones."""
    last = name.rsplit(".", 1)[-1]
    close = m.near.get(last)
    if close is None:  # looking for near names is slow, and beyond the errors that are shown in vain
        some = len(m.errors) <= m.limits.errors
        close = m.near[last] = near(last, [*frameworks.known_names(), *m.program.functions, "grad"]) if some else []
    tail = f": near names: {', '.join(f'`{other}`' for other in close)}" if close else ""
    at = step[2].func if isinstance(step[2], ast.Call) else step[2]
    if not tail and m.pasted:
        tail = ": paste its definition, or what it computes"
    spans = (m.places.span(at),) if m.place is None else ()
    if len(name) == 1 and isinstance(step[2], ast.Call) and len(step[2].args) == 1 and m.place is None:
        product = f"{name}*({m.places.text(step[2].args[0])})"
        return fail(
            "name.unknown-function",
            f"there is no function `{name}`: a product is written `{short(product)}`",
            *spans,
            hint=product,
        )
    return fail(
        "name.unknown-function", f"there is no function `{short(name)}`{tail}", *spans, hint=close[0] if close else None
    )


# ── Calling ──────────────────────────────────────────────────────────────────────────────────────────────────────────


def invoke(m: Machine, callee: Held, given: list[Held], named: dict[str, Held], step: Step, called: str) -> Any:
    """The result of a call, or SWITCH where a body is to be run first."""
    if isinstance(callee, Ambiguous):
        if isinstance(callee.function, Module):
            raise unknown(m, called, step)
        callee = callee.function
    if isinstance(callee, Broken):
        raise BrokenError
    for value in given:
        if isinstance(value, Broken):
            raise BrokenError
    if isinstance(callee, Known):
        return operate(m, callee.operator, given, {**dict(callee.fixed), **named}, callee.framework, step, called)
    if isinstance(callee, Function):
        return inline(m, callee, given, named, step)
    if isinstance(callee, Special):
        rule = _SPECIAL.get(callee.rule) or pasted.SPECIAL.get(callee.rule)
        if rule is None:
            if callee.rule == "unknown":
                return pasted.opaque_call(
                    m, _missing(m, unknown(m, callee.path, step), callee.path), given, named, step
                )
            raise fail(
                "program.no-drawing", f"`{callee.path}` cannot be drawn: write what it computes", m.places.span(step[2])
            )
        return rule(m, callee, given, named, step)
    if isinstance(callee, Gradient):
        return pasted.differentiate(m, callee, given, named, step)
    if isinstance(callee, Method):
        return method(m, callee.owner, callee.name, given, named, step)
    if isinstance(callee, Opaque):
        return pasted.opaque_call(m, callee, given, named, step)
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


def _takes(operator: Operator, name: str) -> bool:
    return any(p.name == name or name in p.aliases for p in operator.parameters)


def operate(
    m: Machine,
    operator: Operator,
    given: list[Held],
    named: dict[str, Held],
    framework: str | None,
    step: Step,
    called: str,
) -> Any:
    """A call of an operator: a gate, or the group of a composition."""
    at = step[2]
    named = {name: value for name, value in named.items() if name not in arguments.IGNORED or _takes(operator, name)}
    for value in (*given, *named.values()):
        if isinstance(value, Broken):
            raise BrokenError
        if isinstance(value, Opaque) and value.kind not in {"type", "device"}:
            return pasted.mixed(value, value, at)
    if operator.name in _EXTREME:
        found = _extreme(m, operator, given, named, framework, step, called)
        if found is not None:
            return found
    if operator.name == "sum" and len(given) == 2 and isinstance(given[0], Listing) and m.exact(given[1], at) is None:
        total: Any = m.operand(given[1], at)
        for position, item in enumerate(given[0].items):
            total = m.make(CATALOGUE["add"], [total, m.operand(item, at)], at, (step[4], "add", position))
        return total
    given = [value for value in given if not (isinstance(value, Opaque) and value.kind in {"type", "device"})]
    named = {name: value for name, value in named.items() if not isinstance(value, Opaque)}
    unseeded = any(p.name == "stream" for p in operator.parameters)
    operands, attributes = arguments.bind(m, operator, given, named, framework, at, called)
    if operator.variants:
        asked = dict(attributes)
        for key, names in operator.variants.items():
            if NODE in names and key in asked and not isinstance(asked[key], int | float | str | tuple):
                asked[key] = NODE
        name, kept = variant(operator, asked)
        if name != operator.name or kept != attributes:
            operator, attributes = CATALOGUE[name], dict(kept.items())
    share = True
    if unseeded and attributes.get("seed") is None:
        attributes["stream"] = stream(m)
        share = False
        for frame in m.frames:
            frame.unseeded = True
    if operator.body is not None:
        return compose(m, operator, operands, attributes, step)
    try:
        return m.make(operator, operands, at, step[4], attributes, share=share)
    except ProgramError as error:
        indexing.explain(m, error, operator, operands, step, attributes)
        raise


_EXTREME = {"max": "maximum", "min": "minimum"}


def _extreme(
    m: Machine,
    operator: Operator,
    given: list[Held],
    named: dict[str, Held],
    framework: str | None,
    step: Step,
    called: str,
) -> Any:
    """`max(a, b)` is one gate, `max(x)` a reduction; in PyTorch `max(x, dim)` gives the places too."""
    at = step[2]
    second = given[1] if len(given) > 1 else named.get("other")
    if framework in {"numpy", "jax", "tensorflow"} or not given:
        return None
    if framework == "torch":
        axis = named.get("dim", named.get("axis", second))
        if axis is None or axis is NOTHING:
            return None
        if isinstance(axis, Number) and axis.integer is not None and not isinstance(given[0], Number):
            keep = {k: v for k, v in named.items() if k in {"keepdim", "keepdims"}}
            values = operate(m, operator, [given[0]], {"axis": axis, **keep}, None, step, called)
            before = len(m.builder)
            places = m.make(
                CATALOGUE["arg" + operator.name],
                [m.operand(given[0], at)],
                at,
                (step[4], "places"),
                dict(m.builder.attributes[values]),
            )
            m.apart.append((before, len(m.builder)))
            return Listing([values, places], at, tuple=True)
        if second is None:
            return None
        return m.make(CATALOGUE[_EXTREME[operator.name]], [m.operand(given[0], at), m.operand(second, at)], at, step[4])
    if len(given) == 1 and isinstance(given[0], Listing) and not named and any(type(i) is int for i in given[0].items):
        given = list(given[0].items)  # Python's max([a, b])
    if len(given) < 2:
        return None
    if named:
        raise arguments.wrong(operator, f"`{called}` of several values takes no `{next(iter(named))}`", called)
    operands = [m.operand(value, at) for value in given]
    try:
        return m.make(CATALOGUE[_EXTREME[operator.name]], operands, at, step[4])
    except ProgramError as error:
        indexing.explain(m, error, CATALOGUE[_EXTREME[operator.name]], operands, step, {})
        raise


def stream(m: Machine) -> str:
    """The name of an unseeded maker's numbers: what it is assigned to, or its count; each call and turn anew."""
    frame = m.frame
    statement = frame.statement
    name = (
        statement.assigns[0] if statement is not None and len(statement.assigns) == 1 and not statement.compound else ""
    )
    base = f"{m.group.id}/{name}" if m.group is not None else name
    count = m.streams[base] = m.streams.get(base, 0) + 1
    return base if count == 1 and name else f"{base}#{count}"


# ── Functions ────────────────────────────────────────────────────────────────────────────────────────────────────────


def define(m: Machine, step: Step) -> Any:
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
    for wrapper in wrappers:
        if isinstance(wrapper, Ambiguous):
            wrapper = wrapper.function
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
    from app.lang.rules import counts

    counts(m, ("function", function, step[2]))
    return None


def placed(m: Machine, function: Function, given: list[Held], named: dict[str, Held], at: Any) -> dict[str, Held]:
    """The arguments by name. Errors: call.arguments."""
    found: dict[str, Held] = {}
    signature = _signature(m, function)

    def wrong(message: str) -> ProgramError:
        return fail("call.arguments", f"{message}: it is written `{signature}`", hint=signature)

    for parameter, value in zip(function.parameters, given, strict=False):
        found[parameter] = value
    if len(given) > len(function.parameters):
        if function.variadic is None:
            raise wrong(
                f"`{function.name}` takes {len(function.parameters)} argument{'s' * (len(function.parameters) != 1)}, and here are {len(given)}"
            )
        found[function.variadic] = Listing(given[len(function.parameters) :], at, tuple=True)
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


def _signature(m: Machine, function: Function) -> str:
    parts = [f"{p}={_default(m, function.defaults[p])}" if p in function.defaults else p for p in function.parameters]
    if function.variadic:
        parts.append(f"*{function.variadic}")
    return f"{function.name}({', '.join(parts)})"


def _default(m: Machine, value: Held) -> str:
    return short(repr(value.value), 12) if isinstance(value, Number) else "None" if value is NOTHING else "…"


def inline(
    m: Machine, function: Function, given: list[Held], named: dict[str, Held], step: Step, after: Any = None
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


def compose(m: Machine, operator: Operator, operands: list[Any], attributes: dict[str, Any], step: Step) -> Any:
    """A call of an operator that is written in the language."""
    function = native(operator)
    values: dict[str, Held] = {}
    taken = iter(operands)
    for parameter in operator.parameters:
        if parameter.role == "attribute":
            if parameter.name in attributes:
                values[parameter.name] = _held(attributes[parameter.name], step[2])
        elif parameter.role in {"operands", "list"}:
            values[parameter.name] = Listing(list(taken), step[2])
        else:
            value = next(taken, None)
            if value is not None:
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


def _held(value: Any, at: Any) -> Held:
    if value is None:
        return NOTHING
    if isinstance(value, str):
        return Text(value)
    if isinstance(value, tuple):
        return Listing([_held(item, at) for item in value], at, tuple=True)
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
        defaults[name] = _held(ast.literal_eval(default), default)
    variadic = node.args.vararg.arg if node.args.vararg else None
    return Function(operator.name, tuple(names), defaults, variadic, code, node, native=operator)


def enter(m: Machine, function: Function, values: dict[str, Held], kind: Any, step: Step, after: Any) -> Any:
    """Enters a body: SWITCH, or at once the result where an equal call is known."""
    at = step[2]
    key: object = None
    if m.share and after is None and function.closure is None:
        key = (function, tuple((name, key_of(value)) for name, value in values.items()), m.group)
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
                m.places.span(at) if m.place is None else m.places.span(m.place), hint="for i in range(3):",
            )  # fmt: skip
    if len(m.frames) > m.limits.nesting:
        raise fail("limit.nesting", f"calls may nest {m.limits.nesting} deep, and here they nest deeper")
    from app.lang.rules import enter_group

    outer = m.group
    group: GroupState = enter_group(m, function.name, kind, function.name, at)
    group.arguments = tuple(values.values())
    names: dict[str, Held] = {}
    functions: dict[str, Held] = {}
    for name, value in values.items():
        if isinstance(value, Function | Known | Special | Gradient):
            functions[name] = value
        else:
            names[name] = value
    frame = Frame(
        code=function.code, names=names, functions=functions, function=function, group=outer, inner=group, place=m.place,
        key=key, after=after, at=at, anchor=m.anchor, base=(m.anchor, step[4] - (m.frame.statement.start if m.frame.statement is not None else 0)), detached=bool(m.stopping),
    )  # fmt: skip
    if function.native is not None and m.place is None:
        m.place = at
    if function.detached:
        m.stopping += 1
    m.group = group
    m.frames.append(frame)
    m.frame = frame
    return SWITCH


def _now(m: Machine, name: str) -> Held:
    if name.startswith("def "):
        return m.program.functions.get(name[4:])
    return m.program.names.get(name)


def give(m: Machine, step: Step) -> Any:
    """`return`."""
    return return_value(m, m.frame.stack.pop())


def finish(m: Machine, step: Step) -> Any:
    """The end of a body."""
    return return_value(m, NOTHING)


def return_value(m: Machine, value: Held) -> Any:
    """Leaves the body: its value goes to whoever called."""
    frame = m.frames.pop()
    m.frame = m.frames[-1]
    group = frame.inner
    m.group = frame.group
    m.place = frame.place
    if frame.function is not None and frame.function.detached:
        m.stopping -= 1
        value = pasted.stopped(m, value, frame.at)
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
    m.frame.stack.append(value)
    return SWITCH


# ── Attributes and methods ───────────────────────────────────────────────────────────────────────────────────────────


def attribute(m: Machine, step: Step) -> None:
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
    if isinstance(owner, Opaque):
        stack[-1] = pasted.opaque_attribute(owner, name, at)
        return
    stack[-1] = _value_attribute(m, owner, name, at, step)


def _value_attribute(m: Machine, owner: Held, name: str, at: Any, step: Step) -> Held:
    if name in pasted.ATTRIBUTES:
        return pasted.value_attribute(m, owner, name, at)
    if isinstance(owner, Listing) and name in {"values", "indices"} and owner.tuple and len(owner.items) == 2:
        return owner.items[name == "indices"]
    if isinstance(owner, Listing) and name in {"append", "extend"}:
        return Method(owner, name)
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


def needs_shape(m: Machine, owner: Held, at: Any) -> None:
    """An assumed number has no sizes: says what would."""
    state = m.by_node.get(owner) if type(owner) is int else None
    if state is not None and state.assumed:
        hint = f"{state.variable} = randn(3)"
        raise fail(
            "shape.axis", f"`{state.variable}` has no value, so the number 1.0 was assumed, which has no sizes: assign one, such as `{hint}`",
            m.places.span(m.place or at), hint=hint,
        )  # fmt: skip


def method(m: Machine, owner: Held, name: str, given: list[Held], named: dict[str, Held], step: Step) -> Any:
    """`x.name(…)`: the operator of that name on x, by the framework of the program."""
    at = step[2]
    if isinstance(owner, Opaque):
        return Opaque(owner.what, owner.kind, owner.needed, at)
    rule = pasted.METHODS.get(name)
    if rule is not None:
        return rule(m, owner, name, given, named, step)
    if isinstance(owner, Listing) and name in {"append", "extend"}:
        return _append(m, owner, name, given, step)
    framework = m.framework if m.pasted else None
    operator = frameworks.named(name, framework)
    if operator is None or operator.family == "maker":
        return pasted.opaque_call(m, _missing(m, unknown(m, f".{name}", step), f".{name}"), given, named, step)
    return operate(m, operator, [owner, *given], named, framework, step, name)


def _append(m: Machine, owner: Listing, name: str, given: list[Held], step: Step) -> Held:
    """`xs.append(x)`."""
    if len(given) != 1:
        raise fail("call.arguments", f"`{name}` takes one value: it is written `xs.{name}(x)`", hint=f"xs.{name}(x)")
    value = given[0]
    if isinstance(value, Ambiguous):
        value = m.operand(value, step[2])
    items = list(owner.items) if not isinstance(owner.items, list) else owner.items
    if name == "append":
        items.append(value)
    else:
        more = _items(m, value, step)
        items += [more] if isinstance(more, Opaque) else more
    owner.items = items
    owner.node = None
    return NOTHING


def unread(m: Machine, step: Step) -> None:
    """`print(…)`: what it is given was looked at for gradients that it asks for, and is left out."""
    name, count = step[1]
    stack = m.frame.stack
    del stack[len(stack) - count :]
    end_apart(m)
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


def end_apart(m: Machine) -> None:
    if m.quiet:
        m.quiet -= 1
        m.apart.append((m.aparts.pop(), len(m.builder)))


# ── What is no operator ──────────────────────────────────────────────────────────────────────────────────────────────


def _grad(m: Machine, callee: Special, given: list[Held], named: dict[str, Held], step: Step) -> Any:
    """`grad(y, x)`; `grad(f)` in a snippet of JAX or autograd."""
    at = step[2]
    first = given[0] if given else None
    if isinstance(first, Ambiguous) and not isinstance(first.function, Module) and len(given) < 2:
        first = first.function
    if isinstance(first, (Function | Known, Gradient)):
        return pasted.SPECIAL["jax_grad"](m, callee, [first, *given[1:]], named, step)
    if isinstance(first, Opaque):
        return first
    if len(given) != 2 or named:
        raise fail(
            "call.arguments",
            "`grad` takes a scalar and what it is differentiated by: it is written `grad(y, x)`",
            hint="grad(y, x)",
        )
    output = m.operand(first, at)
    several = isinstance(given[1], Listing)
    items = list(given[1].items) if several else [given[1]]
    wrt = []
    for position, item in enumerate(items):
        place = at.args[1] if m.place is None and len(at.args) > 1 else at
        wrt.append(wrt_node(m, item, place))
        del position
    shape = m.builder.shapes[output] if type(output) is int else output.shape
    if shape:
        text = short(m.places.text(at.args[0])) if m.place is None and at.args else "y"
        raise fail(
            "grad.scalar", f"`grad` differentiates a scalar, and `{text}` has shape {shape}: sum it, as in `grad(sum({text}), …)`",
            m.places.span(at.args[0]) if m.place is None and at.args else m.places.span(m.place or at), hint=_summed(m, at, text),
        )  # fmt: skip
    found = m.gradients(m.node(output, at), wrt, at, step[4])
    return Listing(found, at) if several else found[0]


def _summed(m: Machine, at: Any, text: str) -> str:
    """`grad(y, x)` with its first argument summed."""
    rest = ", ".join(m.places.text(a) for a in at.args[1:]) if m.place is None and hasattr(at, "args") else "x"
    return f"grad(sum({text}), {rest})"


def wrt_node(m: Machine, value: Held, at: Any) -> int:
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


def _range(m: Machine, callee: Special, given: list[Held], named: dict[str, Held], step: Step) -> Any:
    at = step[2]
    if not 1 <= len(given) <= 3 or named:
        raise fail(
            "call.arguments",
            "`range` takes one to three integers: it is written `range(stop)` or `range(start, stop, step)`",
            hint="range(stop)",
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
            "limit.turns", f"loops may have {m.limits.loop_turns:,} turns in all, and this range has {len(found):,}", m.places.span(m.place or at)
        )  # fmt: skip
    return Listing(Counting(found, at), at)


def _len(m: Machine, callee: Special, given: list[Held], named: dict[str, Held], step: Step) -> Any:
    at = step[2]
    if len(given) != 1:
        raise fail("call.arguments", "`len` takes one argument: it is written `len(x)`", hint="len(x)")
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


def _list(m: Machine, callee: Special, given: list[Held], named: dict[str, Held], step: Step) -> Any:
    if not given:
        return Listing([], step[2])
    items = _items(m, given[0], step)
    return items if isinstance(items, Opaque) else Listing(items, step[2], tuple=callee.path == "tuple")


def _argument_of(m: Machine, at: Any, value: Held) -> Any:
    """Where an argument stands in its call: the last that is no literal, where it cannot be told."""
    given = getattr(at, "args", [])
    if m.place is None and given:
        state = m.by_node.get(value) if type(value) is int else None
        for node in given:
            if state is not None and isinstance(node, ast.Name) and node.id == state.variable:
                return node
        return given[0] if len(given) == 1 else at
    return at


def _items(m: Machine, value: Held, step: Step) -> Any:
    if isinstance(value, Opaque):
        return value
    from app.lang.rules import iterate

    items, count = iterate(m, value, _argument_of(m, step[2], value))
    if count > m.limits.loop_turns:
        raise fail("limit.turns", f"a list may have {m.limits.loop_turns:,} items")
    return list(items)


def _zip(m: Machine, callee: Special, given: list[Held], named: dict[str, Held], step: Step) -> Any:
    lists = [_items(m, value, step) for value in given]
    if any(isinstance(items, Opaque) for items in lists):
        return next(items for items in lists if isinstance(items, Opaque))
    return Listing([Listing(list(row), step[2], tuple=True) for row in zip(*lists, strict=False)], step[2])


def _enumerate(m: Machine, callee: Special, given: list[Held], named: dict[str, Held], step: Step) -> Any:
    if not given:
        raise fail("call.arguments", "`enumerate` takes a list: it is written `enumerate(xs)`", hint="enumerate(xs)")
    start = (
        m.integer(given[1], step[2])
        if len(given) > 1
        else m.integer(named["start"], step[2])
        if "start" in named
        else 0
    )
    items = _items(m, given[0], step)
    if isinstance(items, Opaque):
        return items
    return Listing(
        [Listing([Number(start + i, step[2]), item], step[2], tuple=True) for i, item in enumerate(items)], step[2]
    )


def _reversed(m: Machine, callee: Special, given: list[Held], named: dict[str, Held], step: Step) -> Any:
    items = _items(m, given[0], step) if given else []
    return items if isinstance(items, Opaque) else Listing(items[::-1], step[2])


def _int(m: Machine, callee: Special, given: list[Held], named: dict[str, Held], step: Step) -> Any:
    if len(given) != 1:
        raise fail("call.arguments", "`int` takes one argument")
    value = given[0]
    if isinstance(value, Opaque):
        return value
    if isinstance(value, Number) and isinstance(value.value, float) and abs(value.value) < 2**53:
        return Number(int(value.value), step[2])
    return Number(m.integer(value, step[2]), step[2])


def _same(m: Machine, callee: Special, given: list[Held], named: dict[str, Held], step: Step) -> Any:
    """What passes a value on: `tf.cast`, `float`."""
    if not given:
        given = list(named.values())
    if not given:
        raise fail("call.arguments", f"`{callee.path}` takes a value")
    return given[0]


def _map(m: Machine, callee: Special, given: list[Held], named: dict[str, Held], step: Step) -> Any:
    raise fail(
        "syntax.unsupported",
        "`map` is not part of the language: write `[f(x) for x in xs]`",
        m.places.span(step[2]),
        hint="[f(x) for x in xs]",
    )


def _print(m: Machine, callee: Special, given: list[Held], named: dict[str, Held], step: Step) -> Any:
    return Opaque("a print", "print", None, step[2])


def _text(m: Machine, callee: Special, given: list[Held], named: dict[str, Held], step: Step) -> Any:
    return Text("")


def _size(m: Machine, callee: Special, given: list[Held], named: dict[str, Held], step: Step) -> Any:
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


_SPECIAL: dict[str, Any] = {
    "grad": _grad, "range": _range, "len": _len, "list": _list, "zip": _zip, "enumerate": _enumerate, "reversed": _reversed,
    "int": _int, "same": _same, "map": _map, "print": _print, "text": _text, "size": _size, "shape": _size, "ndim": _size,
}  # fmt: skip
