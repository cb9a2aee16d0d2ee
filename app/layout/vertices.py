"""The vertices of a level's layers: its items, and on the wires between them lanes and labels.

A wire that passes a layer has a vertex there, its lane; the wires of one value share their lanes as far as they go
together (long edges as chains of dummies: Sugiyama, Tagawa and Toda 1981). A branch of a value that fans out has a
label, its own texts, in the layer before its gate.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from app.layout.facts import Facts
from app.layout.frames import BOX, EXIT, Level
from app.layout.start import ITEM, LABEL, LANE


@dataclass(frozen=True, slots=True)
class Vertices:
    """By vertex its kind, its layer, what it is `of` (an item, an edge), the segment that leads to it (−1: an item),
    and its segments in and out; by segment its ends, trunk (−1: none), edge (−1: not the last piece), net, and how
    straight it is to be; by hop its last segment."""

    kind: list[int]
    layer: list[int]
    of: list[int]
    parent: list[int]
    in_segs: list[list[int]]
    out_segs: list[list[int]]
    sources: list[int]
    targets: list[int]
    trunk: list[int]
    edge: list[int]
    net: list[int]
    straight: list[int]
    last: list[int]


def vertices(level: Level, facts: Facts, rank: Sequence[int], trunk_of_hop: Sequence[int]) -> Vertices:
    """The vertices and segments; the first are the items, in their order."""
    kinds, keys, hops = level.kinds, level.keys, level.hops
    n = len(kinds)
    v_kind, v_layer, v_of = [ITEM] * n, list(rank), list(range(n))
    sources: list[int] = []
    targets: list[int] = []
    seg_trunk: list[int] = []
    seg_edge: list[int] = []
    seg_net: list[int] = []
    seg_straight: list[int] = []
    parent_seg = [-1] * n
    lane: dict[tuple[int, int, int], int] = {}
    last_seg = [-1] * len(hops)

    def vertex(kind: int, layer: int, of: int) -> int:
        v_kind.append(kind)
        v_layer.append(layer)
        v_of.append(of)
        parent_seg.append(-1)
        return len(v_kind) - 1

    def segment(a: int, b: int, net: int, edge: int, straight: int) -> int:
        sources.append(a)
        targets.append(b)
        seg_trunk.append(-1)
        seg_edge.append(edge)
        seg_net.append(net)
        seg_straight.append(straight)
        return len(sources) - 1

    outs: dict[tuple[int, int], int] = {}  # of each value that leaves an item: a box has several
    for net, a, _, _ in hops:
        outs[net, a] = outs.get((net, a), 0) + 1
    for h in sorted(range(len(hops)), key=lambda h: (trunk_of_hop[h] < 0, h)):
        hop = hops[h]
        net, a, b, edge = hop
        i, j = rank[a], rank[b]
        labelled = edge >= 0 and facts.labelled[edge]
        end = j - 2 if labelled else j - 1
        single = outs[net, a] == 1
        at = a
        if end > i:
            k = end
            while k > i and (net, a, k) not in lane:
                k -= 1
            at = lane[net, a, k] if k > i else a
            for step in range(k + 1, end + 1):
                fresh = vertex(LANE, step, a)
                parent_seg[fresh] = segment(at, fresh, net, -1, 1 if at != a or single else 0)
                lane[net, a, step] = at = fresh
        if labelled:
            fresh = vertex(LABEL, j - 1, edge)
            parent_seg[fresh] = segment(at, fresh, net, -1, 1 if at != a or single else 0)
            at = fresh
        main = (edge >= 0 and facts.main[keys[b]] == edge) or kinds[b] in (EXIT, BOX)
        last_seg[h] = segment(at, b, net, edge, 2 if main and (at != a or single) else 0)
        if trunk_of_hop[h] >= 0:
            s = last_seg[h]
            while s >= 0:
                seg_trunk[s], seg_straight[s] = trunk_of_hop[h], 3
                s = parent_seg[sources[s]] if sources[s] >= n else -1

    count = len(v_kind)
    in_segs: list[list[int]] = [[] for _ in range(count)]
    out_segs: list[list[int]] = [[] for _ in range(count)]
    for s in range(len(sources)):
        in_segs[targets[s]].append(s)
        out_segs[sources[s]].append(s)
    return Vertices(
        v_kind, v_layer, v_of, parent_seg, in_segs, out_segs,
        sources, targets, seg_trunk, seg_edge, seg_net, seg_straight, last_seg,
    )  # fmt: skip
