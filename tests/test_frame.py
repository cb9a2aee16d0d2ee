"""What holds of the pins, the built page and the floors, whatever stands on them."""

import json
import re
import tomllib
from pathlib import Path

import brotli
import pytest

from app.files import DIST, FONTS, TEMPLATES

ROOT = Path(__file__).parent.parent
LOCKS = sorted(ROOT.glob("requirements*.lock"))


def test_a_lock_file_sends_nobody_to_one_registry() -> None:
    assert [path.name for path in LOCKS if "://" in path.read_text()] == []
    assert '"resolved"' not in (ROOT / "package-lock.json").read_text()


@pytest.mark.parametrize("path", LOCKS, ids=lambda path: path.name)
def test_every_requirement_is_exact_and_hashed(path: Path) -> None:
    requirements = re.sub(r" \\\n\s+", " ", path.read_text()).splitlines()
    pins = [line for line in requirements if line and not line.lstrip().startswith("#")]
    assert pins
    assert [pin for pin in pins if not re.match(r"[\w.-]+==\S+ .*--hash=sha256:[0-9a-f]{64}", pin)] == []


def test_every_package_of_the_page_is_hashed() -> None:
    packages = json.loads((ROOT / "package-lock.json").read_text())["packages"]
    assert [name for name, package in packages.items() if name and "integrity" not in package] == []


def test_the_manifest_names_files_that_stand_and_that_may_be_cached_for_ever() -> None:
    manifest = json.loads((DIST / "manifest.json").read_text())
    assert "katex/katex.min.css" in manifest
    for file in manifest.values():
        assert (DIST / file).is_file()
        assert re.search(r"-[A-Z0-9]{8}\.\w+$|^vendor/[a-z-]+-\d+\.\d+\.\d+/", file)


def test_the_page_is_light_before_its_mathematics() -> None:
    manifest = json.loads((DIST / "manifest.json").read_text())
    files = {manifest["page.js"], manifest["page.css"]}
    todo = list(files)
    while todo:
        imported = re.findall(r"""(?:from|import)\s*["']\./([\w-]+\.js)["']""", (DIST / todo.pop()).read_text())
        todo += set(imported) - files
        files.update(imported)
    assert sum(len(brotli.compress((DIST / file).read_bytes())) for file in files) < 300_000


def test_what_ships_beside_the_code_is_found() -> None:
    assert (FONTS / "dejavu-sans.ttf").is_file()
    assert TEMPLATES.is_dir()


def test_the_project_asks_for_no_framework() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    assert {"torch", "jax", "tensorflow"}.isdisjoint(re.split(r"\W", " ".join(project["dependencies"])))
