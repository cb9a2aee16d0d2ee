"""Central differences: exact enough to judge a gradient, and aware of kinks."""

import math

import numpy as np
import pytest

from app.autodiff.differences import difference
from app.graph.builder import Builder
from app.limits import UNLIMITED
from tests.autodiff.graphs import apply


@pytest.mark.parametrize(
    ("name", "at", "slope"),
    [
        ("sin", 0.7, math.cos(0.7)),
        ("exp", 5.0, math.exp(5.0)),
        ("tanh", -1.2, 1 - math.tanh(1.2) ** 2),
        ("log", 0.001, 1000.0),
        ("square", 1e6, 2e6),
        ("sqrt", 1e-6, 500.0),
        ("sin", 1e6, math.cos(1e6)),
    ],
)
def test_a_smooth_slope_is_met_to_eight_digits(name: str, at: float, slope: float) -> None:
    b = Builder(UNLIMITED)
    x = b.input()
    out = apply(b, name, x)
    found = difference(b.freeze(), {x: at}, out, x)
    assert found.central == pytest.approx(slope, rel=1e-8)
    assert not found.kink


@pytest.mark.parametrize("name", ["relu", "abs"])
def test_a_kink_is_seen_with_both_sides(name: str) -> None:
    b = Builder(UNLIMITED)
    x = b.input()
    out = apply(b, name, x)
    found = difference(b.freeze(), {x: 0.0}, out, x)
    assert found.kink
    assert found.right == pytest.approx(1.0)
    assert found.left == pytest.approx(-1.0 if name == "abs" else 0.0)


def test_an_element_of_a_tensor_is_moved_alone() -> None:
    b = Builder(UNLIMITED)
    x = b.input((2, 2))
    out = apply(b, "sum", apply(b, "square", x))
    found = difference(b.freeze(), {x: np.array([[1.0, 2.0], [3.0, 4.0]])}, out, x, (1, 0))
    assert found.central == pytest.approx(6.0)
