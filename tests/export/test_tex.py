"""LaTeX sets what is written for it: the gallery, as circuits and as equations, and names that look like commands."""

import shutil
import subprocess
from pathlib import Path

import pypdfium2
import pytest

import gradwire
from app.export.tikz import write
from app.work.gallery import examples
from tests.export.test_text import HOSTILE, named

BEGIN, END = "\\begin{document}\n", "\\end{document}"

pytestmark = pytest.mark.skipif(shutil.which("pdflatex") is None, reason="TeX is not installed (scripts/debian)")


def pages(documents: list[str], folder: Path) -> int:
    """How many pages they fill, set as one document: their preambles are one and the same. Fails at the first error."""
    (preamble,) = {text.split(BEGIN)[0] for text in documents}
    bodies = [text.split(BEGIN)[1].split(END)[0] for text in documents]
    (folder / "all.tex").write_text("".join([preamble, BEGIN, *bodies, END]), encoding="utf-8")
    command = ["pdflatex", "-interaction=nonstopmode", "-halt-on-error", "-no-shell-escape", "all.tex"]
    ran = subprocess.run(command, cwd=folder, capture_output=True, text=True, errors="replace", check=False)
    assert ran.returncode == 0, ran.stdout[-2000:]
    assert "Missing character" not in (folder / "all.log").read_text(encoding="utf-8", errors="replace")
    with pypdfium2.PdfDocument(folder / "all.pdf") as document:
        return len(document)


def test_each_circuit_of_the_gallery_is_a_page(tmp_path: Path) -> None:
    documents = [gradwire.graph(it.source, **it.inputs).export("tikz") for it in examples()]
    assert pages(documents, tmp_path) == len(documents) > 40


def test_the_equations_of_the_gallery_are_set(tmp_path: Path) -> None:
    documents = [gradwire.graph(it.source, **it.inputs).export("latex") for it in examples()]
    assert pages(documents, tmp_path) > len(documents) / 2


def test_a_name_that_tries_to_be_a_command_is_a_name(tmp_path: Path) -> None:
    names = [name for name in HOSTILE if name.isascii()] + ["\\input{all}", "\\csname x", "^^5cend"]
    assert pages([write(named(name)) for name in names], tmp_path) == len(names)
