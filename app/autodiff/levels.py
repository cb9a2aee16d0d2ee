"""A large scalar graph replayed by levels: all gates of one operator on one level at once, as arrays.

Nodes are renumbered by (level, operator), so that a group's results are a slice. What flows along the edges is stored
by source, in the order in which a source's gradient adds it up, so that the sums of a level are one `bincount`, which
adds one after the other: the same digits as the interpreter's.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from app.autodiff.rules import array_rule
from app.graph.graph import Graph
from app.ops.algebra import Array, Value

Indices = NDArray[np.intp]


@dataclass(slots=True, kw_only=True)
class Group:
    """Gates of one operator and arity on one level: results in [start, stop); `operands[slot]` are positions of values.

    Backward, `rule` gives the parts of `active` slots, and `targets[slot]` says where each goes among the flows (the
    last place is for those that nobody wants).
    """

    forward: Callable[..., Any]
    start: int
    stop: int
    operands: list[Indices]
    rule: Callable[..., tuple[Any, ...]] | None
    active: tuple[int, ...]
    targets: list[Indices]
    results: Array  # where forward writes: a view of the values


@dataclass(slots=True, kw_only=True)
class Level:
    """The differentiable nodes of one level: their gradients, [start, stop), are sums of the flows [first, last), which
    belong to `sources` (positions from `start`)."""

    start: int
    stop: int
    first: int
    last: int
    sources: Indices
    groups: list[Group]


class Levels:
    """The compiled form. `run(seed, inputs)` gives values and cotangents in the order of the graph, as arrays; the
    cotangent of a node without one is 0."""

    def __init__(self, graph: Graph, output: int) -> None:
        self.graph = graph
        self.output = output
        level = _levels(graph)
        order, position, groups = _grouped(graph, level)
        self.order = order
        self.position = position
        size = len(graph)
        self.values = np.empty(size)
        for node, constant in graph.constants.items():
            self.values[position[node]] = constant
        self.inputs = position[[n for n, op in enumerate(graph.operators) if op.name == "input"]]
        active = graph.flows(output)
        self._build(groups, active, level)

    def _build(self, groups: list[tuple[int, int]], active: bytearray, level: Sequence[int]) -> None:
        graph, order, position = self.graph, self.order, self.position
        self.groups: list[Group] = []
        node_level = np.asarray(level)[order]
        flags = np.asarray(graph.differentiable)
        # Flows by source: for each node its out-edges, targets from the last to the first, then slots ascending.
        edges: list[tuple[int, int, int]] = []  # (source, -target, slot)
        for start, stop in groups:
            nodes = order[start:stop]
            operator = graph.operators[nodes[0]]
            if operator.family == "leaf":
                continue
            operands = np.asarray([graph.operands[n] for n in nodes], dtype=np.intp)
            assert operator.forward is not None, operator
            rule = array_rule(operator, (True,) * operands.shape[1])
            for slot in rule.active:
                for node, source in zip(nodes.tolist(), operands[:, slot].tolist(), strict=True):
                    if active[node] and flags[source]:
                        edges.append((source, -node, slot))
            self.groups.append(
                Group(
                    forward=operator.forward,
                    start=start,
                    stop=stop,
                    operands=[position[operands[:, slot]] for slot in range(operands.shape[1])],
                    rule=rule.parts,
                    active=rule.active,
                    targets=[],
                    results=self.values[start:stop],
                )
            )
        table = np.asarray(edges, dtype=np.intp).reshape(-1, 3)
        sources = position[table[:, 0]]
        sequence = np.lexsort((table[:, 2], table[:, 1], sources))
        sources = sources[sequence]
        count = len(sequence)
        self.flows = np.zeros(count + 1)
        place = np.empty(count, dtype=np.intp)
        place[sequence] = np.arange(count)
        where = {(int(-t), int(s)): int(p) for (_, t, s), p in zip(table.tolist(), place.tolist(), strict=True)}
        self.places = where
        for group in self.groups:
            nodes = order[group.start : group.stop].tolist()
            group.targets = [
                np.asarray([where.get((node, slot), count) for node in nodes], dtype=np.intp) for slot in group.active
            ]
            if all((targets == count).all() for targets in group.targets):
                group.rule = None
        self.levels = self._by_level(node_level, sources)

    def _by_level(self, node_level: NDArray[Any], sources: Indices) -> list[Level]:
        bounds = np.searchsorted(node_level, np.arange(int(node_level[-1]) + 2))
        found: list[Level] = []
        waiting = list(self.groups)
        for number in range(len(bounds) - 2, -1, -1):
            start, stop = int(bounds[number]), int(bounds[number + 1])
            first, last = np.searchsorted(sources, (start, stop))
            groups: list[Group] = []
            while waiting and waiting[-1].start >= start:
                groups.append(waiting.pop())
            within = sources[first:last] - start
            found.append(Level(start=start, stop=stop, first=int(first), last=int(last), sources=within, groups=groups))
        return found

    def run(self, seed: Value, inputs: Sequence[Value]) -> tuple[Array, Array]:
        """Values and cotangents by node: the caller's to keep. What flows along the edges is in `flows`, by `places`,
        until the next run."""
        values, flows = self.values, self.flows
        values[self.inputs] = inputs
        with np.errstate(all="ignore"):
            for group in self.groups:
                group.results[:] = group.forward(*[values.take(i) for i in group.operands])
            grads = np.zeros(len(values))
            out = self.position[self.output]
            for level in self.levels:
                if level.first < level.last:
                    grads[level.start : level.stop] = np.bincount(
                        level.sources, flows[level.first : level.last], level.stop - level.start
                    )
                if level.start <= out < level.stop:
                    grads[out] = seed
                for group in level.groups:
                    if group.rule is not None:
                        parts = group.rule(
                            grads[group.start : group.stop], group.results, *[values.take(i) for i in group.operands]
                        )
                        for slot, targets in zip(group.active, group.targets, strict=True):
                            flows[targets] = parts[slot]
        return values.take(self.position), grads.take(self.position)


def _levels(graph: Graph) -> list[int]:
    """How many gates at most lie between a leaf and each node."""
    level = [0] * len(graph)
    for node, operands in enumerate(graph.operands):
        if operands:
            level[node] = 1 + max([level[i] for i in operands])
    return level


def _grouped(graph: Graph, level: Sequence[int]) -> tuple[Indices, Indices, list[tuple[int, int]]]:
    """The nodes by (level, operator, arity), where each then stands, and the groups as [start, stop)."""
    kinds: dict[tuple[str, int], int] = {}
    kind = [
        kinds.setdefault((operator.name, len(operands)), len(kinds))
        for operator, operands in zip(graph.operators, graph.operands, strict=True)
    ]
    order = np.lexsort((kind, level))
    position = np.empty_like(order)
    position[order] = np.arange(len(order))
    keys = np.asarray(level)[order] * len(kinds) + np.asarray(kind)[order]
    starts = [0, *(np.flatnonzero(np.diff(keys)) + 1).tolist(), len(order)]
    return order, position, list(pairwise(starts))
