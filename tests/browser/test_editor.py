"""The editor's own: a hint is put where it works by a click, and the keyboard gets out again."""

from collections.abc import Iterator
from urllib.parse import quote

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.conftest import watched

pytestmark = pytest.mark.browser


@pytest.fixture
def page(browser: Browser, address: str) -> Iterator[Page]:
    """A small circuit's page, live, in which nothing may go wrong."""
    context = browser.new_context(viewport={"width": 1280, "height": 800}, reduced_motion="reduce", base_url=address)
    with watched(context, address) as page:
        page.goto("/?source=" + quote("x*y"))
        page.wait_for_selector("html[data-ready=true]")
        yield page
    context.close()


@pytest.mark.parametrize(
    ("typed", "mended"),
    [
        ("(x + 1)2", "(x + 1)*2"),
        ("h = x\nfor i in range(L):\n    h = h*2\nh", "L = 3\nh = x\nfor i in range(L):\n    h = h*2\nh"),
    ],
)
def test_a_hint_is_put_where_it_works(typed: str, mended: str, page: Page) -> None:
    page.locator("#source").click()
    page.keyboard.press("Control+A")
    page.keyboard.insert_text(typed)
    page.locator(".apply").click()
    expect(page.get_by_role("alert")).to_have_count(0)
    assert page.locator("#source").inner_text() == mended


def test_tab_indents_and_escape_lets_it_leave(page: Page) -> None:
    source = page.locator("#source")
    source.click()
    page.keyboard.press("Home")
    page.keyboard.press("Tab")
    assert source.inner_text() == "    x*y"
    page.keyboard.press("Shift+Tab")
    page.keyboard.press("Escape")
    page.keyboard.press("Tab")
    expect(source).not_to_be_focused()
    expect(page.locator("#inputs :focus")).to_have_count(1)
    assert source.inner_text() == "x*y"
