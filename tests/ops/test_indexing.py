"""Indices: the shape, the values and the scatter are NumPy's."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.diagnostics import ProgramError
from app.ops.indexing import index, index_add, indexed, numpy_index

SHAPES = st.lists(st.integers(1, 4), min_size=1, max_size=4).map(tuple)


@st.composite
def indices(draw: st.DrawFn) -> tuple[tuple[int, ...], tuple[Any, ...]]:
    """A shape and an index that fits it: ints, slices, new axes, an ellipsis, and lists of one length."""
    shape = draw(SHAPES)
    taken = draw(st.integers(0, len(shape)))
    length = draw(st.integers(1, 3))
    bounds = st.one_of(st.none(), st.integers(-5, 5))

    def item(size: int) -> Any:
        kind = draw(st.sampled_from(["int", "slice", "list"]))
        if kind == "int":
            return draw(st.integers(-size, size - 1))
        if kind == "slice":
            return ("slice", draw(bounds), draw(bounds), draw(st.one_of(st.none(), st.sampled_from([-2, -1, 1, 2]))))
        return ("list", *draw(st.lists(st.integers(-size, size - 1), min_size=length, max_size=length)))

    front = draw(st.integers(0, taken))
    at: list[Any] = [item(n) for n in shape[:front]]
    rest = [item(n) for n in shape[len(shape) - (taken - front) :]] if taken > front else []
    if rest or draw(st.sampled_from([True, False])):
        at.append("...")
    at += rest
    for _ in range(draw(st.integers(0, 2))):
        at.insert(draw(st.integers(0, len(at))), None)
    return shape, tuple(at)


@given(indices())
def test_an_index_is_numpys(drawn: tuple[tuple[int, ...], tuple[Any, ...]]) -> None:
    shape, at = drawn
    x = np.arange(float(np.prod(shape))).reshape(shape)
    expected = x[numpy_index(at)]
    assert indexed(shape, at=at) == np.shape(expected)
    np.testing.assert_array_equal(index(x, at=at), expected)


@given(indices())
def test_the_gradient_of_an_index_is_its_transpose(drawn: tuple[tuple[int, ...], tuple[Any, ...]]) -> None:
    shape, at = drawn
    rng = np.random.default_rng(0)
    x, g = rng.normal(size=shape), rng.normal(size=indexed(shape, at=at))
    back = index_add(g if g.shape else float(g), shape=shape, at=at)
    assert np.sum(index(x, at=at) * g) == pytest.approx(np.sum(x * back))


@pytest.mark.parametrize(("at", "shape"), [(("...",), ()), ((None,), (1,)), (("...", None), (1,))])
def test_a_number_takes_new_axes(at: tuple[Any, ...], shape: tuple[int, ...]) -> None:
    assert np.shape(index(2.0, at=at)) == shape


def test_an_element_picked_twice_gets_both_gradients() -> None:
    np.testing.assert_array_equal(index_add(np.array([1.0, 2.0, 3.0]), shape=(3,), at=(("list", 0, 2, 2),)), [1, 0, 5])


@pytest.mark.parametrize(
    ("shape", "at", "said"),
    [
        ((3,), (3,), "there is no index 3 on an axis of size 3"),
        ((3,), (0, 0), "2 indices are too many for shape (3,)"),
        ((3,), (("list", 0, -4),), "there is no index -4 on an axis of size 3"),
        ((3,), ("...", "..."), "one `...` only"),
        ((3,), (("slice", None, None, 0),), "the step of a slice cannot be 0"),
        ((3, 3), (("list", 0, 1), ("list", 0, 1, 2)), "do not broadcast"),
    ],
)
def test_an_index_that_does_not_fit_is_said(shape: tuple[int, ...], at: tuple[Any, ...], said: str) -> None:
    with pytest.raises(ProgramError) as error:
        indexed(shape, at=at)
    assert said in str(error.value)
