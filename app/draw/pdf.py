"""A scene as a page of PDF that stands alone: what a PNG is rasterised from."""

import functools
import re
import struct
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from app.draw.mark import Attribute, Mark, Scene
from app.draw.path import pieces
from app.files import FONTS
from app.layout.metrics import CAP_HEIGHT, X_HEIGHT, text_width

FACES = ("dejavu-sans.ttf", "dejavu-sans-oblique.ttf")
ARC = 0.5523  # a Bézier curve's handle, to the radius of the quarter of a circle that it draws
ACCENT = 0.25  # em: the middle of a combining accent is so far before its origin
ABOVE = 230  # Unicode's combining class of the accents that stand above
MISSING, BOX = 0, 0.6  # the glyph for what a font lacks, a box, and its advance in em
CLEAR = frozenset({"none", "transparent"})
UNSEEN = frozenset({"title", "desc", "metadata"})
# What is for a page or a pointer, and paints nothing.
SILENT = frozenset({"class", "data-node", "data-edge", "data-group", "data-value"})
SHAPE = frozenset({"fill", "stroke", "stroke-width", "stroke-dasharray", "fill-opacity", "stroke-opacity"})
TEXT = frozenset({"fill", "x", "y", "dy", "font-size", "font-style", "text-anchor"})


class Face(NamedTuple):
    """A shipped font: its TrueType file, and its glyphs' numbers by the codes of their characters."""

    file: bytes
    glyphs: Mapping[int, int]


class Run(NamedTuple):
    """Glyphs of one face, each after the one before it. The first stands `x` em right of the line's start and `y` em
    above its baseline; `advances` are in em."""

    face: int
    glyphs: tuple[int, ...]
    advances: tuple[float, ...]
    x: float = 0.0
    y: float = 0.0


@dataclass(slots=True)
class Page:
    """What is written of the page, and what it needs: advances by face and glyph, and names of opacities."""

    content: list[str] = field(default_factory=list)
    advances: dict[int, dict[int, float]] = field(default_factory=dict)
    opacities: dict[str, str] = field(default_factory=dict)


def pdf(scene: Scene, paper: str, width: float, height: float) -> bytes:
    """One page of `width` × `height` points that the scene fills, on a ground of the colour `paper`. Nothing in it is
    compressed."""
    across, down = width / scene.width, height / scene.height
    page = Page([f"{across:.6f} 0 0 {-down:.6f} {-scene.x * across:.4f} {height + scene.y * down:.4f} cm 4 M"])
    ground: dict[str, Attribute] = {"fill": paper, "width": scene.width, "height": scene.height}
    pending = [*reversed(scene.marks), Mark("rect", "paper", {**ground, "x": scene.x, "y": scene.y})]
    while pending:
        mark = pending.pop()
        if mark.tag == "g":
            assert mark.attributes.keys() <= SILENT, f"what a group paints is not drawn: {mark}"
            pending.extend(reversed(mark.children))
        elif mark.tag == "text":
            _text(mark, page)
        elif mark.tag not in UNSEEN:
            _shape(mark, page)
    return _document(page, width, height)


def _shape(mark: Mark, page: Page) -> None:
    given = mark.attributes
    fill, stroke = str(given.get("fill", "#000000")), str(given.get("stroke", "none"))
    filled, stroked = fill not in CLEAR, stroke not in CLEAR
    if not (filled or stroked):
        return
    way, known = _WAYS[mark.tag]
    assert given.keys() <= known | SHAPE | SILENT, f"an attribute that is not drawn: {mark}"
    out = page.content
    out.append("q")
    if filled:
        out.append(f"{colour(fill)} rg")
    if stroked:
        out.append(f"{colour(stroke)} RG {_number(given, 'stroke-width', 1):.3f} w")
    if dashes := given.get("stroke-dasharray"):
        out.append(f"[{dashes}] 0 d")
    faint = [f"/{name} {given[of]}" for name, of in (("ca", "fill-opacity"), ("CA", "stroke-opacity")) if of in given]
    if faint:
        out.append(f"/{page.opacities.setdefault(' '.join(faint), f'O{len(page.opacities)}')} gs")
    out.append(way(given))
    out.append("B Q" if filled and stroked else "f Q" if filled else "S Q")


def colour(text: str) -> str:
    """#rrggbb as three numbers from 0 to 1."""
    assert re.fullmatch("#[0-9a-fA-F]{6}", text), f"not a colour: {text}"
    return " ".join(f"{int(text[k : k + 2], 16) / 255:.4f}" for k in (1, 3, 5))


def _number(given: Mapping[str, Attribute], name: str, usual: float = 0.0) -> float:
    value = given.get(name, usual)
    assert not isinstance(value, str), f"not a number: {name} {value}"
    return value


def _circle(given: Mapping[str, Attribute]) -> str:
    x, y, r = (_number(given, name) for name in ("cx", "cy", "r"))
    return _rounded(x - r, y - r, 2 * r, 2 * r, r)


def _rect(given: Mapping[str, Attribute]) -> str:
    x, y, width, height, r = (_number(given, name) for name in ("x", "y", "width", "height", "rx"))
    if not r:
        return f"{x:.2f} {y:.2f} {width:.2f} {height:.2f} re"
    return _rounded(x, y, width, height, min(r, width / 2, height / 2))


def _rounded(x: float, y: float, width: float, height: float, r: float) -> str:
    """A rectangle whose corners are quarters of a circle."""
    a, b, c, d, k = x + r, y + r, x + width - r, y + height - r, r * (1 - ARC)
    right, low = x + width, y + height
    return (
        f"{a:.2f} {y:.2f} m {c:.2f} {y:.2f} l "
        f"{right - k:.2f} {y:.2f} {right:.2f} {y + k:.2f} {right:.2f} {b:.2f} c {right:.2f} {d:.2f} l "
        f"{right:.2f} {low - k:.2f} {right - k:.2f} {low:.2f} {c:.2f} {low:.2f} c {a:.2f} {low:.2f} l "
        f"{x + k:.2f} {low:.2f} {x:.2f} {low - k:.2f} {x:.2f} {d:.2f} c {x:.2f} {b:.2f} l "
        f"{x:.2f} {y + k:.2f} {x + k:.2f} {y:.2f} {a:.2f} {y:.2f} c h"
    )


def _path(given: Mapping[str, Attribute]) -> str:
    out: list[str] = []
    here: object = None
    for piece in pieces(str(given["d"])):
        if piece[0] != here:
            out.append(f"{piece[0].x:.2f} {piece[0].y:.2f} m")
        here = piece[-1]
        if len(piece) == 3:  # a quadratic curve as a cubic one
            (a, b), (c, d), (e, f) = piece
            ends = ((a + 2 * (c - a) / 3, b + 2 * (d - b) / 3), (e + 2 * (c - e) / 3, f + 2 * (d - f) / 3), (e, f))
            out.append(" ".join(f"{x:.2f} {y:.2f}" for x, y in ends) + " c")
        else:
            out.append(" ".join(f"{x:.2f} {y:.2f}" for x, y in piece[1:]) + (" l" if len(piece) == 2 else " c"))
    return " ".join(out)


_WAYS = {
    "circle": (_circle, frozenset({"cx", "cy", "r"})),
    "rect": (_rect, frozenset({"x", "y", "width", "height", "rx"})),
    "path": (_path, frozenset({"d"})),
}


def _text(mark: Mark, page: Page) -> None:
    """A line of text about its anchor: its own, or that of its spans, one after the other."""
    whole = mark.attributes
    spans = mark.children or (Mark("tspan", "all", text=mark.text),)
    sizes = [_number({**whole, **span.attributes}, "font-size") for span in spans]
    widths = [text_width(span.text or "", size) for span, size in zip(spans, sizes, strict=True)]
    x, y = _number(whole, "x"), _number(whole, "y")
    x -= {"start": 0.0, "middle": 0.5, "end": 1.0}[str(whole.get("text-anchor", "start"))] * sum(widths)
    for span, size, width in zip(spans, sizes, widths, strict=True):
        given = {**whole, **span.attributes}
        assert given.keys() <= TEXT | SILENT, f"an attribute that is not drawn: {mark}"
        y += _number(span.attributes, "dy")
        page.content.append(f"BT {colour(str(given.get('fill', '#000000')))} rg")
        for run in shaped(span.text or "", italic="font-style" in given):
            page.advances.setdefault(run.face, {}).update(zip(run.glyphs, run.advances, strict=True))
            glyphs = "".join(f"{glyph:04x}" for glyph in run.glyphs)
            at = f"{x + run.x * size:.2f} {y - run.y * size:.2f}"
            page.content.append(f"/F{run.face} {size:.2f} Tf 1 0 0 -1 {at} Tm <{glyphs}> Tj")
        page.content.append("ET")
        x += width


@functools.lru_cache(4096)
def shaped(text: str, *, italic: bool) -> tuple[Run, ...]:
    """A line of text as glyphs: upright where the oblique lacks a character, and a box for what both lack, in the
    middle of its room.

    An accent that makes no character with its letter is a run of its own, above (or below) the letter's middle, and
    higher by what a capital is higher than an x: as the fonts' own anchors would have it.
    """
    text = unicodedata.normalize("NFC", text)
    face = int(italic and all(ord(character) in faces()[1].glyphs for character in text))
    glyphs = faces()[face].glyphs
    runs: list[Run] = []
    pen, letter = 0.0, ""
    line: list[tuple[int, float]] = []  # what stands in a row until here, and has not become a run
    for character in text:
        glyph, width = glyphs.get(ord(character), MISSING), text_width(character, 1)
        kind = unicodedata.combining(character)
        if not kind:
            letter = character
        if glyph == MISSING:
            runs += [_row(face, line, pen), Run(face, (MISSING,), (BOX,), pen + (width - BOX) / 2)]
            line = []
        elif kind:
            high = CAP_HEIGHT - X_HEIGHT if kind == ABOVE and letter.isupper() else 0.0
            runs.append(Run(face, (glyph,), (width,), pen - text_width(letter, 1) / 2 + ACCENT, high))
        else:
            line.append((glyph, width))
        pen += width
    return tuple(run for run in [*runs, _row(face, line, pen)] if run.glyphs)


def _row(face: int, line: Sequence[tuple[int, float]], end: float) -> Run:
    """Glyphs with their advances, in a row that ends at `end` (em)."""
    return Run(face, tuple(it for it, _ in line), tuple(it for _, it in line), end - sum(it for _, it in line))


@functools.cache
def faces() -> tuple[Face, ...]:
    """The fonts of a circuit: upright, and oblique for names."""
    files = [(FONTS / file).read_bytes() for file in FACES]
    return tuple(Face(file, character_map(file)) for file in files)


def character_map(font: bytes) -> dict[int, int]:
    """A TrueType font's glyphs by the codes of their characters: its `cmap` of format 12 (OpenType specification)."""
    (tables,) = struct.unpack_from(">H", font, 4)
    entries = [struct.unpack_from(">4s4xII", font, 12 + 16 * k) for k in range(tables)]
    start = next(offset for tag, offset, _ in entries if tag == b"cmap")
    (subtables,) = struct.unpack_from(">H", font, start + 2)
    offsets = [struct.unpack_from(">I", font, start + 8 + 8 * k)[0] for k in range(subtables)]
    table = next(start + at for at in offsets if struct.unpack_from(">H", font, start + at)[0] == 12)
    (groups,) = struct.unpack_from(">I", font, table + 12)
    ranges = (struct.unpack_from(">III", font, table + 16 + 12 * k) for k in range(groups))
    return {code: glyph + code - low for low, high, glyph in ranges for code in range(low, high + 1)}


def _document(page: Page, width: float, height: float) -> bytes:
    """The file: its objects, where each begins, and where to begin to read (ISO 32000-1, 7.5)."""
    shown = sorted(page.advances)
    fonts = " ".join(f"/F{face} {5 + 4 * k} 0 R" for k, face in enumerate(shown))
    states = " ".join(f"/{name} <<{values}>>" for values, name in page.opacities.items())
    objects = [
        b"<</Type /Catalog /Pages 2 0 R>>",
        b"<</Type /Pages /Kids [3 0 R] /Count 1>>",
        f"<</Type /Page /Parent 2 0 R /MediaBox [0 0 {width:.4f} {height:.4f}] /Contents 4 0 R "
        f"/Resources <</Font <<{fonts}>> /ExtGState <<{states}>>>>>>".encode(),
        _stream(" ".join(page.content).encode()),
        *(part for k, face in enumerate(shown) for part in _font(face, page.advances[face], 5 + 4 * k)),
    ]
    places: list[int] = []
    file = bytearray(b"%PDF-1.7\n")
    for number, each in enumerate(objects, start=1):
        places.append(len(file))
        file += b"%d 0 obj\n%b\nendobj\n" % (number, each)
    start = len(file)
    file += b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1)
    file += b"".join(b"%010d 00000 n \n" % place for place in places)
    file += b"trailer <</Size %d /Root 1 0 R>>\nstartxref\n%d\n%%%%EOF\n" % (len(objects) + 1, start)
    return bytes(file)


def _font(face: int, advances: Mapping[int, float], number: int) -> tuple[bytes, ...]:
    """A font's four objects, the first of this number: itself, its glyphs' advances, its measures, its file."""
    name = f"GradwireSans{face}"
    widths = " ".join(f"{glyph} [{1000 * advance:.2f}]" for glyph, advance in sorted(advances.items()))
    return (
        f"<</Type /Font /Subtype /Type0 /BaseFont /{name} /Encoding /Identity-H "
        f"/DescendantFonts [{number + 1} 0 R]>>".encode(),
        f"<</Type /Font /Subtype /CIDFontType2 /BaseFont /{name} /CIDToGIDMap /Identity /W [{widths}] "
        f"/CIDSystemInfo <</Registry (Adobe) /Ordering (Identity) /Supplement 0>> "
        f"/FontDescriptor {number + 2} 0 R>>".encode(),
        f"<</Type /FontDescriptor /FontName /{name} /Flags 4 /FontBBox [-1000 -300 2000 1100] /ItalicAngle 0 "
        f"/Ascent 928 /Descent -236 /CapHeight 729 /StemV 80 /FontFile2 {number + 3} 0 R>>".encode(),
        _stream(faces()[face].file),
    )


def _stream(contents: bytes) -> bytes:
    return b"<</Length %d>>\nstream\n%b\nendstream" % (len(contents), contents)
