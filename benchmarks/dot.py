"""Graphviz dot as a peer: the same view, its wires as points."""

import time

from app.graph.view import View
from app.layout.model import Point


def dot(view: View) -> tuple[float, list[list[Point]]]:
    """(seconds, the wires' points in the view's order). Needs pygraphviz and Graphviz."""
    import pygraphviz

    graph = pygraphviz.AGraph(directed=True, rankdir="LR", nodesep=0.3, ranksep=0.6, strict=False)
    for node in view.nodes:
        graph.add_node(node.id, shape="box", width=0.55, height=0.55, fixedsize=True, label="")
    for edge in view.edges:
        graph.add_edge(edge.source, edge.target, key=edge.id, arrowhead="none")
    start = time.perf_counter()
    graph.layout("dot")
    seconds = time.perf_counter() - start
    lines: list[list[Point]] = []
    for edge in view.edges:
        places = graph.get_edge(edge.source, edge.target, edge.id).attr["pos"].split()
        spline = [Point(*map(float, place.split(","))) for place in places if place[0] not in "es"]
        points = [spline[0]]
        for k in range(0, len(spline) - 1, 3):
            points += [_bezier(spline[k : k + 4], j / 8) for j in range(1, 9)]
        lines.append(points)
    return seconds, lines


def _bezier(control: list[Point], t: float) -> Point:
    weights = ((1 - t) ** 3, 3 * (1 - t) ** 2 * t, 3 * (1 - t) * t * t, t**3)
    return Point(
        sum(w * p.x for w, p in zip(weights, control, strict=True)),
        sum(w * p.y for w, p in zip(weights, control, strict=True)),
    )
