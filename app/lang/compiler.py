"""The compiler: works off tasks, so that no text is too deep for it."""

import ast
from collections.abc import Callable, Sequence
from typing import Any

from app.diagnostics import Diagnostic
from app.lang import syntax
from app.lang.code import Code, Rule, Statement
from app.lang.reading import assigned, head_of, name_of_statement
from app.lang.statements import EXPRESSIONS_AND_SCOPES, STATEMENTS


class Compiler:
    """Compiles the statements of one body into one `Code`; what cannot be compiled is said, and is broken there."""

    def __init__(self, code: Code, rules: Any, report: Callable[[Diagnostic], None], *, function: bool = False) -> None:
        self.code = code
        self.steps = code.steps
        self.rules = rules
        self.report = report
        self.function = function
        self.depth = 0
        self.tasks: list[Any] = []

    # ── Steps ──

    def emit(self, rule: Rule, argument: Any, at: Any, change: int) -> int:
        """Adds a step that changes the height of the stack by `change`; gives its number."""
        self.depth += change
        number = len(self.steps)
        self.steps.append((rule, argument, at, self.depth, number))
        return number

    def patch(self, number: int, argument: Any) -> None:
        rule, _, at, depth, _ = self.steps[number]
        self.steps[number] = (rule, argument, at, depth, number)

    @property
    def here(self) -> int:
        return len(self.steps)

    def wrong(self, diagnostic: Diagnostic, at: Any) -> None:
        """Says what cannot be compiled, and leaves something broken on the stack."""
        self.report(diagnostic.at(self.code.places.span(at)))
        self.emit(self.rules.broken, None, at, 1)

    def merge(self, what: Diagnostic, at: Any) -> None:
        self.report(what.at(self.code.places.span(at)))
        self.emit(self.rules.drop, 1, at, -1)
        self.emit(self.rules.drop, 1, at, -1)
        self.emit(self.rules.broken, None, at, 1)

    def swap(self, what: Diagnostic, at: Any) -> None:
        self.emit(self.rules.drop, 1, at, -1)
        self.wrong(what, at)

    def refuse(self, target: ast.expr, at: ast.AST, hint: str | None = None) -> None:
        self.report(syntax.unsupported_target(target, hint).at(self.code.places.span(at)))
        self.emit(self.rules.drop, 1, target, -1)
        if isinstance(target, ast.Subscript) and isinstance(target.value, ast.Name):
            self.emit(self.rules.spoil, target.value.id, target, 0)

    # ── Running ──

    def run(self) -> None:
        """Works off the tasks: a node is compiled, a function called."""
        tasks = self.tasks
        while tasks:
            task = tasks.pop()
            if isinstance(task, ast.AST):
                rule = EXPRESSIONS_AND_SCOPES.get(type(task))
                if rule is None:
                    what = syntax.unsupported(task)
                    self.wrong(what, task)
                else:
                    rule(self, task)
            else:
                task()

    def do(self, *tasks: Any) -> None:
        """Adds tasks, to be done in this order before those that wait."""
        self.tasks.extend(reversed(tasks))

    def expression(self, node: ast.expr) -> None:
        """Compiles one expression whole."""
        self.do(node)
        self.run()

    def body(self, statements: Sequence[ast.stmt]) -> None:
        self.do(*[(lambda s=s: self.statement(s)) for s in statements])

    def whole(self, statements: Sequence[ast.stmt]) -> None:
        """Compiles a body whole."""
        self.body(statements)
        self.run()
        self.emit(self.rules.finish, None, statements[-1] if statements else None, 0)

    def statement(self, node: ast.stmt) -> None:
        rule = STATEMENTS.get(type(node))
        if rule is None:
            self.report(syntax.unsupported(node).at(self.code.places.span(head_of(node))))
            for name in assigned([node]):
                self.emit(self.rules.spoil, name, node, 0)
            return
        names = tuple(sorted(assigned([node])))
        made = Statement(name_of_statement(node), node, self.code.scope, self.code, self.here, names)
        self.emit(self.rules.begin, made, node, -self.depth)
        self.do(lambda: rule(self, node), lambda: self.end(made))

    def end(self, made: Statement) -> None:
        made.end = self.here
