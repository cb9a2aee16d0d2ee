"""Ids that stay: a node's hangs on the statement that made it and its place within, so that an edit elsewhere leaves
it.

A statement is known by what it assigns; a second one that assigns the same, by its text too (and its count, where the
text is the same). Within a call or a turn, that hangs on the statement that made it. An input's id is its name.
"""

import ast
import re
from collections.abc import Sequence
from hashlib import blake2b
from typing import Any

from app.lang.code import QuickStatement, Scope, Statement
from app.lang.frames import Anchor

_SPACES = re.compile(r"[ \t]+")
_WORD = re.compile(r"[A-Za-z_]\w*")


def _digest(text: str) -> str:
    """Eight letters that stand for a text."""
    return blake2b(text.encode("utf-8", "replace"), digest_size=5).hexdigest()


def settle(scope: Scope) -> None:
    """Gives each statement of a scope its key. The plain name is for the first that does not read what it assigns, so
    that neither a line after it nor an `h = h + …` before it takes it away."""
    seen: dict[str, int] = {}
    plain: dict[str, Statement] = {}
    for statement in scope.statements:
        known = plain.setdefault(statement.name, statement)
        if known is not statement and _reads_itself(known) and not _reads_itself(statement):
            plain[statement.name] = statement
    places = scope.places
    for statement in scope.statements:
        name = statement.name
        if plain[name] is statement:
            statement.key = name
            continue
        if isinstance(statement, QuickStatement):
            text = statement.text
        else:
            text = places.lines[statement.at.lineno - 1] if statement.compound else places.text(statement.at)
        key = f"{name}.{_digest(_SPACES.sub('', text))}"
        count = seen[key] = seen.get(key, 0) + 1
        statement.key = key if count == 1 else f"{key}.{count}"
    scope.keyed = True


def _reads_itself(statement: Statement) -> bool:
    if isinstance(statement, QuickStatement):
        return statement.name in set(_WORD.findall(statement.body))
    if statement.reads_itself is None:
        name = statement.name
        statement.reads_itself = isinstance(statement.at, ast.AugAssign) or any(
            isinstance(part, ast.Name) and part.id == name and isinstance(part.ctx, ast.Load)
            for part in ast.walk(statement.at)
        )
    return statement.reads_itself


def _statement_key(statement: Statement) -> str:
    if not statement.scope.keyed:
        settle(statement.scope)
    assert statement.key is not None
    return statement.key


def _anchor_key(anchor: Anchor | None) -> str:
    """The key of an execution of a statement."""
    if anchor is not None and anchor.key is not None:
        return anchor.key
    chain: list[Anchor] = []
    while anchor is not None and anchor.key is None:
        chain.append(anchor)
        anchor = anchor.parent
    key = anchor.key if anchor is not None else None
    for part in reversed(chain):
        own = _statement_key(part.statement)
        key = own if key is None else "~" + _digest(f"{key}/{part.via}/{own}")
        part.key = key
    return key or ""


def ids(marks: Sequence[tuple[Anchor | None, Any]], names: Sequence[str]) -> tuple[str, ...]:
    """The id of each node from its mark: (execution of a statement, place within), or (None, name) of an input."""
    tags: dict[int, dict[Any, tuple[str, str]]] = {}
    found: list[str] = []
    for (anchor, place), name in zip(marks, names, strict=True):
        if anchor is None and isinstance(place, str):
            found.append(place)
        else:
            found.append(f"{_anchor_key(anchor)}:{_tag(anchor, place, name, tags)}")
    return apart(found)


def apart(found: list[str]) -> tuple[str, ...]:
    """The ids, those that were there before with their count."""
    if len(set(found)) < len(found):
        seen: dict[str, int] = {}
        for node, id_ in enumerate(found):
            count = seen[id_] = seen.get(id_, 0) + 1
            if count > 1:
                found[node] = f"{id_}'{count}"
    return tuple(found)


def _tag(anchor: Anchor | None, place: Any, name: str, tags: dict[int, dict[Any, tuple[str, str]]]) -> str:
    """The place within a statement: counted among the gates of its kind, so that an edit moves few of them."""
    if isinstance(place, int) and anchor is not None:
        return f"{name}{_ordinal(anchor.statement, place, tags)[1]}"
    if isinstance(place, tuple) and place[:1] == ("k",) and anchor is not None:
        kind, count = _ordinal(anchor.statement, place[1], tags)
        return f"k{kind}{count}"
    start = 0 if anchor is None else anchor.statement.start
    return f"{name}.{_digest(repr(_relative(place, start)))[:6]}"


def _relative(place: Any, start: int) -> Any:
    """A place with the number of its step counted from the start of its statement."""
    if isinstance(place, tuple) and place:
        return (_relative(place[0], start), *place[1:])
    return place - start if isinstance(place, int) else place


def _ordinal(statement: Statement, number: int, tags: dict[int, dict[Any, tuple[str, str]]]) -> tuple[str, str]:
    table = tags.get(id(statement))
    if table is None:
        table = tags[id(statement)] = {}
        counts: dict[object, int] = {}
        steps = statement.code.steps
        for rule, argument, _, _, position in steps[statement.start : statement.end]:
            kind = (
                argument
                if isinstance(argument, str)
                else argument[0]
                if isinstance(argument, tuple) and argument and isinstance(argument[0], str)
                else ""
            )
            key = (rule, kind)
            count = counts[key] = counts.get(key, 0) + 1
            table[position] = (kind, str(count))
    return table.get(number, ("s", str(number)))
