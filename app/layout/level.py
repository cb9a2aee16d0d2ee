"""One level placed: its items become layers of vertices, these get an order and places, and the hops their ways.

A layer is two columns: boxes, then what stands on the wires behind them. There a wire that does not fan out carries its
texts, a fanning value its stem with the sum, a branch of one its own texts just before its gate; constants stand there
too. Between layers wires bend, and nothing else stands, so no wire meets a box.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from math import sqrt
from operator import add, sub
from typing import NamedTuple

from app.layout import bus
from app.layout.borders import Border, borders, crossed
from app.layout.columns import BESIDE, BESIDE_DOWN, CONSTANT_WIRE, Columns, bends, columns
from app.layout.coordinates import Segments, coordinates
from app.layout.facts import Facts
from app.layout.frames import BOX, CONSTANT, ENTRY, EXIT, NODE, Level
from app.layout.gaps import gaps
from app.layout.layering import layering
from app.layout.order import keep, order
from app.layout.ordering import Ordering
from app.layout.plan import Ports, box_ports, plan
from app.layout.ports import enter_ports, inset, levelled, spread
from app.layout.sides import sides
from app.layout.sizes import FRAME_HEAD, FRAME_PAD, RADIUS, TICK
from app.layout.start import ITEM, LABEL, LANE, Before, as_before, first_order
from app.layout.vertices import Vertices, vertices
from app.layout.wires import Way, as_way

MARGIN = {LANE: 8.0, LABEL: 9.0, ITEM: 10.0}


@dataclass(slots=True)
class Place:
    """A level's places, from its own corner (0, 0). `at` is each item's near corner, `middle` the across of its own
    wire; `texts` the middle of each edge's texts; `behind` that of what stands behind a node, with the end of its stem.
    `crossed` is the number of crossings in the `order`, and `borders` tells, by item, of the frames where ports are in
    another order than what they lead to.
    """

    along: float = 0.0
    across: float = 0.0
    at: list[tuple[float, float]] = field(default_factory=list)
    middle: list[float] = field(default_factory=list)
    ways: list[list[Way]] = field(default_factory=list)
    texts: dict[int, tuple[float, float]] = field(default_factory=dict)
    behind: dict[int, tuple[float, float, float]] = field(default_factory=dict)
    ports_in: dict[int, float] = field(default_factory=dict)
    ports_out: dict[int, float] = field(default_factory=dict)
    dots: list[tuple[int, float, float]] = field(default_factory=list)
    marks: dict[int, tuple[float, float]] = field(default_factory=dict)
    gaps: list[list[tuple[float, float]]] = field(default_factory=list)
    lanes: dict[tuple[int, int], float] = field(default_factory=dict)
    crossed: int = 0
    borders: dict[int, Border] = field(default_factory=dict)
    order: Ordering | None = None
    group: int = -1


class Draft(NamedTuple):
    """A level in the making: its layers of vertices, in order, with the room that each needs across the flow, `before`
    and `after` its place, and what the levels inside it are."""

    level: Level
    facts: Facts
    inner: Mapping[int, Place]
    rank: Sequence[int]
    made: Vertices
    order: Ordering
    position: Sequence[int]
    ports: Ports
    before: Sequence[float]
    after: Sequence[float]


def place(
    level: Level,
    facts: Facts,
    inner: Mapping[int, Place],
    *,
    trunks: Mapping[int, int],
    head: float,
    earlier: Before | None,
    settled: Ordering | None = None,
) -> Place:
    """A level's places. `inner` holds those of the levels inside it, among others; `trunks` says which hops are on
    which trunk; `head` is the width of its frame's label (0 for the outermost level); `earlier` a layout before;
    `settled` an order that was found with what stands around the frame."""
    result = Place(group=level.group)
    inner = {key: inner[key] for kind, key in zip(level.kinds, level.keys, strict=True) if kind == BOX}
    draft = _draft(level, facts, inner, trunks, earlier, settled, result)
    made, (leave, enter) = draft.made, draft.ports
    across = coordinates(
        draft.order.layers,
        draft.position,
        _segments(draft),
        draft.before,
        draft.after,
        [t >= 0 for t in draft.order.lane],
    )
    for v, kind in enumerate(level.kinds):
        if kind == NODE and len(made.in_segs[v]) > 1:
            half = facts.across[level.keys[v]] / 2 - 7
            levelled(made.in_segs[v], made.sources, across, across[v], half, leave, enter)
    side, early = sides(
        level, facts, made, draft.order.layers, draft.position, across, draft.before, draft.after, leave, enter
    )
    offset = [
        abs(across[a] + u - across[b] - v) for a, b, u, v in zip(made.sources, made.targets, leave, enter, strict=True)
    ]
    lengths = {at: child.along for at, child in inner.items()}
    along = columns(level, facts, made, lengths, bends(made, offset, side, early), max(draft.rank) + 1, head)
    low, result.across = _extent(draft, across, head)
    result.along = along.along
    across = [a - low for a in across]
    _put_items(draft, across, along, result)
    _put_wires(draft, across, along, result)
    passed = gaps(
        draft.order.layers, made.sources, made.targets, across, leave, enter, side, made.net, made.trunk,
        along.stop, along.start, made.out_segs,
    )  # fmt: skip
    _put_ways(draft, across, along, side, early, passed, result)
    return result


def _draft(
    level: Level,
    facts: Facts,
    inner: Mapping[int, Place],
    trunks: Mapping[int, int],
    earlier: Before | None,
    settled: Ordering | None,
    result: Place,
) -> Draft:
    """The level with its vertices in order and its ports set; operands out of order are marked in `result`."""
    trunk_of_hop = [trunks.get(h, -1) for h in range(len(level.hops))]
    hanging = bus.hanging(len(level.kinds), [(h.source, h.target) for h in level.hops], trunk_of_hop)
    rank = layering(level, facts, hanging)
    made = vertices(level, facts, rank, trunk_of_hop)
    ports = box_ports(
        level,
        made,
        {at: child.ports_in for at, child in inner.items()},
        {at: child.ports_out for at, child in inner.items()},
    )
    layers = first_order(
        level, facts, max(rank) + 1, made.layer, made.sources, made.in_segs, made.out_segs, made.trunk, made.edge,
        len(level.kinds),
    )  # fmt: skip
    problem = plan(level, facts, made, rank, hanging, layers, ports, {at: child.across for at, child in inner.items()})
    if settled is None:
        result.crossed = _order(problem, level, made, {at: child.group for at, child in inner.items()}, earlier)
    else:
        problem.fixed[:] = settled.fixed
        problem.put(settled.layers)
        result.crossed = crossed(problem)
    result.order = problem
    position = problem.position
    if inner and result.crossed:
        result.borders = borders(level, made, problem, position)
    for v, kind in enumerate(level.kinds):
        if kind != NODE:
            continue
        key = level.keys[v]
        if len(made.in_segs[v]) > 1:
            enter_ports(
                made.in_segs[v], made.sources, position, made.edge, made.trunk, facts, key, ports.enter, result.marks
            )
        if facts.parted[key]:
            outgoing = sorted(made.out_segs[v], key=lambda s: position[made.targets[s]])
            for k, s in enumerate(outgoing):
                ports.leave[s] = spread(k, len(outgoing), facts.across[key])
    return Draft(level, facts, inner, rank, made, problem, position, ports, *_rooms(level, facts, inner, made))


def _order(problem: Ordering, level: Level, made: Vertices, groups: Mapping[int, int], earlier: Before | None) -> int:
    """Orders the layers and gives the number of crossings left: a small edit moves little, for the order before stands
    unless a fresh one crosses clearly less."""
    fresh = order(problem)
    if earlier is None:
        return fresh
    found = [list(layer) for layer in problem.layers]
    owner = [made.net[s] if kind == LANE else of for s, kind, of in zip(made.parent, made.kind, made.of, strict=True)]
    owner[: len(level.keys)] = level.keys
    as_before(problem.layers, earlier, made.kind, owner, level, groups, made.in_segs, made.sources)
    kept = keep(problem)
    ports = sum(kind in (ENTRY, EXIT) for kind in level.kinds)  # at a frame's border its order may save as many
    if kept <= fresh + clearly(fresh) + ports:
        return kept
    problem.put(found)
    return keep(problem)


def clearly(crossings: int) -> int:
    """How many crossings fewer are worth that things move."""
    return max(2, crossings // 4)


def _rooms(level: Level, facts: Facts, inner: Mapping[int, Place], made: Vertices) -> tuple[list[float], list[float]]:
    """The room that each vertex needs before and after its place, its margin included."""
    n = len(level.kinds)
    before = [MARGIN[LANE]] * len(made.kind)
    after = list(before)
    for v, (kind, key) in enumerate(zip(level.kinds, level.keys, strict=True)):
        if kind == BOX:
            before[v], after[v] = MARGIN[ITEM], inner[key].across + MARGIN[ITEM]
        elif kind == CONSTANT:
            half = max(facts.across[key] / 2, TICK + 4) + MARGIN[ITEM]
            before[v], after[v] = half + 8, half + 4
        elif kind == NODE:
            half, text = facts.across[key] / 2, facts.text[key]
            before[v] = (half if text is None else max(half, text.before)) + MARGIN[ITEM]
            after[v] = (half if text is None else max(half, text.after)) + MARGIN[ITEM]
    for v in range(n, len(made.kind)):
        if made.kind[v] == LABEL:
            room = facts.room[made.of[v]]
            before[v], after[v] = room.before + MARGIN[LABEL], room.after + MARGIN[LABEL]
    return before, after


def _segments(draft: Draft) -> Segments:
    """What is to be level, and what draws at what. Frames in a row stand on one line, whatever wires join them."""
    level, made, (leave, enter) = draft.level, draft.made, draft.ports
    found = Segments(made.sources, made.targets, leave, enter, made.straight, _weights(draft))
    if not draft.inner:
        return found
    boxes = [
        draft.facts.series[draft.inner[key].group] if kind == BOX else -1
        for kind, key in zip(level.kinds, level.keys, strict=True)
    ] + [-1] * (len(made.kind) - len(level.kinds))
    row = {
        s
        for s, (a, b, trunk) in enumerate(zip(made.sources, made.targets, made.trunk, strict=True))
        if trunk < 0 and 0 <= boxes[a] == boxes[b]
    }
    return found._replace(
        straight=[3 if s in row else straight for s, straight in enumerate(made.straight)],  # after trunks
        leave=[0.0 if s in row else u for s, u in enumerate(leave)],
        enter=[0.0 if s in row else v for s, v in enumerate(enter)],
    )


def _weights(draft: Draft) -> list[float]:
    """How much each segment draws its ends to each other: operands that balance most, constants least."""
    level, made, lane, enter = draft.level, draft.made, draft.order.lane, draft.ports.enter
    weight = [1.0] * len(made.sources)
    for v, t in enumerate(lane):
        if t >= 0:
            for s in (*made.in_segs[v], *made.out_segs[v]):
                if made.trunk[s] < 0:
                    weight[s] = 0.25
    for v, kind in enumerate(level.kinds):
        mine = made.in_segs[v]
        if kind == NODE and mine and all(enter[s] for s in mine):
            for s in mine:
                weight[s] = 4.0
    for v, kind in enumerate(level.kinds):
        if kind == CONSTANT:
            for s in made.out_segs[v]:
                weight[s] = 0.02
    return weight


def _extent(draft: Draft, across: Sequence[float], head: float) -> tuple[float, float]:
    """Where the level begins across the flow and how long it is: from the first vertex's side to the last one's, with
    the frame's head and pad."""
    level, facts = draft.level, draft.facts
    low, high = min(map(sub, across, draft.before)), max(map(add, across, draft.after))
    if level.group >= 0:
        if facts.downward:
            first = min([across[v] for v, kind in enumerate(level.kinds) if kind == ENTRY], default=1e18)
            low = min(low - 4, first - head - 12)
            high = max(high + 4, low + head + 2 * FRAME_PAD)
        else:
            low, high = low - FRAME_HEAD + 6, high + 4
    low = float(round(low))
    return low, float(round(high - low))


def _put_items(draft: Draft, across: Sequence[float], along: Columns, result: Place) -> None:
    """Where boxes, nodes and constants stand, what stands behind them, and a frame's ports."""
    level, facts, inner = draft.level, draft.facts, draft.inner
    start, middle, stop, boxes, _ = along
    beside = BESIDE_DOWN if facts.downward else BESIDE
    for v, (kind, key, i) in enumerate(zip(level.kinds, level.keys, draft.rank, strict=True)):
        here = across[v]
        result.middle.append(here)
        if kind == BOX:
            spare = boxes[i] - inner[key].along
            result.at.append((start[i] + (0.0 if spare > 80 else spare / 2), here))
        elif kind == CONSTANT:
            result.at.append((stop[i] - CONSTANT_WIRE - facts.along[key], here - facts.across[key] / 2))
        elif kind == NODE:
            spare = boxes[i] - facts.along[key]
            late = i > 0 and facts.inputs[key]
            near = start[i] + (spare if late else spare / 2 if spare <= 80 else 20)
            result.at.append((near, here - facts.across[key] / 2))
            text = facts.text[key]
            if text is not None:
                result.behind[key] = (middle[i] + beside + text.along / 2, here, stop[i])
        else:
            result.at.append((start[i] if kind == EXIT else 0.0, here))
            (result.ports_out if kind == EXIT else result.ports_in)[key] = here
            result.lanes[key, i] = here


def _put_wires(draft: Draft, across: Sequence[float], along: Columns, result: Place) -> None:
    """Where lanes run, branches have their texts, and wires split."""
    level, facts, made = draft.level, draft.facts, draft.made
    n, stop = len(level.kinds), along.stop
    beside = BESIDE_DOWN if facts.downward else BESIDE
    for v in range(n, len(made.kind)):
        i = made.layer[v]
        if made.kind[v] == LANE:
            result.lanes[made.net[made.parent[v]], i] = across[v]
        else:
            room = facts.room[made.of[v]]
            result.texts[made.of[v]] = (stop[i] - beside - room.along / 2, across[v])
    for v, mine in enumerate(made.out_segs):
        if len(mine) > 1 and (
            v >= n or (level.kinds[v] != BOX and not (level.kinds[v] == NODE and facts.parted[level.keys[v]]))
        ):
            result.dots.append((made.net[mine[0]], stop[made.layer[v]], across[v]))


def _put_ways(
    draft: Draft,
    across: Sequence[float],
    along: Columns,
    side: Sequence[int],
    early: Sequence[bool],
    crossed: Mapping[int, Sequence[tuple[float, float]]],
    result: Place,
) -> None:
    """The hops' ways, and where they go under others."""
    level, facts, made, rank = draft.level, draft.facts, draft.made, draft.rank
    enter, start = draft.ports.enter, along.start
    n = len(level.kinds)
    leads = _leads(draft, across, along, crossed, result)
    for (_, a, b, _), last in zip(level.hops, made.last, strict=True):
        source = made.sources[last]
        if source < n:
            ways, under = _begun(a, last, draft, across, along, result), list(crossed.get(last, ()))
        else:
            ways, under, _ = _taken(leads[source - n], made.out_segs[source])
            under += crossed.get(last, ())
        near, key, v_end = result.at[b][0], level.keys[b], across[b] + enter[last]
        if side[last]:
            if early[last]:
                ways[-1] = Way(_far(a, draft, result) + TICK + 2, ways[0].across)
            corner = RADIUS - 8
            reach = facts.across[key] / 2
            if facts.gate[key]:
                reach += sqrt(RADIUS * RADIUS - 64) - RADIUS
            ways.append(Way(near + corner, round(across[b] + side[last] * reach, 2), True))
        else:
            ways.append(as_way((start[rank[b]], v_end, False)))
            if enter[last] and level.kinds[b] == NODE and facts.gate[key]:
                near = round(near + inset(enter[last], facts.across[key]), 2)
            if near > start[rank[b]]:
                ways.append(Way(near, v_end))
        result.ways.append(ways)
        result.gaps.append(under)


class Lead(NamedTuple):
    """A wire's way as far as the end of a lane or of a label, and where it goes under others on it. The first `held`
    way-points lead to where the value parts for the first time (0: it has not yet)."""

    ways: list[Way]
    under: list[tuple[float, float]]
    held: int


def _leads(
    draft: Draft,
    across: Sequence[float],
    along: Columns,
    crossed: Mapping[int, Sequence[tuple[float, float]]],
    result: Place,
) -> list[Lead]:
    """The way to each lane and label, from the one before it. Behind the stem, whose points all wires of a value have
    in common, a level piece is one: a value that is used at each of n layers has n ways past up to n lanes."""
    made, (start, _, stop, _, _) = draft.made, along
    n = len(draft.level.kinds)
    found: list[Lead] = []
    for v in range(n, len(made.kind)):
        s = made.parent[v]
        source = made.sources[s]
        if source < n:
            ways, under, held = _begun(source, s, draft, across, along, result), list(crossed.get(s, ())), 0
        else:
            ways, under, held = _taken(found[source - n], made.out_segs[source])
            under += crossed.get(s, ())
        out = made.out_segs[source]
        if not held and len(out) > 1 and (source >= n or sum(made.net[other] == made.net[s] for other in out) > 1):
            held = len(ways)
        i, here = made.layer[v], across[v]
        for u in (start[i], stop[i]) if stop[i] > start[i] else (start[i],):
            if 0 < held < len(ways) and ways[-2][1] == ways[-1][1] == here:
                ways[-1] = as_way((u, here, False))
            else:
                ways.append(as_way((u, here, False)))
        found.append(Lead(ways, under, held))
    return found


def _taken(lead: Lead, out: Sequence[int]) -> Lead:
    """A lead to go on from: itself where nothing else does."""
    return lead if len(out) == 1 else Lead(list(lead.ways), list(lead.under), lead.held)


def _begun(v: int, s: int, draft: Draft, across: Sequence[float], along: Columns, result: Place) -> list[Way]:
    """The way from an item to the end of its layer, along the segment s."""
    here, far, stop = across[v] + draft.ports.leave[s], _far(v, draft, result), along.stop[draft.rank[v]]
    begun = [as_way((far, here, False))]
    if stop > far:
        begun.append(as_way((stop, here, False)))
    return begun


def _far(v: int, draft: Draft, result: Place) -> float:
    """Where the wires that leave an item begin."""
    kind, key = draft.level.kinds[v], draft.level.keys[v]
    if kind == BOX:
        return result.at[v][0] + draft.inner[key].along
    if kind in (NODE, CONSTANT):
        return result.at[v][0] + draft.facts.along[key]
    return result.at[v][0]
