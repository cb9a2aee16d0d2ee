"""Snippets as people paste them: the numbers of their own frameworks, and a sentence for what cannot be drawn."""

import json
import tomllib
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.lang.programs import errors, program, run, underlined

TABLE = tomllib.loads((Path(__file__).parents[1] / "cases" / "pasted.toml").read_text("utf-8"))


@pytest.mark.parametrize("case", TABLE["case"], ids=[case["name"] for case in TABLE["case"]])
def test_a_snippet_has_the_numbers_of_its_own_framework(case: dict[str, Any]) -> None:
    found, grads = run(case["source"])
    np.testing.assert_allclose(np.sum(found), json.loads(case["value"]), rtol=1e-12, atol=1e-12)
    for name, wanted in json.loads(case["grads"]).items():
        if wanted is None:
            assert grads[name] is None
        else:
            assert np.shape(grads[name]) == np.shape(wanted)
            np.testing.assert_allclose(grads[name], wanted, rtol=1e-11, atol=1e-12)


def test_the_numbers_of_a_generator_are_an_input() -> None:
    source = "import numpy as np\nrng = np.random.default_rng(0)\nW = rng.normal(0, 0.1, size=(2, 3))\n"
    source += "b = rng.uniform(-1, 1, 3)\nx = rng.standard_normal(2)\nnp.tanh(x @ W + b).sum()"
    assert [(i.name, np.shape(i.value)) for i in program(source).inputs] == [("W", (2, 3)), ("b", (3,)), ("x", (2,))]


def test_uniform_numbers_end_below_1_where_only_their_start_is_given() -> None:
    found, _ = run("import numpy as np\nx = np.random.uniform(-1, size=50)\nnp.max(x)")
    assert 0.5 < found < 1


@pytest.mark.parametrize("case", TABLE["said"], ids=[case["name"] for case in TABLE["said"]])
def test_what_cannot_be_drawn_is_said_at_its_place(case: dict[str, Any]) -> None:
    (found,) = errors(case["source"])
    assert found.code == case["code"]
    assert underlined(case["source"], found) == [case["place"]]
    assert case["sentence"] in found.message


TWICE = "import torch\nx = torch.tensor(2., requires_grad=True)\n(x**2).backward()\n"


@pytest.mark.parametrize(("between", "said"), [("", [("pasted.earlier", 4)]), ("x.grad = None\n", [])])
def test_gradients_that_would_add_up_are_said(between: str, said: list[tuple[str, int]]) -> None:
    made = program(f"{TWICE}{between}(x**3).backward()")
    assert [(n.code, n.spans[0].line) for n in made.notes if n.code == "pasted.earlier"] == said


TYPES = "def f(v):\n    return 10*v if isinstance(v, (int, float)) else v*v\n"


def test_a_test_of_a_type_is_decided() -> None:
    assert run(TYPES + "f(3)")[0] == 30
    assert run(TYPES + "f(x)", {"x": 3.0})[0] == 9
    head = "import torch\nx = torch.tensor([1., 2.], requires_grad=True)\n"
    assert run(head + "if isinstance(x, torch.Tensor):\n    y = x.sum()\ny.backward()")[0] == 3


def test_a_loop_that_fills_a_list_is_not_said_to_be_left_out() -> None:
    source = "import torch\nx = torch.tensor([1., 2.], requires_grad=True)\nls = []\nfor i in range(3):\n"
    assert program(source + "    ls.append((x*i).sum())\ntorch.stack(ls).mean().backward()").notes == ()


def test_a_type_is_no_input() -> None:
    made = program("import numpy as np\nx = np.array([1, 2], dtype=float)\ny = np.ones(2).astype(float)\nnp.sum(x*y)")
    assert [i.name for i in made.inputs] == ["x", "y"]
    assert made.notes == ()


LAYERS = """import autograd.numpy as np
from autograd import grad
def init(scale, sizes):
    return [(scale*np.ones((m, n)), scale*np.ones(n)) for m, n in zip(sizes[:-1], sizes[1:])]
def loss(params, x):
    for W, b in params:
        x = np.dot(x, W) + b
    return np.sum(x)
"""


@pytest.mark.parametrize("params", ["init(1.0, [2, 1])", "[(np.ones((2, 1)), np.ones(1))]"])
def test_the_weights_of_layers_are_inputs_each_by_its_place(params: str) -> None:
    found, grads = run(f"{LAYERS}params = {params}\ngrad(loss)(params, np.array([3., 4.]))")
    assert found == 8
    np.testing.assert_allclose(grads["params[0][0]"], [[3], [4]])
    np.testing.assert_allclose(grads["params[0][1]"], [1])


def test_a_bar_of_progress_is_no_part_of_a_loop() -> None:
    made = program(
        "from tqdm import tqdm, trange\ns = 0\nfor i in tqdm(range(2)):\n    for j in trange(2):\n        s += x\ns"
    )
    assert len(made.graph) == 6
    assert made.notes[0].code == "value.assumed"


@pytest.mark.parametrize("call", ["torch.svd(A)", "np.percentile(x, 50)", "jax.lax.scan(f, x, y)"])
def test_a_known_function_that_is_not_drawn_is_no_slip_of_the_pen(call: str) -> None:
    found = errors(call)[0]
    assert found.code == "program.no-drawing"
    assert "near names" not in found.message
