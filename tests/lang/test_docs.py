"""The examples of docs/language.md and docs/errors.md say what happens."""

import ast
import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from app.diagnostics import CODES, ProgramError
from tests.lang.programs import program, value

DOCS = Path(__file__).parents[2] / "docs"
EXAMPLES = re.findall(r"```python\n(.*?)```", (DOCS / "language.md").read_text("utf-8"), re.DOTALL)
ERRORS = re.findall(
    r"### `([^`]+)`\n\n[^\n]*\n\n```text\n(.*?)```(?:\n\nWhat works: `([^\n]*)`\n)?",
    (DOCS / "errors.md").read_text("utf-8"),
    re.DOTALL,
)


@pytest.mark.parametrize("source", EXAMPLES)
def test_an_example_gives_what_it_says(source: str) -> None:
    given = re.search(r"^# with (.*)$", source, re.MULTILINE)
    inputs: dict[str, Any] = {}
    for part in given[1].split("; ") if given else ():
        name, _, text = part.partition(" = ")
        inputs[name] = ast.literal_eval(text)
    wanted = re.search(r"^# gives (.*)$", source, re.MULTILINE)
    assert wanted
    assert np.allclose(value(source, inputs), ast.literal_eval(wanted[1]), atol=1e-6)


def said(source: str) -> list[Any]:
    try:
        made = program(source)
    except ProgramError as error:
        return list(error.diagnostics)
    return [*made.warnings, *made.notes]


@pytest.mark.parametrize(("code", "text", "hint"), ERRORS, ids=[e[0] for e in ERRORS])
def test_an_errors_entry_shows_what_is_said(code: str, text: str, hint: str) -> None:
    lines = text.rstrip("\n").split("\n")
    mark = next(i for i, line in enumerate(lines) if re.match(rf" *\^[ ^]*   {re.escape(code)}: ", line))
    source = "\n".join(lines[:mark] + lines[mark + 1 :])
    found = next(d for d in said(source) if d.code == code)
    assert lines[mark].split(": ", 1)[1] == found.message
    assert (found.hint or "") == hint
    underlined = [(m.start() + 1, m.end() + 1) for m in re.finditer(r"\^+", lines[mark].split(code)[0])]
    assert underlined[0][0] in {s.column for s in found.spans}
    assert found.spans[0].line == mark


def test_every_code_has_its_entry() -> None:
    assert set(re.findall(r"^### `([^`]+)`", (DOCS / "errors.md").read_text("utf-8"), re.MULTILINE)) == set(CODES)
