"""Training: PyTorch's optimizers, step for step."""

from typing import Any

import numpy as np
import pytest

from app.analysis.train import Optimizer, Options, Step, train
from app.graph.builder import Builder
from app.graph.program import Program
from app.limits import UNLIMITED
from tests.autodiff.graphs import apply, program

SETTINGS: dict[Optimizer, dict[str, Any]] = {
    "sgd": {"lr": 0.01},
    "momentum": {"lr": 0.01},
    "nesterov": {"lr": 0.01},
    "rmsprop": {"lr": 0.01},
    "adagrad": {"lr": 0.1},
    "adam": {"lr": 0.1},
    "adamw": {"lr": 0.1},
}


def quartic() -> Program:
    """x⁴ − 3x + y² at x = 1.5, y = −2."""
    b = Builder(UNLIMITED)
    x, y = b.input(), b.input()
    out = apply(b, "add", apply(b, "sub", apply(b, "pow", x, 4.0), apply(b, "mul", x, 3.0)), apply(b, "square", y))
    return program(b, out, {"x": (x, 1.5), "y": (y, -2.0)})


def steps(options: Options, count: int = 3, wrt: tuple[str, ...] = ()) -> list[Step]:
    return list(train(quartic(), wrt, count, options))


def by_hand(optimizer: str, lr: float) -> list[float]:
    """x before each step, and after the last, written out as in PyTorch's documentation."""
    x, m, v, buffer, found = 1.5, 0.0, 0.0, 0.0, [1.5]
    for t in (1, 2, 3):
        g = 4 * x**3 - 3
        if optimizer == "sgd":
            x -= lr * g
        elif optimizer in ("momentum", "nesterov"):
            buffer = g if t == 1 else 0.9 * buffer + g
            x -= lr * (g + 0.9 * buffer if optimizer == "nesterov" else buffer)
        elif optimizer == "rmsprop":
            v = 0.99 * v + 0.01 * g * g
            x -= lr * g / (v**0.5 + 1e-8)
        elif optimizer == "adagrad":
            v += g * g
            x -= lr * g / (v**0.5 + 1e-10)
        else:
            x -= lr * 0.01 * x if optimizer == "adamw" else 0.0
            m, v = 0.9 * m + 0.1 * g, 0.999 * v + 0.001 * g * g
            x -= lr * (m / (1 - 0.9**t)) / ((v / (1 - 0.999**t)) ** 0.5 + 1e-8)
        found.append(x)
    return found


@pytest.mark.parametrize("optimizer", SETTINGS)
def test_steps_are_those_of_the_formulas(optimizer: Optimizer) -> None:
    options = Options(optimizer=optimizer, **SETTINGS[optimizer])
    found = steps(options)
    expected = by_hand(optimizer, SETTINGS[optimizer]["lr"])
    assert [s.inputs["x"] for s in found] == pytest.approx(expected[:3], rel=1e-12)
    assert found[-1].inputs["x"] + found[-1].updates["x"] == pytest.approx(expected[3], rel=1e-12)


def test_a_step_says_loss_inputs_and_gradients_before_it() -> None:
    (first,) = steps(Options(lr=0.5), 1)
    assert first.loss == 1.5**4 - 4.5 + 4
    assert first.grads == {"x": 10.5, "y": -4.0}
    assert first.updates == {"x": -5.25, "y": 2.0}


def test_only_what_is_named_is_trained() -> None:
    first, second = steps(Options(lr=0.5), 2, ("y",))
    assert first.inputs == {"y": -2.0}
    assert second.inputs == {"y": 0.0}


def test_without_a_learning_rate_it_is_pytorchs() -> None:
    (first,) = steps(Options(optimizer="adam"), 1)
    assert first.updates["x"] == pytest.approx(-1e-3, rel=1e-6)


def test_tensors_are_trained_whole() -> None:
    b = Builder(UNLIMITED)
    w = b.input((2, 2))
    made = program(b, apply(b, "sum", apply(b, "square", w)), {"W": (w, np.array([[1.0, 2.0], [3.0, 4.0]]))})
    found = list(train(made, (), 200, Options(lr=0.1)))
    assert found[-1].loss < 1e-30
    assert np.allclose(found[0].updates["W"], [[-0.2, -0.4], [-0.6, -0.8]])
