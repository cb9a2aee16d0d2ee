"""What one pass over a program knows, and what it has to say."""

import ast
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, NoReturn

from app.diagnostics import Diagnostic, ProgramError, fail
from app.graph.builder import Builder
from app.graph.program import Parameter
from app.lang.assumed import Doubt
from app.lang.code import Code, Scope
from app.lang.frames import Anchor, Frame, GroupState
from app.lang.places import Places
from app.lang.values import Number, Opaque
from app.limits import Limits
from app.ops.algebra import Value


class StopError(Exception):
    """A limit is reached: nothing more is lowered."""


@dataclass(slots=True)
class Knowledge:
    """What one pass over a program learns for the next."""

    parameters: set[str] = field(default_factory=set)
    watched: set[str] = field(default_factory=set)  # constants that a gradient is asked of
    fed: dict[str, Value] = field(default_factory=dict)
    counts: dict[str, int] = field(default_factory=dict)  # inputs that are assigned more than once

    def state(self) -> object:
        return (
            frozenset(self.parameters),
            frozenset(self.watched),
            tuple(self.fed),
            tuple(sorted(self.counts.items())),
        )


@dataclass(slots=True)
class InputState:
    name: str
    node: int
    value: Value
    assumed: bool
    at: Any
    exact: Any = None  # its default as integers, where it is made of such
    variable: str = ""


class State:
    """The tables of a pass."""

    def __init__(
        self, places: Places, limits: Limits, rules: Any, *, given: Mapping[str, Value], knowledge: Knowledge,
        share: bool, strict: bool, asks: bool,
    ) -> None:  # fmt: skip
        self.places = places
        self.limits = limits
        self.rules = rules
        self.given = given
        self.knowledge = knowledge
        self.strict = strict
        self.asks = asks  # whether the program asks a framework for a gradient
        self.builder = Builder(limits, share=share)
        self.share = share
        self.scope = Scope(places)
        self.frame = Frame(code=Code(places, self.scope), names={}, functions={})
        self.program = self.frame
        self.frames: list[Frame] = [self.frame]
        self.group: GroupState | None = None
        self.root = GroupState("", "", None, "call", "", None)
        self.anchor: Anchor | None = None
        self.place: Any = None  # of the composition that is being inlined
        # Beside the graph, for each node:
        self.spans: list[Any] = []
        self.groups: list[GroupState | None] = []
        self.marks: list[tuple[Anchor | None, Any]] = []
        self.names_of: dict[int, list[str]] = {}
        self.labels: dict[int, str] = {}
        self.group_list: list[GroupState] = []
        # The program:
        self.inputs: dict[str, InputState] = {}
        self.input_list: list[InputState] = []
        self.by_node: dict[int, InputState] = {}
        self.parameters: dict[str, Parameter] = {}
        self.errors: list[Diagnostic] = []
        self.doubts: dict[str, Doubt] = {}  # errors that assumed values may have made, by their sentences
        self.warnings: list[Diagnostic] = []
        self.notes: list[Diagnostic] = []
        self.said: set[object] = set()
        self.near: dict[str, list[str]] = {}  # names that were looked for, and what is near them
        self.turns = 0
        self.steps = 0  # what turns and calls do, by how long their bodies are
        self.items = 0  # of lists that were gone through
        self.entered = 0  # calls of the program's functions
        self.statements: list[ast.stmt] = []
        self.uneven: int | None = None  # how turns of its loops may differ, once that was asked
        self.streams: dict[str, int] = {}
        self.calls: dict[object, Any] = {}
        self.asked: tuple[int, Any, Any] | None = None  # the node that a framework is asked to differentiate, its seed
        self.candidate: Any = (
            None  # what the statement would give as the output: ("value" | "name" | "function", …, place)
        )
        self.final: Any = None  # the last of those
        self.inside: int | None = None  # the last node that a function's body gave a name to, or left on a line
        self.printed: tuple[int, Any] | None = None  # the node that the program prints after all others, and where
        self.left: Opaque | None = None  # what stands on a line of its own, and cannot be drawn
        self.derived: set[int] = set()  # gradients that were asked for, and used in mathematics
        self.adding = False  # whether the next `backward`'s gradients would add to those asked for before
        self.asked_inside: tuple[int, Any, Any] | None = None  # as `asked`, within a function
        self.statement_at: Any = None
        self.apart: list[tuple[int, int]] = []  # nodes that belong to statements that are left out, or broken
        self.aparts: list[int] = []
        self.leaf = False  # within the right side of an assignment that is free of names
        self.leaf_kind: str | None = None  # what a framework says of it: "input", "constant", "variable", "placeholder"
        self.leaf_label: str | None = None
        self.held_names: dict[int, tuple[Number, list[str]]] = {}  # numbers that the program's names hold
        self.steps_in_loops = False
        self.learnt: object = None
        self.wanted_id: str | None = None
        self.quiet = 0  # within what is left out: errors are not said
        self.stopping = 0  # within `no_grad`
        self.assigned: frozenset[str] = frozenset()  # the names that the program assigns somewhere
        self.framework: str | None = None
        self.pasted = False
        self.placeholders: dict[int, str] = {}
        self.watched_names: set[str] = set()
        self.constant_names: dict[int, str] = {}
        self.leaf_counts: dict[str, int] = {}
        self.stepped: Any = None  # where an optimizer steps
        self.training = False

    def next_line(self, at: Any) -> None:
        """Before a statement at top level: what the last one left is forgotten."""
        self.candidate = self.left = None
        self.quiet = 0
        self.aparts.clear()
        self.statement_at = at

    def report(self, diagnostic: Diagnostic) -> None:
        """Says an error once."""
        if self.quiet:
            return
        key = (diagnostic.code, diagnostic.spans[:1], diagnostic.message if not diagnostic.spans else None)
        if key not in self.said:
            self.said.add(key)
            self.errors.append(diagnostic)

    def warn(self, code: str, message: str, *at: Any) -> None:
        self._beside(self.warnings, code, message, at)

    def note(self, code: str, message: str, *at: Any) -> None:
        self._beside(self.notes, code, message, at)

    def _beside(self, where: list[Diagnostic], code: str, message: str, at: Iterable[Any]) -> None:
        spans = tuple(self.places.span(a) for a in at if a is not None)
        key = (code, spans[:1], None if spans else message)
        if key not in self.said:
            self.said.add(key)
            where.append(Diagnostic(code=code, message=message, spans=spans))

    def doubt(self, message: str, found: Doubt) -> None:
        """Notes that the error of this sentence may come of assumed values."""
        if found.names:
            self.doubts.setdefault(message, found)

    def error(self, code: str, message: str, at: Any = None, *more: Any, hint: str | None = None) -> ProgramError:
        """The error, at these places (none: at the step's)."""
        return fail(code, message, *[self.places.span(a) for a in (at, *more) if a is not None], hint=hint)

    def fail(self, code: str, message: str, at: Any = None, *more: Any, hint: str | None = None) -> NoReturn:
        """Raises the error."""
        raise self.error(code, message, at, *more, hint=hint)
