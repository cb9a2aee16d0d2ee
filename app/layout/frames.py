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
    opened = _opened(view, home, outer)
    levels, parents, _, where = opened
    if len(levels) > 1:
        return Levels(levels, _routed(opened, edges, nets), where, parents)
    levels[0].hops = [Hop(nets[e], source, target, e) for e, (source, target) in enumerate(edges)]
    return Levels(levels, [[(0, e)] for e in range(len(edges))], where, parents)


class Opened(NamedTuple):
    """Levels without hops: of each the level around it and its box there (the outermost: −1), and where each node is
    (its level, its item)."""

    levels: list[Level]
    parents: list[int]
    boxes: list[int]
    where: list[tuple[int, int]]


def _opened(view: View, home: Sequence[int], outer: Sequence[int]) -> Opened:
    """The levels in the order in which the view's nodes first open them."""
    made = Opened([Level(-1)], [-1], [-1], [])
    levels, parents, boxes, where = made
    level_of = {-1: 0}
    for v, node in enumerate(view.nodes):
        group, missing = home[v], []
        while group not in level_of:
            missing.append(group)
            group = outer[group]
        at = level_of[group]
        for inner in reversed(missing):
            level_of[inner] = len(levels)
            levels.append(Level(inner))
            parents.append(at)
            boxes.append(levels[at].add(BOX, level_of[inner]))
            at = level_of[inner]
        where.append((at, levels[at].add(CONSTANT if node.kind == "constant" else NODE, v)))
    return made


def _routed(opened: Opened, edges: Sequence[tuple[int, int]], nets: Sequence[int]) -> list[list[tuple[int, int]]]:
    """Each edge's hops, put into its levels: out of frames, to a box or within a level, and into frames. The edges of
    a net share their hops, and their port on each frame, but for the last hop."""
    levels, parents, boxes, where = opened
    depth = [0] * len(levels)
    for at in range(1, len(levels)):
        depth[at] = depth[parents[at]] + 1
    entries: dict[tuple[int, int], int] = {}
    known: dict[tuple[int, int, int], int] = {}  # by level, net and box (−1: out of the level) a hop
    routes: list[list[tuple[int, int]]] = []
    for e, ((source, target), net) in enumerate(zip(edges, nets, strict=True)):
        route: list[tuple[int, int]] = []
        x, item = where[source]
        y, last = where[target]
        common, entered = _meeting(x, y, parents, depth)
        while x != common:
            hop = known.get((x, net, -1), -1)
            if hop < 0:
                level = levels[x]
                hop = known[x, net, -1] = len(level.hops)
                level.hops.append(Hop(net, item, level.add(EXIT, net), -1))
            route.append((x, hop))
            item, x = boxes[x], parents[x]
        for inner in reversed(entered):
            box = boxes[inner]
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
    return routes


def _meeting(x: int, y: int, parents: Sequence[int], depth: Sequence[int]) -> tuple[int, list[int]]:
    """The innermost level around both x and y, and the levels from y to before it, innermost first."""
    entered: list[int] = []
    while x != y:
        if depth[y] >= depth[x]:
            entered.append(y)
            y = parents[y]
        else:
            x = parents[x]
    return x, entered


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
