"""Statements → code: a flat list of steps for a stack machine, so that nothing recurses on what a user wrote.

A step is `(rule, argument, place, depth, number)`: `rule(machine, step)` does it, and may give the number of the step
to go on with; `depth` is the height of the stack after it, to which an error falls back; `number` is its own, by which
nodes get ids that stay. Each statement of a body begins with a `begin` step, which says what it assigns.
"""

import ast
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeAlias

from app.lang.places import Places

if TYPE_CHECKING:
    from app.lang.machine import Machine


Rule: TypeAlias = "Callable[[Machine, Step], Any]"


Step: TypeAlias = tuple[Rule, Any, Any, int, int]


class Code:
    """The steps of a body."""

    __slots__ = ("places", "scope", "steps")

    def __init__(self, places: Places, scope: "Scope") -> None:
        self.steps: list[Step] = []
        self.places = places
        self.scope = scope


class Statement:
    """A statement as ids see it. `name`: what it assigns (or `out`, or a loop's header); `end`: the step after it."""

    __slots__ = ("assigns", "at", "code", "compound", "end", "key", "name", "reads_itself", "scope", "start")

    def __init__(
        self, name: str, at: ast.stmt, scope: "Scope", code: Code, start: int, assigns: tuple[str, ...]
    ) -> None:
        self.name = name
        self.at = at
        self.scope = scope
        self.code = code
        self.start = start
        self.end = 0
        self.assigns = assigns
        self.compound = isinstance(at, ast.For | ast.If | ast.FunctionDef | ast.With)
        self.key: str | None = None
        self.reads_itself: bool | None = None
        scope.statements.append(self)


class Scope:
    """The statements of a program, or of a function's body, in the order of the text."""

    __slots__ = ("keyed", "places", "statements")

    def __init__(self, places: Places) -> None:
        self.statements: list[Statement] = []
        self.places = places
        self.keyed = False


class QuickStatement(Statement):
    """A statement of a straight-line text: its text, and that of its right side."""

    __slots__ = ("body", "text")

    def __init__(self, name: str, text: str, body: str, scope: Scope) -> None:
        self.name = name
        self.text = text
        self.body = body
        self.scope = scope
        self.compound = False
        self.key = None
        self.reads_itself = None
        scope.statements.append(self)
