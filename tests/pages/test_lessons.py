"""Our lessons: every block is right, every number in the prose is the engine's, and a wrong block says so in place."""

import json
import math
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from app.limits import Limits
from app.pages.lessons import chosen, lessons, plate_of, plates_of, sources
from app.pages.prose import Block, Lesson
from app.work import pipeline
from app.work.plate import by_depth
from app.work.request import View, read

LIMITS = Limits()
CASES = Path(__file__).parents[1] / "cases"


def blocks(found: Lesson) -> list[Block]:
    return [part for part in found.parts if isinstance(part, Block)]


def every() -> Iterator[Any]:
    for found in lessons():
        for block in blocks(found):
            yield pytest.param(block, id=f"{found.name}:{block.line}")


@pytest.mark.parametrize("block", list(every()))
def test_every_block_draws_without_an_error_or_a_warning(block: Block) -> None:
    found = plate_of(block, "figure-1", LIMITS)
    assert [error.message for error in found.errors] == []
    assert found.svg or block.kind == "depth"
    for source in sources(block):
        answer = pipeline.graph(read(View, {**block.fields, "source": source}), LIMITS)
        remarks = [each.code for each in answer.warnings if each.code not in {"value.not-finite", "value.tie"}]
        assert remarks == []
        assert not any(each.assumed for each in answer.inputs)


def test_the_first_lesson_is_that_of_skip_connections_and_has_its_eight_points() -> None:
    first = lessons()[0]
    assert first.name == "skip-connections"
    assert [each.text[:2] for each in first.headings[:8]] == [f"{n}." for n in range(1, 9)]


def test_a_wrong_program_is_said_in_its_place() -> None:
    wrong = Block(kind="circuit", line=1, fields={"source": "2x"})
    right = Block(kind="circuit", line=4, fields={"source": "2*x", "inputs": {"x": 1}})
    found = plates_of([wrong, right], LIMITS)
    assert found[0].errors[0].code == "syntax.missing-operator"
    assert found[1].errors == []


def test_an_option_of_a_figure_that_is_wrong_is_said_too() -> None:
    block = Block(kind="steps", line=1, fields={"source": "w*2", "inputs": {"w": 1}}, options={"optimizer": "magic"})
    assert [error.code for error in plate_of(block, "figure-1", LIMITS).errors] == ["request.option"]


@pytest.mark.parametrize("case", json.loads((CASES / "choice.json").read_text("utf-8")))
def test_a_choice_fills_in_a_function(case: dict[str, str]) -> None:
    assert chosen(case["source"], case["name"], case["word"]) == case["result"]


# ── What the prose says ──────────────────────────────────────────────────────────────────────────────────────────────


def grads(name: str, index: int) -> dict[str, Any]:
    """The inputs' gradients of the nth block of a lesson, from 0."""
    block = blocks(next(each for each in lessons() if each.name == name))[index]
    answer = pipeline.graph(read(View, block.fields), LIMITS)
    return {each.name: getattr(each.grad, "data", each.grad) for each in answer.inputs}


def test_the_skip_lesson_s_numbers() -> None:
    assert grads("skip-connections", 0) == {"x1": 1, "x2": 1}
    assert grads("skip-connections", 1) == {"x1": 10, "x2": 10}
    plain, residual = grads("skip-connections", 4), grads("skip-connections", 5)
    assert (plain["x"], plain["y"]) == (-8, 6)
    assert (residual["x"], residual["y"]) == (-16, 12)
    assert f"{0.5**20:.2g}" == "9.5e-07"


def test_adam_s_first_step_is_as_long_as_the_learning_rate() -> None:
    block = next(each for each in blocks(lessons()[0]) if each.kind == "steps")
    (table,) = plate_of(block, "figure-1", LIMITS).tables
    assert [row[5] for row in table.rows[:3]] == ["0.1", "0.1", "0.1"]


def test_most_of_the_gradient_comes_by_short_paths() -> None:
    block = next(each for each in blocks(lessons()[0]) if each.kind == "lengths")
    (table,) = plate_of(block, "figure-1", LIMITS).tables
    shares = [float(row[3].split()[0]) for row in table.rows]
    assert table.rows[0][:3] == ["0", "1", "1"]  # the bus alone: exactly the identity
    assert shares[0] + shares[1] > 75
    assert sum(shares[:-1]) == pytest.approx(100, abs=0.02)
    assert [row[1] for row in table.rows] == ["1", "3", "3", "1", "8"]


def first_over_last(activation: str, scale: float) -> list[float]:
    """How much of the gradient reaches the first layer, of the plain stack and of the residual one."""
    block = next(each for each in blocks(lessons()[0]) if each.kind == "depth")
    programs = [chosen(source, "act", activation) for source in block.fields["source"].split("\n---\n")]
    inputs = {"L": 30, "scale": scale}
    table = by_depth([read(View, {"source": p, "inputs": inputs}) for p in programs], ["plain", "residual"], LIMITS)
    number = [[float(x.replace("−", "-")) for x in row[1:]] for row in (table.rows[0], table.rows[-1])]
    return [a / b for a, b in zip(*number, strict=True)]


def test_the_plain_stack_vanishes_and_explodes_and_the_residual_one_only_explodes() -> None:
    vanishing, arriving = first_over_last("tanh", 0.6)
    assert vanishing < 1e-5
    assert 1 <= arriving < 100
    exploding, exploding_too = first_over_last("none", 2.5)
    assert exploding > 1e8
    assert exploding_too > 1e8
    assert all(first_over_last("sigmoid", scale)[0] < 1e-5 for scale in (0.5, 1.0, 2.5))


def test_the_other_lessons_numbers() -> None:
    assert grads("chain-rule", 0) == {"x": 6}
    assert f"{3.001**2:.3f}" == "9.006"
    assert grads("gates", 0) == {"a": 3, "b": 3}
    assert grads("gates", 1) == {"a": 3, "b": 0}
    assert grads("gates", 2) == {"a": -15, "b": 6}
    assert grads("gates", 3) == {"x": -8, "y": 6, "z": 2, "w": 0}
    softmax = grads("softmax-cross-entropy", 0)
    assert [round(softmax[name], 3) for name in ("s0", "s1", "s2")] == [-0.341, 0.242, 0.099]
    assert [round(x, 3) for x in grads("softmax-cross-entropy", 1)["s"]] == [-0.341, 0.242, 0.099]
    assert grads("saturation", 1)["x"] < 0.25**4 < 0.004
    assert grads("saturation", 3) == {"w": 0, "x": 0, "b": 0}
    assert grads("saturation", 4)["b"] == 0.01
    normalised = grads("normalisation", 1)["x"]
    assert math.isclose(sum(normalised), 0, abs_tol=1e-12)
    assert abs(sum(g * x for g, x in zip(normalised, (1, 2, 4), strict=True))) < 1e-4
