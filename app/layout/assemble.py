"""All levels in one coordinate system: what stands in the layouts' own frame becomes boxes, points and paths."""

from collections.abc import Sequence

from app.graph.view import View
from app.layout.facts import Facts
from app.layout.frames import BOX, Levels
from app.layout.level import Place
from app.layout.metrics import text_width
from app.layout.model import Box, Direction, Frame, Layout, Placed, Point, Wire
from app.layout.sizes import CLEAR, CLOSE, FRAME_HEAD, LABEL_TEXT, SUM_WIDTH, TICK, Room
from app.layout.wires import Way, path, polyline, tidy

PAD = 16.0
BETWEEN = 28.0  # components


def assemble(
    view: View,
    edges: Sequence[tuple[int, int]],
    nets: Sequence[int],
    facts: Facts,
    nested: Levels,
    places: Sequence[Place],
    trunk: Sequence[int],
    direction: Direction,
) -> Layout:
    """The layout of the view, from the places of its levels; `trunk[e]` is the trunk of edge e (−1: none)."""
    right = direction == "right"
    origins = [(PAD, PAD / 2)] * len(places)  # across the flow, the outermost vertices have a margin
    for at, level in enumerate(nested.levels):
        u0, v0 = origins[at]
        for item, kind in enumerate(level.kinds):
            if kind == BOX:
                u, v = places[at].at[item]
                origins[level.keys[item]] = (u0 + u, v0 + v)

    def box(u: float, v: float, along: float, across: float) -> Box:
        return Box(u, v, along, across) if right else Box(v, u, across, along)

    def texts(u: float, v: float, room: Room) -> tuple[Box, Box]:
        return (
            box(u - room.along / 2, v - room.before, room.along, room.before - CLEAR),
            box(u - room.along / 2, v + CLEAR, room.along, room.before - CLEAR),
        )

    ways: list[list[Way]] = []
    gaps: list[tuple[Point, ...]] = []
    for route in nested.routes:
        whole: list[Way] = []
        under: list[Point] = []
        for at, hop in route:
            u0, v0 = origins[at]
            whole.extend([Way(u + u0, v + v0, side) for u, v, side in places[at].ways[hop]])
            for u, v in places[at].gaps[hop]:
                under.append(
                    Point(round(u + u0, 2), round(v + v0, 2)) if right else Point(round(v + v0, 2), round(u + u0, 2))
                )
        ways.append(whole)
        gaps.append(tuple(under))

    of_net: dict[int, list[int]] = {}
    for e, net in enumerate(nets):
        of_net.setdefault(net, []).append(e)
    shared = [0] * len(edges)  # how many way-points an edge has in common with all of its net
    for members in of_net.values():
        if len(members) > 1:
            first = ways[members[0]]
            common = min(len(ways[e]) for e in members)
            for e in members[1:]:
                other = ways[e]
                k = 0
                while k < common and first[k] == other[k]:
                    k += 1
                common = k
            for e in members:
                shared[e] = common
    dots: dict[int, list[Point]] = {}
    for at, here in enumerate(places):
        u0, v0 = origins[at]
        for net, u, v in here.dots:
            dots.setdefault(net, []).append(Point(u + u0, v + v0) if right else Point(v + v0, u + u0))

    nodes: dict[str, Placed] = {}
    behind: list[tuple[float, float] | None] = []
    for v, node in enumerate(view.nodes):
        at, item = nested.home[v]
        here = places[at]
        u0, v0 = origins[at]
        near = here.at[item]
        own = box(near[0] + u0, near[1] + v0, facts.along[v], facts.across[v])
        room = facts.text[v]
        if room is None or v not in here.behind:
            behind.append(None)
            nodes[node.id] = Placed(box=own)
            continue
        u, middle, stop = here.behind[v]
        u, middle, stop = u + u0, middle + v0, stop + u0
        behind.append((u, middle))
        members = of_net.get(v, [])
        if members and len(members) + (v == facts.output) < 2:
            nodes[node.id] = Placed(box=own)
            continue
        value_room = facts.room[members[0]] if members else room
        value, grad = texts(u, middle, value_room)
        if not members:
            stem = (Way(near[0] + u0 + facts.along[v], middle), Way(stop, middle))
            nodes[node.id] = Placed(box=own, stem=polyline(stem, direction), value_box=value, grad_box=grad)
            continue
        together = ways[members[0]][: max(2, shared[members[0]])]
        split = Point(*together[-1][:2]) if right else Point(together[-1].across, together[-1].along)
        nodes[node.id] = Placed(
            box=own,
            stem=polyline(tidy(together), direction),
            split=split,
            value_box=value,
            sum_box=box(
                u - (SUM_WIDTH if right else room.along) / 2,
                middle + CLEAR,
                SUM_WIDTH if right else room.along,
                room.after - CLEAR,
            )
            if node.differentiable
            else None,
            dots=tuple([dot for dot in dots.get(v, ()) if dot != split]),
        )

    wires: dict[str, Wire] = {}
    for e, edge in enumerate(view.edges):
        source = edges[e][0]
        room = facts.room[e]
        at = nested.routes[e][-1][0]
        if facts.labelled[e]:
            u, v = places[at].texts[e]
            value, grad = texts(u + origins[at][0], v + origins[at][1], room)
        elif behind[source] is not None:
            u, v = behind[source] or (0.0, 0.0)
            value, grad = texts(u, v, room)
        else:
            u, v, _ = ways[e][0]
            value, grad = box(u + 1, v - TICK - 4, TICK, TICK), box(u + 1, v + 4, TICK, TICK)
        line = tidy(ways[e])
        data = path(line, direction)
        parts = shared[e] or (2 if source == facts.output else 0)
        end = line[-1]
        mark = None
        if e in places[at].marks:
            mark = Point(end.along - 9, end.across) if right else Point(end.across, end.along - 9)
        wires[edge.id] = Wire(
            points=polyline(line, direction),
            path=data,
            own=path(tidy(ways[e][parts - 1 :]), direction) if parts else data,
            value_box=value,
            grad_box=grad,
            # Two trunks that enter one frame at other distances than they have outside cannot both be level.
            straight=trunk[e] >= 0 and len(line) == 2,
            gaps=gaps[e],
            mark=mark,
        )

    frames: dict[str, Frame] = {}
    for at in range(1, len(nested.levels)):
        group = view.groups[nested.levels[at].group]
        u0, v0 = origins[at]
        frame = box(u0, v0, places[at].along, places[at].across)
        label = text_width(group.label, LABEL_TEXT) + CLOSE
        frames[group.id] = Frame(box=frame, label_box=Box(frame.x + 8, frame.y + 4, label, FRAME_HEAD - 8))
    lanes = tuple(
        (view.nodes[net].id, view.groups[here.group].id if here.group >= 0 else "", i, across + origins[at][1])
        for at, here in enumerate(places)
        for (net, i), across in here.lanes.items()
        if net < len(view.nodes)
    )
    bounds = box(0.0, 0.0, places[0].along + 2 * PAD, places[0].across + PAD)
    return Layout(nodes=nodes, wires=wires, frames=frames, bounds=bounds, direction=direction, lanes=lanes)
