"""The output and its slope over a range of one input, with the kinks found on the way; or over a grid of two."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from app.analysis.paths import input_node
from app.autodiff.batch import Batch, compiles
from app.autodiff.reverse import of_numbers, seeded, trace
from app.autodiff.rules import substituted
from app.diagnostics import fail
from app.graph.cost import estimate
from app.graph.graph import Graph
from app.graph.program import Program
from app.limits import Limits
from app.ops.algebra import Array, Value
from app.ops.expression import Expression
from app.ops.operator import partials, passes

POINT_SECONDS = 12e-6  # a node at a point, where points go one by one
KINKS = 500  # at most that many are located
HALVINGS = 52
LARGEST = 5_000
CELLS = 2_000_000  # values of all nodes at a time
ORDERED = frozenset({"lt", "le", "gt", "ge"})  # whose change between two points is a border crossed
STEPS = frozenset({"floor", "ceil", "round", "sign", "floordiv"})  # whose value jumps


Numbers: TypeAlias = tuple[Array, dict[int, Array]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Sweep:
    """At each of `x` the output (of a tensor: ⟨seed, output⟩, what is differentiated) and its derivative. `kinks`:
    where that derivative jumps, ascending."""

    x: Array
    value: Array
    grad: Array
    kinks: tuple[float, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Grid:
    """The same over two inputs: `value` and both gradients have a row for each of `x[0]`, a column for each of
    `x[1]`."""

    x: tuple[Array, Array]
    value: Array
    grad: tuple[Array, Array]


def sweep(
    program: Program, input_: str, x: Array, seed: Value | None, limits: Limits, known: Numbers | None = None
) -> Sweep:
    """The sweep of a scalar input over the points `x`, ascending or descending, whose numbers may be `known`. Errors:
    name.unknown, type.number (a tensor input), limit.flops."""
    node = _scalar_input(program, input_)
    value, grads = known or numbers(program, {node: x}, seed, limits)
    scalar = of_numbers(program.graph)
    found = kinks(program, node, x) if scalar else jumps(program, node, x, grads[node], seed, limits)
    return Sweep(x=x, value=value, grad=grads[node], kinks=found)


def grid(
    program: Program,
    inputs: tuple[str, str],
    x: tuple[Array, Array],
    seed: Value | None,
    limits: Limits,
    known: Numbers | None = None,
) -> Grid:
    """The sweep of two scalar inputs over all pairs of points. Errors: as `sweep`."""
    points = crossed(program, inputs, x)
    first, second = points
    value, grads = known or numbers(program, points, seed, limits)
    shape = (len(x[0]), len(x[1]))
    return Grid(x=x, value=value.reshape(shape), grad=(grads[first].reshape(shape), grads[second].reshape(shape)))


def along(program: Program, input_: str, x: Array) -> dict[int, Array]:
    """The points of a sweep, by node. Errors: as `sweep`."""
    return {_scalar_input(program, input_): x}


def crossed(program: Program, inputs: tuple[str, str], x: tuple[Array, Array]) -> dict[int, Array]:
    """The points of a grid, row by row, by node. Errors: as `sweep`."""
    first, second = (_scalar_input(program, name) for name in inputs)
    if first == second:
        raise fail("name.unknown", "a grid needs two different inputs")
    rows, columns = np.meshgrid(*x, indexing="ij")
    return {first: rows.ravel(), second: columns.ravel()}


def _scalar_input(program: Program, name: str) -> int:
    node = input_node(program, name)
    if program.graph.shapes[node]:
        place = program.spans[node][:1]
        raise fail(
            "type.number", f"`{name}` is a tensor of shape {program.graph.shapes[node]}: only a number is swept", *place
        )
    return node


def numbers(program: Program, points: Mapping[int, Array], seed: Value | None, limits: Limits) -> Numbers:
    """⟨seed, output⟩ and the gradients of the swept inputs at each point. Errors: limit.flops."""
    graph = program.graph
    check(program, len(next(iter(points.values()))), limits)
    batch = Batch(graph, program.output, list(points))
    start = seeded(seed if seed is not None else program.seed, graph.shapes[program.output])
    value, grads = batch.run(points, program.values(), start)
    if isinstance(start, np.ndarray):
        with np.errstate(all="ignore"):
            value = np.tensordot(value, start, axes=start.ndim)
    return value, {node: grads[node] for node in points}


def check(program: Program, count: int, limits: Limits) -> None:
    """Errors: limit.flops, where so many points of the program take too long."""
    walked = not compiles(program.graph)
    if program.cost.flops * 4 * count > limits.flops or (
        walked and count * len(program.graph) * POINT_SECONDS > limits.seconds
    ):
        raise fail("limit.flops", f"{count:,} points of this program take too many operations")


# ── Kinks ────────────────────────────────────────────────────────────────────────────────────────────────────────────


def kinks(program: Program, node: int, x: Array) -> tuple[float, ...]:
    """Where the derivative with respect to a scalar input jumps, between the first and the last of `x`: a border of a
    rule that a gate crosses between two neighbouring points, found by halving. Of scalar graphs of up to LARGEST nodes
    only."""
    graph = program.graph
    if len(x) < 2 or len(graph) > LARGEST:
        return ()
    borders = Borders(graph, program.output, node)
    if not borders.gates:
        return ()
    fixed = program.values()

    def side(at: Array) -> NDArray[np.uint64]:
        return borders.side(fixed, node, at)

    sides = side(x)
    crossed = np.flatnonzero(sides[1:] != sides[:-1])[:KINKS]
    if not len(crossed):
        return ()
    found = _halved(side, x[crossed].copy(), x[crossed + 1].copy(), sides[crossed])
    with np.errstate(over="ignore"):
        width = float(np.ptp(x)) or 1.0
    jumps = _jumps(Batch(graph, program.output, [node]), fixed, node, found, width)
    return tuple(sorted({_snapped(at, x) for at in found[jumps].tolist()}))


def jumps(program: Program, node: int, x: Array, grad: Array, seed: Value | None, limits: Limits) -> tuple[float, ...]:
    """The same for circuits with tensors, whose many borders are not followed: where the derivative's step between two
    neighbouring points stands out from those around it, and stays as the points come together."""
    steps = np.abs(np.diff(grad))
    with np.errstate(all="ignore"):
        around = np.minimum(np.r_[np.inf, steps[:-1]], np.r_[steps[1:], np.inf])
        spots = np.flatnonzero(~(steps <= 3 * around + 1e-9 * np.abs(grad[1:])))
    room = int(limits.seconds / 4 / (HALVINGS * estimate(program.graph).seconds))
    spots = spots[np.argsort(-steps[spots], kind="stable")][: min(room, 32)]
    found: set[float] = set()
    start = seeded(seed if seed is not None else program.seed, program.graph.shapes[program.output])

    def slope(at: float) -> float:
        traced = trace(program.graph, {**program.values(), node: at}, program.output, start)
        return float(traced.cotangents[node] or 0.0)

    for spot in spots.tolist():
        low, high = float(x[spot]), float(x[spot + 1])
        left, right = float(grad[spot]), float(grad[spot + 1])
        whole = abs(right - left)
        for _ in range(HALVINGS):
            middle = low + (high - low) / 2
            between = slope(middle)
            if abs(between - left) > abs(right - between):
                high, right = middle, between
            else:
                low, left = middle, between
        if not abs(right - left) <= 0.3 * whole:
            found.add(_snapped(low + (high - low) / 2, x))
    return tuple(sorted(found))


class Borders:
    """The comparisons that decide between the branches of a graph's rules, on the ways from one input to the output,
    and the gates whose values jump: on one side of all borders the output is smooth."""

    def __init__(self, graph: Graph, output: int, source: int) -> None:
        self.graph = graph
        depends = bytearray(len(graph))
        depends[source] = 1
        for node, operands in enumerate(graph.operands):
            if any(depends[i] for i in operands):
                depends[node] = 1
        reached = graph.reached(output)
        self.last = output
        self.gates: list[tuple[int, tuple[Expression, ...]]] = []
        for node, operands in enumerate(graph.operands):
            operator = graph.operators[node]
            if not (depends[node] and reached[node] and operands) or operator.partials is None:
                continue
            arity = len(operands)
            rules = partials(operator, arity)
            slots = [s for s, i in enumerate(operands) if depends[i] and passes(operator, s, arity)]
            tests = tuple(test for slot in slots for test in comparisons(rules[slot]))
            if tests or operator.name in ORDERED or operator.name in STEPS:
                self.gates.append((node, tests))

    def side(self, fixed: Mapping[int, Value], node: int, x: Array) -> NDArray[np.uint64]:
        """A number for each point that changes when a border is crossed."""
        block = max(1, CELLS // (self.last + 1))
        pieces = [x[start : start + block] for start in range(0, len(x), block)]
        return np.concatenate([self._side({**fixed, node: piece}, len(piece)) for piece in pieces])

    def _side(self, inputs: Mapping[int, Value], size: int) -> NDArray[np.uint64]:
        graph = self.graph
        values: list[Value] = [0.0] * (self.last + 1)
        gates = dict(self.gates)
        mark = np.zeros(size, dtype=np.uint64)
        with np.errstate(all="ignore"):
            for node in range(self.last + 1):
                operator = graph.operators[node]
                if operator.family == "leaf":
                    values[node] = graph.constants[node] if node in graph.constants else inputs[node]
                    continue
                assert operator.forward is not None
                xs = [values[i] for i in graph.operands[node]]
                values[node] = operator.forward(*xs)
                if node in gates:
                    terms = {"y": values[node], **{f"x{i}": value for i, value in enumerate(xs)}}
                    seen = substituted(gates[node], terms)
                    if operator.name in ORDERED or operator.name in STEPS:
                        seen.append(values[node])
                    for test in seen:
                        bits = np.broadcast_to(np.asarray(test, dtype=np.float64) + 0.0, (size,)).copy()
                        mark = mark * np.uint64(0x100000001B3) + bits.view(np.uint64) % np.uint64(0xFFFFFFFB)
        return mark


def comparisons(tree: Expression) -> list[Expression]:
    """The orderings (not the equalities, which hold at single points) and steps in an expression."""
    found: dict[int, Expression] = {}
    waiting = [tree]
    while waiting:
        part = waiting.pop()
        if part.operator is not None and id(part) not in found:
            if part.operator.name in ORDERED or part.operator.name in STEPS:
                found[id(part)] = part
            waiting.extend(part.operands)
    return list(found.values())


def _halved(side: Callable[[Array], NDArray[np.uint64]], low: Array, high: Array, at_low: NDArray[np.uint64]) -> Array:
    """For each pair of points on different sides one of the borders between them."""
    for _ in range(HALVINGS):
        middle = low + (high - low) / 2
        same = side(middle) == at_low
        low, high = np.where(same, middle, low), np.where(same, high, middle)
    return low + (high - low) / 2


def _jumps(batch: Batch, fixed: Mapping[int, Value], node: int, at: Array, width: float) -> NDArray[np.bool_]:
    """Whether value or derivative differ on the two sides by more than a smooth function's would."""
    gap = 1e-7 * max(width, float(np.max(np.abs(at))))
    steps = np.concatenate([at - 2 * gap, at - gap, at + gap, at + 2 * gap])
    value, grads = batch.run({node: steps}, fixed)
    with np.errstate(all="ignore"):
        jumped = np.zeros(len(at), dtype=bool)
        for row in (value, grads[node]):
            far_left, left, right, far_right = row.reshape(4, -1)
            beside = np.abs(left - far_left) + np.abs(far_right - right)
            jump = np.abs(right - left)
            jumped |= ~(jump <= 8 * beside + 1e-9 * (1e-6 + np.abs(left) + np.abs(right)))
    return jumped


def _snapped(at: float, x: Array) -> float:
    """A border to twelve digits of the range: 0 where it is 0 but for rounding."""
    size = float(np.max(np.abs(x)))
    digits = 12 - int(np.ceil(np.log10(size))) if size > 0 else 12
    return round(at, digits) + 0.0
