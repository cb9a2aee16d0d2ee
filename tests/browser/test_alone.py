"""A circuit in a file of its own, and in a notebook's frame: both live without a server."""

from pathlib import Path

import pytest
from playwright.sync_api import Browser, FrameLocator, Page, expect

import gradwire
from tests.browser.conftest import watched

pytestmark = pytest.mark.browser

SLIDE = "(slider, x) => { slider.value = x; slider.dispatchEvent(new Event('input')); }"


def follows(page: Page | FrameLocator) -> None:
    """The slider of x moves the table's and the drawing's numbers; steps hide what is not known yet."""
    page.get_by_role("slider", name="x", exact=True).evaluate(SLIDE, -2.5)
    expect(page.get_by_role("row", name="x")).to_have_text("x−2.5−8")
    expect(page.get_by_role("row", name="output")).to_have_text("output201")
    expect(page.locator('[data-node^="q"] > .value')).to_have_text("10")
    expect(page.locator('[data-node^="q"] .parts')).to_have_text("1 + 1 = ")
    page.get_by_role("button", name="Forward a step").click()
    expect(page.locator(".sentence")).to_contain_text("computes −2.5 × (−4) = 10.")
    expect(page.locator('[data-node^="q"] .sum')).to_be_hidden()
    page.get_by_role("button", name="Show everything").click()
    expect(page.locator('[data-node^="q"] .sum')).to_be_visible()


def test_a_file_replays_its_circuit_and_runs_no_script_of_its_source(browser: Browser, tmp_path: Path) -> None:
    source = "q = x*y  # </script><script>document.title = 'broken'</script>\nq + max(q, z)"
    file = gradwire.draw(source, x=3, y=-4, z=2).save(tmp_path / "circuit.html")
    with watched(browser.new_context(), file.as_uri()) as page:
        page.goto(file.as_uri())
        page.get_by_role("slider", name="z").evaluate(SLIDE, 12)
        page.get_by_role("textbox", name="z, as a number").fill("2")
        follows(page)
        assert page.title() != "broken"


def test_a_notebook_has_it_live_in_a_frame(browser: Browser, tmp_path: Path) -> None:
    picture = gradwire.draw("q = x*y\nq + max(q, z)", x=3, y=-4, z=2)
    notebook = tmp_path / "notebook.html"
    notebook.write_text(f"<!doctype html><title>Notebook</title>{picture._repr_html_()}", "utf-8")
    with watched(browser.new_context(), notebook.as_uri()) as page:
        page.goto(notebook.as_uri())
        follows(page.frame_locator("iframe"))
