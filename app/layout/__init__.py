"""A place for everything in a view."""

from collections.abc import Mapping, Sequence

from app.graph.uncollected import uncollected
from app.graph.view import View
from app.layout.alike import Alike
from app.layout.assemble import assemble
from app.layout.borders import Ends, bettered
from app.layout.bus import main_operands, trunks
from app.layout.facts import Facts
from app.layout.frames import BOX, Levels, components, nest
from app.layout.level import Place, clearly, place
from app.layout.metrics import text_width
from app.layout.model import Box, Direction, Frame, Layout, Placed, Point, Wire
from app.layout.ordering import Ordering
from app.layout.series import again, series
from app.layout.sheet import BETWEEN, PAD
from app.layout.sizes import CLOSE, LABEL_TEXT, Room, edge_room, node_size, sum_room
from app.layout.start import Before
from app.layout.wires import Way

ROUNDS = 3  # of frames placed with what stands around them
ORDERED = 4  # a closed group with more operands takes them in whichever order reads better

__all__ = ["Box", "Direction", "Frame", "Layout", "Placed", "Point", "Wire", "layout"]


@uncollected
def layout(view: View, *, direction: Direction = "right", previous: Layout | None = None) -> Layout:
    """A place for each node, wire and text of the view; the same for the same view, and with `previous`, a layout of
    nearly the same view, near to that. Knows no numbers. Linear, but for the sorting, in what it places."""
    index = {node.id: v for v, node in enumerate(view.nodes)}
    edges = [(index[e.source], index[e.target]) for e in view.edges]
    facts, nets, trunk = _facts(view, edges, index[view.output], direction)
    nested = nest(view, edges, nets)
    trunk_hops: list[dict[int, int]] = [{} for _ in nested.levels]
    for e, t in enumerate(trunk):
        if t >= 0:
            for level, hop in nested.routes[e]:
                trunk_hops[level][hop] = t
    places = _places(view, facts, nested, trunk_hops, _before(view, previous, direction))
    return assemble(view, edges, nets, facts, nested, places, trunk, direction)


def _facts(
    view: View, edges: Sequence[tuple[int, int]], output: int, direction: Direction
) -> tuple[Facts, list[int], list[int]]:
    """The view as the levels see it; whose value each edge carries; which trunk it is on."""
    nodes = view.nodes
    n = len(nodes)
    fan, operands = [0] * n, [0] * n
    for source, target in edges:
        fan[source] += 1
        operands[target] += 1
    kinds = [node.kind for node in nodes]
    parted = [nodes[v].kind == "group" and nodes[v].index is None and fan[v] > 1 for v in range(n)]
    splits = [fan[v] > (v != output) for v in range(n)]
    text: list[Room | None] = []
    downward = direction == "down"
    along, across = [0.0] * n, [0.0] * n
    shapes: dict[int, tuple[int, ...]] = {source: e.shape for (source, _), e in zip(edges, view.edges, strict=True)}
    for v, node in enumerate(nodes):
        width, height = node_size(node, max(operands[v], fan[v] if parted[v] else 0))
        along[v], across[v] = (height, width) if downward else (width, height)
        shape = shapes.get(v, node.shape or ())
        if parted[v] or (node.kind == "constant" and fan[v] < 2 and v != output):
            text.append(None)
        elif splits[v] and node.differentiable:
            text.append(sum_room(shape, direction, fan[v] + (v == output)))
        else:
            text.append(edge_room(shape, direction))
    mains = main_operands(kinds, edges, fan)
    adds = [node.op == "add" and node.kind == "op" for node in nodes]
    trunk = [-1] * len(edges)
    rows = series(view.groups)
    recurring = again(view, edges, rows)
    through = [not parted[source] and e not in recurring for e, (source, _) in enumerate(edges)]
    for t, chain in enumerate(trunks(adds, edges, fan, mains, through)):
        for e in chain:
            trunk[e] = t
    facts = Facts(
        along=along,
        across=across,
        text=text,
        room=[edge_room(e.shape, direction) for e in view.edges],
        labelled=[splits[source] or parted[source] for source, _ in edges],
        main=mains,
        commutes=[node.commutes or (node.kind == "group" and operands[v] > ORDERED) for v, node in enumerate(nodes)],
        inputs=[kind == "input" for kind in kinds],
        gate=[kind == "op" for kind in kinds],
        slot=[e.slot for e in view.edges],
        parted=parted,
        series=rows,
        output=output,
        downward=downward,
    )
    nets = [n + e if parted[source] else source for e, (source, _) in enumerate(edges)]
    return facts, nets, trunk


def _before(view: View, previous: Layout | None, direction: Direction) -> Before | None:
    if previous is None or previous.direction != direction:
        return None
    right = direction == "right"

    def across(box: Box) -> float:
        return box.y + box.height / 2 if right else box.x + box.width / 2

    nodes = {v: across(previous.nodes[n.id].box) for v, n in enumerate(view.nodes) if n.id in previous.nodes}
    labels: dict[int, float] = {}
    for e, edge in enumerate(view.edges):
        if edge.id in previous.wires:
            wire = previous.wires[edge.id]
            labels[e] = (across(wire.value_box) + across(wire.grad_box)) / 2
    index = {node.id: v for v, node in enumerate(view.nodes)}
    groups = {"": -1, **{group.id: g for g, group in enumerate(view.groups)}}
    frames = {groups[g]: (f.box.y if right else f.box.x) + 1 for g, f in previous.frames.items() if g in groups}
    lanes = {
        (index[known], groups[group], i): place
        for known, group, i, place in previous.lanes
        if known in index and group in groups
    }
    return Before(nodes, labels, frames, lanes)


def _places(
    view: View, facts: Facts, nested: Levels, trunk_hops: Sequence[dict[int, int]], before: Before | None
) -> list[Place]:
    """Each level's places: the frames' first by themselves, and where wires cross at their borders again with what
    stands around them, as long as fewer cross."""
    alike = Alike(facts)
    settled: dict[int, Ordering] = {}
    known: dict[tuple[Ordering, Ends, Ends], Ordering | None] = {}
    places = _round(view, facts, nested, trunk_hops, before, alike, settled, {})
    for _ in range(ROUNDS):
        found: dict[int, Ordering] = {}
        for at, outer in places.items():
            for v, border in outer.borders.items():
                box = nested.levels[at].keys[v]
                mine = places[box].order
                better = bettered(mine, nested.levels[box], border, known) if mine else None
                if better:
                    found[box] = better
        if not found:
            break
        settled |= found
        kept = {at: p for at, p in places.items() if at not in found}
        fresh = _round(view, facts, nested, trunk_hops, before, alike, settled, kept)
        least, now = sum(p.crossed for p in fresh.values()), sum(p.crossed for p in places.values())
        if least >= (now if before is None else now - clearly(now)):
            break
        places = fresh
    return [places[at] for at in range(len(places))]


def _round(
    view: View,
    facts: Facts,
    nested: Levels,
    trunk_hops: Sequence[dict[int, int]],
    before: Before | None,
    alike: Alike,
    settled: Mapping[int, Ordering],
    known: Mapping[int, Place],
) -> dict[int, Place]:
    """The levels' places, innermost first; those `known` stay, but for what another is in; `settled` are the
    orders that were found so far with what stands around."""
    places = dict(known)
    fresh = {at: at not in known for at in range(len(nested.levels))}
    for at in range(len(nested.levels) - 1, 0, -1):
        if not fresh[at]:
            continue
        fresh[nested.parents[at]] = True
        level, trunks, order = nested.levels[at], trunk_hops[at], settled.get(at)
        head = text_width(view.groups[level.group].label, LABEL_TEXT) + CLOSE
        if before is None:
            places[at] = alike.place(level, places, trunks=trunks, head=head, settled=order)
        else:
            places[at] = place(level, facts, places, trunks=trunks, head=head, earlier=before, settled=order)
    places[0] = _outermost(facts, nested, trunk_hops[0], before, places)
    return places


def _outermost(
    facts: Facts, nested: Levels, trunks: Mapping[int, int], before: Before | None, places: Mapping[int, Place]
) -> Place:
    """The outermost level's places. Its parts stand below each other, the output's first."""
    level = nested.levels[0]
    parts = components(level)
    if len(parts) == 1:
        return place(level, facts, places, trunks=trunks, head=0, earlier=before)
    first = nested.home[facts.output]
    while first[0]:  # the box that holds the output, in the outermost level
        box = first[0]
        first = (
            nested.parents[box],
            next(
                i
                for i, kind in enumerate(nested.levels[nested.parents[box]].kinds)
                if kind == BOX and nested.levels[nested.parents[box]].keys[i] == box
            ),
        )
    parts.sort(key=lambda part: first[1] not in part[1])
    whole = Place(
        at=[(0.0, 0.0)] * len(level.kinds),
        middle=[0.0] * len(level.kinds),
        ways=[[] for _ in level.hops],
        gaps=[[] for _ in level.hops],
    )
    down = 0.0
    for part, items, hops in parts:
        inside = {k: trunks[h] for k, h in enumerate(hops) if h in trunks}
        here = place(part, facts, places, trunks=inside, head=0, earlier=before)
        for k, v in enumerate(items):
            whole.at[v] = (here.at[k][0], here.at[k][1] + down)
            whole.middle[v] = here.middle[k] + down
        for k, h in enumerate(hops):  # the first part, mostly all there is, stands where it is
            whole.ways[h] = [Way(u, v + down, side) for u, v, side in here.ways[k]] if down else here.ways[k]
            whole.gaps[h] = [(u, v + down) for u, v in here.gaps[k]] if down else here.gaps[k]
        whole.texts.update({e: (u, v + down) for e, (u, v) in here.texts.items()})
        whole.behind.update({e: (u, v + down, stop) for e, (u, v, stop) in here.behind.items()})
        whole.dots.extend((net, u, v + down) for net, u, v in here.dots)
        whole.marks.update(here.marks)
        whole.lanes.update({key: v + down for key, v in here.lanes.items()})
        whole.crossed += here.crossed
        whole.borders.update({items[k]: border for k, border in here.borders.items()})
        whole.along = max(whole.along, here.along)
        down += here.across + BETWEEN - PAD
    whole.across = down
    return whole
