"""A lesson by what a reader does: move an input, open a block, choose a step, see a gradient vanish."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.conftest import watched

pytestmark = pytest.mark.browser


def figure(page: Page, number: int) -> str:
    """The nth figure, ready."""
    selector = f"#figure-{number}"
    page.locator(selector).scroll_into_view_if_needed()
    page.wait_for_selector(f"{selector}[data-ready=true]")
    return selector


@pytest.fixture
def lesson(browser: Browser, address: str) -> Iterator[Page]:
    """The first lesson, open."""
    context = browser.new_context(viewport={"width": 1280, "height": 800}, reduced_motion="reduce")
    with watched(context, address) as page:
        page.goto(f"{address}/lessons/skip-connections")
        yield page
    context.close()


def test_an_input_that_is_moved_moves_the_numbers_and_the_link(lesson: Page) -> None:
    place = figure(lesson, 1)
    lesson.fill(f"{place} [data-input=x1]", "2.25")
    expect(lesson.locator(f"{place} svg [data-node='out:add1'] .value")).to_have_attribute("data-value", "5.75")
    expect(lesson.locator(f"{place} [data-node='out:add1'] .grad")).to_have_attribute("data-value", "1")
    expect(lesson.locator(f"{place} a.open")).to_have_attribute("href", "/?source=x1+%2B+x2&in.x1=2.25&in.x2=3.5")


def test_circuits_side_by_side_move_together(lesson: Page) -> None:
    plain, residual = figure(lesson, 5), figure(lesson, 6)
    expect(lesson.locator(f"{plain} [data-edge^='x >'] .grad")).to_have_attribute("data-value", "-8")
    lesson.fill(f"{plain} [data-input=y]", "-5")
    expect(lesson.locator(f"{plain} [data-edge^='x >'] .grad")).to_have_attribute("data-value", "-10")
    expect(lesson.locator(f"{residual} [data-edge^='x >'] .grad")).to_have_attribute("data-value", "-20")


def test_a_block_opens(lesson: Page) -> None:
    place = figure(lesson, 3)
    before = lesson.locator(f"{place} svg .node").count()
    lesson.locator(f"{place} svg .node[data-group]").first.dblclick()
    expect(lesson.locator(f"{place} svg .close")).to_have_count(1)
    assert lesson.locator(f"{place} svg .node").count() > before


def test_a_gate_that_is_chosen_tells_why_below_its_circuit(lesson: Page) -> None:
    place = figure(lesson, 2)
    expect(lesson.locator(f"{place} .why")).to_be_hidden()
    lesson.locator(f"{place} svg .gate").first.click()
    expect(lesson.locator(f"{place} .why .rule .katex").first).to_be_visible()
    expect(lesson.locator(f"{place} .why .check.agrees")).to_be_visible()
    lesson.keyboard.press("Escape")
    lesson.locator(f"{place} svg.circuit").click(position={"x": 3, "y": 3})
    expect(lesson.locator(f"{place} .why")).to_be_hidden()


def test_gradients_are_found_in_the_middle_of_a_lesson(lesson: Page, address: str) -> None:
    lesson.goto(f"{address}/lessons/gates")
    place = figure(lesson, 5)
    expect(lesson.locator(f"{place} .practice")).to_contain_text("0 of 7 found")
    assert lesson.locator(f"{place} svg .grad >> visible=true").all_text_contents() == ["1"]
    # The others are read, and not practised.
    assert lesson.locator(f"{figure(lesson, 1)} svg .grad >> visible=true").count() > 2
    for name, answer in {"a": "-4", "b": "6", "c": "2", "d": "0"}.items():
        field = lesson.locator(f"{place} [data-question='{name}']")
        field.fill(answer)
        field.press("Enter")
        expect(lesson.locator(f"{place} [data-question='{name}']")).to_have_count(0)
    expect(lesson.locator(f"{place} .practice")).to_contain_text("4 of 7 found")


def test_a_step_of_the_optimizer_is_shown_on_the_circuit(lesson: Page) -> None:
    place = figure(lesson, 7)
    lesson.locator(f"{place} table.steps button").nth(1).click()
    expect(lesson.locator(f"{place} [data-edge^='w1 >'] .value")).to_have_text("0.6")


def test_the_shares_of_the_paths_add_up_to_the_whole(lesson: Page) -> None:
    place = figure(lesson, 8)
    expect(lesson.locator(f"{place} table.bars tbody tr")).to_have_count(5)
    expect(lesson.locator(f"{place} table.bars tbody tr").first).to_contain_text("the bus alone")
    expect(lesson.locator(f"{place} table.bars tbody tr").first.locator(".said-grad")).to_have_text("1")


def test_the_gradient_vanishes_in_the_plain_stack_alone(lesson: Page) -> None:
    place = figure(lesson, 11)
    expect(lesson.locator(f"{place} .verdict").first).to_contain_text("vanishes")
    expect(lesson.locator(f"{place} .verdict").nth(1)).to_contain_text("arrives")
    lesson.locator(f"{place} .choice button", has_text="none").click()
    lesson.locator(f"{place} [data-input=scale]").fill("2.5")
    expect(lesson.locator(f"{place} .verdict").first).to_contain_text("explodes")
    expect(lesson.locator(f"{place} .verdict").nth(1)).to_contain_text("explodes")
    lesson.locator(f"{place} [data-input=L]").fill("5")
    expect(lesson.locator(f"{place} .verdict").first).to_contain_text("over 5 layers")


def test_mathematics_is_typeset(lesson: Page) -> None:
    expect(lesson.locator(".math.display .katex").first).to_be_visible()


def test_without_scripts_circuits_numbers_and_formulas_are_there(browser: Browser, address: str) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(f"{address}/lessons/skip-connections")
    assert page.locator("svg.circuit").count() == 10
    assert "∂L/∂x" in page.locator(".math.display").first.inner_text()
    assert page.locator("#figure-6 [data-node=x]").count() == 1
    context.close()
