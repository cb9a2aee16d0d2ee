"""How much memory a server takes, with all its processes (Linux)."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

EVERY = 0.1  # seconds


def family(process: int) -> Iterator[int]:
    """A process and all that came from it."""
    yield process
    for task in Path(f"/proc/{process}/task").glob("*/children"):
        try:
            children = task.read_text().split()
        except OSError:  # it has just ended
            continue
        for child in children:
            yield from family(int(child))


def taken(process: int) -> float:
    """MiB that a process and its descendants keep in memory; what several share is counted once."""
    return sum(map(_taken, family(process)))


def _taken(process: int) -> float:
    try:
        lines = Path(f"/proc/{process}/smaps_rollup").read_text().splitlines()
    except OSError:  # it has just ended
        return 0.0
    return next((int(line.split()[1]) / 1024 for line in lines if line.startswith("Pss:")), 0.0)


@dataclass(slots=True)
class Watched:
    """MiB at the beginning, and at most."""

    start: float
    most: float


@contextmanager
def watched(process: int) -> Iterator[Watched]:
    """Looks at the memory of a process and its descendants again and again."""
    begun = taken(process)
    found = Watched(begun, begun)
    over = threading.Event()

    def watch() -> None:
        while not over.wait(EVERY):
            found.most = max(found.most, taken(process))

    watching = threading.Thread(target=watch)
    watching.start()
    try:
        yield found
    finally:
        over.set()
        watching.join()
        found.most = max(found.most, taken(process))
