"""A scene as PNG, by PDFium and the shipped fonts alone, with the state that it was drawn from inside it.

A circuit has few colours, and all between them is the smoothing of edges: sixteen are enough. They take half a byte a
pixel, and a third of the file that the colours take which they were chosen from.
"""

import struct
import threading
import zlib
from collections.abc import Iterator
from contextlib import closing
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from app.diagnostics import fail
from app.draw.mark import Scene
from app.draw.pdf import pdf
from app.limits import Limits

KEYWORD = "gradwire"
LARGE = 8_000_000  # px: no screen shows more at once
BAND = 8_000_000  # px that are rasterised at a time, at four bytes each
COLOURS, ROUNDS = 16, 4  # how many are kept, and in how many rounds they settle
GROUNDS = 4  # of the colours, those of the largest areas, which are kept to the last bit

_ALONE = threading.Lock()  # PDFium is for one thread at a time


class Band(NamedTuple):
    """Rows of pixels, row after row, as runs of one colour: 0xrrggbb, and how many pixels long it is."""

    colours: NDArray[np.uint32]
    lengths: NDArray[np.uint32]


def png(
    scene: Scene,
    paper: str,
    *,
    limits: Limits,
    scale: float | None = None,
    width: int | None = None,
    source: str | None = None,
) -> bytes:
    """The picture on a ground of the colour `paper`, at `scale` or `width` px wide. Where neither is given, the scale
    is 2, for screens of that density, and 1 where that would be more than LARGE pixels.

    `source` is kept in an iTXt chunk. Errors: `limit.picture`, before anything is drawn.
    """
    columns, rows = size(scene, scale=scale, width=width)
    check(columns, rows, limits)
    bands = list(rasterised(pdf(scene, paper, columns, rows), columns, rows, paper))
    picture = encoded(bands, columns, rows)
    return picture if source is None else with_text(picture, KEYWORD, source)


def size(scene: Scene, *, scale: float | None = None, width: int | None = None) -> tuple[int, int]:
    """The picture's width and height in px."""
    usual = 2.0 if 4 * scene.width * scene.height <= LARGE else 1.0
    factor = width / scene.width if width is not None else usual if scale is None else scale
    columns = width if width is not None else max(1, round(scene.width * factor))
    return columns, max(1, round(scene.height * factor))


def check(columns: int, rows: int, limits: Limits) -> None:
    """Refuses a picture that is over a limit (`limit.picture`)."""
    if max(columns, rows) > limits.png_side or columns * rows > limits.png_pixels:
        raise fail(
            "limit.picture",
            f"a picture of {columns} × {rows} pixels is too large: {limits.png_side} a side and "
            f"{limits.png_pixels} in all are drawn",
            hint="a smaller scale or width, or SVG",
        )


def rasterised(document: bytes, columns: int, rows: int, paper: str) -> Iterator[Band]:
    """The page of a PDF, a point a pixel, from the top."""
    import pypdfium2 as pdfium  # heavy: only the workers that draw load it

    ground = (*bytes.fromhex(paper.removeprefix("#")), 255)
    height = max(1, BAND // columns)
    with _ALONE, closing(pdfium.PdfDocument(document)) as opened, closing(opened[0]) as page:
        for top in range(0, rows, height):
            below = max(0, rows - top - height)
            bitmap = page.render(crop=(0, below, 0, top), fill_color=ground, prefer_bgrx=True, may_draw_forms=False)
            pixels = bitmap.to_numpy().view("<u4").ravel()
            starts = np.concatenate(([0], np.flatnonzero(pixels[1:] != pixels[:-1]) + 1))
            yield Band(pixels[starts] & 0xFFFFFF, np.diff(starts, append=pixels.size).astype(np.uint32))


def encoded(bands: list[Band], columns: int, rows: int) -> bytes:
    """The bands as one PNG, in at most COLOURS colours, of four bits a pixel."""
    packer = zlib.compressobj(6)
    entries, places = palette(bands)
    data: list[bytes] = []
    for band, place in zip(bands, places, strict=True):
        pixels = np.repeat(place, band.lengths).reshape(-1, columns)
        lines = np.zeros((len(pixels), 1 + (columns + 1) // 2), np.uint8)  # a row begins with its filter: none
        lines[:, 1:] = pixels[:, ::2] << 4
        lines[:, 1 : 1 + columns // 2] |= pixels[:, 1::2]
        data.append(packer.compress(lines.tobytes()))
    head = struct.pack(">IIBBBBB", columns, rows, 4, 3, 0, 0, 0)
    chunks = ((b"IHDR", head), (b"PLTE", entries.tobytes()), (b"IDAT", b"".join(data) + packer.flush()), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(chunk(kind, body) for kind, body in chunks)


def palette(bands: list[Band]) -> tuple[NDArray[np.uint8], list[NDArray[np.uint8]]]:
    """The colours that stand for all, (at most COLOURS, 3), and for each band the place of each run's colour in them.

    Those of the largest areas are kept. The others begin as those that are farthest from all before them, the more so
    the more often they are drawn, and settle in the middle of what is nearest to them (Lloyd's algorithm).
    """
    drawn = np.concatenate([band.colours for band in bands])
    seen, which, runs = np.unique(drawn, return_inverse=True, return_counts=True)
    areas = np.bincount(which, np.concatenate([band.lengths for band in bands]))
    colours = np.stack((seen >> 16, seen >> 8 & 0xFF, seen & 0xFF), axis=1).astype(np.float32)
    entries = colours[np.argsort(-areas, kind="stable")[:GROUNDS]]
    far = np.min(_apart(colours, entries), axis=1)
    while len(entries) < COLOURS and far.any():
        entries = np.concatenate((entries, colours[[np.argmax(far * np.sqrt(runs))]]))
        far = np.minimum(far, _apart(colours, entries[-1:])[:, 0])
    nearest = np.argmin(_apart(colours, entries), axis=1)
    for _ in range(ROUNDS):
        weights = np.bincount(nearest, runs, len(entries))
        sums = [np.bincount(nearest, runs * channel, len(entries)) for channel in colours.T]
        settled = weights > 0
        settled[:GROUNDS] = False
        entries[settled] = (np.stack(sums, axis=1)[settled] / weights[settled, None]).astype(np.float32)
        nearest = np.argmin(_apart(colours, entries), axis=1)
    places = nearest.astype(np.uint8)[which]
    ends = np.cumsum([len(band.colours) for band in bands])[:-1]
    return np.rint(entries).astype(np.uint8), np.split(places, ends)


def _apart(colours: NDArray[np.float32], entries: NDArray[np.float32]) -> NDArray[np.float32]:
    """The squared distance of each colour to each entry: (n, 3), (k, 3) → (n, k)."""
    apart: NDArray[np.float32] = ((colours[:, None] - entries[None]) ** 2).sum(axis=2)
    return apart


def chunk(kind: bytes, body: bytes) -> bytes:
    """A chunk of a PNG: its length, kind, body and check (PNG specification, 5.3)."""
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


def with_text(picture: bytes, keyword: str, text: str) -> bytes:
    """The PNG with an international text chunk (iTXt, compressed) before its end: PNG specification, 11.3.3.4."""
    body = keyword.encode("latin-1") + b"\0\1\0\0\0" + zlib.compress(text.encode(), 9)
    end = picture.rindex(b"\0\0\0\0IEND")
    return picture[:end] + chunk(b"iTXt", body) + picture[end:]


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
