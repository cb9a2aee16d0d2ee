"""A million points of one program through /batch, beside a script that reads the same JSON, computes with NumPy by
hand, and writes the same answer."""

import json
import urllib.request
from collections.abc import Callable, Iterable
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter

import msgspec
import numpy as np

from benchmarks.memory import taken
from benchmarks.row import Row, times, under
from benchmarks.service import process

SOURCE = "x*y + tanh(x) * y"
POINTS = 100_000
REQUESTS = 10


def run() -> Iterable[Row]:
    """Ten requests of 100,000 points by columns; the script's answer has the same numbers."""
    draw = np.random.default_rng(0)
    columns = {name: draw.uniform(-2, 2, POINTS).tolist() for name in "xy"}
    body = json.dumps({"source": SOURCE, "points": columns}).encode()
    with TemporaryDirectory() as folder, process("app.cli", "serve", folder=Path(folder)) as (port, server):
        asked = urllib.request.Request(
            f"http://127.0.0.1:{port}/api/v1/batch", body, {"content-type": "application/json"}
        )

        def ask() -> bytes:
            with urllib.request.urlopen(asked) as answer:
                return bytes(answer.read())

        answer = ask()
        found, expected = msgspec.json.decode(answer)["results"], msgspec.json.decode(by_hand(body))["results"]
        assert len(found) == POINTS
        assert np.allclose([it["value"] for it in found], [it["value"] for it in expected])
        assert np.allclose([it["grads"]["x"] for it in found], [it["grads"]["x"] for it in expected])
        # Each at another seed, for the same request would come from the cache.
        ours, streamed, early = 0.0, 0.0, 0.0
        for i in range(REQUESTS):
            asked.data = json.dumps({"source": SOURCE, "points": columns, "seed": 1 + i / 8}).encode()
            asked.remove_header("Accept")
            ours += timed(ask, 1)[0]
            asked.add_header("Accept", "application/x-ndjson")
            streamed += timed(ask, 1)[0]
            if i == 1:
                early = taken(server)
        late = taken(server)
    peer, _ = timed(lambda: by_hand(body), REQUESTS)
    yield times(f"/batch, {REQUESTS * POINTS:,} points", ours, "NumPy by hand, in process", peer, 0.2, "s")
    yield times("the same by lines, as they are computed", streamed, "NumPy by hand, in process", peer, 0.2, "s")
    yield under("by how much its memory grew after the first two", late - early, 32, "MiB")


def timed(function: Callable[[], bytes], turns: int) -> tuple[float, bytes]:
    """Seconds of so many calls, and what the last one gave."""
    answer = b""
    begun = perf_counter()
    for _ in range(turns):
        answer = function()
    return perf_counter() - begun, answer


def by_hand(body: bytes) -> bytes:
    """What a person would write for this one program."""
    points = msgspec.json.decode(body)["points"]
    x, y = (np.array(points[name]) for name in "xy")
    t = np.tanh(x)
    value, dx, dy = x * y + t * y, y + (1 - t * t) * y, x + t
    rows = zip(value.tolist(), dx.tolist(), dy.tolist(), strict=True)
    return msgspec.json.encode({"results": [{"value": v, "grads": {"x": a, "y": b}} for v, a, b in rows]})
