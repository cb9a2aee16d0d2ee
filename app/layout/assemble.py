"""All levels in one coordinate system: what stands in the layouts' own frame becomes boxes, points and paths."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from app.graph.view import View
from app.layout.facts import Facts
from app.layout.frames import BOX, Levels
from app.layout.level import Place
from app.layout.metrics import text_width
from app.layout.model import Box, Direction, Frame, Layout, Placed, Point, Wire
from app.layout.sizes import CLEAR, CLOSE, FRAME_HEAD, LABEL_TEXT, SUM_WIDTH, TICK, Room
from app.layout.wires import Ways, begin, path, pieces, polyline, tidy

PAD = 16.0
BETWEEN = 28.0  # components


@dataclass(frozen=True, slots=True, kw_only=True)
class Sheet:
    """The levels on one sheet, in the layouts' own frame: u along the flow, v across it.

    `origins` are the levels' corners. Of edge e, `ways[e]` are the way-points and `shared[e]` how many of the first it
    has in common with all of its net; `members[net]` are a net's edges. `wide[v]` is the middle of the texts behind
    node v, and where its stem ends (None: it carries none)."""

    view: View
    facts: Facts
    nested: Levels
    places: Sequence[Place]
    direction: Direction
    origins: Sequence[tuple[float, float]]
    members: Mapping[int, Sequence[int]]
    ways: Sequence[Ways]
    shared: Sequence[int]
    behind: Sequence[tuple[float, float, float] | None]

    @property
    def right(self) -> bool:
        """Whether u is x, not y."""
        return self.direction == "right"


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
    origins = _origins(nested, places)
    members = _members(nets)
    ways = _ways(nested, places, origins)
    sheet = Sheet(
        view=view,
        facts=facts,
        nested=nested,
        places=places,
        direction=direction,
        origins=origins,
        members=members,
        ways=ways,
        shared=_shared(members, ways),
        behind=_behind(facts, nested, places, origins),
    )
    return Layout(
        nodes=_nodes(sheet),
        wires=_wires(sheet, [source for source, _ in edges], trunk),
        frames=_frames(sheet),
        bounds=_box(0.0, 0.0, places[0].along + 2 * PAD, places[0].across + PAD, sheet.right),
        direction=direction,
        lanes=_lanes(sheet),
    )


# ── On the sheet ─────────────────────────────────────────────────────────────────────────────────────────────────────


def _origins(nested: Levels, places: Sequence[Place]) -> list[tuple[float, float]]:
    """The corner of each level: that of its box in the level around it."""
    origins = [(PAD, PAD / 2)] * len(places)  # across the flow, the outermost vertices have a margin
    if len(places) > 1:
        for at, level in enumerate(nested.levels):
            u0, v0 = origins[at]
            for item, kind in enumerate(level.kinds):
                if kind == BOX:
                    u, v = places[at].at[item]
                    origins[level.keys[item]] = (u0 + u, v0 + v)
    return origins


def _members(nets: Sequence[int]) -> dict[int, list[int]]:
    """The edges of each net."""
    found: dict[int, list[int]] = {}
    for e, net in enumerate(nets):
        found.setdefault(net, []).append(e)
    return found


def _ways(nested: Levels, places: Sequence[Place], origins: Sequence[tuple[float, float]]) -> list[Ways]:
    """The way-points of each edge, through all levels."""
    found: list[Ways] = []
    for route in nested.routes:
        whole: list[tuple[float, float, bool]] = []
        for at, hop in route:
            u0, v0 = origins[at]
            whole += [(u + u0, v + v0, side) for u, v, side in places[at].ways[hop]]
        found.append(whole)
    return found


def _shared(members: Mapping[int, Sequence[int]], ways: Sequence[Ways]) -> list[int]:
    """How many of its first way-points each edge has in common with all others of its net; 0 for the only one."""
    shared = [0] * len(ways)
    for mine in members.values():
        if len(mine) > 1:
            first = ways[mine[0]]
            common = min([len(ways[e]) for e in mine])
            for e in mine[1:]:
                other = ways[e]
                k = 0
                while k < common and first[k] == other[k]:
                    k += 1
                common = k
            for e in mine:
                shared[e] = common
    return shared


def _behind(
    facts: Facts, nested: Levels, places: Sequence[Place], origins: Sequence[tuple[float, float]]
) -> list[tuple[float, float, float] | None]:
    """What stands behind each node's box: the middle of its texts, and where its stem ends."""
    found: list[tuple[float, float, float] | None] = []
    for v, (at, _) in enumerate(nested.home):
        here = places[at].behind.get(v) if facts.text[v] is not None else None
        if here is not None:
            u0, v0 = origins[at]
            here = (here[0] + u0, here[1] + v0, here[2] + u0)
        found.append(here)
    return found


# ── In the drawing ───────────────────────────────────────────────────────────────────────────────────────────────────

_named = tuple.__new__  # as in wires.py


def _box(u: float, v: float, along: float, across: float, right: bool) -> Box:
    return _named(Box, (u, v, along, across) if right else (v, u, across, along))


def _point(u: float, v: float, right: bool) -> Point:
    return Point(u, v) if right else Point(v, u)


def _texts(u: float, v: float, room: Room, right: bool) -> tuple[Box, Box]:
    """The boxes of a value and a gradient before and after the place (u, v) on their wire."""
    near, along, across = u - room.along / 2, room.along, room.before - CLEAR
    if right:
        return _named(Box, (near, v - room.before, along, across)), _named(Box, (near, v + CLEAR, along, across))
    return _named(Box, (v - room.before, near, across, along)), _named(Box, (v + CLEAR, near, across, along))


def _nodes(sheet: Sheet) -> dict[str, Placed]:
    """Each node with its piece of wire, where it has one: a stem to the split, or to the open end."""
    facts, nested, places, origins, right = sheet.facts, sheet.nested, sheet.places, sheet.origins, sheet.right
    dots = _dots(sheet)
    nodes: dict[str, Placed] = {}
    for v, node in enumerate(sheet.view.nodes):
        at, item = nested.home[v]
        u, across = places[at].at[item]
        u0, v0 = origins[at]
        own = _box(u + u0, across + v0, facts.along[v], facts.across[v], right)
        behind = sheet.behind[v]
        members = sheet.members.get(v, ())
        if behind is None or len(members) + (v == facts.output) == 1 <= len(members):
            nodes[node.id] = Placed(box=own)
        elif members:
            nodes[node.id] = _split(sheet, v, members, own, behind, dots.get(v, ()))
        else:
            room = facts.text[v]
            assert room is not None, node.id
            middle, along, stop = behind[1], behind[0], behind[2]
            value, grad = _texts(along, middle, room, right)
            stem = ((u + u0 + facts.along[v], middle, False), (stop, middle, False))
            nodes[node.id] = Placed(
                box=own,
                stem=polyline(stem, sheet.direction),
                stem_path=path(stem, sheet.direction),
                value_box=value,
                grad_box=grad,
            )
    return nodes


def _split(
    sheet: Sheet,
    v: int,
    members: Sequence[int],
    own: Box,
    behind: tuple[float, float, float],
    dots: Sequence[Point],
) -> Placed:
    """A node whose value goes several ways: they part at the end of its stem, below which its sum stands."""
    facts, right = sheet.facts, sheet.right
    room = facts.text[v]
    assert room is not None, v
    u, middle, _ = behind
    value, _ = _texts(u, middle, facts.room[members[0]], right)
    together = sheet.ways[members[0]][: max(2, sheet.shared[members[0]])]
    line = tidy(together)
    end = _point(line[-1][0], line[-1][1], right)
    width = SUM_WIDTH if right else room.along
    total = _box(u - width / 2, middle + CLEAR, width, room.after - CLEAR, right)
    return Placed(
        box=own,
        stem=polyline(line, sheet.direction),
        stem_path=path(line, sheet.direction),
        split=end,
        value_box=value,
        sum_box=total if sheet.view.nodes[v].differentiable else None,
        dots=tuple([dot for dot in dots if dot != end]),
    )


def _dots(sheet: Sheet) -> dict[int, list[Point]]:
    """Where each value splits."""
    found: dict[int, list[Point]] = {}
    for here, (u0, v0) in zip(sheet.places, sheet.origins, strict=True):
        for net, u, v in here.dots:
            found.setdefault(net, []).append(_point(u + u0, v + v0, sheet.right))
    return found


def _wires(sheet: Sheet, sources: Sequence[int], trunk: Sequence[int]) -> dict[str, Wire]:
    """Each edge's way and its texts."""
    facts, direction, right = sheet.facts, sheet.direction, sheet.right
    wires: dict[str, Wire] = {}
    for e, edge in enumerate(sheet.view.edges):
        ways, source = sheet.ways[e], sources[e]
        line = tidy(ways)
        steps = pieces(line, direction)
        own = data = begin(line[0], direction) + "".join(steps)
        parts = sheet.shared[e] or (2 if source == facts.output else 0)
        if parts:
            # What lies behind the split: a step that passes it is level there.
            split = ways[parts - 1]
            own = begin(split, direction) + "".join(
                [s for s, way in zip(steps, line[1:], strict=True) if way[0] > split[0]]
            )
        value, grad = _wire_texts(sheet, e, source)
        mark = None
        if e in sheet.places[sheet.nested.routes[e][-1][0]].marks:
            mark = _point(line[-1][0] - 9, line[-1][1], right)
        wires[edge.id] = Wire(
            points=polyline(line, direction),
            path=data,
            own=own,
            value_box=value,
            grad_box=grad,
            # Two trunks that enter one frame at other distances than they have outside cannot both be level.
            straight=trunk[e] >= 0 and len(line) == 2,
            gaps=_gaps(sheet, e),
            mark=mark,
        )
    return wires


def _wire_texts(sheet: Sheet, e: int, source: int) -> tuple[Box, Box]:
    """An edge's texts: on a piece of its own before the target, else behind the source, or small beside a constant."""
    facts, right = sheet.facts, sheet.right
    if facts.labelled[e]:
        at = sheet.nested.routes[e][-1][0]
        u0, v0 = sheet.origins[at]
        u, v = sheet.places[at].texts[e]
        return _texts(u + u0, v + v0, facts.room[e], right)
    behind = sheet.behind[source]
    if behind is not None:
        return _texts(behind[0], behind[1], facts.room[e], right)
    u, v, _ = sheet.ways[e][0]
    if right:
        return Box(u + 1, v - TICK - 4, TICK, TICK), Box(u + 1, v + 4, TICK, TICK)
    return Box(v - TICK - 4, u + 1, TICK, TICK), Box(v + 4, u + 1, TICK, TICK)


def _gaps(sheet: Sheet, e: int) -> tuple[Point, ...]:
    """Where an edge goes under another."""
    found: list[Point] = []
    for at, hop in sheet.nested.routes[e]:
        under = sheet.places[at].gaps[hop]
        if under:
            u0, v0 = sheet.origins[at]
            found += [_point(round(u + u0, 2), round(v + v0, 2), sheet.right) for u, v in under]
    return tuple(found)


def _frames(sheet: Sheet) -> dict[str, Frame]:
    """The open groups."""
    frames: dict[str, Frame] = {}
    for at in range(1, len(sheet.places)):
        group = sheet.view.groups[sheet.nested.levels[at].group]
        u, v = sheet.origins[at]
        frame = _box(u, v, sheet.places[at].along, sheet.places[at].across, sheet.right)
        label = text_width(group.label, LABEL_TEXT) + CLOSE
        frames[group.id] = Frame(box=frame, label_box=Box(frame.x + 8, frame.y + 4, label, FRAME_HEAD - 8))
    return frames


def _lanes(sheet: Sheet) -> tuple[tuple[str, str, int, float], ...]:
    """Where the ways of values run, for the next layout."""
    nodes, groups = sheet.view.nodes, sheet.view.groups
    return tuple([
        (nodes[net].id, groups[here.group].id if here.group >= 0 else "", i, across + v0)
        for here, (_, v0) in zip(sheet.places, sheet.origins, strict=True)
        for (net, i), across in here.lanes.items()
        if net < len(nodes)
    ])  # fmt: skip
