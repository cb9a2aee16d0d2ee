"""Calls as PyTorch, NumPy, JAX and TensorFlow write them: PyTorch's numbers, and pairs where they give pairs."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.lang.programs import errors, operators, run, value

TABLE = json.loads((Path(__file__).parents[1] / "cases" / "torch_calls.json").read_text("utf-8"))


@pytest.mark.parametrize("case", TABLE["cases"], ids=[case["call"] for case in TABLE["cases"]])
def test_a_call_has_pytorchs_numbers(case: dict[str, Any]) -> None:
    found, grads = run(f"{TABLE['head']}r = {case['call']}\nr")
    assert np.shape(found) == np.shape(case["value"])
    np.testing.assert_allclose(found, case["value"], rtol=1e-12, atol=1e-12)
    for name, wanted in case["grads"].items():
        np.testing.assert_allclose(grads[name], wanted, rtol=1e-11, atol=1e-12)


LINES: list[tuple[str, Any]] = [
    ("x = [1., 2., 3., 4.]\na, b = np.split(x, 2)\nsum(a*b)", 11),
    ("x = [1., 2., 3., 4.]\na, b = np.split(x, [1])\nsum(a)*sum(b)", 9),
    ("x = [1., 2., 3.]\na, b = np.array_split(x, 2)\nsum(a)*sum(b)", 9),
    ("a, b = tf.split([[1., 2.], [3., 4.]], 2, axis=1)\nsum(a*b)", 14),
    ("a, b = tf.unstack([[1., 2.], [3., 4.]])\nsum(a*b)", 11),
    ("np.median([3., 1., 2., 7.])", 2.5),
    ("np.sort([3., 1., 2.])", [1, 2, 3]),
    ("s, d = np.linalg.slogdet([[1., 2.], [3., 4.]])\ns*exp(d)", -2),
    ("X, Y = np.meshgrid([1., 2.], [1., 2., 3.])\nX*Y", [[1, 2], [2, 4], [3, 6]]),
    ("m, v = tf.nn.moments([1., 3.], 0)\nm + v", 3),
    ("np.repeat([1., 2.], 2)*np.tile([1., 2.], 2)", [1, 2, 2, 4]),
    ("np.cbrt([-8., 27.])", [-2, 3]),
    ("np.cumprod([1., 2., 3.])", [1, 2, 6]),
    ("np.take_along_axis([[1., 2.], [3., 4.]], [[1], [0]], 1)", [[2], [3]]),
    ("np.isnan([1., np.nan])", [0, 1]),
    ("np.all([1., 0.]) + np.any([1., 0.])", 1),
    ("tf.math.divide_no_nan([1., 2.], [0., 4.])", [0, 0.5]),
    ("tf.keras.losses.mse([[0., 0.]], [[1., 2.]])", [2.5]),
    ("tf.keras.losses.BinaryCrossentropy(from_logits=True)([[0.]], [[0.]])", np.log(2)),
    ("tf.keras.losses.SparseCategoricalCrossentropy()([1], [[0.5, 0.5]])", np.log(2)),
    ("tf.keras.losses.categorical_crossentropy([[0., 1.]], [[0.25, 0.75]])", [-np.log(0.75)]),
    ("tf.nn.l2_loss([3., 4.])", 12.5),
    ("tf.nn.bias_add([1., 2.], 1.)", [2, 3]),
    ("np.random.normal(5, 0., (2,))", [5, 5]),
    ("np.random.uniform(3., 3., size=2)", [3, 3]),
]  # fmt: skip


@pytest.mark.parametrize(("source", "wanted"), LINES, ids=[source for source, _ in LINES])
def test_a_call_has_this_value(source: str, wanted: Any) -> None:
    np.testing.assert_allclose(value(source), wanted, atol=1e-15)


def test_random_numbers_of_jax_are_inputs_by_whatever_key() -> None:
    source = (
        "import jax, jax.numpy as jnp\nkeys = jax.random.split(jax.random.PRNGKey(0), 2)\n"
        "W = 0.1*jax.random.normal(keys[0], (3, 2))\nb = jax.random.uniform(keys[1], (2,), minval=-1., maxval=1.)\n"
        "jnp.sum(jnp.tanh(W + b))"
    )
    _, grads = run(source)
    assert np.shape(grads["W"]) == (3, 2)
    assert np.shape(grads["b"]) == (2,)


def test_a_change_in_place_is_said_and_a_step_of_training_left_out() -> None:
    head = "import torch\nw = torch.ones(2, requires_grad=True)\n"
    (error,) = errors(head + "y = w*2\ny.add_(1)\ny")
    assert (error.code, error.hint) == ("syntax.unsupported", "y = y.add(1)")
    step = "loss = (w**2).sum()\nloss.backward()\nwith torch.no_grad():\n    w.sub_(0.1*w.grad)\n"
    assert run(head + step)[0] == 2


@pytest.mark.parametrize(
    ("source", "code", "said"),
    [("x = [1., 2., 3.]\nnp.split(x, 2)", "shape.mismatch", "does not divide into 2"),
     ("x = [1., 2., 3.]\ntorch.split(x, [1, 1])", "shape.mismatch", "do not make an axis of 3"),
     ("x = [1., 2., 3.]\ntorch.chunk(x, 0)", "call.arguments", "at least 1"),
     ("x = [1., 2., 3.]\ntorch.topk(x, 4)", "shape.index", "there are 3 along axis 0, and 4 are asked for"),
     ("x = [1., 2., 3.]\ntorch.unbind(x, 1)", "shape.axis", "there is no axis 1"),
     ("x = [[1., 2.]]\ntorch.gather(x, 1, [[2]])", "shape.index", "run from 0 to 1"),
     ("x = [[1., 2.]]\ntorch.gather(x, 1, [0])", "shape.mismatch", "as many axes")],
)  # fmt: skip
def test_a_call_that_does_not_fit_is_said(source: str, code: str, said: str) -> None:
    found = errors(source)[0]
    assert found.code == code
    assert said in found.message


def test_where_the_largest_were_is_drawn_only_where_it_is_used() -> None:
    source = (
        "import torch\nx = torch.tensor([3., 1., 2.], requires_grad=True)\nv, i = torch.topk(x, 2)\nv.sum().backward()"
    )
    assert operators(source).count("argsort") == 1  # that of the sort itself
    assert value(source.replace("v.sum()", "(v*i).sum()")) == 4
