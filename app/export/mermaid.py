"""The circuit as a Mermaid flowchart, which GitHub and many notebooks draw, https://mermaid.js.org/syntax/flowchart.html."""

from app.export import Format, Subject
from app.export.words import grad_of, label_lines, nested, value_of
from app.graph.view import ViewGroup, ViewNode


def quoted(text: str) -> str:
    """Any text between Mermaid's quotes: what is neither a letter nor a digit of ASCII nor a character beyond it is
    written by its code (`#34;`), so nothing in it is markup. The only way by which a name gets out."""
    return '"' + "".join(map(_coded, text)) + '"'


def write(subject: Subject) -> str:
    """A flowchart with a subgraph for each open group; on an edge its value, and its gradient behind an arrow."""
    view, figures = subject.view, subject.figures
    ids = {node.id: f"n{i}" for i, node in enumerate(view.nodes)}
    lines = ["flowchart LR"]
    groups = 0
    for depth, it in nested(view):
        indent = "  " * (depth + 1)
        if it is None:
            lines.append(f"{indent}end")
        elif isinstance(it, ViewGroup):
            lines.append(f"{indent}subgraph g{groups}[{quoted(it.label)}]")
            groups += 1
        else:
            lines.append(f"{indent}{ids[it.id]}{body(it)}")
    for edge in view.edges:
        value, grad = value_of(figures.edge_values.get(edge.id)), grad_of(figures.edge_grads.get(edge.id))
        arrow = "-->" if edge.passes else "-.->"
        lines.append(f"  {ids[edge.source]} {arrow}{numbers(value, grad)} {ids[edge.target]}")
    if view.nodes:
        value, grad = value_of(figures.values.get(view.output)), grad_of(figures.grads.get(view.output))
        lines.append(f'  {ids[view.output]} ---{numbers(value, grad)} out[" "]')
        lines.append("  style out fill:none,stroke:none")
    return "\n".join([*lines, ""])


def body(node: ViewNode) -> str:
    """The brackets of its shape with its label in them."""
    label = "<br/>".join(quoted(line)[1:-1] for line in label_lines(node))
    match node.kind:
        case "input":
            return f'("{label}")'
        case "constant":
            return f'["{label}"]'
        case "group":
            return f'[["{label}"]]'
        case "op":
            return f'(("{label}"))' if len(node.label) <= 4 else f'(["{label}"])'


def numbers(value: str, grad: str) -> str:
    """A link's text: the value, and below it the gradient."""
    lines = [quoted(value)[1:-1]] if value else []
    lines += [f"← {quoted(grad)[1:-1]}"] if grad else []
    return f'|"{"<br/>".join(lines)}"|' if lines else ""


def _coded(character: str) -> str:
    code = ord(character)
    if character == "\n":
        return " "
    if code < 0x20 or 0x7F <= code < 0xA0 or 0xD800 <= code < 0xE000:
        return ""
    return character if code > 0x7F or character.isalnum() or character in " .," else f"#{code};"


FORMAT = Format(name="mermaid", media_type="text/vnd.mermaid", extension="mmd", write=write)
