"""The gradient computation as a circuit of its own: the values that it needs, and a gate for each step back."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

import msgspec
import numpy as np

from app.autodiff.gradient import parts_of
from app.diagnostics import Span, fail
from app.graph.builder import Builder, Symbol
from app.graph.graph import Graph
from app.graph.program import Group, Input, Program
from app.limits import Limits
from app.ops.algebra import Value
from app.ops.catalogue import CATALOGUE
from app.ops.operator import Spelling, elementwise, passes

# What a wire that is the gradient of several nodes passes through, so that each of them has a node of its own. Not in
# the catalogue, for no program needs to say it.
COPY = elementwise(
    "copy",
    forward=np.positive,
    scalar=lambda x: x,
    partials=lambda x, y: (1,),
    latex="{0}",
    sign="→",  # an equality is drawn as =
    doc="The gradient goes on unchanged: this is all that an addition does on the way back.",
    example="",
    spell=Spelling(python="{0}", js="{0}", numpy="{0}", torch="{0}", jax="{0}", tensorflow="{0}"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Backward:
    """`program`: its graph computes the gradients; ids of nodes that the given program has are the same there, and the
    gradient of the node `id` is `∂id`. `of` gives, for the id of each gradient, the id of the node whose it is. The
    output is the gradient of the first input that has one.

    Unlike in `grad(y, x)`, where the seed is the number 1 and what it multiplies stands alone, the seed is a node here,
    the gradient of the output, and stays a factor: it is where the way back begins."""

    program: Program
    of: Mapping[str, str]


def backward_program(program: Program, limits: Limits, seed: Value | None = None) -> Backward:
    """The circuit that computes every gradient of `program`, from `seed` (None: ones of the output's shape).

    The same rules as `grad` in a text, so it can be differentiated, drawn and exported like any other. The gradient of
    an input that none reaches is a constant 0 of its shape. Errors: grad.constant where there is no input;
    grad.undefined, limit.….
    """
    graph = program.graph
    flows = graph.flows(program.output)
    if not program.inputs:
        raise fail("grad.constant", "this program has no input, by which a gradient could be taken")
    builder = copied(graph, limits)
    writer = _Writer(builder, program)
    writer.seed(seed if seed is not None else program.seed)
    for node in range(program.output, -1, -1):
        if flows[node]:
            writer.visit(node, flows)
    for one in program.inputs:
        if not flows[one.node]:
            writer.zero(one.node)
    reached = (one for one in program.inputs if flows[one.node])
    return writer.result(next(reached, program.inputs[0]))


def copied(graph: Graph, limits: Limits) -> Builder:
    """A builder that holds the graph as it is, node by node."""
    builder = Builder(limits, share=False)
    for node, operator in enumerate(graph.operators):
        if node in graph.constants:
            builder.constant(graph.constants[node])
        elif operator.family == "leaf":
            builder.input(graph.shapes[node])
        else:
            builder.apply(operator, graph.operands[node], graph.attributes[node])
    return builder


class _Writer:
    """Adds the way back to a builder that holds the way forward."""

    def __init__(self, builder: Builder, program: Program) -> None:
        self.builder = builder
        self.program = program
        self.forward = len(program.graph)
        self.found: dict[int, Symbol] = {}  # sums so far, by node
        self.grads: dict[int, int] = {}  # node → its gradient's
        self.taken: set[int] = set()
        self.cause: list[int] = []  # of each node on the way back: the node that it belongs to

    def seed(self, seed: Value | None) -> None:
        output = self.program.output
        shape = self.program.graph.shapes[output]
        value: Value = 1.0 if seed is None else seed
        if shape:
            value = np.broadcast_to(np.asarray(value, dtype=np.float64), shape).copy()
        self.found[output] = self.builder.symbol(self.builder.constant(value))
        self._blame(output)

    def zero(self, node: int) -> None:
        """The gradient of a node that none reaches."""
        shape = self.program.graph.shapes[node]
        self.grads[node] = self.builder.constant(np.zeros(shape) if shape else 0.0)
        self._blame(node)

    def visit(self, node: int, flows: bytearray) -> None:
        """Finishes the gradient of `node`, and sends it on to its operands."""
        builder, graph = self.builder, self.program.graph
        term = self.found.pop(node)
        if term.node in self.taken or term.node < self.forward:
            term = builder.symbol(builder.apply(COPY, [term.node]))
        self.grads[node] = term.node
        self.taken.add(term.node)
        self._blame(node)
        operands, operator = graph.operands[node], graph.operators[node]
        slots = [s for s, i in enumerate(operands) if flows[i] and passes(operator, s, len(operands))]
        for slot, part in parts_of(builder, node, term, slots):
            symbol = part if isinstance(part, Symbol) else builder.symbol(builder.constant(part))
            operand = operands[slot]
            before = self.found.get(operand)
            self.found[operand] = symbol if before is None else CATALOGUE["add"](before, symbol)
        self._blame(node)

    def _blame(self, node: int) -> None:
        self.cause.extend([node] * (len(self.builder) - self.forward - len(self.cause)))

    def result(self, wanted: Input) -> Backward:
        builder, program = self.builder, self.program
        whole = builder.freeze()
        needed = bytearray(len(whole))
        for node in self.grads.values():
            needed[node] = 1
        for node in range(len(whole) - 1, -1, -1):
            if needed[node]:
                for operand in whole.operands[node]:
                    needed[operand] = 1
        for one in program.inputs:
            needed[one.node] = 1
        kept = [node for node in range(len(whole)) if needed[node]]
        at = {node: position for position, node in enumerate(kept)}
        owner = {gradient: node for node, gradient in self.grads.items()}
        ids, names, spans, groups_of = self._said(kept, owner)
        graph = Graph(
            operators=tuple(whole.operators[n] for n in kept),
            operands=tuple(tuple(at[i] for i in whole.operands[n]) for n in kept),
            attributes=tuple(whole.attributes[n] for n in kept),
            shapes=tuple(whole.shapes[n] for n in kept),
            differentiable=tuple(whole.differentiable[n] for n in kept),
            constants={at[n]: value for n, value in whole.constants.items() if n in at},
        )
        used = {group for group in groups_of if group is not None}
        made = replace(
            program,
            graph=graph,
            ids=ids,
            names=names,
            labels={at[n]: label for n, label in program.labels.items() if n in at},
            spans=spans,
            groups_of=groups_of,
            groups=_with_parents(program.groups, used, at),
            inputs=tuple(replace(one, node=at[one.node]) for one in program.inputs),
            output=at[self.grads[wanted.node]],
            seed=None,
            cost=builder.cost,
        )
        return Backward(program=made, of={ids[at[g]]: program.ids[n] for g, n in owner.items()})

    def _said(
        self, kept: list[int], owner: Mapping[int, int]
    ) -> tuple[tuple[str, ...], tuple[tuple[str, ...], ...], tuple[tuple[Span, ...], ...], tuple[str | None, ...]]:
        """Ids, names, spans and groups of the nodes that are kept."""
        program = self.program
        ids: list[str] = []
        names: list[tuple[str, ...]] = []
        spans: list[tuple[Span, ...]] = []
        groups: list[str | None] = []
        counts: dict[int, int] = {}
        for node in kept:
            if node < self.forward:
                ids.append(program.ids[node])
                names.append(program.names[node])
                spans.append(program.spans[node])
                groups.append(program.groups_of[node])
                continue
            cause = self.cause[node - self.forward]
            if node in owner:
                cause = owner[node]
                ids.append(f"∂{program.ids[cause]}")
                names.append(tuple(f"∂{name}" for name in program.names[cause]))
            else:
                counts[cause] = counts.get(cause, 0) + 1
                ids.append(f"∂{program.ids[cause]}/{counts[cause]}")
                names.append(())
            spans.append(program.spans[cause])
            groups.append(None)
        return tuple(ids), tuple(names), tuple(spans), tuple(groups)


def _with_parents(groups: tuple[Group, ...], used: set[str], at: Mapping[int, int]) -> tuple[Group, ...]:
    """The groups that still hold a node, and those around them, with their nodes renumbered."""
    parents = {g.id: g.parent for g in groups}
    for id_ in list(used):
        parent = parents[id_]
        while parent is not None and parent not in used:
            used.add(parent)
            parent = parents[parent]
    return tuple(
        msgspec.structs.replace(
            g,
            arguments=tuple(at[n] for n in g.arguments if n in at),
            result=at.get(g.result) if g.result is not None else None,
        )
        for g in groups
        if g.id in used
    )
