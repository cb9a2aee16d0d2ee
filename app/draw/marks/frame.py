"""An open group: a tinted frame with its name at a corner and a way to close it."""

from app.draw.mark import Attribute, Mark
from app.draw.marks.label import fitted, line
from app.draw.theme import Theme
from app.graph.view import ViewGroup
from app.layout.model import Frame, Point

SIGN = 13.0  # px, the side of the sign that closes


def frame(group: ViewGroup, at: Frame, theme: Theme, depth: int) -> Mark:
    """The tint (frames within frames alternate it), the sign that closes, and the name beside that."""
    box, label = at.box, at.label_box
    place: dict[str, Attribute] = {"x": box.x, "y": box.y, "width": box.width, "height": box.height, "rx": 10}
    tint = theme.paint("inner" if depth % 2 else "tint")
    left, y = label.x, label.centre.y
    room = label.width - SIGN - 6
    size = fitted(group.label, 12.0, room)
    return Mark(
        "g",
        f"frame:{group.id}",
        {"class": "frame", "data-group": group.id},
        (
            Mark("rect", "tint", {**tint, **place, "stroke-width": 1}),
            close(group, Point(left + SIGN / 2, y), theme),
            line("name", group.label, Point(left + SIGN + 6, y), size, theme, "quiet", anchor="start"),
        ),
    )


def close(group: ViewGroup, centre: Point, theme: Theme) -> Mark:
    """A small box with a minus: what is open closes."""
    x, y = centre
    side: dict[str, Attribute] = {"x": x - SIGN / 2, "y": y - SIGN / 2, "width": SIGN, "height": SIGN, "rx": 3}
    stroke: dict[str, Attribute] = {"stroke-width": 1}
    bar: dict[str, Attribute] = {**theme.paint("sketch"), "d": f"M{x - 3:.2f} {y:.2f}H{x + 3:.2f}", "fill": "none"}
    return Mark(
        "g",
        "close",
        {"class": "close", "data-group": group.id},
        (
            Mark("rect", "box", {**theme.paint("sketch"), **side, **stroke, "fill": "transparent"}),
            Mark("path", "bar", {**bar, "stroke-width": 1.2}),
        ),
    )
