"""A graph with tensors, ready to be evaluated again in place: one flat list of operations on slots.

A slot holds a number, or an array: values, gradients, and what rules need in between. What a NumPy ufunc computes, a
matrix product too, goes into an array that was made once; the rest (views, reductions, convolutions) is what the
interpreter would compute, in the same order, so the digits are the interpreter's.
"""

from collections.abc import Callable, Sequence
from functools import partial
from operator import add, itemgetter
from typing import Any, NamedTuple

import numpy as np

from app.autodiff.reverse import Zeros, seeded, summed_to
from app.autodiff.rules import ordered
from app.graph.graph import Graph
from app.ops.algebra import Attributes, Shape, Value
from app.ops.expression import Expression
from app.ops.operator import Operator, contributions, evaluate, passes

# Comparisons as NumPy makes them, true and false.
TESTS = {
    "lt": np.less,
    "le": np.less_equal,
    "gt": np.greater,
    "ge": np.greater_equal,
    "eq": np.equal,
    "ne": np.not_equal,
}


class Step(NamedTuple):
    """`function(*inputs)` into slot `out`; `inplace`: into the array that is there."""

    function: Callable[..., Any]
    inputs: tuple[int, ...]
    out: int
    inplace: bool


class Buffers:
    """The compiled form. What `run` gives is overwritten by the next one."""

    def __init__(self, graph: Graph, output: int) -> None:
        self.output_shape = graph.shapes[output]
        self.shapes = graph.shapes
        self.inputs = [node for node, operator in enumerate(graph.operators) if operator.name == "input"]
        writer = Writer(graph)
        for node in range(len(graph)):
            writer.value(node)
        self.seed = writer.slot(graph.shapes[output])
        if graph.differentiable[output]:
            writer.grads[output] = self.seed
        for node in range(output, -1, -1):
            writer.back(node)
        self.steps = writer.steps
        self.slots = writer.slots
        self.size = len(graph)
        zero = Zeros("float64")
        self.grads: list[int | Value | None] = [
            writer.grads[node] if node in writer.grads else zero(shape) if flag else None
            for node, (shape, flag) in enumerate(zip(graph.shapes, graph.differentiable, strict=True))
        ]

    def run(self, inputs: Sequence[Value], seed: Value | None = None) -> tuple[tuple[Any, ...], tuple[Any, ...]]:
        """Values and cotangents by node, as the interpreter's."""
        slots = self.slots
        for node, value in zip(self.inputs, inputs, strict=True):
            slots[node] = np.asarray(value, dtype=np.float64) if self.shapes[node] else float(value)
        slots[self.seed] = seeded(seed, self.output_shape)
        with np.errstate(all="ignore"):
            for function, sources, out, inplace in self.steps:
                if inplace:
                    function(*[slots[i] for i in sources], out=slots[out])
                else:
                    slots[out] = function(*[slots[i] for i in sources])
        cotangents = tuple([slots[g] if type(g) is int else g for g in self.grads])
        return tuple(slots[: self.size]), cotangents


class Writer:
    """Slots and steps as they come. The slot of a node's value is its number."""

    def __init__(self, graph: Graph) -> None:
        self.graph = graph
        self.slots: list[Any] = [graph.constants.get(node) for node in range(len(graph))]
        self.shapes: list[Shape] = list(graph.shapes)
        self.steps: list[Step] = []
        self.grads: dict[int, int] = {}
        self.owned: set[int] = set()  # slots of gradients whose arrays nothing else looks at
        self.free: dict[object, list[int]] = {}  # by shape and type

    def slot(self, shape: Shape, content: Any = None) -> int:
        self.slots.append(content)
        self.shapes.append(shape)
        return len(self.slots) - 1

    def array(self, shape: Shape, dtype: type = float) -> int:
        """A slot with an array of its own."""
        waiting = self.free.get((shape, np.dtype(dtype)))
        return waiting.pop() if waiting else self.slot(shape, np.empty(shape, dtype))

    def compute(self, function: Callable[..., Any], inputs: tuple[int, ...], shape: Shape) -> int:
        out = self.slot(shape)
        self.steps.append(Step(function, inputs, out, inplace=False))
        return out

    def fill(self, function: Callable[..., Any], inputs: tuple[int, ...], shape: Shape, dtype: type = float) -> int:
        """The same in place. The array may be one that was given back, so it is taken before they are."""
        out = self.array(shape, dtype)
        self.steps.append(Step(function, inputs, out, inplace=True))
        return out

    def value(self, node: int) -> None:
        graph = self.graph
        operator, operands, attributes = graph.operators[node], graph.operands[node], graph.attributes[node]
        if operator.family == "leaf":
            return
        function = in_place(operator, [self.shapes[i] for i in operands], attributes)
        if function is not None:
            self.slots[node] = np.empty(graph.shapes[node])
            self.steps.append(Step(function, operands, node, inplace=True))
        else:
            self.steps.append(Step(plain(operator, graph.shapes[node], attributes), operands, node, inplace=False))

    def back(self, node: int) -> None:
        """What flows back from a node along its edges."""
        graph = self.graph
        operands = graph.operands[node]
        if node not in self.grads or not operands:
            return
        operator, arity = graph.operators[node], len(operands)
        active = [s for s in range(arity) if graph.differentiable[operands[s]] and passes(operator, s, arity)]
        if not active:
            return
        g = self.grads[node]
        self.owned.discard(g)  # it is whole, and its parts may be itself
        if operator.partials is not None:
            parts = self.elementwise(node, g, active)
        elif operator.name == "matmul" and all(len(self.shapes[i]) == 2 for i in operands):
            parts = [(self.product(g, operands, slot), True) for slot in active]
        else:
            parts = [(part, False) for part in self.by_vjp(node, g, active)]
        for slot, (part, own) in zip(active, parts, strict=True):
            self.arrive(operands[slot], part, own)

    def product(self, g: int, operands: tuple[int, ...], slot: int) -> int:
        """g @ bᵀ or aᵀ @ g."""
        shape = self.shapes[operands[1 - slot]]
        turned = self.compute(np.transpose, (operands[1 - slot],), shape[::-1])
        return self.fill(np.matmul, (g, turned) if slot == 0 else (turned, g), self.shapes[operands[slot]])

    def by_vjp(self, node: int, g: int, active: Sequence[int]) -> list[int]:
        graph = self.graph
        operator, operands, attributes = graph.operators[node], graph.operands[node], graph.attributes[node]
        taken = (g, node, *operands)
        if operator.vjps is not None and len(operands) > 2:
            every = self.compute(partial(operator.vjps, **attributes), taken, ())
            found = [self.compute(itemgetter(slot), (every,), ()) for slot in active]
        else:
            assert operator.vjp is not None, operator
            found = [self.compute(partial(operator.vjp, slot, **attributes), taken, ()) for slot in active]
        shapes = [self.shapes[operands[slot]] for slot in active]
        return [
            self.compute(partial(summed_to, shape=shape), (part,), shape)
            for part, shape in zip(found, shapes, strict=True)
        ]

    def elementwise(self, node: int, g: int, active: Sequence[int]) -> list[tuple[int, bool]]:
        """The parts of an elementwise gate, and whether each has an array of its own."""
        operands = self.graph.operands[node]
        trees = [contributions(self.graph.operators[node], len(operands))[slot] for slot in active]
        names = {"g": g, "y": node, **{f"x{i}": operand for i, operand in enumerate(operands)}}
        order = ordered(trees)
        uses = dict.fromkeys(map(id, order), 0)
        for used in (*trees, *(operand for tree in order for operand in tree.operands)):
            uses[id(used)] += 1
        roots = set(map(id, trees))
        selecting = masks(order)
        found: dict[int, int] = {}
        left = dict(uses)
        for tree in order:
            if tree.operator is None:
                found[id(tree)] = names[tree.name] if tree.name is not None else self.slot((), tree.number)
                continue
            inputs = tuple([found[id(operand)] for operand in tree.operands])
            shape = np.broadcast_shapes(*[self.shapes[i] for i in inputs])
            function = in_place(tree.operator, [self.shapes[i] for i in inputs], tree.attributes)
            if shape and id(tree) in selecting and id(tree) not in roots:
                found[id(tree)] = self.fill(TESTS[tree.operator.name], inputs, shape, bool)
            elif function is None:
                found[id(tree)] = self.compute(plain(tree.operator, shape, tree.attributes), inputs, shape)
            else:
                found[id(tree)] = self.fill(function, inputs, shape)
            for operand in tree.operands:
                left[id(operand)] -= 1
                if not left[id(operand)] and id(operand) not in roots and self._scratch(operand, found[id(operand)]):
                    array = self.slots[found[id(operand)]]
                    self.free.setdefault((array.shape, array.dtype), []).append(found[id(operand)])
        return [(found[id(tree)], self._scratch(tree, found[id(tree)]) and uses[id(tree)] == 1) for tree in trees]

    def _scratch(self, tree: Expression, slot: int) -> bool:
        """Whether it is an array made for this expression."""
        return tree.operator is not None and isinstance(self.slots[slot], np.ndarray)

    def arrive(self, operand: int, part: int, own: bool) -> None:
        """Adds a part to a node's gradient; `own`: nothing else looks at the part's array."""
        shape = self.graph.shapes[operand]
        if self.shapes[part] != shape:
            part, own = self.compute(partial(summed_to, shape=shape), (part,), shape), False
        before = self.grads.get(operand)
        if before is None:
            self.grads[operand] = part
            if own:
                self.owned.add(part)
        elif not shape:
            self.grads[operand] = self.compute(add, (before, part), shape)
        elif before in self.owned:
            self.steps.append(Step(np.add, (before, part), before, inplace=True))
        else:
            self.grads[operand] = total = self.slot(shape, np.empty(shape))
            self.owned.add(total)
            self.steps.append(Step(np.add, (before, part), total, inplace=True))


def masks(order: Sequence[Expression]) -> set[int]:
    """The comparisons that nothing but conditions of `where` use: these need no numbers."""
    tests = {id(tree) for tree in order if tree.operator is not None and tree.operator.name in TESTS}
    for tree in order:
        chooses = tree.operator is not None and tree.operator.name == "where"
        tests -= set(map(id, tree.operands[1:] if chooses else tree.operands))
    return tests


def in_place(operator: Operator, shapes: Sequence[Shape], attributes: Attributes) -> Callable[..., Any] | None:
    """What computes it into an array; None where there is none, or the result is a number."""
    if attributes or not any(shapes):
        return None
    if operator.name == "matmul":
        return np.matmul if all(len(shape) == 2 for shape in shapes) else None
    forward = operator.forward
    return forward if operator.family == "elementwise" and isinstance(forward, np.ufunc) else operator.into


def plain(operator: Operator, shape: Shape, attributes: Attributes) -> Callable[..., Any]:
    """What computes it as the interpreter does."""
    if not shape and operator.scalar is not None and not attributes:
        return operator.scalar
    return lambda *operands: evaluate(operator, operands, attributes)
