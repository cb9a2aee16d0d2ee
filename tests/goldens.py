"""Kept pictures and numbers: a missing one is written, and fails in CI; a changed one is written beside the old.

To accept a change, look at it, then run the test once with GOLDEN=accept.
"""

import os
from pathlib import Path

import pytest

FOLDER = Path(__file__).parent / "golden"


def hold(name: str, contents: str) -> None:
    """Fails where `contents` are not those that tests/golden/`name` keeps."""
    kept = FOLDER / name
    beside = kept.with_name(f"{kept.stem}.new{kept.suffix}")
    if not kept.exists():
        kept.parent.mkdir(exist_ok=True)
        kept.write_text(contents, encoding="utf-8")
        if os.environ.get("CI"):
            pytest.fail(f"{name} was missing: it is written, look at it and commit it")
        return
    if os.environ.get("GOLDEN") == "accept":
        kept.write_text(contents, encoding="utf-8")
    if kept.read_text(encoding="utf-8") == contents:
        beside.unlink(missing_ok=True)
        return
    beside.write_text(contents, encoding="utf-8")
    pytest.fail(f"{name} has changed: look at {beside.name} beside it")
