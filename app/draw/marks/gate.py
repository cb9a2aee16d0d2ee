"""A gate: a circle with its sign, a pill where its name is long."""

from app.draw.mark import Attribute, Mark
from app.draw.marks.label import SIGNS, fitted, line
from app.draw.theme import Theme
from app.graph.view import ViewNode
from app.layout.model import Placed


def gate(node: ViewNode, at: Placed, theme: Theme, opacity: float) -> tuple[Mark, ...]:
    """The body as the layout made it room, and the sign in it."""
    box = at.box
    kind = "sign" if node.reached else "quiet"
    size = 18.0 if all(character in SIGNS for character in node.label) else 16.0 if len(node.label) == 1 else 13.5
    size = fitted(node.label, size, box.width - (7 if len(node.label) > 1 else 4))
    body: dict[str, Attribute] = {**theme.paint("body"), "stroke-width": 1.5}
    if opacity < 1:
        body["stroke-opacity"] = opacity
    if abs(box.width - box.height) < 1:
        shape = Mark("circle", "body", {**body, "cx": box.centre.x, "cy": box.centre.y, "r": box.height / 2})
    else:
        place: dict[str, Attribute] = {"x": box.x, "y": box.y, "width": box.width, "height": box.height}
        shape = Mark("rect", "body", {**body, **place, "rx": min(box.width, box.height) / 2})
    return shape, line("sign", node.label, box.centre, size, theme, kind)
