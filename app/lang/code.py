"""Statements → code: a flat list of steps for a stack machine, so that nothing recurses on what a user wrote.

A step is `(rule, argument, place, depth, number)`: `rule(machine, step)` does it, and may give the number of the step to
go on with; `depth` is the height of the stack after it, to which an error falls back; `number` is its own, by which
nodes get ids that stay. Each statement of a body begins with a `begin` step, which says what it assigns.
"""

import ast
from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING, Any, TypeAlias

from app.diagnostics import Diagnostic
from app.lang import syntax
from app.lang.hints import caret
from app.lang.places import Places, short
from app.lang.values import Number
from app.ops.catalogue import CATALOGUE

if TYPE_CHECKING:
    from app.lang.machine import Machine

Rule: TypeAlias = "Callable[[Machine, Step], Any]"
Step: TypeAlias = tuple[Rule, Any, Any, int, int]


class Code:
    """The steps of a body."""

    __slots__ = ("places", "scope", "steps")

    def __init__(self, places: Places, scope: "Scope") -> None:
        self.steps: list[Step] = []
        self.places = places
        self.scope = scope


class Statement:
    """A statement as ids see it. `name`: what it assigns (or `out`, or a loop's header); `end`: the step after it."""

    __slots__ = ("assigns", "at", "code", "compound", "end", "key", "name", "reads_itself", "scope", "start")

    def __init__(
        self, name: str, at: ast.stmt, scope: "Scope", code: Code, start: int, assigns: tuple[str, ...]
    ) -> None:
        self.name = name
        self.at = at
        self.scope = scope
        self.code = code
        self.start = start
        self.end = 0
        self.assigns = assigns
        self.compound = isinstance(at, ast.For | ast.If | ast.FunctionDef | ast.With)
        self.key: str | None = None
        self.reads_itself: bool | None = None
        scope.statements.append(self)


class Scope:
    """The statements of a program, or of a function's body, in the order of the text."""

    __slots__ = ("keyed", "places", "statements")

    def __init__(self, places: Places) -> None:
        self.statements: list[Statement] = []
        self.places = places
        self.keyed = False


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

    def refuse(self, target: ast.expr) -> None:
        self.report(syntax.unsupported_target(target).at(self.code.places.span(target)))
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
                rule = _RULES.get(type(task))
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
        rule = _STATEMENTS.get(type(node))
        if rule is None:
            self.report(syntax.unsupported(node).at(self.code.places.span(_head(node))))
            for name in assigned([node]):
                self.emit(self.rules.spoil, name, node, 0)
            return
        names = tuple(sorted(assigned([node])))
        made = Statement(_name(node), node, self.code.scope, self.code, self.here, names)
        self.emit(self.rules.begin, made, node, -self.depth)
        self.do(lambda: rule(self, node), lambda: self.end(made))

    def end(self, made: Statement) -> None:
        made.end = self.here


# ── Expressions ──────────────────────────────────────────────────────────────────────────────────────────────────────


def _constant(c: Compiler, node: ast.Constant) -> None:
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


def _name_of(c: Compiler, node: ast.Name) -> None:
    c.emit(c.rules.load, node.id, node, 1)


def _binary(c: Compiler, node: ast.BinOp) -> None:
    # The left side of a long sum is as deep as the sum is long: it is walked here, not left to the tasks.
    chain: list[Any] = []
    left: ast.expr = node
    while isinstance(left, ast.BinOp):
        chain.append(left)
        left = left.left
    for part in chain:
        operator = syntax.BINARY.get(type(part.op))
        if operator is None:
            what = caret(c.code.places.text(part)) if isinstance(part.op, ast.BitXor) else syntax.unsupported(part.op)
            c.tasks.append(lambda part=part, what=what: c.merge(what, part))
        else:
            c.tasks.append(lambda part=part, operator=operator: c.emit(c.rules.binary, operator, part, -1))
        c.tasks.append(part.right)
    c.tasks.append(left)


def _unary(c: Compiler, node: ast.UnaryOp) -> None:
    operand = node.operand
    if isinstance(node.op, ast.USub) and isinstance(operand, ast.Constant) and type(operand.value) in {int, float}:
        negative = ast.copy_location(ast.Constant(value=-operand.value), node)
        if operand.value == 0 and isinstance(operand.value, int):
            negative.value = -0.0
        _constant(c, negative)
        return
    rule = {ast.USub: c.rules.negative, ast.UAdd: c.rules.positive, ast.Not: c.rules.negation}.get(type(node.op))
    if rule is None:
        c.do(operand, lambda: c.swap(syntax.unsupported(node.op), node))
        return
    c.do(operand, lambda: c.emit(rule, None, node, 0))


def _logical(c: Compiler, node: ast.BoolOp) -> None:
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


def _compare(c: Compiler, node: ast.Compare) -> None:
    names = [syntax.COMPARE.get(type(op)) for op in node.ops]
    if None in names:
        what = syntax.unsupported(next(op for op, name in zip(node.ops, names, strict=True) if name is None))
        c.wrong(what, node)
        return
    operands = [node.left, *node.comparators]
    c.do(*operands, lambda: c.emit(c.rules.compare, names, node, -(len(operands) - 1)))


def _choice(c: Compiler, node: ast.IfExp) -> None:
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


def _list(c: Compiler, node: ast.List | ast.Tuple) -> None:
    stars = tuple(i for i, e in enumerate(node.elts) if isinstance(e, ast.Starred))
    count = len(node.elts)
    tasks = [e.value if isinstance(e, ast.Starred) else e for e in node.elts]
    c.do(*tasks, lambda: c.emit(c.rules.listing, (count, stars, isinstance(node, ast.Tuple)), node, 1 - count))


def _dictionary(c: Compiler, node: ast.Dict) -> None:
    if any(key is None for key in node.keys):
        c.wrong(syntax.unsupported(node), node)
        return
    tasks: list[Any] = []
    for key, value in zip(node.keys, node.values, strict=True):
        tasks += [key, value]
    count = len(node.keys)
    c.do(*tasks, lambda: c.emit(c.rules.dictionary, count, node, 1 - 2 * count))


def _attribute(c: Compiler, node: ast.Attribute) -> None:
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


def _call(c: Compiler, node: ast.Call) -> None:
    func = node.func
    stars = tuple(i for i, e in enumerate(node.args) if isinstance(e, ast.Starred))
    if any(k.arg is None for k in node.keywords):
        c.wrong(syntax.unsupported(node.keywords[-1]), node)
        return
    arguments = [e.value if isinstance(e, ast.Starred) else e for e in node.args]
    keywords = tuple(str(k.arg) for k in node.keywords)
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


def _subscript(c: Compiler, node: ast.Subscript) -> None:
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
        for item in items:
            tasks.append(item.value if isinstance(item, ast.Starred) else item)
        count = len(items)
        paired = isinstance(index, ast.Tuple)
        tasks.append(
            lambda part=part, count=count, paired=paired: c.emit(c.rules.subscript, (count, paired), part, -count)
        )
    c.do(*tasks)


def _slice(c: Compiler, node: ast.Slice) -> None:
    nothing = ast.Constant(value=None)
    parts = [part or ast.copy_location(nothing, node) for part in (node.lower, node.upper, node.step)]
    c.do(*parts, lambda: c.emit(c.rules.slice, None, node, -2))


def _lambda(c: Compiler, node: ast.Lambda) -> None:
    returned = ast.copy_location(ast.Return(value=node.body), node.body)
    _function(c, "lambda", node.args, [returned], node, store=False)


def _comprehension(c: Compiler, node: ast.ListComp | ast.GeneratorExp) -> None:
    if any(g.is_async for g in node.generators):
        c.wrong(syntax.unsupported(node), node)
        return
    names = tuple(sorted({n for g in node.generators for n in _targets(g.target)}))
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


def _formatted(c: Compiler, node: ast.JoinedStr) -> None:
    c.emit(c.rules.constant, syntax.plain(""), node, 1)


def _walrus(c: Compiler, node: ast.NamedExpr) -> None:
    c.wrong(syntax.unsupported(node), node)


# ── Statements ───────────────────────────────────────────────────────────────────────────────────────────────────────


def _expression(c: Compiler, node: ast.Expr) -> None:
    c.do(node.value, lambda: c.emit(c.rules.outcome, None, node, -1))


def _assign(c: Compiler, node: ast.Assign) -> None:
    tasks: list[Any] = [node.value]
    for target in node.targets[:-1]:
        tasks += [lambda: c.emit(c.rules.double, None, node, 1), *_store_tasks(c, target)]
    c.do(*tasks, *_store_tasks(c, node.targets[-1]))


def _annotated(c: Compiler, node: ast.AnnAssign) -> None:
    if node.value is not None:
        c.do(node.value, *_store_tasks(c, node.target))


def _augmented(c: Compiler, node: ast.AugAssign) -> None:
    operator = syntax.BINARY.get(type(node.op))
    target = node.target
    if isinstance(target, ast.Attribute):
        owner = ast.copy_location(ast.Attribute(value=target.value, attr=target.attr, ctx=ast.Load()), target)
        c.do(owner, node.value, lambda: c.emit(c.rules.updated, None, node, -2))
        return
    if not isinstance(target, ast.Name) or operator is None:
        what = syntax.unsupported_target(target)
        if isinstance(target, ast.Name):
            what = caret(c.code.places.text(node)) if isinstance(node.op, ast.BitXor) else syntax.unsupported(node.op)
        c.report(what.at(c.code.places.span(target)))
        c.do(node.value, lambda: c.emit(c.rules.drop, 1, node, -1))
        for name in _targets(target):
            c.tasks.insert(0, lambda name=name: c.emit(c.rules.spoil, name, node, 0))
        return
    c.do(
        ast.copy_location(ast.Name(id=target.id, ctx=ast.Load()), target),
        node.value,
        lambda: c.emit(c.rules.binary, operator, node, -1),
        *_store_tasks(c, target),
    )


def _store_tasks(c: Compiler, target: ast.expr) -> list[Any]:
    """Tasks that take the top of the stack apart into a target. Nested targets are bounded by the nesting of brackets."""
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
    return [lambda: c.refuse(target)]


def _for(c: Compiler, node: ast.For) -> None:
    if node.orelse:
        c.report(syntax.otherwise().at(c.code.places.span(_head(node.orelse[0]))))
    starts: dict[str, int] = {}
    label = next(iter(_targets(node.target)), "turn")

    def enter() -> None:
        c.emit(c.rules.loop, label, node, -1)
        starts["next"] = c.emit(c.rules.turn, 0, node, 1)

    def leave() -> None:
        c.emit(c.rules.jump, starts["next"], node, 0)
        c.patch(starts["next"], c.here)

    c.do(node.iter, enter, *_store_tasks(c, node.target), lambda: c.body(node.body), leave)


def _if(c: Compiler, node: ast.If) -> None:
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


def _def(c: Compiler, node: ast.FunctionDef) -> None:
    _function(c, node.name, node.args, node.body, node, store=True)


def _function(
    c: Compiler, name: str, arguments: ast.arguments, body: Sequence[ast.stmt], node: Any, *, store: bool
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
    inner = Compiler(code, c.rules, c.report, function=True)
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


def _drain(c: Compiler, inner: Compiler) -> None:
    """Compiles an inner body as a task of the outer one: bodies in bodies need no recursion."""
    tasks = inner.tasks
    count = 0
    while tasks and count < 64:
        task = tasks.pop()
        count += 1
        if isinstance(task, ast.AST):
            rule = _RULES.get(type(task))
            if rule is None:
                inner.wrong(syntax.unsupported(task), task)
            else:
                rule(inner, task)
        else:
            task()
    if tasks:
        c.tasks.append(lambda: _drain(c, inner))


def _return(c: Compiler, node: ast.Return) -> None:
    if not c.function:
        c.report(syntax.outside("return").at(c.code.places.span(node)))
        return
    value = node.value or ast.copy_location(ast.Constant(value=None), node)
    c.do(value, lambda: c.emit(c.rules.give, None, node, -1))


def _with(c: Compiler, node: ast.With) -> None:
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


def _import(c: Compiler, node: ast.Import | ast.ImportFrom) -> None:
    c.emit(c.rules.imports, node, node, 0)


def _nothing(c: Compiler, node: ast.stmt) -> None:
    pass


def _opaque(c: Compiler, node: ast.stmt) -> None:
    c.emit(c.rules.left_out, syntax.OPAQUE[type(node)], node, 0)


def _class(c: Compiler, node: ast.ClassDef) -> None:
    c.emit(c.rules.left_out, ("a class", node.name), node, 0)


_RULES: dict[type, Callable[[Compiler, Any], None]] = {
    ast.Constant: _constant, ast.Name: _name_of, ast.BinOp: _binary, ast.UnaryOp: _unary, ast.BoolOp: _logical,
    ast.Compare: _compare, ast.IfExp: _choice, ast.List: _list, ast.Tuple: _list, ast.Dict: _dictionary,
    ast.Attribute: _attribute, ast.Call: _call, ast.Subscript: _subscript, ast.Slice: _slice, ast.Lambda: _lambda,
    ast.ListComp: _comprehension, ast.GeneratorExp: _comprehension, ast.JoinedStr: _formatted, ast.NamedExpr: _walrus,
}  # fmt: skip
_STATEMENTS: dict[type, Callable[[Compiler, Any], None]] = {
    ast.Expr: _expression, ast.Assign: _assign, ast.AnnAssign: _annotated, ast.AugAssign: _augmented, ast.For: _for,
    ast.If: _if, ast.FunctionDef: _def, ast.Return: _return, ast.With: _with, ast.Import: _import,
    ast.ImportFrom: _import, ast.Pass: _nothing, ast.Assert: _opaque, ast.Delete: _opaque, ast.ClassDef: _class,
}  # fmt: skip


# ── What a text says without being run ───────────────────────────────────────────────────────────────────────────────


def _targets(target: ast.expr) -> Iterable[str]:
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
                    found.update(_targets(target))
        elif isinstance(node, ast.AugAssign | ast.AnnAssign):
            found.update(_targets(node.target))
        elif isinstance(node, ast.For):
            found.update(_targets(node.target))
            waiting += node.body
        elif isinstance(node, ast.If):
            waiting += node.body
            waiting += node.orelse
        elif isinstance(node, ast.With):
            waiting += node.body
            for item in node.items:
                if item.optional_vars is not None:
                    found.update(_targets(item.optional_vars))
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


def _name(node: ast.stmt) -> str:
    if isinstance(node, ast.Assign):
        target = node.targets[0]
        return target.id if isinstance(target, ast.Name) else ",".join(_targets(target))
    if isinstance(node, ast.AugAssign | ast.AnnAssign):
        return ",".join(_targets(node.target))
    if isinstance(node, ast.FunctionDef):
        return node.name
    return {ast.Expr: "out", ast.Return: "return", ast.For: "for", ast.If: "if", ast.With: "with"}.get(
        type(node), "line"
    )


def _head(node: ast.AST) -> Any:
    """The first line of a statement, as a place."""
    line = node.lineno  # type: ignore[attr-defined]
    first = getattr(node, "test", None) or getattr(node, "iter", None)
    if first is not None:
        return ast.Pass(
            lineno=line, col_offset=node.col_offset, end_lineno=first.end_lineno, end_col_offset=first.end_col_offset
        )  # type: ignore[attr-defined]
    if getattr(node, "body", None):
        return ast.Pass(lineno=line, col_offset=node.col_offset, end_lineno=line, end_col_offset=node.col_offset + 1)  # type: ignore[attr-defined]
    return node
