"""Modules of PyTorch with weights: its numbers where the weights are given, and what is said of them."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.lang.programs import errors, program, run

CASES = json.loads((Path(__file__).parents[1] / "cases" / "modules.json").read_text("utf-8"))["cases"]
HEAD = "import torch, torch.nn as nn\n"


def numbers(shape: tuple[int, ...]) -> list[Any]:
    return (((7 * np.arange(np.prod(shape))) % 11 - 5) / 10).reshape(shape).tolist()


@pytest.mark.parametrize("case", CASES, ids=[case["name"] for case in CASES])
def test_a_module_has_the_numbers_of_pytorch_where_its_weights_are_given(case: dict[str, Any]) -> None:
    found, grads = run(case["source"], {name: numbers(np.shape(grad)) for name, grad in case["grads"].items()})
    np.testing.assert_allclose(found, case["value"], rtol=1e-12, atol=1e-12)
    for name, wanted in case["grads"].items():
        np.testing.assert_allclose(grads[name], wanted, rtol=1e-10, atol=1e-12)


def weights(source: str) -> dict[str, Any]:
    return {i.name: i.value for i in program(HEAD + source).inputs}


def test_weights_are_the_same_each_time_and_within_the_range_of_pytorch() -> None:
    source = "fc = nn.Linear(100, 20)\nfc(torch.ones(100)).sum()"
    first, second = weights(source), weights(f"other = torch.ones(3)\n{source}")
    np.testing.assert_array_equal(first["fc.weight"], second["fc.weight"])
    assert 0.09 < np.max(np.abs(first["fc.weight"])) < 0.1
    assert 0.05 < np.max(np.abs(first["fc.bias"])) < 0.1


def test_scales_are_ones_and_shifts_zeros() -> None:
    found = weights("ln = nn.LayerNorm(2)\nln(torch.ones(2)).sum()")
    assert (found["ln.weight"].tolist(), found["ln.bias"].tolist()) == ([1, 1], [0, 0])


def test_it_is_said_that_weights_are_inputs() -> None:
    (note,) = program(HEAD + "fc = nn.Linear(2, 1)\nfc(torch.ones(2))").notes
    assert (note.code, note.spans[0].line, note.spans[0].column) == ("pasted.weights", 2, 6)
    assert "`fc.weight` and `fc.bias`" in note.message


@pytest.mark.parametrize(
    ("source", "names"),
    [("nn.Linear(2, 1)(torch.ones(2))", ["linear.weight", "linear.bias"]),
     ("fc = nn.Linear(2, 1)\nnet = nn.Sequential(fc, nn.Tanh())\nnet(torch.ones(2))", ["fc.weight", "fc.bias"]),
     ("net = nn.Sequential(nn.Linear(2, 1))\nnet[0].weight.sum()", ["net[0].weight", "net[0].bias"]),
     ("net = nn.Sequential(nn.Sequential(nn.Linear(1, 1)), nn.Linear(1, 1, bias=False))\nnet(torch.ones(1))",
      ["net[0][0].weight", "net[0][0].bias", "net[1].weight"]),
     ("linear = nn.Linear(2, 1)\ndef f(x):\n    return linear(x)\nf(torch.ones(2)) + f(torch.zeros(2))",
      ["linear.weight", "linear.bias"]),
     ("net = nn.Sequential(*[nn.Linear(1, 1, bias=False) for _ in range(2)])\nnet(torch.ones(1))",
      ["net[0].weight", "net[1].weight"]),
     ("fc = nn.Linear(2, 1, bias=False).to('cuda')\nunused = nn.Linear(9, 9)\nfc.train()\nfc(torch.ones(2))",
      ["fc.weight"])],
)  # fmt: skip
def test_weights_are_named_as_the_program_reaches_them(source: str, names: list[str]) -> None:
    assert list(weights(source)) == names


@pytest.mark.parametrize(
    ("source", "code", "said"),
    [("nn.Linear(2)", "call.arguments", "needs `out_features`"),
     ("fc = nn.Linear(2, 1)\nfc + x", "type.tensor", "`fc` is a module: call it, as in `fc(x)`"),
     ("nn.Linear(2, 0)", "call.arguments", "`out_features` of `torch.nn.Linear` must be at least 1"),
     ("nn.Conv2d(2, 2, 1, groups=0)", "call.arguments", "`groups` of `torch.nn.Conv2d` must be at least 1"),
     ("nn.Linear(2, 1, 1, 1)", "call.arguments", "takes 3 arguments"),
     ("nn.Embedding(5, 3, padding_idx=0)", "call.arguments", "is drawn without `padding_idx`"),
     ("fc = nn.Linear(2, 1)\nfc(torch.ones(3))", "shape.matmul", "3"),
     ("fc = nn.Linear(2, 1)\nfc(torch.ones(2), torch.ones(2))", "call.arguments", "`fc(x)`"),
     ("fc = nn.Linear(3000, 3000)\nfc(torch.ones(3000))", "limit.elements", "make it smaller"),
     ("net = nn.Sequential(nn.LSTM(2, 2))\nnet(torch.ones(2))", "program.no-drawing", "`torch.nn.LSTM`")],
)  # fmt: skip
def test_a_module_that_does_not_fit_is_said(source: str, code: str, said: str) -> None:
    found = errors(HEAD + source)[0]
    assert found.code == code
    assert said in found.message
