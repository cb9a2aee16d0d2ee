"""The text formats: well-formed whatever the names, and every number in them."""

import csv
import io
import re
import shutil
import subprocess
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import structs

from app.draw.latex import escaped
from app.draw.png import text_of
from app.export import Format, Subject, formats
from app.export.csv import COLUMNS, cell
from app.export.dot import quoted as dot_quoted
from app.export.mermaid import quoted as mermaid_quoted
from app.graph.view import ViewGroup
from app.limits import Limits
from app.ops.catalogue import CATALOGUE
from tests.draw.circuits import Circuit, bus, seed

MINE = ("csv", "dot", "mermaid", "png", "svg", "tikz")
HOSTILE = [
    'a"b',
    "a\\",
    "\\N",
    "&lt;<b>&",
    "a\nb",
    "名前",
    "};",
    "]]",
    "'",
    "`$(x)`",
    "%#{}_^~",
    "=1+1",
    "\u202e",
    "",
    "end",
]


def subject(circuit: Circuit, **more: str) -> Subject:
    return Subject(
        view=circuit.view, figures=circuit.figures, layout=lambda: circuit.layout, limits=Limits(), title="T", **more
    )  # type: ignore[arg-type]


def named(name: str) -> Subject:
    circuit = seed()
    nodes = tuple(
        structs.replace(it, label=name, names=(name,)) if it.id in ("x", "zw") else it for it in circuit.view.nodes
    )
    nodes = tuple(structs.replace(it, group="g") if it.id == "zw" else it for it in nodes)
    group = ViewGroup(id="g", label=name, parent=None, collapsed=False)
    return subject(circuit._replace(view=replace(circuit.view, nodes=nodes, groups=(group,))))


def written(name: str, given_subject: Subject) -> str:
    text = formats()[name].write(given_subject)
    assert isinstance(text, str)
    return text


def test_the_folder_is_the_list_of_formats() -> None:
    assert set(MINE) <= set(formats())
    assert all(isinstance(it, Format) and it.name == name for name, it in formats().items())


@pytest.mark.parametrize("name", MINE)
@pytest.mark.parametrize("circuit", [seed, bus], ids=["seed", "bus"])
def test_each_format_writes_a_circuit(name: str, circuit: object) -> None:
    assert callable(circuit)
    assert formats()[name].write(subject(circuit()))


def test_a_png_carries_the_state() -> None:
    picture = formats()["png"].write(subject(seed(), state='{"v":1}'))
    assert isinstance(picture, bytes)
    assert text_of(picture) == '{"v":1}'


def test_dot_has_a_node_and_an_edge_a_line() -> None:
    text = written("dot", subject(seed()))
    assert '  "x" [label="x", shape=box, style=rounded, fontname="DejaVu Sans Oblique"];' in text
    line = '  "x" -> "xy" [label=<<font color="#1a7f37">3</font><br/><font color="#cf222e">−16</font>>];'
    assert line in text.splitlines()


@pytest.mark.skipif(shutil.which("dot") is None, reason="Graphviz is not installed")
@pytest.mark.parametrize("name", HOSTILE)
def test_graphviz_reads_any_name(name: str) -> None:
    text = written("dot", named(name))
    ran = subprocess.run(["dot", "-Tdot_json"], input=text.encode(), capture_output=True, check=True)
    assert ran.stderr == b""
    shown = re.findall(r'"_draw_|"label": "(.*)"', ran.stdout.decode())
    assert len(shown) > 0


@given(st.text())
def test_a_dot_string_ends_where_it_should(text: str) -> None:
    assert re.fullmatch(r'"(?:[^"\\\n]|\\.)*"', dot_quoted(text))


@given(st.text())
def test_nothing_in_a_mermaid_string_is_markup(text: str) -> None:
    assert re.fullmatch(r'"(?:[A-Za-z0-9 .,]|[^\x00-\x7f]|#\d+;)*"', mermaid_quoted(text))


def test_mermaid_is_a_flowchart() -> None:
    lines = written("mermaid", subject(seed())).splitlines()
    assert lines[:2] == ["flowchart LR", '  n0("x")']
    assert '  n0 -->|"3<br/>← −16"| n4' in lines
    assert '  n8["2"]' in lines
    assert '  n8 -->|"2"| n9' in lines


@given(st.text())
def test_nothing_in_latex_is_a_command(text: str) -> None:
    known = r"\\(?:text[a-z]+\{\}|ldots\{\}|ensuremath\{(?:\\[A-Za-z]+|[-+=<>|']|[_^][-0-9n])\}|[{}$&#%_])"
    assert re.search(r"[\\{}$&#%_^~\n]", re.sub(known, "", escaped(text))) is None


def test_any_latex_sets_every_sign_of_an_operator() -> None:
    """pdflatex knows no letters beyond those of its own commands."""
    assert [op.name for op in CATALOGUE.values() if not escaped(op.sign).isascii()] == []


def test_tikz_has_every_number_and_balanced_braces() -> None:
    text = written("tikz", subject(seed()))
    assert r"\node[grad] at (122.00,86.00) {\ensuremath{-}16};" in text
    assert r"2 \ensuremath{+} 2 \ensuremath{=} 4" in text
    assert text.count("{") == text.count("}")
    assert text.count("[") == text.count("]")


def test_csv_reads_back() -> None:
    circuit = seed()
    rows = list(csv.DictReader(io.StringIO(written("csv", subject(circuit)), newline="")))
    assert tuple(rows[0]) == COLUMNS
    assert len(rows) == len(circuit.view.nodes) + len(circuit.view.edges)
    grads = {row["id"]: row["grad"] for row in rows}
    assert (grads["x"], grads["xy"], grads["two"], grads["xy>a"]) == ("-16", "4", "", "2")


@given(st.text())
def test_a_cell_is_one_cell(text: str) -> None:
    (row,) = csv.reader(io.StringIO(f"{cell(text)},end\r\n", newline=""), strict=True)
    assert row[1:] == ["end"]
    assert row[0].removeprefix("'") == text.replace("\0", "").removeprefix("'")


@pytest.mark.parametrize("text", ["=1+1", "@SUM(A1)", "+x", "-x"])
def test_no_cell_is_a_formula(text: str) -> None:
    assert cell(text) == f"'{text}"
    assert cell("+") == "+"


@pytest.mark.parametrize("name", HOSTILE)
@pytest.mark.parametrize("format_", MINE)
def test_each_format_takes_any_name(format_: str, name: str) -> None:
    assert formats()[format_].write(named(name))


def test_the_output_ends_in_a_point_of_its_own_name() -> None:
    circuit = seed()
    nodes = tuple(structs.replace(it, id="end") if it.id == "w" else it for it in circuit.view.nodes)
    assert '"out" -> "end" [' in written("dot", subject(circuit))
    edges = tuple(it for it in circuit.view.edges if it.source != "w")
    taken = circuit._replace(view=replace(circuit.view, nodes=nodes, edges=edges))
    assert '"out" -> "end\'" [' in written("dot", subject(taken))
