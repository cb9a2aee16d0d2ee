"""The order that the sweeps start from: a walk back from the output, or the layout before."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from app.layout.facts import Facts
from app.layout.frames import BOX, CONSTANT, NODE, Level

LANE, LABEL, ITEM = range(3)


class Before(NamedTuple):
    """Where things were across the flow in the layout before: nodes, the texts of edges, frames by group, and lanes by
    (net, group, layer)."""

    nodes: Mapping[int, float]
    labels: Mapping[int, float]
    frames: Mapping[int, float]
    lanes: Mapping[tuple[int, int, int], float]


def first_order(
    level: Level,
    facts: Facts,
    depth: int,
    v_layer: Sequence[int],
    sources: Sequence[int],
    in_segs: Sequence[Sequence[int]],
    out_segs: Sequence[Sequence[int]],
    seg_trunk: Sequence[int],
    seg_edge: Sequence[int],
    n: int,
) -> list[list[int]]:
    """The layers in the order in which a walk back from the output first meets their vertices: trunk, main, the rest
    by slot. Planar where the circuit is a tree."""
    kinds, keys = level.kinds, level.keys

    def rate(s: int) -> tuple[bool, int, int]:
        e = seg_edge[s]
        if e < 0:
            return (seg_trunk[s] < 0, 0, s)
        target = keys[level_target[s]]
        beside = 0 if facts.main[target] in (e, -1) or not facts.commutes[target] else 1
        return (seg_trunk[s] < 0, beside, facts.slot[e])

    level_target = {s: v for v in range(n) if kinds[v] == NODE for s in in_segs[v]}
    layers: list[list[int]] = [[] for _ in range(depth)]
    seen = [False] * len(v_layer)
    ends = [v for v in range(len(v_layer)) if not out_segs[v]]
    ends.sort(key=lambda v: (not (v < n and kinds[v] == NODE and keys[v] == facts.output), v))
    for end in ends:
        todo = [end]
        while todo:
            v = todo.pop()
            if seen[v]:
                continue
            seen[v] = True
            layers[v_layer[v]].append(v)
            mine = in_segs[v]
            if len(mine) == 1:
                todo.append(sources[mine[0]])
            elif mine:
                todo.extend([sources[s] for s in sorted(mine, key=rate, reverse=True)])
    return layers


def as_before(
    layers: list[list[int]],
    before: Before,
    v_kind: Sequence[int],
    v_of: Sequence[int],
    level: Level,
    inner_groups: Mapping[int, int],
    in_segs: Sequence[Sequence[int]],
    sources: Sequence[int],
) -> None:
    """Sorts each layer by the places of the layout before; what was not in it goes to its neighbours' mean."""
    n = len(level.kinds)
    where: dict[int, float] = {}
    for i, layer in enumerate(layers):
        for v in layer:
            kind = level.kinds[v] if v < n else -1
            if kind in (NODE, CONSTANT):
                found = before.nodes.get(level.keys[v])
            elif kind == BOX:
                found = before.frames.get(inner_groups[level.keys[v]])
            elif v_kind[v] == LABEL:
                found = before.labels.get(v_of[v])
            else:
                found = before.lanes.get((v_of[v], level.group, i))
            if found is None:
                near = [where[sources[s]] for s in in_segs[v]]
                found = sum(near) / len(near) if near else where.get(layer[0], 0.0)
            where[v] = found
        layer.sort(key=where.__getitem__)
