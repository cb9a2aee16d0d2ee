"""Lessons, gallery, guide and frames in a real browser: each at every width, in the light and the dark, and to axe."""

from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page

from app.files import TEMPLATES
from tests.browser.conftest import watched

pytestmark = pytest.mark.browser

AXE = Path(__file__).parents[2] / "node_modules" / "axe-core" / "axe.min.js"
FRAME = "/embed?source=x*y%2Bmax(z,w)&in.x=3&in.y=-4&in.z=2&in.w=-1"
LESSONS = sorted(path.stem for path in (TEMPLATES / "lessons").glob("*.md"))
PAGES = {
    "lessons": "/lessons",
    **{name: f"/lessons/{name}" for name in LESSONS},
    "gallery": "/gallery",
    "api": "/api",
    "embed": FRAME,
    "embed-sweep": f"{FRAME}&panel=sweep",
}


@pytest.fixture(params=["light", "dark"])
def scheme(request: pytest.FixtureRequest) -> str:
    """Light or dark."""
    return str(request.param)


def scrolled(page: Page) -> None:
    """To the end and back, so that every figure has been near, and is ready."""
    page.evaluate(
        """async () => {
            for (let y = 0; y < document.documentElement.scrollHeight; y += 500) {
                scrollTo(0, y);
                await new Promise((done) => setTimeout(done, 30));
            }
        }"""
    )
    page.wait_for_function(
        "[...document.querySelectorAll('.circuit-figure')].every((figure) => figure.dataset.ready === 'true')"
    )
    page.evaluate("scrollTo(0, 0)")


@pytest.mark.parametrize("width", [360, 768, 1440, 1920])
@pytest.mark.parametrize("name", PAGES)
def test_a_page_fits_its_width_and_nothing_goes_wrong(
    name: str, width: int, scheme: str, browser: Browser, address: str, artefacts: Path
) -> None:
    context = browser.new_context(
        viewport={"width": width, "height": 800}, color_scheme=scheme, reduced_motion="reduce"
    )
    with watched(context, address) as page:
        page.goto(address + PAGES[name], wait_until="networkidle")
        scrolled(page)
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        page.screenshot(path=artefacts / f"{name}-{width}-{scheme}.png", full_page=True)
    context.close()


@pytest.mark.parametrize("name", PAGES)
def test_axe_finds_no_violation(name: str, scheme: str, browser: Browser, address: str) -> None:
    context = browser.new_context(color_scheme=scheme, reduced_motion="reduce", bypass_csp=True)
    page = context.new_page()
    page.goto(address + PAGES[name], wait_until="networkidle")
    scrolled(page)
    page.add_script_tag(path=AXE)
    found = page.evaluate("axe.run()")
    context.close()
    said = [f"{each['id']}: {node['html'][:160]}" for each in found["violations"] for node in each["nodes"][:4]]
    assert said == []
