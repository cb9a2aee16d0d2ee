"""Contrast and the sheet."""

from itertools import product

import pytest

from app.draw.theme import COLOURS, PAINT, Colours, sheet, theme

ALL = [(palette, name, colours) for palette, both in COLOURS.items() for name, colours in both.items()]


def luminance(colour: str) -> float:
    """Relative luminance, WCAG 2.1."""
    channels = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    r, g, b = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels)
    return 0.2126 * r + 0.7152 * g + 0.0722 * b


def contrast(a: str, b: str) -> float:
    high, low = sorted((luminance(a), luminance(b)), reverse=True)
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize(("palette", "name", "colours"), ALL)
def test_texts_and_lines_stand_out(palette: str, name: str, colours: Colours) -> None:
    for ground, text in product(("paper", "tint", "leaf"), ("ink", "quiet", "value", "grad", "accent")):
        assert contrast(getattr(colours, ground), getattr(colours, text)) >= 4.5, (palette, name, ground, text)
    for ground, line in product(("paper", "tint"), ("line", "faint")):
        assert contrast(getattr(colours, ground), getattr(colours, line)) >= 3, (palette, name, ground, line)


def test_black_and_white_is_told_by_known_ratios() -> None:
    assert contrast("#000000", "#ffffff") == pytest.approx(21)


def test_auto_is_light_with_the_dark_beside_it() -> None:
    auto = theme("auto", "colour-blind")
    assert auto.paint("value") == {"class": "value", "fill": "#0072B2"}
    assert auto.dark is not None
    assert ".value{fill:#56B4E9}" in sheet(auto.dark)
    assert theme("light").dark is None


def test_of_two_classes_the_later_wins_in_attributes_and_sheet_alike() -> None:
    assert theme("light").paint("value", "given") == {"class": "value given", "fill": "#59636e"}
    kinds = list(PAINT)
    assert kinds.index("given") > kinds.index("value")
    assert kinds.index("inner") > kinds.index("tint")
