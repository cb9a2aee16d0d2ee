"""Dictionaries of weights, as courses keep them."""

import numpy as np
import pytest

from tests.lang.programs import errors, program, run, underlined

JAX = """import jax, jax.numpy as jnp
params = {'w': jnp.array([1., 2.]), 'b': 0.5}
def loss(p, x):
    return jnp.sum((x @ p['w'] + p['b'])**2)
grads = jax.grad(loss)(params, jnp.array([[1., 2.]]))
params = {k: params[k] - 0.1*grads[k] for k in params}"""
COURSE = """import numpy as np
params = {}
for i in range(2):
    params['W' + str(i)] = np.ones((2, 2))
    params[f'b{i}'] = np.zeros(2)
h = np.array([1., 2.])
for i in range(2):
    h = h @ params[f'W{i}'] + params[f'b{i}']
loss = np.sum(h)
grads = {}
grads['h'] = 2*h"""
METHODS = """d = dict(a=2.0, b=3.0)
s = 0
for k, v in d.items():
    s = s + d[k]*x
s + d.get('a') + len(d.values())"""


def test_what_a_dictionary_holds_of_numbers_are_inputs_named_by_their_keys() -> None:
    found, grads = run(JAX)
    assert found == 30.25
    np.testing.assert_allclose(grads["w"], [11, 22])
    assert grads["b"] == 11


def test_keys_may_be_made_of_texts_and_integers() -> None:
    made = program(COURSE)
    assert made.names[made.output] == ("loss",)
    assert {i.name for i in made.inputs} >= {"W0", "b0", "W1", "b1"}


def test_a_dictionary_has_its_methods() -> None:
    assert run(METHODS, {"x": 1.0})[0] == 9


def test_a_dictionary_gives_arguments_by_name() -> None:
    assert run("def f(a, b):\n    return a - b\nf(**{'b': x, 'a': y})", {"x": 1.0, "y": 3.0})[0] == 2
    assert run("cfg = dict(axis=0, keepdims=True)\nsum([[1., 2.], [3., 4.]], **cfg)[0, 1]")[0] == 6


def test_a_key_that_is_taken_is_named_after_its_dictionary() -> None:
    assert [i.name for i in program("w = 1.0\np = {'w': 2.0}\nw*p['w']").inputs] == ["w", "p_w"]


def test_a_step_through_the_weights_is_no_training_loop() -> None:
    step = "for k in p:\n    p[k] -= 0.1*g[k]\n"
    head = "import numpy as np\np = {'w': 2.0}\ng = {'w': 1.0}\nloss = p['w']**2\n"
    made = program(head + step)
    assert made.names[made.output] == ("loss",)
    assert "step of training" in " ".join(note.message for note in made.notes)
    (error,) = errors(head + "for t in range(9):\n    p['w'] -= 0.1\n")
    assert "training loop" in error.message


@pytest.mark.parametrize(
    ("source", "code", "place"),
    [("f = lambda a: a\nf(**x)", "call.arguments", "f(**x)"),
     ("d = {'a': x}\nd['b']", "name.unknown", "d['b']"), ("x['a'] = 1\nx", "syntax.unsupported", "x['a']"),
     ("x[k] += 1\nx", "syntax.unsupported", "x[k]"), ("{'a': x} * 2", "type.tensor", "{'a': x} * 2")],
)  # fmt: skip
def test_what_is_wrong_with_a_dictionary_is_said(source: str, code: str, place: str) -> None:
    found = errors(source)[0]
    assert found.code == code
    assert underlined(source, found) == [place]
