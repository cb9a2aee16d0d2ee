"""Jacobians, Hessians and derivatives of derivatives, as JAX, autograd and PyTorch write them."""

from typing import Any

import numpy as np
import pytest

from tests.lang.programs import errors, run

VECTOR = "def f(x):\n    return jnp.array([x[0]**2, x[0]*x[1]])\n"
JAX = "import jax, jax.numpy as jnp\nfrom jax import grad, value_and_grad\n"
AUTOGRAD = "import autograd.numpy as np\nfrom autograd import jacobian, hessian, elementwise_grad as egrad\n"
TORCH = "import torch\nfrom torch.autograd.functional import jacobian, hessian\nx = torch.tensor([1., 2.])\n"

MATRICES: list[tuple[str, Any]] = [
    (JAX + VECTOR + "jax.jacobian(f)(jnp.array([1., 2.]))", [[2, 0], [2, 1]]),
    (JAX + VECTOR + "jax.jacfwd(f)(jnp.array([1., 2.]))", [[2, 0], [2, 1]]),
    (JAX + VECTOR + "J = jax.jacrev(f)(jnp.array([1., 2.]))", [[2, 0], [2, 1]]),
    (JAX + "jax.hessian(lambda x: jnp.sum(x**3))(jnp.array([1., 2.]))", [[6, 0], [0, 12]]),
    (JAX + "def f(x, y):\n    return x**2*y\njax.hessian(f)(2., 3.)", 6),
    (JAX + "def f(x, y):\n    return x**2*y\njax.hessian(f, argnums=1)(2., 3.)", 0),
    (JAX + "jax.jacobian(lambda x: jnp.outer(x, x))(jnp.array([1., 2.]))", [[[2, 0], [2, 1]], [[2, 1], [0, 4]]]),
    (AUTOGRAD + "jacobian(lambda x: x**2)(np.array([1., 2.]))", [[2, 0], [0, 4]]),
    (AUTOGRAD + "hessian(lambda x: np.sum(x**3))(np.array([1., 2.]))", [[6, 0], [0, 12]]),
    (TORCH + "jacobian(lambda x: x**2, x)", [[2, 0], [0, 4]]),
    (TORCH + "H = hessian(lambda x: (x**3).sum(), x)", [[6, 0], [0, 12]]),
    ("import tensorflow as tf\nx = tf.Variable([1., 2.])\nwith tf.GradientTape() as t:\n    y = x**2\nt.jacobian(y, x)",
     [[2, 0], [0, 4]]),
]  # fmt: skip


@pytest.mark.parametrize(("source", "wanted"), MATRICES, ids=[source.splitlines()[-1] for source, _ in MATRICES])
def test_a_matrix_of_gradients_is_the_output(source: str, wanted: Any) -> None:
    np.testing.assert_allclose(run(source)[0], wanted)


def test_autograds_elementwise_gradient_nests() -> None:
    source = AUTOGRAD + "x = np.linspace(-1, 1, 3)\negrad(egrad(np.tanh))(x)"
    _, grads = run(source)
    y = np.tanh([-1, 0, 1])
    np.testing.assert_allclose(grads["x"], -2 * y * (1 - y * y), atol=1e-15)


def test_gradients_of_gradients_give_the_last() -> None:
    assert run(JAX + "grad(grad(lambda x: x**3))(2.0)")[1]["x"] == 12
    assert run(JAX + "f = lambda x: x**3\ndf = grad(f)\nddf = grad(df)\nprint(ddf(2.0))")[1]["x"] == 12


@pytest.mark.parametrize(
    ("tail", "value"),
    [
        ("g*2", 24),
        ("y = g*2\ny", 24),
        ("g", 8),
        ("x - 0.1*g", 0.8),
        ("x = x - 0.1*g", 8),
        ("g*2\n(g**2).backward()", 144),
    ],
)
def test_a_last_line_that_goes_on_from_a_gradient_is_the_output(tail: str, value: float) -> None:
    head = "import torch\nx = torch.tensor(2., requires_grad=True)\ny = x**3\n"
    found, _ = run(f"{head}g, = torch.autograd.grad(y, x, create_graph=True)\n{tail}")
    assert found == pytest.approx(value)


def test_a_value_may_come_with_what_was_made_beside_it() -> None:
    source = JAX + "def f(w, x):\n    y = w*x\n    return y**2, y\n"
    found, grads = run(source + "(l, y), g = value_and_grad(f, has_aux=True)(2., 3.)\n")
    assert (found, grads["w"]) == (36, 36)
    assert run(source + "g, y = grad(f, argnums=1, has_aux=True)(2., 3.)\n")[1]["x"] == 24


def test_a_jacobian_of_too_many_rows_is_refused() -> None:
    (error,) = errors(JAX + "jax.jacobian(jnp.tanh)(jnp.ones(101))")
    assert error.code == "program.no-drawing"
    assert "101 gradients" in error.message


@pytest.mark.parametrize(
    ("line", "value", "slope"),
    [("jax.vmap(lambda x: 2*x**3)(x)", [2, 16], [6, 24]), ("jax.vmap(grad(lambda x: x**3))(x)", [1, 8], [3, 12]),
     ("dsin = jax.vmap(grad(grad(jnp.sin)))\ndsin(x)", np.cos([1, 2]), -np.sin([1, 2]))],
)  # fmt: skip
def test_a_function_of_numbers_is_mapped_over_a_tensor(line: str, value: Any, slope: Any) -> None:
    found, grads = run(f"{JAX}x = jnp.array([1., 2.])\n{line}")
    np.testing.assert_allclose(found, value)
    np.testing.assert_allclose(grads["x"], slope)


@pytest.mark.parametrize(
    ("line", "instead"),
    [("jax.vmap(lambda x: jnp.dot(x, x))(jnp.ones((2, 2)))", "on the whole of it"),
     ("jax.jvp(jnp.tanh, (1.,), (1.,))", "slopes"),
     ("jax.lax.scan(f, 0., jnp.ones(3))", "for i in range(n)"), ("jax.lax.cond(True, f, g, 1.)", "a if c else b")],
)  # fmt: skip
def test_what_cannot_be_drawn_says_what_can(line: str, instead: str) -> None:
    (error,) = errors(JAX + line)
    assert error.code == "program.no-drawing"
    assert instead in error.message
