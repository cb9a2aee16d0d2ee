"""What a pass made, as a Program: without what is left out, with ids, names, places and groups."""

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from app.diagnostics import Diagnostic, Span
from app.graph.graph import Cost, Graph
from app.graph.later import Later
from app.graph.program import Group, Input, Program
from app.lang.frames import GroupState
from app.lang.ids import ids
from app.lang.places import distinct
from app.lang.values import Counting, Listing, Number

if TYPE_CHECKING:
    from app.lang.machine import Machine


def assemble(m: "Machine", source: str, output: int, seed: Any) -> Program:
    """The program of a pass. `output`: the node to differentiate."""
    kept = _kept(m, output)
    order: Sequence[int] = range(len(m.builder)) if kept is None else kept
    places = None if kept is None else {old: new for new, old in enumerate(kept)}
    graph = m.builder.freeze() if places is None else _part(m, order, places)

    def new(node: int | None) -> int | None:
        return node if places is None or node is None else places.get(node)

    names = m.names_of
    count = len(graph)
    final = new(output)
    assert final is not None
    return Program(
        source=source,
        graph=graph,
        ids=Later(count, lambda: ids([m.marks[i] for i in order], [o.name for o in graph.operators])),
        names=Later(count, lambda: tuple([tuple(names[i]) if i in names else () for i in order])),
        labels={index: label for i, label in m.labels.items() if (index := new(i)) is not None},
        spans=Later(count, lambda: _spans(m, order)),
        groups_of=Later(count, lambda: tuple([g.id if (g := m.groups[i]) is not None else None for i in order])),
        groups=_groups(m, order, new),
        inputs=tuple(
            Input(name=s.name, node=index, value=s.value, assumed=s.assumed)
            for s in m.input_list
            if (index := new(s.node)) is not None
        ),
        parameters=tuple(m.parameters.values()),
        output=final,
        seed=seed,
        cost=m.builder.cost if places is None else _cost(m, graph),
        warnings=tuple(m.warnings),
        notes=tuple(m.notes),
        errors=tuple(m.errors),
    )


def _part(m: "Machine", order: Sequence[int], places: Mapping[int, int]) -> Graph:
    """The graph of these nodes alone. `places`: where each of them stands then."""
    builder = m.builder
    return Graph(
        operators=tuple([builder.operators[i] for i in order]),
        operands=tuple([tuple([places[x] for x in builder.operands[i]]) for i in order]),
        attributes=tuple([builder.attributes[i] for i in order]),
        shapes=tuple([builder.shapes[i] for i in order]),
        differentiable=tuple([builder.differentiable[i] for i in order]),
        constants={places[i]: value for i, value in builder.constants.items() if i in places},
    )


def _spans(m: "Machine", order: Sequence[int]) -> tuple[tuple[Span, ...], ...]:
    """All places where each node stands: those of the calls too that a group of its own stands for."""
    known: dict[int, Span] = {}

    def located(part: Any) -> Span:
        found = known.get(id(part))
        if found is None:
            found = known[id(part)] = m.places.span(part)
        return found

    def spans_of(at: Any) -> tuple[Span, ...]:
        if isinstance(at, GroupState):
            return ()
        return distinct(map(located, at.values() if type(at) is dict else (at,)))

    result = []
    for i in order:
        found = spans_of(m.spans[i])
        group = m.groups[i]
        while group is not None:
            if group.kind == "composition" and group.places:
                found = (*found, *[s for p in group.places for s in spans_of(p) if s not in found])
            group = group.parent
        result.append(found)
    return tuple(result)


def _groups(m: "Machine", order: Sequence[int], new: Callable[[int | None], int | None]) -> tuple[Group, ...]:
    """The groups that hold a node. `new`: where a node stands among those that stay."""
    used = _used_groups(m, order)
    places = {id(g.at): g.at for g in m.group_list}  # few: a call or a loop in the text makes many groups
    spans = {key: m.places.span(at) for key, at in places.items()}
    return tuple([
        Group(
            id=g.id,
            label=g.label,
            parent=g.parent.id if g.parent is not None else None,
            kind=g.kind,
            function=g.function,
            span=spans[id(g.at)],
            arguments=tuple(_arguments(g, new)) if g.arguments else (),
            result=new(g.result),
        )
        for g in m.group_list
        if g.id in used
    ])  # fmt: skip


def _arguments(group: GroupState, new: Callable[[int | None], int | None]) -> list[int]:
    """The nodes among a call's arguments, those of lists one by one."""
    found = []
    waiting = list(reversed(group.arguments))
    while waiting:
        value = waiting.pop()
        if isinstance(value, Listing) and not isinstance(value.items, Counting):
            waiting += reversed(list(value.items))
        node = value if type(value) is int else value.node if isinstance(value, Number) else None
        index = new(node)
        if index is not None and index not in found:
            found.append(index)
    return found


def _used_groups(m: "Machine", order: Any) -> set[str]:
    used: set[str] = set()
    for i in order:
        group = m.groups[i]
        while group is not None and group.id not in used:
            used.add(group.id)
            group = group.parent
    return used


def _kept(m: "Machine", output: int) -> list[int] | None:
    """The nodes that stay, or None where all do: nodes of what is left out go, and constants that nothing uses."""
    operands = m.builder.operands
    count = len(operands)
    loose = bytearray(count)
    for start, end in m.apart:
        for i in range(start, min(end, count)):
            loose[i] = 1
    uses = bytearray(count)
    for part in operands:
        for x in part:
            uses[x] = 1
    for i in m.builder.constants:
        if not uses[i]:
            loose[i] = 1
    if not any(loose):
        return None
    loose[output] = 0
    needed = bytearray(0 if x else 1 for x in loose)
    for i in range(count - 1, -1, -1):
        if needed[i]:
            for x in operands[i]:
                needed[x] = 1
    if all(needed):
        return None
    return [i for i in range(count) if needed[i]]


def _cost(m: "Machine", graph: Graph) -> Cost:
    from math import prod

    return Cost(
        nodes=len(graph),
        edges=sum(map(len, graph.operands)),
        elements=sum(prod(s) for s in graph.shapes),
        flops=m.builder.cost.flops,
    )


def shortened(diagnostics: list[Diagnostic], limit: int) -> list[Diagnostic]:
    """The first ones, in the order of the source, then how many more."""
    ordered = sorted(diagnostics, key=lambda d: (d.spans[0].line, d.spans[0].column) if d.spans else (1 << 30, 0))
    if len(ordered) <= limit:
        return ordered
    last = ordered[limit - 1]
    more = len(ordered) - limit
    return [
        *ordered[:limit],
        Diagnostic(code=last.code, message=f"and {more} more error{'s' * (more != 1)}", spans=ordered[limit].spans),
    ]
