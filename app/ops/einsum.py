"""Einstein sums, and the products that are one: dot, outer."""

from collections.abc import Sequence
from functools import lru_cache
from math import prod
from string import ascii_letters
from typing import Any

import numpy as np

from app.diagnostics import fail
from app.ops.algebra import Shape, shape_of
from app.ops.operator import Operator, Sample, Spelling, tensor
from app.ops.product import matmul
from app.ops.shape import fitted, reshape

Labels = tuple[str, ...]  # one letter for each axis


@lru_cache(maxsize=1024)
def labels(equation: str, ranks: tuple[int, ...]) -> tuple[tuple[Labels, ...], Labels]:
    """The letters of each operand's axes and of the result's, `...` spelt out. Errors: call.arguments."""
    text = equation.replace(" ", "")
    left, arrow, right = text.partition("->")
    terms = left.split(",")
    named = set(text) - set(".,->")
    if not named <= set(ascii_letters) or any(t.replace("...", "", 1).count(".") for t in (*terms, right)):
        raise fail("call.arguments", f"an einsum is written as in 'ij,jk->ik', not {equation!r}")
    if len(terms) != len(ranks):
        raise fail("call.arguments", f"{equation!r} names {len(terms)} operands, and there are {len(ranks)}")
    spare = [letter for letter in reversed(ascii_letters) if letter not in named]
    rest = max(
        [rank - len(t.replace("...", "")) for t, rank in zip(terms, ranks, strict=True) if "..." in t], default=0
    )
    if rest > len(spare):
        raise fail("call.arguments", f"{equation!r} needs more than the {len(ascii_letters)} letters there are")
    dots = spare[: max(rest, 0)]
    operands = []
    for term, rank in zip(terms, ranks, strict=True):
        own = rank - len(term.replace("...", ""))
        before, ellipsis, after = term.partition("...")
        if own < 0 or (own and not ellipsis):
            raise fail("shape.axis", f"in {equation!r}, `{term}` does not name the axes of a tensor that has {rank}")
        operands.append((*before, *dots[len(dots) - own :], *after) if ellipsis else tuple(term))
    if arrow:
        before, ellipsis, after = right.partition("...")
        result = (*before, *(dots if ellipsis else ()), *after)
    else:
        once = sorted(letter for letter in named if left.count(letter) == 1)
        result = (*dots, *once)
    if len(set(result)) < len(result) or not set(result) <= {letter for operand in operands for letter in operand}:
        raise fail("call.arguments", f"in {equation!r} each letter after `->` stands there once, and before it")
    return tuple(operands), result


def sizes(equation: str, operands: Sequence[Labels], shapes: Sequence[Shape]) -> dict[str, int]:
    """The size of each letter's axis; 1 broadcasts. Errors: shape.mismatch."""
    found: dict[str, int] = {}
    for operand, shape in zip(operands, shapes, strict=True):
        for letter, size in zip(operand, shape, strict=True):
            before = found.setdefault(letter, size)
            if before != size and 1 not in (before, size):
                raise fail("shape.mismatch", f"in {equation!r} the axes named `{letter}` have {before} and {size}")
            if before == 1:
                found[letter] = size
    return found


def _shape(*shapes: Shape, equation: str) -> Shape:
    operands, result = labels(equation, tuple(map(len, shapes)))
    size = sizes(equation, operands, shapes)
    return tuple(size[letter] for letter in result)


def _written(operands: Sequence[Labels], result: Labels) -> str:
    return ",".join(map("".join, operands)) + "->" + "".join(result)


def _forward(*xs: Any, equation: str) -> Any:
    operands, result = labels(equation, tuple(len(np.shape(x)) for x in xs))
    return np.einsum(_written(operands, result), *xs, optimize=True)


def _flops(out: Shape, *shapes: Shape, equation: str) -> int:
    operands, _ = labels(equation, tuple(map(len, shapes)))
    return len(shapes) * 2 * prod(sizes(equation, operands, shapes).values())


def contribution(equation: str, i: int, g: Any, xs: Sequence[Any]) -> Any:
    """What flows back to operand i: an einsum of the gradient with the other operands. A letter that only it has is
    spread by ones; one that it has twice lands on the diagonal, by an identity matrix."""
    shapes = [shape_of(x) for x in xs]
    operands, result = labels(equation, tuple(map(len, shapes)))
    size = sizes(equation, operands, shapes)
    terms: list[Any] = [g, *(x for j, x in enumerate(xs) if j != i)]
    names: list[Labels] = [result, *(o for j, o in enumerate(operands) if j != i)]
    known = {letter for name in names for letter in name}
    fresh = iter([letter for letter in ascii_letters if letter not in known and letter not in operands[i]])
    wanted: list[str] = []
    for letter, own in zip(operands[i], shapes[i], strict=True):
        if own == 1 and size[letter] != 1:
            continue  # it was broadcast: summed
        if letter in wanted:
            twin = next(fresh)
            terms.append(np.eye(own))
            names.append((letter, twin))
            wanted.append(twin)
            continue
        if letter not in known:
            terms.append(np.ones(own))
            names.append((letter,))
        wanted.append(letter)
    part = einsum(*terms, equation=_written(names, tuple(wanted)))
    return part if shape_of(part) == shapes[i] else reshape(part, shape=shapes[i])


einsum: Operator = tensor(
    "einsum", "equation|subscripts: str, *xs", forward=_forward, shape=_shape, linear="each", flops=_flops,
    vjp=lambda i, g, y, *xs, equation: contribution(equation, i, g, xs), latex=r"\operatorname{{einsum}}({args})",
    latex_partials=(r"\operatorname{{einsum}}(G, \dots)",),
    doc="Products summed along named axes. Each gradient is an einsum too, of what came back with the others.",
    example="A = [[1, 2], [3, 4]]\nx = [1, -1]\neinsum('ij,j->i', A, x)",
    sample=(Sample(shape=(2, 3, 4)), Sample(shape=(2, 4, 3))), sample_attributes={"equation": "bij,bjk->bik"},
    spell=Spelling(numpy="np.einsum({equation}, {args})", torch="torch.einsum({equation}, {args})",
                   jax="jnp.einsum({equation}, {args})", tensorflow="tf.einsum({equation}, {args})", onnx="Einsum"),
)  # fmt: skip


def _dot_equation(m: Shape, n: Shape) -> str:
    a, b = ascii_letters[: len(m)], ascii_letters[len(m) : len(m) + len(n)]
    inner = -2 if len(n) > 1 else -1
    b = b[:inner] + a[-1] + (b[inner + 1 :] if inner == -2 else "")
    return f"{a},{b}->{a[:-1]}{b[:inner]}{b[inner + 1 :] if inner == -2 else ''}"


def _dot_shape(m: Shape, n: Shape) -> Shape:
    if not m or not n:
        return m or n
    assert matmul.shape is not None
    if len(n) < 3:
        return matmul.shape(m, n)
    matmul.shape(m, n[-2:])
    return (*m[:-1], *n[:-2], n[-1])


def _dot_vjp(i: int, g: Any, y: Any, a: Any, b: Any) -> Any:
    m, n = shape_of(a), shape_of(b)
    if not m or not n:
        return fitted(g * (b, a)[i], (m, n)[i])
    assert matmul.vjp is not None
    return matmul.vjp(i, g, y, a, b) if len(n) < 3 else contribution(_dot_equation(m, n), i, g, (a, b))


dot: Operator = tensor(
    "dot", "a|x|input, b|y|other|tensor", forward=np.dot, shape=_dot_shape, vjp=_dot_vjp, linear="each", sign="·",
    flops=lambda out, a, b: prod(out) * (2 * a[-1] if a and b else 1) + prod(out), latex=r"{0} \cdot {1}",
    latex_partials=(r"G\,{1}", r"G\,{0}"), aliases=("inner", "vdot"),
    doc="Products, summed: each vector gets the other one, times what came back.",
    example="x = [1, 2]\ny = [3, 4]\ndot(x, y)", sample=(Sample(shape=(4,)), Sample(shape=(4,))),
    spell=Spelling(numpy="np.dot({0}, {1})", torch="torch.matmul({0}, {1})", jax="jnp.dot({0}, {1})",
                   tensorflow="tf.tensordot({0}, {1}, 1)", onnx="MatMul"),
)  # fmt: skip


def _outer_vjp(i: int, g: Any, y: Any, a: Any, b: Any) -> Any:
    m, n = shape_of(a), shape_of(b)
    part = matmul(g, reshape(b, shape=(-1,))) if i == 0 else matmul(reshape(a, shape=(-1,)), g)
    return part if shape_of(part) == (m, n)[i] else reshape(part, shape=(m, n)[i])


outer: Operator = tensor(
    "outer", "a|x|input, b|y|vec2", forward=np.outer, shape=lambda a, b: (prod(a), prod(b)),
    vjp=_outer_vjp, linear="each", flops=lambda out, a, b: prod(out), sign="⊗", latex=r"{0}\,{1}^\top",
    latex_partials=(r"G\,{1}", r"G^\top {0}"), aliases=("ger",),
    doc="Every element of one times every element of the other.", example="x = [1, 2]\ny = [3, 4]\nouter(x, y)",
    sample=(Sample(shape=(2,)), Sample(shape=(3,))),
    spell=Spelling(tensorflow="tf.tensordot({0}, {1}, 0)", onnx=""),
)  # fmt: skip
