"""A page names the built files, so the server's cache forgets it when they are built anew."""

import os
from pathlib import Path

import pytest

import app.files
from app.edge.kept import Conditional
from app.work.cache import Cache


def key(path: str) -> object:
    """What the answer of a GET is kept by."""
    layer = Conditional(lambda *_: None, Cache(1_000))  # type: ignore[arg-type]
    return layer.key({"method": "GET", "path": path, "query_string": b"", "headers": [], "gradwire.body": b""})


def test_a_build_makes_pages_anew_and_leaves_answers(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(app.files, "DIST", tmp_path)
    page, answer = key("/"), key("/api/v1/graph")
    (tmp_path / "manifest.json").write_text("{}")
    assert key("/") != page
    assert key("/api/v1/graph") == answer
    before = key("/")
    os.utime(tmp_path / "manifest.json", ns=(1, 1))
    assert key("/") != before
