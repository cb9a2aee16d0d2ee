"""Places: what the parser says of a node, as spans in code points."""

import ast
from collections.abc import Iterable
from typing import Any

from app.diagnostics import Span


class Places:
    """Turns the parser's lines and UTF-8 columns into spans. `cut`: how many letters of each line the parser did not
    see."""

    def __init__(self, source: str, cut: tuple[int, ...] = ()) -> None:
        self.source = source
        self._cut = cut
        self._lines: list[str] | None = None
        self._ascii = source.isascii()
        self._tables: dict[int, list[int]] = {}

    @property
    def lines(self) -> list[str]:
        if self._lines is None:
            self._lines = self.source.split("\n")
        return self._lines

    def span(self, at: Any) -> Span:
        """The place of an `ast` node (or of anything with its four positions)."""
        if hasattr(at, "span"):
            found: Span = at.span
            return found
        line, end_line = at.lineno, at.end_lineno
        return Span(line, self._column(line, at.col_offset), end_line, self._column(end_line, at.end_col_offset))

    def between(self, first: Any, last: Any) -> Span:
        """From the start of one node to the end of another."""
        start, end = self.span(first), self.span(last)
        return Span(start.line, start.column, end.end_line, end.end_column)

    def text(self, at: Any) -> str:
        """What stands there."""
        span = self.span(at)
        return self.cut(span)

    def cut(self, span: Span) -> str:
        """The text of a span."""
        if span.line == span.end_line:
            return self.lines[span.line - 1][span.column - 1 : span.end_column - 1]
        middle = self.lines[span.line - 1 : span.end_line]
        middle[0] = middle[0][span.column - 1 :]
        middle[-1] = middle[-1][: span.end_column - 1]
        return "\n".join(middle)

    def _column(self, line: int, offset: int) -> int:
        if self._cut and line <= len(self._cut):
            offset += self._cut[line - 1]
        if self._ascii:
            return offset + 1
        table = self._tables.get(line)
        if table is None:
            text = self.lines[line - 1] if line <= len(self.lines) else ""
            table = self._tables[line] = [] if text.isascii() else _columns(text)
        return table[offset] if offset < len(table) else offset + 1


def _columns(text: str) -> list[int]:
    """For each UTF-8 offset into the line its column in code points, from 1."""
    table: list[int] = []
    for column, letter in enumerate(text, start=1):
        table.extend([column] * len(letter.encode("utf-8", "replace")))
    return [*table, len(text) + 1]


def distinct(spans: Iterable[Span]) -> tuple[Span, ...]:
    """The places, those among the first eight once."""
    found: list[Span] = []
    for span in spans:
        if span not in found[:8]:
            found.append(span)
    return tuple(found)


def short(text: str, limit: int = 40) -> str:
    """A text of one line, cut where it is long."""
    text = " ".join(text.split())
    return text if len(text) <= limit else text[: limit - 1] + "…"


NOWHERE = ast.Pass(lineno=1, col_offset=0, end_lineno=1, end_col_offset=0)
