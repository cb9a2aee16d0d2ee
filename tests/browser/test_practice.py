"""Practice tells nothing of what is to be found: not in a panel, not in a sentence, not to a screen reader."""

import re
from collections.abc import Iterator
from urllib.parse import quote

import httpx
import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.conftest import watched

pytestmark = pytest.mark.browser

SOURCE = "h = tanh(a*b)\n3.3*h*c + a"
INPUTS = {"a": 1.37, "b": 0.41, "c": 0.87}
STATE = f"in.a=1.37&in.b=0.41&in.c=0.87&source={quote(SOURCE)}"
PANELS = ("paths", "flow", "sweep", "train", "forward", "backward", "code", "data")
# All that a reader or a screen reader comes upon: texts that are seen, and what elements are called.
TOLD = """() => {
    const said = [];
    for (const element of document.body.querySelectorAll("*")) {
        if (["SCRIPT", "STYLE", "desc"].includes(element.tagName)) continue;
        if (!element.checkVisibility({ checkVisibilityCSS: true, visibilityProperty: true })) continue;
        for (const { name, value } of element.attributes)
            if (/^(aria-.*|title|alt|data-value|value|placeholder)$/.test(name)) said.push(value);
        if ("value" in element && typeof element.value === "string") said.push(element.value);
        for (const { nodeType, data } of element.childNodes) if (nodeType === Node.TEXT_NODE) said.push(data);
    }
    for (const each of document.querySelectorAll("svg.live > title, svg.live > desc")) said.push(each.textContent);
    return said.join("\\n");
}"""

# Notes what is written on a canvas, and in which colour.
WRITTEN = """
    globalThis.written = [];
    const { fillText } = CanvasRenderingContext2D.prototype;
    CanvasRenderingContext2D.prototype.fillText = function (text, ...place) {
        written.push([text, this.fillStyle]);
        fillText.call(this, text, ...place);
    };
"""
RED = """() => written.filter(([, colour]) =>
    colour === getComputedStyle(document.documentElement).getPropertyValue("--grad").trim()).map(([text]) => text)"""


@pytest.fixture
def page(browser: Browser, address: str) -> Iterator[Page]:
    """A fresh profile, in which nothing may go wrong."""
    context = browser.new_context(viewport={"width": 1280, "height": 900}, reduced_motion="reduce", base_url=address)
    with watched(context, address) as page:
        yield page
    context.close()


@pytest.fixture(scope="module")
def answers(address: str) -> frozenset[str]:
    """The figures that must not be told: of each gradient, and each part of one, that no value shows as well."""
    found = httpx.post(f"{address}/api/v1/graph", json={"source": SOURCE, "inputs": INPUTS}).json()
    shown = {f"{each['value']:.4g}" for each in (*found["nodes"], *found["edges"])} | {"1"}
    grads = {f"{abs(each['grad']):.4g}" for each in (*found["nodes"], *found["edges"]) if each["grad"] is not None}
    return frozenset(grads - shown)


def told(page: Page, answers: frozenset[str]) -> set[str]:
    """Those of the answers that stand somewhere on the page."""
    text = page.evaluate(TOLD)
    return {answer for answer in answers if re.search(rf"(?<![\d.]){re.escape(answer)}", text)}


def ready(page: Page, path: str) -> None:
    """The page at this address, live."""
    page.goto(path)
    page.wait_for_selector("html[data-ready=true]")


def test_the_answers_can_be_found_where_they_are_told(page: Page, answers: frozenset[str]) -> None:
    assert len(answers) == 5
    ready(page, f"/?panel=data&{STATE}")
    expect(page.locator(".panel-data tbody tr").first).to_be_visible()
    assert told(page, answers) == answers


@pytest.mark.parametrize("panel", PANELS)
def test_no_panel_tells_what_is_to_be_found(panel: str, page: Page, answers: frozenset[str]) -> None:
    ready(page, f"/?practice=true&panel={panel}&{STATE}")
    if panel == "data":
        expect(page.locator(".panel-data tbody tr").first).to_be_visible()
    elif panel != "code":
        expect(page.locator("#panel")).to_contain_text("answer first. 7 gradients are still open")
    else:
        for language in page.locator(".panel-code [aria-pressed]").all():
            language.click()
            expect(page.locator("#panel pre, #panel p.quiet")).to_be_visible()
            assert told(page, answers) == set()
    assert told(page, answers) == set()


def test_no_step_tells_what_is_to_be_found(page: Page, answers: frozenset[str]) -> None:
    ready(page, f"/?practice=true&step=0&{STATE}")
    while page.get_by_role("button", name="Forward a step").is_enabled():
        page.get_by_role("button", name="Forward a step").click()
        assert told(page, answers) == set()
    expect(page.locator("#transport .sentence")).to_contain_text("the gradients of both ways add up, ? + ? = ?")


def test_neither_search_nor_sharing_nor_a_second_circuit_nor_the_flow_tells(
    page: Page, answers: frozenset[str]
) -> None:
    ready(page, f"/?practice=true&{STATE}")
    page.keyboard.press("f")
    expect(page.locator("#circuit [data-flow=some]")).to_have_count(1)
    page.keyboard.press("/")
    expect(page.get_by_role("option").first).to_be_visible()
    assert told(page, answers) == set()
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_have_count(0)
    page.get_by_role("button", name="Share", exact=True).click()
    expect(page.get_by_role("dialog")).to_contain_text("answer first")
    assert told(page, answers) == set()
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_have_count(0)
    page.get_by_role("button", name="Compare", exact=True).click()
    expect(page.locator("#compared [data-node=a]")).to_have_count(1)
    assert told(page, answers) == set()


def test_what_was_told_before_practice_is_taken_back(page: Page, answers: frozenset[str]) -> None:
    ready(page, f"/?panel=paths&{STATE}")
    expect(page.locator(".panel-paths tbody tr").first).to_be_visible()
    page.locator("#circuit-svg").focus()
    page.keyboard.press("ArrowRight")
    expect(page.locator("#inspector .figures")).to_be_visible()
    page.keyboard.press("p")
    expect(page.locator("#panel")).to_contain_text("answer first")
    assert told(page, answers) == set()
    assert page.locator("#inspector").inner_html().replace("<!---->", "").replace("<!--?-->", "").strip() == ""


def test_a_panel_opens_when_all_is_found(page: Page) -> None:
    ready(page, "/?practice=true&panel=paths&in.a=3&source=" + quote("a*a"))
    expect(page.locator("#panel")).to_contain_text("1 gradient is still open")
    page.locator("[data-question=a]").fill("6")
    page.locator("[data-question=a]").press("Enter")
    expect(page.locator(".panel-paths tbody tr")).to_have_count(2)
    expect(page.locator("#inputs .of-input")).to_have_text("∂out/∂a = 6")


@pytest.mark.parametrize("path", [f"/embed?practice=true&panel=paths&step=0&{STATE}", f"/?practice=true&{STATE}"])
def test_the_servers_own_page_hides_what_is_to_be_found(
    path: str, browser: Browser, address: str, answers: frozenset[str]
) -> None:
    context = browser.new_context(java_script_enabled=False, base_url=address)
    page = context.new_page()
    page.goto(path)
    expect(page.locator("svg.circuit")).to_be_visible()
    assert told(page, answers) == set()
    context.close()


def test_a_frame_tells_nothing_while_it_comes_alive(page: Page, answers: frozenset[str]) -> None:
    ready(page, f"/embed?practice=true&panel=paths&step=0&{STATE}")
    expect(page.locator("[data-question]")).to_have_count(7)
    expect(page.locator("#panel")).to_contain_text("answer first")
    assert told(page, answers) == set()


def test_two_gates_of_one_sign_are_told_apart_by_where_they_lead(page: Page) -> None:
    ready(page, "/?practice=true&source=" + quote("tanh(x*y)*3.3 + x"))
    expect(page.locator(".exercise label").nth(0)).to_have_text("∂out/∂× (into +)")
    expect(page.locator(".exercise label").nth(1)).to_have_text("∂out/∂tanh")
    expect(page.locator(".exercise label").nth(2)).to_have_text("∂out/∂× (into tanh)")


def test_a_canvas_writes_no_gradient_that_is_to_be_found(page: Page) -> None:
    page.add_init_script(WRITTEN)
    large = "collapse=none&in.x=0.5&source=" + quote("for i in range(520):\n    x = x + tanh(x)\nx")
    ready(page, f"/?{large}")
    page.wait_for_function("() => written.length > 0")
    assert page.evaluate(RED) != []
    ready(page, f"/?practice=true&{large}")
    page.wait_for_function("() => written.length > 0")
    assert page.evaluate(RED) == []
