"""How a program grows: a limit that its loops and calls are going to reach is told before it is reached."""

import ast
from math import log2
from typing import TYPE_CHECKING, Any, NoReturn

from app.diagnostics import fail
from app.lang.state import StopError
from app.lang.values import Function

if TYPE_CHECKING:
    from app.lang.frames import Growth, Loop
    from app.lang.machine import Machine

CALLS = 512  # after so many, the calls that are to come are counted
STEEP = 2.5  # times as many nodes by twice as many turns, from which they grow more and more
MARGIN = 8  # how far over a limit a forecast is to be where turns differ
# Codes, and what each one counts.
_WHAT = {
    "limit.nodes": "nodes", "limit.elements": "elements", "limit.flops": "operations", "limit.turns": "steps of loops",
}  # fmt: skip


def look(m: "Machine", seen: "Growth", turn: int, total: int, at: Any) -> None:
    """At the start of turn 0, 1, 2, 4, 8, … of `total`: what is left would make as much a turn as the last ones did.
    Errors: limit.nodes, limit.elements, limit.flops, limit.turns."""
    builder = m.builder
    since = turn - seen.turn
    for code, had, has, limit in (
        ("limit.nodes", seen.nodes, len(builder), m.limits.nodes),
        ("limit.elements", seen.elements, builder.elements, m.limits.elements),
        ("limit.flops", seen.flops, builder.flops, m.limits.flops),
        ("limit.turns", seen.steps, m.steps, m.limits.loop_steps),
    ):
        needed = has + (has - had) * (total - turn) // since if turn else 0
        if turn > 1 and needed > limit and not m.quiet and _certain(m, needed, limit, turn):
            each = (has - had) // since
            _refuse(
                m, code, f"this needs over {limit:,} {_WHAT[code]}: each turn of the loop in line "
                f"{m.places.span(m.place or at).line} takes about {each:,}, so all of it would need about {needed:,}",
                m.place or at,
            )  # fmt: skip
    if turn >= 8 and not m.quiet:
        _steeply(m, seen, turn, total, at)
    seen.start, seen.before = (seen.start, seen.nodes) if turn else (len(builder), len(builder))
    seen.turn, seen.nodes, seen.elements, seen.flops = turn, len(builder), builder.elements, builder.flops
    seen.steps = m.steps


def _steeply(m: "Machine", seen: "Growth", turn: int, total: int, at: Any) -> None:
    """What turns make that make more and more (gradients of gradients): each time that their number doubled, what they
    had made by then grew by at least this rate, and will again. Errors: limit.nodes."""
    made, half, quarter = (count - seen.start for count in (len(m.builder), seen.nodes, seen.before))
    rate = min(made / half, half / quarter) if quarter else 0
    if rate > STEEP:
        needed = seen.start + int(min(made * rate ** log2(total / turn), 1e18))
        limit = m.limits.nodes
        if needed > limit and _certain(m, needed, limit, turn):
            _refuse(
                m, "limit.nodes", f"this needs over {limit:,} nodes: each turn of the loop in line "
                f"{m.places.span(m.place or at).line} makes more than the one before, {made:,} in the first {turn}, so "
                f"all of it would need about {needed:,} or more", m.place or at,
            )  # fmt: skip


def step(m: "Machine", count: int, at: Any) -> None:
    """Counts what a turn or a call is going to do: its integers make no node, and take time all the same.
    Errors: limit.turns."""
    m.steps += count
    if m.steps > m.limits.loop_steps:
        raise fail(
            "limit.turns", f"loops and calls may do {m.limits.loop_steps:,} steps in all, and these do more: "
            "make fewer turns, or do less in each",
            m.places.span(m.place or at),
        )  # fmt: skip


def turns(m: "Machine", total: int, at: Any) -> None:
    """Before a loop of `total` turns begins: with the turns of those around it they stay within the limit.
    Errors: limit.turns."""
    limit = m.limits.loop_turns
    needed = m.turns + total
    each = total
    around: list[Loop] = [loop for frame in m.frames for loop in frame.loops]
    if around and needed <= limit and not m.quiet:
        for loop in reversed(around):
            needed += (loop.total - loop.index - 1) * (1 + each)
            each = loop.total * (1 + each)
        if needed > limit and not _certain(m, needed, limit, 1):
            return
    if needed > limit:
        raise fail(
            "limit.turns", f"loops may have {limit:,} turns in all, and with this one of {total:,} "
            f"they would have {needed:,}",
            *([m.places.span(m.place or at)]),
        )  # fmt: skip


def calls(m: "Machine", at: Any) -> None:
    """After some hundred calls: those that the outermost one is going to make are not too many. Errors: limit.nodes."""
    m.entered += 1
    if m.entered != CALLS or m.quiet:
        return
    outermost = next((frame.function for frame in m.frames[1:] if frame.function is not None), None)
    if outermost is None:
        return
    needed = _calls_of(m, outermost, {}, set())
    limit = m.limits.nodes
    if needed > MARGIN * limit:
        _refuse(
            m, "limit.nodes", f"this needs over {limit:,} nodes: a call of `{outermost.name}` makes calls that make "
            f"calls, at least {min(needed, 10**18):,} in all", m.place or at,
        )  # fmt: skip


def _calls_of(m: "Machine", function: Function, known: dict[int, int], within: set[int]) -> int:
    """How many bodies a call runs: equal calls in one body once, what an `if` decides not at all."""
    key = id(function)
    if key in known or key in within or len(within) > m.limits.nesting:
        return known.get(key, 0)
    within.add(key)
    found = 1
    seen: set[str] = set()
    node = function.at
    waiting: list[Any] = list(node.body) if isinstance(node, ast.FunctionDef) else [getattr(node, "body", None)]
    while waiting:
        part = waiting.pop()
        if not isinstance(part, ast.AST) or isinstance(
            part, ast.If | ast.IfExp | ast.BoolOp | ast.FunctionDef | ast.Lambda | ast.For | ast.ListComp
        ):
            continue
        if isinstance(part, ast.Call) and isinstance(part.func, ast.Name):
            called = m.program.functions.get(part.func.id)
            text = ast.dump(part)
            if isinstance(called, Function) and text not in seen:
                seen.add(text)
                found += _calls_of(m, called, known, within)
        waiting += ast.iter_child_nodes(part)
    within.discard(key)
    known[key] = found
    return found


def _refuse(m: "Machine", code: str, message: str, at: Any) -> NoReturn:
    m.report(fail(code, message, m.places.span(at)).diagnostics[0])
    raise StopError


def _certain(m: "Machine", needed: int, limit: int, turn: int) -> bool:
    """Whether the turns to come can be told from those before."""
    if m.uneven is None:
        m.uneven = _uneven(m.statements)
    if m.uneven == 0:
        return True
    return needed > MARGIN * limit and turn >= (64 if m.uneven == 2 else 4)


def _uneven(statements: list[ast.stmt]) -> int:
    """How the turns of a program's loops may differ: 0 not at all, 1 in the length of loops within, 2 by an `if`."""
    changing: set[str] = set()
    through: list[ast.expr] = []
    for statement in statements:
        for node in ast.walk(statement):
            if isinstance(node, ast.If | ast.IfExp | ast.BoolOp) or (isinstance(node, ast.comprehension) and node.ifs):
                return 2
            if isinstance(node, ast.For | ast.comprehension):
                through.append(node.iter)
                changing |= {n.id for n in ast.walk(node.target) if isinstance(n, ast.Name)}
            if isinstance(node, ast.arg):
                changing.add(node.arg)
            if isinstance(node, ast.For | ast.FunctionDef):
                changing |= {n.id for part in node.body for n in ast.walk(part)
                             if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store)}  # fmt: skip
    read = {n.id for part in through for n in ast.walk(part) if isinstance(n, ast.Name)}
    return 1 if read & changing else 0
