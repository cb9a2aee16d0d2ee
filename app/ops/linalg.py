"""Linear algebra: trace, diagonal, inverse, systems, determinants. A singular matrix gives NaN, never an error."""

from collections.abc import Callable
from math import prod
from typing import Any

import numpy as np

from app.diagnostics import fail
from app.ops.algebra import Array, Shape, shape_of
from app.ops.indexing import index_add
from app.ops.operator import NOWHERE, Convention, Operator, Sample, Spelling, broadcast, tensor
from app.ops.order import swapaxes
from app.ops.product import matmul
from app.ops.reduction import sum_
from app.ops.shape import fitted, free, reshape

WELL = Sample(low=-1, high=1, shape=(3, 3), diagonal=3)


def square(x: Shape, what: str) -> Shape:
    """The shape itself, of square matrices. Errors: shape.mismatch."""
    if len(x) < 2 or x[-1] != x[-2]:
        raise fail("shape.mismatch", f"{what} takes a square matrix, and this has shape {x}")
    return x


def _cubic(out: Shape, *shapes: Shape, **_: Any) -> int:
    n = shapes[0][-1]
    return 4 * prod(shapes[0]) * n + 2 * prod(out) * n + 10


def regular(function: Callable[..., Any], a: Array, *rest: Array) -> Any:
    """`function` of a stack of matrices, NaN for those that are singular."""
    try:
        return function(a, *rest)
    except np.linalg.LinAlgError:
        if a.ndim == 2:
            return np.full(rest[0].shape if rest else a.shape, np.nan, a.dtype)
        whole = tuple(np.broadcast_to(x, (*a.shape[:-2], *x.shape[-2:])) for x in rest)
        rows = [regular(function, a[i], *(x[i] for x in whole)) for i in range(len(a))]
        return np.stack(rows)


def flipped(x: Any) -> Any:
    return swapaxes(x, axis1=-1, axis2=-2)


# ── Diagonals ────────────────────────────────────────────────────────────────────────────────────────────────────────


def _matrix(x: Shape, what: str) -> Shape:
    if len(x) != 2:
        raise fail("shape.axis", f"{what} takes a matrix, and this has shape {x}")
    return x


trace: Operator = tensor(
    "trace", "x, /, offset: int = 0", forward=lambda x, *, offset=0: np.trace(x, offset=offset),
    shape=lambda x, *, offset=0: (_matrix(x, "a trace"), ())[1], linear="jointly", sign="tr",
    vjp=lambda i, g, y, x, *, offset=0: g * np.eye(shape_of(x)[0], shape_of(x)[1], k=offset),
    flops=lambda out, x, **_: min(x), latex=r"\operatorname{{tr}}\left({0}\right)", latex_partials=(r"G\,I",),
    doc="The sum of the diagonal: only the diagonal gets the gradient.", example="x = [[1, 2], [3, 4]]\ntrace(x)",
    sample=(WELL,), spell=Spelling(tensorflow="tf.linalg.trace({0})", onnx="", numpy="np.trace({0})",
                                   torch="torch.trace({0})",
                                   jax="jnp.trace({0})"),
)  # fmt: skip


def _diag_shape(x: Shape, *, k: int = 0) -> Shape:
    if len(x) == 1:
        return (x[0] + abs(k),) * 2
    rows, columns = _matrix(x, "a diagonal")
    return (max(0, min(rows, columns - k) if k >= 0 else min(rows + k, columns)),)


def _diagonal(shape: Shape, k: int) -> Any:
    n = _diag_shape(shape, k=k)[0]
    return (("list", *range(max(-k, 0), max(-k, 0) + n)), ("list", *range(max(k, 0), max(k, 0) + n)))


def _diag_vjp(i: int, g: Any, y: Any, x: Any, *, k: int = 0) -> Any:
    shape = shape_of(x)
    return diag(g, k=k) if len(shape) == 1 else index_add(g, shape=shape, at=_diagonal(shape, k))


diag: Operator = tensor(
    "diag", "x|v, /, k|diagonal|offset: int = 0", forward=lambda x, *, k=0: np.diag(x, k), shape=_diag_shape,
    vjp=_diag_vjp,
    linear="jointly", flops=free, latex=r"\operatorname{{diag}}\left({0}\right)",
    latex_partials=(r"\operatorname{{diag}}(G)",), aliases=("diagonal", "diag_part"),
    doc="The diagonal of a matrix, or the matrix of a diagonal; the gradient goes the other way.",
    example="x = [[1, 2], [3, 4]]\ndiag(x)", sample=(WELL,),
    spell=Spelling(numpy="np.diag({0}, {k})", torch="torch.diag({0}, {k})", jax="jnp.diag({0}, {k})", tensorflow="",
                   onnx=""),
)  # fmt: skip

# ── Systems ──────────────────────────────────────────────────────────────────────────────────────────────────────────

inv: Operator = tensor(
    "inv", "x|A", forward=lambda x: regular(np.linalg.inv, x), shape=lambda x: square(x, "an inverse"), flops=_cubic,
    vjp=lambda i, g, y, x: -matmul(matmul(flipped(y), g), flipped(y)), jvp=lambda ts, y,
    x: -matmul(matmul(y, ts[0]), y),
    latex="{0}^{{-1}}", latex_partials=(r"-Y^\top G\,Y^\top",), aliases=("inverse", "matrix_inverse"),
    doc="The inverse matrix: its gradient passes through the inverse twice, with a minus sign, as that of 1/x does.",
    example="x = [[2, 1], [1, 3]]\ninv(x)", sample=(WELL,),
    spell=Spelling(numpy="np.linalg.inv({0})", torch="torch.linalg.inv({0})", jax="jnp.linalg.inv({0})",
                   tensorflow="tf.linalg.inv({0})", onnx=""),
)  # fmt: skip


def _solve_shape(a: Shape, b: Shape) -> Shape:
    square(a, "a linear system")
    rows = b[0] if len(b) == 1 else b[-2] if b else None
    if rows != a[-1]:
        raise fail("shape.matmul", f"a system of shape {a} needs a right side with {a[-1]} rows, and it has shape {b}")
    if len(b) == 1:
        return (*a[:-2], a[-1])
    return (*broadcast(a[:-2], b[:-2]), *b[-2:])


def _column(x: Any) -> Any:
    return reshape(x, shape=(*shape_of(x), 1))


def _solved(a: Array, b: Array) -> Any:
    if b.ndim == 1:
        return regular(np.linalg.solve, a, b[:, None])[..., 0]
    return regular(np.linalg.solve, a, b)


def _solve_right(a: Any, g: Any, vector: bool) -> Any:
    """What flows back to the right side: aᵀ u = g."""
    if not vector:
        return solve(flipped(a), g)
    u = solve(flipped(a), _column(g))
    return reshape(u, shape=shape_of(u)[:-1])


def _solve_vjp(i: int, g: Any, y: Any, a: Any, b: Any) -> Any:
    vector = len(shape_of(b)) == 1
    back = _solve_right(a, g, vector)
    if i == 1:
        return fitted(back, shape_of(b))
    u, x = (_column(back), _column(y)) if vector else (back, y)
    return fitted(-matmul(u, flipped(x)), shape_of(a))


def _solve_jvp(ts: Any, y: Any, a: Any, b: Any) -> Any:
    ta, tb = ts
    vector = len(shape_of(b)) == 1
    right = None if ta is None else -(matmul(ta, _column(y)) if vector else matmul(ta, y))
    if right is not None and vector:
        right = reshape(right, shape=shape_of(right)[:-1])
    right = tb if right is None else right if tb is None else right + tb
    if not vector or len(shape_of(right)) == 1:
        return solve(a, right)
    moved = solve(a, _column(right))
    return reshape(moved, shape=shape_of(moved)[:-1])


solve: Operator = tensor(
    "solve", "a|A|matrix, b|B|rhs", forward=_solved, shape=_solve_shape, vjp=_solve_vjp, jvp=_solve_jvp, flops=_cubic,
    latex="{0}^{{-1}} {1}", latex_partials=(r"-({0}^{{-\top}} G)\,Y^\top", r"{0}^{{-\top}} G"),
    doc="The x of A x = b. Its gradient solves the transposed system.",
    example="A = [[2, 1], [1, 3]]\nb = [1, 2]\nsolve(A, b)", sample=(WELL, Sample(shape=(3, 2))),
    spell=Spelling(numpy="np.linalg.solve({0}, {1})", torch="torch.linalg.solve({0}, {1})",
                   jax="jnp.linalg.solve({0}, {1})", tensorflow="tf.linalg.solve({0}, {1})", onnx=""),
)  # fmt: skip

# ── Determinants ─────────────────────────────────────────────────────────────────────────────────────────────────────


def _over(g: Any) -> Any:
    """A number for each matrix, so that it broadcasts over them."""
    shape = shape_of(g)
    return reshape(g, shape=(*shape, 1, 1)) if shape else g


def _inner(u: Any, v: Any) -> Any:
    return sum_(u * v, axis=(-2, -1))


det: Operator = tensor(
    "det", "x|A", forward=np.linalg.det, shape=lambda x: square(x, "a determinant")[:-2], flops=_cubic,
    vjp=lambda i, g, y, x: _over(g) * cofactor(x), jvp=lambda ts, y, x: _inner(cofactor(x), ts[0]),
    latex=r"\det\left({0}\right)", latex_partials=(r"G\,Y\,{0}^{{-\top}}",), aliases=("matrix_determinant",),
    doc="The determinant: an element's slope is its cofactor, what is left without its row and column.",
    example="x = [[2, 1], [1, 3]]\ndet(x)", sample=(WELL,),
    spell=Spelling(numpy="np.linalg.det({0})", torch="torch.linalg.det({0})", jax="jnp.linalg.det({0})",
                   tensorflow="tf.linalg.det({0})", onnx="Det"),
)  # fmt: skip


def _cofactors(x: Array) -> Any:
    """det(x)·x⁻ᵀ by the singular values, so that a singular matrix has its cofactors too."""
    if not np.all(np.isfinite(x)):
        return np.full(x.shape, np.nan, x.dtype)
    u, s, vh = np.linalg.svd(x)
    n = s.shape[-1]
    rest = np.prod(np.where(np.eye(n, dtype=bool), 1, s[..., None, :]), axis=-1)  # the product of the others
    sign = np.linalg.det(u) * np.linalg.det(vh)
    return np.matmul(u * rest[..., None, :], vh) * np.round(sign)[..., None, None]


def _cofactor_vjp(i: int, g: Any, y: Any, x: Any) -> Any:
    b = flipped(inv(x))
    return _over(det(x)) * (_over(_inner(g, b)) * b - matmul(matmul(b, flipped(g)), b))


cofactor: Operator = tensor(
    "cofactor", "x|A", forward=_cofactors, shape=lambda x: square(x, "a matrix of cofactors"),
    flops=lambda out, x: 60 * prod(x) * x[-1], vjp=_cofactor_vjp, jvp=lambda ts, y, x: _cofactor_vjp(0, ts[0], y, x),
    sign="cof", latex=r"\operatorname{{cof}}\left({0}\right)",
    latex_partials=(r"\det({0})\,(\langle G, B\rangle B - B\,G^\top B),\ B = {0}^{{-\top}}",),
    doc="The cofactors of a matrix: the slope of its determinant.", example="x = [[2, 1], [1, 3]]\ncofactor(x)",
    conventions=(Convention(says="Of a singular matrix the second derivative of the determinant is NaN."),),
    sample=(WELL,),
    spell=NOWHERE,
)  # fmt: skip


def _logdet(x: Array) -> Any:
    sign, size = np.linalg.slogdet(x)
    return np.where(sign < 0, np.nan, size)


logdet: Operator = tensor(
    "logdet", "x|A", forward=_logdet, shape=lambda x: square(x, "a determinant")[:-2], flops=_cubic,
    vjp=lambda i, g, y, x: _over(g) * flipped(inv(x)), jvp=lambda ts, y, x: _inner(flipped(inv(x)), ts[0]),
    latex=r"\ln\det\left({0}\right)", latex_partials=(r"G\,{0}^{{-\top}}",),
    doc="The logarithm of the determinant: its slope is the inverse, transposed.",
    conventions=(Convention(says="NaN where the determinant is negative, −∞ where it is 0, as in PyTorch."),),
    example="x = [[2, 1], [1, 3]]\nlogdet(x)", sample=(WELL,),
    spell=Spelling(numpy="np.linalg.slogdet({0})[1]", torch="torch.logdet({0})", jax="jnp.linalg.slogdet({0})[1]",
                   tensorflow="tf.linalg.logdet({0})", onnx=""),
)  # fmt: skip
