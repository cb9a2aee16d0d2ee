"""The one way to make a graph: node by node, equal ones shared (hash-consing), each checked and counted as it comes."""

from collections.abc import Mapping, Sequence
from itertools import takewhile
from math import prod
from time import thread_time
from typing import Any

import numpy as np

from app.diagnostics import fail
from app.graph.graph import Cost, Graph
from app.limits import Limits
from app.ops.algebra import Arithmetic, Attributes, Shape, Value, shape_of
from app.ops.catalogue import CATALOGUE
from app.ops.leaf import CONSTANT, INPUT
from app.ops.operator import Operator, evaluate

NOTHING: Attributes = {}
NODES = frozenset({int})  # what operands are that are no literals
SHARE = 0.75  # of the seconds that a request may compute: what building a graph may take of them
OFTEN = 1_024  # nodes after which the time is looked at


class Literal:
    """A number that is not a node yet: it becomes a constant of its own at the gate that takes it."""

    __slots__ = ("value",)

    def __init__(self, value: Value) -> None:
        self.value = value

    @property
    def shape(self) -> Shape:
        return shape_of(self.value)

    @property
    def key(self) -> object:
        """Equal for equal values: −0.0 differs from 0.0, NaN equals itself."""
        value = self.value
        return repr(float(value)) if isinstance(value, (int, float)) else (value.shape, value.tobytes())


class Builder:
    """Collects nodes; `freeze` gives the graph. Limits hold at each step, before anything is computed.

    With `share`, a node equal to one of the same `group` is that one: the same operator on the same operands
    (constants by value) in the same order with the same attributes. Errors: shape.…, limit.nodes, limit.elements,
    limit.flops, limit.axes, limit.time (none of them with a place: the caller knows it).
    """

    def __init__(self, limits: Limits, *, share: bool = True) -> None:
        self.limits = limits
        self.share = share
        self.operators: list[Operator] = []
        self.operands: list[tuple[int, ...]] = []
        self.attributes: list[Attributes] = []
        self.shapes: list[Shape] = []
        self.differentiable: list[bool] = []
        self.constants: dict[int, Value] = {}
        self.edges = 0
        self.elements = 0
        self.flops = 0
        self._costs: dict[tuple[Operator, int], int] = {}  # flop of an elementwise operator on so many numbers
        self.visits = 0  # nodes that `grad`s have looked at
        self._known: dict[object, int] = {}
        self._until = thread_time() + SHARE * limits.seconds

    def __len__(self) -> int:
        return len(self.operators)

    def input(self, shape: Shape = ()) -> int:
        """A leaf that gets a gradient."""
        return self._append(INPUT, (), NOTHING, shape, differentiable=True)

    def constant(self, value: Value) -> int:
        """A leaf that has none."""
        node = self._append(CONSTANT, (), NOTHING, shape_of(value), differentiable=False)
        self.constants[node] = float(value) if isinstance(value, (int, float)) else value
        return node

    def number(self, value: float, *, group: object = None) -> int:
        """A constant that no text wrote (a derivative that is a number): one node for equal ones of a group."""
        key = ("constant", repr(value), group)
        known = self._known.get(key)
        if known is None:
            known = self._known[key] = self.constant(value)
        return known

    def apply(
        self,
        operator: Operator,
        operands: Sequence[int | Literal],
        attributes: Attributes = NOTHING,
        *,
        group: object = None,
        share: bool = True,
    ) -> int:
        """The node of `operator` on these operands: a known equal one, or a new one (its literals just before it)."""
        key: object = None
        nodes: tuple[Any, ...] = tuple(operands)
        literals = not NODES.issuperset(map(type, nodes))
        if self.share and share:
            within = tuple([x.key if isinstance(x, Literal) else x for x in nodes]) if literals else nodes
            key = (operator.name, within, tuple(attributes.items()) if attributes else None, group)
            known = self._known.get(key)
            if known is not None:
                return known
        assert operator.shape is not None, operator
        known_shapes = self.shapes
        shapes = [x.shape if isinstance(x, Literal) else known_shapes[x] for x in nodes]
        if any(shapes) or attributes or operator.family != "elementwise":
            shape = operator.shape(*shapes, **attributes)
            self._fits(shape)
            self.flops += operator.flops(shape, *shapes, **attributes)
        else:  # numbers alone: what most gates of a scalar program are
            shape = ()
            cost = self._costs.get((operator, len(shapes)))
            if cost is None:
                cost = self._costs[operator, len(shapes)] = operator.flops((), *shapes)
            self.flops += cost
        if self.flops > self.limits.flops:
            raise fail(
                "limit.flops",
                f"a program may do {self.limits.flops:,} operations, and with this it would do {self.flops:,}: "
                "make its tensors smaller, or its gates fewer",
            )
        if literals:
            nodes = tuple([self.constant(x.value) if isinstance(x, Literal) else x for x in nodes])
        flags = self.differentiable
        depends = any([flags[x] for x in nodes])  # noqa: C419 - a list is faster
        node = self._append(operator, nodes, attributes, shape, differentiable=depends)
        if key is not None:
            self._known[key] = node
        return node

    def _fits(self, shape: Shape) -> None:
        """Errors: limit.elements, where one more tensor of this shape is too much."""
        size, most = prod(shape), self.limits.elements
        if self.elements + size > most:
            raise fail(
                "limit.elements",
                f"the tensors of a program may have {most:,} elements in all, and this one of shape {shape} has "
                f"{size:,}" + ("" if size > most else f", beside {self.elements:,} before it") + ": make them smaller",
            )

    def prune(self, start: int, keep: Sequence[int]) -> dict[int, int]:
        """Takes away the nodes from `start` on that none of `keep` needs; where the others from there on stand then."""
        needed = bytearray(len(self) - start)
        for node in keep:
            if node >= start:
                needed[node - start] = 1
        for node in range(len(self) - 1, start - 1, -1):
            if needed[node - start]:
                for operand in self.operands[node]:
                    if operand >= start:
                        needed[operand - start] = 1
        if all(needed):
            return {}
        kept = [start + i for i, flag in enumerate(needed) if flag]
        places = {node: start + i for i, node in enumerate(kept)}
        for node in range(start, len(self)):
            if node not in places:
                self.edges -= len(self.operands[node])
                self.elements -= prod(self.shapes[node])
        made = [key for key, _ in takewhile(lambda item: item[1] >= start, reversed(self._known.items()))]
        for key in reversed(made):  # the newest stand last
            node = self._known.pop(key)
            if node in places:
                self._known[_moved(key, places)] = places[node]
        for node in range(start, len(self)):  # upwards, and no node moves up: none is overwritten before it is read
            value = self.constants.pop(node, None)
            if value is not None and node in places:
                self.constants[places[node]] = value
        self.operands[start:] = [tuple([places.get(i, i) for i in self.operands[node]]) for node in kept]
        columns: tuple[list[Any], ...] = (self.operators, self.attributes, self.shapes, self.differentiable)
        for column in columns:
            column[start:] = [column[node] for node in kept]
        return places

    def freeze(self) -> Graph:
        """The graph so far."""
        return Graph(
            operators=tuple(self.operators),
            operands=tuple(self.operands),
            attributes=tuple(self.attributes),
            shapes=tuple(self.shapes),
            differentiable=tuple(self.differentiable),
            constants=dict(self.constants),
        )

    @property
    def cost(self) -> Cost:
        return Cost(nodes=len(self), edges=self.edges, elements=self.elements, flops=self.flops)

    def symbol(self, node: int, group: object = None) -> "Symbol":
        """The node as a term, for rules that are written in operators."""
        return Symbol(self, node, group)

    def _append(
        self,
        operator: Operator,
        operands: tuple[int, ...],
        attributes: Attributes,
        shape: Shape,
        *,
        differentiable: bool,
    ) -> int:
        node = len(self.operators)
        if node >= self.limits.nodes:
            raise fail(
                "limit.nodes",
                f"a circuit may have {self.limits.nodes:,} nodes, and this one has more: repeat less, or let tensors "
                "take the place of many numbers",
            )
        if not (node + 1) % OFTEN and thread_time() > self._until:
            raise fail(
                "limit.time",
                f"building a circuit may take {SHARE * self.limits.seconds:g} s, and this one takes longer, at "
                f"{node:,} nodes: repeat less, or take fewer gradients of gradients",
            )
        if shape:
            if len(shape) > self.limits.axes:
                raise fail(
                    "limit.axes", f"a tensor may have at most {self.limits.axes} axes, this one has {len(shape)}"
                )
            self.elements += prod(shape)
        else:
            self.elements += 1
        if self.elements > self.limits.elements:
            self.elements -= prod(shape)
            self._fits(shape)
        self.edges += len(operands)
        self.operators.append(operator)
        self.operands.append(operands)
        self.attributes.append(attributes)
        self.shapes.append(shape)
        self.differentiable.append(differentiable)
        return node


def _moved(key: Any, places: Mapping[int, int]) -> object:
    """A key of `_known` with the nodes in it where they stand then."""
    name, operands, *rest = key
    if not isinstance(operands, tuple):  # of a number
        return key
    return (name, tuple([places.get(x, x) if type(x) is int else x for x in operands]), *rest)


class Symbol(Arithmetic):
    """A node of a graph being built, to which rules can be applied: what they write becomes nodes of that graph."""

    __slots__ = ("builder", "group", "node")

    def __init__(self, builder: Builder, node: int, group: object = None) -> None:
        self.builder = builder
        self.node = node
        self.group = group

    @property
    def shape(self) -> Shape:
        return self.builder.shapes[self.node]

    def apply(self, operator: str, operands: tuple[Any, ...], attributes: Attributes) -> "Symbol":
        return _applied(self.builder, self.group, operator, operands, attributes)


class Number(Arithmetic):
    """A number among symbols: no node, but a constant of its own at each gate that takes it. An operator on numbers
    alone is a number."""

    __slots__ = ("builder", "group", "value")

    def __init__(self, builder: Builder, value: float, group: object = None) -> None:
        self.builder = builder
        self.value = value
        self.group = group

    @property
    def shape(self) -> Shape:
        return ()

    def apply(self, operator: str, operands: tuple[Any, ...], attributes: Attributes) -> "Symbol | Number":
        called = CATALOGUE[operator]
        values = [x.value if isinstance(x, Number) else x for x in operands]
        if called.scalar is not None and all(isinstance(x, (int, float)) for x in values):
            with np.errstate(all="ignore"):
                return Number(self.builder, float(evaluate(called, tuple(values), attributes)), self.group)
        return _applied(self.builder, self.group, operator, operands, attributes)


def _applied(
    builder: Builder, group: object, operator: str, operands: tuple[Any, ...], attributes: Attributes
) -> Symbol:
    node = builder.apply(CATALOGUE[operator], [_operand(x) for x in operands], attributes, group=group)
    return Symbol(builder, node, group)


def _operand(x: Any) -> int | Literal:
    if isinstance(x, Symbol):
        return x.node
    if isinstance(x, Number):
        return Literal(x.value)
    return Literal(float(x) if isinstance(x, (int, float)) else np.asarray(x))
