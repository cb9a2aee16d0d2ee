"""What is looked at before a text is parsed: its length, its characters, how deeply it nests, where it can be cut."""

import re
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass

from app.diagnostics import Diagnostic, ProgramError, Span, fail
from app.lang.unwrapped import STRING, Unwrapped, unwrap
from app.limits import Limits

CHUNK = 500  # lines that are parsed at once: the parser is twice as fast on these as on a long whole

_TOKEN = re.compile(rf"#[^\n]*|{STRING}|[()\[\]{{}}]", re.DOTALL)
_SIGNS = re.compile(r"(?:[-+~]|\bnot\b)(?:[ \t\n\\]*(?:[-+~]|not\b)){99,}")
_BIDI = re.compile("[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]")
_BAD = re.compile("[\x00\ud800-\udfff]")
_START = re.compile(r"^(?!(?:else|elif|except|finally)\b)[^\s#)\]}]", re.MULTILINE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Text:
    """A source that may be parsed: its lines end with a line feed, `open` are the stretches (start, end) in which a
    bracket or a string is open, `unclosed` is the last bracket that nothing closes. `typed`: it before what surrounds a
    pasted program was taken away."""

    source: str
    typed: Unwrapped
    open: tuple[tuple[int, int], ...]
    unclosed: int | None
    warnings: tuple[Diagnostic, ...]


def scan(source: str, limits: Limits) -> Text:
    """The text, checked. Errors: limit.source, limit.nesting, source.encoding. Warnings: source.bidi."""
    size = len(source)
    if size > limits.source_bytes // 4 and (size > limits.source_bytes or _bytes(source) > limits.source_bytes):
        raise fail(
            "limit.source",
            f"a program may have {limits.source_bytes:,} bytes, this one has {_bytes(source):,}",
            Span(1, 1, 1, 1),
        )
    if "\r" in source:
        source = source.replace("\r\n", "\n").replace("\r", "\n")
    bad = None if source.isascii() and "\0" not in source else _BAD.search(source)
    if bad:
        raise fail(
            "source.encoding",
            f"the character U+{ord(bad.group()):04X} cannot stand in a program: remove it",
            span_at(source, bad.start(), bad.end()),
        )
    typed = unwrap(source)
    try:
        return _checked(typed, limits)
    except ProgramError as error:
        raise ProgramError([typed.placed(d) for d in error.diagnostics]) from None


def _checked(typed: Unwrapped, limits: Limits) -> Text:
    source = typed.source
    signs = _SIGNS.search(source)
    if signs and signs.group().count("-") + len(re.findall(r"[+~]|not", signs.group())) > limits.nesting:
        raise fail(
            "limit.nesting",
            f"over {limits.nesting} signs stand in a row: one `-` does the same",
            span_at(source, signs.start(), signs.start() + 1),
        )
    open_, unclosed = _brackets(source, limits)
    _names(source, limits)
    return Text(
        source=source, typed=typed, open=open_, unclosed=unclosed, warnings=tuple(map(typed.placed, _bidi(source)))
    )


def _names(source: str, limits: Limits) -> None:
    """Names that are too long."""
    long = re.compile(rf"[^\W\d]\w{{{limits.name_length},}}")
    first = long.search(source)
    if first is None:
        return
    for token in re.compile(rf"{_TOKEN.pattern}|{long.pattern}", re.DOTALL).finditer(source):
        if len(token.group()) > limits.name_length and (token.group()[0].isalpha() or token.group()[0] == "_"):
            raise fail(
                "limit.name", f"a name may have {limits.name_length} letters, this one has {len(token.group()):,}",
                span_at(source, *token.span()),
            )  # fmt: skip


def _bytes(source: str) -> int:
    return len(source.encode("utf-8", "surrogatepass"))


def _brackets(source: str, limits: Limits) -> tuple[tuple[tuple[int, int], ...], int | None]:
    stack: list[int] = []
    found: list[tuple[int, int]] = []
    for token in _TOKEN.finditer(source):
        letter = source[token.start()]
        if letter in "([{":
            stack.append(token.start())
            if len(stack) > limits.nesting:
                raise fail(
                    "limit.nesting",
                    f"brackets may nest {limits.nesting} deep: give an inner part a name of its own",
                    span_at(source, token.start(), token.end()),
                )
        elif letter in ")]}":
            if stack:
                start = stack.pop()
                if not stack:
                    found.append((start, token.end()))
        elif letter != "#" and not stack and token.end() - token.start() > 5 and "\n" in token.group():
            found.append(token.span())
    if stack:
        found.append((stack[0], len(source)))
    return tuple(found), stack[-1] if stack else None


def _bidi(source: str) -> Iterator[Diagnostic]:
    if source.isascii():
        return
    for match in _BIDI.finditer(source):
        yield Diagnostic(
            code="source.bidi",
            message=f"the invisible character U+{ord(match.group()):04X} turns the direction of the text: what stands "
            "here may not be what it looks like",
            spans=(span_at(source, match.start(), match.end()),),
        )


def span_at(source: str, start: int, end: int) -> Span:
    """The place of source[start:end]."""
    line = source.count("\n", 0, start) + 1
    end_line = line + source.count("\n", start, end)
    return Span(
        line, start - (source.rfind("\n", 0, start) + 1) + 1, end_line, end - (source.rfind("\n", 0, end) + 1) + 1
    )


def statements(text: Text) -> list[int]:
    """Where top-level statements may begin: positions of lines that start one, outside brackets and strings."""
    starts = [opened for opened, _ in text.open]
    ends = [end for _, end in text.open]
    found = []
    source = text.source
    for match in _START.finditer(source):
        position = match.start()
        before = bisect_right(starts, position - 1) - 1
        if before >= 0 and position < ends[before]:
            continue
        if position >= 2 and source[position - 2] == "\\":
            continue
        if not _decorated(source, position):
            found.append(position)
    return found


def chunks(text: Text) -> Iterator[tuple[int, str]]:
    """The text in pieces of whole statements: (lines before, piece)."""
    source = text.source
    lines = source.count("\n")
    if lines <= CHUNK + CHUNK // 2:
        yield 0, source
        return
    begin, line, cut_line = 0, 0, 0
    previous = 0
    for position in statements(text):
        line += source.count("\n", previous, position)
        previous = position
        if line - cut_line >= CHUNK:
            yield cut_line, source[begin:position]
            begin, cut_line = position, line
    yield cut_line, source[begin:]


def _decorated(source: str, position: int) -> bool:
    """Whether the line before is a decorator, which belongs to what follows."""
    before = source.rfind("\n", 0, max(position - 1, 0)) + 1
    return source.startswith("@", before)
