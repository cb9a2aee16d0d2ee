"""What frameworks offer besides for shapes, in terms of the rest: flatten, moveaxis, tril, hstack and their kin."""

from app.ops.operator import Sample, composed

MATRIX = (Sample(shape=(2, 3)),)
PAIR = (Sample(shape=(2, 3)), Sample(shape=(2, 3)))

flatten = composed(
    "flatten", "x, /, start_dim: int = 0",
    body="""def flatten(x, start_dim=0):
    return reshape(x, *[x.shape[i] for i in range(start_dim)], -1)""",
    aliases=("ravel",), doc="All axes as one, from the given one on.", example="x = [[1, 2], [3, 4]]\nflatten(x)",
    sample=(Sample(shape=(2, 3, 2)),), sample_attributes={"start_dim": 1},
)  # fmt: skip


moveaxis = composed(
    "moveaxis", "x, /, source: int, destination: int",
    body="""def moveaxis(x, source, destination):
    n = len(x.shape)
    s = source % n
    d = destination % n
    order = [s if i == d else i + 1 if s <= i and i < d else i - 1 if d < i and i <= s else i for i in range(n)]
    return transpose(x, order)""",
    aliases=("movedim",), doc="An axis moves to another place; in the gradient it moves back.",
    example="x = [[1, 2], [3, 4]]\nmoveaxis(x, 0, 1)", sample=(Sample(shape=(2, 3, 4)),),
    sample_attributes={"source": 0, "destination": -1},
)  # fmt: skip

tril = composed(
    "tril", "x, /, k|diagonal: int = 0",
    body="def tril(x, k=0):\n    return where(tri(x.shape[-2], x.shape[-1], k), x, 0)",
    doc="The lower triangle; what lies above it is 0 and gets no gradient.", example="x = [[1, 2], [3, 4]]\ntril(x)",
    sample=MATRIX,
)  # fmt: skip

triu = composed(
    "triu", "x, /, k|diagonal: int = 0",
    body="def triu(x, k=0):\n    return where(tri(x.shape[-2], x.shape[-1], k - 1), 0, x)",
    doc="The upper triangle; what lies below it is 0 and gets no gradient.", example="x = [[1, 2], [3, 4]]\ntriu(x)",
    sample=MATRIX,
)  # fmt: skip

masked_fill = composed(
    "masked_fill", "x, mask, value", body="def masked_fill(x, mask, value):\n    return where(mask, value, x)",
    doc="Elements replaced where a mask is not 0: they get no gradient.",
    example="x = [1, -2]\nmasked_fill(x, x < 0, 0)",
    sample=(Sample(shape=(3,)), Sample(low=0, high=1, shape=(3,), integers=True), Sample()),
)  # fmt: skip

hstack = composed(
    "hstack", "[xs|tensors|tup|arrays]",
    body="def hstack(xs):\n    return concat(xs, axis=0 if len(xs[0].shape) == 1 else 1)",
    doc="Joined side by side.", example="x = [1, 2]\nhstack([x, 2*x])", sample=PAIR,
)  # fmt: skip

vstack = composed(
    "vstack", "[xs|tensors|tup|arrays]",
    body="def vstack(xs):\n    return stack(xs) if len(xs[0].shape) == 1 else concat(xs)",
    doc="Laid one upon the other.", example="x = [1, 2]\nvstack([x, 2*x])", sample=PAIR,
)  # fmt: skip

addmm = composed(
    "addmm", "b|input, x|mat1|batch1|mat, y|mat2|batch2|vec", body="def addmm(b, x, y):\n    return b + x @ y",
    aliases=("baddbmm", "addmv"),
    doc="A matrix product with something added.", example="x = [[1, 2], [3, 4]]\naddmm(x, x, x)",
    sample=(Sample(shape=(3,)), Sample(shape=(2, 4)), Sample(shape=(4, 3))),
)  # fmt: skip


column_stack = composed(
    "column_stack", "[xs|tensors|tup|arrays]",
    body="def column_stack(xs):\n    return stack(xs, axis=1) if len(xs[0].shape) == 1 else concat(xs, axis=1)",
    doc="Vectors as the columns of a matrix.", example="x = [1, 2]\ncolumn_stack([x, 2*x])", sample=PAIR,
)  # fmt: skip

fliplr = composed(
    "fliplr", "x", body="def fliplr(x):\n    return flip(x, 1)", doc="Each row turned round.",
    example="x = [[1, 2], [3, 4]]\nfliplr(x)", sample=MATRIX,
)  # fmt: skip

flipud = composed(
    "flipud", "x", body="def flipud(x):\n    return flip(x, 0)", doc="The last row first.",
    example="x = [[1, 2], [3, 4]]\nflipud(x)", sample=MATRIX,
)  # fmt: skip

matrix_transpose = composed(
    "matrix_transpose", "x|a", body="def matrix_transpose(x):\n    return swapaxes(x, -1, -2)",
    aliases=("adjoint",), doc="Rows and columns of each matrix change places.",
    example="x = [[1, 2], [3, 4]]\nmatrix_transpose(x)", sample=MATRIX,
)  # fmt: skip

unflatten = composed(
    "unflatten", "x, /, axis: axis, sizes: shape",
    body="""def unflatten(x, axis, sizes):
    a = axis % len(x.shape)
    return reshape(x, *[x.shape[i] for i in range(a)], *sizes, *[x.shape[i] for i in range(a + 1, len(x.shape))])""",
    doc="One axis as several.", example="x = [1, 2, 3, 4]\nunflatten(x, 0, (2, 2))",
    sample=(Sample(shape=(2, 6)),), sample_attributes={"axis": 1, "sizes": (2, 3)},
)  # fmt: skip

atleast_1d = composed(
    "atleast_1d", "x", body="def atleast_1d(x):\n    return reshape(x, 1) if len(x.shape) == 0 else x",
    doc="A number as a vector of one; anything else as it is.",
    example="x = [1, 2]\natleast_1d(x)", sample=(Sample(),),
)  # fmt: skip

atleast_2d = composed(
    "atleast_2d", "x", body="def atleast_2d(x):\n    return reshape(x, 1, -1) if len(x.shape) < 2 else x",
    doc="A number or a vector as a row of a matrix; anything else as it is.", example="x = [1, 2]\natleast_2d(x)",
    sample=(Sample(shape=(3,)),),
)  # fmt: skip

tensordot = composed(
    "tensordot", "a|x, b|y|other, /, axes|dims: int = 2",
    body="""def tensordot(a, b, axes=2):
    rows = [a.shape[i] for i in range(len(a.shape) - axes)]
    columns = [b.shape[i] for i in range(axes, len(b.shape))]
    left = reshape(a, *rows, -1)
    right = reshape(b, left.shape[-1], -1)
    return reshape(left @ right, *rows, *columns)""",
    doc="Products summed over the last axes of the first and the first axes of the second.",
    example="x = [[1, 2], [3, 4]]\ntensordot(x, x, 1)", sample=(Sample(shape=(2, 3, 4)), Sample(shape=(3, 4, 2))),
    sample_attributes={"axes": 2},
)  # fmt: skip
