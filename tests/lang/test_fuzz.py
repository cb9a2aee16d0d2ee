"""Thousands of mutated programs: an answer, or a ProgramError with codes and places; nothing else, and in bounded
time."""

import json
import time
import tomllib
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.diagnostics import CODES, ProgramError
from app.lang import lower
from app.limits import Limits

ROOT = Path(__file__).parent.parent
SOURCES = [
    text
    for name in ("seed", "published", "torch", "snippets")
    for case in json.loads((ROOT / "reference" / f"{name}.json").read_text("utf-8"))["cases"]
    for text in (case["source"], case.get("equivalent", ""))
]
SOURCES += [
    case["source"]
    for kind in ("case", "said")
    for case in tomllib.loads((ROOT / "cases" / "pasted.toml").read_text("utf-8"))[kind]
]
PIECES = [
    "(", ")", "[", "]", ",", "=", "+", "-", "*", "**", "/", "//", "%", "@", "x", "y", "f", "0", "1", "2.5", "1e9",
    ":", "\n",
    "\n    ", "for i in range(3):", "if i > 0:", "def f(x):", "return x", "grad", "sum", "None", "True", "lambda x: ",
    "not ",
    "and ", "==", "<", ".T", ".shape", ".sum()", "[0]", "[1:]", "[:, 0]", "...", "'s'", "f'{x}'", "import torch\n",
    "with ",
    "*args", "**k", "x.backward()", ".item()", "randn(2,3)", "stack", "concat", "softmax", "max", "{", "}", "in ",
    "is ", "_",
    "é", "0x", "#", "\\", "\t", "np.", "torch.", "tf.", "zip(", "enumerate(", "len(", "print(", "else", "elif",
    "x, y = ",
    "+= ", "del ", "class A:", "await ", "yield ", ":=", "global x", "range(10**9)", "2**9999", "9**9**9", "1e400",
    ">>> ", "```\n", "In [1]: ", "%time\n", "!pip\n", "{'a': ", "['a']", ".items()", "jax.jacobian(", ".split(",
    ".topk(", "rng.normal(", "label_smoothing=", "stop_gradient(", "where(",
    "reshape(x, -1)", "zeros(0)", "one_hot(", "take(", "\u202e", "\ud800", "\0",
]  # fmt: skip
LIMITS = Limits(nodes=5_000, elements=100_000, flops=10_000_000)


@st.composite
def mutated(draw: st.DrawFn) -> str:
    source = draw(st.sampled_from(SOURCES))
    for _ in range(draw(st.integers(1, 4))):
        start = draw(st.integers(0, len(source)))
        end = min(len(source), start + draw(st.integers(0, 6)))
        kind = draw(st.integers(0, 3))
        if kind == 0:
            source = source[:start] + draw(st.sampled_from(PIECES)) + source[end:]
        elif kind == 1:
            source = source[:start] + source[end:]
        elif kind == 2:
            source = source[:start] + draw(st.sampled_from(PIECES)) + source[start:]
        else:
            other = draw(st.sampled_from(SOURCES))
            cut = draw(st.integers(0, len(other)))
            source = source[:start] + other[cut : cut + 20] + source[start:]
    return source


def answered(source: str, *, partial: bool) -> None:
    begin = time.perf_counter()
    try:
        made = lower(source, {"x": 2.0}, limits=LIMITS, partial=partial)
    except ProgramError as error:
        for found in error.diagnostics:
            assert found.code in CODES
            assert found.message
            assert found.spans
    else:
        assert len(set(made.ids)) == len(made.ids)
        assert all(made.spans)
        assert all(0 <= x < node for node, operands in enumerate(made.graph.operands) for x in operands)
        assert bool(made.errors) <= partial
    assert time.perf_counter() - begin < 10


@settings(max_examples=1_500, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(source=mutated(), partial=st.booleans())
def test_a_mutated_program_is_answered(source: str, partial: bool) -> None:
    answered(source, partial=partial)


@settings(max_examples=500)
@given(source=st.text(max_size=60))
def test_any_text_is_answered(source: str) -> None:
    answered(source, partial=False)


# Written by `make fuzz` and scripts/fuzz.py: a few texts that reach every line which coverage-guided fuzzing reached.
CORPUS = json.loads((Path(__file__).parent / "corpus.json").read_text("utf-8"))["texts"]


@pytest.mark.parametrize("partial", [False, True], ids=["whole", "partial"])
def test_the_corpus_of_fuzzing_is_answered(partial: bool) -> None:
    for source in CORPUS:
        answered(source, partial=partial)


FOUND = [
    "x = [[1, 2, 3], [4, 5, 6]]\nx.T.shape[0] * x.sum(range(10**9))",
    "W1 = randn(seed=1)\ntanh(W1)",
    "x = [[1, 2], [3, 4]]\nnp.max(x, x)",
    "x[None]",
    "range(10**9)",
    "b = index(y, z)",
    "import tensorflow as tf\nx = tf.constant(3.0)\nt.w: y = x * x\ny = x*x\ngrad(y, z)",
    "import torch\nx = torch.tensor(3.0)\ny = x*x\nz = y*x\nz.backward()",
]


@pytest.mark.parametrize("source", FOUND)
def test_programs_that_once_broke_it(source: str) -> None:
    answered(source, partial=False)
