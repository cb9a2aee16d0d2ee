"""The package as a notebook uses it."""

import html
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import gradwire
from app.diagnostics import ProgramError
from tests.gradwire.micrograd_value import Value


def test_it_imports_nothing_heavy() -> None:
    code = "import sys, gradwire; print([m for m in ('app', 'numpy', 'torch', 'jax', 'pydantic') if m in sys.modules])"
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert ran.stdout.strip() == "[]"


def test_a_circuit_has_its_value_and_its_gradients() -> None:
    found = gradwire.graph("x*y + max(z, w)", x=3, y=-4, z=2, w=-1)
    assert found.value == -10.0
    assert found.grads == {"x": -4.0, "y": 3.0, "z": 1.0, "w": 0.0}
    assert found.warnings == ()
    assert repr(found) == "<Circuit of 7 nodes: x, y, z, w>"


def test_arrays_go_in_and_come_out() -> None:
    found = gradwire.graph("sum(W @ x)", W=np.array([[1.0, 2.0], [3.0, 4.0]]), x=[1, -1])
    assert found.value == -2.0
    np.testing.assert_array_equal(found.grads["x"], [4.0, 6.0])


def test_options_are_those_of_the_api() -> None:
    assert gradwire.graph("x*x", {"x": 3}, options={"seed": 2}).grads == {"x": 12.0}
    assert gradwire.graph("q = x*x\nq + 1", {"x": 3}, options={"output": "q"}).value == 9.0


def test_a_circuit_is_an_answer_of_the_api() -> None:
    answer = gradwire.graph("x*x", x=3).to_json()
    assert answer["nodes"][0]["id"] == "x"
    assert {"bounds", "edges", "groups", "output"} <= set(answer)


def test_a_circuit_is_written_in_every_format() -> None:
    found = gradwire.graph("x*x", x=3)
    assert "x = torch.tensor(3.0, requires_grad=True)" in str(found.export("pytorch"))
    assert found.export("png")[:4] == b"\x89PNG"
    assert str(found.export("json")).startswith("{")
    with pytest.raises(ValueError, match="no format 'docx'; there are csv"):
        found.export("docx")


def test_a_wrong_program_says_what_is_wrong() -> None:
    with pytest.raises(ProgramError, match=r"syntax\.caret"):
        gradwire.graph("x^2", x=3)


def test_a_notebook_shows_the_picture_live_in_a_frame_without_an_origin() -> None:
    picture = gradwire.draw("x*x  # </iframe>", x=3)
    assert picture._repr_svg_().startswith("<svg ")
    shown = picture._repr_html_()
    assert shown.startswith('<iframe srcdoc="')
    assert 'sandbox="allow-scripts"' in shown
    assert shown.count("<") == 2
    assert html.unescape(shown.split('"')[1]) == picture.html
    assert picture.height > 40
    assert f"height:{picture.height + picture.room}px" in shown


def test_the_frame_has_room_for_sliders_lines_and_rows() -> None:
    small, more = gradwire.draw("x*x", x=3), gradwire.draw("q = x*y\nq*z", x=3, y=2, z=1)
    assert more.room - small.room == 24 + 38 + 2 * 34
    assert gradwire.draw("sum(x)", x=[1, 2]).room == small.room - 38
    assert gradwire.draw(" + ".join(f"x{i}" for i in range(60))).room == 700


def test_a_picture_is_saved_as_it_is_called(tmp_path: Path) -> None:
    picture = gradwire.draw("x*x", x=3)
    assert picture.save(tmp_path / "c.svg").read_text("utf-8") == picture.svg
    assert picture.save(tmp_path / "c.html").read_text("utf-8").startswith("<!DOCTYPE html>")


def test_a_graph_with_its_own_numbers_is_drawn() -> None:
    picture = gradwire.draw({
        "nodes": [{"id": "a", "value": 2, "grad": 3}, {"id": "b", "label": "f", "value": 4, "grad": 1}],
        "edges": [{"source": "a", "target": "b", "grad": 3}],
    })  # fmt: skip
    assert 'data-node="a"' in picture.svg
    with pytest.raises(ProgramError, match=r"drawn\.unknown"):
        gradwire.draw({"nodes": [{"id": "a"}], "edges": [{"source": "a", "target": "c"}]})
    with pytest.raises(ProgramError, match=r"drawn\.cycle"):
        gradwire.draw(
            {
                "nodes": [{"id": "a"}, {"id": "b"}],
                "edges": [{"source": "a", "target": "b"}, {"source": "b", "target": "a"}],
            }
        )


def test_show_takes_a_text_and_a_value_of_micrograd() -> None:
    assert 'data-node="x"' in gradwire.show("x*y", x=2, y=3).svg
    x, y = Value(2.0, label="x"), Value(3.0, label="y")
    out = (x * y).tanh()
    out.backward()
    assert "tanh" in gradwire.show(out).svg
