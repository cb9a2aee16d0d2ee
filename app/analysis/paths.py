"""The paths from an input to the output: the largest first, their counts exact, and the gradient split by length."""

from dataclasses import dataclass
from heapq import heappop, heappush
from math import inf, isfinite, isnan, log
from typing import TypeAlias

import numpy as np

from app.autodiff.local import locals_of
from app.autodiff.rules import array_rule
from app.autodiff.trace import Trace
from app.diagnostics import fail
from app.graph.graph import Graph
from app.graph.program import Program
from app.limits import Limits
from app.ops.algebra import Array
from app.ops.operator import passes

EXACT = 2**53  # a count above this is a string: JSON's numbers end there for most readers
DIGITS = 4_000
CHUNK = 10**DIGITS
CELLS = 8_000_000  # (wire, length) pairs up to which the gradient is split by length
LISTED = 1_000_000  # nodes of all paths in one answer
TIED = 1e-12  # losses below this are rounding
BEYOND = 1e8  # the logarithm that stands for ∞ and NaN

Step: TypeAlias = "tuple[int, Step] | None"


@dataclass(frozen=True, slots=True, kw_only=True)
class Path:
    """One way from the input to the output: the nodes' ids in that order, the seed times the product of the local
    derivatives, and how many wires it has."""

    nodes: tuple[str, ...]
    product: float
    length: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Paths:
    """The k largest by magnitude, NaN first; `total` counts all (those of product 0 too), as a string where large."""

    total: int | str
    grad: float
    paths: tuple[Path, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Length:
    """All paths of one length: how many, and the sum of their products."""

    length: int
    count: int | str
    sum: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Lengths:
    """The gradient split by the length of paths: the sums add up to it, to rounding (1e-12 of the sum of all paths'
    magnitudes, for paths of opposite signs cancel)."""

    total: int | str
    grad: float
    lengths: tuple[Length, ...]


def paths(program: Program, trace: Trace, input_: str, k: int, limits: Limits) -> Paths:
    """The `k` largest of the paths from an input to the output. Errors: name.unknown, type.number (tensors), limit.….

    Best first: the largest product from each node on to the output is known from one backward pass, so each step of the
    search extends the path that can still become the largest, and only paths that are given are ever walked.
    """
    source = input_node(program, input_)
    wires = Wires(program, trace, source)
    if k > limits.paths:
        raise fail("limit.answer", f"at most {limits.paths:,} paths are listed, and {k:,} were asked for")
    grad = trace.cotangents[source]
    assert isinstance(grad, float)
    found = tuple(wires.largest(k, float(trace.seed), limits))
    shown = tuple(
        Path(nodes=tuple(program.ids[node] for node in nodes), product=product, length=len(nodes) - 1)
        for nodes, product in found
    )
    return Paths(total=spoken(wires.count()), grad=grad, paths=shown)


def lengths(program: Program, trace: Trace, input_: str, limits: Limits) -> Lengths:
    """The gradient of a scalar input split by how many wires a path has, without listing paths.

    A polynomial for each node, whose coefficient of degree n counts (or sums) the paths of n wires from there to the
    output. Errors: name.unknown, type.number, limit.flops where the circuit is both large and deep.
    """
    source = input_node(program, input_)
    wires = Wires(program, trace, source)
    counts, sums = wires.by_length(limits)
    grad = trace.cotangents[source]
    assert isinstance(grad, float)
    found = tuple(Length(length=n, count=spoken(count), sum=sums[n]) for n, count in enumerate(counts) if count)
    return Lengths(total=spoken(sum(counts)), grad=grad, lengths=found)


def input_node(program: Program, name: str) -> int:
    """The node of an input. Errors: name.unknown."""
    for one in program.inputs:
        if one.name == name:
            return one.node
    names = ", ".join(f"`{one.name}`" for one in program.inputs[:8])
    raise fail(
        "name.unknown", f"the program has no input `{name[:80]}`", hint=f"its inputs are {names}" if names else None
    )


def spoken(count: int) -> int | str:
    """An exact integer as JSON can hold it: as a string where it is large."""
    if count <= EXACT:
        return count
    pieces: list[str] = []
    while count >= CHUNK:  # `str` refuses integers of more than 4,300 digits
        count, low = divmod(count, CHUNK)
        pieces.append(str(low).zfill(DIGITS))
    return str(count) + "".join(reversed(pieces))


class Wires:
    """The scalar wires on the ways from one input to the output, each with its local derivative; None where no gradient
    passes by rule: such a wire counts, and every path over it is 0, whatever else stands on it (an infinite slope)."""

    def __init__(self, program: Program, trace: Trace, source: int) -> None:
        graph = trace.graph
        self.source = source
        self.output = trace.output
        self.trace = trace
        self.nodes = between(graph, source, trace.output)
        tensor = next((n for n in self.nodes if graph.shapes[n]), None)
        if tensor is not None:
            place = program.spans[tensor][:1]
            raise fail(
                "type.number", "paths are listed through numbers, and a tensor stands here", *place, hint="by=blocks"
            )
        inside = set(self.nodes)
        self.into: dict[int, list[tuple[int, float | None]]] = {}  # node → (operand, local)
        for node in self.nodes:
            operands = graph.operands[node]
            if node != source and operands:
                given = locals_of(graph, trace.values, node)
                self.into[node] = [
                    (i, given[slot] if passes(graph.operators[node], slot, len(operands)) else None)
                    for slot, i in enumerate(operands)
                    if i in inside
                ]
        self.last_use = {i: node for node in self.nodes for i, _ in self.into.get(node, ())}

    def count(self) -> int:
        """How many paths there are, exactly."""
        counts: dict[int, int] = {self.source: 1}
        for node in self.nodes:
            if node in self.into:
                counts[node] = sum(counts.get(i, 0) for i, _ in self.into[node])
                for operand, _ in self.into[node]:
                    if self.last_use[operand] == node and operand not in (self.source, self.output):
                        counts.pop(operand, None)  # a count may have as many digits as the circuit has gates
        return counts.get(self.output, 0) if self.nodes else 0

    def largest(self, k: int, seed: float, limits: Limits) -> list[tuple[list[int], float]]:
        """The k paths of the largest |product|, each with its nodes from the input on.

        Walked from the output back. `best[node]` is the logarithm of the largest magnitude that the way from the input
        to `node` can have, so a wire's `loss` is by how much the best way through it falls short of that: 0 on the best
        wire. The entry of the least total loss is taken next, of equal ones the last that came, so each path costs no
        more than its own wires (Eppstein 1998, "Finding the k shortest paths").
        """
        if not self.nodes:
            return []
        best: dict[int, float] = {self.source: 0.0}
        for node in self.nodes:
            if node in self.into:
                best[node] = max((best[i] + logarithm(d) for i, d in self.into[node] if i in best), default=-inf)
        waiting: list[tuple[float, int, int, float | None, Step]] = [(0.0, 0, self.output, seed, None)]
        found: list[tuple[list[int], float]] = []
        pushed = listed = 0
        while waiting and len(found) < k:
            loss, _, node, product, rest = heappop(waiting)
            if node == self.source:
                found.append((_walk((node, rest)), 0.0 if product is None else product))
                listed += len(found[-1][0])
                if listed > LISTED:
                    raise fail("limit.answer", f"these paths have over {LISTED:,} nodes", hint="k=1, or by=length")
                continue
            for operand, local in self.into[node]:
                if operand in best:
                    pushed += 1
                    short = best[node] - (best[operand] + logarithm(local)) if best[node] > -inf else 0.0
                    extended = loss + (short if short > TIED else 0.0)
                    further = None if product is None or local is None else product * local
                    heappush(waiting, (extended, -pushed, operand, further, (node, rest)))
            if pushed * 1_000 > limits.flops:
                raise fail("limit.flops", "these paths take too many steps to list", hint="by=length")
        return sorted(found, key=lambda path: -size(path[1]))

    def by_length(self, limits: Limits) -> tuple[list[int], list[float]]:
        """For each length how many paths have it, and the sum of their products.

        From the output back, as the gradient itself goes, by the gates' own rules: they are linear in what comes back,
        so one call takes all lengths, and what a rule selects away is gone however large it is.
        """
        counts: dict[int, list[int]] = {self.output: [1]} if self.nodes else {}
        sums = {self.output: np.array([float(self.trace.seed)])}  # none where every way to the output is cut by rule
        cells = 0
        with np.errstate(all="ignore"):
            for node in reversed(self.nodes):
                if node not in self.into:
                    continue
                row, g = counts.pop(node), sums.pop(node, None)
                taken = self.into[node]
                cells += (len(row) + 1) * len(taken)
                if cells > CELLS or cells * 100 > limits.flops:
                    raise fail("limit.flops", "the circuit is too deep and too large to split its gradient by length")
                for operand, _ in taken:
                    counts[operand] = longer(counts.get(operand, []), row)
                for operand, part in self.parts(node, g) if g is not None else ():
                    before = sums.get(operand, np.zeros(0))
                    sums[operand] = total = np.zeros(max(len(before), len(part) + 1))
                    total[: len(before)] = before
                    total[1 : len(part) + 1] += part
        every, found = counts.get(self.source, []), sums.get(self.source, np.zeros(0)).tolist()
        return every, found + [0.0] * (len(every) - len(found))

    def parts(self, node: int, g: Array) -> list[tuple[int, Array]]:
        """What flows back from a gate along each wire that lets a gradient through, for each number of `g`."""
        graph, values = self.trace.graph, self.trace.values
        operator, operands = graph.operators[node], graph.operands[node]
        if operator.partials is None:
            return [(operand, g * local) for operand, local in self.into[node] if local is not None]
        inside = {operand for operand, _ in self.into[node]}
        rule = array_rule(operator, tuple([i in inside for i in operands]))
        parts = rule.parts(g, values[node], *[values[i] for i in operands])
        return [(operands[slot], parts[slot]) for slot in rule.active]


def longer(counts: list[int], row: list[int]) -> list[int]:
    """The counts by length, and those of `row`, one wire longer, added to them."""
    total = counts + [0] * (len(row) + 1 - len(counts))
    for n, count in enumerate(row, start=1):
        total[n] += count
    return total


def between(graph: Graph, source: int, output: int) -> list[int]:
    """The nodes on the ways from `source` to `output`, ascending."""
    if source > output:
        return []
    reached = graph.reached(output)
    after = {source}
    for node in range(source + 1, output + 1):
        if reached[node] and any(i in after for i in graph.operands[node]):
            after.add(node)
    if output not in after:
        return []
    return sorted(node for node in after if reached[node])


def logarithm(x: float | None) -> float:
    """ln |x|; what is not finite is larger than any product of finite numbers, None is 0."""
    if x is None or x == 0.0:
        return -inf
    return log(abs(x)) if isfinite(x) else BEYOND


def size(x: float) -> float:
    """A magnitude; NaN is as large as can be."""
    return inf if isnan(x) else abs(x)


def _walk(step: Step) -> list[int]:
    nodes: list[int] = []
    while step is not None:
        node, step = step
        nodes.append(node)
    return nodes
