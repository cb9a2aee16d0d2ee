"""From a view, its layout and its numbers to a scene: frames, wires, nodes and splits, in painting order."""

from collections.abc import Iterable

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
    fan: dict[str, list[ViewEdge]] = {node.id: [] for node in view.nodes}
    for edge in view.edges:
        fan[edge.source].append(edge)
    trunks = {edge.source for edge in view.edges if layout.wires[edge.id].straight}
    trunks |= {edge.target for edge in view.edges if edge.target == view.output and layout.wires[edge.id].straight}

    def lone(node: ViewNode) -> bool:
        """A constant of one wire: its number stands once, in its own place."""
        return node.kind == "constant" and len(fan[node.id]) == 1

    marks = [frame(it, layout.frames[it.id], theme, depth) for it, depth in opened(view) if it.id in layout.frames]
    marks += [
        wire(
            edge,
            layout.wires[edge.id],
            figures.edge_values.get(edge.id),
            figures.edge_grads.get(edge.id),
            theme,
            layout.direction,
            title=None if interactive else edge_title(edge, nodes, figures),
            hit=interactive,
            reached=nodes[edge.target].reached,
            home=layout.nodes[edge.source].box if lone(nodes[edge.source]) else None,
            label=nodes[edge.source].label,
            flow=flow,
        )
        for edge in view.edges
    ]
    for node in view.nodes:
        grad = figures.grads.get(node.id)
        straight = node.id in trunks
        stroke = plain(node.differentiable, straight, True, node.reached)
        if flow and node.differentiable:
            stroke = by_gradient(magnitude(grad))
        own = stem(
            layout.nodes[node.id],
            figures.values.get(node.id),
            grad if node.differentiable else None,
            figures.parts.get(node.id, ()),
            stroke,
            theme,
            layout.direction,
        )
        named = () if interactive else (Mark("title", "title", text=node_title(node, figures)),)
        body = (*named, *own, *drawn(node, layout.nodes[node.id], theme, said=lone(node)))
        marks.append(Mark("g", f"node:{node.id}", attributes(node), body))
    for node in view.nodes:
        opacity = 1.0 if node.reached else PALE
        marks += split(node.id, layout.nodes[node.id], node.id in trunks, opacity, theme)
    x, y, width, height = layout.bounds
    return Scene(
        marks=tuple(marks),
        x=x,
        y=y,
        width=width,
        height=height,
        title=title or "A circuit with its values and gradients",
        description=description or describe(view, figures),
    )


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
