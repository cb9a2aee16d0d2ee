"""Products of matrices and vectors."""

from math import prod
from typing import Any

from app.diagnostics import fail
from app.ops.algebra import Array, Shape, shape_of
from app.ops.operator import Sample, Spelling, broadcast, tensor
from app.ops.order import swapaxes
from app.ops.shape import fitted, reshape


def _matmul(a: Array, b: Array) -> Any:
    """a @ b; a stack of matrices times one matrix is one product, (…·n, k) @ (k, m)."""
    if b.ndim == 2 and a.ndim > 2:
        return (a.reshape(-1, a.shape[-1]) @ b).reshape(*a.shape[:-1], b.shape[-1])
    return a @ b


def _matmul_shape(a: Shape, b: Shape) -> Shape:
    if not a or not b:
        raise fail("shape.matmul", f"a matrix product takes tensors, and one side of {a} @ {b} is a number; write `*`")
    inner = b[-2] if len(b) > 1 else b[0]
    if a[-1] != inner:
        axis = "second to last" if len(b) > 2 else "first" if len(b) == 2 else "only"
        which = "last" if len(a) > 1 else "only"
        raise fail(
            "shape.matmul",
            f"in {a} @ {b} the {which} axis of the first, of {a[-1]}, and the {axis} axis of the second, of {inner}, "
            "must be equal",
        )
    lead = broadcast(a[:-2], b[:-2])
    return (*lead, *a[-2:-1], *(b[-1:] if len(b) > 1 else ()))


def _flipped(x: Any) -> Any:
    return swapaxes(x, axis1=-1, axis2=-2)


def _matmul_vjp(i: int, g: Any, y: Any, a: Any, b: Any) -> Any:
    m, n = shape_of(a), shape_of(b)
    if len(m) == 1 and len(n) == 1:
        return g * (b, a)[i]
    # As matrices: a row vector on the left, a column on the right.
    rows = (*shape_of(g)[:-1], 1, n[-1]) if len(m) == 1 else (*shape_of(g), 1) if len(n) == 1 else shape_of(g)
    back = g if rows == shape_of(g) else reshape(g, shape=rows)
    left = reshape(a, shape=(1, *m)) if len(m) == 1 else a
    right = reshape(b, shape=(*n, 1)) if len(n) == 1 else b
    if i == 0:
        part = fitted(matmul(back, _flipped(right)), shape_of(left))
        return part if len(m) > 1 else reshape(part, shape=m)
    if len(shape_of(right)) == 2 and len(m) > 2:  # one product over the whole stack
        count = prod(m[:-1])
        left, back = reshape(left, shape=(count, m[-1])), reshape(back, shape=(count, shape_of(right)[-1]))
    part = fitted(matmul(_flipped(left), back), shape_of(right))
    return part if len(n) > 1 else reshape(part, shape=n)


matmul = tensor(
    "matmul", "a|x|input, b|y|other", forward=_matmul, shape=_matmul_shape, vjp=_matmul_vjp, linear="each",
    flops=lambda out, a, b: 2 * prod(out) * a[-1] + prod(out), infix="@", sign="@", latex=r"{0}\,{1}",
    latex_partials=(r"G\,{1}^\top", r"{0}^\top G"), aliases=("mm", "bmm", "mv"),
    doc="A matrix product is many multiply gates: each operand gets the gradient times the other one, transposed.",
    example="W = [[1, 2], [3, 4]]\nx = [1, -1]\nW @ x", sample=(Sample(shape=(2, 3, 4)), Sample(shape=(4, 5))),
    spell=Spelling(numpy="({0} @ {1})", torch="({0} @ {1})", jax="({0} @ {1})", tensorflow="tf.linalg.matmul({0}, {1})",
                   onnx="MatMul"),
)  # fmt: skip
