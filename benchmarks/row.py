"""One figure of a benchmark: ours beside a peer or a limit, measured in the same run."""

import time
from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """`ours` and `peer` in `unit`; `ratio` is how many times better ours is (above 1: better); `goal`, where there is
    one, is the least ratio asked for."""

    name: str
    ours: float
    peer_name: str
    peer: float
    unit: str
    ratio: float
    goal: float | None = None


def times(name: str, ours: float, peer_name: str, peer: float, goal: float | None = None, unit: str = "µs") -> Row:
    """A row of two durations in seconds."""
    scale = {"s": 1.0, "ms": 1e3, "µs": 1e6}[unit]
    return Row(
        name=name, ours=ours * scale, peer_name=peer_name, peer=peer * scale, unit=unit, ratio=peer / ours, goal=goal
    )


def best(function: Callable[[], object], *, seconds: float = 0.4, rounds: int = 7) -> float:
    """The least duration of a call (s), of several rounds that together take about `seconds`."""
    start = time.perf_counter()
    function()
    once = max(time.perf_counter() - start, 1e-7)
    calls = max(1, int(seconds / rounds / once))
    least = float("inf")
    for _ in range(rounds):
        start = time.perf_counter()
        for _ in range(calls):
            function()
        least = min(least, (time.perf_counter() - start) / calls)
    return least
