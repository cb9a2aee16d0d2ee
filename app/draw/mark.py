"""What a picture is made of: keyed primitives, written once and joined by SVG, PNG and the page alike."""

from dataclasses import dataclass, field

Attribute = str | float | int


@dataclass(frozen=True, slots=True)
class Mark:
    """One element: `tag` (g path circle rect line text title), `key` (unique among its siblings, stable between
    repaints), its SVG attributes with resolved values (px, y downwards), and either children or text."""

    tag: str
    key: str
    attributes: dict[str, Attribute] = field(default_factory=dict)
    children: tuple["Mark", ...] = ()
    text: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Scene:
    """A display list in painting order, and the box that it fills (px)."""

    marks: tuple[Mark, ...]
    x: float
    y: float
    width: float
    height: float
    title: str
    description: str
