"""Links under `kill -9`: eight writers make links while their server is killed again and again, on SQLite and on
PostgreSQL; and two servers on one SQLite file. What was acknowledged must be there."""

import http.client
import json
import os
import signal
import subprocess
import sys
import tempfile
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Iterable, Iterator

from benchmarks.postgresql import postgresql
from benchmarks.row import Row
from benchmarks.service import free_port, reached

WRITERS = 8
KILLS = 5
BETWEEN = 1.0  # seconds


def run() -> Iterable[Row]:
    """How many acknowledged links were lost, of how many."""
    with tempfile.TemporaryDirectory() as folder:
        yield from survived("SQLite", f"sqlite:///{folder}/links.sqlite3", servers=1)
    with tempfile.TemporaryDirectory() as folder:
        yield from survived("two servers on one SQLite file", f"sqlite:///{folder}/links.sqlite3", servers=2)
    with postgresql() as url:
        if url is not None:
            yield from survived("PostgreSQL", url, servers=1)


def survived(name: str, url: str, *, servers: int) -> Iterable[Row]:
    """The rows of one database."""
    ports = [free_port() for _ in range(servers)]
    running = [server(port, url) for port in ports]
    acknowledged: dict[str, str] = {}
    refused: list[int] = []
    over = threading.Event()
    writing = [
        threading.Thread(target=write, args=(ports[i % servers], i, acknowledged, refused, over))
        for i in range(WRITERS)
    ]
    try:
        for port in ports:
            reached(port)
        for thread in writing:
            thread.start()
        for turn in range(KILLS):
            time.sleep(BETWEEN)
            which = turn % servers
            os.killpg(running[which].pid, signal.SIGKILL)
            running[which].wait()
            running[which] = server(ports[which], url)
            reached(ports[which])
        time.sleep(BETWEEN)
        over.set()
        for thread in writing:
            thread.join()
        found = kept(ports[0], acknowledged)
        lost = sum(one != other for one, other in zip(found, acknowledged.values(), strict=True))
    finally:
        over.set()
        for each in running:
            os.killpg(each.pid, signal.SIGKILL)
            each.wait()
    assert not [status for status in refused if status != 503], refused
    assert len(acknowledged) > WRITERS * KILLS
    what = f"{name}: lost of {len(acknowledged):,} acknowledged links, {KILLS} kills"
    yield Row(name=what, ours=lost, peer_name="none", peer=0, unit="", ratio=float(not lost), goal=1.0)


def write(port: int, writer: int, acknowledged: dict[str, str], refused: list[int], over: threading.Event) -> None:
    """Makes links until it is over; a server that is away is asked again."""
    count = 0
    while not over.is_set():
        count += 1
        source = f"x{writer} + {count}"
        try:
            with urllib.request.urlopen(made(port, source), timeout=20) as answer:
                acknowledged[json.loads(answer.read())["id"]] = source
        except urllib.error.HTTPError as error:
            refused.append(error.code)
        except (OSError, http.client.HTTPException):  # killed before it answered, or while it did
            time.sleep(0.05)


def made(port: int, source: str) -> urllib.request.Request:
    """The request that makes a link."""
    body = json.dumps({"source": source}).encode()
    return urllib.request.Request(f"http://127.0.0.1:{port}/api/v1/links", body, {"content-type": "application/json"})


def kept(port: int, links: Iterable[str]) -> Iterator[str | None]:
    """The program of each link, or None where it is lost."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
    for link in links:
        connection.request("GET", f"/api/v1/links/{link}")
        answer = connection.getresponse()
        found = json.loads(answer.read())
        yield found["state"]["source"] if answer.status == 200 else None
    connection.close()


def server(port: int, url: str) -> subprocess.Popen[bytes]:
    """A server of its own process group, which can be killed with its workers."""
    return subprocess.Popen(
        [sys.executable, "-m", "app.cli", "serve", "--port", str(port)],
        env={**os.environ, "GRADWIRE_DATABASE_URL": url, "GRADWIRE_WORKERS": "1"},
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
