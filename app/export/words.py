"""What text formats say of a node or a wire: its label, and its two numbers as the picture shows them."""

from collections.abc import Iterator

from app.draw.figures import Figure
from app.draw.marks.figures import grad_text, value_text
from app.graph.view import View, ViewGroup, ViewNode


def value_of(figure: Figure) -> str:
    """The text of a value, empty where there is none."""
    return "" if figure is None else value_text(figure)[0]


def grad_of(figure: Figure) -> str:
    """The text of a gradient, empty where there is none."""
    return "" if figure is None else grad_text(figure)[0]


def label_lines(node: ViewNode) -> list[str]:
    """What stands on a node: its label (with how many it stands for), and a closed group's detail."""
    label = f"{node.label} × {node.repeat}" if node.repeat > 1 and "×" not in node.label else node.label
    return [label, node.detail] if node.detail else [label]


def nested(view: View) -> Iterator[tuple[int, ViewGroup | ViewNode | None]]:
    """The open groups and the nodes in them, depth first: (depth, group or node), and None where a group ends."""
    inside: dict[str | None, list[ViewGroup | ViewNode]] = {}
    opened = {group.id for group in view.groups if not group.collapsed}
    for group in view.groups:
        if group.id in opened:
            inside.setdefault(group.parent if group.parent in opened else None, []).append(group)
    for node in view.nodes:
        inside.setdefault(node.group if node.group in opened else None, []).append(node)
    pending: list[tuple[int, ViewGroup | ViewNode | None]] = [(0, it) for it in reversed(inside.get(None, []))]
    while pending:
        depth, it = pending.pop()
        yield depth, it
        if isinstance(it, ViewGroup):
            pending.append((depth, None))
            pending.extend((depth + 1, below) for below in reversed(inside.get(it.id, [])))
