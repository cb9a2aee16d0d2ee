"""Expressions too flat for the parser: a sum of thousands of terms is a tree thousands of levels deep, which CPython
refuses to build. This reads the same grammar with stacks of its own and gives the same `ast` nodes.

A thread with a large stack and a raised recursion limit would do on 3.11 only (later versions fix the limit in C), and
the limit is the whole process's; so what is read here is what a long sum can hold: signs, comparisons, calls, indices.
"""

import ast
import re
import unicodedata
from typing import Any

_TOKEN = re.compile(
    r"(?P<space>[ \t\f\n]+|\\\n|#[^\n]*)|(?P<number>(?:\d[\d_]*\.?[\d_]*|\.\d[\d_]*)(?:[eE][-+]?\d+)?)"
    r"|(?P<name>[^\W\d]\w*)|(?P<sign>\*\*|//|<=|>=|==|!=|[-+*/%@<>()\[\],.=~])"
)
_BINARY: dict[str, tuple[int, type[ast.operator]]] = {
    "+": (6, ast.Add), "-": (6, ast.Sub), "*": (7, ast.Mult), "/": (7, ast.Div), "//": (7, ast.FloorDiv),
    "%": (7, ast.Mod), "@": (7, ast.MatMult), "**": (9, ast.Pow),
}  # fmt: skip
_COMPARE: dict[str, type[ast.cmpop]] = {
    "<": ast.Lt, "<=": ast.LtE, ">": ast.Gt, ">=": ast.GtE, "==": ast.Eq, "!=": ast.NotEq,
}  # fmt: skip
_UNARY: dict[str, tuple[int, type[ast.unaryop]]] = {
    "-": (8, ast.USub), "+": (8, ast.UAdd), "~": (8, ast.Invert), "not": (4, ast.Not),
}  # fmt: skip
_LOGICAL: dict[str, tuple[int, type[ast.boolop]]] = {"or": (2, ast.Or), "and": (3, ast.And)}
_RESERVED = {"if", "else", "lambda", "for", "in", "is", "await", "yield", "async"}


class OddError(Exception):
    """What this reader does not know."""


class _Reader:
    def __init__(self, text: str, line: int, column: int) -> None:
        self.values: list[Any] = []
        self.signs: list[tuple[Any, ...]] = []  # (precedence, kind, payload, position)
        self.text = text
        self.line = line
        self.column = column
        self.line_start = -column  # offset, in bytes, at which the current line begins
        self.bytes = 0

    # Each value is (node, start, end): places as (line, byte column).
    def reduce(self, precedence: int) -> None:
        while self.signs and self.signs[-1][0] >= precedence:
            self.apply(self.signs.pop())

    def apply(self, sign: tuple[Any, ...]) -> None:
        kind, payload = sign[1], sign[2]
        if kind == "unary":
            operand, _, end = self.values.pop()
            self.push(ast.UnaryOp(op=payload(), operand=operand), sign[3], end)
            return
        right, _, end = self.values.pop()
        left, start, _ = self.values.pop()
        if kind == "binary":
            self.push(ast.BinOp(left=left, op=payload(), right=right), start, end)
        elif kind == "logical":
            values = [*left.values, right] if sign[4] else [left, right]
            self.push(ast.BoolOp(op=payload(), values=values), start, end)
        elif sign[4]:
            self.push(
                ast.Compare(left=left.left, ops=[*left.ops, payload()], comparators=[*left.comparators, right]),
                start,
                end,
            )
        else:
            self.push(ast.Compare(left=left, ops=[payload()], comparators=[right]), start, end)

    def push(self, node: Any, start: tuple[int, int], end: tuple[int, int]) -> None:
        node.lineno, node.col_offset = start
        node.end_lineno, node.end_col_offset = end
        self.values.append((node, start, end))

    def read(self) -> ast.expr:
        operand = True  # whether an operand is due
        position = 0
        fresh = False  # whether the last value is a chain that a further comparison or `and` extends
        while position < len(self.text):
            token = _TOKEN.match(self.text, position)
            if token is None:
                raise OddError
            position = token.end()
            kind, text = token.lastgroup, token.group()
            start = (self.line, self.bytes - self.line_start)
            self.bytes += len(text.encode()) if not text.isascii() else len(text)
            end = (self.line, self.bytes - self.line_start)
            if kind == "space":
                if "\n" in text:
                    self.line += text.count("\n")
                    self.line_start = self.bytes - (len(text) - text.rfind("\n") - 1)
                continue
            if text in _RESERVED:
                raise OddError
            if operand:
                operand = self.operand(kind, text, start, end)
                fresh = False
            elif kind == "name" and text not in _LOGICAL and text != "not":
                raise OddError
            elif text in _BINARY:
                precedence, sign = _BINARY[text]
                self.reduce(precedence + (text == "**"))
                self.signs.append((precedence, "binary", sign, start))
                operand, fresh = True, False
            elif text in _COMPARE:
                count = len(self.signs)
                self.reduce(5)
                chained = count > len(self.signs) and isinstance(self.values[-1][0], ast.Compare) and fresh is False
                chained = chained and self.chain
                self.signs.append((5, "compare", _COMPARE[text], start, chained))
                operand = True
            elif text in _LOGICAL:
                precedence, logical = _LOGICAL[text]
                top = self.signs[-1][1:3] if self.signs else None
                self.reduce(precedence)
                again = top == ("logical", logical) and isinstance(self.values[-1][0], ast.BoolOp)
                self.signs.append((precedence, "logical", logical, start, again))
                operand = True
            else:
                operand = self.after(text, start, end)
        if operand:
            raise OddError
        self.reduce(1)
        if self.signs or len(self.values) != 1:
            raise OddError
        found: ast.expr = self.values[0][0]
        return found

    chain = False  # chained comparisons are left to the parser

    def operand(self, kind: str | None, text: str, start: tuple[int, int], end: tuple[int, int]) -> bool:
        if kind == "number":
            digits = text.replace("_", "")
            value = float(digits) if set(digits) & set(".eE") else int(digits)
            self.push(ast.Constant(value=value), start, end)
        elif text in _UNARY:
            precedence, sign = _UNARY[text]
            self.signs.append((precedence, "unary", sign, start))
            return True
        elif kind == "name":
            node: ast.expr = (
                ast.Constant(value=text == "True")
                if text in {"True", "False"}
                else ast.Name(id=unicodedata.normalize("NFKC", text), ctx=ast.Load())
            )
            self.push(node, start, end)
        elif text in "([":
            self.signs.append((0, text, None, start, len(self.values)))
            return True
        elif (
            text in ")]" and self.signs and self.signs[-1][1] in {"call", "["} and len(self.values) == self.signs[-1][4]
        ):
            return self.close(text, end)
        else:
            raise OddError
        return False

    def after(self, text: str, start: tuple[int, int], end: tuple[int, int]) -> bool:
        if text in "([":
            self.signs.append((0, "call" if text == "(" else "index", self.values.pop(), start, len(self.values)))
            return True
        if text == ",":
            self.reduce(1)
            if not self.signs or self.signs[-1][1] not in {"call", "["}:
                raise OddError
            return True
        if text in ")]":
            self.reduce(1)
            return self.close(text, end)
        raise OddError

    def close(self, text: str, end: tuple[int, int]) -> bool:
        if not self.signs:
            raise OddError
        _, kind, payload, start, height = self.signs.pop()
        taken = [value[0] for value in self.values[height:]]
        if (kind == "(" or kind == "call") != (text == ")"):
            raise OddError
        if kind == "(":
            if len(taken) != 1:
                raise OddError
            return False  # the brackets are no node, and no part of its place
        del self.values[height:]
        if kind == "[":
            self.push(ast.List(elts=taken, ctx=ast.Load()), start, end)
        elif kind == "call":
            self.push(ast.Call(func=payload[0], args=taken, keywords=[]), payload[1], end)
        else:
            if len(taken) != 1:
                raise OddError
            self.push(ast.Subscript(value=payload[0], slice=taken[0], ctx=ast.Load()), payload[1], end)
        return False


def read(text: str, line: int, column: int) -> ast.expr:
    """The expression, which begins in `line` after `column` bytes. Raises OddError where it is beyond this reader."""
    return _Reader(text, line, column).read()
