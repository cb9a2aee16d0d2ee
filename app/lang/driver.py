"""The driver of a pass: its top-level statements, one by one."""

import ast
from collections.abc import Iterator
from typing import Any

from app.diagnostics import ProgramError
from app.lang import leaves
from app.lang.outputs import Outputs
from app.lang.reading import assigned
from app.lang.values import (
    BROKEN,
    Opaque,
)  # fmt: skip


class Leave:
    """The end of a `with` whose body was taken in place."""

    def __init__(self, count: int) -> None:
        self.count = count


class Driver(Outputs):
    """Runs the statements of a pass one by one."""

    def run(self) -> None:
        m = self.m
        for index, node in enumerate(self.statements):
            self.index = index
            if isinstance(node, Leave):
                for _ in range(node.count):
                    if m.program.contexts and m.program.contexts.pop() == "no_grad":
                        m.stopping -= 1
                continue
            self._one(node)

    def _one(self, node: ast.stmt) -> None:
        m = self.m
        before, wrong = len(m.builder), len(m.errors)
        m.next_line(node)
        try:
            if isinstance(node, ast.Assign | ast.AnnAssign) and node.value is not None and leaves.free(m, node.value):
                self._leaf(node)
            else:
                m.run(m.compile(node))
        except ProgramError as error:
            for diagnostic in error.diagnostics:
                m.report(diagnostic.at(m.places.span(node)))
            for name in assigned([node]):
                m.program.names[name] = BROKEN
        finally:
            m.unwind()
        if len(m.errors) > wrong:
            m.apart.append((before, len(m.builder)))
            self.opaque = None
            return
        if m.candidate is not None:
            m.final = m.candidate
            m.printed = None
            target = node.targets[-1] if isinstance(node, ast.Assign) else None
            self.tuple_at = target if isinstance(target, ast.Tuple | ast.List) else None
            self.opaque = None
        elif isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
            held = m.program.names.get(node.targets[0].id)
            if isinstance(held, Opaque) and held.needed and held.kind != "dictionary":
                self.opaque = held
        elif m.left is not None and (m.left.kind == "function" or (self._only_named() and _meant(m.left))):
            self.opaque = m.left
        if isinstance(node, ast.Expr | ast.Assign | ast.AugAssign | ast.For) and m.candidate is None:
            m.apart.append((before, len(m.builder)))


def _meant(left: Opaque) -> bool:
    """Whether a line that stands alone, and cannot be drawn, must be what the program is about."""
    return left.code == "name.unknown-function" or left.kind == "model"


def flat_statements(statements: list[ast.stmt]) -> Iterator[Any]:
    """Top-level statements; the bodies of `with` and of `if __name__ == …` are the program's."""
    waiting: list[Any] = list(reversed(statements))
    while waiting:
        node = waiting.pop()
        if isinstance(node, ast.With):
            head = ast.With(items=node.items, body=node.body)
            ast.copy_location(head, node)
            head.opened = True  # type: ignore[attr-defined]
            yield head
            waiting.append(Leave(len(node.items)))
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
