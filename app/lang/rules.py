"""What each step does: expressions, statements, loops. Calls are in calls.py, other frameworks' ways in pasted.py."""

import ast
from typing import Any, NoReturn

from app.diagnostics import ProgramError, fail
from app.lang import frameworks, indexing, pasted, statics, syntax
from app.lang.calls import define
from app.lang.code import Statement, Step
from app.lang.frames import Anchor, Collector, GroupState, Loop
from app.lang.machine import CALLABLE, HALT, Machine
from app.lang.pasted import enter, leave
from app.lang.values import (
    BROKEN,
    NOTHING,
    Ambiguous,
    Asked,
    Broken,
    BrokenError,
    Detached,
    Function,
    Held,
    Known,
    Listing,
    Module,
    Nothing,
    Number,
    Opaque,
    Slice,
    Text,
)  # fmt: skip
from app.ops.catalogue import CATALOGUE

_OPERATORS: dict[str, Any] = {}


def sign(name: str) -> Any:
    """The operator of a sign."""
    found = _OPERATORS.get(name)
    if found is None:
        found = _OPERATORS[name] = CATALOGUE[name]
    return found


# ── Values ───────────────────────────────────────────────────────────────────────────────────────────────────────────


def broken(m: Machine, step: Step) -> None:
    m.frame.stack.append(BROKEN)


def drop(m: Machine, step: Step) -> None:
    m.frame.stack.pop()


def double(m: Machine, step: Step) -> None:
    m.frame.stack.append(m.frame.stack[-1])


def spoil(m: Machine, step: Step) -> None:
    m.frame.names[step[1]] = BROKEN


def constant(m: Machine, step: Step) -> None:
    m.frame.stack.append(step[1])


def load(m: Machine, step: Step) -> None:
    frame = m.frame
    name = step[1]
    value = frame.names.get(name)
    if value is None:
        value = lookup(m, name, step[2])
    if type(value) is int and value in m.by_node and frame is m.program and m.by_node[value].variable == name:
        m.again(value, step[2])
    frame.stack.append(value)


def lookup(m: Machine, name: str, at: Any) -> Held:
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


def note_read(m: Machine, name: str, value: Held) -> None:
    """A call that reads the program's names is equal to another only while they mean the same."""
    if m.frame is not m.program:
        m.frame.reads[name] = value


def functions(m: Machine, name: str) -> Held | None:
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


def store(m: Machine, step: Step) -> None:
    value = m.frame.stack.pop()
    bind(m, step[1], value, step[2])


def bind(m: Machine, name: str, value: Held, at: Any) -> None:
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
        if value.kind == "update" and any(state.total > 1 for state in frame.loops):
            frame.names[name] = BROKEN
            m.fail("program.no-drawing", pasted.TRAINING, frame.loops[0].at.iter)
        if value.kind not in pasted.UNDERSTOOD:
            m.note("pasted.opaque", f"left out: {value.what} does not change the circuit", _line(m.statement_at))
    elif kind is not Broken:
        counts(m, ("name", name, at))


def counts(m: Machine, candidate: Any) -> None:
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


def unpack(m: Machine, step: Step) -> None:
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


def elements(m: Machine, value: Held, at: Any, count: int | None) -> list[Held]:
    """The parts of a tensor along its first axis, for an unpacking."""
    operand = m.operand(value, at)
    shape = m.shape(operand)
    if not shape:
        raise fail("shape.unpack", f"{count or 'several'} names are to be given, and this is one number")
    node = m.node(operand, at) if type(operand) is not int else operand
    if count is not None and shape[0] != count:
        raise fail("shape.unpack", f"{count} names are to be given, and the first axis of shape {shape} has {shape[0]}")
    if shape[0] > 10_000:
        raise fail("shape.unpack", f"{shape[0]:,} values are too many to be given names")
    return [m.make(sign("index"), [node], at, ("unpack", i), {"at": (i,)}) for i in range(shape[0])]


# ── Signs ────────────────────────────────────────────────────────────────────────────────────────────────────────────


def binary(m: Machine, step: Step) -> None:
    stack = m.frame.stack
    b = stack.pop()
    a = stack[-1]
    name = step[1]
    if type(a) is int and (
        type(b) is int or (type(b) is Number and b.home is None and b.parts is None and type(b.value) is float)
    ):
        stack[-1] = gate(m, name, (a, b), step)
        return
    stack[-1] = combine(m, name, a, b, step)


def combine(m: Machine, name: str, a: Held, b: Held, step: Step) -> Held:
    """The result of a sign on whatever stands beside it."""
    kinds = (type(a), type(b))
    if Broken in kinds:
        raise BrokenError
    if kinds == (Number, Number):
        found = statics.arithmetic(name, a, b, step[2], step[4])
        if found is not None:
            return found
    if Listing in kinds:
        joined = _lists(m, name, a, b, step)
        if joined is not None:
            return joined
    if Opaque in kinds:
        return pasted.mixed(a, b, step[2])
    return gate(m, name, (m.operand(a, step[2]), m.operand(b, step[2])), step)


def _lists(m: Machine, name: str, a: Held, b: Held, step: Step) -> Held | None:
    """`+` of tuples, and of a list that began empty, joins them; `*` repeats a tuple. Other lists are tensors there."""
    if name == "add" and isinstance(a, Listing) and isinstance(b, Listing):
        if a.tuple or b.tuple or a.grown or b.grown or not a.items or not b.items:
            joined = Listing([*a.items, *b.items], step[2], tuple=a.tuple, step=step[4])
            joined.grown = not a.tuple
            return joined
    elif name == "mul":
        items, count = (a, b) if isinstance(a, Listing) else (b, a)
        times = count.integer if isinstance(count, Number) and not isinstance(count.value, bool) else None
        if times is not None and items.tuple:
            if len(items.items) * max(times, 0) > m.limits.nodes:
                raise fail("limit.nodes", f"this tuple would have {len(items.items) * times:,} items")
            return Listing(list(items.items) * max(times, 0), step[2], tuple=True, step=step[4])
    return None


def gate(m: Machine, name: str, operands: Any, step: Step) -> int:
    """A gate on operands, with errors that name them."""
    try:
        return m.make(sign(name), operands, step[2], step[4])
    except ProgramError as error:
        indexing.explain(m, error, sign(name), operands, step, {})
        raise


def negative(m: Machine, step: Step) -> None:
    stack = m.frame.stack
    value = stack[-1]
    if type(value) is Number:
        found = statics.negative(value, step[2], step[4])
        if found is not None:
            stack[-1] = found
            return
    if isinstance(value, Opaque):
        return
    stack[-1] = m.make(sign("neg"), [m.operand(value, step[2])], step[2], step[4])


def positive(m: Machine, step: Step) -> None:
    if not isinstance(m.frame.stack[-1], Opaque | Listing):
        m.operand(m.frame.stack[-1], step[2])


def negation(m: Machine, step: Step) -> None:
    stack = m.frame.stack
    value = stack[-1]
    if type(value) is Number and value.node is None and not hasattr(value.value, "shape"):
        stack[-1] = Number(
            not value.value, step[2], step=step[4], literal=value.literal,
            parts=("not", (value,), step[2], step[4]) if value.literal else None,
        )  # fmt: skip
        return
    if value is NOTHING:
        stack[-1] = Number(True, step[2])
        return
    if isinstance(value, Opaque):
        return
    stack[-1] = m.make(sign("not"), [m.operand(value, step[2])], step[2], step[4])


def static_truth(value: Held) -> bool | None:
    """Whether a value that is known while lowering is true; None where it is a value of the circuit."""
    if type(value) is Number and value.node is None and not hasattr(value.value, "shape"):
        return bool(value.value)
    if value is NOTHING:
        return False
    return None


def short(m: Machine, step: Step) -> int | None:
    """`0 and …`, `1 or …`: the rest is not looked at."""
    name, end = step[1]
    truth = static_truth(m.frame.stack[-1])
    if truth is not None and truth == (name == "or"):
        return int(end)
    return None


def logical(m: Machine, step: Step) -> None:
    stack = m.frame.stack
    b = stack.pop()
    a = stack[-1]
    name = step[1]
    if isinstance(a, Broken) or isinstance(b, Broken):
        raise BrokenError
    if isinstance(a, Opaque) or isinstance(b, Opaque):
        stack[-1] = pasted.mixed(a, b, step[2])
        return
    first, second = static_truth(a), static_truth(b)
    if first is not None and second is not None:
        literal = getattr(a, "literal", False) and getattr(b, "literal", False)
        truth = (first and second) if name == "and" else (first or second)
        stack[-1] = Number(
            truth, step[2], step=step[4], literal=literal, parts=(name, (a, b), step[2], step[4]) if literal else None
        )
        return
    stack[-1] = m.make(sign(name), [m.operand(a, step[2]), m.operand(b, step[2])], step[2], step[4])


def compare(m: Machine, step: Step) -> None:
    names = step[1]
    stack = m.frame.stack
    operands = stack[-len(names) - 1 :]
    del stack[-len(names) - 1 :]
    if any(isinstance(o, Broken) for o in operands):
        raise BrokenError
    result: Held = None
    for position, name in enumerate(names):
        found = _test(m, name, operands[position], operands[position + 1], step, position)
        if result is None:
            result = found
        elif type(result) is Number and type(found) is Number:
            result = Number(bool(result.value) and bool(found.value), step[2], step=step[4])
        elif isinstance(result, Opaque) or isinstance(found, Opaque):
            result = pasted.mixed(result, found, step[2])
        else:
            result = m.make(sign("and"), [m.operand(result), m.operand(found)], step[2], (step[4], "and", position))
    stack.append(result)


def _test(m: Machine, name: str, a: Held, b: Held, step: Step, position: int) -> Held:
    at = step[2]
    if name in {"is", "is not"}:
        same = (a is NOTHING) == (b is NOTHING)
        if NOTHING not in (a, b):
            raise fail("syntax.unsupported", "`is` compares with None only: compare values with `==`", hint="==")
        return Number(same == (name == "is"), at, step=step[4])
    if name in {"in", "not in"}:
        item, items = m.exact(a, at), m.exact(b, at)
        if item is None or not isinstance(items, tuple):
            raise fail(
                "syntax.unsupported",
                "`in` looks for an integer in a list of integers: compare values with `==`",
                hint="==",
            )
        return Number((item in items) == (name == "in"), at, step=step[4])
    if a is NOTHING or b is NOTHING:
        return Number((a is b) == (name == "eq"), at, step=step[4])
    if type(a) is Number and type(b) is Number:
        found = statics.comparison(name, a, b, at, step[4])
        if found is not None:
            return found
    if isinstance(a, Opaque) or isinstance(b, Opaque):
        return pasted.mixed(a, b, at)
    if isinstance(a, Listing) and isinstance(b, Listing) and (a.tuple or b.tuple):
        first, second = m.exact(a, at), m.exact(b, at)
        if first is not None and second is not None and name in {"eq", "ne"}:
            return Number((first == second) == (name == "eq"), at, step=step[4])
    number: Any = step[4] if position == 0 else (step[4], position)
    operands = (m.operand(a, at), m.operand(b, at))
    try:
        return m.make(sign(name), operands, at, number)
    except ProgramError as error:
        indexing.explain(m, error, sign(name), operands, step, {})
        raise


# ── Choices ──────────────────────────────────────────────────────────────────────────────────────────────────────────

_TAKEN, _OTHER = object(), object()


def branch(m: Machine, step: Step) -> int | None:
    """`a if c else b`: a known condition chooses, another is a `where`."""
    stack = m.frame.stack
    value = stack[-1]
    if isinstance(value, Broken):
        return None
    truth = static_truth(value)
    if truth is None:
        return None
    if truth:
        stack[-1] = _TAKEN
        return None
    stack[-1] = _OTHER
    stack.append(None)
    return int(step[1])


def middle(m: Machine, step: Step) -> int | None:
    stack = m.frame.stack
    if stack[-2] is _TAKEN:
        stack.append(None)
        return int(step[1])
    return None


def join(m: Machine, step: Step) -> None:
    stack = m.frame.stack
    other = stack.pop()
    taken = stack.pop()
    condition = stack[-1]
    if condition is _TAKEN:
        stack[-1] = taken
    elif condition is _OTHER:
        stack[-1] = other
    else:
        values = (condition, taken, other)
        if any(isinstance(v, Broken) for v in values):
            raise BrokenError
        if any(isinstance(v, Opaque) for v in values):
            stack[-1] = next(v for v in values if isinstance(v, Opaque))
            return
        at = step[2]
        operands = [m.operand(condition, at.test), m.operand(taken, at.body), m.operand(other, at.orelse)]
        stack[-1] = m.make(sign("where"), operands, at, step[4])


def decide(m: Machine, step: Step) -> int | None:
    """`if`: the branch that an integer chooses."""
    value = m.frame.stack.pop()
    if isinstance(value, Broken):
        raise BrokenError
    if isinstance(value, Opaque):
        m.note("pasted.opaque", f"left out: {value.what} decides here", _line(m.statement_at))
        statement = m.frame.statement
        assert statement is not None
        for name in statement.assigns:
            m.frame.names[name] = Opaque(f"what depends on {value.what}", "", value.needed, step[2])
        return statement.end
    truth = static_truth(value)
    if truth is None:
        exact = m.exact(value, step[2])
        if not isinstance(exact, int):
            _undecided(m, value, step[2])
        truth = bool(exact)
    return None if truth else int(step[1])


def _undecided(m: Machine, value: Held, at: Any) -> NoReturn:
    """An `if` on what is no integer. Where a name without a value is compared for equality, that may be a parameter."""
    message = syntax.values_decide().message
    inputs = (
        [m.by_node[x] for x in (m.builder.operands[value] or (value,)) if x in m.by_node] if type(value) is int else []
    )
    if len(inputs) == 1 and inputs[0].assumed:
        name = inputs[0].variable
        if m.builder.operators[value].name in {"eq", "ne", "input"}:
            m.fail(
                "type.integer",
                f"an `if` chooses by integers, and `{name}` has no value: assign one",
                at,
                hint=f"{name} = 3",
            )
        message += f"; or, if `{name}` is an integer, assign it: `{name} = 3`"
    raise fail("syntax.unsupported", message, m.places.span(at), hint="a if c else b")


# ── Lists ────────────────────────────────────────────────────────────────────────────────────────────────────────────


def listing(m: Machine, step: Step) -> None:
    count, stars, paired = step[1]
    stack = m.frame.stack
    items = stack[len(stack) - count :]
    del stack[len(stack) - count :]
    if any(isinstance(item, Broken) for item in items):
        raise BrokenError
    if stars:
        items = spread(m, items, stars, step[2])
    stack.append(Listing(items, step[2], tuple=paired, step=step[4]))


def spread(m: Machine, items: list[Held], stars: tuple[int, ...], at: Any) -> list[Held]:
    """The items, those at `stars` taken apart."""
    found: list[Held] = []
    for position, item in enumerate(items):
        if position not in stars:
            found.append(item)
        elif isinstance(item, Listing):
            found += item.items
        elif isinstance(item, Opaque):
            found.append(item)
        else:
            found += elements(m, item, at, None)
    return found


def dictionary(m: Machine, step: Step) -> None:
    count = step[1]
    stack = m.frame.stack
    items = stack[len(stack) - 2 * count :]
    del stack[len(stack) - 2 * count :]
    pairs = {pasted.key(items[2 * i]): (items[2 * i], items[2 * i + 1]) for i in range(count)}
    stack.append(
        Opaque(
            "a dictionary",
            "dictionary",
            "a dictionary cannot be drawn: give each value a name of its own",
            step[2],
            pairs,
        )
    )


def slice(m: Machine, step: Step) -> None:  # noqa: A001 - the step's name
    stack = m.frame.stack
    c = stack.pop()
    b = stack.pop()
    stack[-1] = Slice(stack[-1], b, c)


def subscript(m: Machine, step: Step) -> None:
    count, paired = step[1]
    stack = m.frame.stack
    items = stack[len(stack) - count :]
    del stack[len(stack) - count :]
    owner = stack.pop()
    stack.append(indexing.pick(m, owner, items, paired, step))


# ── Loops ────────────────────────────────────────────────────────────────────────────────────────────────────────────


def iterate(m: Machine, value: Held, at: Any) -> tuple[Any, int]:
    """The items that a `for` goes through, and how many: (iterator, count)."""
    if isinstance(value, Broken):
        raise BrokenError
    if isinstance(value, Opaque):
        if value.kind == "dictionary":
            raise fail("syntax.unsupported", "a dictionary cannot be gone through: write a list", m.places.span(at))
        raise fail(
            "program.no-drawing",
            value.needed or f"{value.what} cannot be gone through: write the circuit of one step",
            m.places.span(at),
        )
    if isinstance(value, Detached):
        value = value.of
    if isinstance(value, Asked):
        value = Listing([value], at)
    if isinstance(value, Listing):
        items = value.items
        return iter(items), len(items)
    if isinstance(value, Number) and value.integer is not None:
        raise fail(
            "syntax.unsupported",
            "a `for` goes through a range or a list: write `for i in range(n)`",
            m.places.span(at),
            hint=f"range({value.integer})",
        )
    text = m.places.text(at) if m.place is None else "x"
    shape = m.shape(m.operand(value, at))
    hint = f"for i in range({shape[0]}):" if shape else "for i in range(3):"
    raise fail(
        "syntax.unsupported",
        f"a `for` goes through a range or a list, and `{text}` is a tensor: count with `{hint}`, and take `{text}[i]`",
        m.places.span(at), hint=hint,
    )  # fmt: skip


def loop(m: Machine, step: Step) -> int | None:
    frame = m.frame
    value = frame.stack.pop()
    statement = frame.statement
    assert statement is not None
    assert m.anchor is not None
    if isinstance(value, Opaque) and value.kind != "dictionary":
        m.note("pasted.opaque", f"left out: a loop over {value.what} does not change the circuit", _line(step[2]))
        for name in statement.assigns:
            frame.names[name] = Opaque(
                f"what a loop over {value.what} makes",
                "",
                "a loop over data cannot be drawn: paste the circuit of one step",
                step[2],
            )
        return statement.end
    items, total = iterate(m, value, step[2].iter)
    if m.turns + total > m.limits.loop_turns:
        raise fail(
            "limit.turns", f"loops may have {m.limits.loop_turns:,} turns in all, and with this one of {total:,} they would have {m.turns + total:,}",
            m.places.span(step[2].iter),
        )  # fmt: skip
    frame.loops.append(Loop(items, step[1], total, statement, step[2], m.group, m.anchor, frame.base))
    return None


def turn(m: Machine, step: Step) -> int | None:
    frame = m.frame
    state = frame.loops[-1]
    frame.statement = state.statement
    item = next(state.items, _TAKEN)
    m.group = state.outer
    if item is _TAKEN:
        frame.loops.pop()
        frame.base = state.base
        m.anchor = state.anchor
        if state.opaque and state.total and m.pasted:
            m.note("pasted.opaque", "left out: this loop does not change the circuit", _line(state.at))
        return int(step[1])
    m.turns += 1
    state.index += 1
    shown = item.value if isinstance(item, Number) and item.integer is not None else state.index
    if (
        isinstance(item, Listing)
        and item.items
        and isinstance(item.items[0], Number)
        and item.items[0].integer is not None
    ):
        shown = item.items[0].value
    m.group = enter_group(m, f"{state.variable}={int(shown)}", "turn", state.variable, state.at)
    frame.base = (state.anchor, state.index)
    frame.stack.append(item)
    return None


def enter_group(m: Machine, label: str, kind: Any, function: str, at: Any) -> GroupState:
    """A new group within the current one: `i=0`, and `i=0#2` where there is one of that label."""
    parent = m.group
    counts = (parent or m.root).counts
    number = counts[label] = counts.get(label, 0) + 1
    name = (label if number == 1 else f"{label}#{number}") if kind == "turn" else f"{label}#{number}"
    group = GroupState(
        f"{parent.id}/{name}" if parent is not None else name, label, parent, kind, function, m.place or at
    )
    m.group_list.append(group)
    return group


def jump(m: Machine, step: Step) -> int:
    return int(step[1])


def comprehend(m: Machine, step: Step) -> None:
    frame = m.frame
    frame.collectors.append(Collector(step[2], {name: frame.names.get(name) for name in step[1]}))
    frame.stack.append(None)


def each(m: Machine, step: Step) -> None:
    frame = m.frame
    value = frame.stack.pop()
    items, total = iterate(m, value, step[2])
    if m.turns + total > m.limits.loop_turns:
        raise fail(
            "limit.turns",
            f"loops may have {m.limits.loop_turns:,} turns in all, and this would make it {m.turns + total:,}",
            m.places.span(step[2]),
        )
    frame.collectors[-1].iterators.append(items)


def advance(m: Machine, step: Step) -> int | None:
    frame = m.frame
    collector = frame.collectors[-1]
    item = next(collector.iterators[-1], _TAKEN)
    if item is _TAKEN:
        collector.iterators.pop()
        return int(step[1])
    m.turns += 1
    frame.stack.append(item)
    return None


def skip(m: Machine, step: Step) -> int | None:
    value = m.frame.stack.pop()
    if isinstance(value, Broken):
        raise BrokenError
    truth = static_truth(value)
    if truth is None:
        exact = m.exact(value, step[2])
        if exact is None:
            raise fail("syntax.unsupported", "an `if` here chooses by integers", m.places.span(step[2]))
        truth = bool(exact)
    return None if truth else int(step[1])


def collect(m: Machine, step: Step) -> None:
    m.frame.collectors[-1].items.append(m.frame.stack.pop())


def comprehended(m: Machine, step: Step) -> None:
    frame = m.frame
    collector = frame.collectors.pop()
    for name, value in collector.hidden.items():
        if value is None:
            frame.names.pop(name, None)
        else:
            frame.names[name] = value
    if any(isinstance(item, Broken) for item in collector.items):
        frame.stack[-1] = BROKEN
        return
    frame.stack[-1] = Listing(collector.items, step[2], step=step[4])


# ── Statements ───────────────────────────────────────────────────────────────────────────────────────────────────────


def begin(m: Machine, step: Step) -> None:
    frame = m.frame
    made: Statement = step[1]
    frame.statement = made
    via = frame.base
    m.anchor = frame.anchor = Anchor(via[0], via[1], made)
    m.statement_at = made.at


def outcome(m: Machine, step: Step) -> None:
    """An expression on a line of its own: the output, where it is the last."""
    value = m.frame.stack.pop()
    if isinstance(value, Opaque):
        if value.code == "name.unknown-function" and not m.pasted:
            m.need(value, None)
        if value.kind not in pasted.UNDERSTOOD:
            m.note("pasted.opaque", f"left out: {value.what} does not change the circuit", _line(step[2]))
        return
    if isinstance(value, Text | Nothing | Broken):
        return
    if isinstance(value, Detached | Asked) and m.asked is not None:
        return
    if (
        isinstance(value, Listing)
        and m.asked is not None
        and value.items
        and all(isinstance(v, Detached | Asked | Opaque) for v in value.items)
    ):
        return
    counts(m, None if m.frame.loops else ("value", value, step[2].value))


def _line(node: Any) -> Any:
    """A statement's own line, as a place."""
    items = getattr(node, "items", None)
    end = getattr(node, "iter", None) or getattr(node, "test", None) or (items[-1].context_expr if items else node)
    return ast.Pass(
        lineno=node.lineno, col_offset=node.col_offset, end_lineno=end.end_lineno, end_col_offset=end.end_col_offset
    )


def apart(m: Machine, step: Step) -> None:
    """What follows is not part of the circuit: errors in it are not said."""
    m.quiet += 1
    m.aparts.append(len(m.builder))


def halt(m: Machine, step: Step) -> Any:
    return HALT
