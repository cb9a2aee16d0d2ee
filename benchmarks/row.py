"""One figure of a benchmark: ours beside a peer or a limit, measured in the same run."""

import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path


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


def under(name: str, ours: float, most: float, unit: str) -> Row:
    """A row of a figure that must not be over a limit."""
    limit = f"{most:g} {unit}".rstrip()
    return Row(
        name=name, ours=ours, peer_name=limit, peer=most, unit=unit, ratio=most / max(ours, most / 1e6), goal=1.0
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


def against(
    name: str,
    ours: Callable[[], object],
    peer_name: str,
    peer: Callable[[], object],
    goal: float | None = None,
    unit: str = "µs",
    *,
    seconds: float = 0.8,
    rounds: int = 9,
) -> Row:
    """A row of two that are measured in turns, so that what else the machine does meets both."""
    each = seconds / rounds / 2
    pairs = [(best(ours, seconds=each, rounds=1), best(peer, seconds=each, rounds=1)) for _ in range(rounds)]
    return times(name, min(a for a, _ in pairs), peer_name, min(b for _, b in pairs), goal, unit)


@contextmanager
def one_core() -> Iterator[None]:
    """All threads of this process on one core, also those that a library made before; where the system can do that."""
    tasks = Path("/proc/self/task")
    if not tasks.exists():
        yield
        return
    everywhere = os.sched_getaffinity(0)
    try:
        _held(tasks, {min(everywhere)})
        yield
    finally:
        _held(tasks, everywhere)


def _held(tasks: Path, cores: set[int]) -> None:
    for task in tasks.iterdir():
        os.sched_setaffinity(int(task.name), cores)
