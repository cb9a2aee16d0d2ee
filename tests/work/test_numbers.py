"""How an answer says numbers."""

import numpy as np
import pytest

from app.ops.algebra import Value
from app.work.numbers import Speech, plain_numbers


@pytest.mark.parametrize(
    ("values", "plain"),
    [
        ([1.0, None, -2.5], True),
        ([0.0, None], True),
        ([], True),
        ([1.0, float("nan")], False),
        ([float("inf"), float("-inf"), 1.0], False),
        ([1.0, np.ones(1)], False),
    ],
)
def test_plain_numbers_are_finite_floats(values: list[Value | None], plain: bool) -> None:
    assert plain_numbers(values) is plain


def test_many_values_are_said_as_each_alone() -> None:
    values: dict[str, Value | None] = {"a": 1.5, "b": None, "c": float("inf"), "d": 1e308, "e": 1e308}
    said = Speech().each(values)
    assert said == {"a": 1.5, "b": None, "c": "Infinity", "d": 1e308, "e": 1e308}
    assert Speech().each({"d": 1e308, "e": 1e308}) == {"d": 1e308, "e": 1e308}


def test_float32_is_said_by_its_own_digits() -> None:
    assert Speech("float32").each({"a": float(np.float32(0.1))}) == {"a": 0.1}
