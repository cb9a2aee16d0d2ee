"""Statements, and what has a scope of its own (`def`, `lambda`, comprehensions) → steps."""

import ast
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from app.lang import syntax
from app.lang.code import Code, Scope
from app.lang.expressions import (
    attribute,
    binary,
    call,
    choice,
    compare,
    constant,
    dictionary,
    formatted,
    list_,
    logical,
    name_of,
    slice_,
    subscript,
    unary,
    walrus,
)
from app.lang.hints import caret
from app.lang.places import short
from app.lang.reading import called, head_of, targets_of

if TYPE_CHECKING:
    from app.lang.compiler import Compiler


def _lambda(c: "Compiler", node: ast.Lambda) -> None:
    returned = ast.copy_location(ast.Return(value=node.body), node.body)
    _function(c, "lambda", node.args, [returned], node, store=False)


def _comprehension(c: "Compiler", node: ast.ListComp | ast.GeneratorExp) -> None:
    if any(g.is_async for g in node.generators):
        c.wrong(syntax.unsupported(node), node)
        return
    names = tuple(sorted({n for g in node.generators for n in targets_of(g.target)}))
    tasks: list[Any] = [lambda: c.emit(c.rules.comprehend, names, node, 1)]
    closers: list[Any] = []
    for generator in node.generators:
        starts: dict[str, Any] = {"skips": []}

        def enter(starts: dict[str, Any] = starts, generator: ast.comprehension = generator) -> None:
            c.emit(c.rules.each, None, generator.iter, -1)
            starts["next"] = c.emit(c.rules.advance, 0, generator.iter, 1)

        def skip(starts: dict[str, Any] = starts, condition: Any = None) -> None:
            c.emit(c.rules.skip, starts["next"], condition, -1)

        def leave(starts: dict[str, Any] = starts) -> None:
            c.emit(c.rules.jump, starts["next"], node, 0)
            c.patch(starts["next"], c.here)

        tasks += [generator.iter, enter, *_store_tasks(c, generator.target)]
        for condition in generator.ifs:
            tasks += [condition, lambda skip=skip, condition=condition: skip(condition=condition)]
        closers.append(leave)
    tasks += [node.elt, lambda: c.emit(c.rules.collect, None, node, -1), *reversed(closers)]
    c.do(*tasks, lambda: c.emit(c.rules.comprehended, names, node, 0))


def _dictionary_comprehension(c: "Compiler", node: ast.DictComp) -> None:
    pair = ast.copy_location(ast.Tuple(elts=[node.key, node.value], ctx=ast.Load()), node.key)
    listed = ast.copy_location(ast.ListComp(elt=pair, generators=node.generators), node)
    c.do(listed, lambda: c.emit(c.rules.paired, None, node, 0))


def _expression(c: "Compiler", node: ast.Expr) -> None:
    c.do(node.value, lambda: c.emit(c.rules.outcome, None, node, -1))


def _assign(c: "Compiler", node: ast.Assign) -> None:
    tasks: list[Any] = [node.value]
    for target in node.targets[:-1]:
        tasks += [lambda: c.emit(c.rules.double, None, node, 1), *_store_tasks(c, target)]
    c.do(*tasks, *_store_tasks(c, node.targets[-1], node if len(node.targets) == 1 else None))


def _annotated(c: "Compiler", node: ast.AnnAssign) -> None:
    if node.value is not None:
        c.do(node.value, *_store_tasks(c, node.target))


def _augmented(c: "Compiler", node: ast.AugAssign) -> None:
    operator = syntax.BINARY.get(type(node.op))
    target = node.target
    if isinstance(target, ast.Attribute):
        owner = ast.copy_location(ast.Attribute(value=target.value, attr=target.attr, ctx=ast.Load()), target)
        c.do(owner, node.value, lambda: c.emit(c.rules.updated, None, node, -2))
        return
    if isinstance(target, ast.Subscript) and operator is not None and _keyed(target):
        c.do(target.value, target.slice, node.value, lambda: c.emit(c.rules.drop, 1, node, -1),
             lambda: c.emit(c.rules.update_item, None, node, -2))  # fmt: skip
        return
    if not isinstance(target, ast.Name) or operator is None:
        what = syntax.unsupported_target(target)
        if isinstance(target, ast.Name):
            what = caret(c.code.places.text(node)) if isinstance(node.op, ast.BitXor) else syntax.unsupported(node.op)
        c.report(what.at(c.code.places.span(node if isinstance(target, ast.Name) else target)))
        c.do(node.value, lambda: c.emit(c.rules.drop, 1, node, -1))
        for name in targets_of(target):
            c.tasks.insert(0, lambda name=name: c.emit(c.rules.spoil, name, node, 0))
        return
    c.do(
        ast.copy_location(ast.Name(id=target.id, ctx=ast.Load()), target),
        node.value,
        lambda: c.emit(c.rules.binary, operator, node, -1),
        *_store_tasks(c, target),
    )


def _store_tasks(c: "Compiler", target: ast.expr, whole: ast.Assign | None = None) -> list[Any]:
    """Tasks that take the top of the stack apart into a target. Nested targets are bounded by the nesting of brackets.
    `whole`: the assignment, where it has this target alone."""
    if isinstance(target, ast.Name):
        return [lambda: c.emit(c.rules.store, target.id, target, -1)]
    if isinstance(target, ast.Tuple | ast.List):
        star = next((i for i, e in enumerate(target.elts) if isinstance(e, ast.Starred)), None)
        count = len(target.elts)
        tasks: list[Any] = [lambda: c.emit(c.rules.unpack, (count, star), target, count - 1)]
        for element in target.elts:
            tasks += _store_tasks(c, element.value if isinstance(element, ast.Starred) else element)
        return tasks
    if isinstance(target, ast.Attribute):
        return [target.value, lambda: c.emit(c.rules.store_attribute, target.attr, target, -2)]
    if isinstance(target, ast.Subscript) and _keyed(target):
        return [target.value, target.slice, lambda: c.emit(c.rules.store_item, None, target, -3)]
    return [lambda: c.refuse(target, *_joined(c, target, whole))]


def _joined(c: "Compiler", target: ast.expr, whole: ast.Assign | None) -> tuple[ast.AST, str | None]:
    """What is underlined of `x[2] = y`, and the whole with one element in the place of another:
    `x = concat([x[:2], [y], x[3:]])`."""
    if whole is None or not isinstance(target, ast.Subscript) or not isinstance(target.value, ast.Name):
        return target, None
    place = target.slice.value if isinstance(target.slice, ast.Constant) else None
    if type(place) is not int:
        return target, None
    name, new = target.value.id, c.code.places.text(whole.value)
    before = f"{name}[:{place}], " if place else ""
    return whole, short(f"{name} = concat([{before}[{new}], {name}[{place + 1}:]])", 200)


def _keyed(target: ast.Subscript) -> bool:
    """Whether an item may be that of a dictionary: `grads['W1']`, `params[k]`, `cache[f'h{i}']`."""
    key = target.slice
    text = isinstance(key, ast.Constant) and isinstance(key.value, str)
    return text or isinstance(key, ast.Name | ast.JoinedStr | ast.BinOp)


def _for(c: "Compiler", node: ast.For) -> None:
    if node.orelse:
        c.report(syntax.otherwise().at(c.code.places.span(head_of(node.orelse[0]))))
    starts: dict[str, int] = {}
    label = next(iter(targets_of(node.target)), "turn")

    def enter() -> None:
        c.emit(c.rules.loop, label, node, -1)
        starts["next"] = c.emit(c.rules.turn, 0, node, 1)

    def leave() -> None:
        c.emit(c.rules.jump, starts["next"], node, 0)
        c.patch(starts["next"], c.here)

    c.do(node.iter, enter, *_store_tasks(c, node.target), lambda: c.body(node.body), leave)


def _if(c: "Compiler", node: ast.If) -> None:
    # An `elif` is an `if` in the `else` of the last: as deep as there are branches, so it is walked here.
    ends: list[int] = []
    branches: list[tuple[ast.If, list[ast.stmt]]] = []
    rest: list[ast.stmt] = [node]
    while len(rest) == 1 and isinstance(rest[0], ast.If):
        branches.append((rest[0], rest[0].body))
        rest = rest[0].orelse
    tasks: list[Any] = []
    for branch, body in branches:
        starts: dict[str, int] = {}

        def test(starts: dict[str, int] = starts, branch: ast.If = branch) -> None:
            starts["skip"] = c.emit(c.rules.decide, 0, branch.test, -1)

        def close(starts: dict[str, int] = starts) -> None:
            ends.append(c.emit(c.rules.jump, 0, node, 0))
            c.patch(starts["skip"], c.here)

        tasks += [branch.test, test, lambda body=body: c.body(body), close]

    def finish() -> None:
        for end in ends:
            c.patch(end, c.here)

    c.do(*tasks, lambda: c.body(rest), finish)


def _def(c: "Compiler", node: ast.FunctionDef) -> None:
    _function(c, node.name, node.args, node.body, node, store=True)


def _function(
    c: "Compiler", name: str, arguments: ast.arguments, body: Sequence[ast.stmt], node: Any, *, store: bool
) -> None:
    parameters = [a.arg for a in (*arguments.posonlyargs, *arguments.args)]
    only = [a.arg for a in arguments.kwonlyargs]
    if arguments.kwarg:
        c.report(syntax.keywords().at(c.code.places.span(arguments.kwarg)))
    defaulted = parameters[len(parameters) - len(arguments.defaults) :] if arguments.defaults else []
    given: list[Any] = list(arguments.defaults)
    for argument, default in zip(only, arguments.kw_defaults, strict=True):
        if default is not None:
            defaulted = [*defaulted, argument]
            given.append(default)
    code = Code(c.code.places, Scope(c.code.places))
    inner = type(c)(code, c.rules, c.report, function=True)
    variadic = arguments.vararg.arg if arguments.vararg else None
    names = (*parameters, *only)
    decorators = node.decorator_list if isinstance(node, ast.FunctionDef) else []
    uses, passes = called(body)
    own = set(names)
    made = (name, names, tuple(defaulted), variadic, code, store, (uses & own, passes & own), len(decorators))

    def compile_body() -> None:
        inner.tasks.append(lambda: inner.emit(c.rules.finish, None, node, 0))
        inner.body(body)
        c.tasks.append(lambda: _drain(c, inner))

    c.do(
        *list(decorators),
        *given,
        lambda: c.emit(c.rules.define, made, node, (0 if store else 1) - len(given) - len(decorators)),
        compile_body,
    )


def _drain(c: "Compiler", inner: "Compiler") -> None:
    """Compiles an inner body as a task of the outer one: bodies in bodies need no recursion."""
    tasks = inner.tasks
    count = 0
    while tasks and count < 64:
        task = tasks.pop()
        count += 1
        if isinstance(task, ast.AST):
            rule = EXPRESSIONS_AND_SCOPES.get(type(task))
            if rule is None:
                inner.wrong(syntax.unsupported(task), task)
            else:
                rule(inner, task)
        else:
            task()
    if tasks:
        c.tasks.append(lambda: _drain(c, inner))


def _return(c: "Compiler", node: ast.Return) -> None:
    if not c.function:
        c.report(syntax.outside("return").at(c.code.places.span(node)))
        return
    value = node.value or ast.copy_location(ast.Constant(value=None), node)
    c.do(value, lambda: c.emit(c.rules.give, None, node, -1))


def _with(c: "Compiler", node: ast.With) -> None:
    tasks: list[Any] = []
    for item in node.items:
        tasks.append(item.context_expr)
        tasks.append(lambda item=item: c.emit(c.rules.enter, None, item.context_expr, 0))
        if item.optional_vars is not None:
            tasks += _store_tasks(c, item.optional_vars)
        else:
            tasks.append(lambda item=item: c.emit(c.rules.drop, 1, item.context_expr, -1))
    if getattr(node, "opened", False):  # at top level its body is the program's
        c.do(*tasks)
        return
    c.do(*tasks, lambda: c.body(node.body), lambda: c.emit(c.rules.leave, len(node.items), node, 0))


def _import(c: "Compiler", node: ast.Import | ast.ImportFrom) -> None:
    c.emit(c.rules.imports, node, node, 0)


def _nothing(c: "Compiler", node: ast.stmt) -> None:
    pass


def _opaque(c: "Compiler", node: ast.stmt) -> None:
    c.emit(c.rules.left_out, syntax.OPAQUE[type(node)], node, 0)


def _class(c: "Compiler", node: ast.ClassDef) -> None:
    c.emit(c.rules.left_out, ("a class", node.name), node, 0)


EXPRESSIONS_AND_SCOPES: dict[type, Callable[["Compiler", Any], None]] = {
    ast.Constant: constant, ast.Name: name_of, ast.BinOp: binary, ast.UnaryOp: unary, ast.BoolOp: logical,
    ast.Compare: compare, ast.IfExp: choice, ast.List: list_, ast.Tuple: list_, ast.Dict: dictionary,
    ast.Attribute: attribute, ast.Call: call, ast.Subscript: subscript, ast.Slice: slice_, ast.Lambda: _lambda,
    ast.ListComp: _comprehension, ast.GeneratorExp: _comprehension, ast.DictComp: _dictionary_comprehension,
    ast.JoinedStr: formatted, ast.NamedExpr: walrus,
}  # fmt: skip


STATEMENTS: dict[type, Callable[["Compiler", Any], None]] = {
    ast.Expr: _expression, ast.Assign: _assign, ast.AnnAssign: _annotated, ast.AugAssign: _augmented, ast.For: _for,
    ast.If: _if, ast.FunctionDef: _def, ast.Return: _return, ast.With: _with, ast.Import: _import,
    ast.ImportFrom: _import, ast.Pass: _nothing, ast.Assert: _opaque, ast.Delete: _opaque, ast.ClassDef: _class,
}  # fmt: skip
