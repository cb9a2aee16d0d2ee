"""The table of conventions, where a derivative is not unique."""

import math
from typing import Any

import numpy as np
import pytest

from app.ops.catalogue import CATALOGUE
from app.ops.expression import substitute
from app.ops.operator import contributions, evaluate

INF, NAN = math.inf, math.nan


def slopes(name: str, *xs: float, g: float = 1.0) -> list[float]:
    operator = CATALOGUE[name]
    terms = {"g": g, "y": evaluate(operator, xs, {}), **{f"x{i}": x for i, x in enumerate(xs)}}
    return [substitute(tree, terms) for tree in contributions(operator, len(xs))]


def back(name: str, x: Any, g: Any = 1.0, **attributes: Any) -> Any:
    operator = CATALOGUE[name]
    assert operator.vjp is not None
    x = np.array(x, float)
    return operator.vjp(0, g, evaluate(operator, (x,), attributes), x, **attributes)


@pytest.mark.parametrize(
    ("name", "xs", "expected"),
    [
        ("maximum", (2, 2), [0.5, 0.5]),
        ("maximum", (2, 2, 2), [1 / 3, 1 / 3, 1 / 3]),
        ("maximum", (2, 1, 2), [0.5, 0, 0.5]),
        ("minimum", (2, 2), [0.5, 0.5]),
        ("minimum", (1, 2, 1), [0.5, 0, 0.5]),
        ("maximum", (NAN, 1), [1, 1]),
        ("maximum", (1, 2, NAN), [1, 1, 1]),
        ("relu", (0,), [0]),
        ("abs", (0,), [0]),
        ("sign", (0,), [0]),
        ("floor", (2,), [0]),
        ("ceil", (2,), [0]),
        ("round", (2.5,), [0]),
        ("floordiv", (7, 2), [0, 0]),
        ("lt", (1, 1), [0, 0]),
        ("leaky_relu", (0,), [0.01]),
        ("leaky_relu", (0, 0.2), [0.2, 0]),
        ("clip", (1, -1, 1), [1, 0, 0]),
        ("clip", (-1, -1, 1), [1, 0, 0]),
        ("clip", (2, -1, 1), [0, 0, 1]),
        ("pow", (-2, 3), [12, NAN]),
        ("pow", (-2, 0.5), [NAN, NAN]),
        ("pow", (0, 2), [0, 0]),
        ("pow", (0, 0), [0, 0]),
        ("pow", (0, 0.5), [INF, 0]),
        ("pow", (0, 1), [1, 0]),
        ("mod", (7, 3), [1, -2]),
        ("mod", (-7, 3), [1, 3]),
        ("sqrt", (0,), [INF]),
        ("log", (0,), [INF]),
        ("hypot", (0, 0), [NAN, NAN]),
        ("atan2", (0, 0), [0, 0]),
    ],
)
def test_the_slope_at_a_kink(name: str, xs: tuple[float, ...], expected: list[float]) -> None:
    np.testing.assert_allclose(slopes(name, *map(float, xs)), expected)


@pytest.mark.parametrize(("half", "even"), [(0.5, 0.0), (1.5, 2.0), (2.5, 2.0), (-0.5, -0.0), (-1.5, -2.0)])
def test_a_half_is_rounded_to_the_even_one(half: float, even: float) -> None:
    assert evaluate(CATALOGUE["round"], (half,), {}) == even


def test_a_branch_that_where_does_not_take_gets_exactly_0() -> None:
    assert slopes("where", 1.0, 2.0, INF, g=INF) == [0.0, INF, 0.0]


def test_a_mask_selects_rather_than_multiplies() -> None:
    assert slopes("relu", -1.0, g=INF) == [0.0]
    assert slopes("maximum", 1.0, 2.0, g=INF) == [0.0, INF]
    assert slopes("clip", 5.0, 0.0, 1.0, g=INF) == [0.0, 0.0, INF]


def test_a_tie_of_a_tensor_is_shared_evenly_among_all_tied() -> None:
    np.testing.assert_array_equal(back("max", [3, 1, 3]), [0.5, 0, 0.5])
    np.testing.assert_array_equal(back("min", [[1, 1], [2, 1]]), [[1 / 3, 1 / 3], [0, 1 / 3]])


def test_norm_and_std_are_flat_at_0() -> None:
    np.testing.assert_array_equal(back("norm", [0, 0]), [0, 0])
    np.testing.assert_array_equal(back("std", [2, 2]), [0, 0])


def test_a_product_with_zeros_has_the_slopes_of_the_others() -> None:
    np.testing.assert_array_equal(back("prod", [0, 2, 3]), [6, 0, 0])
    np.testing.assert_array_equal(back("prod", [0, 0, 3]), [0, 0, 0])


def test_logsumexp_of_nothing_but_minus_infinity_is_that() -> None:
    assert evaluate(CATALOGUE["logsumexp"], (np.array([-INF, -INF]),), {}) == -INF
    assert evaluate(CATALOGUE["logsumexp"], (np.array([1000.0, 1000.0]),), {}) == pytest.approx(1000 + math.log(2))


def test_a_tie_in_a_pooling_window_goes_to_the_first() -> None:
    found = back("max_pool2d", [[[1, 2], [2, 2]]], np.ones((1, 1, 1)), size=2)
    np.testing.assert_array_equal(found, [[[0, 1], [0, 0]]])


def test_a_singular_matrix_gives_nan_and_no_error() -> None:
    singular = np.array([[1.0, 2.0], [2.0, 4.0]])
    assert np.isnan(evaluate(CATALOGUE["inv"], (singular,), {})).all()
    stacked = evaluate(CATALOGUE["inv"], (np.stack([np.eye(2), singular]),), {})
    np.testing.assert_array_equal(stacked, [np.eye(2), np.full((2, 2), NAN)])
    assert evaluate(CATALOGUE["det"], (singular,), {}) == pytest.approx(0)
    np.testing.assert_allclose(back("det", singular), [[4, -2], [-2, 1]], atol=1e-12)


def test_the_page_is_warned_of_a_tie_only_where_there_is_one() -> None:
    (tie,) = CATALOGUE["maximum"].conventions
    assert tie.at is not None
    assert tie.at(1.0, 2.0) == (False, False)
    assert tie.at(2.0, 1.0, 2.0) == (True, False, True)
    for concerned in tie.at(np.array([1.0, 2.0]), 2.0):
        np.testing.assert_array_equal(concerned, [False, True])
