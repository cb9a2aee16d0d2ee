"""A lesson's file: its head, its running text, and its blocks."""

import pytest

from app.pages.prose import Block, Prose, lesson

HEAD = "---\ntitle: A title\nsummary: A sentence.\norder: 3\n---\n"


def blocks(text: str) -> list[Block]:
    return [part for part in lesson("name", HEAD + text).parts if isinstance(part, Block)]


def test_the_head_names_the_lesson() -> None:
    found = lesson("name", HEAD + "Text.\n")
    assert (found.name, found.title, found.summary, found.order) == ("name", "A title", "A sentence.", 3)
    assert found.parts == (Prose(html="<p>Text.</p>\n"),)


def test_a_file_without_a_head_is_no_lesson() -> None:
    with pytest.raises(ValueError, match="title"):
        lesson("name", "Text.\n")


def test_a_block_is_a_query_and_a_program() -> None:
    (found,) = blocks("```circuit in.x=3&seed=10&panel=flow&collapse=block\nx*2\n```\n")
    assert found.kind == "circuit"
    assert found.line == 6
    assert found.fields == {"inputs": {"x": 3}, "seed": 10, "panel": "flow", "collapse": ["block"], "source": "x*2"}


@pytest.mark.parametrize(
    "query", ["?source=x*2&in.x=3", "https://example.org/?source=x*2&in.x=3", "source=x%2A2&in.x=3"]
)
def test_an_address_may_be_copied_as_it_stands(query: str) -> None:
    (found,) = blocks(f"```circuit {query}\n```\n")
    assert found.fields == {"source": "x*2", "inputs": {"x": 3}}


def test_a_figure_keeps_what_it_alone_takes() -> None:
    (found,) = blocks("```figure depth in.L=3&slide.L=1,9&choose.act=tanh,none\nact(x)\n```\n")
    assert (found.kind, found.options) == ("depth", {"slide.L": "1,9", "choose.act": "tanh,none"})


def test_other_fences_and_unknown_figures_stay_code() -> None:
    assert blocks("```python\nx\n```\n\n```figure pie\nx\n```\n") == []


def test_a_wrong_query_is_said_and_not_raised() -> None:
    (found,) = blocks("```circuit in.x=1e999\nx\n```\n")
    assert [each.code for each in found.errors] == ["number.range"]


def test_html_of_a_lesson_is_text() -> None:
    found = lesson("name", HEAD + "<script>alert(1)</script>\n")
    assert "<script>" not in str(found.parts)


def test_headings_have_ids_of_their_own() -> None:
    found = lesson("name", HEAD + "## *One* thing\n\n## One thing\n")
    assert [(each.id, each.text) for each in found.headings] == [
        ("one-thing", "One thing"),
        ("one-thing-2", "One thing"),
    ]
