"""The generated widths against the shipped fonts, and against what other fonts will show."""

import pytest
from fontTools.ttLib import TTFont

from app.files import FONTS
from app.layout.metrics import text_width


def test_every_character_of_the_font_has_its_advance() -> None:
    with TTFont(FONTS / "dejavu-sans.ttf") as font:
        units, advances, names = font["head"].unitsPerEm, font["hmtx"].metrics, font.getBestCmap()
        assert {chr(code): advances[glyph][0] for code, glyph in names.items()} == {
            chr(code): text_width(chr(code), units) for code in names
        }


@pytest.mark.parametrize("name", ["dejavu-sans", "dejavu-sans-oblique"])
def test_the_font_moves_no_letter_towards_another(name: str) -> None:
    with TTFont(FONTS / f"{name}.ttf") as font:
        features = {record.FeatureTag for record in font["GPOS"].table.FeatureList.FeatureRecord}
        assert "kern" not in font
        assert features <= {"mark", "mkmk"}


def test_every_sign_of_a_circuit_is_in_every_face() -> None:
    signs = set("σ∂→√Σ∞−×÷≤≥≠·…∑∏∇αβγδεθλμωϕ⊤")
    for name in ["dejavu-sans.ttf", "dejavu-sans-core.woff2", "dejavu-sans-oblique.ttf"]:
        with TTFont(FONTS / name) as font:
            assert signs <= set(map(chr, font.getBestCmap()))


def test_all_digits_are_equally_wide() -> None:
    assert {text_width(digit, 2048) for digit in "0123456789"} == {1303}


def test_a_number_of_seven_characters_at_16_px() -> None:
    assert text_width("−0.3932", 16) == pytest.approx((1716 + 5 * 1303 + 651) / 2048 * 16)


@pytest.mark.parametrize(("text", "em"), [("", 0), ("漢字", 2), ("\u0301\u0483", 0), ("ก", 0.86)])
def test_what_the_font_lacks_is_estimated(text: str, em: float) -> None:
    assert text_width(text, 1) == pytest.approx(em)
