"""Explanations: rules with their numbers, sums, conventions."""

import pytest

from app.analysis.explain import Explanation, called, conventions, explain
from app.analysis.mathematics import latex
from app.autodiff.reverse import trace
from app.autodiff.shown import shown
from app.graph.builder import Builder
from app.graph.groups import view
from app.graph.program import Program
from app.limits import UNLIMITED
from app.ops.catalogue import CATALOGUE
from app.ops.operator import partials
from tests.autodiff.graphs import apply, program


def explained(made: Program) -> dict[str, Explanation]:
    seen = view(made, limits=UNLIMITED)
    found = trace(made.graph, made.values(), made.output)
    return dict(zip((n.id for n in seen.nodes), explain(seen, found, shown(seen, found)), strict=True))


def residual() -> Program:
    b = Builder(UNLIMITED)
    x, y, z, w = (b.input() for _ in range(4))
    xy = apply(b, "mul", x, y)
    out = apply(b, "mul", apply(b, "add", xy, apply(b, "add", xy, apply(b, "maximum", z, w))), 2.0)
    return program(b, out, {"x": (x, 3.0), "y": (y, -4.0), "z": (z, 2.0), "w": (w, 2.0)}, names={xy: "xy"})


def test_the_sum_at_the_fan_out_is_written() -> None:
    found = explained(residual())
    assert found["xy"].sum == "2 + 2 = 4"
    assert found["x"].sum is None


def test_a_rule_stands_bare_and_with_its_numbers() -> None:
    found = explained(residual())["xy"]
    result = r"{\mathit{xy}}"
    assert found.latex == (
        rf"\frac{{\partial {result}}}{{\partial x}} = y",
        rf"\frac{{\partial {result}}}{{\partial y}} = x",
    )
    assert found.latex_numbers == (
        rf"\frac{{\partial {result}}}{{\partial x}} = -4",
        rf"\frac{{\partial {result}}}{{\partial y}} = 3",
    )
    assert found.doc is not None


@pytest.mark.parametrize(
    ("name", "given", "own", "letters"),
    [
        ("maximum", ["z", "w"], None, ("z", "w", "v")),  # y and x are inputs here, and mean those
        ("mul", ["x", None], "y", ("x", "v", "y")),
        ("mul", ["x", "x"], None, ("v", "p", "q")),  # one value in two slots: a slope is of one of them
        ("mul", ["h", "w"], "h", ("h", "w", "v")),  # a result that takes its operand's name
        ("div", ["alpha", "x1"], "loss", (r"{\alpha}", "{x_{1}}", r"{\mathit{loss}}")),
        ("matmul", ["W", None], "h", ("W", "B", "Y")),
        ("matmul", ["G", "Y"], None, ("A", "B", "Y")),  # G is what comes back, Y the result
    ],
)
def test_a_rule_calls_its_operands_as_the_program_does(
    name: str, given: list[str | None], own: str | None, letters: tuple[str, ...]
) -> None:
    assert called(CATALOGUE[name], tuple(given), own, frozenset("xyzwu")) == letters


def test_a_tie_is_explained_and_warned_of() -> None:
    made = residual()
    tied = next(e for e in explained(made).values() if e.convention is not None)
    assert "shared evenly" in (tied.convention or "")
    found = trace(made.graph, made.values(), made.output)
    (said,) = conventions(made, found)
    assert said.code == "value.tie"
    assert "maximum" in said.message


def test_no_tie_no_warning() -> None:
    made = residual()
    values = {**made.values(), 3: 1.0}
    assert conventions(made, trace(made.graph, values, made.output)) == []


@pytest.mark.parametrize(
    ("name", "arity", "slot", "expected"),
    [
        ("tanh", 1, 0, r"1 - y \cdot y"),
        ("sigmoid", 1, 0, r"y \cdot \left(1 - y\right)"),
        ("div", 2, 1, r"-\frac{y}{b}"),
        ("sqrt", 1, 0, r"\frac{1}{2 \cdot y}"),
        ("sin", 1, 0, r"\cos\left(a\right)"),
        (
            "maximum",
            2,
            0,
            r"\begin{cases} 0 & \text{if } a < b \\ 0.5 & \text{if } a = b \\ 1 & \text{else} \end{cases}",
        ),
    ],
)
def test_brackets_stand_where_precedence_asks(name: str, arity: int, slot: int, expected: str) -> None:
    tree = partials(CATALOGUE[name], arity)[slot]
    assert latex(tree, {"x0": "a", "x1": "b", "y": "y"}) == expected


def test_the_larger_of_two_has_three_cases_in_one_list() -> None:
    tree = partials(CATALOGUE["maximum"], 2)[0]
    cases = r"0 & \text{if } a < b \\ 0.5 & \text{if } a = b \\ 1 & \text{else}"
    assert latex(tree, {"x0": "a", "x1": "b"}) == rf"\begin{{cases}} {cases} \end{{cases}}"


def test_the_largest_of_many_asks_a_reader_nothing_about_nan() -> None:
    tree = partials(CATALOGUE["maximum"], 3)[0]
    names = {"x0": "a", "x1": "b", "x2": "c", "y": "m"}
    assert (latex(tree, names) or "").endswith(r"& \text{if } a = m \\ 0 & \text{else} \end{cases}")
    undefined = dict.fromkeys(names, r"\text{NaN}")
    assert r"\text{NaN} \ne \text{NaN}" in (latex(tree, undefined) or "")


def test_a_negative_number_in_a_product_is_bracketed() -> None:
    tree = partials(CATALOGUE["square"], 1)[0]
    assert latex(tree, {"x0": "-3"}) == r"2 \cdot \left(-3\right)"
