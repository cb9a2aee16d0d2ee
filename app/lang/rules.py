"""The other steps: lists, indices, statements."""

from typing import TYPE_CHECKING, Any

from app.lang import dictionaries, indexing
from app.lang.bindings import counts, line_of, spread
from app.lang.code import Statement, Step
from app.lang.frames import HALT, Anchor
from app.lang.opaque import UNDERSTOOD, text_of
from app.lang.values import Asked, Broken, BrokenError, Detached, Listing, Nothing, Opaque, Slice, Text

if TYPE_CHECKING:
    from app.lang.machine import Machine


def listing(m: "Machine", step: Step) -> None:
    count, stars, paired = step[1]
    stack = m.frame.stack
    items = stack[len(stack) - count :]
    del stack[len(stack) - count :]
    if any(isinstance(item, Broken) for item in items):
        raise BrokenError
    if stars:
        items = spread(m, items, stars, step[2])
    stack.append(Listing(items, step[2], tuple=paired, step=step[4]))


def format(m: "Machine", step: Step) -> None:  # noqa: A001 - the step's name
    """An f-string: its texts and integers, as a key of a dictionary has them."""
    stack = m.frame.stack
    parts = stack[len(stack) - step[1] :]
    del stack[len(stack) - step[1] :]
    stack.append(Text("".join(map(text_of, parts))))


def slice(m: "Machine", step: Step) -> None:  # noqa: A001 - the step's name
    stack = m.frame.stack
    c = stack.pop()
    b = stack.pop()
    stack[-1] = Slice(stack[-1], b, c)


def subscript(m: "Machine", step: Step) -> None:
    count, paired = step[1]
    stack = m.frame.stack
    items = stack[len(stack) - count :]
    del stack[len(stack) - count :]
    owner = stack.pop()
    if isinstance(owner, Opaque) and owner.kind == "dictionary" and count == 1:
        stack.append(dictionaries.picked(m, owner, items[0], step[2]))
        return
    stack.append(indexing.pick(m, owner, items, paired, step))


def begin(m: "Machine", step: Step) -> None:
    frame = m.frame
    made: Statement = step[1]
    frame.statement = made
    via = frame.base
    m.anchor = frame.anchor = Anchor(via[0], via[1], made)
    m.statement_at = made.at


def outcome(m: "Machine", step: Step) -> None:
    """An expression on a line of its own: the output, where it is the last."""
    value = m.frame.stack.pop()
    if isinstance(value, Opaque):
        if value.code == "name.unknown-function" and not m.pasted:
            m.need(value, None)
        if m.frame is m.program and value.needed:
            m.left = value
        if value.kind not in UNDERSTOOD:
            m.note("pasted.opaque", f"left out: {value.what} does not change the circuit", line_of(step[2]))
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


def apart(m: "Machine", step: Step) -> None:
    """What follows is not part of the circuit: errors in it are not said."""
    m.quiet += 1
    m.aparts.append(len(m.builder))


def halt(m: "Machine", step: Step) -> Any:
    return HALT
