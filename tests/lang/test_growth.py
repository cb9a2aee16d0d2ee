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


def test_turns_that_make_more_and_more_are_told_from_the_first_eight() -> None:
    source = "y = x\nfor i in range({}):\n    y = grad(y*y*x, x)\ny"
    (found,) = errors(source.format(100))
    assert (found.code, underlined("\nfor i in range(100):", found)) == ("limit.nodes", ["range(100)"])
    assert "in line 2 makes more than the one before, 5,8" in found.message
    assert len(program(source.format(8)).graph) == 5_858
    assert len(program("for i in range(300):\n    x = tanh(x*w)\nx").graph) == 602


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


def test_what_turns_do_to_integers_is_counted_though_it_makes_no_node() -> None:
    source = "for i in range(10**6):\n    a = i*2 + 1\nx*a"
    (found,) = errors(source)
    assert (found.code, underlined(source, found)) == ("limit.turns", ["range(10**6)"])
    assert "steps of loops: each turn of the loop in line 1 takes about 10" in found.message
    assert "would need about 10,000,010" in found.message
    few = Limits(loop_steps=1_000)
    assert len(program("for i in range(90):\n    a = i*2 + 1\nx*a", limits=few).graph) == 3
    assert errors("sum([i for i in range(9999)])*x", limits=few)[0].code == "limit.turns"
    called = "def f(a):\n    return a + 1\nfor i in range(90):\n    b = f(i)\nx*b"
    assert errors(called, limits=few)[0].code == "limit.turns"


def test_a_loop_of_uneven_turns_ends_where_its_steps_do() -> None:
    source = "for i in range(300):\n    if i > 200:\n        a = i*2\nx*a"
    (found,) = errors(source, limits=Limits(loop_steps=1_000))
    assert found.code == "limit.turns"
    assert found.message.startswith("loops and calls may do 1,000 steps in all")


@pytest.mark.parametrize("start", ["1", "x"])
@pytest.mark.parametrize(
    "end", ["zeros(y)", "sum(y)", "x[y]", "range(y)", "reshape(x, y)", "len(y)*x", "def f(a): return x\nf(y)"]
)
def test_a_list_that_holds_another_twice_forty_times_over_is_not_gone_through(start: str, end: str) -> None:
    begin = time.perf_counter()
    errors(f"y = {start}\n" + "y = [y, y]\n" * 40 + end)
    assert time.perf_counter() - begin < 2  # some tenths of a second on a quiet machine, and years without a count


def test_items_of_lists_are_counted_as_often_as_they_are_gone_through() -> None:
    doubled = "y = 1\n" + "y = [y, y]\n" * 12 + "zeros(y)"
    (found,) = errors(doubled, limits=Limits(nodes=1_000))
    assert found.code == "limit.elements"
    assert found.message.startswith("a program may go through 2,000 items of lists in all")
    assert program("y = [1, 2]\ny = [y, y]\nsum(y)*x", limits=Limits(nodes=1_000)).cost.nodes == 5


@pytest.mark.parametrize(
    ("source", "code", "said"),
    [
        ("zeros(10**5, 10**5)", "limit.elements", "this one of shape (100000, 100000) has 10,000,000,000"),
        ("ones(2000, 1999) + ones(2000, 1999)", "limit.elements", "beside 3,998,000 before it"),
        ("ones(1900, 1900) @ ones(1900)[:, None]*x", None, ""),
        ("ones(1000, 1001) @ ones(1001, 1002)", "limit.flops", "may do 2,000,000,000 operations"),
    ],
)  # fmt: skip
def test_a_limit_says_what_it_counts_and_what_there_is(source: str, code: str | None, said: str) -> None:
    found = errors(source)
    assert [d.code for d in found] == ([code] if code else [])
    assert all(said in d.message for d in found)


def test_a_circuit_that_takes_too_long_to_build_is_told_with_how_far_it_came() -> None:
    source = "y = x\nfor i in range(20):\n    y = grad(y*y*x, x)\ny"
    (found,) = errors(source, limits=Limits(seconds=0.004))
    assert found.code == "limit.time"
    assert "may take 0.003 s, and this one takes longer, at 1,023 nodes" in found.message
    assert "turn 7 of 20 of the loop in line 2" in found.message
