"""What must hold of every layout, judged on its boxes and points alone: each check gives the sentences that fail."""

from collections.abc import Iterator
from itertools import pairwise

from app.graph.view import View
from app.layout.model import Box, Layout, Point

Named = tuple[str, Box]


def boxes(view: View, layout: Layout) -> list[Named]:
    """All boxes that may not overlap, each with whose it is."""
    found: list[Named] = []
    for node in view.nodes:
        placed = layout.nodes[node.id]
        found.append((f"node {node.id}", placed.box))
        texts = (("value_box", placed.value_box), ("grad_box", placed.grad_box), ("sum_box", placed.sum_box))
        found += [(f"{kind} {node.id}", box) for kind, box in texts if box is not None]
    for edge in view.edges:
        wire = layout.wires[edge.id]
        found += [(f"value_box {edge.id}", wire.value_box), (f"grad_box {edge.id}", wire.grad_box)]
    found += [(f"label_box {group}", frame.label_box) for group, frame in layout.frames.items()]
    return found


def overlap(a: Box, b: Box, slack: float = 0.01) -> bool:
    return (
        a.x + slack < b.x + b.width
        and b.x + slack < a.x + a.width
        and a.y + slack < b.y + b.height
        and b.y + slack < a.y + a.height
    )


def overlaps(named: list[Named]) -> Iterator[str]:
    """No two boxes overlap (a sweep along x)."""
    active: list[Named] = []
    for name, box in sorted(named, key=lambda n: n[1].x):
        active = [(other, b) for other, b in active if b.x + b.width > box.x + 0.01]
        for other, b in active:
            if overlap(box, b):
                yield f"{name} {box} overlaps {other} {b}"
        active.append((name, box))


def meets(a: Point, b: Point, box: Box, slack: float = 0.05) -> bool:
    """Whether a piece of wire runs through a box (Liang and Barsky)."""
    low, high = 0.0, 1.0
    for p, d, start, size in ((a.x, b.x - a.x, box.x, box.width), (a.y, b.y - a.y, box.y, box.height)):
        near, far = start + slack, start + size - slack
        if abs(d) < 1e-12:
            if not near < p < far:
                return False
            continue
        t, u = (near - p) / d, (far - p) / d
        low, high = max(low, min(t, u)), min(high, max(t, u))
        if low >= high:
            return False
    return True


def pierced(view: View, layout: Layout, named: list[Named]) -> Iterator[str]:
    """No wire runs through a box but its source's and its target's."""
    cell = 80.0
    grid: dict[tuple[int, int], list[Named]] = {}
    for name, box in named:
        for i in range(int(box.x // cell), int((box.x + box.width) // cell) + 1):
            for j in range(int(box.y // cell), int((box.y + box.height) // cell) + 1):
                grid.setdefault((i, j), []).append((name, box))
    for edge in view.edges:
        own = {f"node {edge.source}", f"node {edge.target}"}
        points = layout.wires[edge.id].points
        for a, b in pairwise(points):
            for i in range(int(min(a.x, b.x) // cell), int(max(a.x, b.x) // cell) + 1):
                for j in range(int(min(a.y, b.y) // cell), int(max(a.y, b.y) // cell) + 1):
                    for name, box in grid.get((i, j), ()):
                        if name not in own and meets(a, b, box):
                            yield f"wire {edge.id} {a}–{b} runs through {name} {box}"


def monotone(view: View, layout: Layout) -> Iterator[str]:
    """Wires run with the flow, from the source's box to the target's."""
    axis = 0 if layout.direction == "right" else 1
    for edge in view.edges:
        points = layout.wires[edge.id].points
        if any(b[axis] < a[axis] - 1e-9 for a, b in pairwise(points)):
            yield f"wire {edge.id} turns back: {points}"
        for end, node in ((points[0], edge.source), (points[-1], edge.target)):
            box = layout.nodes[node].box
            inside = (
                box.x - 0.5 <= end.x <= box.x + box.width + 0.5 and box.y - 0.5 <= end.y <= box.y + box.height + 0.5
            )
            depth = min(end.x - box.x, box.x + box.width - end.x, end.y - box.y, box.y + box.height - end.y)
            if not inside or depth > 6:
                yield f"wire {edge.id} ends at {end}, off the side of {node} {box}"


def straight(view: View, layout: Layout) -> Iterator[str]:
    """A piece of a trunk is level with its source and its target."""
    axis = 1 if layout.direction == "right" else 0
    for edge in view.edges:
        wire = layout.wires[edge.id]
        if wire.straight:
            level = {p[axis] for p in wire.points}
            level |= {layout.nodes[node].box.centre[axis] for node in (edge.source, edge.target)}
            if max(level) - min(level) > 0.01:
                yield f"the trunk {edge.id} bends: {level}"


def distance(box: Box, points: tuple[Point, ...]) -> float:
    return min((_to_segment(box, a, b) for a, b in pairwise(points)), default=1e9)


def _to_segment(box: Box, a: Point, b: Point) -> float:
    if meets(a, b, box):
        return 0.0
    corners = [Point(x, y) for x in (box.x, box.x + box.width) for y in (box.y, box.y + box.height)]
    best = min(_point_to_segment(c, a, b) for c in corners)
    for p in (a, b):
        dx = max(box.x - p.x, 0, p.x - box.x - box.width)
        dy = max(box.y - p.y, 0, p.y - box.y - box.height)
        best = min(best, (dx * dx + dy * dy) ** 0.5)
    return best


def _point_to_segment(p: Point, a: Point, b: Point) -> float:
    dx, dy = b.x - a.x, b.y - a.y
    square = dx * dx + dy * dy
    t = max(0.0, min(1.0, ((p.x - a.x) * dx + (p.y - a.y) * dy) / square)) if square else 0.0
    return float(((p.x - a.x - t * dx) ** 2 + (p.y - a.y - t * dy) ** 2) ** 0.5)


def nearer(view: View, layout: Layout) -> Iterator[str]:
    """A wire's two texts are nearer to it than to any wire of another value; of its own value's, to none nearer."""
    pieces: list[tuple[float, float, float, float, str, Point, Point]] = []
    for edge in view.edges:
        for a, b in pairwise(layout.wires[edge.id].points):
            pieces.append((min(a.x, b.x), max(a.x, b.x), min(a.y, b.y), max(a.y, b.y), edge.id, a, b))
    pieces.sort(key=lambda p: p[0])
    cell = 100.0
    grid: dict[tuple[int, int], list[tuple[str, Point, Point]]] = {}
    for x0, x1, y0, y1, known, a, b in pieces:
        for i in range(int(x0 // cell), int(x1 // cell) + 1):
            for j in range(int(y0 // cell), int(y1 // cell) + 1):
                grid.setdefault((i, j), []).append((known, a, b))
    for edge in view.edges:
        wire = layout.wires[edge.id]
        for kind, box in (("value", wire.value_box), ("grad", wire.grad_box)):
            mine = distance(box, wire.points)
            if mine > 12:
                yield f"the {kind} of {edge.id} is {mine:.1f} px from its wire"
            reach = mine
            seen = set()
            for i in range(int((box.x - reach) // cell), int((box.x + box.width + reach) // cell) + 1):
                for j in range(int((box.y - reach) // cell), int((box.y + box.height + reach) // cell) + 1):
                    for known, a, b in grid.get((i, j), ()):
                        if known == edge.id or (known, a, b) in seen:
                            continue
                        seen.add((known, a, b))
                        other = _to_segment(box, a, b)
                        if other < mine - 0.01:
                            yield f"the {kind} of {edge.id} is nearer to {known}: {other:.2f} < {mine:.2f}"


def framed(view: View, layout: Layout) -> Iterator[str]:
    """Frames hold their members and their inner frames, and no other node; frames are nested or apart."""
    parent = {g.id: g.parent for g in view.groups}

    def inside(group: str | None, frame: str) -> bool:
        while group is not None and group != frame:
            group = parent[group]
        return group == frame

    for known, frame in layout.frames.items():
        for node in view.nodes:
            box = layout.nodes[node.id].box
            if inside(node.group, known):
                if not _contains(frame.box, box):
                    yield f"{node.id} {box} sticks out of its frame {known} {frame.box}"
            elif overlap(box, frame.box):
                yield f"{node.id} {box} stands in the frame {known} {frame.box}"
        if not _contains(frame.box, frame.label_box):
            yield f"the label of {known} sticks out"
        for other, b in layout.frames.items():
            if other == known:
                continue
            if inside(other, known):
                if not _contains(frame.box, b.box):
                    yield f"frame {other} sticks out of {known}"
            elif not inside(known, other) and overlap(frame.box, b.box):
                yield f"frames {known} and {other} overlap"


def _contains(outer: Box, inner: Box) -> bool:
    return (
        outer.x <= inner.x
        and outer.y <= inner.y
        and inner.x + inner.width <= outer.x + outer.width
        and inner.y + inner.height <= outer.y + outer.height
    )


def bounded(view: View, layout: Layout) -> Iterator[str]:
    for name, box in boxes(view, layout):
        if not _contains(layout.bounds, box):
            yield f"{name} lies outside the bounds"
    for known, wire in layout.wires.items():
        if not all(_contains(layout.bounds, Box(p.x, p.y, 0, 0)) for p in wire.points):
            yield f"wire {known} lies outside the bounds"


def faults(view: View, layout: Layout) -> list[str]:
    """Everything that does not hold."""
    named = boxes(view, layout)
    found: list[str] = []
    for check in (
        overlaps(named),
        pierced(view, layout, named),
        monotone(view, layout),
        straight(view, layout),
        nearer(view, layout),
        framed(view, layout),
        bounded(view, layout),
    ):
        found.extend(check)
    return found
