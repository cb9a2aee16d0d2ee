"""Which node is the output, and what to say where there is none."""

import ast
from typing import Any

from app.diagnostics import Diagnostic, Form, ProgramError, Span, fail
from app.lang import names, rules, table
from app.lang.assignments import Assignments
from app.lang.code import Code, Scope
from app.lang.compiler import Compiler
from app.lang.machine import Machine
from app.lang.places import short
from app.lang.state import StopError
from app.lang.values import (
    CALLABLE,
    Asked,
    Broken,
    BrokenError,
    Detached,
    Function,
    Gradient,
    Held,
    Known,
    Listing,
    Nothing,
    Opaque,
)  # fmt: skip


class Outputs(Assignments):
    """Finds the node to differentiate."""

    def standing(self) -> tuple[int, Any] | None:
        """The output of the statements that stand, where others are wrong."""
        try:
            return self.target(None)
        except (ProgramError, BrokenError, StopError):
            m = self.m
            dropped: set[int] = set()
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
                raise unknown_output(m, output)
            try:
                return self.target_of_program()
            except ProgramError:
                return len(m.builder) - 1, None
        return self.target_of_program()

    def target_of_program(self) -> tuple[int, Any]:
        m = self.m
        if m.asked is not None:
            node, seed, _ = m.asked
            last = self._goes_on()
            return (node, seed) if last is None or last < node else (last, None)
        if self._only_named():
            if m.asked_inside is not None:
                node, seed, _ = m.asked_inside
                return node, seed
            if m.printed is not None:
                node, at = m.printed
                m.notes = [note for note in m.notes if note.spans != (m.places.span(at),)]  # it is not left out
                return node, None
            if m.inside is not None and (m.final is None or m.final[0] == "function"):
                return m.inside, None  # of a function that was called and gives nothing, such as `main()`
        if self.opaque is not None and m.errors == []:
            m.need(self.opaque, self.opaque.at or m.statement_at)
        if m.final is None:
            if m.errors:
                raise BrokenError
            raise ProgramError([no_output(m)])
        kind, value, at = m.final
        m.frame = m.program
        if kind == "function":
            return m.node(self._called(value, at), at), None
        if self.tuple_at is not None and kind == "name":
            names = [n.id for n in ast.walk(self.tuple_at) if isinstance(n, ast.Name)]
            raise fail(
                "program.no-output", "a tuple is no output: write one of its names on a last line, such as "
                f"`{names[0] if names else 'x'}`",
                m.places.span(self.tuple_at), hint=Form(names[0]) if names else None,
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

    def _goes_on(self) -> int | None:
        """The value alone on the last line, where it is made of a gradient that was asked for."""
        m = self.m
        if m.final is None or m.final[0] != "value" or type(m.final[1]) is not int or not m.derived:
            return None
        seen: set[int] = set()
        waiting = [m.final[1]]
        while waiting:
            part = waiting.pop()
            if part in m.derived:
                return int(m.final[1])
            if part not in seen:
                seen.add(part)
                waiting += m.builder.operands[part]
        return None

    def _only_named(self) -> bool:
        """Whether the statements at top level give nothing but inputs and functions."""
        m = self.m
        if m.final is None or m.final[0] == "function":
            return True
        held = m.program.names.get(m.final[1]) if m.final[0] == "name" else m.final[1]
        return type(held) is int and m.builder.operators[held].family == "leaf"

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
        if isinstance(value, Nothing) and m.asked_inside is not None:
            return m.asked_inside[0]
        if isinstance(value, Nothing) and m.inside is not None:
            return m.inside
        if isinstance(value, Nothing):
            raise fail(
                "program.no-output",
                f"`{getattr(wanted, 'name', 'f')}` returns nothing: end it with `return y`",
                m.places.span(at),
                hint=Form("return y"),
            )
        if isinstance(value, Listing) and value.tuple:
            raise fail(
                "program.no-output",
                f"`{getattr(wanted, 'name', 'f')}` returns a tuple, which is no output: call it, and write one of "
                "its values on the last line",
                m.places.span(at),
            )
        return value


def _argument_place(function: Held, name: str, at: Any) -> Any:
    if isinstance(function, Function):
        node = function.at.args
        for argument in (*node.posonlyargs, *node.args, *node.kwonlyargs):
            if argument.arg == name:
                return argument
    return at


def no_output(m: Machine) -> Diagnostic:
    """Nothing that can be drawn: what to write, or which names could be it."""
    lines = m.places.lines
    end = Span(1, 1, len(lines), len(lines[-1]) + 1)
    could = [name for name, held in m.program.names.items() if type(held) is int]
    if could:
        hint = Form(could[-1])  # on a line of its own
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


def unknown_output(m: Machine, output: str) -> ProgramError:
    could = [name for name, held in m.program.names.items() if type(held) is int]
    close = names.near(output, could) or could[-3:]
    tail = f": it could be {', '.join(f'`{n}`' for n in close)}" if close else ""
    return fail(
        "name.unknown",
        f"the program has no `{short(output)}`{tail}",
        Span(1, 1, 1, 1),
        hint=close[0] if close else None,
    )
