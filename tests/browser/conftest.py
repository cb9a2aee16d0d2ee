"""A server of its own process, and a Chromium that tells of every complaint."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright

from tests.service import running

CHROMIUM = "/usr/bin/chromium"
# ms for which a page is waited for: a machine that does other things beside is slow, and that is no fault of a page.
expect.set_options(timeout=20_000)


@pytest.fixture(scope="session")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Where the server is."""
    # What a person does is looked at here, and not how fast a machine is that does other things beside.
    with running(tmp_path_factory.mktemp("data"), seconds="30") as (port, _):
        yield f"http://127.0.0.1:{port}"


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """A real browser, until the end of a file: while it is there, its event loop runs, and no other can."""
    if not Path(CHROMIUM).exists():
        pytest.skip("there is no Chromium here")
    with sync_playwright() as playwright:
        found = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield found
        found.close()


@contextmanager
def watched(context: BrowserContext, address: str) -> Iterator[Page]:
    """A page on which nothing may go wrong: no error in the console, no broken policy, no failed or foreign request."""
    page = context.new_page()
    complaints: list[str] = []
    page.on("console", lambda said: complaints.append(said.text) if said.type in {"error", "warning"} else None)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("response", lambda answer: complaints.append(answer.url) if answer.status >= 400 else None)
    page.on(
        "request",
        lambda asked: None if asked.url.startswith((address, "data:", "blob:")) else complaints.append(asked.url),
    )
    yield page
    page.close()
    assert complaints == []
