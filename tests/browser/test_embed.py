"""A circuit in another site's page."""

from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest
from playwright.sync_api import Browser, expect

pytestmark = pytest.mark.browser


class Quiet(SimpleHTTPRequestHandler):
    """Another site's server."""

    def log_message(self, *_: object) -> None:
        """Says nothing."""


@pytest.fixture
def elsewhere(tmp_path: Path, address: str) -> Iterator[str]:
    frame = f"{address}/embed?source=x*y&amp;in.x=3&amp;in.y=4"
    (tmp_path / "index.html").write_text(
        f'<!doctype html><title>Notes</title><iframe src="{frame}" width="720" height="420"></iframe>'
        f'<iframe src="{address}/" width="720" height="420"></iframe>'
    )
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=tmp_path)) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


def test_a_frame_is_live_in_another_page_and_opens_as_the_reader_left_it(
    browser: Browser, elsewhere: str, address: str
) -> None:
    context = browser.new_context()
    page = context.new_page()
    page.goto(elsewhere)
    frame = page.frame_locator("iframe").first
    expect(frame.locator("html[data-ready=true]")).to_have_count(1)
    frame.locator("[data-input=x]").fill("5")
    expect(frame.locator("[data-node='out:mul1'] .value")).to_have_attribute("data-value", "20")
    expect(frame.locator("#open")).to_have_attribute("href", "/?source=x*y&in.x=5&in.y=4")
    with context.expect_page() as opened:
        frame.locator("#open").click()
    playground = opened.value
    playground.wait_for_selector("html[data-ready=true]")
    assert playground.locator("[data-input=x]").input_value() == "5"
    context.close()


def test_only_the_frame_may_be_framed(browser: Browser, elsewhere: str) -> None:
    page = browser.new_page()
    said: list[str] = []
    page.on("console", lambda message: said.append(message.text))
    page.goto(elsewhere, wait_until="networkidle")
    assert any("frame-ancestors" in each or "X-Frame-Options" in each for each in said)
    page.close()


def test_parts_are_hidden_as_the_address_says(browser: Browser, address: str) -> None:
    page = browser.new_page()
    page.goto(f"{address}/embed?source=sigmoid(x)&in.x=1&panel=sweep&hide=inputs,circuit,code")
    page.wait_for_selector("html[data-ready=true]")
    expect(page.locator("#panel .plot path.series").first).to_be_visible()
    for hidden in ("#inputs", "#circuit", ".embedded-foot code"):
        expect(page.locator(hidden)).to_be_hidden()
    page.close()
