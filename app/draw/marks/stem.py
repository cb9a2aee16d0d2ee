"""A node's own piece of wire: to the split, where its gradients add up, or to the open end at the output."""

from collections.abc import Sequence

from app.draw.figures import Figure
from app.draw.mark import Attribute, Mark
from app.draw.marks.figures import grad, seat, total, value
from app.draw.marks.wire import Stroke
from app.draw.theme import Theme
from app.layout.model import Placed


def stem(
    at: Placed, value_: Figure, grad_: Figure, parts: Sequence[float], ways: int, stroke: Stroke, theme: Theme
) -> tuple[Mark, ...]:
    """The line with the node's value above it and its gradient, or the sum that it is, below; nothing without one."""
    if not at.stem:
        return ()
    d = "M" + "L".join(f"{x:.2f} {y:.2f}" for x, y in at.stem)
    marks = [Mark("path", "stem", {**stroke.attributes(theme), "d": d})]
    if at.value_box is not None:
        marks += value(value_, seat(at.value_box, at.stem), theme)
    if at.sum_box is not None:
        marks += total(parts, grad_, ways, seat(at.sum_box, at.stem), theme)
    elif at.grad_box is not None:
        marks += grad(grad_, seat(at.grad_box, at.stem), theme)
    return tuple(marks)


def split(key: str, at: Placed, heavy: bool, opacity: float, theme: Theme) -> tuple[Mark, ...]:
    """The dot where a value goes several ways."""
    if at.split is None:
        return ()
    dot: dict[str, Attribute] = {**theme.paint("dot"), "cx": at.split.x, "cy": at.split.y, "r": 4.5 if heavy else 3.5}
    return (Mark("circle", f"split:{key}", dot if opacity == 1 else {**dot, "fill-opacity": opacity}),)
