"""One application and one client for all tests of this folder; they share an event loop."""

from collections.abc import AsyncIterator

import httpx
import pytest
import pytest_asyncio

from app.limits import Limits
from app.server import Server
from tests.service import serving


@pytest_asyncio.fixture(scope="package", loop_scope="session")
async def served(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[tuple[Server, httpx.AsyncClient]]:
    """The application and its client; patient, so that a busy machine changes no answer."""
    async with serving(tmp_path_factory.mktemp("data"), limits=Limits(seconds=30, queue_seconds=30)) as both:
        yield both


@pytest.fixture(scope="package")
def client(served: tuple[Server, httpx.AsyncClient]) -> httpx.AsyncClient:
    """The client."""
    return served[1]
