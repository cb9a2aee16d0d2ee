"""Indexing as NumPy does it, and its transpose, which scatters.

An index is a tuple of items: an int; ("slice", start, stop, step), each an int or None; None, a new axis; "...";
("list", i, j, …), an integer list, whose items may be such lists.
"""

from math import prod
from typing import Any

import numpy as np

from app.diagnostics import fail
from app.ops.algebra import Shape, Static, shape_of
from app.ops.operator import NOWHERE, Operator, Sample, broadcast, tensor
from app.ops.shape import free

Index = tuple[Static, ...]
ELLIPSIS = "..."


def nested(item: Any) -> Any:
    """("list", 0, ("list", 1)) as [0, [1]]."""
    return [nested(part) if isinstance(part, tuple) else part for part in item[1:]]


def numpy_index(at: Index) -> tuple[Any, ...]:
    """The index as NumPy takes it."""
    return tuple(
        slice(*item[1:]) if isinstance(item, tuple) and item[0] == "slice"
        else np.asarray(nested(item), dtype=np.intp) if isinstance(item, tuple)
        else Ellipsis if item == ELLIPSIS
        else item
        for item in at
    )  # fmt: skip


def _axes_taken(at: Index) -> int:
    return sum(item is not None and item != ELLIPSIS for item in at)


def _checked(item: int, size: int) -> None:
    if not -size <= item < size:
        last = f"0 to {size - 1}" if size else "none"
        raise fail("shape.index", f"there is no index {item} on an axis of size {size} (there is {last})")


def _list_shape(item: Any, size: int) -> Shape:
    """The shape of an integer list whose items index an axis of this size. Errors: shape.index."""
    try:
        indices = np.asarray(nested(item), dtype=np.intp)
    except ValueError:
        raise fail("shape.index", "the rows of a list of indices must be equally long") from None
    except OverflowError:
        raise fail("shape.index", f"an index is too large for an axis of size {size}") from None
    if indices.size:
        _checked(int(indices.min()), size)
        _checked(int(indices.max()), size)
    return indices.shape


def indexed(x: Shape, *, at: Index) -> Shape:
    """The shape of x[at]. Errors: shape.index."""
    taken = _axes_taken(at)
    if taken > len(x):
        raise fail("shape.index", f"{taken} indices are too many for shape {x}")
    if at.count(ELLIPSIS) > 1:
        raise fail("shape.index", "an index may have one `...` only")
    rest = [("slice", None, None, None)] * (len(x) - taken)
    items: list[Any] = []
    for item in at if ELLIPSIS in at else (*at, ELLIPSIS):
        items.extend(
            [ELLIPSIS, *rest] if item == ELLIPSIS else [item]
        )  # it parts two lists even where it takes no axis
    lists = any(isinstance(item, tuple) and item[0] == "list" for item in items)
    sizes = iter(x)
    shape: list[int] = []
    paired: list[Shape] = []  # lists, and the ints beside them, index together
    place, runs, inside = 0, 0, False
    for item in items:
        advanced = False
        if item is None:
            shape.append(1)
        elif item == ELLIPSIS:
            pass
        elif isinstance(item, int):
            _checked(item, next(sizes))
            advanced = lists
            if advanced:
                paired.append(())
        elif item[0] == "slice":
            size = next(sizes)
            if item[3] == 0:
                raise fail("shape.index", "the step of a slice cannot be 0")
            shape.append(len(range(*slice(*item[1:]).indices(size))))
        else:
            advanced = True
            paired.append(_list_shape(item, next(sizes)))
        if advanced and not inside:
            runs += 1
            place = len(shape) if runs == 1 else 0
        inside = advanced
    if paired:
        shape[place:place] = broadcast(*paired)
    return tuple(shape)


def _scattered(g: Any, *, shape: Shape, at: Index) -> Any:
    """Zeros of `shape` with `g` added at `at`, again where an index repeats."""
    result = np.zeros(shape, dtype=np.result_type(g, 0.0) if isinstance(g, np.ndarray) else np.float64)
    key = numpy_index(at)
    if any(isinstance(item, np.ndarray) for item in key):
        np.add.at(result, key, g)
    else:
        result[key] = g
    return result


def _scatter_shape(x: Shape, *, shape: Shape, at: Index) -> Shape:
    room = indexed(shape, at=at)
    if room != x:
        raise fail("shape.mismatch", f"this index of shape {shape} has room for shape {room}, not {x}")
    return shape


index: Operator = tensor(
    "index", "x, /, at: index", forward=lambda x, *, at: np.asarray(x)[numpy_index(at)], shape=indexed,
    vjp=lambda i, g, y, x, *, at: index_add(g, shape=shape_of(x), at=at), linear="jointly", flops=free,
    infix="[]", sign="[ ]", latex=r"{0}[\,\cdot\,]", latex_partials=(r"\operatorname{{scatter}}(G)",),
    doc="Picks elements. The gradient goes back to where they came from, and adds where one was picked twice.",
    example="x = [1, 2, 3]\nx[[0, 2, 2]]", sample=(Sample(shape=(3, 4)),),
    sample_attributes={"at": (("slice", None, None, -1), ("list", 0, 2, 2))},
    spell=NOWHERE,
)  # fmt: skip

index_add: Operator = tensor(
    "index_add", "x, /, shape: shape, at: index", forward=_scattered, shape=_scatter_shape,
    vjp=lambda i, g, y, x, *, shape, at: index(g, at=at), linear="jointly",
    flops=lambda out, x, **_: prod(out) + prod(x), sign="scatter", latex=r"\operatorname{{scatter}}({0})",
    latex_partials=(r"G[\,\cdot\,]",), doc="Zeros, with the elements added at their places: the way back of an index.",
    example="x = [1, 2, 3]\ngrad(sum(x[1:]**2), x)", sample=(Sample(shape=(3, 3)),),
    sample_attributes={"shape": (3, 4), "at": (("slice", None, None, -1), ("list", 0, 2, 2))},
    spell=NOWHERE,
)  # fmt: skip
