"""A thousand hostile programs, bodies, states and byte streams, and 120 connections that drip a byte a second: how long
each takes to be refused, and what memory it costs."""

import json
import random
import socket
import threading
import time
import zlib
from base64 import urlsafe_b64encode
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks.memory import watched
from benchmarks.row import Row, under
from benchmarks.service import process

TURNS = 10  # of each kind, at other sizes
DRIPS = 120
PATIENCE = 45.0  # seconds
Draw = random.Random

# ── Programs ─────────────────────────────────────────────────────────────────────────────────────────────────────────

DOUBLING = "def f0(x):\n    return x*x\n" + "".join(
    f"def f{i}(x):\n    return f{i - 1}(x) + f{i - 1}(x*{i})\n" for i in range(1, 40)
)
LOOPS = "".join("    " * i + f"for i{i} in range(1000):\n" for i in range(8)) + "    " * 8 + "x = x + 1\nx"
# Each takes a number from 1,000 up.
PROGRAMS: tuple[Callable[[int], str], ...] = (
    lambda n: "(" * n + "x" + ")" * n,
    lambda n: "[" * n,
    lambda n: "-" * n + "x",
    lambda n: "not " * (n // 4) + "x",
    lambda n: "9" * 10 * n,
    lambda n: f"L = 9**9**{n}\nfor i in range(L):\n    x = x + 1\nx",
    lambda n: f"for i in range({n}**9):\n    x = x + 1\nx",
    lambda n: "while True:\n    x = x\nx",
    lambda n: "**".join(["x"] * n) + "**",
    lambda n: "<".join(["x"] * n) + "<",
    lambda n: "x" + ".T" * n + ".q",
    lambda n: "sin(" * n + "x" + ")" * n,
    lambda n: f"{DOUBLING}f39(x*{n})",
    lambda n: f"def f(x):\n    return f(x)\nf({n})",
    lambda n: f"def f(x):\n    return g(x)\ndef g(x):\n    return f(x)\nf({n})",
    lambda n: f"{LOOPS} + {n}",
    lambda n: f"sum(zeros({n}, {n}, {n}))",
    lambda n: f"sum(eye({n}00))",
    lambda n: f"a = ones({n}, {n})\nfor i in range({n}):\n    a = a @ a\nsum(a)",
    lambda n: f"x.reshape({n}00000, {n}00000)",
    lambda n: f"broadcast_to(x, ({n}00, {n}00))",
    lambda n: f"sum(one_hot([1, 2], {n}000000))",
    lambda n: "x[" + ",".join(["None"] * n) + "]",
    lambda n: f"sum(outer(ones({n}00), ones({n}00)))",
    lambda n: f"[x for i in range({n}000000)]",
    lambda n: f"'a' * {n}000000000",
    lambda n: f"().__class__.__bases__[0].__subclasses__()[{n}]",
    lambda n: f"__import__('os').system('sleep {n}')",
    lambda n: f"open('/etc/passwd').read({n})",
    lambda n: f"import os\nos.environ['{n}']",
    lambda n: f"x\0y{n}",
    lambda n: f"x{n} = \ud800",
    lambda n: "x" * n,
    lambda n: f"y{n} = 1e999",
    lambda n: "\t \t" * n + "x\n  y",
    lambda n: "#" * 70_000 + str(n),
    lambda n: f"lambda: (yield {n})",
    lambda n: f"f'{{x!r:{n}}}'",
    lambda n: "a = b = c\n" * n + "a =",
    lambda n: "\u202e" * n + "x +",
)

# ── Bodies ───────────────────────────────────────────────────────────────────────────────────────────────────────────

BODIES: tuple[Callable[[int], bytes], ...] = (
    lambda n: b"[" * 100 * n,
    lambda n: b'{"a":' * 10 * n,
    lambda n: b'{"source":"' + b"x" * n,
    lambda n: b'{"source":"x","inputs":{"x":1' + b"0" * n + b"}}",
    lambda n: b'{"source":"x","inputs":{"x":' + b"[" * n + b"1" + b"]" * n + b"}}",
    lambda n: b'{"source":"\xff\xfe%d"}' % n,
    lambda n: b'{"source":["x"],"n":%d}' % n,
    lambda n: b'{"source":"x","inputs":[%d]}' % n,
    lambda n: b'{"source":"x","seed":"%d"}' % n,
    lambda n: b'{"source":"x","dtype":"float%d"}' % n,
    lambda n: b'{"source":"x","include":["%d"]}' % n,
    lambda n: b'{"source":"x","max_elements":-%d}' % n,
    lambda n: b"x" * (1_100_000 + n),
    lambda n: json.dumps({"source": "x", "inputs": {f"x{i}": "no" for i in range(n)}}).encode(),
    lambda n: json.dumps({"nodes": [{"id": i % n} for i in range(2 * n)], "edges": []}).encode(),
    lambda n: b"\0" * n,
    lambda n: b"%d" % n,
    lambda n: b'"source"' * n,
    lambda n: b'{"source":"x","share":%d}' % n,
    lambda n: b'{"source":"x' + b"\\u0000" * n + b'"}',
)

# ── States ───────────────────────────────────────────────────────────────────────────────────────────────────────────


def packed(data: bytes, window: int = -15) -> str:
    """DEFLATE and base64url, as `c=` takes it."""
    deflate = zlib.compressobj(9, zlib.DEFLATED, window)
    return urlsafe_b64encode(deflate.compress(data) + deflate.flush()).rstrip(b"=").decode()


BOMBS = {size: packed(b" " * size) for size in (4_000_000, 30_000_000)}
STATES: tuple[Callable[[int], str], ...] = (
    lambda n: BOMBS[4_000_000],
    lambda n: BOMBS[30_000_000][: -(n % 97) - 1],
    lambda n: packed(b'{"source":"x","v":%d}' % n),
    lambda n: packed(b"[%d]" % n),
    lambda n: packed(b'{"source":"x","inputs":{"x":"%d"}}' % n)[:-3],
    lambda n: packed(b'{"source":"' + b"(" * n + b'"}'),
    lambda n: "A" * n,
    lambda n: "%%%" + str(n),
    lambda n: packed(b"[" * 100_000),
    lambda n: packed(b'{"source":"x","collapse":%d}' % n, 15),
    lambda n: "!" * n,
    lambda n: "%ff" * n,
)

# ── Byte streams ─────────────────────────────────────────────────────────────────────────────────────────────────────

POST = b"POST /api/v1/graph HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\n"
STREAMS: tuple[Callable[[int, Draw], bytes], ...] = (
    lambda n, draw: draw.randbytes(n) + b"\r\n\r\n",
    lambda n, draw: b"GET /" + b"x" * 70 * n + b" HTTP/1.1\r\nHost: a\r\n\r\n",
    lambda n, draw: b"GET / HTTP/1.1\r\n" + b"X: y\r\n" * 20 * n + b"\r\n",
    lambda n, draw: b"GET / HTTP/1.1\r\nHost: a\r\nX: " + b"y" * 100 * n + b"\r\n\r\n",
    lambda n, draw: POST + b"Content-Length: -%d\r\n\r\n" % n,
    lambda n, draw: POST + b"Content-Length: %d000000000000\r\n\r\n" % n,
    lambda n, draw: POST + b"Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n%x\r\n" % n,
    lambda n, draw: POST + b"Transfer-Encoding: chunked\r\n\r\nzz%d\r\n" % n,
    lambda n, draw: b"GET /%d HTTP/9.9\r\nHost: a\r\n\r\n" % n,
    lambda n, draw: b"\x16\x03\x01" + draw.randbytes(n) + b"\r\n\r\n",
    lambda n, draw: b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + draw.randbytes(n),
    lambda n, draw: b"GET /\xff\xfe%d HTTP/1.1\r\nHost: a\r\n\r\n" % n,
    lambda n, draw: b"GET /api/v1/../../%d HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n" % n,
    lambda n, draw: b"TRACE /%d HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n" % n,
    lambda n, draw: b"GET /api/v1/graph?source=%%00&x=%d HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n" % n,
)


def requests() -> Iterator[tuple[str, bytes]]:
    """A thousand of them: what each is, and its bytes."""
    draw = Draw(7)
    kinds: list[tuple[str, Callable[[int], bytes]]] = [
        *[(f"program {i}", lambda n, it=it: posted(program(it(n)))) for i, it in enumerate(PROGRAMS)],
        *[(f"body {i}", lambda n, it=it: posted(it(n))) for i, it in enumerate(BODIES)],
        *[(f"state {i}", lambda n, it=it: got(it(n))) for i, it in enumerate(STATES)],
        *[(f"stream {i}", lambda n, it=it: it(n, draw)) for i, it in enumerate(STREAMS)],
    ]  # fmt: skip
    while len(kinds) * TURNS < 1000:
        kinds += kinds[: 1000 // TURNS - len(kinds)]
    for turn in range(TURNS):
        for name, made in kinds:
            yield name, made(1000 + 137 * turn + draw.randrange(100))


def program(source: str) -> bytes:
    """The body with this program."""
    return json.dumps({"source": source}).encode()


def posted(body: bytes) -> bytes:
    """The request with this body."""
    return POST + b"Connection: close\r\nContent-Length: %d\r\n\r\n" % len(body) + body


def got(state: str) -> bytes:
    """The request with this state."""
    return f"GET /api/v1/graph?c={state} HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n".encode()


# ── Figures ──────────────────────────────────────────────────────────────────────────────────────────────────────────


def run() -> Iterable[Row]:
    """The slowest and the middle one of a thousand refusals, memory, and how long a drip is borne."""
    took: list[float] = []
    with TemporaryDirectory() as folder, process("app.cli", "serve", folder=Path(folder)) as (port, server):
        sent(port, posted(b'{"source":"x"}'))
        with watched(server) as memory:
            dripping = [threading.Thread(target=drip, args=(port, i, took)) for i in range(DRIPS)]
            for thread in dripping:
                thread.start()
            refusals = sorted(refused(port, name, data) for name, data in requests())
            for thread in dripping:
                thread.join()
        answer = sent(port, posted(b'{"source":"x*y"}'))
        assert answer.startswith(b"HTTP/1.1 200"), answer
    seconds = [each for each, _ in refusals]
    slowest = refusals[-1]
    yield under(f"slowest of {len(seconds):,} refusals ({slowest[1]})", slowest[0], 2.0, "s")
    yield under("median of them", seconds[len(seconds) // 2] * 1000, 20, "ms")
    yield under("memory, above its beginning at most", memory.most - memory.start, 768, "MiB")
    assert len(took) == DRIPS
    yield under(f"longest of {DRIPS} connections that drip a byte a second", max(took), 30, "s")


def refused(port: int, name: str, data: bytes) -> tuple[float, str]:
    """Seconds until it is refused in good form, or its connection is cut."""
    begun = time.perf_counter()
    answer = sent(port, data)
    seconds = time.perf_counter() - begun
    status = answer[9:12]
    assert not answer or status[:1] == b"4" or status == b"503", (name, data[:200], answer[:200])
    assert not answer or b"application/problem+json" in answer, (name, answer[:200])
    return seconds, name


def sent(port: int, data: bytes) -> bytes:
    """What the server answers to these bytes, until it closes, or until a whole answer is there."""
    with socket.create_connection(("127.0.0.1", port), PATIENCE) as connection:
        connection.settimeout(PATIENCE)
        found = b""
        with suppress(OSError):  # it may have heard enough
            connection.sendall(data)
        try:
            while piece := connection.recv(65536):
                found += piece
                head, separator, body = found.partition(b"\r\n\r\n")
                length = next((it for it in head.lower().split(b"\r\n") if it.startswith(b"content-length:")), None)
                if separator and length is not None and len(body) >= int(length.partition(b":")[2]):
                    break
        except OSError:
            pass
        return found


def drip(port: int, which: int, took: list[float]) -> None:
    """A connection that sends a byte a second: a line, a head, or a body."""
    begins = (b"", b"GET / HTTP/1.1\r\nHost: a\r\nX: ", POST + b"Content-Length: 1000\r\n\r\n")
    begun = time.perf_counter()
    with socket.create_connection(("127.0.0.1", port), PATIENCE) as connection:
        connection.settimeout(1.0)
        try:
            connection.sendall(begins[which % len(begins)])
            while time.perf_counter() - begun < PATIENCE:
                connection.sendall(b"x")
                try:
                    if not connection.recv(65536):
                        break
                except TimeoutError:
                    pass  # nothing was said for a second
        except OSError:
            pass  # it is cut
    took.append(time.perf_counter() - begun)
