"""All levels on one sheet, in the layouts' own frame, before anything of it is drawn."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from app.graph.view import View
from app.layout.facts import Facts
from app.layout.frames import BOX, Levels
from app.layout.level import Place
from app.layout.model import Direction
from app.layout.wires import Ways

PAD = 16.0
BETWEEN = 28.0  # components


@dataclass(frozen=True, slots=True, kw_only=True)
class Sheet:
    """The levels on one sheet, in the layouts' own frame: u along the flow, v across it.

    `origins` are the levels' corners. Of edge e, `ways[e]` are the way-points and `shared[e]` how many of the first it
    has in common with all of its net; `members[net]` are a net's edges. `behind[v]` is the middle of the texts behind
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


def sheet(
    view: View, nets: Sequence[int], facts: Facts, nested: Levels, places: Sequence[Place], direction: Direction
) -> Sheet:
    """The levels at their places on one sheet."""
    origins = _origins(nested, places)
    members = _members(nets)
    ways = _ways(nested, places, origins)
    return Sheet(
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
