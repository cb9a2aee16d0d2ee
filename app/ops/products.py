"""Products of matrices and vectors that frameworks offer besides, and distances, in terms of the rest."""

from app.ops.operator import Sample, composed

SQUARE = (Sample(shape=(3, 3)),)
ROWS = (Sample(shape=(2, 3)), Sample(shape=(4, 3)))

cross = composed(
    "cross", "x, y, /, axis: axis = -1",
    body="""def cross(x, y, axis=-1):
    x = swapaxes(x, axis, -1)
    y = swapaxes(y, axis, -1)
    a = x[..., 1]*y[..., 2] - x[..., 2]*y[..., 1]
    b = x[..., 2]*y[..., 0] - x[..., 0]*y[..., 2]
    c = x[..., 0]*y[..., 1] - x[..., 1]*y[..., 0]
    return stack([a, b, c], axis=axis)""",
    doc="The vector that stands on two others in space.", example="x = [1, 0, 0]\ny = [0, 1, 0]\ncross(x, y)",
    sample=(Sample(shape=(2, 3)), Sample(shape=(2, 3))),
)  # fmt: skip

kron = composed(
    "kron", "x, y",
    body="""def kron(x, y):
    h = x[:, None, :, None] * y[None, :, None, :]
    return reshape(h, x.shape[0]*y.shape[0], x.shape[1]*y.shape[1])""",
    doc="Each element of the first matrix times all of the second.", example="x = [[1, 2], [3, 4]]\nkron(x, x)",
    sample=(Sample(shape=(2, 2)), Sample(shape=(2, 3))),
)  # fmt: skip

matrix_power = composed(
    "matrix_power", "x, /, n: int",
    body="""def matrix_power(x, n):
    b = inv(x) if n < 0 else x
    m = -n if n < 0 else n
    y = eye(x.shape[-1])
    for k in range(m):
        y = b if k == 0 else y @ b
    return y""",
    doc="A matrix times itself.", example="x = [[1, 2], [3, 4]]\nmatrix_power(x, 3)", sample=SQUARE,
    sample_attributes={"n": 3},
)  # fmt: skip

multi_dot = composed(
    "multi_dot", "[xs|tensors|arrays]",
    body="""def multi_dot(xs):
    y = xs[0]
    for k in range(1, len(xs)):
        y = y @ xs[k]
    return y""",
    doc="A chain of matrix products, from left to right.", example="x = [[1, 2], [3, 4]]\nmulti_dot([x, x, x])",
    sample=(Sample(shape=(2, 3)), Sample(shape=(3, 2))),
)  # fmt: skip

matvec = composed(
    "matvec", "x|a, y|b", body="def matvec(x, y):\n    return squeeze(x @ expand_dims(y, -1), -1)",
    doc="A matrix times a vector, or many times many.", example="x = [[1, 2], [3, 4]]\nmatvec(x, [1, 1])",
    sample=(Sample(shape=(2, 3, 4)), Sample(shape=(2, 4))),
)  # fmt: skip

cdist = composed(
    "cdist", "x|x1, y|x2",
    body="def cdist(x, y):\n    return norm(expand_dims(x, -2) - expand_dims(y, -3), axis=-1)",
    doc="How far each row of the first is from each of the second.", example="x = [[0, 0], [3, 4]]\ncdist(x, x)",
    sample=ROWS,
)  # fmt: skip

dist = composed(
    "dist", "x, y", body="def dist(x, y):\n    return norm(x - y)", doc="How far one tensor is from another.",
    example="x = [0, 0]\ndist(x, [3, 4])", sample=(Sample(shape=(3,)), Sample(shape=(3,))),
)  # fmt: skip

pairwise_distance = composed(
    "pairwise_distance", "x|x1, y|x2, /, eps: float = 1e-6, keepdim: bool = False",
    body="""def pairwise_distance(x, y, eps=1e-6, keepdim=False):
    return norm(x - y + eps, axis=-1, keepdims=keepdim)""",
    doc="How far each row of the first is from the same row of the second.",
    example="x = [[0, 0]]\npairwise_distance(x, [[3, 4]])", sample=(Sample(shape=(2, 3)), Sample(shape=(2, 3))),
)  # fmt: skip
