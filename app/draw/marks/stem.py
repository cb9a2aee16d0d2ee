"""A node's own piece of wire: to the split, where its gradients add up, or to the open end at the output."""

from collections.abc import Sequence

from app.draw.figures import Figure
from app.draw.mark import Attribute, Mark
from app.draw.marks.figures import after, before, grad, total, value
from app.draw.marks.wire import Stroke
from app.draw.theme import Theme
from app.layout.model import Direction, Placed


def stem(
    at: Placed,
    value_: Figure,
    grad_: Figure,
    parts: Sequence[float],
    stroke: Stroke,
    theme: Theme,
    direction: Direction,
) -> tuple[Mark, ...]:
    """The line with the node's value above it and its gradient, or the sum that it is, below; nothing without one."""
    if not at.stem_path:
        return ()
    marks = [Mark("path", "stem", {**stroke.attributes(theme), "d": at.stem_path})]
    if at.value_box is not None:
        marks += value(value_, before(at.value_box, direction), theme)
    if at.sum_box is not None:
        marks += total(parts, grad_, after(at.sum_box, direction), theme)
    elif at.grad_box is not None:
        marks += grad(grad_, after(at.grad_box, direction), theme)
    return tuple(marks)


def split(key: str, at: Placed, heavy: bool, opacity: float, theme: Theme) -> tuple[Mark, ...]:
    """The dots where a value goes several ways."""
    dots = () if at.split is None else (at.split, *at.dots)
    paint = theme.paint("dot") if opacity == 1 else {**theme.paint("dot"), "fill-opacity": opacity}
    place: list[dict[str, Attribute]] = [{"cx": dot.x, "cy": dot.y, "r": 4.5 if heavy else 3.5} for dot in dots]
    return tuple(Mark("circle", f"split:{key}:{k}", {**paint, **it}) for k, it in enumerate(place))
