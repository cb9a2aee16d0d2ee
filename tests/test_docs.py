"""What is derived in docs/ is current, and what the README says works."""

import importlib.util
import re
import shlex
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).parent.parent
PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").rglob("*.md"))]


@pytest.fixture(scope="module")
def script() -> ModuleType:
    """scripts/docs.py, which is no package."""
    spec = importlib.util.spec_from_file_location("docs_script", ROOT / "scripts" / "docs.py")
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_what_is_derived_is_current(script: ModuleType) -> None:
    stale = [name for name, text in script.written().items() if (ROOT / "docs" / name).read_text("utf-8") != text]
    assert stale == [], "run `make docs`, and look at the pictures"


def test_the_reference_has_every_operator_once(script: ModuleType) -> None:
    from app.ops.catalogue import CATALOGUE

    named = re.findall(r"^\| `(\w+)\(", script.operators(), re.MULTILINE)
    assert sorted(named) == sorted(name for name, operator in CATALOGUE.items() if operator.family != "leaf")


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_a_page_links_to_what_is_there(page: Path) -> None:
    text = re.sub(r"```.*?```|`[^`\n]*`", "", page.read_text("utf-8"), flags=re.DOTALL)
    links = re.findall(r"\]\(([^)#\s]+)[^)]*\)|(?:src|srcset|href)=\"([^\"#]+)\"", text)
    local = [a or b for a, b in links if not re.match(r"\w+:", a or b)]
    assert [link for link in local if not (page.parent / link).exists()] == []


def test_the_commands_of_the_readme_run(tmp_path: Path) -> None:
    commands = re.findall(
        r"^(gradwire (?:draw|eval|export) .*)$", (ROOT / "README.md").read_text("utf-8"), re.MULTILINE
    )
    assert commands
    for command in commands:
        _, *arguments = shlex.split(command, comments=True)
        subprocess.run([Path(sys.executable).with_name("gradwire"), *arguments], cwd=tmp_path, check=True)


def test_the_notebook_of_the_readme_runs() -> None:
    cells = re.findall(r"```python\n(.*?)```", (ROOT / "README.md").read_text("utf-8"), re.DOTALL)
    assert cells
    for cell in cells:
        exec(cell, {})


def sections() -> dict[str, list[str]]:
    """The cells of docs/notebooks.md, by the library that they import first; all others under ""."""
    found: dict[str, list[str]] = {"": []}
    for cell in re.findall(r"```python\n(.*?)```", (ROOT / "docs" / "notebooks.md").read_text("utf-8"), re.DOTALL):
        library = re.match(r"(?:import|from) (torch|jax|autograd|micrograd)", cell)
        found.setdefault(library[1] if library else "", []).append(cell)
    return found


@pytest.mark.parametrize("library", [name for name in sections() if not name or importlib.util.find_spec(name)])
def test_each_cell_of_the_notebooks_page_runs(library: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    space: dict[str, object] = {}
    cells = sections()
    assert set(cells) == {"", "torch", "jax", "autograd", "micrograd"}
    for cell in ("import gradwire\nimport numpy as np", *cells[library]):
        exec(cell, space)
    assert library or {path.name for path in tmp_path.iterdir()} == {"circuit.svg", "circuit.html"}
