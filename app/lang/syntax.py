"""The allow-list: which signs there are, and for what Python has and the language lacks, what to write instead."""

import ast

from app.diagnostics import Diagnostic, Form
from app.lang.values import DOTS, NOTHING, Held, Text

BINARY: dict[type[ast.operator], str] = {
    ast.Add: "add", ast.Sub: "sub", ast.Mult: "mul", ast.Div: "div", ast.FloorDiv: "floordiv", ast.Mod: "mod",
    ast.Pow: "pow", ast.MatMult: "matmul",
}  # fmt: skip
COMPARE: dict[type[ast.cmpop], str] = {
    ast.Lt: "lt", ast.LtE: "le", ast.Gt: "gt", ast.GtE: "ge", ast.Eq: "eq", ast.NotEq: "ne", ast.Is: "is",
    ast.IsNot: "is not", ast.In: "in", ast.NotIn: "not in",
}  # fmt: skip
# Calls whose arguments are not part of the circuit.
UNREAD = frozenset(
    {"print", "display", "assert_allclose", "input", "id", "type", "isinstance", "open", "eval", "exec", "repr"}
)
OPAQUE: dict[type[ast.stmt], tuple[str, str]] = {
    ast.Assert: ("an assertion", ""),
    ast.Delete: ("a deletion", ""),
}

# What a construct is called, and what the language has instead.
_UNSUPPORTED: dict[type[ast.AST], tuple[str, str | None, str | None]] = {
    ast.While: ("`while`", "repeat with `for i in range(n)`", Form("for i in range(3):")),
    ast.Break: ("`break`", "choose the number of turns: `for i in range(n)`", None),
    ast.Continue: ("`continue`", "put the rest of the body into an `if`", None),
    ast.Try: ("`try`", "write what is computed, without it", None),
    ast.Raise: ("`raise`", "leave it out", None),
    ast.Global: ("`global`", "a function reads the program's names as it is, and returns what it makes", None),
    ast.Nonlocal: ("`nonlocal`", "return what the function makes", None),
    ast.AsyncFunctionDef: ("`async def`", "define it with `def`", None),
    ast.AsyncFor: ("`async for`", "repeat with `for`", None),
    ast.AsyncWith: ("`async with`", "leave it out", None),
    ast.Match: ("`match`", "choose with `a if c else b`", Form("a if c else b")),
    ast.Await: ("`await`", "leave it out", None),
    ast.Yield: ("`yield`", "return a list: `return [a, b]`", None),
    ast.YieldFrom: ("`yield from`", "return a list", None),
    ast.Set: ("a set", "write a list: `[a, b]`", None),
    ast.SetComp: ("a set comprehension", "write a list: `[f(w) for w in ws]`", None),
    ast.DictComp: ("a dictionary comprehension", "give each value a name of its own", None),
    ast.Dict: ("a dictionary", "give each value a name of its own", None),
    ast.NamedExpr: ("`:=`", "assign on a line of its own: `y = …`", None),
    ast.Starred: ("`*` before a value", "write the values one by one", None),
    ast.keyword: ("`**` in a call", "write the arguments one by one", None),
    ast.Slice: ("a slice", "slices stand in an index: `x[1:3]`", None),
    ast.BitAnd: ("`&`", "write `and`", "{} and {}"),
    ast.BitOr: ("`|`", "write `or`", "{} or {}"),
    ast.BitXor: ("`^`", "a power is `x**2`", "{}**{}"),
    ast.Invert: ("`~`", "write `not x`", "not {}"),
    ast.LShift: ("`<<`", "multiply by a power: `x * 2**n`", "{} * 2**{}"),
    ast.RShift: ("`>>`", "divide by a power: `x / 2**n`", "{} / 2**{}"),
    ast.ListComp: ("this comprehension", "repeat with `for w in [w1, w2]`", None),
    ast.Constant: ("this literal", "numbers are real: write `2.0`", None),
    ast.In: ("`in`", "compare with `==`", None),
    ast.Lambda: ("`lambda`", "define a function: `def f(x): return …`", None),
}


def unsupported(node: ast.AST, *operands: str) -> Diagnostic:
    """What is valid Python, and no part of the language; a sign's operands as they are written."""
    what, instead, hint = _UNSUPPORTED.get(type(node), (f"`{type(node).__name__.lower()}`", None, None))
    if isinstance(node, ast.Constant) and isinstance(node.value, complex):
        what = "a complex number"
    if isinstance(node, ast.Constant) and isinstance(node.value, bytes):
        what, instead = "a string of bytes", "leave it out"
    tail = f": {instead}" if instead else ""
    if hint is not None and "{}" in hint:
        hint = hint.format(*operands) if operands else None
    return Diagnostic(code="syntax.unsupported", message=f"{what} is not part of the language{tail}", hint=hint)


def unsupported_target(node: ast.AST, hint: str | None = None) -> Diagnostic:
    """What cannot stand on the left of `=`. `hint`: what would do the same."""
    if isinstance(node, ast.Subscript):
        return Diagnostic(
            code="syntax.unsupported",
            message="a part of a tensor cannot be assigned: build the whole with `stack`, `concat` or `where`",
            hint=hint or Form("x = concat([x[:1], y, x[2:]])"),
        )
    return Diagnostic(code="syntax.unsupported", message="only names can be assigned", hint=Form("y = x"))


def dunder(name: str) -> Diagnostic:
    return Diagnostic(
        code="syntax.unsupported", message=f"`{name[:40]}` is not part of the language: values have no such attribute"
    )


def otherwise() -> Diagnostic:
    return Diagnostic(
        code="syntax.unsupported", message="`else` after a loop is not part of the language: write it after the loop"
    )


def keywords() -> Diagnostic:
    return Diagnostic(
        code="syntax.unsupported", message="`**` in a `def` is not part of the language: name each argument"
    )


def outside(word: str) -> Diagnostic:
    return Diagnostic(
        code="syntax.unsupported", message=f"`{word}` stands outside a function: write the value alone on the last line"
    )


def values_decide() -> Diagnostic:
    return Diagnostic(
        code="syntax.unsupported",
        message="an `if` chooses by integers, and this is a value of the circuit: write `a if c else b`, which "
        "draws both",
        hint=Form("a if c else b"),
    )


def beyond(text: str) -> Diagnostic:
    return Diagnostic(
        code="number.range", message=f"`{text}` is beyond float64, whose largest number is about 1.8e308", hint="inf"
    )


def plain(value: object) -> Held:
    """A literal that is no number."""
    return NOTHING if value is None else DOTS if value is Ellipsis else Text(str(value))
