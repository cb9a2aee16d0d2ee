"""What a level's order is to keep: ports, trunks, what hangs below them, and inputs in the order of the program."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from app.layout.facts import Facts
from app.layout.frames import BOX, NODE, Level
from app.layout.ordering import Ordering
from app.layout.vertices import Vertices


class Ports(NamedTuple):
    """By segment where it leaves and enters (px across, relative to its ends' places)."""

    leave: list[float]
    enter: list[float]


def box_ports(
    level: Level,
    made: Vertices,
    ports_in: Mapping[int, Mapping[int, float]],
    ports_out: Mapping[int, Mapping[int, float]],
) -> Ports:
    """The ports of the boxes, which the levels inside have set (by level, net → place); those of nodes follow the
    order, and are 0."""
    leave, enter = [0.0] * len(made.sources), [0.0] * len(made.sources)
    for v, kind in enumerate(level.kinds):
        if kind == BOX:
            for s in made.in_segs[v]:
                enter[s] = ports_in[level.keys[v]][made.net[s]]
            for s in made.out_segs[v]:
                leave[s] = ports_out[level.keys[v]][made.net[s]]
    return Ports(leave, enter)


def plan(
    level: Level,
    facts: Facts,
    made: Vertices,
    rank: Sequence[int],
    hanging: Sequence[int],
    layers: list[list[int]],
    ports: Ports,
    lengths: Mapping[int, float],
) -> Ordering:
    """The order to be found, from `layers`; `lengths` are the boxes' across, by level."""
    kinds, keys = level.kinds, level.keys
    n, count = len(kinds), len(made.kind)
    enter, leave = [0.5] * len(made.sources), [0.5] * len(made.sources)
    for v in range(n):
        mine = made.in_segs[v]
        if kinds[v] == BOX:
            across = lengths[keys[v]] + 2
            for s in mine:
                enter[s] = (ports.enter[s] + 1) / across
            for s in made.out_segs[v]:
                leave[s] = (ports.leave[s] + 1) / across
        elif len(mine) > 1 and kinds[v] == NODE and not facts.commutes[keys[v]]:
            slots = facts.slot[made.edge[mine[-1]]] + 2 + len(mine)
            for s in mine:
                enter[s] = (facts.slot[made.edge[s]] + 1) / slots
    lane = [-1] * count
    for s, t in enumerate(made.trunk):
        if t >= 0:
            lane[made.sources[s]] = lane[made.targets[s]] = t
    fixed = [t + 1.0 for t in lane]
    if level.group < 0:
        for v in range(n):
            if not rank[v]:
                fixed[v] = keys[v] + 1.0 if kinds[v] == NODE and facts.inputs[keys[v]] else 0.0
    return Ordering(layers, made.sources, made.targets, leave, enter, fixed, _under(level, made, hanging, lane), lane)


def _under(level: Level, made: Vertices, hanging: Sequence[int], lane: Sequence[int]) -> list[int]:
    """The trunk that each vertex is to stay below: an item by `hanging`, and the lanes of a wire that joins such an
    item, or two of one trunk, or leads into a box on a trunk."""
    n = len(level.kinds)
    under = [-1] * len(made.kind)
    if max(lane) < 0:
        return under
    for h, (_, a, b, _) in enumerate(level.hops):
        t = hanging[b] if hanging[b] >= 0 else hanging[a]
        if t < 0 <= lane[b] and (lane[a] == lane[b] or (lane[a] < 0 and level.kinds[b] == BOX)):
            t = lane[b]
        s = made.last[h] if t >= 0 else -1
        while s >= 0 and made.sources[s] >= n and under[made.sources[s]] != t:  # else the way before it is told, too
            if lane[made.sources[s]] < 0:
                under[made.sources[s]] = t
            s = made.parent[made.sources[s]]
    for v in range(n):
        under[v] = hanging[v] if hanging[v] != lane[v] else -1
    return under
