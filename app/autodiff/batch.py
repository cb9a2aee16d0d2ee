"""A scalar graph at many points at once: the output and the gradient of every input, as arrays over the points."""

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from app.autodiff.replay import compile_replay
from app.autodiff.reverse import of_numbers
from app.autodiff.rules import on_arrays
from app.autodiff.straight import input_nodes, text
from app.graph.graph import Graph
from app.ops.algebra import Array, Value

BLOCK = 4096  # points at a time: what lives between two gates stays in the nearest cache
COMPILED = 20_000  # nodes up to which code is generated; larger graphs are walked point by point
_NAME = re.compile(r"\b[vgt]\d+(?:_\d+)?\b")

Run = Callable[..., tuple[Any, ...]]


class Batch:
    """A graph ready for many points. Tensors, and graphs of more than COMPILED nodes, go point by point."""

    def __init__(self, graph: Graph, output: int) -> None:
        self.graph = graph
        self.output = output
        self.inputs = input_nodes(graph)
        self.code: Run | None = _compiled(graph, output) if compiles(graph) else None

    def run(
        self, points: Mapping[int, Array], fixed: Mapping[int, Value], seed: Value | None = None
    ) -> tuple[Array, dict[int, Array]]:
        """The output at each point, (n, *its shape), and the gradient of each input, (n, *its shape).

        `points` gives the values of some scalar inputs, all of shape (n,); `fixed` the others.
        """
        count = len(next(iter(points.values())))
        if self.code is None or not (seed is None or isinstance(seed, (int, float))):
            return self._walked(points, fixed, seed, count)
        value = np.empty(count)
        grads = {node: np.empty(count) for node in self.inputs}
        with np.errstate(all="ignore"):
            for start in range(0, count, BLOCK):
                piece = slice(start, start + BLOCK)
                given = [points[node][piece] if node in points else fixed[node] for node in self.inputs]
                result, *found = self.code(1.0 if seed is None else float(seed), *given)
                value[piece] = result
                for node, grad in zip(self.inputs, found, strict=True):
                    grads[node][piece] = grad
        return value, grads

    def _walked(
        self, points: Mapping[int, Array], fixed: Mapping[int, Value], seed: Value | None, count: int
    ) -> tuple[Array, dict[int, Array]]:
        shapes = self.graph.shapes
        value = np.empty((count, *shapes[self.output]))
        grads = {node: np.empty((count, *shapes[node])) for node in self.inputs}
        replay = compile_replay(self.graph, self.output)
        for i in range(count):
            given = [float(points[node][i]) if node in points else fixed[node] for node in self.inputs]
            values, cotangents = replay.numbers(given, 1.0 if seed is None else seed)
            value[i] = values[self.output]
            for node in self.inputs:
                grads[node][i] = cotangents[node]
        return value, grads


def compiles(graph: Graph) -> bool:
    """Whether all points of this graph are computed at once."""
    return of_numbers(graph) and len(graph) <= COMPILED


def _compiled(graph: Graph, output: int) -> Run:
    """`run(seed, *inputs)` gives the output and the inputs' gradients; what is not needed any more is let go."""
    lines, scope, (values, grads) = text(graph, output, edges=False, spell=on_arrays)
    results = [values[output], *(grads[node] for node in input_nodes(graph))]
    arguments = ", ".join(["seed", *(f"v{node}" for node in input_nodes(graph))])
    body = _freed(lines, results)
    source = f"def run({arguments}):\n" + "".join(f"    {line}\n" for line in body)
    source += f"    return ({', '.join(results)},)\n"
    space: dict[str, Any] = {"__builtins__": {}, **scope}
    exec(compile(source, "<batch>", "exec", dont_inherit=True), space)  # noqa: S102 - closed grammar
    run: Run = space["run"]
    return run


def _freed(lines: Sequence[str], results: Sequence[str]) -> list[str]:
    """The lines of `results`' computation, each name deleted after its last use."""
    needed = {name for text in results for name in _NAME.findall(text)}
    kept: list[str] = []
    for line in reversed(lines):
        name, _, expression = line.partition(" = ")
        if name in needed:
            uses = set(_NAME.findall(expression))
            last = sorted(uses - needed)
            if last:
                kept.append(f"del {', '.join(last)}")
            needed |= uses
            kept.append(line)
    return kept[::-1]
