"""The page without a network, once it has been open: what stands, what goes on, and what it says of the rest."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

pytestmark = pytest.mark.browser

KEPT = """async () => {
    const found = [];
    for (const name of await caches.keys())
        for (const { url } of await (await caches.open(name)).keys()) found.push(new URL(url).pathname);
    return found;
}"""
SLIDE = "(slider) => { slider.value = 2; slider.dispatchEvent(new Event('input', { bubbles: true })); }"


@pytest.fixture
def page(browser: Browser, address: str) -> Iterator[Page]:
    """The page that everyone begins with, once it is kept on the device."""
    context = browser.new_context(base_url=address, reduced_motion="reduce")
    page = context.new_page()
    page.goto("/")
    page.evaluate("async () => { await navigator.serviceWorker.ready; }")
    page.wait_for_function("navigator.serviceWorker.ready.then(({ active }) => active.state === 'activated')")
    yield page
    context.close()


def live(page: Page, path: str) -> None:
    """The playground at this address."""
    page.goto(path)
    page.wait_for_selector("html[data-ready=true]")


def test_the_page_opens_without_a_network_and_its_circuit_is_live(page: Page) -> None:
    page.context.set_offline(True)
    live(page, "/")
    expect(page.locator("#circuit [data-node=x]")).to_have_count(1)
    before = page.locator("#circuit-svg").text_content()
    page.locator("#inputs input[type=range]").first.evaluate(SLIDE)
    expect(page.locator("#circuit [data-edge^=x] .value").first).to_have_attribute("data-value", "2")
    assert page.locator("#circuit-svg").text_content() != before
    expect(page.locator("#said .trouble")).to_contain_text("go on in the page")


def test_a_program_of_the_address_waits_and_is_drawn_when_the_network_is_back(page: Page) -> None:
    page.context.set_offline(True)
    live(page, "/?source=a*b&in.a=2&in.b=5")
    expect(page.locator("#source")).to_contain_text("a*b")
    expect(page.locator("#said .trouble")).to_contain_text("You are offline")
    expect(page.locator("#circuit [data-node]")).to_have_count(0)
    page.context.set_offline(False)
    expect(page.locator("#circuit [data-node=b] .value, [data-edge^=b] .value").first).to_have_attribute(
        "data-value", "5"
    )
    expect(page.locator("#said .trouble")).to_have_count(0)


def test_pages_that_were_open_are_kept_and_others_say_that_they_are_not(page: Page) -> None:
    page.goto("/lessons/chain-rule")
    expect(page.locator("h1")).to_contain_text("chain rule")
    page.wait_for_function(f"({KEPT})().then((kept) => kept.includes('/lessons/chain-rule'))")
    page.context.set_offline(True)
    page.goto("/lessons/chain-rule")
    expect(page.locator("h1")).to_contain_text("chain rule")
    expect(page.locator(".circuit-figure svg.circuit").first).to_be_visible()
    page.goto("/lessons/gates")
    expect(page.locator("h1")).to_have_text("You are offline")
    page.get_by_role("link", name="To the playground").click()
    expect(page.locator("#circuit [data-node=x]")).to_have_count(1)


def test_no_answer_of_the_service_is_kept_and_nothing_of_another_build(page: Page) -> None:
    page.evaluate("caches.open('files before').then((old) => old.put('/old', new Response('old')))")
    page.evaluate("navigator.serviceWorker.getRegistration().then((found) => found.unregister())")
    live(page, "/?source=a*b")
    page.wait_for_function(f"({KEPT})().then((kept) => !kept.includes('/old'))")
    page.locator("#source").click()
    page.keyboard.press("Control+Home")
    page.keyboard.insert_text("2*")
    expect(page.locator("#circuit .gate")).to_have_count(2)
    kept = page.evaluate(KEPT)
    assert "/" in kept
    assert [path for path in kept if path.startswith(("/api/", "/graph"))] == []
