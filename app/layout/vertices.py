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
    made = Vertices([ITEM] * n, list(rank), list(range(n)), [-1] * n, [], [], [], [], [], [], [], [], [-1] * len(hops))
    ways: dict[tuple[int, int], int] = {}  # of each value that leaves an item: a box has several
    for net, a, _, _ in hops:
        ways[net, a] = ways.get((net, a), 0) + 1
    lanes: dict[tuple[int, int], list[int]] = {}  # of each of them, from the layer behind its item on
    for h in sorted(range(len(hops)), key=lambda h: (trunk_of_hop[h] < 0, h)):
        net, a, b, edge = hops[h]
        labelled = edge >= 0 and facts.labelled[edge]
        straight = ways[net, a] == 1  # already behind the item, where the value does not part
        passed = rank[b] - rank[a] - 1 - labelled
        at = a
        if passed:
            mine = lanes.get((net, a))
            if mine is None:
                mine = lanes[net, a] = []
            at = mine[min(passed, len(mine)) - 1] if mine else a
            for layer in range(rank[a] + len(mine) + 1, rank[a] + passed + 1):
                at = _behind(made, at, LANE, layer, a, net, at != a or straight)
                mine.append(at)
        if labelled:
            at = _behind(made, at, LABEL, rank[b] - 1, edge, net, at != a or straight)
        main = (edge >= 0 and facts.main[keys[b]] == edge) or kinds[b] in (EXIT, BOX)
        made.last[h] = _segment(made, at, b, net, edge, 2 if main and (at != a or straight) else 0)
        if trunk_of_hop[h] >= 0:
            _level(made, made.last[h], trunk_of_hop[h])
    made.in_segs.extend([] for _ in made.kind)
    made.out_segs.extend([] for _ in made.kind)
    for s, (source, target) in enumerate(zip(made.sources, made.targets, strict=True)):
        made.out_segs[source].append(s)
        made.in_segs[target].append(s)
    return made


def _segment(made: Vertices, source: int, target: int, net: int, edge: int, straight: int) -> int:
    """A further segment, on no trunk."""
    made.sources.append(source)
    made.targets.append(target)
    made.trunk.append(-1)
    made.edge.append(edge)
    made.net.append(net)
    made.straight.append(straight)
    return len(made.sources) - 1


def _behind(made: Vertices, source: int, kind: int, layer: int, of: int, net: int, straight: bool) -> int:
    """A further vertex, and the segment to it."""
    made.kind.append(kind)
    made.layer.append(layer)
    made.of.append(of)
    fresh = len(made.parent)
    made.parent.append(_segment(made, source, fresh, net, -1, int(straight)))
    return fresh


def _level(made: Vertices, segment: int, trunk: int) -> None:
    """Sets the way that ends in a segment on a trunk, back to its item."""
    while segment >= 0:
        made.trunk[segment], made.straight[segment] = trunk, 3
        segment = made.parent[made.sources[segment]]
