"""The command line, as someone at a terminal uses it."""

import subprocess
import sys
from pathlib import Path

import pytest

COMMAND = str(Path(sys.executable).with_name("gradwire"))


def run(*arguments: str, given: str = "", status: int = 0) -> tuple[str, str]:
    """What the command says on both streams."""
    done = subprocess.run([COMMAND, *arguments], input=given.encode(), capture_output=True, timeout=120, check=False)
    assert done.returncode == status, done.stderr.decode()
    return done.stdout.decode("utf-8", "replace"), done.stderr.decode()


def test_a_table_of_values_and_gradients() -> None:
    table, _ = run("eval", "x*y + max(z, w) + x*y", "--set", "x=3", "--set", "y=-4", "-s", "z=2", "-s", "w=-1")
    rows = [line.split() for line in table.splitlines()]
    assert rows[0] == ["node", "operator", "value", "gradient"]
    assert ["x", "input", "3", "-8"] in rows
    assert ["maximum", "2", "1"] in rows


def test_a_program_may_be_a_file_or_come_in(tmp_path: Path) -> None:
    file = tmp_path / "program.gw"
    file.write_text("W = [[1, 2], [3, 4]]\nsum(W @ x)", "utf-8")
    assert "matmul" in run("eval", str(file), "--set", "x=[1, 1]")[0]
    assert "matmul" in run("eval", "-", "--set", "x=[1, 1]", given=file.read_text("utf-8"))[0]


def test_what_is_not_certain_is_said_beside_the_table() -> None:
    assert "value.tie" in run("eval", "max(x, y)")[1]
    assert "value.assumed" in run("eval", "x*y")[1]


def test_pictures(tmp_path: Path) -> None:
    run("draw", "x*y + max(z,w)", "-o", str(tmp_path / "circuit.svg"), "--set", "x=3", "--theme", "dark")
    assert (tmp_path / "circuit.svg").read_text("utf-8").startswith("<svg")
    run("draw", "x*y", "-o", str(tmp_path / "circuit.png"), "--width", "200")
    assert (tmp_path / "circuit.png").read_bytes()[16:20] == (200).to_bytes(4, "big")
    assert run("draw", "x*y")[0].startswith("<svg")
    assert "not .gif" in run("draw", "x*y", "-o", "circuit.gif", status=1)[1]


def test_exports() -> None:
    assert run("export", "dot", "x*y")[0].startswith("digraph")
    assert '"nodes":[' in run("export", "json", "x*y")[0]
    assert "there is no format exe" in run("export", "exe", "x*y", status=1)[1]


@pytest.mark.parametrize("command", [("eval",), ("draw",), ("export", "dot")])
def test_a_mistake_has_its_place_and_a_hint(command: tuple[str, ...]) -> None:
    _, said = run(*command, "y = 2x", status=1)
    assert "1:5: syntax.missing-operator" in said
    assert "2*x" in said


def test_a_setting_that_is_none() -> None:
    assert "NAME=VALUE" in run("eval", "x", "--set", "x", status=1)[1]
    assert "type.number" in run("eval", "x", "--set", "x=three", status=1)[1]


def test_help_answers_without_what_computes() -> None:
    code = "import sys; from app.cli import app; app.help_print([]); print(*{'numpy', 'fastapi'} & sys.modules.keys())"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip().endswith("╯")
