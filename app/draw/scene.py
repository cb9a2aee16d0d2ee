"""From a view, its layout and its numbers to a scene: frames, wires, nodes and splits, in painting order."""

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import NamedTuple

from app.draw.describe import describe, edge_title, node_title
from app.draw.figures import Figures
from app.draw.mark import Attribute, Mark, Scene
from app.draw.marks.constant import constant
from app.draw.marks.frame import frame
from app.draw.marks.gate import gate
from app.draw.marks.group import group
from app.draw.marks.input import input_
from app.draw.marks.stem import split, stem
from app.draw.marks.wire import PALE, by_gradient, magnitude, plain, wire
from app.draw.theme import Theme
from app.graph.view import View, ViewEdge, ViewGroup, ViewNode
from app.layout.model import Layout, Placed


class Drawn(NamedTuple):
    """What a scene is drawn from, and what is known of its nodes: those `on` a trunk, and the `lone` constants, whose
    number stands once, in their own place. `flow` and `interactive` are as for `scene`."""

    view: View
    layout: Layout
    figures: Figures
    theme: Theme
    flow: bool
    interactive: bool
    nodes: Mapping[str, ViewNode]
    on: frozenset[str]
    lone: frozenset[str]


def scene(
    view: View,
    layout: Layout,
    figures: Figures,
    *,
    theme: Theme,
    title: str = "",
    description: str = "",
    flow: bool = False,
    interactive: bool = False,
) -> Scene:
    """The picture as keyed marks: `frame:ID`, `edge:ID`, `split:ID:0`, `node:ID`.

    An empty title or description is made from the numbers. `flow` draws wires by log |gradient|. `interactive` is for
    inside the page: broad clear lines for a pointer in place of the titles that a viewer of a file shows on hover.
    """
    nodes = {node.id: node for node in view.nodes}
    ways = Counter(edge.source for edge in view.edges)
    level = [edge for edge in view.edges if layout.wires[edge.id].straight]
    it = Drawn(
        view=view,
        layout=layout,
        figures=figures,
        theme=theme,
        flow=flow,
        interactive=interactive,
        nodes=nodes,
        on=frozenset([*(e.source for e in level), *(e.target for e in level if e.target == view.output)]),
        lone=frozenset(n.id for n in view.nodes if n.kind == "constant" and ways[n.id] == 1),
    )
    frames = (frame(g, layout.frames[g.id], theme, depth) for g, depth in opened(view) if g.id in layout.frames)
    wires = (wire_of(it, edge) for edge in view.edges)
    splits = (mark for node in view.nodes for mark in splits_of(it, node))
    x, y, width, height = layout.bounds
    return Scene(
        marks=(*frames, *wires, *(node_of(it, node) for node in view.nodes), *splits),
        x=x,
        y=y,
        width=width,
        height=height,
        title=title or "A circuit with its values and gradients",
        description=description or describe(view, figures),
    )


def wire_of(it: Drawn, edge: ViewEdge) -> Mark:
    """An edge's wire, with its numbers."""
    source = it.nodes[edge.source]
    return wire(
        edge,
        it.layout.wires[edge.id],
        it.figures.edge_values.get(edge.id),
        it.figures.edge_grads.get(edge.id),
        it.theme,
        it.layout.direction,
        title=None if it.interactive else edge_title(edge, it.nodes, it.figures),
        hit=it.interactive,
        reached=it.nodes[edge.target].reached,
        home=it.layout.nodes[source.id].box if source.id in it.lone else None,
        label=source.label,
        flow=it.flow,
    )


def node_of(it: Drawn, node: ViewNode) -> Mark:
    """A node, with its own piece of wire."""
    at, figures = it.layout.nodes[node.id], it.figures
    grad = figures.grads.get(node.id) if node.differentiable else None
    if it.flow and node.differentiable:
        stroke = by_gradient(magnitude(grad))
    else:
        stroke = plain(node.differentiable, node.id in it.on, True, node.reached)
    parts = figures.parts.get(node.id, ())
    own = stem(at, figures.values.get(node.id), grad, parts, stroke, it.theme, it.layout.direction)
    named = () if it.interactive else (Mark("title", "title", text=node_title(node, figures)),)
    body = (*named, *own, *drawn(node, at, it.theme, said=node.id in it.lone))
    return Mark("g", f"node:{node.id}", attributes(node), body)


def splits_of(it: Drawn, node: ViewNode) -> tuple[Mark, ...]:
    """The dots where a node's value goes several ways."""
    opacity = 1.0 if node.reached else PALE
    return split(node.id, it.layout.nodes[node.id], node.id in it.on, opacity, it.theme)


def drawn(node: ViewNode, at: Placed, theme: Theme, *, said: bool) -> tuple[Mark, ...]:
    """The node itself, by its kind."""
    opacity = 1.0 if node.reached else PALE
    match node.kind:
        case "input":
            return input_(node, at, theme)
        case "constant":
            return constant(node, at, theme, said=said)
        case "group":
            return group(node, at, theme, opacity)
        case "op":
            return gate(node, at, theme, opacity)


def attributes(node: ViewNode) -> dict[str, Attribute]:
    """What finds a node's element again: its id, its kind, and whether the output depends on it."""
    kind = "gate" if node.kind == "op" else node.kind
    found: dict[str, Attribute] = {"class": f"node {kind}{'' if node.reached else ' unreached'}", "data-node": node.id}
    return {**found, "data-group": node.id} if node.kind == "group" else found


def opened(view: View) -> list[tuple[ViewGroup, int]]:
    """The open groups with their depths, those outside before those within."""
    by_id = {it.id: it for it in view.groups}
    depths: dict[str, int] = {}
    for it in view.groups:
        way: list[str] = []
        here: str | None = it.id
        while here is not None and here not in depths:
            way.append(here)
            here = by_id[here].parent
        depth = -1 if here is None else depths[here]
        for step, known in enumerate(reversed(way), start=1):
            depths[known] = depth + step
    return sorted(((it, depths[it.id]) for it in view.groups if not it.collapsed), key=lambda pair: pair[1])


def marks_json(marks: Iterable[Mark]) -> list[dict[str, object]]:
    """Marks as plain lists and dicts, for the page's join: `{tag, key, attributes, children | text}`."""
    result: list[dict[str, object]] = []
    pending: list[tuple[Iterable[Mark], list[dict[str, object]]]] = [(marks, result)]
    while pending:
        source, into = pending.pop()
        for mark in source:
            entry: dict[str, object] = {"tag": mark.tag, "key": mark.key, "attributes": mark.attributes}
            if mark.text is not None:
                entry["text"] = mark.text
            else:
                children: list[dict[str, object]] = []
                entry["children"] = children
                pending.append((mark.children, children))
            into.append(entry)
    return result
