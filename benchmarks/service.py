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
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path

from benchmarks.row import Row, times

# 60 nodes, which answer some 20 kB.
SOURCE = "v0 = x*y\n" + "\n".join(f"v{i} = v{i - 1}*{i}.5 + sin(v{i - 1})" for i in range(1, 15))
SEED = "(x*y + max(z, w) + x*y)*2 + 45"
SECONDS = 3.0

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


def load(port: int, path: str, body: Callable[[int], dict[str, object]], connections: int) -> tuple[float, list[float]]:
    """Requests a second, and the time of each (s, ascending)."""
    count = 0

    async def one(until: float, found: list[float]) -> None:
        nonlocal count
        async with connected(port) as post:
            while time.perf_counter() < until:
                count += 1
                data = json.dumps(body(count)).encode()
                begun = time.perf_counter()
                status, head, _ = await post(path, data)
                assert status == 200, head
                found.append(time.perf_counter() - begun)

    async def all_of_them() -> list[float]:
        found: list[float] = []
        until = time.perf_counter() + SECONDS
        await asyncio.gather(*[one(until, found) for _ in range(connections)])
        return sorted(found)

    times_ = asyncio.run(all_of_them())
    return len(times_) / SECONDS, times_


def run() -> Iterable[Row]:
    """Fresh answers with and without a layout, cached ones, and the numbers that a slider asks for."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        same = {"source": SOURCE, "inputs": {"x": 1.5, "y": 2}}
        with served("app.cli", "serve", folder=folder) as port:
            load(port, "/api/v1/graph", lambda i: same, 1)
            fresh, _ = load(port, "/api/v1/graph", lambda i: {**same, "source": f"{SOURCE} + {i}"}, 4)
            slid, _ = load(port, "/api/v1/graph", lambda i: {**same, "inputs": {"x": 1 + i / 1e6, "y": 2}}, 4)
            placed, _ = load(port, "/api/v1/graph", lambda i: {"source": f"{SOURCE} + {i}", "include": ["layout"]}, 4)
            cached, waits = load(port, "/api/v1/graph", lambda i: same, 16)
            _, numbers = load(
                port,
                "/api/v1/numbers",
                lambda i: {"source": SEED, "inputs": {"x": i / 1e6, "y": -4, "z": 2, "w": -1}},
                1,
            )
            answer = fetched(port, same)
        (folder / "answer.json").write_bytes(answer)
        (folder / "peers.py").write_text(PEERS.format(path=str(folder / "answer.json")), "utf-8")
        quiet = ("--log-level", "error", "--no-access-log")
        with served("uvicorn", "peers:app", *quiet, folder=folder) as port:
            default, _ = load(port, "/api/v1/graph", lambda i: same, 4)
            default_16, _ = load(port, "/api/v1/graph", lambda i: same, 16)
        with served("uvicorn", "peers:bare", *quiet, folder=folder) as port:
            bare, _ = load(port, "/api/v1/graph", lambda i: same, 16)
    yield times("POST /graph of 60 nodes", 1 / fresh, "FastAPI, a dict", 1 / default, 5.0, "ms")
    yield times("the same at other values", 1 / slid, "FastAPI, a dict", 1 / default, 5.0, "ms")
    yield times("with its layout", 1 / placed, "FastAPI, a dict", 1 / default, 1.0, "ms")
    yield times("a cached answer", 1 / cached, "FastAPI, a dict", 1 / default_16, 25.0, "ms")
    yield times("a cached answer", 1 / cached, "bare ASGI", 1 / bare, 0.6, "ms")
    yield times("a cached answer, 99th percentile", waits[int(len(waits) * 0.99)], "5 ms", 0.005, 1.0, "ms")
    yield times("POST /numbers of 10 nodes, median", numbers[len(numbers) // 2], "1 ms", 0.001, 1.0, "ms")


def fetched(port: int, body: dict[str, object]) -> bytes:
    """The answer itself."""
    import httpx

    return httpx.post(f"http://127.0.0.1:{port}/api/v1/graph", json=body).content
