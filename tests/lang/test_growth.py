"""Limits that loops and calls are going to reach."""

import time

import pytest

from app.limits import Limits
from tests.lang.programs import errors, program, underlined

GROWING = {
    "a long loop": "for i in range(10**6):\n    x = sin(x) + i\nx",
    "a loop in a loop": "for i in range(300):\n    for j in range(900):\n        x = x*y\nx",
    "a list of gates": "sum([sin(x*i) for i in range(10**6)])",
    "a composition in a loop": "x = [1, 2]\nfor i in range(10**5):\n    x = softmax(x)\nx",
    "calls of calls": "def f0(x): return x*x\n"
    + "".join(f"def f{i}(x): return f{i - 1}(f{i - 1}(x))\n" for i in range(1, 40)) + "f39(x)",
}  # fmt: skip


@pytest.mark.parametrize("source", GROWING.values(), ids=GROWING)
def test_a_limit_that_loops_or_calls_will_reach_is_told_before_it_is_reached(source: str) -> None:
    begin = time.perf_counter()
    (found,) = errors(source)
    assert time.perf_counter() - begin < 1  # some milliseconds on a quiet machine, where reaching it takes seconds
    assert found.code == "limit.nodes"
    assert "need about" in found.message or "in all" in found.message


def test_turns_of_loops_within_loops_are_counted_before_they_begin() -> None:
    (found,) = errors("for i in range(1001):\n    for j in range(1000):\n        x = x + 1\nx")
    assert (found.code, underlined("\n    for j in range(1000):", found)) == ("limit.turns", ["range(1000)"])
    assert "1,002,001" in found.message


def test_a_first_turn_that_is_longer_than_the_others_is_no_forecast() -> None:
    limits = Limits(nodes=1_000)
    first = "for i in range(300):\n  if i < 3:\n    for j in range(50):\n      x = sin(x)\n  x = cos(x)\nx"
    fewer = "for i in range(40):\n    for j in range(40 - i):\n        x = sin(x)\nx"
    assert len(program(first, limits=limits).graph) == 451
    assert len(program(fewer, limits=limits).graph) == 821


def test_empty_turns_cost_nothing() -> None:
    begin = time.perf_counter()
    assert len(program("for i in range(10**6):\n    pass\nx*i").graph) == 3
    assert time.perf_counter() - begin < 3
