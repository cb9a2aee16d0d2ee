"""What a text says without being run: the names that it assigns and calls, the first line of a statement."""

import ast
from collections.abc import Iterable
from typing import Any

from app.ops.catalogue import CATALOGUE


def targets_of(target: ast.expr) -> Iterable[str]:
    waiting = [target]
    while waiting:
        node = waiting.pop()
        if isinstance(node, ast.Name):
            yield node.id
        elif isinstance(node, ast.Tuple | ast.List):
            waiting += reversed(node.elts)
        elif isinstance(node, ast.Starred):
            waiting.append(node.value)


def assigned(statements: Iterable[ast.stmt]) -> frozenset[str]:
    """The names that statements bind, in loops and branches too (not in the bodies of functions)."""
    found: set[str] = set()
    waiting = list(statements)
    while waiting:
        node = waiting.pop()
        if isinstance(node, ast.Assign):
            for target in node.targets:
                if isinstance(target, ast.Name):
                    found.add(target.id)
                else:
                    found.update(targets_of(target))
        elif isinstance(node, ast.AugAssign | ast.AnnAssign):
            found.update(targets_of(node.target))
        elif isinstance(node, ast.For):
            found.update(targets_of(node.target))
            waiting += node.body
        elif isinstance(node, ast.If):
            waiting += node.body
            waiting += node.orelse
        elif isinstance(node, ast.With):
            waiting += node.body
            for item in node.items:
                if item.optional_vars is not None:
                    found.update(targets_of(item.optional_vars))
    return frozenset(found)


def called(body: Iterable[ast.AST]) -> tuple[frozenset[str], frozenset[str]]:
    """The names that are called in a body, and those that stand nowhere but alone as arguments of calls."""
    found: set[str] = set()
    passed: set[str] = set()
    others: set[str] = set()
    waiting: list[ast.AST] = list(body)
    while waiting:
        node = waiting.pop()
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
            if node.func.id in {"grad", "jit", "vmap"} or node.func.id not in CATALOGUE:
                passed.update(a.id for a in node.args if isinstance(a, ast.Name))
                waiting += [a for a in node.args if not isinstance(a, ast.Name)]
                waiting += [k.value for k in node.keywords]
                found.add(node.func.id)
                continue
            found.add(node.func.id)
            waiting += node.args
            waiting += [k.value for k in node.keywords]
            continue
        if isinstance(node, ast.Name):
            others.add(node.id)
        waiting += ast.iter_child_nodes(node)
    return frozenset(found), frozenset(passed - others)


def name_of_statement(node: ast.stmt) -> str:
    if isinstance(node, ast.Assign):
        target = node.targets[0]
        return target.id if isinstance(target, ast.Name) else ",".join(targets_of(target))
    if isinstance(node, ast.AugAssign | ast.AnnAssign):
        return ",".join(targets_of(node.target))
    if isinstance(node, ast.FunctionDef):
        return node.name
    return {ast.Expr: "out", ast.Return: "return", ast.For: "for", ast.If: "if", ast.With: "with"}.get(
        type(node), "line"
    )


def head_of(node: Any) -> Any:
    """The first line of a statement, as a place."""
    first = getattr(node, "test", None) or getattr(node, "iter", None)
    if first is None and not getattr(node, "body", None):
        return node
    line, column = node.lineno, node.col_offset
    end_line, end_column = (
        (first.end_lineno, first.end_col_offset)
        if first is not None
        else (line, column + (3 if isinstance(node, ast.Try) else 1))
    )
    return ast.Pass(lineno=line, col_offset=column, end_lineno=end_line, end_col_offset=end_column)
