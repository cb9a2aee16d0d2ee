"""Names: what they mean where they are read, and what they are given; values taken apart for an unpacking."""

import ast
from typing import TYPE_CHECKING, Any

from app.diagnostics import fail
from app.lang import frameworks
from app.lang.assumed import Doubt
from app.lang.code import Step
from app.lang.layers import give_name
from app.lang.opaque import TRAINING, UNDERSTOOD
from app.lang.signs import sign
from app.lang.values import (
    BROKEN,
    CALLABLE,
    Ambiguous,
    Asked,
    Broken,
    BrokenError,
    Function,
    Held,
    Known,
    Layer,
    Listing,
    Module,
    Number,
    Opaque,
    Text,
)

if TYPE_CHECKING:
    from app.lang.machine import Machine


def broken(m: "Machine", step: Step) -> None:
    m.frame.stack.append(BROKEN)


def drop(m: "Machine", step: Step) -> None:
    m.frame.stack.pop()


def double(m: "Machine", step: Step) -> None:
    m.frame.stack.append(m.frame.stack[-1])


def spoil(m: "Machine", step: Step) -> None:
    m.frame.names[step[1]] = BROKEN


def constant(m: "Machine", step: Step) -> None:
    m.frame.stack.append(step[1])


def load(m: "Machine", step: Step) -> None:
    frame = m.frame
    name = step[1]
    value = frame.names.get(name)
    if value is None:
        value = lookup(m, name, step[2])
    if type(value) is int and value in m.by_node and frame is m.program and m.by_node[value].variable == name:
        m.again(value, step[2])
    frame.stack.append(value)


def lookup(m: "Machine", name: str, at: Any) -> Held:
    """What a name means that the frame itself does not hold."""
    frame = m.frame
    if frame is not m.program:
        closure = frame.function.closure if frame.function is not None else None
        while closure is not None:
            if name in closure.names:
                return closure.names[name]
            closure = closure.function.closure if closure.function is not None else None
        value = m.program.names.get(name)
        if value is not None:
            note_read(m, name, value)
            return value
    function = functions(m, name)
    if function is not None:
        return Ambiguous(name, function, at)
    module = frameworks.root(name) if name not in m.assigned else None
    if module is not None:
        return Ambiguous(name, module, at)
    if name in frameworks.BARE and frame.function is not None and frame.function.native:
        return Number(frameworks.BARE[name], at, literal=True)
    if name in frameworks.BARE and name not in m.assigned:
        return Number(frameworks.BARE[name], at, step=0, literal=True)
    if name in frameworks.PYTHON_TYPES and name not in m.assigned and name not in m.given:
        return Opaque("a type", "type", None, at)
    if name not in m.assigned and name not in m.given:
        operator = frameworks.named(name)
        if operator is not None:
            return Ambiguous(name, Known(operator, None, name), at)
    if name in m.knowledge.parameters and name in m.given:
        held = m.parameter(name, m.given[name], at)
        m.program.names[name] = held
        note_read(m, name, held)
        return held
    value = m.unassigned(name, at)
    note_read(m, name, value)
    return value


def note_read(m: "Machine", name: str, value: Held) -> None:
    """A call that reads the program's names is equal to another only while they mean the same."""
    if m.frame is not m.program:
        m.frame.reads[name] = value


def functions(m: "Machine", name: str) -> Held | None:
    """The function that the program gave this name, as it is seen from here."""
    frame = m.frame
    if name in frame.functions:
        return frame.functions[name]
    function = frame.function
    while function is not None and function.closure is not None:
        if name in function.closure.functions:
            return function.closure.functions[name]
        function = function.closure.function
    if frame.function is not None and frame.function.native is not None:
        return None
    found = m.program.functions.get(name)
    if found is not None and frame is not m.program:
        note_read(m, "def " + name, found)
    return found


def store(m: "Machine", step: Step) -> None:
    value = m.frame.stack.pop()
    bind(m, step[1], value, step[2])


def bind(m: "Machine", name: str, value: Held, at: Any) -> None:
    """Gives a value a name."""
    frame = m.frame
    kind = type(value)
    if kind is Ambiguous and type(value.function) is Known:  # an operator's bare name: one of the two, as it is used
        frame.functions[name] = value.function
        frame.names[name] = value
        counts(m, ("name", name, at))
        return
    if kind is Ambiguous and type(value.function) is not Module:
        if value.name not in m.assigned:
            value = value.function
            kind = type(value)
        else:
            value = m.operand(value, at)
            kind = int
    if kind is Ambiguous:
        value = m.operand(value, at)
        kind = int
    if kind is int:
        frame.names[name] = value
        if m.stopping and value not in m.by_node:
            value = frame.names[name] = m.make(sign("stop_gradient"), [value], at, ("detach", name))
        if frame is m.program:
            names = m.names_of.get(value)
            if names is None:
                m.names_of[value] = [name]
            elif name not in names:
                names.append(name)
        counts(m, ("name", name, at))
        return
    if kind is Layer or kind is Listing:
        give_name(name, value)
    if kind is Layer:
        frame.names[name] = value
        frame.functions.pop(name, None)
        return
    if isinstance(value, CALLABLE):
        if isinstance(value, Function) and value.name == "lambda":
            value.name = name
        frame.functions[name] = value
        frame.names.pop(name, None)
        counts(m, ("function", value, at))
        return
    if kind is Number and value.home is None and (value.parts is not None or value.integer is None or value.literal):
        value = Number(
            value.value, value.at, step=value.step, literal=value.literal, parts=value.parts, home=(m.group, m.anchor)
        )
        if frame is m.program:
            m.held_names[id(value)] = (value, [name])
    frame.names[name] = value
    if kind is Opaque:
        if value.kind == "dictionary" and frame is m.program and not value.name:
            value.name = name
        if value.kind == "update" and any(state.total > 1 for state in frame.loops):
            frame.names[name] = BROKEN
            m.fail("program.no-drawing", TRAINING, frame.loops[0].at.iter)
        if value.kind not in UNDERSTOOD:
            m.note("pasted.opaque", f"left out: {value.what} does not change the circuit", line_of(m.statement_at))
    elif kind is not Broken and kind is not Text:
        counts(m, ("name", name, at))


def counts(m: "Machine", candidate: Any) -> None:
    """Something of the circuit was made: the statement, and the loops around it, are not left out."""
    frame = m.frame
    loops = frame.loops
    if loops:
        statement = frame.statement
        for state in loops:
            if state.statement is statement:
                return  # the variable of a loop
        for state in loops:
            state.opaque = False
    if frame is m.program:
        m.candidate = candidate
    elif candidate is not None and candidate[0] != "function" and frame.function is not None:
        held = frame.names.get(candidate[1]) if candidate[0] == "name" else candidate[1]
        if type(held) is int and frame.function.native is None:
            m.inside = held


def unpack(m: "Machine", step: Step) -> None:
    count, star = step[1]
    stack = m.frame.stack
    value = stack.pop()
    if isinstance(value, Broken):
        raise BrokenError
    if isinstance(value, Opaque):
        stack.extend([value] * count)
        return
    if isinstance(value, Asked):
        value = Listing([value], step[2])
    if not isinstance(value, Listing):
        items = elements(m, value, step[2], count if star is None else None)
    else:
        items = list(value.items)
    if star is None:
        if len(items) != count:
            raise fail("shape.unpack", f"{count} names are to be given, and there are {len(items)} values")
        stack.extend(reversed(items))
        return
    if len(items) < count - 1:
        raise fail("shape.unpack", f"at least {count - 1} values are needed here, and there are {len(items)}")
    after = count - star - 1
    middle = Listing(items[star : len(items) - after], step[2])
    stack.extend(reversed([*items[:star], middle, *items[len(items) - after :]]))


def elements(m: "Machine", value: Held, at: Any, count: int | None) -> list[Held]:
    """The parts of a tensor along its first axis, for an unpacking."""
    operand = m.operand(value, at)
    shape = m.shape(operand)
    if not shape:
        state = m.by_node.get(operand) if type(operand) is int else None
        if state is not None and state.assumed:
            message = (
                f"{count or 'several'} names are to be given, and `{state.variable}` has no value, so the number 1.0 "
                "was assumed: assign one"
            )
            hint = f"{state.variable} = randn({count or 3})"
            m.doubt(message, Doubt((state.variable,), f"parts {count or 3}"))
            raise fail("shape.unpack", message, hint=hint)
        raise fail("shape.unpack", f"{count or 'several'} names are to be given, and this is one number")
    node = m.node(operand, at) if type(operand) is not int else operand
    if count is not None and shape[0] != count:
        raise fail("shape.unpack", f"{count} names are to be given, and the first axis of shape {shape} has {shape[0]}")
    if shape[0] > 10_000:
        raise fail("shape.unpack", f"{shape[0]:,} values are too many to be given names")
    return [m.make(sign("index"), [node], at, ("unpack", i), {"at": (i,)}) for i in range(shape[0])]


def spread(m: "Machine", items: list[Held], stars: tuple[int, ...], at: Any) -> list[Held]:
    """The items, those at `stars` taken apart."""
    found: list[Held] = []
    for position, item in enumerate(items):
        if position not in stars:
            found.append(item)
        elif isinstance(item, Listing):
            m.room(len(found) + len(item.items))
            found += item.items
        elif isinstance(item, Opaque):
            found.append(item)
        else:
            found += elements(m, item, at, None)
    return found


def line_of(node: Any) -> Any:
    """A statement's own line, as a place."""
    items = getattr(node, "items", None)
    end = getattr(node, "iter", None) or getattr(node, "test", None) or (items[-1].context_expr if items else node)
    return ast.Pass(
        lineno=node.lineno, col_offset=node.col_offset, end_lineno=end.end_lineno, end_col_offset=end.end_col_offset
    )


def needs_shape(m: "Machine", owner: Held, at: Any) -> None:
    """An assumed number has no sizes: says what would."""
    state = m.by_node.get(owner) if type(owner) is int else None
    if state is not None and state.assumed:
        hint = f"{state.variable} = randn(3)"
        message = (
            f"`{state.variable}` has no value, so the number 1.0 was assumed, which has no sizes: assign one, such as "
            f"`{hint}`"
        )
        m.doubt(message, Doubt((state.variable,)))
        raise fail("shape.axis", message, m.places.span(m.place or at), hint=hint)
