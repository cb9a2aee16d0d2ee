"""The view as nested levels: each open group is a box in the level around it, and a small circuit within.

So a frame holds its members and nothing else by construction (the recursive way with clusters; compare Sander 1996,
"Layout of Compound Directed Graphs", which keeps one layering for all). A wire that crosses a frame enters and leaves
by a port, once for each value.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from app.graph.view import View
from app.layout.ranks import topological

NODE, CONSTANT, BOX, ENTRY, EXIT = range(5)


class Hop(NamedTuple):
    """A wire's way within one level, between two items. `net` is whose value it carries: the wires of a net share
    their way until they part. `edge` is the view's edge where the target is its own node, else −1."""

    net: int
    source: int
    target: int
    edge: int


@dataclass(slots=True)
class Level:
    """One circuit: its items by kind and key (a node's number; the level inside a box; the net of an entry or exit),
    and the hops between them."""

    group: int
    kinds: list[int] = field(default_factory=list)
    keys: list[int] = field(default_factory=list)
    hops: list[Hop] = field(default_factory=list)

    def add(self, kind: int, key: int) -> int:
        self.kinds.append(kind)
        self.keys.append(key)
        return len(self.kinds) - 1


class Levels(NamedTuple):
    """`levels[0]` is the outermost, and a level stands before those inside it. `routes[e]` are the hops (level, hop) of
    the view's edge e, in the order of the flow; `home[v]` the level of node v and its item there."""

    levels: list[Level]
    routes: list[list[tuple[int, int]]]
    home: list[tuple[int, int]]
    parents: list[int]


def nest(view: View, edges: Sequence[tuple[int, int]], nets: Sequence[int]) -> Levels:
    """The levels of a view. `edges` are its edges by node numbers, `nets[e]` whose value edge e carries.

    A group that is not convex (a wire leaves it and comes back by a node outside) takes in what lies between.
    """
    names = {g.id: i for i, g in enumerate(view.groups) if not g.collapsed}
    outer = [names.get(g.parent, -1) if g.parent is not None else -1 for g in view.groups]
    home = [names.get(node.group, -1) if node.group is not None else -1 for node in view.nodes]
    while True:
        levels = _build(view, edges, nets, home, outer)
        if not names or not _close(levels, home, outer):
            return levels


def _build(
    view: View, edges: Sequence[tuple[int, int]], nets: Sequence[int], home: Sequence[int], outer: Sequence[int]
) -> Levels:
    levels = [Level(-1)]
    parents = [-1]
    level_of: dict[int, int] = {-1: 0}
    item_of: list[int] = [-1]  # of each level: its box in the level around it
    where: list[tuple[int, int]] = []

    def open_level(group: int) -> int:
        missing = []
        while group not in level_of:
            missing.append(group)
            group = outer[group]
        for g in reversed(missing):
            parent = level_of[outer[g]]
            level_of[g] = len(levels)
            levels.append(Level(g))
            parents.append(parent)
            item_of.append(levels[parent].add(BOX, level_of[g]))
        return level_of[missing[0]] if missing else level_of[group]

    for v, node in enumerate(view.nodes):
        at = level_of[home[v]] if home[v] in level_of else open_level(home[v])
        where.append((at, levels[at].add(CONSTANT if node.kind == "constant" else NODE, v)))

    routes: list[list[tuple[int, int]]] = []
    if len(levels) == 1:
        level = levels[0]
        for e, (source, target) in enumerate(edges):
            routes.append([(0, e)])
            level.hops.append(Hop(nets[e], source, target, e))
        return Levels(levels, routes, where, parents)

    depth = [0] * len(levels)
    for at in range(1, len(levels)):
        depth[at] = depth[parents[at]] + 1
    entries: dict[tuple[int, int], int] = {}
    known: dict[tuple[int, int, int], int] = {}
    for e, (source, target) in enumerate(edges):
        net = nets[e]
        route: list[tuple[int, int]] = []
        x, item = where[source]
        y, last = where[target]
        rise: list[int] = []  # the levels that the wire enters, innermost first
        low, high = y, x
        while low != high:
            if depth[low] >= depth[high]:
                rise.append(low)
                low = parents[low]
            else:
                high = parents[high]
        while x != low:
            ends = known.get((x, net, -1), -1)
            if ends < 0:
                level = levels[x]
                ends = known[x, net, -1] = len(level.hops)
                level.hops.append(Hop(net, item, level.add(EXIT, net), -1))
            route.append((x, ends))
            item, x = item_of[x], parents[x]
        for inner in reversed(rise):
            box = item_of[inner]
            hop = known.get((x, net, box), -1)
            if hop < 0:
                hop = known[x, net, box] = len(levels[x].hops)
                levels[x].hops.append(Hop(net, item, box, -1))
            route.append((x, hop))
            x = inner
            if (inner, net) not in entries:
                entries[inner, net] = levels[inner].add(ENTRY, net)
            item = entries[inner, net]
        route.append((x, len(levels[x].hops)))
        levels[x].hops.append(Hop(net, item, last, e))
        routes.append(route)
    return Levels(levels, routes, where, parents)


def components(level: Level) -> list[tuple[Level, list[int], list[int]]]:
    """The level's connected parts, in the order of their first items: each with the numbers of its items and hops."""
    n = len(level.kinds)
    root = list(range(n))

    def find(v: int) -> int:
        while root[v] != v:
            root[v] = v = root[root[v]]
        return v

    for hop in level.hops:
        a, b = find(hop.source), find(hop.target)
        if a != b:
            root[max(a, b)] = min(a, b)
    if all(find(v) == find(0) for v in range(n)):
        return [(level, list(range(n)), list(range(len(level.hops))))]
    parts: dict[int, tuple[Level, list[int], list[int]]] = {}
    fresh = [0] * n
    for v in range(n):
        part, items, _ = parts.setdefault(find(v), (Level(level.group), [], []))
        fresh[v] = part.add(level.kinds[v], level.keys[v])
        items.append(v)
    for h, hop in enumerate(level.hops):
        part, _, numbers = parts[find(hop.source)]
        part.hops.append(Hop(hop.net, fresh[hop.source], fresh[hop.target], hop.edge))
        numbers.append(h)
    return list(parts.values())


def _close(nested: Levels, home: list[int], outer: list[int]) -> bool:
    """Moves what lies on a cycle of items into the first group on it; False where no level has a cycle."""
    for level in nested.levels:
        hops = [(h.source, h.target, 1) for h in level.hops]
        if len(topological(len(level.kinds), hops)) == len(level.kinds):
            continue
        knot = _knot(len(level.kinds), hops, [v for v, kind in enumerate(level.kinds) if kind == BOX])
        first = min(v for v in knot if level.kinds[v] == BOX)
        group = nested.levels[level.keys[first]].group
        for v in knot:
            if level.kinds[v] in (NODE, CONSTANT):
                home[level.keys[v]] = group
            elif level.kinds[v] == BOX and v != first:
                outer[nested.levels[level.keys[v]].group] = group
        return True
    return False


def _knot(n: int, hops: Sequence[tuple[int, int, int]], boxes: Sequence[int]) -> set[int]:
    """The strongly connected component, of more than one item, of the first box that is in one."""
    out: list[list[int]] = [[] for _ in range(n)]
    back: list[list[int]] = [[] for _ in range(n)]
    for source, target, _ in hops:
        out[source].append(target)
        back[target].append(source)
    for box in boxes:
        both = _reach(box, out) & _reach(box, back)
        if len(both) > 1:
            return both
    raise AssertionError(f"a cycle without a box among {n} items")


def _reach(start: int, out: Sequence[Sequence[int]]) -> set[int]:
    seen, todo = {start}, [start]
    while todo:
        for t in out[todo.pop()]:
            if t not in seen:
                seen.add(t)
                todo.append(t)
    return seen
