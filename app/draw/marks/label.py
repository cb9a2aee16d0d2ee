"""Words on nodes: signs, names with their subscripts, and the details under them."""

import re

from app.draw.mark import Attribute, Mark
from app.draw.theme import Theme
from app.layout.metrics import CAP_HEIGHT, X_HEIGHT, text_width
from app.layout.model import Point

SIGNS = frozenset("+−×÷<>=≤≥≠*/%·∘@~")
SUBSCRIPT = 0.7  # its size to that of its letter
DROP = 0.25  # how far it hangs below the line, in em of its letter

_NUMBERED = re.compile(r"(.*[^\W\d_])_?(\d+(?:_\d+)*)", re.DOTALL)
_SHORT = re.compile(r"([^\W\d_])_([^\W_]{1,3})")


def middle(text: str) -> float:
    """How far below its centre the baseline of a line of text lies, in em: signs stand on the axis of mathematics,
    `max` on half the height of an x, everything else on half a capital."""
    if all(character in SIGNS for character in text):
        return 0.3135
    low = not any(character.isupper() or character.isdigit() or character in "bdfhijklt()[]√∂∑" for character in text)
    return X_HEIGHT / 2 if low else CAP_HEIGHT / 2


def fitted(text: str, size: float, room: float) -> float:
    """The size (px) at which `text` fits into `room` px: `size` or less."""
    width = text_width(text, size)
    return size if width <= room else max(5.0, size * room / width)


def line(
    key: str,
    text: str,
    centre: Point,
    size: float,
    theme: Theme,
    kind: str = "sign",
    *more: str,
    anchor: str = "middle",
    **attributes: Attribute,
) -> Mark:
    """One line of text about `centre`."""
    return Mark(
        "text",
        key,
        {
            **theme.paint(kind, *more),
            "x": centre.x,
            "y": centre.y + middle(text) * size,
            "font-size": size,
            "text-anchor": anchor,
            **attributes,
        },
        text=text,
    )


def parts_of(name: str) -> tuple[str, str]:
    """A name and its subscript: w_1 and w1 → (w, 1), W_out → (W, out), `rate` → (rate, "")."""
    found = _NUMBERED.fullmatch(name) or _SHORT.fullmatch(name)
    if not found:
        return name, ""
    return found[1], found[2].replace("_", ",")


def name(key: str, text: str, centre: Point, size: float, room: float, theme: Theme, kind: str = "sign") -> Mark:
    """A name of the program's in italics, its number or short suffix as a subscript, about `centre` in `room` px."""
    letter, below = parts_of(text)
    width = text_width(letter, 1) + text_width(below, SUBSCRIPT)
    size = min(size, max(5.0, room / width)) if width else size
    if not below:
        return line(key, letter, centre, size, theme, kind, **{"font-style": "italic"})
    whole = line(key, letter, centre, size, theme, kind, **{"font-style": "italic"})
    return Mark(
        "text",
        key,
        whole.attributes,
        (
            Mark("tspan", "letter", text=letter),
            Mark("tspan", "below", {"dy": DROP * size, "font-size": SUBSCRIPT * size}, text=below),
        ),
    )
