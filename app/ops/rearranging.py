"""What frameworks offer besides for shapes, in terms of the rest: flatten, moveaxis, tril, hstack and their kin."""

from typing import Any

import numpy as np

from app.ops.algebra import Shape, shape_of
from app.ops.einsum import contribution, einsum
from app.ops.operator import Operator, Sample, Spelling, composed, tensor
from app.ops.order import transpose
from app.ops.shape import axis_of, free

NONE = Spelling(numpy="", torch="", jax="", tensorflow="", onnx="")
MATRIX = (Sample(shape=(2, 3)),)
PAIR = (Sample(shape=(2, 3)), Sample(shape=(2, 3)))

flatten = composed(
    "flatten", "x, /, start_dim: int = 0",
    body="""def flatten(x, start_dim=0):
    return reshape(x, *[x.shape[i] for i in range(start_dim)], -1)""",
    aliases=("ravel",), doc="All axes as one, from the given one on.", example="x = [[1, 2], [3, 4]]\nflatten(x)",
    sample=(Sample(shape=(2, 3, 2)),), sample_attributes={"start_dim": 1}, spell=NONE,
)  # fmt: skip


def _moved(rank: int, source: Any, destination: Any) -> tuple[int, ...]:
    """The order of axes that moves `source` to `destination`. Errors: shape.axis."""
    sources, places = (n if isinstance(n, tuple) else (n,) for n in (source, destination))
    ones = (1,) * rank
    taken = [axis_of(ones, a) for a in sources]
    order = [a for a in range(rank) if a not in taken]
    for place, axis in sorted(zip([axis_of(ones, p) for p in places], taken, strict=True)):
        order.insert(place, axis)
    return tuple(order)


def _moveaxis_vjp(i: int, g: Any, y: Any, x: Any, *, source: Any, destination: Any) -> Any:
    order = _moved(len(shape_of(x)), source, destination)
    return transpose(g, axes=tuple(order.index(a) for a in range(len(order))))


moveaxis: Operator = tensor(
    "moveaxis", "x, /, source: axes, destination: axes",
    forward=lambda x, *, source, destination: np.transpose(x, _moved(np.ndim(x), source, destination)),
    shape=lambda x, *, source, destination: tuple(x[a] for a in _moved(len(x), source, destination)),
    vjp=_moveaxis_vjp, linear="jointly", flops=free, sign="move", latex=r"{0}^\top", latex_partials=(r"G^\top",),
    aliases=("movedim",), doc="An axis moves to another place; in the gradient it moves back.",
    example="x = [[1, 2], [3, 4]]\nmoveaxis(x, 0, 1)", sample=(Sample(shape=(2, 3, 4)),),
    sample_attributes={"source": 0, "destination": -1},
    spell=Spelling(numpy="np.moveaxis({0}, {source}, {destination})",
                   torch="torch.movedim({0}, {source}, {destination})",
                   jax="jnp.moveaxis({0}, {source}, {destination})", tensorflow="", onnx=""),
)  # fmt: skip

tril = composed(
    "tril", "x, /, k|diagonal: int = 0",
    body="def tril(x, k=0):\n    return where(tri(x.shape[-2], x.shape[-1], k), x, 0)",
    doc="The lower triangle; what lies above it is 0 and gets no gradient.", example="x = [[1, 2], [3, 4]]\ntril(x)",
    sample=MATRIX, spell=NONE,
)  # fmt: skip

triu = composed(
    "triu", "x, /, k|diagonal: int = 0",
    body="def triu(x, k=0):\n    return where(tri(x.shape[-2], x.shape[-1], k - 1), 0, x)",
    doc="The upper triangle; what lies below it is 0 and gets no gradient.", example="x = [[1, 2], [3, 4]]\ntriu(x)",
    sample=MATRIX, spell=NONE,
)  # fmt: skip

masked_fill = composed(
    "masked_fill", "x, mask, value", body="def masked_fill(x, mask, value):\n    return where(mask, value, x)",
    doc="Elements replaced where a mask is not 0: they get no gradient.",
    example="x = [1, -2]\nmasked_fill(x, x < 0, 0)",
    sample=(Sample(shape=(3,)), Sample(low=0, high=1, shape=(3,), integers=True), Sample()), spell=NONE,
)  # fmt: skip

hstack = composed(
    "hstack", "[xs|tensors|tup|arrays]",
    body="def hstack(xs):\n    return concat(xs, axis=0 if len(xs[0].shape) == 1 else 1)",
    doc="Joined side by side.", example="x = [1, 2]\nhstack([x, 2*x])", sample=PAIR, spell=NONE,
)  # fmt: skip

vstack = composed(
    "vstack", "[xs|tensors|tup|arrays]",
    body="def vstack(xs):\n    return stack(xs) if len(xs[0].shape) == 1 else concat(xs)",
    doc="Laid one upon the other.", example="x = [1, 2]\nvstack([x, 2*x])", sample=PAIR, spell=NONE,
)  # fmt: skip

addmm = composed(
    "addmm", "b|input, x|mat1, y|mat2", body="def addmm(b, x, y):\n    return b + x @ y",
    doc="A matrix product with something added.", example="x = [[1, 2], [3, 4]]\naddmm(x, x, x)",
    sample=(Sample(shape=(3,)), Sample(shape=(2, 4)), Sample(shape=(4, 3))), spell=NONE,
)  # fmt: skip


def _dotted(m: int, n: int, axes: Any) -> str:
    """The einsum that sums these axes: the last and first `axes` of them, or the two lists."""
    first, second = (range(m - axes, m), range(axes)) if isinstance(axes, int) else axes
    pairs = [(a,) if isinstance(a, int) else a for a in (first, second)]
    left = [chr(ord("a") + i) for i in range(m)]
    right = [chr(ord("A") + i) for i in range(n)]
    for i, j in zip(*pairs, strict=True):
        right[axis_of((1,) * n, j)] = left[axis_of((1,) * m, i)]
    kept = [c for c in left if c not in right] + [c for c in right if c not in left]
    return f"{''.join(left)},{''.join(right)}->{''.join(kept)}"


def _tensordot_shape(a: Shape, b: Shape, *, axes: Any = 2) -> Shape:
    assert einsum.shape is not None
    return einsum.shape(a, b, equation=_dotted(len(a), len(b), axes))


def _tensordot_flops(out: Shape, a: Shape, b: Shape, *, axes: Any = 2) -> int:
    return einsum.flops(out, a, b, equation=_dotted(len(a), len(b), axes))


tensordot: Operator = tensor(
    "tensordot", "a|x, b|y|other, /, axes|dims: any = 2", shape=_tensordot_shape, linear="each", flops=_tensordot_flops,
    forward=lambda a, b, *, axes=2: einsum(a, b, equation=_dotted(np.ndim(a), np.ndim(b), axes)),
    vjp=lambda i, g, y, a, b, *, axes=2: contribution(_dotted(len(shape_of(a)), len(shape_of(b)), axes), i, g, (a, b)),
    sign="⊗", latex=r"{0} \cdot {1}", latex_partials=(r"G \cdot {1}", r"{0} \cdot G"),
    doc="Products summed along pairs of axes.", example="x = [[1, 2], [3, 4]]\ntensordot(x, x, 1)",
    sample=(Sample(shape=(2, 3, 4)), Sample(shape=(3, 4, 2))), sample_attributes={"axes": 2},
    spell=Spelling(numpy="np.tensordot({0}, {1}, {axes})", torch="torch.tensordot({0}, {1}, {axes})",
                   jax="jnp.tensordot({0}, {1}, {axes})", tensorflow="tf.tensordot({0}, {1}, {axes})", onnx=""),
)  # fmt: skip
