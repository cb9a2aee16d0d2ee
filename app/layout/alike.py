"""Levels that are alike, placed once: the turns of a loop, the calls of one function.

A level's place follows from its items and hops and from what the facts say of them, not from which nodes they are. So
two levels of one signature have one place, told in the numbers of each.
"""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from app.layout import borders
from app.layout.facts import Facts
from app.layout.frames import BOX, CONSTANT, NODE, Level
from app.layout.level import Place, place
from app.layout.ordering import Ordering

Signature = tuple[object, ...]


class Numbers(NamedTuple):
    """The nodes, the edges and the nets of a level, each in their order."""

    nodes: Sequence[int]
    edges: Sequence[int]
    nets: Sequence[int]


class Alike:
    """The places of a layout's levels so far, by signature."""

    def __init__(self, facts: Facts) -> None:
        self._facts = facts
        self._found: dict[Signature, tuple[Place, Numbers]] = {}

    def place(
        self,
        level: Level,
        inner: Mapping[int, Place],
        *,
        trunks: Mapping[int, int],
        head: float,
        settled: Ordering | None,
    ) -> Place:
        """The level's places, as `level.place` gives them for a layout without one before."""
        numbers = numbered(level)
        key = signature(level, self._facts, inner, numbers, trunks, head)
        if settled is not None:
            key += tuple(map(tuple, settled.layers))
        found = self._found.get(key)
        if found is None:
            made = place(level, self._facts, inner, trunks=trunks, head=head, earlier=None, settled=settled)
            self._found[key] = made, numbers
            return made
        return told(*found, numbers, level.group)


def numbered(level: Level) -> Numbers:
    """What the level calls by number. A net that passes is known by its hops, an entry and an exit by theirs."""
    nodes = sorted(key for kind, key in zip(level.kinds, level.keys, strict=True) if kind in (NODE, CONSTANT))
    edges = sorted(hop.edge for hop in level.hops if hop.edge >= 0)
    return Numbers(nodes, edges, sorted({hop.net for hop in level.hops}))


def signature(
    level: Level, facts: Facts, inner: Mapping[int, Place], numbers: Numbers, trunks: Mapping[int, int], head: float
) -> Signature:
    """All that a level's place follows from, without a number of the view's."""
    edges = _by_number(numbers.edges)
    nets = _by_number(numbers.nets)
    bus = _by_number(sorted(set(trunks.values())))
    row: dict[int, int] = {}
    items: list[object] = []
    for kind, key in zip(level.kinds, level.keys, strict=True):
        if kind == BOX:
            box = inner[key]
            place = row.setdefault(facts.series[box.group], len(row))
            items.append((box.along, box.across, _ports(box.ports_in, nets), _ports(box.ports_out, nets), place))
        elif kind in (NODE, CONSTANT):
            items.append(
                (
                    facts.along[key], facts.across[key], facts.text[key], facts.commutes[key], facts.inputs[key],
                    facts.gate[key], facts.parted[key], edges.get(facts.main[key], -1), key == facts.output,
                )
            )  # fmt: skip
        else:
            items.append(nets.get(key, -1))
    hops = [(nets[net], source, target, edges.get(edge, -1)) for net, source, target, edge in level.hops]
    wires = [(facts.room[e], facts.labelled[e], facts.slot[e]) for e in numbers.edges]
    on = [(hop, bus[trunk]) for hop, trunk in trunks.items()]
    return (head, tuple(level.kinds), tuple(items), tuple(hops), tuple(wires), tuple(on))


def told(made: Place, its: Numbers, ours: Numbers, group: int) -> Place:
    """A place in the numbers of another level that is alike. What goes by item or hop is shared: it is not changed."""
    nodes, edges, nets = (dict(zip(theirs, mine, strict=True)) for theirs, mine in zip(its, ours, strict=True))
    return Place(
        along=made.along,
        across=made.across,
        at=made.at,
        middle=made.middle,
        ways=made.ways,
        texts={edges[e]: text for e, text in made.texts.items()},
        behind={nodes[v]: behind for v, behind in made.behind.items()},
        ports_in={nets[net]: port for net, port in made.ports_in.items()},
        ports_out={nets[net]: port for net, port in made.ports_out.items()},
        dots=[(nets[net], u, v) for net, u, v in made.dots],
        marks={edges[e]: mark for e, mark in made.marks.items()},
        gaps=made.gaps,
        lanes={(nets[net], layer): across for (net, layer), across in made.lanes.items()},
        crossed=made.crossed,
        order=made.order,
        borders={v: borders.told(border, nets) for v, border in made.borders.items()},
        group=group,
    )


def _by_number(numbers: Sequence[int]) -> dict[int, int]:
    """The place of each number among them."""
    return {number: place for place, number in enumerate(numbers)}


def _ports(ports: Mapping[int, float], nets: Mapping[int, int]) -> tuple[tuple[int, float], ...]:
    return tuple(sorted((nets[net], port) for net, port in ports.items()))
