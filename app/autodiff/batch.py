"""A scalar graph at many points at once: the output and the gradient of every input, as arrays over the points."""

from collections.abc import Mapping, Sequence

import numpy as np

from app.autodiff.lanes import Lanes
from app.autodiff.replay import compile_replay
from app.autodiff.reverse import of_numbers
from app.autodiff.straight import input_nodes
from app.graph.graph import Graph
from app.ops.algebra import Array, Value

BLOCK = 4096  # points that are answered at a time
COMPILED = 20_000  # nodes up to which all points are computed at once; larger graphs are walked point by point


class Batch:
    """A graph ready for many points, with the gradients of the `wanted` inputs (None: of all). Tensors, and graphs of
    more than COMPILED nodes, go point by point."""

    def __init__(self, graph: Graph, output: int, wanted: Sequence[int] | None = None) -> None:
        self.graph = graph
        self.output = output
        self.inputs = input_nodes(graph)
        self.wanted = self.inputs if wanted is None else list(wanted)
        self.compiles = compiles(graph)
        self.lanes: dict[frozenset[int], Lanes] = {}  # by the inputs that vary

    def run(
        self, points: Mapping[int, Array], fixed: Mapping[int, Value], seed: Value | None = None
    ) -> tuple[Array, dict[int, Array]]:
        """The output at each point, (n, *its shape), and the gradient of each wanted input, (n, *its shape).

        `points` gives the values of some scalar inputs, all of shape (n,); `fixed` the others.
        """
        count = len(next(iter(points.values())))
        if not self.compiles or not (seed is None or isinstance(seed, (int, float))):
            return self._walked(points, fixed, seed, count)
        varying = frozenset(points)
        if varying not in self.lanes:
            self.lanes[varying] = Lanes(self.graph, self.output, varying, self.wanted)
        inputs = {node: points[node] if node in points else fixed[node] for node in self.inputs}
        value, *grads = self.lanes[varying].run(1.0 if seed is None else float(seed), inputs, count)
        return value, dict(zip(self.wanted, grads, strict=True))

    def _walked(
        self, points: Mapping[int, Array], fixed: Mapping[int, Value], seed: Value | None, count: int
    ) -> tuple[Array, dict[int, Array]]:
        shapes = self.graph.shapes
        value = np.empty((count, *shapes[self.output]))
        grads = {node: np.empty((count, *shapes[node])) for node in self.wanted}
        replay = compile_replay(self.graph, self.output, wanted=self.wanted)
        for i in range(count):
            given = [float(points[node][i]) if node in points else fixed[node] for node in self.inputs]
            values, cotangents = replay.numbers(given, 1.0 if seed is None else seed)
            value[i] = values[self.output]
            for node in self.wanted:
                grads[node][i] = cotangents[node]
        return value, grads


def compiles(graph: Graph) -> bool:
    """Whether all points of this graph are computed at once."""
    return of_numbers(graph) and len(graph) <= COMPILED
