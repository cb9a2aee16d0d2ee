"""What reaches the server before it is a request, on a real socket: slow, long, garbled; and how it ends."""

import asyncio
import json
import signal
import socket
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from websockets.asyncio.client import connect

from tests.service import raw, running

MUCH = b" " * 2_000_000
CLOSE = b"Connection: close\r\n"
JSON = b"Content-Type: application/json\r\n"


@pytest.fixture(scope="module")
def port(tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    """A server that waits two seconds for a request."""
    with running(tmp_path_factory.mktemp("data"), receive_seconds="2") as (port, _):
        yield port


def said(answer: bytes, status: int) -> None:
    head, _, body = answer.partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 %d " % status), answer[:200]
    assert b"content-type: application/problem+json" in head
    assert json.loads(body)["status"] == status


@pytest.mark.parametrize(
    "pieces",
    [
        (b"GET / HTTP/1.1\r\n", *[b"X"] * 40),
        (b"GET / HTTP/1.1\r\nHost: a\r\n", *[b"x-a: b\r\n"] * 40),
        (b"POST /api/v1/graph HTTP/1.1\r\nHost: a\r\n" + JSON + b"Content-Length: 100\r\n\r\n", *[b"{"] * 40),
    ],
    ids=["a line", "a head", "a body"],
)
def test_a_slow_sender_is_told_so_and_cut(port: int, pieces: tuple[bytes, ...]) -> None:
    begun = time.monotonic()
    with socket.create_connection(("127.0.0.1", port)) as connection:
        heard = bytearray()

        def listen() -> None:
            try:
                while piece := connection.recv(65536):
                    heard.extend(piece)
            except OSError:
                pass

        listener = threading.Thread(target=listen)
        listener.start()
        try:
            for piece in pieces:
                connection.sendall(piece)
                time.sleep(0.25)
        except OSError:
            pass
        listener.join(10)
    assert time.monotonic() - begun < 9
    said(bytes(heard), 408)


def test_a_silent_connection_is_cut(port: int) -> None:
    begun = time.monotonic()
    assert raw(port) == b""
    assert 1.5 < time.monotonic() - begun < 4


@pytest.mark.parametrize(
    ("request_", "status"),
    [
        (b"\x16\x03\x01\x02\x00garbage\r\n\r\n", 400),
        (b"GET /\xff HTTP/1.1\r\nHost: a\r\n\r\n", 400),
        (b"GET / HTTP/1.1\r\nHost: a\r\nContent-Length: x\r\n\r\n", 400),
        (b"GET / HTTP/1.1\r\n\r\n", 400),
        (b"POST /api/v1/graph HTTP/1.1\r\n" + JSON + b"Content-Length: 2\r\n\r\n{}", 400),
        (b"GET / HTTP/1.1\r\nHost: a\r\nhost: b\r\n\r\n", 400),
        (b"GET / HTTP/1.0\r\nHost: a\r\nHost: b\r\n\r\n", 400),
        (b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 400),
        (b"GET /?source=" + b"x" * 9000 + b" HTTP/1.1\r\nHost: a\r\n" + CLOSE + b"\r\n", 414),
        (b"GET /?source=" + b"x" * 66_000 + b" HTTP/1.1\r\nHost: a\r\n" + CLOSE + b"\r\n", 414),
        (b"GET /?source=" + b"x" * 500_000 + b" HTTP/1.1\r\nHost: a\r\n" + CLOSE + b"\r\n", 414),
        (b"GET / HTTP/1.1\r\nHost: a\r\nX: " + b"x" * 70_000 + b"\r\n" + CLOSE + b"\r\n", 431),
        (b"GET / HTTP/1.1\r\nHost: a\r\n" + b"X: y\r\n" * 100_000 + CLOSE + b"\r\n", 431),
        (b"POST /api/v1/graph HTTP/1.1\r\nHost: a\r\n" + JSON + b"Content-Length: 999999999999\r\n\r\n", 413),
        (
            b"POST /api/v1/graph HTTP/1.1\r\nHost: a\r\n" + JSON + CLOSE + b"Content-Length: 2000000\r\n\r\n" + MUCH,
            413,
        ),
        (b"TRACE / HTTP/1.1\r\nHost: a\r\n" + CLOSE + b"\r\n", 405),
    ],
)  # fmt: skip
def test_what_is_no_request_or_too_much(port: int, request_: bytes, status: int) -> None:
    said(raw(port, request_), status)


def test_a_long_url_is_told_the_way_out(port: int) -> None:
    answer = raw(port, b"GET /?source=" + b"x" * 9000 + b" HTTP/1.1\r\nHost: a\r\n" + CLOSE + b"\r\n")
    assert b"POST" in answer.partition(b"\r\n\r\n")[2]


def test_http_1_0_need_not_name_a_host(port: int) -> None:
    assert raw(port, b"GET /healthz HTTP/1.0\r\n\r\n").startswith(b"HTTP/1.1 200 OK")


def test_requests_in_a_row(port: int) -> None:
    one = b"GET /healthz HTTP/1.1\r\nHost: a\r\n"
    assert raw(port, one + b"\r\n" + one + b"\r\n" + one + CLOSE + b"\r\n").count(b"HTTP/1.1 200 OK") == 3
    assert raw(port, one + b"\r\n", one + b"\r\n", one + CLOSE + b"\r\n", pause=0.3).count(b"HTTP/1.1 200 OK") == 3


def test_a_client_of_another_site_hears_a_413(port: int) -> None:
    with httpx.Client(base_url=f"http://127.0.0.1:{port}") as client:
        response = client.post("/api/v1/graph", content=b"[" * 5_000_000, headers={"content-type": "application/json"})
        assert response.status_code == 413
        assert client.get("/healthz").status_code == 200


async def test_the_stream_answers_the_latest_first(port: int) -> None:
    async with connect(f"ws://127.0.0.1:{port}/api/v1/stream") as stream:
        circuit = {"source": "x*y", "inputs": {"y": 2}}
        await stream.send(json.dumps({**circuit, "id": "a"}))
        first = json.loads(await stream.recv())
        assert (first["id"], first["output"]) == ("a", 2.0)
        await stream.send(json.dumps({"id": 7, "source": "2x"}))
        wrong = json.loads(await stream.recv())
        assert (wrong["id"], wrong["error"]["status"]) == (7, 422)
        async with httpx.AsyncClient() as client:
            assert "gradwire_streams 1.0" in (await client.get(f"http://127.0.0.1:{port}/metrics")).text
        await stream.send("nonsense")
        assert json.loads(await stream.recv())["error"]["status"] == 400
        for i in range(300):
            await stream.send(json.dumps({"source": "x*y", "inputs": {"x": i}, "id": i}))
        seen = []
        while not seen or seen[-1] != 299:
            answer = json.loads(await asyncio.wait_for(stream.recv(), 10))
            assert answer["output"] == float(answer["id"])
            seen.append(answer["id"])
        assert seen == sorted(set(seen))


def test_what_has_begun_is_finished_when_the_server_is_told_to_stop(tmp_path: object) -> None:
    with running(tmp_path) as (port, process):  # type: ignore[arg-type]
        slow = {"source": "h = x\nfor i in range(20000):\n    h = sin(h)\nh", "collapse": "auto"}
        found: list[int] = []

        def ask() -> None:
            found.append(httpx.post(f"http://127.0.0.1:{port}/api/v1/graph", json=slow, timeout=20).status_code)

        asking = threading.Thread(target=ask)
        asking.start()
        time.sleep(0.3)
        begun = time.monotonic()
        process.send_signal(signal.SIGTERM)
        assert process.wait(15) == 0
        assert time.monotonic() - begun < 11
        asking.join(5)
        assert found in ([200], [422])


def test_what_is_no_request_is_counted(port: int) -> None:
    raw(port, b"\x16\x03\x01\x02\x00garbage\r\n\r\n")
    counted = httpx.get(f"http://127.0.0.1:{port}/metrics").text
    assert 'gradwire_requests_total{cached="false",method="none",route="none",status="400"}' in counted


def test_several_processes_serve_one_address(tmp_path: Path) -> None:
    with running(tmp_path, processes="2") as (port, process):
        for _ in range(200):
            try:
                assert httpx.get(f"http://127.0.0.1:{port}/api/v1/graph?source=x*y", timeout=20).status_code == 200
                break
            except httpx.TransportError:  # the address is bound before the first of them serves
                time.sleep(0.1)
        assert raw(port, b"nonsense\r\n\r\n").startswith(b"HTTP/1.1 400")
        process.send_signal(signal.SIGTERM)
        assert process.wait(20) == 0
