"""An input: a rounded box with its name."""

from app.draw.mark import Attribute, Mark
from app.draw.marks.label import name
from app.draw.theme import Theme
from app.graph.view import ViewNode
from app.layout.model import Placed


def input_(node: ViewNode, at: Placed, theme: Theme) -> tuple[Mark, ...]:
    """The box and the name in italics, its number as a subscript."""
    box = at.box
    leaf: dict[str, Attribute] = {"x": box.x, "y": box.y, "width": box.width, "height": box.height, "rx": 8}
    kind = "sign" if node.reached else "quiet"
    return (
        Mark("rect", "body", {**theme.paint("leaf"), **leaf, "stroke-width": 1.2}),
        name("sign", node.label, box.centre, 16.0, box.width - 10, theme, kind),
    )
