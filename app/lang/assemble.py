"""What a pass made, as a Program: without what is left out, with ids, names, places and groups."""

from collections.abc import Sequence
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
    builder = m.builder
    order: Sequence[int] = range(len(builder)) if kept is None else kept
    place: dict[int, int] | None = None
    if kept is None:
        graph = builder.freeze()
    else:
        place = {old: new for new, old in enumerate(kept)}
        graph = Graph(
            operators=tuple([builder.operators[i] for i in order]),
            operands=tuple([tuple([place[x] for x in builder.operands[i]]) for i in order]),
            attributes=tuple([builder.attributes[i] for i in order]),
            shapes=tuple([builder.shapes[i] for i in order]),
            differentiable=tuple([builder.differentiable[i] for i in order]),
            constants={place[i]: value for i, value in builder.constants.items() if i in place},
        )

    def new(node: int | None) -> int | None:
        return node if place is None or node is None else place.get(node)

    names = m.names_of
    span = m.places.span
    known: dict[int, Span] = {}

    def located(part: Any) -> Span:
        found = known.get(id(part))
        if found is None:
            found = known[id(part)] = span(part)
        return found

    def spans_of(at: Any) -> tuple[Span, ...]:
        if isinstance(at, GroupState):
            return ()
        return distinct(map(located, at.values() if type(at) is dict else (at,)))

    def spans() -> tuple[tuple[Span, ...], ...]:
        result = []
        for i in order:
            at, group = m.spans[i], m.groups[i]
            found = spans_of(at)
            while group is not None:
                if group.kind == "composition" and group.places:
                    found = (*found, *[s for p in group.places for s in spans_of(p) if s not in found])
                group = group.parent
            result.append(found)
        return tuple(result)

    count = len(graph)
    used = _used_groups(m, order)
    final = new(output)
    assert final is not None
    return Program(
        source=source,
        graph=graph,
        ids=Later(count, lambda: ids([m.marks[i] for i in order], [o.name for o in graph.operators])),
        names=Later(count, lambda: tuple([tuple(names[i]) if i in names else () for i in order])),
        labels={new_i: label for i, label in m.labels.items() if (new_i := new(i)) is not None},
        spans=Later(count, spans),
        groups_of=Later(count, lambda: tuple([g.id if (g := m.groups[i]) is not None else None for i in order])),
        groups=tuple(
            Group(
                id=g.id,
                label=g.label,
                parent=g.parent.id if g.parent is not None else None,
                kind=g.kind,
                function=g.function,
                span=span(g.at),
                arguments=tuple(_arguments(g, new)),
                result=new(g.result),
            )
            for g in m.group_list
            if g.id in used
        ),
        inputs=tuple(
            Input(name=s.name, node=index, value=s.value, assumed=s.assumed)
            for s in m.input_list
            if (index := new(s.node)) is not None
        ),
        parameters=tuple(m.parameters.values()),
        output=final,
        seed=seed,
        cost=_cost(m, graph) if place is not None else builder.cost,
        warnings=tuple(m.warnings),
        notes=tuple(m.notes),
        errors=tuple(m.errors),
    )


def _arguments(group: GroupState, new: Any) -> list[int]:
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
