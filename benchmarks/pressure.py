"""A server whose pool is full of heavy programs, and of whose traffic a seventh is hostile: what small requests notice.

On 32 connections: four ask for heavy programs without pause, the rest for small ones, of which each seventh is hostile.
"""

import asyncio
import json
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter

from benchmarks.memory import taken, watched
from benchmarks.row import Row, times, under
from benchmarks.service import SEED, connected, process

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

    def hear(self, status: int, head: bytes, _: bytes) -> None:
        self.other[status] += 1
        assert status != 503 or b"\r\nretry-after: " in head

    def quantile(self, q: float) -> float:
        return self.waits[int(len(self.waits) * q)]


def run() -> Iterable[Row]:
    """The small requests' median and 99th percentile beside those of a quiet server; how many were served; memory."""
    with TemporaryDirectory() as folder, process("app.cli", "serve", folder=Path(folder)) as (port, server):
        asyncio.run(asked(port, heavy=4, seconds=2.0))
        # As many connections, so that what differs is the pressure.
        quiet = asyncio.run(asked(port, heavy=0, seconds=SECONDS))
        with watched(server) as memory:
            busy = asyncio.run(asked(port, heavy=4, seconds=SECONDS))
        after = taken(server)
    wrong = {status: count for status, count in (busy.small + busy.other).items() if status >= 500 and status != 503}
    assert not wrong, wrong
    for name, q in (("median", 0.5), ("99th percentile", 0.99)):
        yield times(f"a small request under pressure, {name}", busy.quantile(q), "quiet", quiet.quantile(q), 0.5, "ms")
    served_ = 100 * busy.small[200] / busy.small.total()
    yield Row(
        name="small requests served", ours=served_, peer_name="99 %", peer=99, unit="%", ratio=served_ / 99, goal=1.0
    )
    yield under("memory of all its processes, at most", memory.most, 1024, "MiB")
    yield under("by how much it grew, once all is answered", after - memory.start, 100, "MiB")


async def asked(port: int, *, heavy: int, seconds: float) -> Heard:
    """What the server answers in that time, with so many connections of heavy programs."""
    found = Heard()
    until = perf_counter() + seconds

    async def one(turn: int) -> None:
        async with connected(port) as post:
            while perf_counter() < until:
                turn += CONNECTIONS
                if turn % CONNECTIONS < heavy:
                    found.hear(*await post("/api/v1/graph", body(HEAVY.format(1 / (turn + 1)))))
                elif heavy and turn // CONNECTIONS % 7 == 0:
                    found.hear(*await post("/api/v1/graph", body(HOSTILE[turn % len(HOSTILE)])))
                else:
                    inputs = {"x": 1 + turn / 1e6, "y": -4, "z": 2, "w": -1}
                    begun = perf_counter()
                    status, _, answer = await post("/api/v1/graph", body(SEED, inputs))
                    found.waits.append(perf_counter() - begun)
                    found.small[status] += 1
                    if status == 200:
                        expected = 4 * inputs["x"] * -4 + 4 + 45
                        assert abs(json.loads(answer)["output"]["value"] - expected) < 1e-9

    await asyncio.gather(*[one(turn) for turn in range(CONNECTIONS)])
    found.waits.sort()
    return found


def body(source: str, inputs: Mapping[str, float] | None = None) -> bytes:
    """The request's."""
    return json.dumps({"source": source, "inputs": inputs or {}}).encode()
