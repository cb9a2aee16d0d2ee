"""What the page replays: a scalar circuit, forward and backward, as one flat list of elementwise operators on slots."""

import math
from collections.abc import Sequence
from functools import lru_cache
from typing import Any, NamedTuple

from app.autodiff.rules import WIDEST, ordered
from app.graph.program import Program
from app.graph.view import View
from app.ops.operator import Operator, contributions, passes

LONGEST = 60_000  # steps; a longer tape is not sent, and the page asks the server

Tape = dict[str, Any]


def tape(program: Program, view: View) -> Tape | None:
    """The program as slots and steps, or None where it has tensors, or an operator that the page cannot compute.

    `inputs` name → slot; `constants` [slot, number] to fill once; `steps` [operator, result's slot, operands' slots …]
    in order; `values`, `grads` (null: none) by the view's nodes; `edge_values`, `edge_grads` by its edges; `sums` the
    slots of the parts of a node's gradient, where there are several; `seed` and `output` are slots; `slots` how many.
    """
    graph = program.graph
    if any(graph.shapes) or not all(_spelt(op) for op in set(graph.operators) if op.family != "leaf"):
        return None
    if any(op.scalar is None for op in graph.operators if op.family != "leaf"):
        return None
    writer = _Writer()
    values: list[int] = []
    for node, operator in enumerate(graph.operators):
        if node in graph.constants:
            constant = graph.constants[node]
            assert isinstance(constant, float)
            values.append(writer.constant(constant))
        elif operator.family == "leaf":
            values.append(writer.slot())
        else:
            values.append(writer.step(operator.name, [values[i] for i in graph.operands[node]]))
    seed = writer.slot()
    grads: list[int | None] = [None] * len(graph)
    if graph.differentiable[program.output]:
        grads[program.output] = seed
    flows: dict[tuple[int, int], int] = {}
    flags = graph.differentiable
    for node in range(program.output, -1, -1):
        g = grads[node]
        operands = graph.operands[node]
        if g is None or not operands:
            continue
        rule = _rule(graph.operators[node], tuple([flags[i] for i in operands]))
        if rule is None or len(writer.steps) > LONGEST:
            return None
        found = writer.ruled(rule, [g, values[node], *[values[operand] for operand in operands]])
        for slot, part in zip(rule.slots, found, strict=True):
            flows[node, slot] = part
            before = grads[operands[slot]]
            grads[operands[slot]] = part if before is None else writer.add(before, part)
    return _shown(program, view, writer, values, grads, flows, seed)


def _shown(
    program: Program,
    view: View,
    writer: "_Writer",
    values: Sequence[int],
    grads: Sequence[int | None],
    flows: dict[tuple[int, int], int],
    seed: int,
) -> Tape:
    graph = program.graph
    zero = writer.constant(0.0)

    def gradient(node: int) -> int | None:
        found = grads[node]
        return found if found is not None or not graph.differentiable[node] else zero

    edge_grads: dict[str, int | None] = {}
    sums: dict[str, list[int]] = {}
    nodes = {node.id: node for node in view.nodes}
    for edge in view.edges:
        total: int | None = None
        for member in reversed(edge.members):
            part = flows.get(member)
            if part is not None:
                total = part if total is None else writer.add(total, part)
        edge_grads[edge.id] = total if total is not None else zero if edge.differentiable else None
        if edge.differentiable and edge.passes and nodes[edge.target].reached:
            sums.setdefault(edge.source, []).append(zero if total is None else total)
    return {
        "inputs": {i.name: values[i.node] for i in program.inputs},
        "constants": [*([slot, _spoken(number)] for number, slot in writer.numbers), [seed, _seed(program)]],
        "steps": writer.steps,
        "values": {node.id: values[node.index] for node in view.nodes if node.index is not None},
        "grads": {node.id: gradient(node.index) for node in view.nodes if node.index is not None},
        "edge_values": {edge.id: values[graph.operands[edge.members[0][0]][edge.members[0][1]]] for edge in view.edges},
        "edge_grads": edge_grads,
        "sums": {id_: parts for id_, parts in sums.items() if len(parts) > 1},
        "seed": seed,
        "output": values[program.output],
        "slots": writer.count,
    }


class _Writer:
    """Slots, numbered as they come, and the steps that fill them."""

    def __init__(self) -> None:
        self.count = 0
        self.steps: list[list[str | int]] = []
        self.numbers: list[tuple[float, int]] = []
        self._known: dict[str, int] = {}

    def slot(self) -> int:
        self.count += 1
        return self.count - 1

    def constant(self, number: float) -> int:
        known = self._known.get(repr(number))
        if known is None:
            known = self._known[repr(number)] = self.slot()
            self.numbers.append((number, known))
        return known

    def step(self, name: str, operands: Sequence[int]) -> int:
        result = self.slot()
        self.steps.append([name, result, *operands])
        return result

    def add(self, a: int, b: int) -> int:
        return self.step("add", (a, b))

    def ruled(self, rule: "Rule", slots: list[int]) -> list[int]:
        """The slots of a gate's contributions. `slots`: those of what comes back, of its result and of its operands."""
        for name, operands, number in rule.steps:
            slots.append(self.constant(number) if name is None else self.step(name, [slots[i] for i in operands]))
        return [slots[i] for i in rule.results]


class Rule(NamedTuple):
    """What flows back from a gate to its `slots`, on registers: first what comes back, the gate's result and its
    operands, then what each of the steps (operator, its registers, 0.0) or numbers (None, (), the number) gives.
    `results` are the slots' registers."""

    slots: tuple[int, ...]
    steps: tuple[tuple[str | None, tuple[int, ...], float], ...]
    results: tuple[int, ...]


def _rule(operator: Operator, wanted: tuple[bool, ...]) -> Rule | None:
    """The rule of a gate, some of whose operands are differentiable; None where the page lacks an operator of it."""
    return _kept(operator, wanted) if len(wanted) <= WIDEST else _read(operator, wanted)


@lru_cache(maxsize=4096)
def _kept(operator: Operator, wanted: tuple[bool, ...]) -> Rule | None:
    return _read(operator, wanted)


def _read(operator: Operator, wanted: tuple[bool, ...]) -> Rule | None:
    arity = len(wanted)
    slots = tuple(slot for slot in range(arity) if wanted[slot] and passes(operator, slot, arity))
    trees = contributions(operator, arity)
    roots = [trees[slot] for slot in slots]
    names = {"g": 0, "y": 1, **{f"x{i}": 2 + i for i in range(arity)}}
    steps: list[tuple[str | None, tuple[int, ...], float]] = []
    found: dict[int, int] = {}
    for tree in ordered(roots):
        if tree.name is not None:
            found[id(tree)] = names[tree.name]
            continue
        found[id(tree)] = 2 + arity + len(steps)
        if tree.operator is None:
            steps.append((None, (), tree.number or 0.0))
        elif not _spelt(tree.operator) or tree.attributes:
            return None
        else:
            steps.append((tree.operator.name, tuple([found[id(operand)] for operand in tree.operands]), 0.0))
    return Rule(slots, tuple(steps), tuple([found[id(tree)] for tree in roots]))


def _spelt(operator: Operator) -> bool:
    return operator.spell.js != ""


def _seed(program: Program) -> float | str:
    return _spoken(program.seed) if isinstance(program.seed, float) else 1.0


def _spoken(number: float) -> float | str:
    """As JSON says it."""
    if math.isfinite(number):
        return number
    return "NaN" if number != number else "Infinity" if number > 0 else "-Infinity"
