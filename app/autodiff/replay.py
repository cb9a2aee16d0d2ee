"""A graph evaluated again and again: straight-line code where it is small, levels where it is large and wide, else the
interpreter with all that no input changes computed once."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any, Literal, TypeAlias

import numpy as np

from app.autodiff.buffers import Buffers
from app.autodiff.forward import forward
from app.autodiff.levels import Levels
from app.autodiff.reverse import backward, of_numbers
from app.autodiff.straight import input_nodes, program
from app.autodiff.tape import tape
from app.autodiff.trace import Trace
from app.graph.graph import Graph
from app.ops.algebra import Value
from app.ops.leaf import CONSTANT

__all__ = ["Replay", "compile_replay", "tape"]

WIDE = 48  # gates of one operator on one level, on average, from which levels are faster than code
LONGEST = 20_000  # nodes up to which code is generated: it costs some 30 µs a node, once

Kind = Literal["code", "levels", "interpreter"]
Code: TypeAlias = Callable[..., tuple[Any, Any]]
RAISED = (ZeroDivisionError, OverflowError, ValueError)


class Replay:
    """A compiled graph in float64. `kind` says how it runs; the results are the interpreter's, by levels to the
    last digit or two: NumPy's tanh is not the C library's (docs/decisions/0010). `wanted`: the nodes whose gradients
    are asked for, beside the output's value; tensors then tell no others (None: they tell all)."""

    def __init__(
        self, graph: Graph, output: int, *, longest: int = LONGEST, wanted: Sequence[int] | None = None
    ) -> None:
        self.graph = graph
        self.output = output
        self.wanted = wanted
        self.inputs = input_nodes(graph)
        self.kind: Kind = "interpreter"
        scalar = of_numbers(graph)
        if scalar:
            self.kind = "levels" if _width(graph) >= WIDE else "code" if len(graph) <= longest else "interpreter"
        self._levels = Levels(graph, output) if self.kind == "levels" else None
        self._numbers: Code | None = program(graph, output) if self.kind == "code" else None
        self._edges: Any = None
        self._buffers: Buffers | None = None
        self._folded = _folded(graph) if self.kind == "interpreter" else graph
        # The last numbers are kept, so that their memory does not go back to the system and come again page by page.
        self._last: Trace | None = None

    def numbers(self, inputs: Sequence[Value], seed: Value = 1.0) -> tuple[Any, Any]:
        """Values and cotangents by node (tuples; by levels arrays), for the inputs in the graph's order. What has no
        gradient, or is not wanted, has None (by levels 0). Tensors are overwritten by the next call, and are views of
        each other."""
        code = self._numbers
        if code is not None:
            try:
                return code(seed, *inputs)
            except RAISED:
                pass
        elif self._levels is not None:
            return self._levels.run(seed, inputs)
        elif any(self.graph.shapes):
            if self._buffers is None:
                self._buffers = Buffers(self._folded, self.output, self.wanted)
            return self._buffers.run(inputs, seed)
        careful = self._traced(dict(zip(self.inputs, inputs, strict=True)), seed)
        return careful.values, careful.cotangents

    def run(self, inputs: Mapping[int, Value], seed: Value | None = None) -> Trace:
        """The same as `reverse.trace`, with what flows along each edge."""
        if self.kind == "interpreter" or not (seed is None or isinstance(seed, (int, float))):
            return self._traced(inputs, seed)
        start = 1.0 if seed is None else float(seed)
        given = [inputs[node] for node in self.inputs]
        if self._levels is not None:
            return self._by_levels(given, start)
        if self._edges is None:
            self._edges = program(self.graph, self.output, edges=True)
        try:
            values, cotangents, flows = self._edges(start, *map(float, given))
        except RAISED:
            return self._traced(inputs, seed)
        return self._trace(start, values, cotangents, flows)

    def _traced(self, inputs: Mapping[int, Value], seed: Value | None) -> Trace:
        values = forward(self._folded, inputs)
        self._last = backward(self.graph, values, self.output, seed)
        return self._last

    def _trace(self, seed: float, values: Sequence[float], cotangents: Sequence[Any], flows: Sequence[Any]) -> Trace:
        contributions: list[tuple[Any, ...]] = []
        at = 0
        for operands in self.graph.operands:
            contributions.append(tuple(flows[at : at + len(operands)]))
            at += len(operands)
        return Trace(
            graph=self.graph,
            output=self.output,
            seed=seed,
            values=tuple(values),
            cotangents=tuple(cotangents),
            contributions=tuple(contributions),
        )

    def _by_levels(self, given: Sequence[Value], seed: float) -> Trace:
        assert self._levels is not None
        graph = self.graph
        values, cotangents = self._levels.run(seed, given)
        flags, places, along = graph.differentiable, self._levels.places, self._levels.flows.tolist()
        return Trace(
            graph=graph,
            output=self.output,
            seed=seed,
            values=tuple(values.tolist()),
            cotangents=tuple([g if flag else None for g, flag in zip(cotangents.tolist(), flags, strict=True)]),
            contributions=tuple([
                tuple([
                    None if not flags[i] else along[places[node, slot]] if (node, slot) in places else 0.0
                    for slot, i in enumerate(operands)
                ])
                for node, operands in enumerate(graph.operands)
            ]),
        )  # fmt: skip


def compile_replay(graph: Graph, output: int, *, longest: int = LONGEST, wanted: Sequence[int] | None = None) -> Replay:
    """The graph, ready to be evaluated many times."""
    return Replay(graph, output, longest=longest, wanted=wanted)


def _width(graph: Graph) -> float:
    """Gates of one operator on one level, on average."""
    level = [0] * len(graph)
    groups = set()
    gates = 0
    for node, operands in enumerate(graph.operands):
        if operands:
            level[node] = 1 + max([level[i] for i in operands])
            groups.add((level[node], graph.operators[node].name))
            gates += 1
    return gates / len(groups) if groups else 0.0


def _folded(graph: Graph) -> Graph:
    """The graph with every gate that no input reaches as a constant of its value."""
    fixed = [n for n, flag in enumerate(graph.differentiable) if not flag and graph.operators[n].family != "leaf"]
    if not fixed:
        return graph
    values = forward(graph, {n: np.zeros(graph.shapes[n]) if graph.shapes[n] else 0.0 for n in input_nodes(graph)})
    operators, operands, constants = list(graph.operators), list(graph.operands), dict(graph.constants)
    for node in fixed:
        operators[node], operands[node], constants[node] = CONSTANT, (), values[node]
    return replace(graph, operators=tuple(operators), operands=tuple(operands), constants=constants)
