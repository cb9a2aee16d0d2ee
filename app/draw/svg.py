"""A scene as SVG: a file that stands alone, or the piece that a page holds."""

import base64
import functools
import re
from collections.abc import Iterable

from app.draw.mark import Attribute, Mark, Scene
from app.draw.theme import Theme, sheet
from app.files import FONTS

FAMILY = "Gradwire Sans"
FAMILIES = f"'{FAMILY}','DejaVu Sans',Verdana,sans-serif"
NAMESPACE = "http://www.w3.org/2000/svg"

# What XML 1.0 cannot hold, not even as a reference: controls, surrogates, U+FFFE and U+FFFF.
_ILLEGAL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_ESCAPES = str.maketrans(
    {"&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&#39;", "\t": "&#9;", "\n": "&#10;", "\r": "&#13;"}
)


def svg(
    scene: Scene, theme: Theme, *, standalone: bool = True, source: str | None = None, name: str = "gradwire"
) -> str:
    """The scene as one `<svg>` element.

    Standalone, it carries its fonts, its paper, what overrides the colours in the dark (theme `auto`) and, as metadata,
    `source`: the state that it was drawn from. Inside a page it carries neither, no style element and no style
    attribute; the page's sheet (`theme.sheet`) colours it. `name` begins its ids: of two pictures in one page each
    needs its own.
    """
    box = f"{number(scene.x)} {number(scene.y)} {number(scene.width)} {number(scene.height)}"
    head: dict[str, Attribute] = {"class": "circuit", "width": scene.width, "height": scene.height, "viewBox": box}
    words = [
        Mark("title", "title", {"id": f"{name}-title"}, text=scene.title),
        Mark("desc", "desc", {"id": f"{name}-desc"}, text=scene.description),
    ]
    described: dict[str, Attribute] = {"role": "img", "aria-labelledby": f"{name}-title {name}-desc"}
    if not standalone:
        return "".join(pieces([Mark("svg", "svg", {**head, **described}, (*words, *scene.marks))]))
    head = {"xmlns": NAMESPACE, **head, **described, "font-family": FAMILIES}
    if source is not None:
        words.append(Mark("metadata", "metadata", {"id": f"{name}-source"}, text=source))
    place: dict[str, Attribute] = {"x": scene.x, "y": scene.y, "width": scene.width, "height": scene.height}
    paper = Mark("rect", "paper", {**theme.paint("paper"), **place})
    style = Mark("style", "style", text=style_text(theme, italic=any(map(slanted, scene.marks))))
    return "".join(pieces([Mark("svg", "svg", head, (*words, style, paper, *scene.marks))])) + "\n"


def escape(text: str) -> str:
    """Any text as XML character data or as an attribute's value between double quotes; what XML cannot hold is left
    out. The only way by which a text gets into an SVG."""
    return _ILLEGAL.sub("", text).translate(_ESCAPES)


def number(value: float) -> str:
    """A coordinate: at most two decimals, without an exponent, −0 as 0."""
    text = f"{value:.2f}".rstrip("0").rstrip(".")
    return "0" if text == "-0" else text


def pieces(marks: Iterable[Mark]) -> list[str]:
    """The marks as text, in order; walked with a stack of their own, however deep they are."""
    out: list[str] = []
    pending: list[Mark | str] = list(reversed(list(marks)))
    while pending:
        mark = pending.pop()
        if isinstance(mark, str):
            out.append(mark)
            continue
        assert re.fullmatch("[a-z]+", mark.tag), f"invalid tag: {mark.tag}"
        given = "".join(f' {name}="{attribute(value)}"' for name, value in mark.attributes.items())
        if mark.text is not None:
            out.append(f"<{mark.tag}{given}>{escape(mark.text)}</{mark.tag}>")
        elif mark.children:
            out.append(f"<{mark.tag}{given}>")
            pending.append(f"</{mark.tag}>")
            pending.extend(reversed(mark.children))
        else:
            out.append(f"<{mark.tag}{given}/>")
    return out


def attribute(value: Attribute) -> str:
    """An attribute's value as text."""
    return escape(value) if isinstance(value, str) else number(value)


def slanted(mark: Mark) -> bool:
    """Some text in this mark is set in italics."""
    return "font-style" in mark.attributes or any(map(slanted, mark.children))


def style_text(theme: Theme, *, italic: bool) -> str:
    """The style of a file: its fonts as data, and the colours of the dark."""
    faces = [face("dejavu-sans-core", "normal")]
    faces += [face("dejavu-sans-oblique", "italic")] if italic else []
    dark = f"@media (prefers-color-scheme:dark){{{sheet(theme.dark)}}}" if theme.dark else ""
    return "".join(faces) + dark


@functools.cache
def face(file: str, style: str) -> str:
    """One shipped font as a CSS rule that holds it (base64 of WOFF2)."""
    contents = base64.b64encode((FONTS / f"{file}.woff2").read_bytes()).decode()
    source = f"url(data:font/woff2;base64,{contents})"
    return f"@font-face{{font-family:{FAMILY!r};font-style:{style};src:{source} format('woff2')}}"
