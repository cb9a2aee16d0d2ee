"""The raster picture: its size, its limits, and the state that it carries."""

import struct

import pytest

from app.diagnostics import ProgramError
from app.draw.png import png, size, text_of
from app.draw.scene import scene
from app.draw.svg import svg
from app.draw.theme import theme
from app.limits import Limits
from tests.draw.circuits import seed

AUTO = theme("auto")
FILE = svg(scene(*seed(), theme=AUTO), AUTO)


def dimensions(picture: bytes) -> tuple[int, int]:
    assert picture.startswith(b"\x89PNG\r\n\x1a\n")
    across, down = struct.unpack(">II", picture[16:24])
    return across, down


def test_width_and_scale_decide_its_size() -> None:
    assert dimensions(png(FILE, limits=Limits(), width=435)) == (435, 156)
    assert dimensions(png(FILE, limits=Limits(), scale=0.5)) == (435, 156)
    assert size(FILE) == (1740, 624)


def test_it_carries_its_state() -> None:
    picture = png(FILE, limits=Limits(), scale=0.2, source='{"source":"x*y − 名"}')
    assert text_of(picture) == '{"source":"x*y − 名"}'
    assert text_of(png(FILE, limits=Limits(), scale=0.2)) is None


def test_a_large_circuit_is_drawn_at_its_own_size() -> None:
    def sized(width: int, height: int) -> tuple[int, int]:
        return size(f'<svg width="{width}" height="{height}">')

    assert sized(2000, 1000) == (4000, 2000)
    assert sized(2000, 1001) == (2000, 1001)


@pytest.mark.parametrize(("scale", "width"), [(20.0, None), (None, 16_385), (18.0, None), (1e9, None)])
def test_a_picture_over_a_limit_is_refused(scale: float | None, width: int | None) -> None:
    with pytest.raises(ProgramError) as refused:
        png(FILE, limits=Limits(), scale=scale, width=width)
    assert [it.code for it in refused.value.diagnostics] == ["limit.picture"]


def test_text_needs_no_font_of_the_system() -> None:
    with_text = png(FILE, limits=Limits(), width=300)
    without = png(FILE.replace("<text", "<g").replace("</text>", "</g>"), limits=Limits(), width=300)
    assert with_text != without
