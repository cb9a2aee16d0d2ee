"""The playground by what a person does: see, type, err, mend, slide, choose, step, come back."""

import re
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

import pytest
from playwright.sync_api import Browser, Page, Route, expect

from tests.browser.conftest import watched

pytestmark = pytest.mark.browser

SLIDE = "(slider, x) => { slider.value = x; slider.dispatchEvent(new Event('input', { bubbles: true })); }"
# More nodes than a document bears.
DEEP = "for i in range(520):\n    x = x + tanh(x)\nx"
# How many pixels of its canvas are red, and the scale at which a drawing is seen.
RED = """() => {
    const { width, height } = document.querySelector("canvas.easel");
    const copy = new OffscreenCanvas(width, height).getContext("2d", { willReadFrequently: true });
    copy.drawImage(document.querySelector("canvas.easel"), 0, 0);
    const { data } = copy.getImageData(0, 0, width, height);
    let count = 0;
    for (let i = 0; i < data.length; i += 4) count += data[i + 3] > 60 && data[i] > data[i + 1] + 40;
    return count;
}"""
SCALE = "() => Number(/scale\\(([^)]+)/.exec(document.querySelector('.viewport').getAttribute('transform'))[1])"
# Notes what is written on a canvas in the size of a badge's sign.
WRITTEN = """
    globalThis.written = [];
    const { fillText } = CanvasRenderingContext2D.prototype;
    CanvasRenderingContext2D.prototype.fillText = function (text, ...place) {
        if (this.font.startsWith("11px")) written.push(text);
        fillText.call(this, text, ...place);
    };
"""
# Another page of the same circuit, whose server's part alone is looked at.
UNSCRIPTED = {"java_script_enabled": False}


def ready(page: Page, path: str) -> Page:
    """The page at this address, live."""
    page.goto(path)
    page.wait_for_selector("html[data-ready=true]")
    return page


def repainted(page: Page, since: int) -> None:
    """Waits until the drawing was painted again."""
    page.wait_for_function("(since) => Number(document.documentElement.dataset.revision) > since", arg=since)


def revision(page: Page) -> int:
    """How often the drawing was painted."""
    return int(page.evaluate("document.documentElement.dataset.revision"))


def written(page: Page, text: str) -> None:
    """The program is this text."""
    page.locator("#source").click()
    page.keyboard.press("Control+A")
    page.keyboard.insert_text(text)


def value(page: Page, node: str) -> str:
    """The number in the drawing by a node's id."""
    return page.locator(f"#circuit [data-node='{node}'] .value").first.get_attribute("data-value") or ""


@pytest.fixture
def page(browser: Browser, address: str) -> Iterator[Page]:
    """The page that everyone begins with, live, in a fresh profile."""
    context = browser.new_context(
        viewport={"width": 1280, "height": 800}, reduced_motion="reduce", base_url=address, color_scheme="light"
    )
    with watched(context, address) as page:
        yield ready(page, "/")
    context.close()


def test_the_server_draws_the_circuit_and_the_page_goes_on_with_it(browser: Browser, address: str, page: Page) -> None:
    plain = browser.new_context(base_url=address, **UNSCRIPTED)
    first = plain.new_page()
    first.goto("/")
    drawn = first.locator("#circuit [data-node], #circuit [data-edge]").evaluate_all(
        "(all) => all.map((each) => each.dataset.node ?? each.dataset.edge)"
    )
    plain.close()
    assert len(drawn) == 12 + 12
    live = page.locator("#circuit [data-node], #circuit [data-edge]").evaluate_all(
        "(all) => all.map((each) => each.dataset.node ?? each.dataset.edge)"
    )
    assert live == drawn
    assert page.locator("#circuit .sum, #circuit .parts").first.text_content() == "2 + 2 = 4"


@pytest.mark.parametrize("turns", [1, 20, 170])
def test_nothing_jumps_when_the_page_goes_on_with_a_drawing(turns: int, browser: Browser, page: Page) -> None:
    path = "/?collapse=none&in.x=0.5&source=" + quote(f"for i in range({turns}):\n    x = x + tanh(x)\nx")
    ready(page, path)
    live = page.locator("#circuit .leaf").bounding_box()
    context = browser.new_context(
        base_url=page.url, viewport={"width": 1280, "height": 800}, color_scheme="light", **UNSCRIPTED
    )
    before = context.new_page()
    before.goto(path)
    drawn = before.locator("#circuit .leaf").bounding_box()
    context.close()
    assert live is not None
    assert drawn is not None
    for side in ("x", "width"):
        assert drawn[side] == pytest.approx(live[side], abs=3)


def test_without_scripts_a_form_draws_the_circuit(browser: Browser, address: str, artefacts: Path) -> None:
    context = browser.new_context(base_url=address, **UNSCRIPTED)
    page = context.new_page()
    page.goto("/")
    page.fill("#source", "a*b + a")
    page.get_by_role("button", name="Draw").click()
    assert "source=a*b" in page.url.replace("%2A", "*")
    assert page.locator("#circuit [data-node=a] .grad").first.text_content() == "2"
    page.goto("/?source=a*b%2Bsigmod(a)")
    assert "sigmod" in page.get_by_role("alert").inner_text()
    page.screenshot(path=artefacts / "playground-no-script.png")
    context.close()


def test_the_circuit_follows_the_text(page: Page) -> None:
    written(page, "h = tanh(a*b)\nh + a")
    expect(page.locator("#circuit [data-node=a]")).to_have_count(1)
    expect(page.locator("[data-input=b]")).to_have_value("1")
    expect(page).to_have_url(re.compile(r"source=h\+%3D\+tanh"))
    page.fill("[data-input=b]", "0")
    page.fill("[data-input=a]", "2")
    expect(page.locator("#circuit [data-edge^='a >'] .grad").first).to_be_attached()
    expect(page.locator("[data-of=b] .number-grad")).to_have_text("2")


def test_a_mistake_is_told_in_its_place_and_mended_by_a_click(page: Page, artefacts: Path) -> None:
    written(page, "a = x*y\nsigmod(a) + x")
    alert = page.locator("#said [role=alert]")
    expect(alert).to_have_count(1)
    expect(alert).to_contain_text("sigmod")
    expect(alert).to_contain_text("line 2")
    expect(page.locator(".cm-wrong")).to_have_text("sigmod")
    # What stands is drawn while the rest is wrong.
    expect(page.locator("#circuit [data-node=x]")).to_have_count(1)
    expect(page.locator("#circuit")).to_have_class(re.compile("stale"))
    page.screenshot(path=artefacts / "playground-error.png")
    alert.get_by_role("button").click()
    expect(alert).to_have_count(0)
    expect(page.locator("#source")).to_contain_text("sigmoid(a) + x")
    expect(page.locator("#circuit .gate", has_text="σ")).to_have_count(1)


def test_an_error_of_the_first_page_is_told_once(page: Page) -> None:
    ready(page, "/?source=sigmod(a)")
    expect(page.locator("#said [role=alert]")).to_have_count(1)


def test_a_text_with_nothing_right_leaves_what_was_drawn(page: Page) -> None:
    written(page, "x*y + (")
    expect(page.locator("#said [role=alert]")).not_to_have_count(0)
    expect(page.locator("#circuit [data-node=x]")).to_have_count(1)


def test_a_slider_moves_the_numbers_without_the_server(page: Page) -> None:
    slider = page.get_by_role("slider", name="x, slider")
    held: list[Route] = []

    def hold(route: Route) -> None:
        held.append(route)

    page.route("**/api/**", hold)
    before = revision(page)
    slider.evaluate(SLIDE, 1)
    repainted(page, before)
    expect(page.locator("[data-input=x]")).to_have_value("1")
    expect(page.locator("#circuit [data-edge^='x >'] .value, #circuit [data-node=x] .value").first).to_have_text("1")
    assert page.locator("#circuit .node .value").last.get_attribute("data-value") == "33"
    with page.expect_response("**/api/v1/graph"):  # the hand rests, and the server is asked
        page.unroute("**/api/**")
        for route in held:
            route.continue_()
    expect(page.locator(".trouble")).to_have_count(0)
    expect(page).to_have_url(re.compile(r"in\.x=1(&|$)"))


def test_a_moved_input_moves_no_node(page: Page) -> None:
    places = (
        "(all) => all.map((each) => [each.dataset.node, each.querySelector('.body, .leaf')?.getBoundingClientRect().x])"
    )
    before = page.locator("#circuit [data-node]").evaluate_all(places)
    with page.expect_response("**/api/v1/graph"):
        page.get_by_role("slider", name="y, slider").evaluate(SLIDE, 2)
    assert page.locator("#circuit [data-node]").evaluate_all(places) == before


def test_numbers_that_are_not_the_servers_are_told(page: Page) -> None:
    def other(route: Route) -> None:
        response = route.fetch()
        answer = response.json()
        answer["nodes"][0]["grad"] = -17.0
        route.fulfill(response=response, json=answer)

    page.route("**/api/v1/graph", other)
    page.fill("[data-input=y]", "-3")
    expect(page.locator("#said [role=alert]")).to_contain_text("The page counted otherwise than the server at x")


def test_a_gate_tells_why(page: Page, artefacts: Path) -> None:
    gate = page.locator("#circuit .gate", has_text="max")
    gate.click()
    inspector = page.locator("#inspector")
    expect(inspector).to_contain_text("max")
    expect(inspector.locator(".check")).to_contain_text("central difference")
    expect(inspector.locator(".katex").first).to_be_visible()
    expect(gate).to_have_class(re.compile("selected"))
    expect(page).to_have_url(re.compile("selected="))
    page.screenshot(path=artefacts / "playground-selected.png")
    page.locator("#inspector tbody tr").first.get_by_role("button").first.click()
    expect(gate).not_to_have_class(re.compile("selected"))


def test_the_rule_of_the_larger_has_a_brace_of_three_rows_in_the_programs_letters(page: Page, artefacts: Path) -> None:
    ready(page, "/?source=" + quote("m = max(z, w)\nm*y") + "&in.z=2&in.w=1")
    page.locator("#circuit .gate", has_text="max").click()
    rule = page.locator("#inspector .rule .katex").first
    expect(rule.locator("annotation")).to_contain_text("partial m}{\\partial z} = \\begin{cases} 0 & \\text{if } z < w")
    brace = rule.locator(".delimsizing svg").first
    expect(brace).to_have_attribute("style", re.compile("width: 0.8889em"))
    page.screenshot(path=artefacts / "playground-larger.png")


def test_the_address_brings_everything_back(page: Page, browser: Browser, address: str) -> None:
    written(page, "h = x*w\nrelu(h) + x")
    expect(page.locator("#circuit .gate", has_text="ReLU")).to_have_count(1)
    page.fill("[data-input=w]", "-2.5")
    page.locator("#circuit .gate", has_text="ReLU").click()
    page.get_by_role("tab", name="Sweep").click()
    expect(page).to_have_url(re.compile("panel=sweep"))
    expect(page).to_have_url(re.compile(r"in\.w=-2\.5"))
    expect(page).to_have_url(re.compile("selected="))
    fresh = browser.new_context(base_url=address)
    with watched(fresh, address) as other:
        ready(other, page.url)
        assert other.locator("[data-input=w]").input_value() == "-2.5"
        expect(other.locator("#source")).to_contain_text("relu(h) + x")
        expect(other.locator("#circuit .selected")).to_contain_text("ReLU")
        expect(other.get_by_role("tab", name="Sweep")).to_have_attribute("aria-selected", "true")
        assert other.locator("#circuit [data-node=x]").count() == 1
    fresh.close()


def test_undo_and_redo_go_over_programs_and_inputs(page: Page) -> None:
    page.fill("[data-input=x]", "5")
    expect(page.locator("[data-of=y] .number-grad")).to_have_text("20")
    page.get_by_role("button", name="Undo").click()
    expect(page.locator("[data-input=x]")).to_have_value("3")
    expect(page.locator("[data-of=y] .number-grad")).to_have_text("12")
    page.get_by_role("button", name="Redo").click()
    expect(page.locator("[data-input=x]")).to_have_value("5")


def test_the_keyboard_is_enough(page: Page) -> None:
    page.keyboard.press("c")
    page.keyboard.press("ArrowRight")
    expect(page.locator("#circuit .selected")).to_have_count(1)
    page.keyboard.press("ArrowRight")
    selected = page.locator("#circuit .selected")
    expect(selected).to_have_attribute("aria-label", re.compile("^mul.*: value −12, gradient 4"))
    expect(selected).to_be_focused()
    page.keyboard.press("Shift+ArrowLeft")
    expect(selected).to_have_attribute("aria-label", re.compile("^wire from . to ×: value"))
    page.keyboard.press("ArrowLeft")
    expect(selected).to_have_attribute("data-node", re.compile("^[xy]$"))
    page.keyboard.press("Escape")
    expect(selected).to_have_count(0)
    page.keyboard.press("?")
    expect(page.get_by_role("dialog")).to_contain_text("Undo")
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_have_count(0)
    page.keyboard.press("/")
    page.keyboard.type("max")
    page.keyboard.press("Enter")
    expect(selected).to_have_text(re.compile("max"))
    page.keyboard.press("e")
    expect(page.locator("#source")).to_be_focused()
    page.keyboard.press("Escape")
    page.locator("[data-input=x]").focus()
    page.keyboard.press("ArrowUp")
    expect(page.locator("[data-input=x]")).not_to_have_value("3")


def test_steps_go_forward_and_back_with_a_sentence(page: Page, artefacts: Path) -> None:
    page.keyboard.press(".")
    expect(page.locator("#transport .sentence")).to_contain_text("3 × (−4) = −12")
    expect(page.locator("#circuit .ahead-grad")).not_to_have_count(0)
    for _ in range(6):
        page.keyboard.press(".")
    expect(page.locator("#transport .sentence b.backward")).to_have_count(1)
    page.screenshot(path=artefacts / "playground-step.png")
    expect(page).to_have_url(re.compile("step=7"))
    page.keyboard.press("Escape")
    expect(page.locator("#circuit .ahead-grad")).to_have_count(0)


def test_the_flow_of_the_gradient_has_signs_for_what_vanished(page: Page) -> None:
    ready(page, "/?source=" + quote("relu(x)*y + log(z)*w") + "&in.x=-1&in.z=0&in.w=0")
    page.get_by_role("button", name="Show the flow of the gradient").click()
    signs = set(page.locator("#circuit .sign-of-flow").all_text_contents())
    assert {"0", "?"} <= signs
    page.get_by_role("button", name="Show the flow of the gradient").click()
    expect(page.locator("#circuit .sign-of-flow")).to_have_count(0)


def test_a_group_opens_and_closes(page: Page) -> None:
    ready(page, "/?source=" + quote("def block(h):\n    return h + tanh(h*w)\nblock(block(x))"))
    before = page.locator("#circuit .node").count()
    page.locator("#circuit .close").first.click()
    expect(page.locator("#circuit .node.group")).to_have_count(1)
    page.locator("#circuit .node.group").dblclick()
    expect(page.locator("#circuit .node")).to_have_count(before)


def test_a_program_over_a_limit_is_told_in_the_page(browser: Browser, address: str) -> None:
    context = browser.new_context(base_url=address)
    page = context.new_page()
    answer = page.goto("/?collapse=none&source=" + quote("for i in range(20001):\n    x = x*x\nx"))
    assert answer is not None
    assert answer.status == 422
    page.wait_for_selector("html[data-ready=true]")
    expect(page.locator("#said [role=alert]")).to_have_text(re.compile("can be drawn|takes longer"))
    written(page, "x*y")
    expect(page.locator("#circuit [data-node=x]")).to_have_count(1)
    context.close()


def test_a_large_circuit_is_a_canvas_with_a_table(page: Page, artefacts: Path) -> None:
    ready(page, "/?collapse=none&source=" + quote(DEEP))
    expect(page.locator("html[data-canvas]")).to_have_count(1)
    expect(page.locator("#panel [data-node=x]").first).to_be_visible()
    before = revision(page)
    page.get_by_role("slider", name="x, slider").evaluate(SLIDE, -1)
    repainted(page, before)
    expect(page.locator("#panel [data-node=x] .value").first).to_have_attribute("data-value", "-1")
    page.screenshot(path=artefacts / "playground-large.png")


def test_a_slider_of_a_large_circuit_asks_for_its_numbers_alone(page: Page) -> None:
    ready(page, "/?collapse=none&source=" + quote(DEEP))
    with page.expect_request(re.compile("/api/v1/")) as asked:
        page.get_by_role("slider", name="x, slider").evaluate(SLIDE, -1)
    assert asked.value.url.endswith("/api/v1/numbers")
    expect(page.locator("#said .trouble")).to_have_count(0)


def test_the_flow_of_a_large_circuit_is_red_where_there_is_a_gradient(page: Page) -> None:
    ready(page, "/?collapse=none&in.x=0.5&source=" + quote(DEEP))
    page.wait_for_function(f"({RED})() > 0")
    before = page.evaluate(RED)
    page.get_by_role("button", name="Show the flow").click()
    page.wait_for_function(f"(before) => ({RED})() > 1.5 * before", arg=before)


def test_the_flow_of_a_large_circuit_has_signs_for_what_vanished(page: Page) -> None:
    page.add_init_script(WRITTEN)
    dead = "for i in range(520):\n    x = x + relu(0 - x*x)\nx"
    ready(page, "/?collapse=none&in.x=0.5&source=" + quote(dead))
    page.wait_for_function(f"({RED})() > 0")
    assert page.evaluate("written.filter((text) => text === '0').length") == 0
    page.get_by_role("button", name="Show the flow").click()
    page.wait_for_function("() => written.includes('0')")


def test_a_gate_of_a_large_circuit_tells_its_rule(page: Page) -> None:
    ready(page, "/?collapse=none&in.x=0.5&source=" + quote(DEEP))
    page.locator("#panel [data-node] button").nth(1).click()
    # An `expect` that has to wait describes the whole page each time that it looks, all of its table.
    page.wait_for_selector("#inspector .rule .katex")
    assert page.locator("#inspector .doc").text_content()


def test_the_wheel_zooms_a_whole_that_is_very_long_by_no_leap(page: Page) -> None:
    ready(page, "/?collapse=none&source=" + quote(DEEP))
    page.get_by_role("button", name="Fit the circuit").click()
    whole = page.evaluate(SCALE)
    assert whole < 0.01
    page.locator("#circuit-svg").hover()
    page.mouse.wheel(0, -100)
    page.wait_for_function(f"(whole) => ({SCALE})() > whole", arg=whole)
    assert page.evaluate(SCALE) < 1.5 * whole


def test_on_a_phone_four_inputs_are_in_sight_side_by_side(browser: Browser, address: str) -> None:
    context = browser.new_context(viewport={"width": 360, "height": 780}, base_url=address, reduced_motion="reduce")
    with watched(context, address) as page:
        with page.expect_response("**/api/v1/graph"):
            ready(page, "/?source=" + quote("x*y + max(z, w)"))
        for name in "xyzw":
            expect(page.locator(f"#circuit [data-node={name}] .leaf")).to_be_in_viewport(ratio=1)
    context.close()


def test_on_a_phone_a_second_circuit_runs_downwards_as_the_first_does(browser: Browser, address: str) -> None:
    context = browser.new_context(viewport={"width": 360, "height": 780}, base_url=address, reduced_motion="reduce")
    with watched(context, address) as page:
        ready(page, "/?compare=x*y&source=" + quote("x*y + x"))
        gate, leaf = page.locator("#compared .gate"), page.locator("#compared .leaf").first
        expect(gate).to_have_count(1)
        page.wait_for_function(
            """() => {
                const [leaf, gate] = ["leaf", "gate"].map((name) => document.querySelector(`#compared .${name}`));
                return gate.getBoundingClientRect().top > leaf.getBoundingClientRect().bottom;
            }"""
        )
        assert leaf.is_visible()
    context.close()


def test_on_a_phone_the_circuit_is_whole_and_runs_downwards(browser: Browser, address: str, artefacts: Path) -> None:
    context = browser.new_context(
        viewport={"width": 360, "height": 740}, base_url=address, has_touch=True, reduced_motion="reduce"
    )
    with watched(context, address) as page:
        with page.expect_response("**/api/v1/graph"):
            ready(page, "/")
        width = page.evaluate("document.documentElement.scrollWidth")
        assert width == 360
        expect(page.get_by_role("button", name="Share")).to_be_in_viewport(ratio=1)
        output = page.locator("#circuit .gate").last
        expect(output).to_be_in_viewport(ratio=1)
        expect(page.locator("#circuit [data-edge^='w >'] .grad")).to_be_in_viewport(ratio=1)
        box = page.locator("#circuit [data-node=x] .leaf").bounding_box()
        below = output.bounding_box()
        assert box
        assert below
        assert below["y"] > box["y"] + 100
        assert "direction" not in page.url
        page.screenshot(path=artefacts / "playground-phone.png")
    context.close()
