"""A program at other values gives what it would give anew."""

from typing import Any

import numpy as np
import pytest

from app.diagnostics import ProgramError
from app.limits import Limits
from app.work.circuit import circuit
from app.work.replayed import Memory
from app.work.request import Shown, read

CASES = [
    ("(x*y + max(z, w) + x*y)*2 + 45", [{"x": 3, "y": -4, "z": 2, "w": -1}, {"x": 1, "y": 2, "z": 2, "w": 2}]),
    ("W = [[1, 2], [3, 4]]\nsum(relu(W @ x))", [{"x": [1, 2]}, {"x": [-1, 2]}, {"x": [1, 2], "W": [[0, 1], [1, 0]]}]),
    ("L = 2\nh = x\nfor i in range(L):\n    h = h*w + h\nh", [{"x": 1, "w": 2}, {"x": 2, "w": 2, "L": 3}, {"L": 4}]),
    ("L = 2\nn = 1\nh = x\nif L > 2:\n    h = h**n\nh", [{"L": 2, "n": 1}, {"L": 3, "n": 2}, {"L": 3, "n": 5}]),
    ("x", [{"x": 2}, {"x": [1, 2]}, {}]),
    ("sqrt(x) + log(x)/x", [{"x": 2}, {"x": 0}, {"x": -1}, {"x": "NaN"}]),
]  # fmt: skip


@pytest.mark.parametrize("dtype", ["float64", "float32"])
@pytest.mark.parametrize(("source", "points"), CASES)
def test_what_is_remembered_changes_nothing(source: str, points: list[dict[str, Any]], dtype: str) -> None:
    memory, limits = Memory(3), Limits()
    for inputs in [*points, *points, *reversed(points)]:
        q = read(Shown, {"source": source, "inputs": inputs, "dtype": dtype})
        found, wanted = memory.circuit(q, limits).numbers, circuit(q, limits).numbers
        for mine, theirs in (
            (found.values, wanted.values),
            (found.grads, wanted.grads),
            (found.edge_grads, wanted.edge_grads),
        ):
            assert mine.keys() == theirs.keys()
            for key, value in theirs.items():
                if value is None:
                    assert mine[key] is None
                else:
                    np.testing.assert_array_equal(mine[key], value)


def test_a_seed_of_another_shape_is_still_wrong() -> None:
    memory = Memory()
    for _ in range(2):
        memory.circuit(read(Shown, {"source": "x*[1, 2]", "seed": [1, 1]}), Limits())
    with pytest.raises(ProgramError, match=r"seed\.shape"):
        memory.circuit(read(Shown, {"source": "x*[1, 2]", "seed": [1, 1, 1]}), Limits())
