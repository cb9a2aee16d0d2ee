"""Calls of operators whose arguments decide which one is meant."""

import math

import pytest

from tests.lang.programs import errors, program, value

SOFT = [
    "x = [[2, 1, 0]]\np = [[0.5, 0.5, 0]]\ncross_entropy(x, p)",
    "x = [[2, 1, 0]]\ncross_entropy(x, [[0.5, 0.5, 0.0]])",
    "x = [[2, 1, 0]]\np = [[1, 1, 0]]\ncross_entropy(x, target=p/2, reduction='sum')",
    (
        "import torch\nimport torch.nn as nn\nx = torch.tensor([[2., 1., 0.]], requires_grad=True)\n"
        "p = torch.tensor([[0.5, 0.5, 0.]])\noutput = nn.CrossEntropyLoss()(x, p)\noutput.backward()"
    ),
]


@pytest.mark.parametrize("source", SOFT)
def test_labels_of_the_shape_of_the_scores_are_probabilities(source: str) -> None:
    expected = math.log(math.e**2 + math.e + 1) - 1.5
    assert value(source) == pytest.approx(expected)


def test_labels_of_one_axis_less_are_classes() -> None:
    expected = math.log(math.e**2 + math.e + 1) - 1
    assert value("x = [[2, 1, 0]]\nt = [1]\ncross_entropy(x, t)") == pytest.approx(expected)
    assert [p.name for p in program("x = [2, 1, 0]\nt = 1\ncross_entropy(x, t)").parameters] == ["t"]


def test_classes_whose_rows_differ_are_said() -> None:
    (error,) = errors("x = [[2, 1], [3, 4]]\ncross_entropy(x, [[1], [1, 2]])")
    assert error.code == "shape.mismatch"
