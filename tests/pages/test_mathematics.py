"""LaTeX in prose: where it begins and ends, and how it reads without scripts."""

import pytest
from markdown_it import MarkdownIt

from app.pages.mathematics import mathematics, plain


def html(text: str) -> str:
    markdown = MarkdownIt("commonmark", {"html": False})
    mathematics(markdown)
    return markdown.render(text)


def test_a_formula_in_a_line_keeps_its_latex_beside_its_plain_reading() -> None:
    assert html("slope $2x$ here") == '<p>slope <span class="math" data-latex="2x">2x</span> here</p>\n'


def test_a_formula_of_its_own_may_take_several_lines() -> None:
    assert html("$$\na + b\n$$\n") == '<div class="math display" data-latex="a + b">a + b</div>\n'


@pytest.mark.parametrize("text", ["it costs $5 and $6", "a $ b $ c", "`$x$`", r"\$x$"])
def test_what_is_no_formula_stays_text(text: str) -> None:
    assert "math" not in html(text)


def test_latex_cannot_leave_its_attribute() -> None:
    assert "<script>" not in html('$"><script>alert(1)</script>$')


@pytest.mark.parametrize(
    ("latex", "said"),
    [
        (r"\frac{\partial L}{\partial x_i}", "∂L/∂xᵢ"),
        (r"\sigma(1 - \sigma)", "σ(1 − σ)"),
        (r"0.25^4 \approx 0.004", "0.25⁴ ≈ 0.004"),
        (r"\frac{a+b}{c}", "(a+b)/c"),
        (r"\prod_{l=1}^{L}\Bigl(I\Bigr)", "∏[l=1]^L(I)"),
        (r"e^{1000}", "e¹⁰⁰⁰"),
    ],
)
def test_latex_reads_in_plain_letters(latex: str, said: str) -> None:
    assert plain(latex) == said
