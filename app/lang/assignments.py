"""Top-level assignments that make inputs, parameters, constants and lists."""

import ast
from typing import Any

import numpy as np

from app.diagnostics import fail
from app.lang import bindings, leaves, rules, table
from app.lang.code import Code, Scope, Statement
from app.lang.compiler import Compiler
from app.lang.frames import Anchor
from app.lang.layers import give_name
from app.lang.machine import Machine
from app.lang.reading import assigned, name_of_statement
from app.lang.values import (
    Broken,
    Counting,
    Function,
    Gradient,
    Held,
    Known,
    Layer,
    Listing,
    Nothing,
    Number,
    Opaque,
    Special,
)  # fmt: skip
from app.lang.values import Text as TextValue


class Assignments:
    """Runs assignments whose right side is free of names."""

    def __init__(self, m: Machine, statements: list[Any]) -> None:
        self.m = m
        self.statements = statements
        self.index = 0
        self._positions: dict[str, list[int]] | None = None
        self.tuple_at: Any = None
        self.opaque: Opaque | None = None

    def _leaf(self, node: Any) -> None:
        """An assignment whose right side is free of names."""
        m = self.m
        targets = node.targets if isinstance(node, ast.Assign) else [node.target]
        simple = leaves.literal(node.value)
        made = None
        if simple is not None:
            m.leaf_kind = m.leaf_label = None
            m.anchor = None
            held: Held = Number(simple, node.value, literal=True)
            try:
                float(simple)
            except OverflowError:
                simple = None
            if simple is None or abs(float(simple)) == float("inf"):
                m.run(m.compile(node))
                return
        else:
            made = self._expression(node)
            held = leaves.default(m, made)
        kind, label = m.leaf_kind, m.leaf_label
        first = targets[0]
        self._target(node, first, held, kind, label)
        for other in targets[1:]:
            if isinstance(other, ast.Name) and isinstance(first, ast.Name):
                value = m.program.names.get(first.id)
                if value is not None:
                    m.frame.statement = None
                    bindings.bind(m, other.id, value, other)
            else:
                self._target(node, other, held, kind, label)

    def _expression(self, node: Any) -> Code:
        """The right side alone, as code that leaves its value on the stack."""
        m = self.m
        scope = Scope(m.places)  # of its own: the id of an input is its name
        code = Code(m.places, scope)
        compiler = Compiler(code, table, m.report)
        made = Statement(name_of_statement(node), node, scope, code, 0, tuple(sorted(assigned([node]))))
        compiler.emit(rules.begin, made, node, 0)
        compiler.expression(node.value)
        made.end = compiler.here
        compiler.emit(rules.halt, None, node, 0)
        return code

    def _target(self, node: Any, target: ast.expr, held: Held, kind: str | None, label: str | None) -> None:
        m = self.m
        if isinstance(target, ast.Name):
            self._named(node, target.id, target, held, kind, label)
            return
        if isinstance(target, ast.Tuple | ast.List) and not any(isinstance(e, ast.Starred) for e in target.elts):
            items: list[Held] | None = None
            if isinstance(held, Broken | Opaque):
                items = [held] * len(target.elts)
            elif isinstance(held, Listing):
                items = list(held.items)
            elif isinstance(held, Number) and isinstance(held.value, np.ndarray):
                items = [Number(row if isinstance(row, np.ndarray) else float(row), node.value) for row in held.value]
            if items is None or len(items) != len(target.elts):
                raise fail(
                    "shape.unpack", f"{len(target.elts)} names are to be given, and there "
                    f"{'is 1 value' if items is None else f'are {len(items)} values'}",
                    m.places.span(target),
                )  # fmt: skip
            for element, item in zip(target.elts, items, strict=True):
                self._target(node, element, item, kind, label if len(items) == 1 else None)
            return
        m.run(m.compile(node))

    def _named(self, node: Any, name: str, at: Any, held: Held, kind: str | None, label: str | None) -> None:
        m = self.m
        m.program.statement = None
        if isinstance(held, Broken):
            m.program.names[name] = held
            return
        if isinstance(held, Listing) and isinstance(held.items, Counting):
            m.program.names[name] = held
            bindings.counts(m, ("name", name, at))
            return
        if isinstance(held, Opaque | TextValue | Nothing | Layer | Known | Special | Function | Gradient):
            bindings.bind(m, name, held, at)
            return
        if isinstance(held, Listing) and (
            not held.items or held.tuple or isinstance(node.value, ast.ListComp) or m.numbers(held) is None
        ):
            items = [self._item(name, i, item, kind, at) for i, item in enumerate(held.items)]
            m.program.names[name] = Listing(items, at, tuple=held.tuple)
            give_name(name, m.program.names[name])
            bindings.counts(m, ("name", name, at))
            return
        value = leaves.value_of(m, held, node.value)
        exact = leaves.exact_of(m, held)
        if name in m.knowledge.parameters:
            m.program.names[name] = m.parameter(name, exact if exact is not None else value, at)
            bindings.counts(m, ("name", name, at))
            return
        constant = kind == "constant" and m.asks and name not in m.knowledge.watched
        if constant or (kind != "variable" and leaves.start(node, self._next(name), name)):
            number = Number(value, node.value, home=(None, self._anchor(node, name)))
            m.program.names[name] = number
            m.held_names[id(number)] = (number, [name])
            bindings.counts(m, ("name", name, at))
            return
        m.input(name, value, at, assumed=kind == "placeholder", exact=exact, label=label)
        bindings.counts(m, ("name", name, at))

    def _item(self, name: str, index: int, item: Held, kind: str | None, at: Any) -> Held:
        """An item of a list that the program makes: an integer, or an input named by its place."""
        m = self.m
        if isinstance(item, Number) and (item.integer is not None or (kind == "constant" and m.asks)):
            return item
        if isinstance(item, Number | Listing):
            if isinstance(item, Listing) and item.tuple:  # a layer's `(W, b)`: each of them alone
                parts = [self._item(f"{name}[{index}]", i, part, kind, at) for i, part in enumerate(item.items)]
                return Listing(parts, item.at, tuple=True, step=item.step)
            value = leaves.value_of(m, item, at)
            if value is not None and kind in {"input", "variable", None, "constant"}:
                names = dict(m.program.names)
                node = m.input(f"{name}[{index}]", value, at)
                m.program.names.clear()
                m.program.names.update(names)
                return node
        return item

    def _anchor(self, node: Any, name: str) -> Any:
        m = self.m
        made = Statement(name, node, m.scope, Code(m.places, m.scope), 0, (name,))
        return Anchor(None, None, made)

    def _next(self, name: str) -> ast.stmt | None:
        """The next statement that assigns a name."""
        if self._positions is None:
            self._positions = {}
            for position, statement in enumerate(self.statements):
                if isinstance(statement, ast.stmt):
                    for other in assigned([statement]):
                        self._positions.setdefault(other, []).append(position)
        from bisect import bisect_right

        positions = self._positions.get(name, [])
        following = bisect_right(positions, self.index)
        return self.statements[positions[following]] if following < len(positions) else None
