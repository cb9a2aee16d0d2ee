"""A hundred thousand small requests, none like another: after the first ten thousand the server's memory is flat."""

import asyncio
import json
from collections.abc import Iterable
from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks.memory import taken
from benchmarks.row import Row, under
from benchmarks.service import SEED, connected, process

FIRST = 10_000
REQUESTS = 100_000
CONNECTIONS = 8
ROOM = 24  # MiB: the cache may still fill


def run() -> Iterable[Row]:
    """Each at other values, every tenth another program."""
    with TemporaryDirectory() as folder, process("app.cli", "serve", folder=Path(folder)) as (port, server):
        asyncio.run(asked(port, 0, FIRST))
        early = taken(server)
        asyncio.run(asked(port, FIRST, REQUESTS))
        late = taken(server)
    yield under(f"memory after {FIRST:,} small requests", early, 1024, "MiB")
    yield under(f"by how much it grew until {REQUESTS:,}", late - early, ROOM, "MiB")


async def asked(port: int, first: int, end: int) -> None:
    """The requests from `first` to `end`, each answered 200."""
    waiting = iter(range(first, end))

    async def one() -> None:
        async with connected(port) as post:
            for i in waiting:
                source = SEED if i % 10 else f"{SEED} + {i}*x"
                body = json.dumps({"source": source, "inputs": {"x": i / 7, "y": -4, "z": 2, "w": -1}}).encode()
                status, head, _ = await post("/api/v1/graph", body)
                assert status == 200, head

    await asyncio.gather(*[one() for _ in range(CONNECTIONS)])
