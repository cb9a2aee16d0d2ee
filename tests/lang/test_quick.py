"""The quick way of straight-line texts makes the same programs as the parser's."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.diagnostics import ProgramError
from app.graph.program import Program
from app.lang import quick
from app.limits import Limits
from tests.lang.programs import program

NAMES = ["x", "y", "h", "v1", "v2", "sin", "pi"]


@st.composite
def expressions(draw: st.DrawFn, depth: int = 3) -> str:
    kind = draw(st.integers(0, 9)) if depth else draw(st.integers(0, 1))
    if kind == 0:
        return draw(st.sampled_from(["2", "0.5", "-3", "1e2", ".25", "-0", "1", "0.0"]))
    if kind <= 2:
        return draw(st.sampled_from(NAMES))
    inner = expressions(depth - 1)
    if kind == 3:
        return f"({draw(inner)})"
    if kind == 4:
        return f"-{draw(inner)}"
    if kind == 5:
        return f"{draw(st.sampled_from(['tanh', 'relu', 'exp']))}({draw(inner)})"
    if kind == 6:
        return f"{draw(st.sampled_from(['max', 'min', 'maximum', 'hypot']))}({draw(inner)}, {draw(inner)})"
    sign = draw(st.sampled_from(["+", "-", "*", "/", "//", "**"]))
    space = draw(st.sampled_from(["", " "]))
    return f"{draw(inner)}{space}{sign}{space}{draw(inner)}"


@st.composite
def texts(draw: st.DrawFn) -> str:
    lines = [f"{draw(st.sampled_from(NAMES))} = {draw(expressions())}" for _ in range(draw(st.integers(0, 4)))]
    if draw(st.booleans()):
        lines.append(draw(expressions()))
    text = draw(st.sampled_from(["\n", "\n\n", "  # so\n", "\r\n", " \n\t\n"])).join(lines)
    return text.replace("(", draw(st.sampled_from(["(", "( ", " (", "(\n", "( # (so\n  "])))


def said(source: str, **options: Any) -> Program | tuple[str, ...]:
    try:
        return program(source, {"x": 2.0, "unused": 3.0}, **options)
    except ProgramError as error:
        return tuple(d.code for d in error.diagnostics)


def by_parser(source: str, **options: Any) -> Program | tuple[str, ...]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(quick, "attempt", lambda *_, **__: None)
        return said(source, **options)


def same(source: str, **options: Any) -> None:
    """Asserts that both ways make the same of a text."""
    one, other = said(source, **options), by_parser(source, **options)
    if not isinstance(one, Program) or not isinstance(other, Program):
        assert one == other
        return
    assert [o.name for o in one.graph.operators] == [o.name for o in other.graph.operators]
    for field in ("operands", "attributes", "shapes", "differentiable"):
        assert getattr(one.graph, field) == getattr(other.graph, field), field
    assert {i: repr(c) for i, c in one.graph.constants.items()} == {
        i: repr(c) for i, c in other.graph.constants.items()
    }
    for field in ("source", "ids", "names", "labels", "spans", "groups", "output", "seed", "cost", "notes", "warnings"):
        assert getattr(one, field) == getattr(other, field), field
    assert tuple(one.groups_of) == tuple(other.groups_of)
    assert one.parameters == other.parameters
    assert [(i.name, i.node, i.assumed) for i in one.inputs] == [(i.name, i.node, i.assumed) for i in other.inputs]
    assert all(np.array_equal(i.value, j.value, equal_nan=True) for i, j in zip(one.inputs, other.inputs, strict=True))


@settings(max_examples=400)
@given(
    source=texts(),
    share=st.booleans(),
    strict=st.booleans(),
    output=st.sampled_from([None, None, "h", "x", "out:add1", "h:mul1", "\uff58"]),
)
def test_both_ways_make_the_same_program(source: str, share: bool, strict: bool, output: str | None) -> None:
    same(source, share=share, strict=strict, output=output)


@pytest.mark.parametrize(
    "source",
    [
        "f = sin\nx*f(x)", "f = sin\nx*y", "sum = x + y\nsum*2", "max(x, y) + max(2, x, y, z)", "x = 3\nx = x*x\nx*x",
        "y = x\nx = y*y\nx = y\nx*x", "x*y;z", "x = 0\nx*y",
        "x = 1\ny = x + 2\nx = x + y", "x = 0\nx = y", "x = 1\nx = 1",
        "tanh(0.5)*x", "007*x", "1e999*x", "a==b", "x\n  y", "2*3",
        "-(x)", "--x", "x**-2**-y", "(((x)))", "x*\ny", "f(x) = 3", "x = ", "", "#", "x*1.e5", "x.y*2", "sin", "not(x)",
        "grad(x*x, x)", "x // y @ z", "x*y)", "(x*y", "x*y # )", "a\x0b*b", "max(x,)", "max(,x)", "max()",
    ],
)  # fmt: skip
def test_both_ways_say_the_same_of_what_is_odd(source: str) -> None:
    same(source)


def test_limits_are_the_same_both_ways() -> None:
    for limits in (Limits(nodes=4), Limits(flops=2), Limits(nesting=2), Limits(name_length=1), Limits(source_bytes=9)):
        same("((x*y)+(z*yy))*x", limits=limits)
    same(f"{'9' * 301}*x")


@pytest.mark.parametrize(
    "source",
    [
        "x*y",
        "h = tanh(x + 1)\nh*h",
        "a = -x**2\nb = 2**-a\nmax(a, b, x)",
        "x = 3\n(x +\n  1)*2 # so\n",
        "y = x\ny*y + -2*x",
        "max(x, 2, y)",
        "x = 1\ny = 0.0\nx*y",
    ],
)
def test_straight_lines_take_the_quick_way(source: str) -> None:
    assert isinstance(quick.attempt(source, {}, limits=Limits(), share=True, strict=False, output=None), Program)
