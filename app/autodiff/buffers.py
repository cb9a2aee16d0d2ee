"""A graph with tensors, ready to be evaluated again in place: one flat list of operations on slots.

A slot holds a number, or an array: values, gradients, and what rules need in between. What a NumPy ufunc computes, a
matrix product too, goes into an array that was made once, and that is written again as soon as nothing needs what is in
it; the rest (views, reductions, convolutions) is what the interpreter would compute, in the same order, so the digits
are the interpreter's.
"""

from collections.abc import Callable, Iterable, Sequence
from functools import partial
from operator import add, itemgetter
from typing import Any, NamedTuple

import numpy as np

from app.autodiff.reverse import Zeros, seeded, summed_to
from app.autodiff.rules import ordered
from app.graph.graph import Graph
from app.ops.algebra import Array, Attributes, Shape, Value
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
    """The compiled form. What `run` gives is overwritten by the next one.

    `wanted`: the nodes whose gradients are asked for, beside the output's value, and no others' (None: all values and
    gradients). The fewer there are, the more often an array is written again, and stays in the nearest cache.
    """

    def __init__(self, graph: Graph, output: int, wanted: Iterable[int] | None = None) -> None:
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
        every = range(len(graph))
        asked = frozenset(every if wanted is None else wanted)
        self.values = [node if wanted is None or node == output else None for node in every]
        zero = Zeros("float64")
        self.grads: list[int | Value | None] = [
            None if not graph.differentiable[node] or node not in asked else writer.grads.get(node, zero(shape))
            for node, shape in enumerate(graph.shapes)
        ]
        kept = {slot for slot in (*self.values, *self.grads) if isinstance(slot, int)}
        self.steps = needed(writer.steps, kept)
        self.slots = writer.slots
        for slot, array in arrays(self.steps, kept, writer).items():
            self.slots[slot] = array

    def run(self, inputs: Sequence[Value], seed: Value | None = None) -> tuple[tuple[Any, ...], tuple[Any, ...]]:
        """Values and cotangents by node, as the interpreter's; None for those that are not asked for."""
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
        return tuple([None if slot is None else slots[slot] for slot in self.values]), cotangents


class Writer:
    """Slots and steps as they come. The slot of a node's value is its number; that of an array has none until it is
    known how long it is needed."""

    def __init__(self, graph: Graph) -> None:
        self.graph = graph
        self.slots: list[Any] = [graph.constants.get(node) for node in range(len(graph))]
        self.shapes: list[Shape] = list(graph.shapes)
        self.steps: list[Step] = []
        self.grads: dict[int, int] = {}
        self.owned: set[int] = set()  # slots of gradients whose arrays nothing else looks at
        self.made: dict[int, type] = {}  # slots with an array of their own, and of what

    def slot(self, shape: Shape, content: Any = None) -> int:
        self.slots.append(content)
        self.shapes.append(shape)
        return len(self.slots) - 1

    def array(self, shape: Shape, dtype: type = float) -> int:
        """A slot with an array of its own."""
        slot = self.slot(shape)
        self.made[slot] = dtype
        return slot

    def compute(self, function: Callable[..., Any], inputs: tuple[int, ...], shape: Shape) -> int:
        out = self.slot(shape)
        self.steps.append(Step(function, inputs, out, inplace=False))
        return out

    def fill(self, function: Callable[..., Any], inputs: tuple[int, ...], shape: Shape, dtype: type = float) -> int:
        """The same in place."""
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
            self.made[node] = float
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
        return [
            (found[id(tree)], tree.operator is not None and found[id(tree)] in self.made and uses[id(tree)] == 1)
            for tree in trees
        ]

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
            self.grads[operand] = total = self.fill(np.add, (before, part), shape)
            self.owned.add(total)


def needed(steps: Sequence[Step], kept: Iterable[int]) -> list[Step]:
    """The steps that the kept slots are made of."""
    wanted = set(kept)
    found = []
    for step in reversed(steps):
        if step.out in wanted:
            wanted.update(step.inputs)
            found.append(step)
    return found[::-1]


def arrays(steps: Sequence[Step], kept: Iterable[int], writer: Writer) -> dict[int, Array]:
    """The arrays of the slots that have one of their own: one for several of them, where each is needed only until the
    next is written. What is computed out of place may be a view of its operands, which are needed as long as it is."""
    view_of: dict[int, int] = {}

    def origin(slot: int) -> int:
        way = []
        while slot in view_of:
            way.append(slot)
            slot = view_of[slot]
        view_of.update(dict.fromkeys(way, slot))
        return slot

    results = {step.out for step in steps}
    for step in steps:
        for slot in step.inputs if not step.inplace else ():
            if slot in results and origin(slot) != origin(step.out):  # what is given has a memory of its own
                view_of[origin(slot)] = origin(step.out)
    last = {origin(slot): at for at, step in enumerate(steps) for slot in (*step.inputs, step.out)}
    last.update({origin(slot): len(steps) for slot in kept})
    holding: dict[int, list[Array]] = {}  # by origin, until the last step that looks at it
    free: dict[object, list[Array]] = {}  # by shape and type
    found: dict[int, Array] = {}
    for at, step in enumerate(steps):
        over = [slot for slot in dict.fromkeys(map(origin, step.inputs)) if last[slot] == at]
        # An elementwise function may write over its operands.
        early = step.function is not np.matmul and isinstance(step.function, np.ufunc)
        if early:
            _given_back(over, holding, free)
        if step.inplace and step.out not in found:
            key = (writer.shapes[step.out], np.dtype(writer.made[step.out]))
            waiting = free.get(key)
            found[step.out] = waiting.pop() if waiting else np.empty(*key)
            holding.setdefault(origin(step.out), []).append(found[step.out])
        if not early:
            _given_back(over, holding, free)
    return found


def _given_back(slots: Iterable[int], holding: dict[int, list[Array]], free: dict[object, list[Array]]) -> None:
    for slot in slots:
        for array in holding.pop(slot, ()):
            free.setdefault((array.shape, array.dtype), []).append(array)


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
