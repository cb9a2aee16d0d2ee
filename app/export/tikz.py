"""The circuit for LaTeX, drawn with TikZ at the places of the layout: a document of its own, or its picture alone."""

from app.draw.figures import TensorFigure
from app.draw.latex import escaped
from app.draw.marks.label import parts_of
from app.draw.number import part_rows, sum_text
from app.draw.path import cut, pieces
from app.draw.theme import COLOURS, Colours
from app.export import Format, Subject
from app.export.words import grad_of, label_lines, value_of
from app.graph.view import ViewNode
from app.layout.model import Box, Placed, Point, Wire


def write(subject: Subject) -> str:
    """A `standalone` document; its `tikzpicture` can be pasted into another one."""
    view, layout, figures = subject.view, subject.layout(), subject.figures
    nodes = {node.id: node for node in view.nodes}
    lines = [*head(COLOURS[subject.look.palette]["light"])]
    for group in view.groups:
        if group.id in layout.frames:
            frame = layout.frames[group.id]
            lines.append(rectangle("frame", frame.box))
            label = Point(frame.label_box.x, frame.label_box.centre.y)
            lines.append(text("detail, anchor=west", label, escaped(group.label)))
    for edge in view.edges:
        wire = layout.wires[edge.id]
        lines.append(curve(wire_style(wire, edge.differentiable, edge.passes), wire))
        if nodes[edge.source].kind != "constant":
            lines.append(text("value", wire.value_box.centre, escaped(value_of(figures.edge_values.get(edge.id)))))
        if edge.differentiable:
            lines.append(text("grad", wire.grad_box.centre, escaped(grad_of(figures.edge_grads.get(edge.id)))))
    trunks = {edge.source for edge in view.edges if layout.wires[edge.id].straight}
    for node in view.nodes:
        placed = layout.nodes[node.id]
        lines += stem(placed, node, subject, "trunk" if node.id in trunks else "wire")
        lines += drawn(node, placed.box)
    return "\n".join([*lines, r"\end{tikzpicture}", r"\end{document}", ""])


def head(colours: Colours) -> list[str]:
    """What stands before the picture's first path: the colours and the styles. One px is 0.75 bp, as in CSS."""
    hexes = {name: getattr(colours, name).lstrip("#").upper() for name in ("value", "grad", "ink", "quiet", "line")}
    return [
        r"% Letters of other scripts in names want lualatex or xelatex.",
        r"\documentclass[tikz,border=6pt]{standalone}",
        r"\usepackage{textcomp}",
        *(rf"\definecolor{{gradwire-{name}}}{{HTML}}{{{code}}}" for name, code in hexes.items()),
        r"\begin{document}",
        r"\begin{tikzpicture}[x=0.75bp, y=-0.75bp, inner sep=0, outer sep=0, font=\sffamily\small,",
        r"  wire/.style={draw=gradwire-line, line width=1.1bp}, trunk/.style={draw=gradwire-ink, line width=1.9bp},",
        r"  leader/.style={draw=gradwire-line, line width=0.7bp}, blocked/.style={dash pattern=on 4bp off 3bp},",
        r"  body/.style={draw=gradwire-ink, fill=white, line width=1.1bp},",
        r"  leaf/.style={draw=black!20, fill=black!4, line width=0.9bp, rounded corners=5bp},",
        r"  frame/.style={draw=black!20, fill=black!3, line width=0.7bp, rounded corners=7bp},",
        r"  value/.style={text=gradwire-value}, grad/.style={text=gradwire-grad},",
        r"  sign/.style={text=gradwire-ink}, detail/.style={text=gradwire-quiet, font=\sffamily\scriptsize}]",
    ]


def stem(placed: Placed, node: ViewNode, subject: Subject, style: str) -> list[str]:
    """A node's own wire with its texts, and the dot of its split."""
    if not placed.stem:
        return []
    value, grad = subject.figures.values.get(node.id), subject.figures.grads.get(node.id)
    lines = [rf"\draw[{style}] " + " -- ".join(map(place, placed.stem)) + ";"]
    if placed.value_box is not None:
        lines.append(text("value", placed.value_box.centre, escaped(value_of(value))))
    parts = subject.figures.parts.get(node.id, ())
    if placed.sum_box is not None and grad is not None and len(parts) > 1:
        box, norms = placed.sum_box, isinstance(grad, TensorFigure)
        whole = grad.norm if isinstance(grad, TensorFigure) else grad
        said = sum_text(parts, whole, box.width, 16.0, lines=part_rows(box.height), norms=norms)
        rows = [said.parts + said.total] if said.rows == 1 else [said.total, *said.parts.split("\n")]
        for k, row in enumerate(rows):
            small = r", font=\sffamily\scriptsize" if k else ""
            lines.append(text(f"grad{small}", Point(box.centre.x, box.y + 8 + (12 * k + 4 if k else 0)), escaped(row)))
    elif (below := placed.sum_box or placed.grad_box) is not None:
        lines.append(text("grad", Point(below.centre.x, below.y + 8), escaped(grad_of(grad))))
    if placed.split is not None:
        lines.append(rf"\fill[gradwire-ink] {place(placed.split)} circle[radius=2.6bp];")
    return lines


def drawn(node: ViewNode, box: Box) -> list[str]:
    """The node itself."""
    pale = "" if node.reached else ", opacity=0.5"
    match node.kind:
        case "input":
            letter, below = parts_of(node.label)
            name = rf"\textit{{{escaped(letter)}}}" + (rf"\textsubscript{{{escaped(below)}}}" if below else "")
            return [rectangle(f"leaf{pale}", box), text("sign", box.centre, name)]
        case "constant":
            return [text("detail", box.centre, escaped(node.label))]
        case "group":
            first, *rest = label_lines(node)
            lines = [rectangle(f"body, rounded corners=5bp{pale}", box)]
            above = Point(box.centre.x, box.centre.y - (8 if rest else 0))
            lines.append(text("sign", above, escaped(first)))
            lines += [text("detail", Point(box.centre.x, box.centre.y + 10), escaped(line)) for line in rest]
            return lines
        case "op":
            if abs(box.width - box.height) < 1:
                shape = rf"\draw[body{pale}] {place(box.centre)} circle[radius={box.height * 0.375:.2f}bp];"
            else:
                shape = rectangle(f"body, rounded corners={box.height * 0.375:.2f}bp{pale}", box)
            return [shape, text("sign", box.centre, escaped(node.label))]


def wire_style(wire: Wire, differentiable: bool, passes: bool) -> str:
    """The style of a wire by what it is."""
    if not differentiable:
        return "leader"
    return ("trunk" if wire.straight else "wire") + ("" if passes else ", blocked")


def curve(style: str, wire: Wire) -> str:
    """A wire's own way as a TikZ path."""
    words: list[str] = []
    here: Point | None = None
    for piece in pieces(cut(wire.own, wire.gaps, 5.0)):
        if piece[0] != here:
            words.append(place(piece[0]))
        here = piece[-1]
        if len(piece) == 2:
            words.append(f"-- {place(here)}")
            continue
        first, second = piece[1:3] if len(piece) == 4 else cubic(piece)
        words.append(f".. controls {place(first)} and {place(second)} .. {place(here)}")
    return rf"\draw[{style}] {' '.join(words)};"


def cubic(piece: tuple[Point, ...]) -> tuple[Point, Point]:
    """The inner control points of the cubic curve that equals a quadratic one."""
    a, b, c = piece
    return (
        Point(a.x + 2 / 3 * (b.x - a.x), a.y + 2 / 3 * (b.y - a.y)),
        Point(c.x + 2 / 3 * (b.x - c.x), c.y + 2 / 3 * (b.y - c.y)),
    )


def rectangle(style: str, box: Box) -> str:
    """A box as a TikZ path."""
    return (
        rf"\draw[{style}] {place(Point(box.x, box.y))} rectangle {place(Point(box.x + box.width, box.y + box.height))};"
    )


def text(style: str, at: Point, words: str) -> str:
    """Escaped words about a place."""
    return rf"\node[{style}] at {place(at)} {{{words}}};"


def place(point: Point) -> str:
    """A place in px."""
    return f"({point.x:.2f},{point.y:.2f})"


FORMAT = Format(name="tikz", media_type="application/x-tex", extension="tex", write=write)
