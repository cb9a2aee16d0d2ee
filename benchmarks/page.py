"""The page as a reader meets it: the first paint of the seed circuit in a real Chromium, and what it has to load."""

import json
import os
from collections.abc import Iterable
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from unittest.mock import patch
from urllib.parse import quote

import brotli
from playwright.sync_api import Browser, Page, sync_playwright

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

# Nodes, and the limit of a frame (ms): a screen's own pace up to 500, then what a hand does not feel as a stop.
SIZES = {60: 16.7, 500: 16.7, 2_000: 16.7, 5_000: 33.0, 20_000: 60.0}
# Nodes, and the limit of a first visit's first paint (s).
FIRST_OF_LARGE = {5_000: 0.2, 20_000: 0.4}
CLOSE = 16.7
SETTLED = 2_000  # ms, after which what was asked of the server before has come, and has been drawn
LANES = tuple(f"h{i}" for i in range(20))
# The mean distance of frames (ms), in each of which something is done: all that a frame costs, its painting too.
FRAMES = """async ([what, count]) => {
    const next = () => new Promise((done) => requestAnimationFrame(done));
    const slider = document.querySelector("#inputs input[type=range]");
    const svg = document.querySelector("#circuit-svg");
    const { left, top, width, height } = svg.getBoundingClientRect();
    const middle = { clientX: left + width / 2, clientY: top + height / 2, bubbles: true, cancelable: true };
    const act = {
        slide: (i) => {
            slider.value = Number(slider.min) + ((i % 20) + 1) * (slider.max - slider.min) / 22;
            slider.dispatchEvent(new Event("input", { bubbles: true }));
        },
        zoom: (i) => svg.dispatchEvent(new WheelEvent("wheel", { ...middle, deltaY: i % 20 < 10 ? 12 : -12 })),
    }[what];
    for (let i = 0; i < 5; i++) { act(i); await next(); }
    const begun = performance.now();
    for (let i = 0; i < count; i++) { act(i); await next(); }
    return (performance.now() - begun) / count;
}"""

# Zooms into the middle until numbers can be read.
CLOSER = """() => {
    const svg = document.querySelector("#circuit-svg");
    const { left, top, width, height } = svg.getBoundingClientRect();
    const middle = { clientX: left + width / 2, clientY: top + height / 2, bubbles: true, cancelable: true };
    const scale = () => Number(/scale\\(([^)]+)/.exec(svg.querySelector(".viewport").getAttribute("transform"))[1]);
    while (scale() < 0.6) svg.dispatchEvent(new WheelEvent("wheel", { ...middle, deltaY: -100 }));
}"""


def run() -> Iterable[Row]:
    """From the request to the first paint, each visit with an empty cache; and to the page being live."""
    with (
        TemporaryDirectory() as folder,
        # 20,000 nodes are laid out before their frames are measured, however long that takes.
        patch.dict(os.environ, {"GRADWIRE_SECONDS": "60"}),
        served("app.cli", "serve", folder=Path(folder)) as port,
        sync_playwright() as playwright,
    ):
        browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=["--no-sandbox"])
        found = []
        for _ in range(VISITS):
            with browser.new_context() as context:
                found.append(visit(context.new_page(), f"http://127.0.0.1:{port}/"))
        frames = [row for nodes, limit in SIZES.items() for row in moved(browser, port, nodes, limit)]
        browser.close()
    painted, live = (median(each) / 1e3 for each in zip(*found[1:], strict=True))  # the first starts the browser too
    yield times("first paint of the page", painted, "100 ms", 0.1, 1.0, "ms")
    yield times("the page is live", live, "1 s", 1.0, None, "ms")
    weight = loaded()
    yield Row(
        name="its scripts and styles, compressed", ours=weight, peer_name="300 kB", peer=300, unit="kB",
        ratio=300 / weight, goal=1.0,
    )  # fmt: skip
    yield from frames


def stack(nodes: int) -> str:
    """A program of this many nodes: residual stacks side by side, so that it is as wide as it is long."""
    lanes = LANES[: max(1, min(len(LANES), nodes // 30))]
    turns = (nodes - 2 * len(lanes)) // (2 * len(lanes))
    step = f"{', '.join(lanes)} = {', '.join(f'{lane} + tanh({lane})' for lane in lanes)}"
    return f"for i in range({turns}):\n    {step}\n{' + '.join(lanes)}"


def moved(browser: Browser, port: int, nodes: int, limit: float) -> Iterable[Row]:
    """A frame of a slider that is dragged, and of a zoom, over the whole of this many nodes; and from close by."""
    with browser.new_context(viewport={"width": 1280, "height": 800}, service_workers="block") as context:
        page = context.new_page()
        page.goto(f"http://127.0.0.1:{port}/?collapse=none&in.h0=0.5&source={quote(stack(nodes))}", timeout=120_000)
        if nodes in FIRST_OF_LARGE:
            first = FIRST_OF_LARGE[nodes]
            painted: float = page.evaluate(PAINTED)
            yield times(f"first paint of {nodes:,} nodes", painted / 1e3, f"{first * 1e3:g} ms", first, 1.0, "ms")
        page.wait_for_selector("html[data-ready=true]", timeout=120_000)
        page.keyboard.press("0")
        yield from frames(page, f"{nodes:,} nodes", limit)
        if nodes == max(SIZES):
            page.evaluate(CLOSER)
            yield from frames(page, f"{nodes:,} nodes, close by", CLOSE)


def frames(page: Page, where: str, limit: float) -> Iterable[Row]:
    """The rows of a slider's and of a zoom's frame."""
    for what, name in (("slide", "a slider's frame"), ("zoom", "a zoom's frame")):
        page.wait_for_timeout(SETTLED)
        found: float = page.evaluate(FRAMES, [what, 40])
        # A screen gives no more than 60 frames a second: to be at its pace is enough.
        yield times(f"{name}, {where}", found / 1e3, f"{limit} ms", limit / 1e3, 0.95 if limit < 17 else 1.0, "ms")


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
