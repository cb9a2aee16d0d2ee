"""Text → Program: the passes over a program, and the driver of its top-level statements."""

import ast
import gc
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from app.diagnostics import Diagnostic, ProgramError, Span, fail
from app.graph.graph import Cost
from app.graph.program import Program
from app.lang import bindings, leaves, names, rules, table
from app.lang.assemble import assemble, shortened
from app.lang.code import Code, Compiler, Scope, assigned
from app.lang.machine import Knowledge, Machine, StopError
from app.lang.parse import parse
from app.lang.places import Places, short
from app.lang.scan import Text, scan
from app.lang.values import (
    CALLABLE,
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
    Nothing,
    Number,
    Opaque,
    Special,
)  # fmt: skip
from app.lang.values import Text as TextValue
from app.limits import Limits
from app.ops.algebra import Value

PASSES = 12  # each learns of at least one parameter more, or is the last
_ASKS = re.compile(
    r"\.backward\(|\.gradient\(|\bgradients\(|\bgrad\(|minimize\(|value_and_grad\(|compute_gradients\(|requires_grad"
)
_STEPS = re.compile(r"\.step\(|apply_gradients\(|\.data\s*[-+]?=|\.grad\b.*\n")


@dataclass(frozen=True, slots=True, kw_only=True)
class Checked:
    """What an editor needs: what is wrong, what is said beside, the inputs, and the cost (None where nothing stands)."""

    errors: tuple[Diagnostic, ...]
    warnings: tuple[Diagnostic, ...]
    notes: tuple[Diagnostic, ...]
    program: Program | None
    cost: Cost | None


class _Leave:
    """The end of a `with` whose body was taken in place."""

    def __init__(self, count: int) -> None:
        self.count = count


def lower(
    source: str, inputs: Mapping[str, Any] | None = None, *, limits: Limits, share: bool = True, strict: bool = False,
    partial: bool = False, output: str | None = None, dtype: str = "float64",
) -> Program:  # fmt: skip
    """The program of a source. `inputs`: values by name (floats, arrays, nested lists). With `partial` a wrong program
    gives what stands of it, with its errors. Errors: ProgramError, with all that was found."""
    with _uncollected():
        return _lowered(source, inputs or {}, limits, share, strict, partial, output)


@contextmanager
def _uncollected() -> Iterator[None]:
    """Without the garbage collector: what is made here stays, and looking through it again and again takes longer than
    lowering does."""
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if enabled:
            gc.enable()


def _lowered(
    source: str, inputs: Mapping[str, Any], limits: Limits, share: bool, strict: bool, partial: bool, output: str | None
) -> Program:
    text = scan(source, limits)
    parsed = parse(text, limits)
    given, unknown = _given(inputs)
    knowledge = Knowledge()
    m, target, problems = _run(text, parsed.statements, parsed.errors, limits, given, knowledge, share, strict, output)
    for _ in range(PASSES):
        learnt = knowledge.state()
        if learnt == m.learnt:
            break
        if _changes_trees(parsed.statements):
            parsed = parse(text, limits)
        m, target, problems = _run(
            text, parsed.statements, parsed.errors, limits, given, knowledge, share, strict, output
        )
    errors = [*problems, *m.errors]
    if len(errors) > 1:
        errors = [e for e in errors if e.code != "program.no-output"] or errors[:1]
    for name in unknown:
        m.warn("input.unused", f"`{short(name)}` is not a name")
    if errors and (not partial or target is None):
        raise ProgramError(shortened(errors, limits.errors))
    if target is None:
        raise ProgramError(shortened(errors or [_no_output(m)], limits.errors))
    node, seed = target
    _beside(m, text, given, parsed.statements)
    program = assemble(m, source, node, seed)
    if output is not None and m.wanted_id is not None:
        if m.wanted_id not in program.ids:
            raise _unknown_output(m, output)
        program = replace(program, output=program.ids.index(m.wanted_id))
    if errors:
        program = replace(program, errors=tuple(shortened(errors, limits.errors)))
    return program


def check(source: str, inputs: Mapping[str, Any] | None = None, *, limits: Limits, **options: Any) -> Checked:
    """Everything that can be said about a source without computing it: for an editor."""
    try:
        program = lower(source, inputs, limits=limits, **{**options, "partial": True})
    except ProgramError as error:
        return Checked(errors=error.diagnostics, warnings=(), notes=(), program=None, cost=None)
    return Checked(
        errors=program.errors, warnings=program.warnings, notes=program.notes, program=program, cost=program.cost
    )


def _changes_trees(statements: list[ast.stmt]) -> bool:
    return False  # a pass reads the trees, and changes none


def _given(inputs: Mapping[str, Any]) -> tuple[dict[str, Value], list[str]]:
    """The request's values, by names as the source spells them."""
    import unicodedata

    found: dict[str, Value] = {}
    unknown: list[str] = []
    for name, value in inputs.items():
        spelt = unicodedata.normalize("NFKC", name)
        if isinstance(value, int | float):
            found[spelt] = float(value)
        else:
            array = np.asarray(value, dtype=np.float64)
            found[spelt] = array if array.shape else float(array)
    return found, unknown


def _run(
    text: Text, statements: list[ast.stmt], syntax_errors: list[Diagnostic], limits: Limits, given: dict[str, Value],
    knowledge: Knowledge, share: bool, strict: bool, output: str | None,
) -> tuple[Machine, tuple[int, Any] | None, list[Diagnostic]]:  # fmt: skip
    """One pass: (machine, (node, seed) of the output or None, errors beside those of the machine)."""
    places = Places(text.source)
    m = Machine(
        places, limits, table, given=given, knowledge=knowledge, share=share, strict=strict, asks=bool(_ASKS.search(text.source))
    )  # fmt: skip
    m.learnt = knowledge.state()
    m.steps_in_loops = bool(_STEPS.search(text.source))
    m.assigned = assigned(statements)
    problems = list(syntax_errors)
    flat = list(_flat(statements))
    driver = _Driver(m, flat)
    try:
        driver.run()
        target = driver.target(output)
    except StopError:
        return m, driver.standing(), problems
    except ProgramError as error:
        problems += error.diagnostics
        return m, driver.standing(), problems
    except BrokenError:
        return m, driver.standing(), problems
    return m, target, problems


def _flat(statements: list[ast.stmt]) -> Iterator[Any]:
    """Top-level statements; the bodies of `with` and of `if __name__ == …` are the program's."""
    waiting: list[Any] = list(reversed(statements))
    while waiting:
        node = waiting.pop()
        if isinstance(node, ast.With):
            head = ast.With(items=node.items, body=node.body)
            ast.copy_location(head, node)
            head.opened = True  # type: ignore[attr-defined]
            yield head
            waiting.append(_Leave(len(node.items)))
            waiting += reversed(node.body)
        elif (
            isinstance(node, ast.If)
            and isinstance(node.test, ast.Compare)
            and isinstance(node.test.left, ast.Name)
            and node.test.left.id == "__name__"
        ):
            waiting += reversed(node.body)
        else:
            yield node


class _Driver:
    """Runs the statements of a pass one by one."""

    def __init__(self, m: Machine, statements: list[Any]) -> None:
        self.m = m
        self.statements = statements
        self.index = 0
        self._positions: dict[str, list[int]] | None = None
        self.tuple_at: Any = None
        self.opaque: Opaque | None = None

    def run(self) -> None:
        m = self.m
        for index, node in enumerate(self.statements):
            self.index = index
            if isinstance(node, _Leave):
                for _ in range(node.count):
                    if m.program.contexts and m.program.contexts.pop() == "no_grad":
                        m.stopping -= 1
                continue
            self._one(node)

    def _one(self, node: ast.stmt) -> None:
        m = self.m
        before, wrong = len(m.builder), len(m.errors)
        m.candidate = None
        m.quiet = 0
        m.aparts.clear()
        m.statement_at = node
        kind = type(node)
        try:
            if (kind is ast.Assign or (kind is ast.AnnAssign and node.value is not None)) and leaves.free(
                m, node.value
            ):  # type: ignore[attr-defined]
                self._leaf(node)
            else:
                m.run(m.compile(node))
                if m.builder_is_apart():
                    m.aparts.clear()
        except ProgramError as error:
            for diagnostic in error.diagnostics:
                m.report(diagnostic.at(m.places.span(node)))
            for name in assigned([node]):
                m.program.names[name] = _broken()
        finally:
            m.unwind()
        if len(m.errors) > wrong:
            m.apart.append((before, len(m.builder)))
            self.opaque = None
            return
        if m.candidate is not None:
            m.final = m.candidate
            target = node.targets[-1] if isinstance(node, ast.Assign) else None
            self.tuple_at = target if isinstance(target, ast.Tuple | ast.List) else None
            self.opaque = None
            if m.stopping == 0 and not m.frame.loops:
                pass
        elif isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
            held = m.program.names.get(node.targets[0].id)
            if isinstance(held, Opaque) and held.needed:
                self.opaque = held
        if isinstance(node, ast.Expr | ast.Assign | ast.AugAssign | ast.For) and m.candidate is None:
            m.apart.append((before, len(m.builder)))

    # ── Inputs ──

    def _leaf(self, node: Any) -> None:
        """An assignment whose right side is free of names."""
        m = self.m
        targets = node.targets if isinstance(node, ast.Assign) else [node.target]
        simple = leaves.literal(node.value)
        made = None
        if simple is not None:
            m.leaf_kind = m.leaf_label = None
            m.anchor = None
            held: Held = Number(simple, node.value, literal=True)
            try:
                float(simple)
            except OverflowError:
                simple = None
            if simple is None or abs(float(simple)) == float("inf"):
                m.run(m.compile(node))
                return
        else:
            made = self._expression(node)
            held = leaves.default(m, made)
        kind, label = m.leaf_kind, m.leaf_label
        first = targets[0]
        self._target(node, first, held, kind, label)
        for other in targets[1:]:
            if isinstance(other, ast.Name) and isinstance(first, ast.Name):
                value = m.program.names.get(first.id)
                if value is not None:
                    m.frame.statement = None
                    bindings.bind(m, other.id, value, other)
            else:
                self._target(node, other, held, kind, label)

    def _expression(self, node: Any) -> Code:
        """The right side alone, as code that leaves its value on the stack."""
        m = self.m
        code = Code(m.places, m.scope)
        compiler = Compiler(code, table, m.report)
        from app.lang.code import Statement, _name

        made = Statement(_name(node), node, m.scope, code, 0, tuple(sorted(assigned([node]))))
        compiler.emit(rules.begin, made, node, 0)
        compiler.expression(node.value)
        made.end = compiler.here
        compiler.emit(rules.halt, None, node, 0)
        return code

    def _target(self, node: Any, target: ast.expr, held: Held, kind: str | None, label: str | None) -> None:
        m = self.m
        if isinstance(target, ast.Name):
            self._named(node, target.id, target, held, kind, label)
            return
        if isinstance(target, ast.Tuple | ast.List) and not any(isinstance(e, ast.Starred) for e in target.elts):
            items: list[Held] | None = None
            if isinstance(held, Broken | Opaque):
                items = [held] * len(target.elts)
            elif isinstance(held, Listing):
                items = list(held.items)
            elif isinstance(held, Number) and isinstance(held.value, np.ndarray):
                items = [Number(row if isinstance(row, np.ndarray) else float(row), node.value) for row in held.value]
            if items is None or len(items) != len(target.elts):
                raise fail(
                    "shape.unpack", f"{len(target.elts)} names are to be given, and there {'is 1 value' if items is None else f'are {len(items)} values'}",
                    m.places.span(target),
                )  # fmt: skip
            for element, item in zip(target.elts, items, strict=True):
                self._target(node, element, item, kind, label if len(items) == 1 else None)
            return
        m.run(m.compile(node))

    def _named(self, node: Any, name: str, at: Any, held: Held, kind: str | None, label: str | None) -> None:
        m = self.m
        m.program.statement = None
        if isinstance(held, Broken):
            m.program.names[name] = held
            return
        if isinstance(held, Listing) and isinstance(held.items, Counting):
            m.program.names[name] = held
            bindings.counts(m, ("name", name, at))
            return
        if isinstance(held, Opaque | TextValue | Nothing | Known | Special | Function | Gradient):
            bindings.bind(m, name, held, at)
            return
        if isinstance(held, Listing) and (
            not held.items or held.tuple or isinstance(node.value, ast.ListComp) or m.numbers(held) is None
        ):
            items = [self._item(name, i, item, kind, at) for i, item in enumerate(held.items)]
            m.program.names[name] = Listing(items, at, tuple=held.tuple)
            bindings.counts(m, ("name", name, at))
            return
        value = leaves.value_of(m, held, node.value)
        exact = leaves.exact_of(m, held)
        if name in m.knowledge.parameters:
            m.program.names[name] = m.parameter(name, exact if exact is not None else value, at)
            bindings.counts(m, ("name", name, at))
            return
        constant = kind == "constant" and m.asks and name not in m.knowledge.watched
        if constant or (kind != "variable" and leaves.start(node, self._next(name), name)):
            number = Number(value, node.value if not constant else node.value, home=(None, self._anchor(node, name)))
            m.program.names[name] = number
            m.held_names[id(number)] = (number, [name])
            bindings.counts(m, ("name", name, at))
            return
        m.input(name, value, at, assumed=kind == "placeholder", exact=exact, label=label)
        if False:
            pass
        bindings.counts(m, ("name", name, at))

    def _item(self, name: str, index: int, item: Held, kind: str | None, at: Any) -> Held:
        """An item of a list that the program makes: an integer, or an input named by its place."""
        m = self.m
        if isinstance(item, Number) and (item.integer is not None or (kind == "constant" and m.asks)):
            return item
        if isinstance(item, Number | Listing):
            value = leaves.value_of(m, item, at)
            if value is not None and kind in {"input", "variable", None, "constant"}:
                if isinstance(item, Listing) and item.tuple:
                    return item
                names = dict(m.program.names)
                node = m.input(f"{name}[{index}]", value, at)
                m.program.names.clear()
                m.program.names.update(names)
                return node
        return item

    def _anchor(self, node: Any, name: str) -> Any:
        from app.lang.code import Statement
        from app.lang.frames import Anchor

        m = self.m
        made = Statement(name, node, m.scope, Code(m.places, m.scope), 0, (name,))
        return Anchor(None, None, made)

    def _next(self, name: str) -> ast.stmt | None:
        """The next statement that assigns a name."""
        if self._positions is None:
            self._positions = {}
            for position, statement in enumerate(self.statements):
                if isinstance(statement, ast.stmt):
                    for other in assigned([statement]):
                        self._positions.setdefault(other, []).append(position)
        from bisect import bisect_right

        positions = self._positions.get(name, [])
        following = bisect_right(positions, self.index)
        return self.statements[positions[following]] if following < len(positions) else None

    # ── The output ──

    def standing(self) -> tuple[int, Any] | None:
        """The output of the statements that stand, where others are wrong."""
        try:
            return self.target(None)
        except (ProgramError, BrokenError, StopError):
            m = self.m
            dropped = set()
            for start, end in m.apart:
                dropped.update(range(start, end))
            for node in range(len(m.builder) - 1, -1, -1):
                if node not in dropped and node < len(m.spans) and node not in m.builder.constants:
                    return node, None
            return None

    def target(self, output: str | None) -> tuple[int, Any]:
        """The node to differentiate, and its seed. Errors: program.no-output, program.no-drawing, name.unknown."""
        m = self.m
        m.wanted_id = None
        if output is not None:
            import unicodedata

            held = m.program.names.get(unicodedata.normalize("NFKC", output))
            if held is not None and not isinstance(held, Broken | Opaque | Nothing):
                return m.node(held, m.statement_at), None
            for state in m.input_list:
                if state.name == output:
                    return state.node, None
            m.wanted_id = output
            if not len(m.builder):
                raise _unknown_output(m, output)
            try:
                return self.target_of_program()
            except ProgramError:
                return len(m.builder) - 1, None
        return self.target_of_program()

    def target_of_program(self) -> tuple[int, Any]:
        m = self.m
        if m.asked is not None:
            node, seed, _ = m.asked
            return node, seed
        if self.opaque is not None and m.errors == []:
            m.need(self.opaque, self.opaque.at or m.statement_at)
        if m.final is None:
            if m.errors:
                raise BrokenError
            raise ProgramError([_no_output(m)])
        kind, value, at = m.final
        m.frame = m.program
        if kind == "function":
            return m.node(self._called(value, at), at), None
        if self.tuple_at is not None and kind == "name":
            names = [n.id for n in ast.walk(self.tuple_at) if isinstance(n, ast.Name)]
            raise fail(
                "program.no-output", f"a tuple is no output: write one of its names on a last line, such as `{names[0] if names else 'x'}`",
                m.places.span(self.tuple_at), hint=names[0] if names else None,
            )  # fmt: skip
        held = m.program.names.get(value) if kind == "name" else value
        if isinstance(held, Broken):
            raise BrokenError
        if isinstance(held, Listing) and held.tuple:
            parts = [m.places.text(e) for e in getattr(at, "elts", [])]
            hint = parts[0] if parts else None
            raise fail(
                "program.no-output",
                f"a tuple is no output: write one value on the last line{f', such as `{short(hint)}`' if hint else ''}",
                m.places.span(at),
                hint=hint,
            )
        if isinstance(held, CALLABLE):
            raise fail("program.no-output", "a function is no output: call it", m.places.span(at))
        if isinstance(held, Detached):
            held = held.of
        if isinstance(held, Asked):
            return m.node(held, at), None
        return m.node(held, at), None

    def _called(self, function: Held, at: Any) -> Held:
        """What a function at the end returns, its arguments being inputs."""
        m = self.m
        wanted = function
        while isinstance(wanted, Gradient):
            wanted = wanted.function
        if isinstance(wanted, Known):
            names = [p.name for p in wanted.operator.parameters if p.required and p.role != "attribute"]
        elif isinstance(wanted, Function):
            names = list(wanted.parameters)
        else:
            raise fail("program.no-output", "a function is no output: call it", m.places.span(at))
        from app.lang.calls import invoke, pushed

        def rule(machine: Machine, step: Any) -> Any:
            given: list[Held] = []
            for name in names:
                default = wanted.defaults.get(name) if isinstance(wanted, Function) else None
                numbers = machine.numbers(default) if default is not None else None
                place = _argument_place(wanted, name, at)
                if numbers is not None and not isinstance(numbers, bool):
                    given.append(machine.leaf_input(name, numbers, place))
                elif default is not None:
                    given.append(default)
                elif name in machine.knowledge.parameters and name in machine.given:
                    given.append(machine.parameter(name, machine.given[name], place))
                else:
                    held = machine.program.names.get(name)
                    given.append(held if held is not None else machine.unassigned(name, place))
            return pushed(machine, invoke(machine, function, given, {}, step, getattr(wanted, "name", "f")))

        code = Code(m.places, Scope(m.places))
        compiler = Compiler(code, table, m.report)
        from app.lang.code import Statement

        made = Statement(getattr(wanted, "name", "f"), m.statement_at, code.scope, code, 0, ())
        compiler.emit(rules.begin, made, at, 0)
        compiler.emit(rule, None, at, 1)
        made.end = compiler.here
        compiler.emit(rules.halt, None, at, 0)
        before = len(m.errors)
        m.run(code)
        if len(m.errors) > before or not m.program.stack:
            raise BrokenError
        value = m.program.stack.pop()
        if isinstance(value, Nothing):
            raise fail(
                "program.no-output",
                f"`{getattr(wanted, 'name', 'f')}` returns nothing: end it with `return y`",
                m.places.span(at),
                hint="return y",
            )
        if isinstance(value, Listing) and value.tuple:
            raise fail(
                "program.no-output",
                f"`{getattr(wanted, 'name', 'f')}` returns a tuple, which is no output: call it, and write one of its values on the last line",
                m.places.span(at),
            )
        return value


def _argument_place(function: Held, name: str, at: Any) -> Any:
    if isinstance(function, Function):
        node = function.at.args  # type: ignore[attr-defined]
        for argument in (*node.posonlyargs, *node.args, *node.kwonlyargs):
            if argument.arg == name:
                return argument
    return at


def _broken() -> Held:
    from app.lang.values import BROKEN

    return BROKEN


def _no_output(m: Machine) -> Diagnostic:
    """Nothing that can be drawn: what to write, or which names could be it."""
    lines = m.places.lines
    end = Span(1, 1, len(lines), len(lines[-1]) + 1)
    could = [name for name, held in m.program.names.items() if type(held) is int]
    if could:
        hint = could[-1]
        return Diagnostic(
            code="program.no-output",
            message=f"the program has no output: write a name on the last line, such as `{short(hint)}`",
            spans=(end,),
            hint=hint,
        )
    return Diagnostic(
        code="program.no-output",
        message="there is nothing to draw: write an expression, such as `x*y + max(z, w)`",
        spans=(end,),
        hint="x*y + max(z, w)",
    )


def _unknown_output(m: Machine, output: str) -> ProgramError:
    could = [name for name, held in m.program.names.items() if type(held) is int]
    close = names.near(output, could) or could[-3:]
    tail = f": it could be {', '.join(f'`{n}`' for n in close)}" if close else ""
    return fail(
        "name.unknown",
        f"the program has no `{short(output)}`{tail}",
        Span(1, 1, 1, 1),
        hint=close[0] if close else None,
    )


def _beside(m: Machine, text: Text, given: Mapping[str, Value], statements: list[ast.stmt]) -> None:
    """Warnings about the text and the request."""
    m.warnings[:0] = text.warnings
    known = {s.name for s in m.input_list} | set(m.parameters)
    for name in given:
        if name not in known:
            m.warn("input.unused", f"the program has no input `{short(name)}`: its value is not used")
    if not text.source.isascii():
        seen: dict[str, Any] = {}
        for tree in statements:
            for node in ast.walk(tree):
                if isinstance(node, ast.Name):
                    seen.setdefault(node.id, node)
                elif isinstance(node, ast.arg):
                    seen.setdefault(node.arg, node)
        for name, other in names.lookalikes(seen):
            m.warn(
                "name.confusable",
                f"`{short(name)}` and `{short(other)}` are two names, and look alike",
                seen[name],
                seen[other],
            )
    for state in m.input_list:
        if state.assumed:
            m.note("value.assumed", f"`{state.variable}` has no value: 1.0 was assumed", state.at)
