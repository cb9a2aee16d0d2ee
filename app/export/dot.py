"""The circuit in Graphviz's DOT language, https://graphviz.org/doc/info/lang.html."""

import re

from app.draw.theme import COLOURS
from app.export import Format, Subject
from app.export.words import grad_of, label_lines, nested, value_of
from app.graph.view import ViewEdge, ViewGroup, ViewNode

_CONTROLS = re.compile("[\x00-\x09\x0b-\x1f\x7f\ud800-\udfff]")


def quoted(text: str) -> str:
    """Any text as a DOT string: Graphviz reads backslash sequences and HTML entities in labels, so both are escaped.
    The only way by which a name gets out."""
    text = _CONTROLS.sub("", text).replace("&", "&amp;").replace("\\", "\\\\").replace('"', '\\"')
    return '"' + text.replace("\n", "\\n") + '"'


def write(subject: Subject) -> str:
    """A digraph with a cluster for each open group, values and gradients on its edges."""
    view, figures = subject.view, subject.figures
    colours = COLOURS[subject.look.palette]["light"]
    lines = [
        "digraph circuit {",
        "  rankdir=LR;",
        f"  label={quoted(subject.title)};",
        '  node [fontname="DejaVu Sans", fontsize=14];',
        '  edge [fontname="DejaVu Sans", fontsize=12, arrowsize=0.6];',
    ]
    clusters = 0
    for depth, it in nested(view):
        indent = "  " * (depth + 1)
        if it is None:
            lines.append(f"{indent}}}")
        elif isinstance(it, ViewGroup):
            lines.append(f"{indent}subgraph cluster_{clusters} {{")
            lines.append(f'{indent}  label={quoted(it.label)}; style="rounded,filled"; fillcolor="{colours.tint}";')
            clusters += 1
        else:
            lines.append(f"{indent}{quoted(it.id)} [{node_attributes(it)}];")
    for edge in view.edges:
        label = numbers(
            value_of(figures.edge_values.get(edge.id)),
            grad_of(figures.edge_grads.get(edge.id)),
            colours.value,
            colours.grad,
        )
        lines.append(f"  {quoted(edge.source)} -> {quoted(edge.target)} [{label}{edge_style(edge)}];")
    if view.nodes:
        value, grad = value_of(figures.values.get(view.output)), grad_of(figures.grads.get(view.output))
        point = quoted(free("end", {node.id for node in view.nodes}))
        lines.append(f"  {point} [shape=point, width=0.02];")
        end = numbers(value, grad, colours.value, colours.grad)
        lines.append(f"  {quoted(view.output)} -> {point} [{end}, arrowhead=none];")
    return "\n".join([*lines, "}", ""])


def free(name: str, taken: set[str]) -> str:
    """A name like this one that no node has."""
    while name in taken:
        name += "'"
    return name


def node_attributes(node: ViewNode) -> str:
    """Its label and its shape."""
    label = quoted("\n".join(label_lines(node)))
    pale = "" if node.reached else ', color="gray60"'
    match node.kind:
        case "input":
            return f'label={label}, shape=box, style=rounded, fontname="DejaVu Sans Oblique"{pale}'
        case "constant":
            return f"label={label}, shape=plaintext, fontsize=11, height=0.2, width=0.2"
        case "group":
            return f"label={label}, shape=box{pale}"
        case "op":
            shape = "circle, width=0.5, margin=0.02" if len(node.label) <= 4 else "box, style=rounded"
            return f"label={label}, shape={shape}{pale}"


def numbers(value: str, grad: str, green: str, red: str) -> str:
    """The two numbers as an HTML-like label: the value above the gradient."""
    parts = [f'<font color="{colour}">{text}</font>' for text, colour in ((value, green), (grad, red)) if text]
    return f"label=<{'<br/>'.join(parts)}>" if parts else 'label=""'


def edge_style(edge: ViewEdge) -> str:
    """Dashed where no gradient passes by rule, grey from a constant."""
    if not edge.differentiable:
        return ', color="gray60"'
    return "" if edge.passes else ", style=dashed"


FORMAT = Format(name="dot", media_type="text/vnd.graphviz", extension="dot", write=write)
