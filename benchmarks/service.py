"""The service on real sockets, beside FastAPI's default way of returning the same bytes, and a bare ASGI handler that
encodes them by msgspec; both serve from their own process by the same uvicorn."""

import asyncio
import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Iterator, Mapping
from contextlib import ExitStack, asynccontextmanager, contextmanager
from itertools import count
from pathlib import Path
from statistics import median
from typing import NamedTuple

from benchmarks.row import Row, times

# 60 nodes, which answer some 20 kB.
SOURCE = "v0 = x*y\n" + "\n".join(f"v{i} = v{i - 1}*{i}.5 + sin(v{i - 1})" for i in range(1, 15))
SEED = "(x*y + max(z, w) + x*y)*2 + 45"
GRAPH = "/api/v1/graph"
TURNS, SECONDS = 8, 0.5  # of each

PEERS = """
import msgspec
from fastapi import FastAPI
data = msgspec.json.decode(open({path!r}, "rb").read())
app = FastAPI()

@app.post("/api/v1/graph")
async def default():
    return data

async def bare(scope, receive, send):
    if scope["type"] != "http":
        return
    await receive()
    body = msgspec.json.encode(data)
    headers = [(b"content-type", b"application/json"), (b"content-length", str(len(body)).encode())]
    await send({{"type": "http.response.start", "status": 200, "headers": headers}})
    await send({{"type": "http.response.body", "body": body}})
"""


@contextmanager
def served(*command: str, folder: Path) -> Iterator[int]:
    """A server of its own; its port."""
    with process(*command, folder=folder) as (port, _):
        yield port


@contextmanager
def process(*command: str, folder: Path, **settings: str) -> Iterator[tuple[int, int]]:
    """The same; its port, and its process id."""
    port = free_port()
    begun = subprocess.Popen(
        [sys.executable, "-m", *command, "--port", str(port)],
        env={
            **os.environ,
            "GRADWIRE_DATA_DIR": str(folder),
            "PYTHONPATH": f"{folder}{os.pathsep}{Path.cwd()}",
            **settings,
        },
        stderr=subprocess.DEVNULL,
    )
    try:
        reached(port)
        yield port, begun.pid
    finally:
        begun.send_signal(signal.SIGTERM)
        begun.wait(15)


def free_port() -> int:
    """A port that no one listens at."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port: int = free.getsockname()[1]
        return port


def reached(port: int) -> None:
    """Waits until someone listens at this port."""
    for _ in range(1200):
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
        except OSError:
            time.sleep(0.05)
        else:
            return
    raise AssertionError("the server did not start")


Post = Callable[[str, bytes], Awaitable[tuple[int, bytes, bytes]]]
HEAD = b"POST %s HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n"


@asynccontextmanager
async def connected(port: int) -> AsyncIterator[Post]:
    """A connection, as light as can be: what it gives posts a body and gives status, head and body of the answer."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port, limit=2**20)

    async def post(path: str, body: bytes) -> tuple[int, bytes, bytes]:
        writer.write(HEAD % (path.encode(), len(body)) + body)
        head = (await reader.readuntil(b"\r\n\r\n")).lower()
        length = next(line for line in head.split(b"\r\n") if line.startswith(b"content-length"))
        return int(head[9:12]), head, await reader.readexactly(int(length.partition(b":")[2]))

    try:
        yield post
    finally:
        writer.close()


class Asked(NamedTuple):
    """What is asked again and again: `body(i)` at a path of a server, by so many connections."""

    port: int
    path: str
    body: Callable[[int], Mapping[str, object]]
    connections: int


def load(asked: Asked, numbers: Iterator[int], seconds: float) -> tuple[float, list[float]]:
    """Requests a second, and the time of each (s, ascending); each with the next number."""

    async def one(until: float, found: list[float]) -> None:
        async with connected(asked.port) as post:
            while time.perf_counter() < until:
                data = json.dumps(asked.body(next(numbers))).encode()
                begun = time.perf_counter()
                status, head, _ = await post(asked.path, data)
                assert status == 200, head
                found.append(time.perf_counter() - begun)

    async def all_of_them() -> list[float]:
        found: list[float] = []
        until = time.perf_counter() + seconds
        await asyncio.gather(*[one(until, found) for _ in range(asked.connections)])
        return sorted(found)

    times_ = asyncio.run(all_of_them())
    return len(times_) / seconds, times_


def run() -> Iterable[Row]:
    """Fresh answers with and without a layout, cached ones, and the numbers that a slider asks for.

    All take turns, and of each the best turn counts: what else the machine does meanwhile slows all of them.
    """
    with tempfile.TemporaryDirectory() as name, ExitStack() as servers:
        folder = Path(name)
        same = {"source": SOURCE, "inputs": {"x": 1.5, "y": 2}}
        rest = {"y": -4, "z": 2, "w": -1}
        port = servers.enter_context(served("app.cli", "serve", folder=folder))
        (folder / "answer.json").write_bytes(fetched(port, same))
        (folder / "peers.py").write_text(PEERS.format(path=str(folder / "answer.json")), "utf-8")
        quiet = ("--log-level", "error", "--no-access-log")
        default = servers.enter_context(served("uvicorn", "peers:app", *quiet, folder=folder))
        bare = servers.enter_context(served("uvicorn", "peers:bare", *quiet, folder=folder))
        asked = {
            "fresh": Asked(port, GRAPH, lambda i: {**same, "source": f"{SOURCE} + {i}"}, 4),
            "slid": Asked(port, GRAPH, lambda i: {**same, "inputs": {"x": 1 + i / 1e6, "y": 2}}, 4),
            "placed": Asked(port, GRAPH, lambda i: {"source": f"{SOURCE} + {i}", "include": ["layout"]}, 4),
            "default": Asked(default, GRAPH, lambda i: same, 4),
            "cached": Asked(port, GRAPH, lambda i: same, 16),
            "default, 16": Asked(default, GRAPH, lambda i: same, 16),
            "bare, 16": Asked(bare, GRAPH, lambda i: same, 16),
            "numbers": Asked(port, "/api/v1/numbers", lambda i: {"source": SEED, "inputs": {"x": i / 1e6, **rest}}, 1),
        }
        # Of at most four digits, so that no two constants look alike, and no layout is that of the program before.
        numbers = {kind: count(1) for kind in asked}
        turns = [{kind: load(it, numbers[kind], SECONDS) for kind, it in asked.items()} for _ in range(TURNS)]
    took = {kind: 1 / max(turn[kind][0] for turn in turns) for kind in asked}  # s a request
    late = min(turn["cached"][1][int(len(turn["cached"][1]) * 0.99)] for turn in turns)
    middle = min(median(turn["numbers"][1]) for turn in turns)
    yield times("POST /graph of 60 nodes", took["fresh"], "FastAPI, a dict", took["default"], 5.0, "ms")
    yield times("the same at other values", took["slid"], "FastAPI, a dict", took["default"], 5.0, "ms")
    yield times("with its layout", took["placed"], "FastAPI, a dict", took["default"], 1.0, "ms")
    yield times("a cached answer", took["cached"], "FastAPI, a dict", took["default, 16"], 25.0, "ms")
    yield times("a cached answer", took["cached"], "bare ASGI", took["bare, 16"], 0.6, "ms")
    yield times("a cached answer, 99th percentile", late, "5 ms", 0.005, 1.0, "ms")
    yield times("POST /numbers of 10 nodes, median", middle, "1 ms", 0.001, 1.0, "ms")


def fetched(port: int, body: Mapping[str, object]) -> bytes:
    """The answer itself."""
    import httpx

    return httpx.post(f"http://127.0.0.1:{port}/api/v1/graph", json=body).content
