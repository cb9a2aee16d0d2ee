"""The page as a reader meets it: the first paint of the seed circuit in a real Chromium, and what it has to load."""

import json
from collections.abc import Iterable
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

import brotli
from playwright.sync_api import Page, sync_playwright

from app.files import DIST
from benchmarks.row import Row, times
from benchmarks.service import served

VISITS = 7
PAINTED = """() => new Promise((found) => {
    const seen = (entries) => {
        const paint = entries.find(({ name }) => name === "first-contentful-paint");
        if (paint) found(paint.startTime);
    };
    new PerformanceObserver((list) => seen(list.getEntries())).observe({ type: "paint", buffered: true });
})"""


def run() -> Iterable[Row]:
    """From the request to the first paint, each visit with an empty cache; and to the page being live."""
    with (
        TemporaryDirectory() as folder,
        served("app.cli", "serve", folder=Path(folder)) as port,
        sync_playwright() as playwright,
    ):
        browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=["--no-sandbox"])
        found = []
        for _ in range(VISITS):
            with browser.new_context() as context:
                found.append(visit(context.new_page(), f"http://127.0.0.1:{port}/"))
        browser.close()
    painted, live = (median(each) / 1e3 for each in zip(*found[1:], strict=True))  # the first starts the browser too
    yield times("first paint of the page", painted, "100 ms", 0.1, 1.0, "ms")
    yield times("the page is live", live, "1 s", 1.0, None, "ms")
    weight = loaded()
    yield Row(
        name="its scripts and styles, compressed", ours=weight, peer_name="300 kB", peer=300, unit="kB",
        ratio=300 / weight, goal=1.0,
    )  # fmt: skip


def visit(page: Page, address: str) -> tuple[float, float]:
    """Milliseconds from the request to the first paint, and to the circuit being live."""
    page.goto(address)
    painted: float = page.evaluate(PAINTED)
    page.wait_for_selector("html[data-ready=true]")
    live: float = page.evaluate("performance.now()")
    return painted, live


def loaded() -> float:
    """What the page imports before its mathematics, kB under brotli."""
    manifest = json.loads((DIST / "manifest.json").read_text())
    files = {manifest["page.js"], manifest["page.css"]}
    todo = list(files)
    while todo:
        text = (DIST / todo.pop()).read_text()
        imported = {file for file in (path.name for path in DIST.glob("*.js")) if f'"./{file}"' in text} - files
        imported -= {file for file in imported if f'import("./{file}")' in text}
        todo += imported
        files |= imported
    return sum(len(brotli.compress((DIST / file).read_bytes())) for file in files) / 1000
