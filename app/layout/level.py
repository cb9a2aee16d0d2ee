"""One level placed: its items become layers of vertices, these get an order and places, and the hops their ways.

A layer is two columns: boxes, then what stands on the wires behind them. There a wire that does not fan out carries its
texts, a fanning value its stem with the sum, a branch of one its own texts just before its gate; constants stand there
too. Between layers wires bend, and nothing else stands, so no wire meets a box.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from math import sqrt

from app.layout import bus
from app.layout.columns import BESIDE, BESIDE_DOWN, CONSTANT_WIRE, bends, columns
from app.layout.coordinates import Segment, coordinates
from app.layout.facts import Facts
from app.layout.frames import BOX, CONSTANT, ENTRY, EXIT, NODE, Level
from app.layout.gaps import gaps
from app.layout.layering import layering
from app.layout.order import keep, order
from app.layout.ordering import Ordering
from app.layout.ports import enter_ports, inset, spread
from app.layout.sides import sides
from app.layout.sizes import FRAME_HEAD, FRAME_PAD, RADIUS, TICK
from app.layout.start import ITEM, LABEL, LANE, Before, as_before, first_order
from app.layout.vertices import vertices
from app.layout.wires import Way

MARGIN = {LANE: 8.0, LABEL: 9.0, ITEM: 10.0}


@dataclass(slots=True)
class Place:
    """A level's places, from its own corner (0, 0). `at` is each item's near corner, `middle` the across of its own
    wire; `texts` the middle of each edge's texts; `behind` that of what stands behind a node, with the end of its stem.
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
    group: int = -1
    head: tuple[float, float] = (0.0, 0.0)


def place(
    level: Level,
    facts: Facts,
    inner: Mapping[int, Place],
    *,
    trunks: Mapping[int, int],
    head: float,
    earlier: Before | None,
) -> Place:
    """A level's places. `inner` holds those of the levels inside it; `trunks` says which hops are on which trunk;
    `head` is the width of its frame's label (0 for the outermost level); `earlier` a layout before."""
    kinds, keys, hops = level.kinds, level.keys, level.hops
    n = len(kinds)
    framed = level.group >= 0
    beside = BESIDE_DOWN if facts.downward else BESIDE
    trunk_of_hop = [trunks.get(h, -1) for h in range(len(hops))]
    hanging = bus.hanging(n, [(h.source, h.target) for h in hops], trunk_of_hop)
    rank = layering(level, facts, hanging)
    depth = max(rank) + 1

    made = vertices(level, facts, rank, trunk_of_hop)
    v_kind, v_layer, v_of, parent_seg = made.kind, made.layer, made.of, made.parent
    in_segs, out_segs, sources, targets = made.in_segs, made.out_segs, made.sources, made.targets
    seg_trunk, seg_edge, seg_net, seg_straight, last_seg = made.trunk, made.edge, made.net, made.straight, made.last
    count = len(v_kind)

    # Order.
    enter_key, leave_key = [0.5] * len(sources), [0.5] * len(sources)
    enter, leave = [0.0] * len(sources), [0.0] * len(sources)
    for v in range(n):
        if kinds[v] == BOX:
            child = inner[keys[v]]
            for s in in_segs[v]:
                enter[s] = child.ports_in[seg_net[s]]
                enter_key[s] = (enter[s] + 1) / (child.across + 2)
            for s in out_segs[v]:
                leave[s] = child.ports_out[seg_net[s]]
                leave_key[s] = (leave[s] + 1) / (child.across + 2)
        elif kinds[v] == NODE and not facts.commutes[keys[v]] and len(in_segs[v]) > 1:
            for s in in_segs[v]:
                enter_key[s] = (facts.slot[seg_edge[s]] + 1) / (
                    facts.slot[seg_edge[in_segs[v][-1]]] + 2 + len(in_segs[v])
                )
    on_trunk, under = [-1] * count, [-1] * count
    for s, t in enumerate(seg_trunk):
        if t >= 0:
            on_trunk[sources[s]] = on_trunk[targets[s]] = t
    for h, hop in enumerate(hops):
        t = hanging[hop.target] if hanging[hop.target] >= 0 else hanging[hop.source]
        if t < 0 and on_trunk[hop.source] >= 0 and on_trunk[hop.source] == on_trunk[hop.target]:
            t = on_trunk[hop.source]
        if t < 0 and on_trunk[hop.source] < 0 <= on_trunk[hop.target] and kinds[hop.target] == BOX:
            t = on_trunk[hop.target]
        if t >= 0:
            s = last_seg[h]
            while s >= 0 and sources[s] >= n:
                if on_trunk[sources[s]] < 0:
                    under[sources[s]] = t
                s = parent_seg[sources[s]]
    for v in range(n):
        under[v] = hanging[v] if hanging[v] != on_trunk[v] else -1
    fixed = [0.0] * count
    for v in range(count):
        if on_trunk[v] >= 0:
            fixed[v] = on_trunk[v] + 1.0
    if not framed:
        for v in range(n):
            if not rank[v]:
                fixed[v] = keys[v] + 1.0 if kinds[v] == NODE and facts.inputs[keys[v]] else 0.0
    layers = first_order(level, facts, depth, v_layer, sources, in_segs, out_segs, seg_trunk, seg_edge, n)
    problem = Ordering(
        layers,
        sources,
        targets,
        leave_key,
        enter_key,
        fixed,
        under,
        on_trunk,
    )
    fresh = order(problem)
    if earlier is not None:
        # A small edit moves little: the order before stands unless a fresh one crosses clearly less.
        found = [list(layer) for layer in layers]
        owner = [seg_net[parent_seg[v]] if v_kind[v] == LANE and v >= n else v_of[v] for v in range(count)]
        for v in range(n):
            owner[v] = keys[v]
        groups = {at: child.group for at, child in inner.items()}
        as_before(layers, earlier, v_kind, owner, level, groups, in_segs, sources)
        if keep(problem) > fresh + max(2, fresh // 4):
            for layer, better in zip(layers, found, strict=True):
                layer[:] = better
            keep(problem)
    position = problem.position

    # Ports, and room across the flow.
    before, after = [0.0] * count, [0.0] * count
    result = Place(group=level.group)
    for v in range(count):
        if v >= n:
            if v_kind[v] == LABEL:
                room = facts.room[v_of[v]]
                before[v], after[v] = room.before, room.after
        elif kinds[v] == BOX:
            after[v] = inner[keys[v]].across
        elif kinds[v] in (NODE, CONSTANT):
            half = facts.across[keys[v]] / 2
            before[v] = after[v] = half
            text = facts.text[keys[v]]
            if text is not None:
                before[v], after[v] = max(half, text.before), max(half, text.after)
            if kinds[v] == CONSTANT:
                before[v], after[v] = max(half, TICK + 4) + 8, max(half, TICK + 4) + 4
        if v < n and kinds[v] in (ENTRY, EXIT):
            v_kind[v] = LANE
        margin = MARGIN[v_kind[v]]
        before[v] += margin
        after[v] += margin
    for v in range(n):
        if kinds[v] == NODE:
            enter_ports(in_segs[v], sources, position, seg_edge, seg_trunk, facts, keys[v], enter, result.marks)
            if facts.parted[keys[v]]:
                outgoing = sorted(out_segs[v], key=lambda s: position[targets[s]])
                for k, s in enumerate(outgoing):
                    leave[s] = spread(k, len(outgoing), facts.across[keys[v]])

    def _weight(s: int) -> float:
        a, b = sources[s], targets[s]
        if a < n and kinds[a] == CONSTANT:
            return 0.02
        if b < n and kinds[b] == NODE and enter[s] and all(enter[o] for o in in_segs[b]):
            return 4.0  # operands that balance
        return 1.0 if not (seg_trunk[s] < 0 and (on_trunk[a] >= 0 or on_trunk[b] >= 0)) else 0.25

    segments = [
        Segment(sources[s], targets[s], leave[s], enter[s], seg_straight[s], _weight(s)) for s in range(len(sources))
    ]
    across = coordinates(
        layers, position, segments, before, after, [t >= 0 for t in on_trunk], rounds=8 if count < 4000 else 4
    )

    side, early = sides(level, facts, made, layers, position, across, before, after, leave, enter)

    offset = [
        abs(across[a] + leave[s] - across[b] - enter[s]) for s, (a, b) in enumerate(zip(sources, targets, strict=True))
    ]
    lengths = {at: child.along for at, child in inner.items()}
    along = columns(level, facts, made, lengths, bends(made, offset, side, early), depth, head)
    start, middle, stop, boxes, result.along = along

    # From the first vertex's side to the last one's, with the frame's head and pad.
    low = min(across[v] - before[v] for v in range(count))
    high = max(across[v] + after[v] for v in range(count))
    if framed:
        if facts.downward:
            first = min((across[v] for v in range(n) if kinds[v] == ENTRY), default=1e18)
            low = min(low - 4, first - head - 12)
            high = max(high + 4, low + head + 2 * FRAME_PAD)
        else:
            low, high = low - FRAME_HEAD + 6, high + 4
    low = float(round(low))
    result.across = float(round(high - low))
    across = [a - low for a in across]

    for v in range(n):
        i = rank[v]
        kind, key = kinds[v], keys[v]
        result.middle.append(across[v])
        if kind == BOX:
            box = inner[key]
            result.at.append(
                (start[i] if boxes[i] - box.along > 80 else start[i] + (boxes[i] - box.along) / 2, across[v])
            )
        elif kind == CONSTANT:
            result.at.append((stop[i] - CONSTANT_WIRE - facts.along[key], across[v] - facts.across[key] / 2))
        elif kind == NODE:
            spare = boxes[i] - facts.along[key]
            late = i > 0 and facts.inputs[key]
            near = start[i] + (spare if late else spare / 2 if spare <= 80 else 20)
            result.at.append((near, across[v] - facts.across[key] / 2))
            text = facts.text[key]
            if text is not None:
                result.behind[key] = (middle[i] + beside + text.along / 2, across[v], stop[i])
        else:
            result.at.append((start[i] if kind == EXIT else 0.0, across[v]))
            (result.ports_out if kind == EXIT else result.ports_in)[key] = across[v]
            result.lanes[key, i] = across[v]
    for v in range(n, count):
        if v_kind[v] == LANE and v >= n:
            result.lanes[seg_net[parent_seg[v]], v_layer[v]] = across[v]
        if v_kind[v] == LABEL:
            result.texts[v_of[v]] = (stop[v_layer[v]] - beside - facts.room[v_of[v]].along / 2, across[v])
    for v in range(count):
        whole = v >= n or (kinds[v] != BOX and not (kinds[v] == NODE and facts.parted[keys[v]]))
        if whole and len(out_segs[v]) > 1:
            result.dots.append((seg_net[out_segs[v][0]], stop[v_layer[v]], across[v]))

    # The hops' ways.
    crossed = gaps(
        layers, position, sources, targets, across, leave, enter, side, seg_net, seg_trunk, stop, start, out_segs
    )
    for h, hop in enumerate(hops):
        chain: list[int] = []
        s = last_seg[h]
        while True:
            chain.append(s)
            if sources[s] < n:
                break
            s = parent_seg[sources[s]]
        chain.reverse()
        a, b = hop.source, hop.target
        v_here = across[a] + leave[chain[0]]
        ways = [Way(_far(a, level, facts, inner, result), v_here)]
        if stop[rank[a]] > ways[0].along:
            ways.append(Way(stop[rank[a]], v_here))
        for s in chain[:-1]:
            w = targets[s]
            ways.append(Way(start[v_layer[w]], across[w]))
            if stop[v_layer[w]] > start[v_layer[w]]:
                ways.append(Way(stop[v_layer[w]], across[w]))
        s = chain[-1]
        near, v_end = result.at[b][0], across[b] + enter[s]
        if side[s]:
            if early[s]:
                ways[-1] = Way(ways[0].along + TICK + 2, v_here)
            corner = RADIUS - 8
            reach = facts.across[keys[b]] / 2
            if facts.gate[keys[b]]:
                reach += sqrt(RADIUS * RADIUS - 64) - RADIUS
            ways.append(Way(near + corner, round(across[b] + side[s] * reach, 2), True))
        else:
            ways.append(Way(start[rank[b]], v_end))
            if kinds[b] == NODE and facts.gate[keys[b]] and enter[s]:
                near = round(near + inset(enter[s], facts.across[keys[b]]), 2)
            if near > start[rank[b]]:
                ways.append(Way(near, v_end))
        result.ways.append(ways)
        result.gaps.append([p for s in chain for p in crossed.get(s, ())])
    return result


def _far(v: int, level: Level, facts: Facts, inner: Mapping[int, Place], result: Place) -> float:
    """Where the wires that leave an item begin."""
    kind, key = level.kinds[v], level.keys[v]
    if kind == BOX:
        return result.at[v][0] + inner[key].along
    if kind in (NODE, CONSTANT):
        return result.at[v][0] + facts.along[key]
    return result.at[v][0]
