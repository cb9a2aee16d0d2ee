"""What does not fit is said before anything is computed, in a sentence with the shapes in it."""

from typing import Any

import numpy as np
import pytest

from app.diagnostics import ProgramError
from app.ops.catalogue import CATALOGUE


@pytest.mark.parametrize(
    ("name", "shapes", "attributes", "code", "said"),
    [
        ("add", [(2,), (3,)], {}, "shape.broadcast", "shapes (2,) and (3,) do not broadcast"),
        ("matmul", [(3, 4), (3,)], {}, "shape.matmul", "the last axis of the first, of 4, and the only axis of the"),
        ("matmul", [(), (3,)], {}, "shape.matmul", "write `*`"),
        ("sum", [(2, 3)], {"axis": 2}, "shape.axis", "there is no axis 2: the shape is (2, 3)"),
        ("sum", [(2, 3)], {"axis": (0, 0)}, "shape.axis", "an axis stands twice"),
        ("max", [(0,)], {}, "shape.axis", "no elements have no largest"),
        ("reshape", [(2, 3)], {"shape": (4, -1)}, "shape.reshape", "6 elements, of shape (2, 3), do not fit (4, -1)"),
        ("reshape", [(2, 3)], {"shape": (4,)}, "shape.reshape", "has 6 elements, and (4,) would have 4"),
        ("broadcast_to", [(2,)], {"shape": (3,)}, "shape.broadcast", "(2,) does not broadcast to (3,)"),
        ("transpose", [(2, 3)], {"axes": (0, 0)}, "shape.axis", "names each once"),
        ("squeeze", [(2, 3)], {"axis": 0}, "shape.axis", "axis 0 of (2, 3) has size 2"),
        ("concat", [(2, 3), (2, 4)], {"axis": 0}, "shape.mismatch", "must agree in all other axes"),
        ("stack", [(2,), (3,)], {}, "shape.mismatch", "shapes (2,) and (3,) must be equal"),
        ("inv", [(2, 3)], {}, "shape.mismatch", "a square matrix"),
        ("solve", [(3, 3), (2,)], {}, "shape.matmul", "needs a right side with 3 rows"),
        ("trace", [(3,)], {}, "shape.axis", "a trace takes a matrix"),
        ("einsum", [(2, 3), (4, 5)], {"equation": "ij,jk->ik"}, "shape.mismatch", "axes named `j` have 3 and 4"),
        ("einsum", [(2, 3)], {"equation": "ijk->i"}, "shape.axis", "`ijk` does not name the axes"),
        ("einsum", [(2, 3)], {"equation": "ij,jk"}, "call.arguments", "names 2 operands, and there are 1"),
        ("conv2d", [(1, 3, 5, 5), (2, 4, 3, 3)], {}, "shape.mismatch", "take 4 channels in 1 groups"),
        ("conv2d", [(1, 1, 2, 2), (1, 1, 3, 3)], {}, "shape.mismatch", "a window of 3 does not fit into an axis of 2"),
        ("max_pool2d", [(4, 4)], {"size": 2}, "shape.mismatch", "pooling takes (n, c, h, w)"),
        ("take", [(3,)], {"indices": (0, 3)}, "shape.index", "there is no index 3"),
        ("zeros", [], {"shape": (-1,)}, "shape.reshape", "a size cannot be negative"),
        ("one_hot", [], {"indices": (0, 3), "n": 3}, "shape.index", "labels run from 0 to 2"),
    ],
)
def test_a_shape_that_does_not_fit(
    name: str, shapes: list[tuple[int, ...]], attributes: dict[str, Any], code: str, said: str
) -> None:
    shape = CATALOGUE[name].shape
    assert shape is not None
    with pytest.raises(ProgramError) as error:
        shape(*shapes, **attributes)
    (diagnostic,) = error.value.diagnostics
    assert diagnostic.code == code
    assert said in diagnostic.message


def test_a_product_with_no_elements_has_gradients() -> None:
    matmul = CATALOGUE["matmul"]
    assert matmul.vjp is not None
    w, x = np.zeros((1, 1, 0)), np.zeros(0)
    assert np.shape(matmul.vjp(1, np.ones((1, 1)), np.zeros((1, 1)), w, x)) == (0,)


def test_a_huge_maker_is_known_from_its_shape_alone() -> None:
    shape = CATALOGUE["arange"].shape
    assert shape is not None
    assert shape(start=0, stop=1e18, step=1)[0] == 10**18
