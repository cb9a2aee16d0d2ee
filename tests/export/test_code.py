"""Programs for other frameworks: each runs, and gives the value and the gradients that the circuit shows.

NumPy's always run, and JAX's where `make test` installed it; those of the other frameworks run where these are
installed, and are compiled everywhere.
"""

import ast
import itertools
import keyword
import os
from collections.abc import Mapping
from importlib.util import find_spec
from operator import attrgetter
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.diagnostics import ProgramError
from app.export import formats
from app.export.code.names import Names, escaped, quoted
from app.graph.builder import Builder
from app.lang import lower
from app.ops.catalogue import CATALOGUE
from app.ops.operator import Operator
from app.work.gallery import Example, examples
from tests.export.programs import LIMITS, assembled, compared, lowered, program_of, ran, subject

MODULES = {"numpy": "numpy", "pytorch": "torch", "jax": "jax", "tensorflow": "tensorflow"}
INSTALLED = [name for name, module in MODULES.items() if find_spec(module) is not None]
PRIMITIVES = [op for op in CATALOGUE.values() if op.family not in {"leaf", "composed"}]
# Near its sample a determinant may be negative, and its logarithm NaN, with which frameworks do as they like.
VALUES: Mapping[str, tuple[Any, ...]] = {"logdet": (np.eye(3) + 0.1 * np.arange(9.0).reshape(3, 3),)}


def written(name: str, program: Any) -> str:
    text = formats()[name].write(subject(program))
    assert isinstance(text, str)
    return text


def test_jax_and_onnx_runtime_are_there_where_ci_runs() -> None:
    assert not os.environ.get("CI") or (find_spec("jax") and find_spec("onnxruntime"))


# ── Every operator ───────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("op", PRIMITIVES, ids=attrgetter("name"))
def test_every_operator_can_be_written_for_every_framework(op: Operator) -> None:
    program = program_of(op, values=VALUES.get(op.name, ()))
    for name in MODULES:
        compile(written(name, program), name, "exec")


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("name", INSTALLED)
@pytest.mark.parametrize("op", PRIMITIVES, ids=attrgetter("name"))
def test_every_operator_has_its_value_and_gradients_there(name: str, op: Operator) -> None:
    for shape in ((), (2, 3)) if op.family == "elementwise" else ((),):
        made = subject(program_of(op, shape=shape, values=VALUES.get(op.name, ())))
        text = formats()[name].write(made)
        assert isinstance(text, str)
        compared(made, text)


def test_an_operator_without_a_spelling_is_said_to_have_none() -> None:
    nameless = Operator(
        name="novel", family="elementwise", flops=lambda *_, **__: 1, sign="n", latex="{0}", doc="", example="",
        forward=np.positive, scalar=float, shape=lambda x: x, partials=lambda x, y: (1,),
    )  # fmt: skip
    builder = Builder(LIMITS)
    x = builder.input()
    program = assembled(builder, {"x": (x, 1.0)}, builder.apply(nameless, [x]))
    assert "np.novel(x)" in written("numpy", program)  # by its own name
    with pytest.raises(ProgramError, match="novel"):
        formats()["onnx"].write(subject(program))


# ── The gallery ──────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("name", INSTALLED)
@pytest.mark.parametrize("example", examples(), ids=attrgetter("name"))
def test_each_circuit_of_the_gallery_gives_its_numbers(name: str, example: Example) -> None:
    program = lower(example.source, example.inputs, limits=LIMITS, output=example.options.get("output"))
    compared(subject(program), written(name, program))


@pytest.mark.parametrize("example", examples(), ids=attrgetter("name"))
def test_each_circuit_of_the_gallery_is_a_program_everywhere(example: Example) -> None:
    program = lower(example.source, example.inputs, limits=LIMITS)
    for name in MODULES:
        compile(written(name, program), name, "exec")


# ── Conventions ──────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("name", INSTALLED)
@pytest.mark.parametrize(
    ("source", "grads"),
    [
        ("max(x, y)", {"x": 0.5, "y": 0.5}),
        ("min(x, y, x*1) + y", {"x": 2 / 3, "y": 4 / 3}),
        ("relu(x - 2) + y", {"x": 0.0, "y": 1.0}),
        ("abs(x - 2) + y", {"x": 0.0, "y": 1.0}),
        ("clip(x, 2, 3)*y", {"x": 2.0, "y": 2.0}),
        ("leaky_relu(x - 2) + y", {"x": 0.01, "y": 1.0}),
        ("where(x > 1, x*y, exp(x))", {"x": 2.0, "y": 2.0}),
        ("x*stop_gradient(x) + 0*y", {"x": 2.0, "y": 0.0}),
        ("x", {"x": 1.0, "y": 0.0}),
        ("floor(x) + y", {"x": 0.0, "y": 1.0}),
    ],
)
def test_ties_and_kinks_are_as_the_circuit_says(name: str, source: str, grads: dict[str, float]) -> None:
    _, found = ran(written(name, lowered(f"y = 2\n{source}" if source == "x" else source, x=2, y=2)))
    assert {key: float(found[key]) for key in grads} == pytest.approx(grads)


@pytest.mark.parametrize("name", INSTALLED)
def test_an_output_without_a_gradient_has_zeros(name: str) -> None:
    value, grads = ran(written(name, lowered("x > 1", x=2)))
    assert (float(value), float(grads["x"])) == (1.0, 0.0)


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("name", INSTALLED)
def test_what_is_not_finite_is_a_value(name: str) -> None:
    value, grads = ran(written(name, lowered("x/0 + sqrt(y)", x=1, y=0)))
    assert (float(value), float(grads["x"]), float(grads["y"])) == (np.inf, np.inf, np.inf)


# ── How it reads ─────────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_numpy_program_reads_as_one_would_write_it() -> None:
    text = written("numpy", lowered("q = x*y\nq + max(q, z)", x=3, y=-4, z=2))
    assert "\nq = x * y\n" in text
    assert "\nd_x = d_q * y\n" in text


def test_a_power_by_a_number_has_the_derivative_of_the_textbook() -> None:
    text = written("numpy", lowered("x**3", x=2))
    assert "\nd_x = 3.0 * x ** 2.0\n" in text


def test_a_second_value_of_a_name_is_counted() -> None:
    text = written("pytorch", lowered("h = x*2\nh = h*h\nh_2 = h + 1\nh_2*h", x=2))
    assert "\nh = x * 2.0\nh_3 = h * h\nh_2 = h_3 + 1.0\n" in text


def test_calls_are_said_above_their_gates() -> None:
    assert "\n# block#1\n" in written("jax", lowered("def block(h):\n    return tanh(h)*h\nblock(x)", x=2)).replace(
        "    ", ""
    )


def test_a_long_sum_and_a_long_chain_compile() -> None:
    for source in (" + ".join(["x*y"] + ["x"] * 3_000), "y = x\n" + "y = sin(y)\n" * 3_000):
        program = lowered(source, x=2)
        for name in MODULES:
            compile(written(name, program), name, "exec")


# ── Untrusted text ───────────────────────────────────────────────────────────────────────────────────────────────────


@given(st.text())
def test_any_text_between_quotes_is_that_text(text: str) -> None:
    assert ast.literal_eval(quoted(text)) == text


@given(st.text())
def test_any_text_in_a_comment_stays_in_it(text: str) -> None:
    assert ast.parse(f"# {escaped(text)}\n").body == []
    assert escaped(text).isprintable()


WORDS = [
    *keyword.kwlist,
    "np",
    "torch",
    "F",
    "jax",
    "jnp",
    "f",
    "tf",
    "value",
    "grads",
    "print",
    "sum",
    "zip",
    "__import__",
]


@given(st.lists(st.sampled_from(WORDS) | st.text(min_size=1), max_size=12))
def test_names_are_legal_and_each_its_own(wanted: list[str]) -> None:
    names = Names({"np", "value"})
    for each in wanted:
        names.claim(each)
    found = [names.fresh(each) for each in wanted]
    assert len(set(found)) == len(found)
    for name in found:
        ast.parse(f"{name} = 1")
        assert name not in {"np", "value", "print", "sum", "zip", *keyword.kwlist}
        assert not name.startswith("__")


NAMED = ["np", "torch", "jnp", "tf", "f", "value", "grads", "d_x", "t", "erf", "名前", "ﬁ", "print", "math", "inputs"]


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("name", INSTALLED)
def test_names_of_the_target_are_renamed(name: str) -> None:
    source = "\n".join(f"{a} = {b}*1.5 + erf(x)" for b, a in itertools.pairwise(["x", *NAMED]))
    program = lowered(source, x=0.5)
    compared(subject(program), written(name, program))


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("name", INSTALLED)
@pytest.mark.parametrize(
    "comment", ['"""', "'''", "-*- coding: utf-16 -*-", "\\", "\\N{DEL}", "a\u2028import os", "\u202e", "\x0craise"]
)
def test_a_comment_of_the_source_is_a_comment(name: str, comment: str) -> None:
    program = lowered(f"# {comment}\nx*x # {comment}", x=3)
    value, _ = ran(written(name, program))
    assert float(value) == 9.0


def test_too_many_numbers_are_refused() -> None:
    with pytest.raises(ProgramError, match="written out"):
        written("numpy", lowered("x = randn(500, 500, seed=1)\nsum(x)"))
