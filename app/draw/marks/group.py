"""A closed group: a box with its name, what is in it, and the skip that goes through it."""

from app.draw.mark import Attribute, Mark
from app.draw.marks.label import fitted, line
from app.draw.theme import Theme
from app.graph.view import ViewNode
from app.layout.model import Placed, Point


def group(node: ViewNode, at: Placed, theme: Theme, opacity: float) -> tuple[Mark, ...]:
    """The box (a stack of them where it stands for several), the name, the detail below it, the skip on its upper edge.

    A group that holds an identity skip keeps its `+`: a heavy line along the top of the box, with the sign on it.
    """
    box = at.box
    kind = "sign" if node.reached else "quiet"
    body: dict[str, Attribute] = {**theme.paint("body"), "stroke-width": 1.5}
    if opacity < 1:
        body["stroke-opacity"] = opacity
    place: dict[str, Attribute] = {"x": box.x, "y": box.y, "width": box.width, "height": box.height, "rx": 7}
    marks = [Mark("rect", "body", {**body, **place})]
    if node.repeat > 1:
        inner: dict[str, Attribute] = {
            "x": box.x + 3, "y": box.y + 3, "width": box.width - 6, "height": box.height - 6, "rx": 4.5,
        }  # fmt: skip
        marks.append(Mark("rect", "stack", {**body, **inner, "stroke-width": 0.75}))
    label = f"{node.label} × {node.repeat}" if node.repeat > 1 and "×" not in node.label else node.label
    top = box.y + 11 if node.skip else box.y
    middle = Point(box.centre.x, (top + box.y + box.height) / 2)
    room = box.width - 12
    snug = node.skip and node.detail and box.height < 54
    title, detail = fitted(label, 13.0 if snug else 15.0, room), fitted(node.detail, 10.0 if snug else 11.0, room)
    up, down = (6.5, 7.5) if snug else (8.0, 9.5)
    if node.detail:
        marks.append(line("sign", label, Point(middle.x, middle.y - up), title, theme, kind))
        marks.append(line("detail", node.detail, Point(middle.x, middle.y + down), detail, theme, "quiet"))
    else:
        marks.append(line("sign", label, middle, title, theme, kind))
    if node.skip:
        marks += skip(at, theme)
    return tuple(marks)


def skip(at: Placed, theme: Theme) -> tuple[Mark, ...]:
    """A line from side to side near the top of the box, through a small `+`."""
    box = at.box
    y, x, r = box.y + 8, box.x + box.width - 14, 4.5
    thick: dict[str, Attribute] = {**theme.paint("main"), "fill": "none", "stroke-width": 1.5}
    body: dict[str, Attribute] = {**theme.paint("body"), "stroke-width": 1.2, "cx": x, "cy": y, "r": r}
    plus = f"M{x - 2.4:.2f} {y:.2f}H{x + 2.4:.2f}M{x:.2f} {y - 2.4:.2f}V{y + 2.4:.2f}"
    return (
        Mark("path", "skip", {**thick, "d": f"M{box.x:.2f} {y:.2f}H{box.x + box.width:.2f}"}),
        Mark("circle", "join", body),
        Mark("path", "plus", {**thick, "d": plus, "stroke-width": 1.2}),
    )
