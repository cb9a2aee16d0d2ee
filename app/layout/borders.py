"""A frame's ports in the order of what they lead to: a frame is ordered before its surroundings, then with them.

The layers before and behind a frame are put before and behind its own, and held: what then crosses least is what
crosses least within and at the border together, so the whole betters with each step (the idea of ordering a hierarchy
level by level: Sander 1996, "Layout of Compound Directed Graphs").
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import NamedTuple

from app.layout.frames import BOX, ENTRY, EXIT, Level
from app.layout.ordering import Ordering
from app.layout.sweeps import Sweeps
from app.layout.vertices import Vertices

ROUNDS, EXCHANGES = 4, 2  # sweeps of a frame with its surroundings, and exchanges after each
LARGE = 1500  # vertices, from where a frame's time matters more than a crossing

Ends = tuple[tuple[int, int], ...]


class Border(NamedTuple):
    """Where wires come from to a frame and go to, as (rank, net): the ranks from 0, across the flow. What starts or
    ends in one port has one rank, and a net that parts behind the frame has several."""

    entries: Ends
    exits: Ends


def borders(level: Level, made: Vertices, order: Ordering, position: Sequence[int]) -> dict[int, Border]:
    """By item the borders of the boxes of a level at which wires cross."""
    found: dict[int, Border] = {}
    for v, kind in enumerate(level.kinds):
        if kind != BOX:
            continue
        come = [(order.enter[s], position[made.sources[s]] + order.leave[s], made.net[s]) for s in made.in_segs[v]]
        go = [(order.leave[s], position[made.targets[s]] + order.enter[s], made.net[s]) for s in made.out_segs[v]]
        if _crossed(come) or _crossed(go):
            found[v] = Border(_ranked(come), _ranked(go))
    return found


def bettered(
    problem: Ordering, level: Level, border: Border, known: dict[tuple[Ordering, Ends, Ends], Ordering | None]
) -> Ordering | None:
    """A frame's order that with its surroundings crosses less than the one that it has, or None. `known` are those that
    were found: frames that are alike have one order."""
    entries, exits = _items(level, ENTRY, border.entries), _items(level, EXIT, border.exits)
    key = problem, entries, exits
    if key not in known:
        known[key] = _bettered(problem, entries, exits)
    return known[key]


def _bettered(problem: Ordering, entries: Ends, exits: Ends) -> Ordering | None:
    if len(problem.fixed) >= LARGE:
        return None
    whole = _surrounded(problem, entries, exits)
    before = Sweeps(whole).run(rounds=0, exchanges=0, limit=0)
    sweeps = Sweeps(whole)
    if sweeps.run(rounds=ROUNDS, exchanges=EXCHANGES, limit=len(whole.sources) ** 2) >= before:
        return None
    first = 1 if entries else 0
    return replace(problem, layers=sweeps.layers[first : first + len(problem.layers)])


def crossed(problem: Ordering) -> int:
    """The crossings of an order as it stands."""
    return Sweeps(problem).run(rounds=0, exchanges=0, limit=0)


def _items(level: Level, kind: int, ends: Ends) -> Ends:
    """The ends with a frame's entries or exits for their nets."""
    items = {key: v for v, (k, key) in enumerate(zip(level.kinds, level.keys, strict=True)) if k == kind}
    return tuple((rank, items[net]) for rank, net in ends)


def _surrounded(problem: Ordering, entries: Ends, exits: Ends) -> Ordering:
    """The problem with a layer more on each side that has ports: a vertex for each rank, held."""
    layers = [list(layer) for layer in problem.layers]
    sources, targets, fixed = list(problem.sources), list(problem.targets), list(problem.fixed)
    if entries:
        first, count = len(fixed), entries[-1][0] + 1
        layers.insert(0, list(range(first, first + count)))
        sources.extend([first + rank for rank, _ in entries])
        targets.extend([port for _, port in entries])
        fixed.extend([rank + 1.0 for rank in range(count)])
    if exits:
        first, count = len(fixed), exits[-1][0] + 1
        layers.append(list(range(first, first + count)))
        sources.extend([port for _, port in exits])
        targets.extend([first + rank for rank, _ in exits])
        fixed.extend([rank + 1.0 for rank in range(count)])
    free, middles = [-1] * (len(fixed) - len(problem.fixed)), [0.5] * (len(sources) - len(problem.sources))
    return Ordering(
        layers=layers,
        sources=sources,
        targets=targets,
        leave=[*problem.leave, *middles],
        enter=[*problem.enter, *middles],
        fixed=fixed,
        under=problem.under + free,
        lane=problem.lane + free,
    )


def told(border: Border, nets: Mapping[int, int]) -> Border:
    """The border in other numbers of the nets."""
    return Border(*(tuple((rank, nets[net]) for rank, net in ends) for ends in border))


def _crossed(ends: Sequence[tuple[float, float, int]]) -> bool:
    """Whether two of some (port, place beyond, net) are in another order here than there."""
    beyond = [place for _, place, _ in sorted(ends)]
    return beyond != sorted(beyond)


def _ranked(ends: Sequence[tuple[float, float, int]]) -> Ends:
    rank = {place: k for k, place in enumerate(sorted({place for _, place, _ in ends}))}
    return tuple(sorted((rank[place], net) for _, place, net in ends))
