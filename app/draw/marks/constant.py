"""A constant: small and grey, its number alone."""

from app.draw.mark import Attribute, Mark
from app.draw.marks.label import fitted, line
from app.draw.theme import Theme
from app.graph.view import ViewNode
from app.layout.model import Placed


def constant(node: ViewNode, at: Placed, theme: Theme, *, said: bool) -> tuple[Mark, ...]:
    """The label; `said` where its wire shows it in this very place already. The clear box is what a pointer finds."""
    box = at.box
    clear: dict[str, Attribute] = {"class": "hit", "x": box.x, "y": box.y, "width": box.width, "height": box.height}
    body = Mark("rect", "body", {**clear, "fill": "transparent"})
    if said:
        return (body,)
    return body, line("sign", node.label, box.centre, fitted(node.label, 14.0, box.width), theme, "quiet")
