"""The quick way of straight-line texts makes the same programs as the parser's."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.diagnostics import ProgramError
from app.graph.program import Program
from app.lang import quick
from tests.lang.programs import program

NAMES = ["x", "y", "h", "v1", "v2"]


@st.composite
def expressions(draw: st.DrawFn, depth: int = 3) -> str:
    kind = draw(st.integers(0, 9)) if depth else draw(st.integers(0, 1))
    if kind == 0:
        return draw(st.sampled_from(["2", "0.5", "-3", "1e2", ".25", "-0"]))
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
    lines.append(draw(expressions()))
    return draw(st.sampled_from(["\n", "\n\n", "  # so\n"])).join(lines)


def said(source: str, **options: Any) -> Program | tuple[str, ...]:
    try:
        return program(source, {"x": 2.0}, **options)
    except ProgramError as error:
        return tuple(d.code for d in error.diagnostics)


@settings(max_examples=400)
@given(source=texts(), share=st.booleans())
def test_both_ways_make_the_same_program(source: str, share: bool) -> None:
    one = said(source, share=share)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(quick, "attempt", lambda m, source: False)
        other = said(source, share=share)
    if not isinstance(one, Program) or not isinstance(other, Program):
        assert one == other
        return
    assert [o.name for o in one.graph.operators] == [o.name for o in other.graph.operators]
    assert one.graph.operands == other.graph.operands
    assert {i: repr(c) for i, c in one.graph.constants.items()} == {
        i: repr(c) for i, c in other.graph.constants.items()
    }
    for field in ("ids", "names", "spans", "output", "cost", "notes", "warnings", "parameters"):
        assert getattr(one, field) == getattr(other, field), field
    assert [(i.name, i.node, i.assumed) for i in one.inputs] == [(i.name, i.node, i.assumed) for i in other.inputs]
    assert all(np.array_equal(i.value, j.value, equal_nan=True) for i, j in zip(one.inputs, other.inputs, strict=True))


@pytest.mark.parametrize(
    "source",
    [
        "x*y",
        "h = tanh(x + 1)\nh*h",
        "a = -x**2\nb = 2**-a\nmax(a, b, x)",
        "x = 3\n(x +\n  1)*2 # so\n",
        "y = x\ny*y + -2*x",
    ],
)
def test_straight_lines_take_the_quick_way(source: str) -> None:
    seen = []
    attempt = quick.attempt
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(quick, "attempt", lambda m, source: seen.append(attempt(m, source)) or seen[-1])
        program(source)
    assert seen == [True]
