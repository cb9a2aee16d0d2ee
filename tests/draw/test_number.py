"""Numbers as text, by the tables that the page's tests read too."""

import json
import math
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.draw.number import exact_text, number_size, number_text, sum_text
from app.layout.metrics import UNITS_PER_EM, text_width

CASES = Path(__file__).parent.parent / "cases"
TEXTS = json.loads((CASES / "number.json").read_text(encoding="utf-8"))
SIZES = json.loads((CASES / "number_size.json").read_text(encoding="utf-8"))


@pytest.mark.parametrize(("x", "text", "exact"), TEXTS)
def test_a_number_has_the_text_of_the_table(x: float | str, text: str, exact: str) -> None:
    assert number_text(float(x)) == text
    assert exact_text(float(x)) == exact


@pytest.mark.parametrize(("text", "room", "size", "fitting"), SIZES["sizes"])
def test_a_long_number_is_set_smaller(text: str, room: float, size: float, fitting: float) -> None:
    assert number_size(text, room, size) == fitting


@pytest.mark.parametrize(
    ("parts", "total", "room", "size", "beside", "said", "lines"), [(*row, 1)[:7] for row in SIZES["sums"]]
)
def test_a_sum_is_set_as_the_table_says(
    parts: list[float | str],
    total: float | str,
    room: float,
    size: float,
    beside: float,
    said: list[object],
    lines: int,
) -> None:
    assert list(sum_text([float(part) for part in parts], float(total), room, size, beside, lines)) == said


@pytest.mark.parametrize(("parts", "total", "room", "size", "beside", "said", "lines"), SIZES["norms"])
def test_norms_are_listed_as_the_table_says(
    parts: list[float | str],
    total: float | str,
    room: float,
    size: float,
    beside: float,
    said: list[object],
    lines: int,
) -> None:
    set_ = sum_text([float(part) for part in parts], float(total), room, size, beside, lines, norms=True)
    assert list(set_) == said


def test_the_advances_of_the_table_are_the_fonts() -> None:
    assert {c: text_width(c, UNITS_PER_EM) for c in SIZES["advances"]} == SIZES["advances"]


@given(st.floats())
def test_the_exact_text_reads_back(x: float) -> None:
    back = float(exact_text(x))
    assert (math.isnan(x) and math.isnan(back)) or (back == x and math.copysign(1, back) == math.copysign(1, x))


@given(st.floats(min_value=-1e300, max_value=1e300))
def test_the_text_is_within_half_a_unit_of_the_fourth_digit(x: float) -> None:
    text = number_text(x)
    assert float(text.replace("−", "-")) == pytest.approx(x, rel=5.0001e-4, abs=1e-323)
    assert len(text.lstrip("−").replace(".", "").split("e")[0].lstrip("0").rstrip("0")) <= 4


@given(st.floats(min_value=1e-3, max_value=1e5), st.booleans())
def test_ordinary_numbers_take_at_most_eight_characters(x: float, negative: bool) -> None:
    assert len(number_text(-x if negative else x)) <= 9
    assert len(number_text(x)) <= 8
