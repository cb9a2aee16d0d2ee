"""The service for tests: the application with a client in one event loop, and a server on a real socket."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest
import pytest_asyncio
import structlog

from app.limits import Limits
from app.server import Server, create_app
from app.settings import Settings

ROOT = Path(__file__).parent.parent
API = "/api/v1"


@asynccontextmanager
async def serving(
    folder: Path, *, limits: Limits | None = None, **settings: Any
) -> AsyncIterator[tuple[Server, httpx.AsyncClient]]:
    """The application and a client for it. The client asks for no encoding, so that bytes are what was sent."""
    app = create_app(Settings(data_dir=folder, workers=1, **settings), limits or Limits())
    transport = httpx.ASGITransport(app=app)
    headers = {"accept-encoding": "identity"}
    async with httpx.AsyncClient(transport=transport, base_url="http://testserver", headers=headers) as client:
        try:
            yield app, client
        finally:
            await app.close()


# One application and one client for all tests of a folder, whose conftest.py names these; they share an event loop.


@pytest.fixture(scope="package")
def limits() -> Limits:
    """What the application allows."""
    return Limits()


@pytest_asyncio.fixture(scope="package", loop_scope="session")
async def served(
    tmp_path_factory: pytest.TempPathFactory, limits: Limits
) -> AsyncIterator[tuple[Server, httpx.AsyncClient]]:
    """The application and its client."""
    async with serving(tmp_path_factory.mktemp("data"), limits=limits) as both:
        yield both


@pytest.fixture(scope="package")
def client(served: tuple[Server, httpx.AsyncClient]) -> httpx.AsyncClient:
    """The client."""
    return served[1]


@contextmanager
def running(folder: Path, **environment: str) -> Iterator[tuple[int, subprocess.Popen[bytes]]]:
    """A server of its own process; its port, and the process."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    names = {f"GRADWIRE_{name.upper()}": value for name, value in environment.items()}
    process = subprocess.Popen(
        [str(Path(sys.executable).with_name("gradwire")), "serve", "--port", str(port)],
        env={**os.environ, "GRADWIRE_DATA_DIR": str(folder), "GRADWIRE_WORKERS": "1", **names},
        cwd=ROOT,
        start_new_session=True,
    )
    try:
        for _ in range(600):
            try:
                socket.create_connection(("127.0.0.1", port), 1).close()
                break
            except OSError:
                assert process.poll() is None, "the server ended before it answered"
                time.sleep(0.05)
        yield port, process
    finally:
        if process.poll() is None:
            process.send_signal(signal.SIGTERM)
            try:
                process.wait(15)
            except subprocess.TimeoutExpired:
                os.killpg(process.pid, signal.SIGKILL)
                process.wait()


def raw(port: int, *pieces: bytes, pause: float = 0.0, patience: float = 30.0) -> bytes:
    """What the server answers to these bytes, sent with a pause after each, until it closes."""
    with socket.create_connection(("127.0.0.1", port), patience) as connection:
        connection.settimeout(patience)
        try:
            for piece in pieces:
                connection.sendall(piece)
                time.sleep(pause)
        except OSError:
            pass  # it has heard enough
        found = b""
        try:
            while piece := connection.recv(65536):
                found += piece
        except OSError:
            pass
        return found


def problem(response: httpx.Response, status: int, code: str | None = None) -> Mapping[str, Any]:
    """The problem that the response is, of this status; one of its errors has this code."""
    assert response.status_code == status, response.text
    assert response.headers["content-type"] == "application/problem+json"
    assert "no-store" in response.headers["cache-control"]
    assert response.headers["access-control-allow-origin"] == "*"
    found: Mapping[str, Any] = response.json()
    assert found["status"] == status
    assert found["type"]
    assert found["title"]
    assert found["detail"]
    if code is not None:
        assert code in [error["code"] for error in found["errors"]], found
    return found


def reference(name: str) -> Any:
    """A file of tests/reference."""
    return json.loads((Path(__file__).parent / "reference" / name).read_text("utf-8"))


structlog.configure(
    processors=[
        structlog.processors.add_log_level,
        structlog.dev.ConsoleRenderer(colors=False, exception_formatter=structlog.dev.plain_traceback),
    ]
)
