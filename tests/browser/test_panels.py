"""What stands around the circuit: each panel, compare, practice, sharing; each looked at by axe, wide and narrow."""

import re
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

import pytest
from playwright.sync_api import Browser, Page, Route, expect

from tests.browser.conftest import watched

pytestmark = pytest.mark.browser

AXE = Path(__file__).parents[2] / "node_modules" / "axe-core" / "axe.min.js"
WIDTHS = (360, 600, 900, 1180, 1440, 1920)
RESIDUAL = (
    "def block(h):\n    return h + w*tanh(h)\nh = x\nfor i in range(3):\n    h = block(h)\nloss = (h - 1)**2\nloss"
)
# Of each panel: what must be seen in it.
PANELS = {
    "paths": ".panel-paths tbody tr",
    "flow": ".panel-flow svg",
    "sweep": ".panel-sweep path.series",
    "train": ".panel-train button.main",
    "forward": ".panel-forward tbody tr",
    "backward": ".panel-backward svg [data-node]",
    "code": ".panel-code pre",
    "data": ".panel-data tbody tr",
}


def ready(page: Page, path: str) -> Page:
    """The page at this address, live."""
    page.goto(path)
    page.wait_for_selector("html[data-ready=true]")
    return page


@pytest.fixture
def page(browser: Browser, address: str) -> Iterator[Page]:
    """A fresh profile, in which nothing may go wrong."""
    context = browser.new_context(viewport={"width": 1280, "height": 900}, reduced_motion="reduce", base_url=address)
    context.grant_permissions(["clipboard-read", "clipboard-write"])
    with watched(context, address) as page:
        yield page
    context.close()


@pytest.mark.parametrize("panel", PANELS)
def test_a_panel_opens_by_its_address(panel: str, page: Page, artefacts: Path) -> None:
    ready(page, f"/?panel={panel}&in.x=0.5&in.w=0.8&source={quote(RESIDUAL)}")
    expect(page.locator(PANELS[panel]).first).to_be_visible()
    expect(page.get_by_role("tab", selected=True)).to_have_attribute("id", f"tab-{panel}")
    page.screenshot(path=artefacts / f"panel-{panel}.png")


def test_the_products_of_the_paths_sum_to_the_gradient(page: Page) -> None:
    ready(page, "/?panel=paths&source=" + quote("h = 2*x\nh*3 + h") + "&in.x=5")
    expect(page.locator(".panel-paths .panel-bar")).to_contain_text("their products sum to 8")
    expect(page.locator(".panel-paths tbody tr")).to_have_count(2)
    page.locator(".panel-paths tbody tr").first.hover()
    expect(page.locator("#circuit .lit")).not_to_have_count(0)


def test_training_moves_the_weights_on_the_circuit(page: Page) -> None:
    ready(page, "/?panel=train&source=" + quote("(w*3 - 6)**2") + "&in.w=0")
    page.get_by_role("button", name="Train", exact=True).click()
    expect(page.locator(".panel-train path.series").first).to_be_visible()
    expect(page.locator("[data-input=w]")).not_to_have_value("0")


def test_two_programs_are_compared_over_the_same_inputs(page: Page, artefacts: Path) -> None:
    ready(page, f"/?in.x=2&source={quote('tanh(x)')}&compare={quote('x + tanh(x)')}")
    expect(page.locator("#compared .gate")).to_have_count(2)
    table = page.locator("#compare-program table")
    expect(table).to_contain_text("∂out/∂x")
    expect(table.locator(".strong")).to_have_count(4)
    page.fill("[data-input=x]", "0")
    expect(table.locator("tbody tr").nth(1)).to_have_text("∂out/∂x12")
    page.screenshot(path=artefacts / "playground-compare.png")
    page.get_by_role("button", name="Compare").click()
    expect(page.locator("#compared")).to_be_hidden()


def test_practice_is_failed_hinted_and_solved(page: Page, artefacts: Path) -> None:
    ready(page, "/?practice=true&in.x=3&in.y=-4&source=" + quote("x*y + x"))
    assert page.locator("#circuit .blank .grad").first.is_hidden()
    fields = page.locator("[data-question]")
    expect(fields).to_have_count(3)
    fields.first.fill("-1")
    fields.first.press("Enter")
    expect(page.locator(".judged")).to_have_text("Almost: look at the sign.")
    page.get_by_role("button", name="A hint").first.click()
    expect(page.locator(".exercise").first.locator("p").nth(1)).to_be_visible()
    page.screenshot(path=artefacts / "playground-practice.png")
    page.get_by_role("tab", name="Data").click()
    expect(page.locator("table.data .value")).to_have_count(8)
    expect(page.locator("table.data .grad")).to_have_text(["1"])
    page.get_by_role("tab", name="Circuit").click()
    for answer in ("1", "-3", "3"):
        field = fields.first
        question = field.get_attribute("data-question")
        field.fill({"x": "-3", "y": "3"}.get(question or "", answer if answer != "-3" else "1"))
        field.press("Enter")
        expect(page.locator(f"[data-question='{question}']")).to_have_count(0)
    expect(page.locator("#practice")).to_contain_text("All 3 found")
    assert page.locator("#circuit .grad").first.is_visible()


def test_a_circuit_is_built_stepped_broken_mended_and_shared(page: Page, browser: Browser, address: str) -> None:
    ready(page, "/")
    page.locator("#source").click()
    page.keyboard.press("Control+A")
    page.keyboard.insert_text("h = a*b\nh + a")
    expect(page.locator("#circuit [data-node=b]")).to_have_count(1)
    page.fill("[data-input=a]", "3")
    page.locator("[data-input=a]").blur()
    page.get_by_role("button", name="Play").focus()
    page.keyboard.press(".")
    expect(page.locator("#transport .sentence")).to_contain_text("3 × 1 = 3")
    page.locator("#source").click()
    page.keyboard.press("Control+End")
    page.keyboard.insert_text(" + nosuch(b)")
    expect(page.locator("#said [role=alert]")).to_contain_text("nosuch")
    page.keyboard.press("Control+z")
    expect(page.locator("#said [role=alert]")).to_have_count(0)
    page.get_by_role("button", name="Share").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_role("button", name="Make one").click()
    short = dialog.get_by_label("Short link").input_value()
    assert short.startswith(f"{address}/g/")
    assert page.evaluate("navigator.clipboard.readText()") == short
    assert "/embed/" in dialog.get_by_label("Embed").input_value()
    fresh = browser.new_context(base_url=address)
    with watched(fresh, address) as other:
        ready(other, short)
        assert other.locator("[data-input=a]").input_value() == "3"
        expect(other.locator("#source")).to_contain_text("h + a")
        expect(other.locator("#transport .sentence")).to_contain_text("3 × 1 = 3")
        assert other.locator("meta[property='og:image']").get_attribute("content") == f"{short}.png"
    fresh.close()


def test_the_picture_is_copied_to_the_clipboard(page: Page) -> None:
    ready(page, "/?source=p*q&in.p=7")
    page.keyboard.press("s")
    page.get_by_role("button", name="Copy to the clipboard").click()
    expect(page.get_by_role("button", name="Copied")).to_be_visible()
    kind, head = page.evaluate(
        """async () => {
            const [item] = await navigator.clipboard.read();
            const bytes = new Uint8Array(await (await item.getType("image/png")).arrayBuffer());
            return [item.types[0], [...bytes.slice(1, 4)].map((byte) => String.fromCharCode(byte)).join("")];
        }"""
    )
    assert (kind, head) == ("image/png", "PNG")


def test_a_picture_dropped_on_the_page_opens_again(page: Page) -> None:
    ready(page, "/")
    page.evaluate(
        """async () => {
            const picture = await (await fetch('/graph.svg?source=p%2Aq&in.p=7')).text();
            const data = new DataTransfer();
            data.items.add(new File([picture], 'circuit.svg', { type: 'image/svg+xml' }));
            document.body.dispatchEvent(new DragEvent('drop', { bubbles: true, cancelable: true, dataTransfer: data }));
        }"""
    )
    expect(page.locator("[data-input=p]")).to_have_value("7")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_in_page_and_panels(scheme: str, browser: Browser, address: str, artefacts: Path) -> None:
    context = browser.new_context(color_scheme=scheme, reduced_motion="reduce", bypass_csp=True, base_url=address)
    page = context.new_page()
    ready(page, f"/?in.x=0.5&in.w=0.8&source={quote(RESIDUAL)}")
    page.add_script_tag(path=AXE)
    said: list[str] = []

    def look(where: str) -> None:
        found = page.evaluate("axe.run()")
        said.extend(
            f"{where}: {each['id']}: {node['html'][:140]}" for each in found["violations"] for node in each["nodes"][:3]
        )

    look("page")
    page.screenshot(path=artefacts / f"playground-{scheme}.png")
    for panel, shown in PANELS.items():
        page.locator(f"#tab-{panel}").click()
        page.locator(shown).first.wait_for()
        look(panel)
    page.locator("#circuit .gate").first.click()
    look("inspector")
    page.keyboard.press("s")
    page.get_by_role("dialog").wait_for()
    look("share")
    context.close()
    assert said == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_nothing_overflows_at_any_width(scheme: str, browser: Browser, address: str, artefacts: Path) -> None:
    context = browser.new_context(color_scheme=scheme, reduced_motion="reduce", base_url=address)
    with watched(context, address) as page:
        for width in WIDTHS:
            page.set_viewport_size({"width": width, "height": 800})
            ready(page, "/?panel=data&selected=x")
            assert page.evaluate("document.documentElement.scrollWidth") <= width
            for name in ("Share", "Examples"):
                box = page.get_by_role("button", name=name).bounding_box()
                assert box
                assert box["x"] >= 0
                assert box["x"] + box["width"] <= width
            page.screenshot(path=artefacts / f"playground-{width}-{scheme}.png")
    context.close()


def test_with_reduced_motion_nothing_travels(page: Page) -> None:
    ready(page, "/")
    page.get_by_role("button", name="Fit the circuit").click()
    assert page.evaluate("document.getAnimations().filter((each) => each.playState === 'running').length") == 0


def test_a_slow_connection_shows_the_circuit_before_the_scripts(browser: Browser, address: str) -> None:
    context = browser.new_context(base_url=address)
    page = context.new_page()
    held: list[Route] = []

    def hold(route: Route) -> None:
        held.append(route)

    page.route(re.compile(r"\.js$"), hold)
    page.goto("/", wait_until="commit")
    expect(page.locator("#circuit [data-node=x]")).to_be_visible()
    expect(page.locator("#circuit .sum, #circuit .parts").first).to_be_visible()
    assert page.locator("html[data-ready]").count() == 0
    for route in held:
        route.continue_()
    page.unroute_all()
    page.wait_for_selector("html[data-ready=true]")
    context.close()
