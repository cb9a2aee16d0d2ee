"""The circuit as a table of nodes and wires, comma-separated (RFC 4180)."""

from app.draw.figures import Figure, TensorFigure
from app.draw.number import exact_text
from app.export import Format, Subject
from app.graph.view import Shape

COLUMNS = (
    "row", "id", "kind", "op", "label", "names", "group", "source", "target", "slot", "shape", "value", "grad",
    "value_norm", "grad_norm", "reached",
)  # fmt: skip


def cell(text: str) -> str:
    """Any text as one cell: quoted where it must be, and never a formula to a spreadsheet. The only way by which a
    name gets out."""
    text = text.replace("\0", "").encode("utf-8", "ignore").decode()
    if len(text) > 1 and text[0] in "=+-@\t\r":
        text = "'" + text
    return '"' + text.replace('"', '""') + '"' if any(c in text for c in ',"\r\n') else text


def write(subject: Subject) -> str:
    """A head, then a row for each node and each wire; numbers in full, a tensor's by its norm."""
    view, figures = subject.view, subject.figures
    rows = [",".join(COLUMNS)]
    for node in view.nodes:
        words: tuple[str, ...] = (
            "node",
            node.id,
            node.kind,
            node.op,
            node.label,
            " ".join(node.names),
            node.group or "",
            "",
            "",
            "",
        )
        rows.append(row(words, node.shape, figures.values.get(node.id), figures.grads.get(node.id), node.reached))
    reached = {node.id: node.reached for node in view.nodes}
    for edge in view.edges:
        words = ("edge", edge.id, "", "", "", "", "", edge.source, edge.target, str(edge.slot))
        value, grad = figures.edge_values.get(edge.id), figures.edge_grads.get(edge.id)
        rows.append(row(words, edge.shape, value, grad, reached[edge.target]))
    return "\r\n".join([*rows, ""])


def row(words: tuple[str, ...], shape: Shape | None, value: Figure, grad: Figure, reached: bool) -> str:
    """One row, in the order of COLUMNS."""
    numbers = [scalar(value), scalar(grad), norm(value), norm(grad)]
    shape_ = "" if shape is None else "×".join(map(str, shape))
    return ",".join([*map(cell, words), cell(shape_), *numbers, "true" if reached else "false"])


def scalar(figure: Figure) -> str:
    """A number in full; nothing for a tensor."""
    return "" if figure is None or isinstance(figure, TensorFigure) else exact_text(figure)


def norm(figure: Figure) -> str:
    """A tensor's norm in full; nothing for a number."""
    return exact_text(figure.norm) if isinstance(figure, TensorFigure) else ""


FORMAT = Format(name="csv", media_type="text/csv", extension="csv", write=write)
