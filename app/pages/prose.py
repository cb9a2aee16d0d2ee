"""A lesson as a teacher writes it: front matter, Markdown, and fenced blocks that become circuits and figures."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

from markdown_it import MarkdownIt
from markdown_it.token import Token

from app.diagnostics import Diagnostic, ProgramError
from app.links.state import Malformed, pairs_of
from app.pages.mathematics import mathematics
from app.work.request import View, coerced

FIGURES = ("depth", "lengths", "steps")


@dataclass(frozen=True, slots=True, kw_only=True)
class Prose:
    """A piece of running text, as HTML."""

    html: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Block:
    """A fenced block. `kind`: `circuit`, or the name of a figure; `fields` are those of a state, `options` what the
    figure alone takes; `line` is where the block begins in its file, from 1; `errors` what is wrong with its query."""

    kind: str
    line: int
    fields: Mapping[str, Any]
    options: Mapping[str, str] = field(default_factory=dict)
    errors: tuple[Diagnostic, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Heading:
    """A section's heading, for the list of contents."""

    id: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Lesson:
    """A lesson: `name` is its file's, `order` its place in the list."""

    name: str
    title: str
    summary: str
    order: int
    parts: tuple[Prose | Block, ...]
    headings: tuple[Heading, ...]


def lesson(name: str, text: str) -> Lesson:
    """The lesson that this file holds. Errors: ValueError where its head is none; what is wrong with a block is said in
    its place."""
    head, body, skipped = headed(text)
    markdown = MarkdownIt("commonmark", {"html": False, "typographer": False}).enable("table")
    mathematics(markdown)
    tokens = markdown.parse(body)
    headings = _named(tokens)
    parts: list[Prose | Block] = []
    waiting: list[Token] = []

    def flush() -> None:
        if waiting:
            parts.append(Prose(html=markdown.renderer.render(waiting, markdown.options, {})))
            waiting.clear()

    for token in tokens:
        found = _block(token, skipped) if token.type == "fence" else None
        if found is None:
            waiting.append(token)
        else:
            flush()
            parts.append(found)
    flush()
    return Lesson(
        name=name,
        title=head["title"],
        summary=head.get("summary", ""),
        order=int(head.get("order", "1000")),
        parts=tuple(parts),
        headings=headings,
    )


def headed(text: str) -> tuple[dict[str, str], str, int]:
    """The lines `key: value` between two `---`, what follows, and the number of lines before that."""
    found = re.match(r"\ufeff?---[ \t]*\n(.*?)^---[ \t]*\n", text, re.DOTALL | re.MULTILINE)
    if found is None:
        raise ValueError("a lesson begins with `---`, a line `title: …`, and `---`")
    head = {
        key.strip(): value.strip() for key, _, value in (line.partition(":") for line in found[1].splitlines()) if key
    }
    if not head.get("title"):
        raise ValueError("a lesson has a line `title: …` at its head")
    return head, text[found.end() :], text[: found.end()].count("\n")


def _block(token: Token, skipped: int) -> Block | None:
    """```` ```circuit QUERY ```` or ```` ```figure NAME QUERY ````; the query may be a whole address, as copied."""
    word, _, query = token.info.strip().partition(" ")
    kind = word
    if word == "figure":
        kind, _, query = query.strip().partition(" ")
    if word not in {"circuit", "figure"} or (word == "figure" and kind not in FIGURES):
        return None
    line = skipped + (token.map[0] if token.map else 0) + 1
    source = token.content.rstrip("\n")
    try:
        pairs = pairs_of(query.strip().rpartition("?")[2].encode())
        fields = coerced(View, pairs)
    except ProgramError as error:
        return Block(kind=kind, line=line, fields={"source": source}, errors=error.diagnostics)
    except Malformed as error:
        return Block(kind=kind, line=line, fields={"source": source}, errors=(error.diagnostic,))
    if source.strip() or "source" not in fields:
        fields = {"source": source, **{key: value for key, value in fields.items() if key != "source"}}
    options = {key: value for key, value in pairs if key not in View.model_fields and not key.startswith("in.")}
    return Block(kind=kind, line=line, fields=fields, options=options)


def _named(tokens: Sequence[Token]) -> tuple[Heading, ...]:
    """The second-level headings; each gets an id made of its words."""
    found: list[Heading] = []
    taken: set[str] = set()
    for token, inline in pairwise(tokens):
        if token.type != "heading_open" or token.tag != "h2":
            continue
        text = "".join(each.content for each in inline.children or () if each.type in {"text", "code_inline"})
        plain = re.sub(r"[^\w]+", "-", text.lower()).strip("-") or "section"
        name, count = plain, 2
        while name in taken:
            name, count = f"{plain}-{count}", count + 1
        taken.add(name)
        token.attrSet("id", name)
        found.append(Heading(id=name, text=text))
    return tuple(found)
