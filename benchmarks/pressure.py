"""A server whose pool is full of heavy programs, and of whose traffic a seventh is hostile: what small requests notice.

On 32 connections: four ask for heavy programs without pause, the rest for small ones, of which each seventh is hostile.
"""

import asyncio
import os
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter

import httpx

from benchmarks.row import Row, times
from benchmarks.service import SEED, served

SECONDS = 8.0
CONNECTIONS = 32
HEAVY = "a = randn(700, 700)\nfor i in range(2):\n    a = a @ a * {}\nsum(a)"
HOSTILE = (
    "(" * 5000 + "x" + ")" * 5000,
    "x = 1\nfor i in range(10**9):\n    x = x + 1\nx",
    "9" * 5000,
    "().__class__.__bases__[0].__subclasses__()",
    "a = zeros(100000, 100000)\nsum(a @ a)",
    "def f(x):\n    return f(x)\nf(1)",
)


@dataclass(slots=True)
class Heard:
    """What was answered: seconds of each small request, ascending; how many of each status, small and other."""

    waits: list[float] = field(default_factory=list)
    small: Counter[int] = field(default_factory=Counter)
    other: Counter[int] = field(default_factory=Counter)

    def quantile(self, q: float) -> float:
        return self.waits[int(len(self.waits) * q)]


def run() -> Iterable[Row]:
    """The small requests' median and 99th percentile beside those of a quiet server; how many were served; memory."""
    with TemporaryDirectory() as folder, served("app.cli", "serve", folder=Path(folder)) as port:
        asyncio.run(asked(port, heavy=0, seconds=1.0))
        # As many connections, so that what differs is the pressure.
        quiet = asyncio.run(asked(port, heavy=0, seconds=SECONDS))
        busy = asyncio.run(asked(port, heavy=4, seconds=SECONDS))
        memory = sum(resident(process) for process in family(os.getpid()) if process != os.getpid())
    wrong = {status: count for status, count in (busy.small + busy.other).items() if status >= 500 and status != 503}
    assert not wrong, wrong
    for name, q in (("median", 0.5), ("99th percentile", 0.99)):
        yield times(f"a small request under pressure, {name}", busy.quantile(q), "quiet", quiet.quantile(q), 0.5, "ms")
    served_ = 100 * busy.small[200] / busy.small.total()
    yield Row(
        name="small requests served", ours=served_, peer_name="99 %", peer=99, unit="%", ratio=served_ / 99, goal=1.0
    )
    yield Row(
        name="memory of all its processes", ours=memory, peer_name="1 GiB", peer=1024, unit="MiB", ratio=1024 / memory,
        goal=1.0,
    )  # fmt: skip


async def asked(port: int, *, heavy: int, seconds: float) -> Heard:
    """What the server answers in that time, with so many connections of heavy programs."""
    found = Heard()
    until = perf_counter() + seconds
    limits = httpx.Limits(max_connections=CONNECTIONS, max_keepalive_connections=CONNECTIONS)
    async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}/api/v1", limits=limits, timeout=30) as client:

        async def one(turn: int) -> None:
            while perf_counter() < until:
                turn += CONNECTIONS
                if turn % CONNECTIONS < heavy:
                    answer = await client.post("/graph", json={"source": HEAVY.format(1 / (turn + 1))})
                    found.other[answer.status_code] += 1
                elif heavy and turn // CONNECTIONS % 7 == 0:
                    answer = await client.post("/graph", json={"source": HOSTILE[turn % len(HOSTILE)]})
                    found.other[answer.status_code] += 1
                else:
                    inputs = {"x": 1 + turn / 1e6, "y": -4, "z": 2, "w": -1}
                    begun = perf_counter()
                    answer = await client.post("/graph", json={"source": SEED, "inputs": inputs})
                    found.waits.append(perf_counter() - begun)
                    found.small[answer.status_code] += 1
                    if answer.status_code == 200:
                        expected = 4 * inputs["x"] * -4 + 4 + 45
                        assert abs(answer.json()["output"]["value"] - expected) < 1e-9

        await asyncio.gather(*[one(turn) for turn in range(CONNECTIONS)])
    found.waits.sort()
    return found


def family(process: int) -> Iterator[int]:
    """A process and all that came from it (Linux)."""
    yield process
    for task in Path(f"/proc/{process}/task").glob("*/children"):
        for child in task.read_text().split():
            yield from family(int(child))


def resident(process: int) -> float:
    """MiB that a process keeps in memory; what it shares is counted for each."""
    pages = int(Path(f"/proc/{process}/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 2**20
