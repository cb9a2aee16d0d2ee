"""Gates that choose."""

import numpy as np
import pytest

from app.ops.selection import where

NUMBERS = np.array([0.0, -0.0, np.nan, np.inf, -np.inf, 1.5])


@pytest.mark.parametrize("b", [0.0, -0.0, NUMBERS[::-1]], ids=["0", "-0", "numbers"])
def test_a_choice_in_place_takes_each_number_whole(b: object) -> None:
    assert where.into is not None
    out = np.full((2, 6), 7.0)
    where.into(np.array([[True], [False]]), NUMBERS, b, out=out)
    assert out[0].tobytes() == NUMBERS.tobytes()
    assert out[1].tobytes() == np.broadcast_to(np.asarray(b), (6,)).tobytes()


def test_any_number_but_zero_is_a_condition_in_place() -> None:
    assert where.into is not None
    out = np.empty(4)
    where.into(np.array([0.0, -0.0, 2.0, np.nan]), 1.0, 3.0, out=out)
    assert out.tolist() == [3.0, 3.0, 1.0, 1.0]
