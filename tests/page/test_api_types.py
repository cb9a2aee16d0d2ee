"""The page's types of the API's answers against the API's own description."""

from scripts.api_types import TYPES, api_types


def test_the_types_of_the_page_are_those_of_the_api() -> None:
    assert TYPES.read_text() == api_types(), "run `.venv/bin/python scripts/api_types.py`"
