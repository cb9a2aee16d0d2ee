"""An SVG as PNG, by resvg and the shipped fonts alone, with the state that it was drawn from inside it."""

import re
import struct
import zlib

from app.diagnostics import fail
from app.draw.svg import escape
from app.files import FONTS
from app.limits import Limits

KEYWORD = "gradwire"
LARGE = 8_000_000  # px: no screen shows more at once, and to draw it takes half a second
FACES = ("dejavu-sans.ttf", "dejavu-sans-oblique.ttf", "dejavu-sans-bold.ttf")

_HEAD = re.compile(r"<svg\b[^>]*?\bwidth=\"([\d.]+)\"[^>]*?\bheight=\"([\d.]+)\"")
_STYLE = re.compile(r"<style>.*?</style>", re.DOTALL)


def png(
    svg: str,
    *,
    limits: Limits,
    scale: float | None = None,
    width: int | None = None,
    background: str | None = None,
    source: str | None = None,
) -> bytes:
    """The picture at `scale`, or `width` px wide; holds the interpreter's lock. Where neither is given, the scale is 2,
    for screens of that density, and 1 where that would be more than LARGE pixels.

    `background` is a CSS colour below it, `source` is kept in an iTXt chunk. Errors: `limit.picture`.
    """
    import resvg_py  # heavy: only the workers that draw load it

    columns, rows = size(svg, scale=scale, width=width)
    check(columns, rows, limits)
    drawn = resvg_py.svg_to_bytes(
        svg_string=_STYLE.sub("", svg, count=1),  # its fonts are files here, and a rasteriser is never in the dark
        width=columns,
        height=rows,
        background=None if background is None else escape(background),
        skip_system_fonts=True,
        font_files=[str(FONTS / face) for face in FACES],
        font_family="DejaVu Sans",
        sans_serif_family="DejaVu Sans",
    )
    return bytes(drawn) if source is None else with_text(bytes(drawn), KEYWORD, source)


def size(svg: str, *, scale: float | None = None, width: int | None = None) -> tuple[int, int]:
    """The picture's width and height in px, from the numbers at its root."""
    found = _HEAD.search(svg)
    assert found, f"an SVG without its size: {svg[:200]}"
    across, down = float(found[1]), float(found[2])
    usual = 2.0 if 4 * across * down <= LARGE else 1.0
    factor = width / across if width is not None else usual if scale is None else scale
    return (width if width is not None else max(1, round(across * factor))), max(1, round(down * factor))


def check(columns: int, rows: int, limits: Limits) -> None:
    """Refuses a picture that is over a limit (`limit.picture`)."""
    if max(columns, rows) > limits.png_side or columns * rows > limits.png_pixels:
        raise fail(
            "limit.picture",
            f"a picture of {columns} × {rows} pixels is too large: {limits.png_side} a side and "
            f"{limits.png_pixels} in all are drawn",
            hint="a smaller scale or width, or SVG",
        )


def with_text(picture: bytes, keyword: str, text: str) -> bytes:
    """The PNG with an international text chunk (iTXt, compressed) before its end: PNG specification, 11.3.3.4."""
    body = keyword.encode("latin-1") + b"\0\1\0\0\0" + zlib.compress(text.encode(), 9)
    chunk = struct.pack(">I", len(body)) + b"iTXt" + body + struct.pack(">I", zlib.crc32(b"iTXt" + body))
    end = picture.rindex(b"\0\0\0\0IEND")
    return picture[:end] + chunk + picture[end:]


def text_of(picture: bytes, keyword: str = KEYWORD) -> str | None:
    """The text that `with_text` put into a PNG, or None."""
    at = 8
    while at + 8 <= len(picture):
        (length,) = struct.unpack(">I", picture[at : at + 4])
        kind, body = picture[at + 4 : at + 8], picture[at + 8 : at + 8 + length]
        head = keyword.encode("latin-1") + b"\0\1\0\0\0"
        if kind == b"iTXt" and body.startswith(head):
            return zlib.decompress(body[len(head) :]).decode()
        at += 12 + length
    return None
