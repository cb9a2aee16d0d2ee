"""Expressions → steps. Chains that are as deep as they are long (sums, indices, attributes) are walked in loops."""

import ast
from typing import TYPE_CHECKING, Any

from app.lang import syntax
from app.lang.hints import caret
from app.lang.places import short
from app.lang.values import Number

if TYPE_CHECKING:
    from app.lang.compiler import Compiler


def constant(c: "Compiler", node: ast.Constant) -> None:
    value = node.value
    if isinstance(value, (int, float)):  # a bool is an int
        try:
            finite = abs(float(value)) != float("inf")
        except OverflowError:
            finite = False
        if not finite:
            text = short(c.code.places.text(node), 24)
            c.wrong(syntax.beyond(text), node)
            return
        c.emit(c.rules.constant, Number(value, node, step=c.here, literal=True), node, 1)
    elif value is None or value is Ellipsis or isinstance(value, str):
        c.emit(c.rules.constant, syntax.plain(value), node, 1)
    else:
        c.wrong(syntax.unsupported(node), node)


def name_of(c: "Compiler", node: ast.Name) -> None:
    c.emit(c.rules.load, node.id, node, 1)


def binary(c: "Compiler", node: ast.BinOp) -> None:
    # The left side of a long sum is as deep as the sum is long: it is walked here, not left to the tasks.
    chain: list[Any] = []
    left: ast.expr = node
    while isinstance(left, ast.BinOp):
        chain.append(left)
        left = left.left
    for part in chain:
        operator = syntax.BINARY.get(type(part.op))
        if operator is None:
            sides = [_written(c, side) for side in (part.left, part.right)]
            what = (
                caret(c.code.places.text(part))
                if isinstance(part.op, ast.BitXor)
                else syntax.unsupported(part.op, *sides)
            )
            c.tasks.append(lambda part=part, what=what: c.merge(what, part))
        else:
            c.tasks.append(lambda part=part, operator=operator: c.emit(c.rules.binary, operator, part, -1))
        c.tasks.append(part.right)
    c.tasks.append(left)


def _written(c: "Compiler", node: ast.expr) -> str:
    """An operand as it is written, in brackets where another sign beside it could take it apart."""
    text = c.code.places.text(node)
    return f"({text})" if isinstance(node, ast.BinOp | ast.BoolOp | ast.Compare | ast.IfExp) else text


def unary(c: "Compiler", node: ast.UnaryOp) -> None:
    operand = node.operand
    value = operand.value if isinstance(operand, ast.Constant) and isinstance(node.op, ast.USub) else None
    if isinstance(value, int | float) and not isinstance(value, bool):
        negative = ast.copy_location(ast.Constant(value=-value if value or isinstance(value, float) else -0.0), node)
        constant(c, negative)
        return
    rule = {ast.USub: c.rules.negative, ast.UAdd: c.rules.positive, ast.Not: c.rules.negation}.get(type(node.op))
    if rule is None:
        c.do(operand, lambda: c.swap(syntax.unsupported(node.op, _written(c, operand)), node))
        return
    c.do(operand, lambda: c.emit(rule, None, node, 0))


def logical(c: "Compiler", node: ast.BoolOp) -> None:
    name = "and" if isinstance(node.op, ast.And) else "or"
    jumps: list[int] = []

    def test() -> None:
        jumps.append(c.emit(c.rules.short, (name, 0), node, 0))

    def join(last: ast.expr) -> None:
        c.emit(c.rules.logical, name, node, -1)

    tasks: list[Any] = [node.values[0]]
    for value in node.values[1:]:
        tasks += [test, value, lambda value=value: join(value)]

    def close() -> None:
        for jump in jumps:
            c.patch(jump, (name, c.here))

    c.do(*tasks, close)


def compare(c: "Compiler", node: ast.Compare) -> None:
    names = [syntax.COMPARE.get(type(op)) for op in node.ops]
    if None in names:
        what = syntax.unsupported(next(op for op, name in zip(node.ops, names, strict=True) if name is None))
        c.wrong(what, node)
        return
    operands = [node.left, *node.comparators]
    c.do(*operands, lambda: c.emit(c.rules.compare, names, node, -(len(operands) - 1)))


def choice(c: "Compiler", node: ast.IfExp) -> None:
    jumps: dict[str, int] = {}

    def branch() -> None:
        jumps["else"] = c.emit(c.rules.branch, 0, node, 0)

    def middle() -> None:
        jumps["end"] = c.emit(c.rules.middle, 0, node, 0)
        c.patch(jumps["else"], c.here)

    def join() -> None:
        c.patch(jumps["end"], c.here)
        c.emit(c.rules.join, None, node, -2)

    c.do(node.test, branch, node.body, middle, node.orelse, join)


def list_(c: "Compiler", node: ast.List | ast.Tuple) -> None:
    stars = tuple(i for i, e in enumerate(node.elts) if isinstance(e, ast.Starred))
    count = len(node.elts)
    tasks = [e.value if isinstance(e, ast.Starred) else e for e in node.elts]
    c.do(*tasks, lambda: c.emit(c.rules.listing, (count, stars, isinstance(node, ast.Tuple)), node, 1 - count))


def dictionary(c: "Compiler", node: ast.Dict) -> None:
    if any(key is None for key in node.keys):
        c.wrong(syntax.unsupported(node), node)
        return
    tasks: list[Any] = []
    for key, value in zip(node.keys, node.values, strict=True):
        tasks += [key, value]
    count = len(node.keys)
    c.do(*tasks, lambda: c.emit(c.rules.dictionary, count, node, 1 - 2 * count))


def attribute(c: "Compiler", node: ast.Attribute) -> None:
    chain: list[ast.Attribute] = []
    owner: ast.expr = node
    while isinstance(owner, ast.Attribute):
        chain.append(owner)
        owner = owner.value
    tasks: list[Any] = [owner]
    for part in reversed(chain):
        if part.attr.startswith("__"):
            tasks.append(lambda part=part: c.swap(syntax.dunder(part.attr), part))
        else:
            tasks.append(lambda part=part: c.emit(c.rules.attribute, part.attr, part, 0))
    c.do(*tasks)


def call(c: "Compiler", node: ast.Call) -> None:
    func = node.func
    stars = tuple(i for i, e in enumerate(node.args) if isinstance(e, ast.Starred))
    arguments = [e.value if isinstance(e, ast.Starred) else e for e in node.args]
    keywords = tuple(k.arg or "**" for k in node.keywords)
    count = len(arguments) + len(keywords)
    values: list[Any] = [*arguments, *[k.value for k in node.keywords]]
    if isinstance(func, ast.Name):
        name = func.id
        if name in syntax.UNREAD:  # what it is given changes no circuit, but may ask for a gradient
            c.do(
                lambda: c.emit(c.rules.apart, 1, node, 0),
                *values,
                lambda: c.emit(c.rules.unread, (name, count), node, 1 - count),
            )
            return
        c.do(*values, lambda: c.emit(c.rules.call, (name, len(arguments), keywords, stars), node, 1 - count))
        return
    c.do(func, *values, lambda: c.emit(c.rules.apply, (len(arguments), keywords, stars), node, -count))


def subscript(c: "Compiler", node: ast.Subscript) -> None:
    # `x[0][0]…` is as deep as it is long.
    chain: list[ast.Subscript] = []
    owner: ast.expr = node
    while isinstance(owner, ast.Subscript):
        chain.append(owner)
        owner = owner.value
    tasks: list[Any] = [owner]
    for part in reversed(chain):
        index = part.slice
        items = list(index.elts) if isinstance(index, ast.Tuple) else [index]
        tasks += [item.value if isinstance(item, ast.Starred) else item for item in items]
        count = len(items)
        paired = isinstance(index, ast.Tuple)
        tasks.append(
            lambda part=part, count=count, paired=paired: c.emit(c.rules.subscript, (count, paired), part, -count)
        )
    c.do(*tasks)


def slice_(c: "Compiler", node: ast.Slice) -> None:
    nothing = ast.Constant(value=None)
    parts = [part or ast.copy_location(nothing, node) for part in (node.lower, node.upper, node.step)]
    c.do(*parts, lambda: c.emit(c.rules.slice, None, node, -2))


def formatted(c: "Compiler", node: ast.JoinedStr) -> None:
    """A text with values in it: only names and texts are looked at, as in a key; others are for printing."""
    parts = [part.value if isinstance(part, ast.FormattedValue) else part for part in node.values]
    if not parts or not all(isinstance(part, ast.Name | ast.Constant) for part in parts):
        c.emit(c.rules.constant, syntax.plain(""), node, 1)
        return
    c.do(*parts, lambda: c.emit(c.rules.format, len(parts), node, 1 - len(parts)))


def walrus(c: "Compiler", node: ast.NamedExpr) -> None:
    c.wrong(syntax.unsupported(node), node)
