"""The machine that runs code: names, nodes, groups, places. It computes nothing; it builds the graph."""

import ast
from typing import Any

from app.diagnostics import Diagnostic, ProgramError
from app.lang.code import Code, Step
from app.lang.compiler import Compiler
from app.lang.frames import HALT, Frame
from app.lang.operands import Operands
from app.lang.state import StopError
from app.lang.values import (
    BROKEN,
    BrokenError,
)  # fmt: skip

FATAL = frozenset({"limit.nodes", "limit.elements", "limit.flops", "limit.turns", "limit.time"})


class Machine(Operands):
    """One pass over a program."""

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
        steps, pc = frame.code.steps, frame.pc
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
            steps, pc = frame.code.steps, frame.pc

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
