"""A picture in words: what a screen reader says of it, and what hovering over a part of it shows."""

from collections.abc import Mapping

from app.draw.figures import Figure, Figures, TensorFigure
from app.draw.marks.figures import shape_text
from app.draw.number import exact_text, number_text
from app.graph.view import View, ViewEdge, ViewNode

LISTED = 12  # inputs that a description names one by one


def describe(view: View, figures: Figures) -> str:
    """The picture in a few sentences: how many gates, the output, and each input with its value and gradient."""
    inputs = [node for node in view.nodes if node.kind == "input"]
    gates = sum(node.kind in ("op", "group") for node in view.nodes)
    sentences = [f"A circuit of {counted(gates, 'gate')} and {counted(len(inputs), 'input')}, from left to right."]
    output = figures.values.get(view.output)
    if output is not None:
        sentences.append(f"Its output is {said(output)}.")
    for node in inputs[:LISTED]:
        found = [f"{node.label} is {said(figures.values.get(node.id))}"]
        gradient = figures.grads.get(node.id)
        found += [f"its gradient is {said(gradient, gradient=True)}"] if gradient is not None else []
        sentences.append(", ".join(found) + ".")
    if len(inputs) > LISTED:
        sentences.append(f"{len(inputs) - LISTED} more inputs.")
    return " ".join(sentences)


def node_title(node: ViewNode, figures: Figures) -> str:
    """A node's name and its full numbers."""
    name = " = ".join((*node.names, node.label)) if node.kind != "input" else node.label
    detail = f" ({node.detail})" if node.detail else ""
    return f"{name}{detail}" + numbers(figures.values.get(node.id), figures.grads.get(node.id))


def edge_title(edge: ViewEdge, nodes: Mapping[str, ViewNode], figures: Figures) -> str:
    """A wire's ends and its full numbers."""
    source, target = nodes[edge.source], nodes[edge.target]
    ends = f"{(source.names or (source.label,))[0]} → {target.label}"
    return ends + numbers(figures.edge_values.get(edge.id), figures.edge_grads.get(edge.id))


def numbers(value: Figure, grad: Figure) -> str:
    """A value and a gradient in full, each where there is one."""
    found = "" if value is None else f"; value {full(value)}"
    return found if grad is None else f"{found}; gradient {full(grad)}"


def full(figure: Figure) -> str:
    """The exact number; a tensor's shape and norm."""
    if isinstance(figure, TensorFigure):
        return f"{shape_text(figure.shape)} of norm {exact_text(figure.norm)}"
    return "" if figure is None else exact_text(figure)


def said(figure: Figure, *, gradient: bool = False) -> str:
    """The number as the picture shows it, in a sentence."""
    if figure is None:
        return "without a number"
    if isinstance(figure, TensorFigure):
        norm = f"of norm {number_text(figure.norm)}"
        return norm if gradient else f"a tensor of shape {shape_text(figure.shape)}, {norm}"
    return number_text(figure)


def counted(count: int, noun: str) -> str:
    """`1 gate`, `3 gates`."""
    return f"{count:,} {noun}{'' if count == 1 else 's'}"
