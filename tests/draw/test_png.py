"""The raster picture: its size, its limits, what its pixels show, and the state that it carries."""

import struct
import zlib
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from numpy.typing import NDArray

import app.draw.png
from app.diagnostics import ProgramError
from app.draw.mark import Attribute, Mark, Scene
from app.draw.png import COLOURS, Band, palette, png, size, text_of
from app.draw.scene import scene
from app.draw.theme import Theme, theme
from app.limits import Limits
from tests.draw.circuits import Circuit, bus, seed

AUTO = theme("auto")
FILE = scene(*seed(), theme=AUTO)
PAPER = AUTO.colours.paper


def drawn(picture: Scene, *, scale: float | None = None, width: int | None = None) -> bytes:
    return png(picture, PAPER, limits=Limits(), scale=scale, width=width)


def sheet(*marks: Mark, width: float = 40, height: float = 30, x: float = 0, y: float = 0) -> Scene:
    return Scene(marks=marks, x=x, y=y, width=width, height=height, title="", description="")


def rect(x: float, y: float, width: float, height: float, **more: Attribute) -> Mark:
    return Mark("rect", "it", {"x": x, "y": y, "width": width, "height": height, **more})


def chunks(picture: bytes) -> dict[bytes, bytes]:
    found: dict[bytes, bytes] = {}
    at = 8
    while at < len(picture):
        (length,) = struct.unpack(">I", picture[at : at + 4])
        kind, body = picture[at + 4 : at + 8], picture[at + 8 : at + 8 + length]
        assert struct.pack(">I", zlib.crc32(kind + body)) == picture[at + 8 + length : at + 12 + length]
        found[kind] = body
        at += 12 + length
    return found


def dimensions(picture: bytes) -> tuple[int, int]:
    assert picture.startswith(b"\x89PNG\r\n\x1a\n")
    across, down = struct.unpack(">II", picture[16:24])
    return across, down


def decoded(picture: bytes) -> NDArray[np.uint8]:
    """(rows, columns, 3): of a palette, four bits a pixel, no filter."""
    parts = chunks(picture)
    columns, rows, bits, kind = struct.unpack(">IIBB", parts[b"IHDR"][:10])
    assert (bits, kind) == (4, 3)
    lines = np.frombuffer(zlib.decompress(parts[b"IDAT"]), np.uint8).reshape(rows, -1)
    assert not lines[:, 0].any()
    places = np.stack((lines[:, 1:] >> 4, lines[:, 1:] & 15), axis=2).reshape(rows, -1)[:, :columns]
    return np.frombuffer(parts[b"PLTE"], np.uint8).reshape(-1, 3)[places]


def test_width_and_scale_decide_its_size() -> None:
    assert dimensions(drawn(FILE, width=435)) == (435, 156)
    assert dimensions(drawn(FILE, scale=0.5)) == (435, 156)
    assert dimensions(drawn(FILE, width=1)) == (1, 1)
    assert size(FILE) == (1740, 624)


def test_it_carries_its_state() -> None:
    picture = png(FILE, PAPER, limits=Limits(), scale=0.2, source='{"source":"x*y − 名"}')
    assert text_of(picture) == '{"source":"x*y − 名"}'
    assert [*chunks(picture)] == [b"IHDR", b"PLTE", b"IDAT", b"iTXt", b"IEND"]
    assert text_of(drawn(FILE, scale=0.2)) is None


def test_a_large_circuit_is_drawn_at_its_own_size() -> None:
    assert size(sheet(width=2000, height=1000)) == (4000, 2000)
    assert size(sheet(width=2000, height=1001)) == (2000, 1001)


@pytest.mark.parametrize(("scale", "width"), [(20.0, None), (None, 16_385), (18.0, None), (1e9, None)])
def test_a_picture_over_a_limit_is_refused(scale: float | None, width: int | None) -> None:
    with pytest.raises(ProgramError) as refused:
        png(FILE, PAPER, limits=Limits(), scale=scale, width=width)
    assert [it.code for it in refused.value.diagnostics] == ["limit.picture"]


def test_a_mark_is_where_its_numbers_say() -> None:
    pixels = decoded(drawn(sheet(rect(-6, 12, 10, 5, fill="#cf222e"), x=-10, y=10), scale=3))
    red = (pixels == (0xCF, 0x22, 0x2E)).all(axis=2)
    assert pixels.shape == (90, 120, 3)
    assert np.argwhere(red).min(axis=0).tolist() == [6, 12]
    assert np.argwhere(red).max(axis=0).tolist() == [20, 41]
    assert red.sum() == 450
    assert (pixels[~red] == 255).all()


def test_an_opacity_and_a_line_are_as_in_svg() -> None:
    line = Mark("path", "it", {"d": "M5 15H25Q35 15 35 25", "fill": "none", "stroke": "#000000", "stroke-width": 4})
    assert decoded(drawn(sheet(line), scale=1))[15, 5:25].max() == 0
    pale = Mark("path", "it", {**line.attributes, "stroke-opacity": 0.4})
    assert decoded(drawn(sheet(pale), scale=1))[15, 15].tolist() == [153, 153, 153]
    dashed = Mark("path", "it", {**line.attributes, "stroke-dasharray": "5 4"})
    bare = decoded(drawn(sheet(dashed), scale=1))[15, 5:23, 0] == 255
    assert "".join("-" if it else "#" for it in bare) == "#####----#####----"
    clear = rect(0, 0, 40, 30, fill="transparent")
    assert decoded(drawn(sheet(clear), scale=1)).min() == 255


@pytest.mark.parametrize(("anchor", "left", "right"), [("start", 20, 36), ("middle", 12, 28), ("end", 4, 20)])
def test_a_text_stands_about_its_anchor(anchor: str, left: int, right: int) -> None:
    text = Mark("text", "it", {"x": 20, "y": 24, "font-size": 12.575, "text-anchor": anchor}, text="88")
    dark = np.argwhere(decoded(drawn(sheet(text), scale=1))[:, :, 0] < 200)
    assert left <= dark[:, 1].min() <= left + 2
    assert right - 3 <= dark[:, 1].max() < right
    assert dark[:, 0].max() == 23
    assert 14 <= dark[:, 0].min() <= 15


def test_an_attribute_that_is_not_drawn_is_refused() -> None:
    with pytest.raises(AssertionError, match="an attribute that is not drawn"):
        drawn(sheet(rect(0, 0, 9, 9, fill="#000000", transform="scale(2)")))
    with pytest.raises(AssertionError, match="what a group paints is not drawn"):
        drawn(sheet(Mark("g", "it", {"opacity": 0.5})))


@pytest.mark.parametrize("circuit", [seed(), bus()], ids=["seed", "bus"])
@pytest.mark.parametrize("colours", [theme("light"), theme("dark")], ids=["light", "dark"])
@pytest.mark.parametrize("flow", [False, True])
def test_few_colours_show_a_circuit(circuit: Circuit, colours: Theme, flow: bool) -> None:
    parts = chunks(png(scene(*circuit, theme=colours, flow=flow), colours.colours.paper, limits=Limits()))
    entries = {f"#{parts[b'PLTE'][k : k + 3].hex()}" for k in range(0, len(parts[b"PLTE"]), 3)}
    assert len(entries) <= COLOURS
    assert colours.colours.paper in entries
    assert colours.colours.leaf in entries


def test_colours_that_fit_are_kept() -> None:
    several = np.array([0xFFFFFF, 0x1A7F37, 0xFFFFFF, 0xCF222E], np.uint32)
    entries, places = palette([Band(several, np.array([90, 1, 90, 2], np.uint32)), Band(several[:1], np.array([7]))])
    assert entries[places[0]].tolist() == [[255, 255, 255], [0x1A, 0x7F, 0x37], [255, 255, 255], [0xCF, 0x22, 0x2E]]
    assert entries[places[1]].tolist() == [[255, 255, 255]]


def test_bands_make_one_picture(monkeypatch: pytest.MonkeyPatch) -> None:
    whole = decoded(drawn(FILE, width=871))
    monkeypatch.setattr(app.draw.png, "BAND", 871 * 50)
    assert (decoded(drawn(FILE, width=871)) == whole).all()


def test_threads_draw_the_same() -> None:
    with ThreadPoolExecutor(4) as pool:
        assert len(set(pool.map(lambda _: drawn(FILE, scale=0.5), range(12)))) == 1
