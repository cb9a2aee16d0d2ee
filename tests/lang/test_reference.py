"""Programs with known numbers: of the question, of the courses, of PyTorch, and snippets run in their own
frameworks."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from app.autodiff.reverse import trace
from tests.lang.programs import numbers, program

FOLDER = Path(__file__).parent.parent / "reference"


def cases(name: str) -> list[Any]:
    found = json.loads((FOLDER / f"{name}.json").read_text("utf-8"))["cases"]
    return [pytest.param(case, id=case["name"]) for case in found]


def close(got: Any, wanted: Any, tolerance: float) -> bool:
    return bool(np.allclose(got, np.array(wanted, dtype=float), rtol=tolerance, atol=tolerance, equal_nan=True))


def holds(case: dict[str, Any], source: str, inputs: dict[str, Any], tolerance: float) -> None:
    made = program(source, inputs)
    if "seed" in case:
        found = trace(made.graph, made.values(), made.output, case["seed"])
        value = found.values[made.output]
        grads = {i.name: found.cotangents[i.node] for i in made.inputs}
    else:
        value, grads = numbers(made)
    assert close(value, case["value"], tolerance)
    for name, wanted in {**case["grads"], **case.get("nodes", {})}.items():
        assert close(grads[name], wanted, tolerance), name


@pytest.mark.parametrize("case", cases("seed"))
def test_figures_of_the_question(case: dict[str, Any]) -> None:
    holds(case, case["source"], case["inputs"], 1e-12)


@pytest.mark.parametrize("case", cases("published"))
def test_examples_of_the_courses(case: dict[str, Any]) -> None:
    holds(case, case["source"], case["inputs"], 1e-12)


@pytest.mark.parametrize("case", cases("torch"))
def test_programs_run_with_pytorch(case: dict[str, Any]) -> None:
    holds(case, case["source"], case["inputs"], 1e-9)


@pytest.mark.parametrize("case", cases("snippets"))
def test_pasted_snippets(case: dict[str, Any]) -> None:
    holds(case, case["source"], case["inputs"], 2e-6)
    holds(case, case["equivalent"], case["equivalent_inputs"], 2e-6)


@pytest.mark.parametrize("case", cases("answers"))
def test_nodes_names_and_places_of_whole_answers(case: dict[str, Any]) -> None:
    request, answer = case["request"], case["answer"]
    made = program(request["source"], request["inputs"])
    closed = set(request.get("collapse", []))
    shown = [i for i in range(len(made.graph)) if made.groups_of[i] not in closed]
    wanted = [n for n in answer["nodes"] if n["kind"] != "group"]
    assert len(shown) == len(wanted)
    for index, node in zip(shown, wanted, strict=True):
        assert made.graph.operators[index].name == node["op"]
        assert list(made.names[index]) == node["names"]
        assert list(made.graph.shapes[index]) == node["shape"]
        assert made.groups_of[index] == node["group"]
        spans = [
            {"line": s.line, "column": s.column, "end_line": s.end_line, "end_column": s.end_column}
            for s in made.spans[index]
        ]
        assert spans == node["spans"]
    assert [(i.name, i.assumed) for i in made.inputs] == [(i["name"], i["assumed"]) for i in answer["inputs"]]
    assert [g.id for g in made.groups] == [g["id"] for g in answer["groups"]]


def test_autograds_elementwise_gradient_sums() -> None:
    source = (
        "import autograd.numpy as np\nfrom autograd import elementwise_grad as egrad\n"
        "def tanh(x):\n    return (1.0 - np.exp(-2*x)) / (1.0 + np.exp(-2*x))\n"
        "x = np.linspace(-1, 1, 3)\nplt.plot(x, tanh(x), x, egrad(tanh)(x))"
    )
    _, grads = numbers(program(source))
    np.testing.assert_allclose(grads["x"], 1 - np.tanh([-1, 0, 1]) ** 2)
