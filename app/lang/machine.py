"""The machine that runs code: names, nodes, groups, places. It computes nothing; it builds the graph."""

import ast
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, NoReturn

import numpy as np

from app.diagnostics import Diagnostic, ProgramError, Span, fail
from app.graph.builder import NOTHING as NO_ATTRIBUTES
from app.graph.builder import Builder, Literal
from app.graph.program import Parameter
from app.lang import frameworks, pasted
from app.lang.code import Code, Compiler, Scope, Step
from app.lang.frames import HALT, Anchor, Frame, GroupState
from app.lang.known import exactly, integers
from app.lang.places import Places, short
from app.lang.values import (
    BROKEN,
    Ambiguous,
    Asked,
    Broken,
    BrokenError,
    Counting,
    Detached,
    Function,
    Gradient,
    Held,
    Known,
    Listing,
    Method,
    Module,
    Number,
    Opaque,
    Special,
    Text,
    array_of,
)  # fmt: skip
from app.limits import Limits
from app.ops.algebra import Attributes, Shape, Value
from app.ops.catalogue import CATALOGUE
from app.ops.operator import Operator

FATAL = frozenset({"limit.nodes", "limit.elements", "limit.flops", "limit.turns"})


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


class Machine:
    """One pass over a program."""

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
        self.warnings: list[Diagnostic] = []
        self.notes: list[Diagnostic] = []
        self.said: set[object] = set()
        self.near: dict[str, list[str]] = {}  # names that were looked for, and what is near them
        self.turns = 0
        self.streams: dict[str, int] = {}
        self.calls: dict[object, Any] = {}
        self.asked: tuple[int, Any, Any] | None = None  # the node that a framework is asked to differentiate, its seed
        self.candidate: Any = (
            None  # what the statement would give as the output: ("value" | "name" | "function", …, place)
        )
        self.final: Any = None  # the last of those
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

    # ── Running ──────────────────────────────────────────────────────────────────────────────────────────────────────

    def unwind(self) -> None:
        """Back to the top level, wherever a statement ended."""
        del self.frames[1:]
        self.frame = self.program
        self.group = None
        self.place = None
        self.program.stack.clear()
        self.program.loops.clear()
        self.program.collectors.clear()
        self.program.base = (None, None)

    def builder_is_apart(self) -> bool:
        return bool(self.aparts)

    def compile(self, statement: ast.stmt) -> Code:
        code = Code(self.places, self.scope)
        compiler = Compiler(code, self.rules, self.report)
        compiler.statement(statement)
        compiler.run()
        compiler.emit(self.rules.halt, None, statement, 0)
        return code

    def run(self, code: Code) -> None:
        """Runs one top-level statement. Raises StopError where a limit ends everything."""
        frame = self.program
        frame.code = code
        frame.pc = 0
        frame.stack.clear()
        self._go(frame)

    def _go(self, bottom: Frame) -> None:
        frame = self.frame
        steps, pc, stack = frame.code.steps, frame.pc, frame.stack
        while True:
            step = steps[pc]
            pc += 1
            try:
                jump = step[0](self, step)
            except ProgramError as error:
                self._said(error, step)
                jump = self._recover(step)
            except BrokenError:
                jump = self._recover(step)
            if jump is None:
                continue
            if type(jump) is int:
                pc = jump
                continue
            if jump is HALT:
                return
            frame.pc = pc
            frame = self.frame
            steps, pc, stack = frame.code.steps, frame.pc, frame.stack
        del stack

    def _said(self, error: ProgramError, step: Step) -> None:
        place = self.place or step[2]
        for diagnostic in error.diagnostics:
            placed = diagnostic if diagnostic.spans or place is None else diagnostic.at(self.places.span(place))
            if diagnostic.code in FATAL:
                self.report(self._grown(placed))
                raise StopError
            self.report(placed)

    def _grown(self, diagnostic: Diagnostic) -> Diagnostic:
        """A limit, with what the program needs and how it grew."""
        for frame in self.frames:
            for loop in frame.loops:
                line = loop.statement.at.lineno
                turn = loop.index + 1
                message = f"{diagnostic.message}: reached in turn {turn:,} of {loop.total:,} of the loop in line {line}"
                if turn and diagnostic.code == "limit.nodes":
                    needed = len(self.builder) * loop.total // turn
                    message += f", so all of it would need about {needed:,}"
                return Diagnostic(code=diagnostic.code, message=message, spans=diagnostic.spans, hint=diagnostic.hint)
        return diagnostic

    def _recover(self, step: Step) -> Any:
        """After an error: what the step should have made is broken. Where it decides what runs, its statement is."""
        if step[0] in self.rules.DECIDES:
            return self.abandon()
        stack = self.frame.stack
        height = step[3]
        if height > 0:
            del stack[height - 1 :]
            stack.extend([BROKEN] * (height - len(stack)))
        else:
            stack.clear()
            if step[0] is self.rules.store:
                self.frame.names[step[1]] = BROKEN
        return None

    def abandon(self) -> int:
        """Leaves the statement: what it would assign is broken. Gives where to go on."""
        frame = self.frame
        statement = frame.statement
        assert statement is not None
        for name in statement.assigns:
            frame.names[name] = BROKEN
        frame.stack.clear()
        frame.collectors.clear()
        while frame.loops and not (frame.loops[-1].statement.start < statement.start < frame.loops[-1].statement.end):
            loop = frame.loops.pop()
            self.group = loop.outer
            frame.base = loop.base
        return statement.end

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

    def fail(self, code: str, message: str, at: Any = None, *more: Any, hint: str | None = None) -> NoReturn:
        """Raises the error, at these places (or at the step's)."""
        spans: list[Span] = [self.places.span(a) for a in (at, *more) if a is not None]
        raise fail(code, message, *spans, hint=hint)

    # ── Nodes ────────────────────────────────────────────────────────────────────────────────────────────────────────

    def make(
        self, operator: Operator, operands: "list[int | Literal] | tuple[int | Literal, ...]", at: Any, number: Any,
        attributes: Attributes = NO_ATTRIBUTES, *, share: bool = True,
    ) -> int:  # fmt: skip
        """The node of an operator on operands, with its place and its group."""
        node = self.builder.apply(operator, operands, attributes, group=self.group, share=share)
        spans = self.spans
        if self.place is not None:
            at = self.place
        if node < len(spans):
            if spans[node] is not at:
                self.again(node, at)
            return node
        groups, marks, group, anchor = self.groups, self.marks, self.group, self.anchor
        for x in operands:
            if type(x) is not int:
                spans.append(at if self.place is not None else getattr(x, "at", None) or at)
                groups.append(group)
                marks.append((anchor, ("k", getattr(x, "step", 0), number)))
        spans.append(at)
        groups.append(group)
        marks.append((anchor, number))
        return node

    def again(self, node: int, at: Any) -> None:
        """A further place where a node stands."""
        known = self.spans[node]
        if type(known) is not dict:
            if known is at:
                return
            known = self.spans[node] = {id(known): known}
        known[id(at)] = at

    def settle(self, at: Any, number: Any) -> None:
        """Gives a place to nodes that were made by others (a gradient)."""
        spans, groups, marks = self.spans, self.groups, self.marks
        at = self.place or at
        for offset in range(len(self.builder) - len(spans)):
            spans.append(at)
            groups.append(self.group)
            marks.append((self.anchor, (number, offset)))

    def constant(self, number: Number) -> int:
        """The constant node of a number that a name holds."""
        if number.node is None:
            assert number.home is not None
            group, anchor = number.home
            number.node = self.builder.constant(number.value)
            self.spans.append(number.at)
            self.groups.append(group)
            self.marks.append((anchor, ("k", number.step, 0)))
            named = self.held_names.get(id(number))
            if named is not None:
                self.names_of[number.node] = named[1]
        return number.node

    def operand(self, value: Held, at: Any = None) -> "int | Literal":
        """What a gate takes: a node, or a number."""
        kind = type(value)
        if kind is int:
            return value  # type: ignore[no-any-return]
        if kind is Number:
            if value.node is not None:
                return value.node  # type: ignore[no-any-return]
            if value.parts is not None:
                return self._gates(value)
            if value.home is not None:
                return self.constant(value)
            if isinstance(value.value, int):
                self.finite(value.value, at)
            return value  # type: ignore[no-any-return]
        return self._materialise(value, at)

    def finite(self, value: int, at: Any) -> None:
        try:
            float(value)
        except OverflowError:
            self.fail("number.range", "this integer is too large: it is beyond float64", at)

    def node(self, value: Held, at: Any, number: Any = 0) -> int:
        """The value as a node."""
        found = self.operand(value, at)
        if type(found) is int:
            return found
        assert isinstance(found, Literal)
        home = Number(
            found.value,
            getattr(found, "at", None) or at,
            step=getattr(found, "step", 0),
            home=(self.group, self.anchor),
        )
        node = self.constant(home)
        if isinstance(value, Number) and value.literal is False:
            value.node = node
        return node

    def shape(self, value: Held) -> Shape:
        """The shape of an operand."""
        return self.builder.shapes[value] if type(value) is int else value.shape

    def _gates(self, number: Number) -> int:
        """Arithmetic of literals as gates: nothing is folded. The tree may be as deep as a sum is long."""
        made: dict[int, int] = {}
        waiting: list[tuple[Number, bool]] = [(number, False)]
        while waiting:
            part, ready = waiting.pop()
            if part.parts is None or id(part) in made:
                continue
            name, operands, at, step = part.parts
            if not ready:
                waiting.append((part, True))
                waiting += [(o, False) for o in reversed(operands)]
            else:
                taken = [made.get(id(o), o) for o in operands]
                made[id(part)] = self.make(CATALOGUE[name], taken, at, step)
        node = made[id(number)]
        if number.home is not None:
            number.node = node
        return node

    def _materialise(self, value: Held, at: Any) -> "int | Literal":
        if isinstance(value, Broken):
            raise BrokenError
        if isinstance(value, Listing):
            return self._tensor(value, at)
        if isinstance(value, Asked):
            return self.derivative(value)
        if isinstance(value, Detached):
            if value.node is None:
                value.node = self.make(
                    CATALOGUE["stop_gradient"], [self.operand(value.of, at)], value.at, ("detach", id(value.at) & 0)
                )
            return value.node
        if isinstance(value, Ambiguous):
            return self.unassigned(value.name, value.at)
        if isinstance(value, Opaque):
            self.need(value, at)
        if isinstance(value, Text):
            self.fail("type.tensor", "a value is needed here, and this is a text", at)
        if isinstance(value, Method):
            if frameworks.named(value.name) is not None or value.name in pasted.METHODS:
                self.fail(
                    "type.tensor",
                    f"`.{value.name}` is a function: call it, as in `x.{value.name}()`",
                    at,
                    hint=f"x.{value.name}()",
                )
            self.fail("name.unknown-function", f"values have no `.{short(value.name)}`", at)
        if isinstance(value, Function | Known | Special | Gradient):
            name = value.path if isinstance(value, Special) else getattr(value, "name", "grad")
            self.fail("type.tensor", f"`{name}` is a function: call it, as in `{name}(x)`", at, hint=f"{name}(x)")
        if isinstance(value, Module):
            self.fail("type.tensor", f"`{value.path}` is a module: name what you need of it, as in `np.exp(x)`", at)
        self.fail("type.tensor", "a value is needed here, and there is none", at)
        return None

    def need(self, value: Opaque, at: Any) -> NoReturn:
        """The error of something opaque that the circuit needs."""
        place = value.at if value.code != "program.no-drawing" or at is None else at
        self.fail(
            value.code,
            value.needed or f"{value.what} cannot be drawn, and the circuit needs it here",
            place,
            hint=value.hint,
        )

    def _tensor(self, value: Listing, at: Any) -> "int | Literal":
        """A list as a tensor: numbers are one constant, nodes a stack."""
        if value.node is not None:
            return value.node
        numbers = self.numbers(value)
        if numbers is not None:
            array = self.array(numbers, value.at or at)
            if isinstance(array, np.ndarray) and array.size > self.limits.elements:
                raise fail("limit.elements", f"this needs over {self.limits.elements:,} elements")
            return Number(array, value.at or at, step=value.step)
        if not value.items:
            self.fail("type.tensor", "a value is needed here, and this list is empty", at)
        items = [self.operand(item, at) for item in value.items]
        shapes = [self.shape(item) for item in items]
        if any(shape != shapes[0] for shape in shapes):
            other = next(shape for shape in shapes if shape != shapes[0])
            self.fail(
                "shape.mismatch",
                f"a list becomes one tensor only where all have one shape: here are {shapes[0]} and {other}",
                value.at or at,
            )
        node = self.make(CATALOGUE["stack"], items, value.at or at, ("stack", value.step))
        value.node = node
        return node

    def array(self, numbers: Any, at: Any) -> Any:
        """Numbers as a value; what is wrong with them is said at their place."""
        try:
            return array_of(numbers)
        except ProgramError as error:
            raise ProgramError([d.at(self.places.span(at)) for d in error.diagnostics]) from None

    def numbers(self, value: Held) -> Any:
        """Nested Python numbers where the value holds only numbers that are no nodes, else None."""
        if isinstance(value, Number):
            return value.value if value.node is None and not isinstance(value.value, np.ndarray) else None
        if isinstance(value, Listing):
            items = value.items
            if isinstance(items, Counting):
                return list(items.numbers)
            found = []
            for item in items:
                inner = self.numbers(item)
                if inner is None:
                    return None
                found.append(inner)
            return found
        return None

    # ── Inputs ───────────────────────────────────────────────────────────────────────────────────────────────────────

    def unassigned(self, name: str, at: Any) -> int:
        """The input of a name that is read before it is assigned."""
        known = self.program.names.get(name)
        if type(known) is int and known in self.by_node:
            self.again(known, at)
            return known
        given = self.given.get(name)
        return self.input(
            name,
            1.0 if given is None else given,
            at,
            assumed=given is None,
            exact=None if given is None else integers(given),
        )

    def input(
        self, name: str, value: Value, at: Any, *, assumed: bool = False, exact: Any = None, label: str | None = None
    ) -> int:
        """A leaf that gets a gradient. Where a name is given to several, the last of them has it as its id."""
        if len(name) > self.limits.name_length:
            self.fail(
                "limit.name", f"a name may have {self.limits.name_length} letters, this one has {len(name):,}", at
            )
        count = self.leaf_counts[name] = self.leaf_counts.get(name, 0) + 1
        total = self.knowledge.counts.get(name, 1)
        if count > total:
            self.knowledge.counts[name] = count
        id_ = name if count == total else f"{name}@{count}"
        if count == total and name in self.given:
            value, assumed = self.given[name], False
        fed = self.knowledge.fed.get(id_)
        if fed is not None and id_ not in self.given:
            value, assumed = fed, False
        if assumed and self.strict:
            self.report(
                Diagnostic(
                    code="name.unassigned",
                    message=f"`{name}` has no value: give it one, or assign it",
                    spans=(self.places.span(at),),
                    hint=f"{name} = 1.0",
                )
            )
        node = self.builder.input(np.shape(value))
        self.spans.append(at)
        self.groups.append(None)
        self.marks.append((None, id_))
        self.names_of.setdefault(node, []).append(name)
        state = InputState(id_, node, value, assumed, at, exact, variable=name)
        self.inputs[id_] = state
        self.input_list.append(state)
        self.by_node[node] = state
        if label is not None:
            self.labels[node] = label
        self.program.names[name] = node
        return node

    def leaf_input(self, name: str, numbers: Any, at: Any) -> Held:
        """An argument of a function that is differentiated: an input named as it is."""
        if name in self.knowledge.parameters:
            return self.parameter(name, numbers, at)
        before = self.program.names.get(name)
        known = self.inputs.get(name)
        value = array_of(numbers)
        if (known is not None and np.array_equal(known.value, value)) or (known is not None and name in self.given):
            self.again(known.node, at)
            return known.node
        node = self.input(name, value, at, exact=integers(numbers) if _whole(numbers) else None)
        if before is not None:
            self.program.names[name] = before
        return node

    def fresh(self, name: str) -> str:
        """A name for an input that the program makes within a call or a turn."""
        count = self.leaf_counts.get("·" + name, 0) + 1
        self.leaf_counts["·" + name] = count
        return name if count == 1 and name not in self.program.names else f"{name}_{count}"

    def parameter(self, name: str, value: Any, at: Any) -> Held:
        """The value of a parameter: an integer, or a list of them."""
        if name in self.given:
            value = self.given[name]
        exact = integers(value)
        if exact is None:
            self.fail(
                "type.integer",
                f"`{name}` is used as an integer, and its value is {short(repr(value))}",
                at,
                hint=f"{name} = 3",
            )
        self.parameters[name] = Parameter(name=name, value=exact)
        return held_of(exact, at)

    # ── Integers ─────────────────────────────────────────────────────────────────────────────────────────────────────

    def integer(self, value: Held, at: Any, what: str = "an integer") -> int:
        """The integer that a value is. Errors: type.integer."""
        if isinstance(value, Broken):
            raise BrokenError
        if isinstance(value, Number):
            found = value.integer
            if found is not None:
                return found
            self.fail(
                "type.integer",
                f"{what} is needed here, and this is {shown(value.value)}",
                value.at or at,
                hint=_rounded(value.value),
            )
        exact = self.exact(value, at)
        if isinstance(exact, int):
            return int(exact)
        self.needs_integer(value, at, what)
        return None

    def needs_integer(self, value: Held, at: Any, what: str) -> NoReturn:
        if isinstance(value, Opaque):
            self._materialise(value, at)
        state = self.by_node.get(value) if type(value) is int else None
        if state is not None and state.assumed:
            self.fail(
                "type.integer",
                f"{what} is needed here, and `{state.variable}` has no value (1.0 was assumed): assign one",
                at,
                hint=f"{state.variable} = 3",
            )
        if isinstance(value, Ambiguous):
            self.fail(
                "type.integer",
                f"{what} is needed here, and `{value.name}` has no value (1.0 was assumed): assign one",
                at,
                hint=f"{value.name} = 3",
            )
        if state is not None:
            self.fail(
                "type.integer",
                f"{what} is needed here, and `{state.variable}` is {shown(state.value)}",
                at,
                hint=f"{state.variable} = 3",
            )
        if type(value) is int:
            self.fail(
                "type.integer",
                f"{what} is needed here, and this is a value of the circuit, known only when it runs",
                at,
            )
        text = {Listing: "a list", Text: "a text"}.get(type(value), "something else")
        self.fail("type.integer", f"{what} is needed here, and this is {text}", at)

    def exact(self, value: Held, at: Any = None) -> Any:
        """The value as an integer or nested tuples of integers where it is known while lowering, else None. Inputs that
        it is made of become parameters."""
        if isinstance(value, Broken):
            raise BrokenError
        if isinstance(value, Number):
            found = value.integer
            return (
                found if found is not None else integers(value.value) if isinstance(value.value, np.ndarray) else None
            )
        if isinstance(value, Listing):
            items = [self.exact(item, at) for item in value.items]
            return None if None in items else tuple(items)
        if isinstance(value, Detached):
            return self.exact(value.of, at)
        if isinstance(value, Ambiguous):
            if value.name in self.given:
                return self.exact(self.unassigned(value.name, value.at), at)
            return None
        if type(value) is int:
            return exactly(self, value)
        return None

    # ── Gradients ────────────────────────────────────────────────────────────────────────────────────────────────────

    def derivative(self, asked: Asked) -> int:
        """The gradient that a framework was asked for, as nodes."""
        if asked.node is None:
            asked.node = self.gradients(asked.output, [asked.wrt], asked.at, 0)[0]
        return asked.node

    def gradients(self, output: int, wrt: list[int], at: Any, number: Any, names: list[str] | None = None) -> list[int]:
        """The nodes of ∂output/∂x; 0, with a warning, where it does not depend on x."""
        from app.autodiff.gradient import gradient

        try:
            found = gradient(self.builder, output, wrt, group=self.group)
        finally:  # a limit may be met halfway: what is there by then has its place too
            self.settle(at, (number, "g"))
        result = []
        for position, (x, node) in enumerate(zip(wrt, found, strict=True)):
            if node is None:
                shape = self.builder.shapes[x]
                node = self.builder.constant(np.zeros(shape) if shape else 0.0)
                self.settle(at, (number, "zero", position))
                if not self.quiet:
                    name = (self.names_of.get(x) or ["this node"])[-1]
                    self.warn("grad.independent", f"the value does not depend on `{name}`, so its gradient is 0", at)
            result.append(node)
        return result


def _whole(numbers: Any) -> bool:
    """Whether numbers are written as integers."""
    if isinstance(numbers, list | tuple):
        return all(map(_whole, numbers))
    return isinstance(numbers, int) and not isinstance(numbers, bool)


def held_of(value: Any, at: Any) -> Held:
    """Integers as what the machine holds."""
    if isinstance(value, tuple):
        return Listing([held_of(item, at) for item in value], at)
    return Number(value, at)


def shown(value: Any) -> str:
    """A value in a sentence."""
    if isinstance(value, np.ndarray):
        return f"a tensor of shape {value.shape}"
    return f"{value:g}" if isinstance(value, float) else short(str(value))


def _rounded(value: Any) -> str | None:
    return str(int(value)) if isinstance(value, float) and abs(value) < 1e9 else None
