"""The page that a PNG is made of: its glyphs, and where they stand."""

import io

import pytest
from fontTools.ttLib import TTFont

from app.draw.mark import Mark, Scene
from app.draw.pdf import BOX, FACES, MISSING, Run, character_map, faces, pdf, shaped
from app.files import FONTS
from app.layout.metrics import text_width


@pytest.mark.parametrize("file", FACES)
def test_the_character_map_is_the_fonts_own(file: str) -> None:
    contents = (FONTS / file).read_bytes()
    font = TTFont(io.BytesIO(contents))
    assert character_map(contents) == {code: font.getGlyphID(name) for code, name in font.getBestCmap().items()}


def test_a_name_is_oblique_where_the_oblique_has_its_letters() -> None:
    (oblique,) = shaped("αx", italic=True)
    (upright,) = shaped("Жx", italic=True)
    assert (oblique.face, oblique.glyphs) == (1, tuple(faces()[1].glyphs[ord(it)] for it in "αx"))
    assert (upright.face, upright.glyphs) == (0, tuple(faces()[0].glyphs[ord(it)] for it in "Жx"))


def test_a_row_is_as_wide_as_the_layout_takes_it() -> None:
    (row,) = shaped("−0.006067", italic=False)
    assert sum(row.advances) == pytest.approx(text_width("−0.006067", 1))


def test_an_accent_stands_on_the_middle_of_its_letter() -> None:
    accent = faces()[0].glyphs[0x302]
    letters, hat = sorted(shaped("ax\u0302", italic=False), key=lambda run: len(run.glyphs), reverse=True)
    assert letters.glyphs == tuple(faces()[0].glyphs[ord(it)] for it in "ax")
    assert hat == Run(0, (accent,), (0.0,), pytest.approx(text_width("ax", 1) - text_width("x", 1) / 2 + 0.25), 0.0)
    (high,) = [run for run in shaped("X\u0302", italic=False) if run.glyphs == (accent,)]
    assert high.y == pytest.approx(0.1821)
    assert len(shaped("e\u0301", italic=False)) == 1


def test_what_no_font_has_is_a_box_in_the_middle_of_its_room() -> None:
    a, box, b = shaped("a名b", italic=False)
    assert (box.glyphs, box.x) == ((MISSING,), pytest.approx(text_width("a", 1) + (1 - BOX) / 2))
    assert (a.x, b.x) == (pytest.approx(0), pytest.approx(text_width("a名", 1)))


def test_no_text_is_code() -> None:
    text = Mark("text", "it", {"x": 1, "y": 9, "font-size": 8}, text=") Tj ET Q >> endstream \\ <\n")
    page = Scene(marks=(text,), x=0, y=0, width=9, height=9, title="", description="")
    content = pdf(page, "#ffffff", 9, 9).split(b"stream")[1]
    assert b"endstream \\" not in content
    assert content.count(b"Tj") == 2  # what is in a row, and the box that stands for the line's end
