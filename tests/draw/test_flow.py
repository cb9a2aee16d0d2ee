"""A wire by the size of its gradient, over the cases that the page is held to as well."""

import json
from pathlib import Path

import pytest

from app.draw.marks.wire import by_gradient

CASES = json.loads((Path(__file__).parents[1] / "cases" / "flow.json").read_text("utf-8"))


@pytest.mark.parametrize(("size", "width", "opacity"), CASES)
def test_a_wire_is_as_wide_and_as_strong_as_its_gradient_is_large(
    size: str | float, width: float, opacity: float
) -> None:
    stroke = by_gradient(None if size == "none" else float(size))
    assert (stroke.width, stroke.opacity) == (width, opacity)
