"""The printed figures: what is found, what a goal means, how a number is written. No figure is judged."""

from pathlib import Path

from benchmarks.__main__ import figure, met, modules
from benchmarks.row import Row, times

FOLDER = Path(__file__).parent.parent / "benchmarks"


def test_every_file_that_runs_is_found() -> None:
    assert sorted(modules()) == sorted(p.stem for p in FOLDER.glob("*.py") if "\ndef run()" in p.read_text("utf-8"))


def test_a_ratio_says_how_many_times_better_ours_is() -> None:
    row = times("a thing", 0.002, "the peer", 0.008, 3.0, "ms")
    assert (row.ours, row.peer, row.ratio) == (2.0, 8.0, 4.0)
    assert met(row)


def test_below_its_goal_is_not_met_and_without_one_it_is() -> None:
    slow = Row(name="a", ours=2, peer_name="b", peer=1, unit="s", ratio=0.5, goal=1.0)
    assert not met(slow)
    assert met(Row(name="a", ours=2, peer_name="b", peer=1, unit="s", ratio=0.5))


def test_a_figure_has_three_digits() -> None:
    assert [figure(x) for x in (0.01234, 1.0, 99.96, 1234.5)] == ["0.0123", "1.00", "100", "1,234"]
