"""Loops, unrolled; branches of `if`, chosen; comprehensions."""

import ast
from itertools import islice
from typing import TYPE_CHECKING, Any, NoReturn

from app.diagnostics import Form, fail
from app.lang import growth, syntax
from app.lang.assumed import Doubt
from app.lang.bindings import elements, line_of
from app.lang.code import Step
from app.lang.frames import Collector, GroupState, Loop
from app.lang.places import short
from app.lang.signs import TAKEN, static_truth
from app.lang.values import BROKEN, Asked, Broken, BrokenError, Detached, Held, Listing, Number, Opaque

if TYPE_CHECKING:
    from app.lang.machine import Machine


def decide(m: "Machine", step: Step) -> int | None:
    """`if`: the branch that an integer chooses."""
    value = m.frame.stack.pop()
    if isinstance(value, Broken):
        raise BrokenError
    if isinstance(value, Opaque):
        m.note("pasted.opaque", f"left out: {value.what} decides here", line_of(m.statement_at))
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


def _undecided(m: "Machine", value: Held, at: Any) -> NoReturn:
    """An `if` on what is no integer. Where a name without a value is compared for equality, that may be a parameter."""
    message = syntax.values_decide().message
    inputs = (
        [m.by_node[x] for x in (m.builder.operands[value] or (value,)) if x in m.by_node] if type(value) is int else []
    )
    if len(inputs) == 1 and inputs[0].assumed:
        name = inputs[0].variable
        if m.builder.operators[value].name in {"eq", "ne", "input"}:
            text = f"an `if` chooses by integers, and `{name}` has no value: assign one"
            m.doubt(text, Doubt((name,), "integer"))
            m.fail("type.integer", text, at, hint=f"{name} = 3")
        message += f"; or, if `{name}` is an integer, assign it: `{name} = 3`"
    whole, hint = _chosen(m, at)
    raise fail("syntax.unsupported", message, m.places.span(whole), hint=hint or Form("a if c else b"))


def _chosen(m: "Machine", test: Any) -> tuple[Any, str | None]:
    """What is underlined of an `if`, and, where its branches each give one name a value, the choice: `y = a if c else
    b`."""
    found = (part for part in ast.walk(m.statement_at) if isinstance(part, ast.If) and part.test is test)
    node = next(found, None) if m.place is None and isinstance(m.statement_at, ast.AST) else None
    branches = [] if node is None else [node.body, node.orelse] if node.orelse else [node.body]
    if not branches or not all(len(b) == 1 and isinstance(b[0], ast.Assign) for b in branches):
        return test, None
    assignments: list[Any] = [branch[0] for branch in branches]
    names = {part.targets[0].id if isinstance(part.targets[0], ast.Name) else "" for part in assignments}
    if len(names) != 1 or "" in names:
        return test, None
    (name,) = names
    values = [m.places.text(part.value) for part in assignments]
    other = values[1] if len(values) > 1 else name
    return node, short(f"{name} = {values[0]} if {m.places.text(test)} else {other}", 200)


def iterate(m: "Machine", value: Held, at: Any) -> tuple[Any, int]:
    """The items that a `for` goes through, and how many: (iterator, count)."""
    if isinstance(value, Broken):
        raise BrokenError
    if isinstance(value, Opaque):
        if value.kind == "dictionary":
            keys = [item for item, _ in value.items.values()]
            return iter(keys), len(keys)
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
    if m.pasted and shape:  # its rows, as in its framework
        rows = elements(m, value, at, None)
        return iter(rows), len(rows)
    state = m.by_node.get(value) if type(value) is int else None
    if state is not None and state.assumed and m.pasted:
        raise fail(
            "program.no-drawing", f"`{state.variable}` has no value, and a loop over data cannot be drawn: paste the "
            "circuit of one step, with its numbers",
            m.places.span(m.place or at),
        )  # fmt: skip
    if state is not None and state.assumed:
        message = (
            f"a `for` goes through a range or a list, and `{state.variable}` has no value, so the number 1.0 was "
            "assumed: assign one"
        )
        m.doubt(message, Doubt((state.variable,), "list"))
        raise fail("syntax.unsupported", message, m.places.span(m.place or at), hint=f"{state.variable} = [a, b]")
    hint = Form(f"for i in range({shape[0] if shape else 3}):")
    raise fail(
        "syntax.unsupported",
        f"a `for` goes through a range or a list, and `{text}` is a tensor: count with `{hint}`, and take `{text}[i]`",
        m.places.span(at), hint=hint,
    )  # fmt: skip


def loop(m: "Machine", step: Step) -> int | None:
    frame = m.frame
    value = frame.stack.pop()
    statement = frame.statement
    assert statement is not None
    assert m.anchor is not None
    if isinstance(value, Opaque) and value.kind != "dictionary":
        m.note("pasted.opaque", f"left out: a loop over {value.what} does not change the circuit", line_of(step[2]))
        for name in statement.assigns:
            frame.names[name] = Opaque(
                f"what a loop over {value.what} makes",
                "",
                "a loop over data cannot be drawn: paste the circuit of one step",
                step[2],
            )
        return statement.end
    items, total = iterate(m, value, step[2].iter)
    growth.turns(m, total, step[2].iter)
    if total and all(isinstance(part, ast.Pass) for part in step[2].body):
        items = islice(items, total - 1, None)  # the last turn leaves the variable, and there is nothing else to do
        m.turns += total - 1
    frame.loops.append(Loop(items, step[1], total, statement, step[2], m.group, m.anchor, frame.base))
    return None


def turn(m: "Machine", step: Step) -> int | None:
    frame = m.frame
    state = frame.loops[-1]
    frame.statement = state.statement
    item = next(state.items, TAKEN)
    m.group = state.outer
    if item is TAKEN:
        frame.loops.pop()
        frame.base = state.base
        m.anchor = state.anchor
        if state.opaque and state.total and m.pasted:
            m.note("pasted.opaque", "left out: this loop does not change the circuit", line_of(state.at))
        return int(step[1])
    m.turns += 1
    growth.step(m, step[1] - step[4], state.at.iter)
    state.index += 1
    if state.index & (state.index - 1) == 0:
        growth.look(m, state.growth, state.index, state.total, state.at.iter)
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


def enter_group(m: "Machine", label: str, kind: Any, function: str, at: Any) -> GroupState:
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


def jump(m: "Machine", step: Step) -> int:
    return int(step[1])


def comprehend(m: "Machine", step: Step) -> None:
    frame = m.frame
    frame.collectors.append(Collector(step[2], {name: frame.names.get(name) for name in step[1]}))
    frame.stack.append(None)


def each(m: "Machine", step: Step) -> None:
    frame = m.frame
    value = frame.stack.pop()
    items, total = iterate(m, value, step[2])
    growth.turns(m, total, step[2])
    collector = frame.collectors[-1]
    collector.iterators.append(items)
    if len(collector.iterators) == 1:
        collector.total = total


def advance(m: "Machine", step: Step) -> int | None:
    frame = m.frame
    collector = frame.collectors[-1]
    item = next(collector.iterators[-1], TAKEN)
    if item is TAKEN:
        collector.iterators.pop()
        return int(step[1])
    m.turns += 1
    growth.step(m, step[1] - step[4], step[2])
    if len(collector.iterators) == 1:
        collector.index += 1
        if collector.index & (collector.index - 1) == 0:
            growth.look(m, collector.growth, collector.index, collector.total, step[2])
    frame.stack.append(item)
    return None


def skip(m: "Machine", step: Step) -> int | None:
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


def collect(m: "Machine", step: Step) -> None:
    m.frame.collectors[-1].items.append(m.frame.stack.pop())


def comprehended(m: "Machine", step: Step) -> None:
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
