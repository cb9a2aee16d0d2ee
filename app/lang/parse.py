"""Text → statements: the parser run on pieces, with every way in which it can fail put into words."""

import ast
import re
import warnings
from collections.abc import Iterator
from dataclasses import dataclass

from app.diagnostics import Diagnostic, ProgramError, Span, fail
from app.lang import flat
from app.lang.hints import explain
from app.lang.scan import Text, chunks, span_at, statements
from app.limits import Limits

_LONG = 1_200  # letters from which an expression may be too flat for the parser
_BEGINS = re.compile(r"^(?=[^\W\d]\w*[ \t]*=(?!=)|def |for )", re.MULTILINE)
_LINE = re.compile(
    r"(?P<head>[ \t]*(?:return\b[ \t]*|(?:[^\W\d]\w*[ \t]*(?:\*\*|//|[-+*/%@])?=(?!=)[ \t]*)*))(?P<body>.*)", re.DOTALL
)


@dataclass(frozen=True, slots=True)
class Parsed:
    """The statements that could be read, in order, and what was wrong with the others."""

    statements: list[ast.stmt]
    errors: list[Diagnostic]


def parse(text: Text, limits: Limits) -> Parsed:
    """All statements of a text. What cannot be read is left out, and said."""
    found: list[ast.stmt] = []
    errors: list[Diagnostic] = []
    for line, piece in chunks(text):
        try:
            found += _parse("\n" * line + piece)
        except _FAILURES:
            for start, statement in _apart(text, line, piece):
                try:
                    found += _one(statement, start, limits)
                except ProgramError as error:
                    errors += error.diagnostics
                except _FAILURES as error:
                    errors.append(explain(error, text.source, start, statement))
                    found += _before(error, statement, start, limits)
    return Parsed(found, [text.typed.placed(error) for error in errors])


def _before(error: Exception, statement: str, start: int, limits: Limits) -> list[ast.stmt]:
    """What stands above a line that is indented without a reason."""
    if not isinstance(error, IndentationError) or error.lineno is None or error.lineno - start < 2:
        return []
    head = "".join(statement.splitlines(keepends=True)[: error.lineno - start - 1])
    try:
        return _one(head, start, limits)
    except (ProgramError, *_FAILURES):
        return []


_FAILURES = (SyntaxError, ValueError, MemoryError, RecursionError, OverflowError)


def _parse(text: str) -> list[ast.stmt]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # such as a literal that is called: said by us, at its place
        return ast.parse(text).body


def _apart(text: Text, line: int, piece: str) -> Iterator[tuple[int, str]]:
    """A piece, statement by statement: (lines before, statement). Where a bracket is never closed, every line that
    could begin a statement does."""
    begin = _offset(text.source, line)
    end = begin + len(piece)
    cuts = [position for position in statements(text) if begin <= position < end]
    if text.unclosed is not None:
        found = (text.unclosed + match.start() for match in _BEGINS.finditer(text.source[text.unclosed :]))
        cuts += [position for position in found if begin <= position < end]
    if not cuts or text.source[begin : cuts[0]].strip():
        cuts.insert(0, begin)
    for position, following in zip(cuts, [*cuts[1:], end], strict=True):
        yield text.source.count("\n", 0, position), text.source[position:following]


def _offset(source: str, line: int) -> int:
    position = 0
    for _ in range(line):
        position = source.index("\n", position) + 1
    return position


def _one(statement: str, line: int, limits: Limits) -> list[ast.stmt]:
    """One top-level statement, with expressions that are too flat for the parser read apart."""
    try:
        return _parse("\n" * line + statement)
    except RecursionError:
        pass
    except MemoryError:
        pass
    body, taken = _without_long(statement, line)
    try:
        found = _parse("\n" * line + body)
    except (RecursionError, MemoryError) as error:
        raise _too_deep(statement, line, limits) from error
    for node in _statements(found):
        value = getattr(node, "value", None)
        if isinstance(value, ast.Name) and value.id in taken:
            text, at, column = taken[value.id]
            try:
                node.value = flat.read(text, at, column)  # type: ignore[attr-defined]
            except (flat.OddError, OverflowError, ValueError) as error:
                raise _too_deep(statement, line, limits) from error
    return found


def _without_long(statement: str, line: int) -> tuple[str, dict[str, tuple[str, int, int]]]:
    """The statement with a name in place of each long expression: {name: (text, line, bytes before it)}."""
    taken: dict[str, tuple[str, int, int]] = {}
    pieces = []
    for number, text in _logical(statement):
        match = _LINE.fullmatch(text.rstrip("\n"))
        if match and len(match["body"]) > _LONG:
            name = f"__flat_{len(taken)}"
            taken[name] = (match["body"], line + number + 1, len(match["head"].encode()))
            pieces.append(match["head"] + name + "\n" * text.count("\n"))
        else:
            pieces.append(text)
    return "".join(pieces), taken


def _logical(statement: str) -> Iterator[tuple[int, str]]:
    """Logical lines, each with the number of lines before it."""
    held, depth, number = "", 0, 0
    for text in re.findall(r"[^\n]*\n|[^\n]+", statement):
        held += text
        code = re.sub(r"#.*|'[^']*'|\"[^\"]*\"", "", text)
        depth += len(re.findall(r"[(\[{]", code)) - len(re.findall(r"[)\]}]", code))
        if depth <= 0 and not text.endswith("\\\n"):
            yield number, held
            number += held.count("\n")
            held, depth = "", 0
    if held:
        yield number, held


def _statements(body: list[ast.stmt]) -> Iterator[ast.stmt]:
    waiting = list(reversed(body))
    while waiting:
        node = waiting.pop()
        yield node
        for field in ("orelse", "body"):
            waiting += reversed(getattr(node, field, None) or [])


def _too_deep(statement: str, line: int, limits: Limits) -> ProgramError:
    end = len(statement.rstrip())
    place = span_at(statement, 0, end)
    return fail(
        "limit.nesting",
        f"this nests too deeply (the limit is {limits.nesting}): give an inner part a name of its own",
        Span(place.line + line, place.column, place.end_line + line, place.end_column),
    )
