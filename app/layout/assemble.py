"""The sheet becomes a layout: boxes, points and paths."""

from collections.abc import Sequence

from app.graph.view import View
from app.layout.facts import Facts
from app.layout.frames import Levels
from app.layout.level import Place
from app.layout.metrics import text_width
from app.layout.model import Box, Direction, Frame, Layout, Placed, Point, Wire, as_box, as_point
from app.layout.sheet import PAD, Sheet, sheet
from app.layout.sizes import CLEAR, CLOSE, FRAME_HEAD, LABEL_TEXT, SUM_WIDTH, TICK, Room
from app.layout.wires import begin, curve


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
    on = sheet(view, nets, facts, nested, places, direction)
    return Layout(
        nodes=_nodes(on),
        wires=_wires(on, [source for source, _ in edges], trunk),
        frames=_frames(on),
        bounds=_box(0.0, 0.0, places[0].along + 2 * PAD, places[0].across + PAD, on.right),
        direction=direction,
        lanes=_lanes(on),
    )


def _box(u: float, v: float, along: float, across: float, right: bool) -> Box:
    return as_box((u, v, along, across) if right else (v, u, across, along))


def _point(u: float, v: float, right: bool) -> Point:
    return as_point((u, v) if right else (v, u))


def _texts(u: float, v: float, room: Room, right: bool) -> tuple[Box, Box]:
    """The boxes of a value and a gradient before and after the place (u, v) on their wire."""
    near, along, across = u - room.along / 2, room.along, room.before - CLEAR
    if right:
        return as_box((near, v - room.before, along, across)), as_box((near, v + CLEAR, along, across))
    return as_box((v - room.before, near, across, along)), as_box((v + CLEAR, near, across, along))


def _nodes(on: Sheet) -> dict[str, Placed]:
    """Each node with its piece of wire, where it has one: a stem to the split, or to the open end."""
    facts, nested, places, origins, right = on.facts, on.nested, on.places, on.origins, on.right
    dots = _dots(on)
    nodes: dict[str, Placed] = {}
    for v, node in enumerate(on.view.nodes):
        at, item = nested.home[v]
        u, across = places[at].at[item]
        u0, v0 = origins[at]
        own = _box(u + u0, across + v0, facts.along[v], facts.across[v], right)
        behind = on.behind[v]
        members = on.members.get(v, ())
        if behind is None or len(members) + (v == facts.output) == 1 <= len(members):
            nodes[node.id] = Placed(box=own)
        elif members:
            nodes[node.id] = _split(on, v, members, own, behind, dots.get(v, ()))
        else:
            room = facts.text[v]
            assert room is not None, node.id
            middle, along, stop = behind[1], behind[0], behind[2]
            value, grad = _texts(along, middle, room, right)
            ways = ((u + u0 + facts.along[v], middle, False), (stop, middle, False))
            stem = curve(ways, on.direction)
            nodes[node.id] = Placed(
                box=own,
                stem=stem.points,
                stem_path=stem.path,
                value_box=value,
                grad_box=grad,
            )
    return nodes


def _split(
    on: Sheet,
    v: int,
    members: Sequence[int],
    own: Box,
    behind: tuple[float, float, float],
    dots: Sequence[Point],
) -> Placed:
    """A node whose value goes several ways: they part at the end of its stem, below which its sum stands."""
    facts, right = on.facts, on.right
    room = facts.text[v]
    assert room is not None, v
    u, middle, _ = behind
    value, _ = _texts(u, middle, facts.room[members[0]], right)
    together = on.ways[members[0]][: max(2, on.shared[members[0]])]
    stem = curve(together, on.direction)
    end = stem.points[-1]
    width = SUM_WIDTH if right else room.along
    total = _box(u - width / 2, middle + CLEAR, width, room.after - CLEAR, right)
    return Placed(
        box=own,
        stem=stem.points,
        stem_path=stem.path,
        split=end,
        value_box=value,
        sum_box=total if on.view.nodes[v].differentiable else None,
        dots=tuple([dot for dot in dots if dot != end]),
    )


def _dots(on: Sheet) -> dict[int, list[Point]]:
    """Where each value splits."""
    found: dict[int, list[Point]] = {}
    for here, (u0, v0) in zip(on.places, on.origins, strict=True):
        for net, u, v in here.dots:
            found.setdefault(net, []).append(_point(u + u0, v + v0, on.right))
    return found


def _wires(on: Sheet, sources: Sequence[int], trunk: Sequence[int]) -> dict[str, Wire]:
    """Each edge's way and its texts."""
    facts, direction, right = on.facts, on.direction, on.right
    wires: dict[str, Wire] = {}
    for e, edge in enumerate(on.view.edges):
        ways, source = on.ways[e], sources[e]
        line, points, begins, steps = curve(ways, direction)
        own = data = begins + "".join(steps)
        parts = on.shared[e] or (2 if source == facts.output else 0)
        if parts:
            # What lies behind the split: a step that passes it is level there.
            split = ways[parts - 1]
            behind = 0
            while behind < len(steps) and line[behind + 1][0] <= split[0]:
                behind += 1
            own = begin(split, direction) + "".join(steps[behind:])
        value, grad = _wire_texts(on, e, source)
        mark = None
        if e in on.places[on.nested.routes[e][-1][0]].marks:
            mark = _point(line[-1][0] - 9, line[-1][1], right)
        wires[edge.id] = Wire(
            points=points,
            path=data,
            own=own,
            value_box=value,
            grad_box=grad,
            # Two trunks that enter one frame at other distances than they have outside cannot both be level.
            straight=trunk[e] >= 0 and len(line) == 2,
            gaps=_gaps(on, e),
            mark=mark,
        )
    return wires


def _wire_texts(on: Sheet, e: int, source: int) -> tuple[Box, Box]:
    """An edge's texts: on a piece of its own before the target, else behind the source, or small beside a constant."""
    facts, right = on.facts, on.right
    if facts.labelled[e]:
        at = on.nested.routes[e][-1][0]
        u0, v0 = on.origins[at]
        u, v = on.places[at].texts[e]
        return _texts(u + u0, v + v0, facts.room[e], right)
    behind = on.behind[source]
    if behind is not None:
        return _texts(behind[0], behind[1], facts.room[e], right)
    u, v, _ = on.ways[e][0]
    if right:
        return Box(u + 1, v - TICK - 4, TICK, TICK), Box(u + 1, v + 4, TICK, TICK)
    return Box(v - TICK - 4, u + 1, TICK, TICK), Box(v + 4, u + 1, TICK, TICK)


def _gaps(on: Sheet, e: int) -> tuple[Point, ...]:
    """Where an edge goes under another."""
    found: list[Point] = []
    for at, hop in on.nested.routes[e]:
        under = on.places[at].gaps[hop]
        if under:
            u0, v0 = on.origins[at]
            # Rounded to hundredths, as `round` does in four times as long.
            if on.right:
                found += [
                    as_point((int(100 * (u + u0) + 0.5) / 100, int(100 * (v + v0) + 0.5) / 100)) for u, v in under
                ]
            else:
                found += [
                    as_point((int(100 * (v + v0) + 0.5) / 100, int(100 * (u + u0) + 0.5) / 100)) for u, v in under
                ]
    return tuple(found)


def _frames(on: Sheet) -> dict[str, Frame]:
    """The open groups."""
    frames: dict[str, Frame] = {}
    for at in range(1, len(on.places)):
        group = on.view.groups[on.nested.levels[at].group]
        u, v = on.origins[at]
        frame = _box(u, v, on.places[at].along, on.places[at].across, on.right)
        label = text_width(group.label, LABEL_TEXT) + CLOSE
        frames[group.id] = Frame(box=frame, label_box=Box(frame.x + 8, frame.y + 4, label, FRAME_HEAD - 8))
    return frames


def _lanes(on: Sheet) -> tuple[tuple[str, str, int, float], ...]:
    """Where the ways of values run, for the next layout."""
    nodes, groups = on.view.nodes, on.view.groups
    return tuple([
        (nodes[net].id, groups[here.group].id if here.group >= 0 else "", i, across + v0)
        for here, (_, v0) in zip(on.places, on.origins, strict=True)
        for (net, i), across in here.lanes.items()
        if net < len(nodes)
    ])  # fmt: skip
