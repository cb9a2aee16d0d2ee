"""Gradients held against central differences, element by element, with a verdict that knows about kinks."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from math import inf, isfinite, isnan

import numpy as np

from app.autodiff.differences import Difference, Index, difference
from app.autodiff.forward import Dtype
from app.autodiff.trace import Trace
from app.graph.graph import Graph
from app.graph.program import Program
from app.limits import Limits
from app.ops.algebra import Value
from app.ops.leaf import INPUT

EVALUATIONS = 24  # forward passes for one element
MOST = 256  # elements of one input; more are sampled
NODE_SECONDS = 1e-6
ELEMENT_SECONDS = 2e-9
TOLERANCE = {"float64": 1e-6, "float32": 1e-4}  # float32: of the largest gradient of an input


@dataclass(frozen=True, slots=True, kw_only=True)
class Checked:
    """One input: its gradient and the measured one (both in its shape, or flat over `elements`, where sampled), the
    largest relative error, whether that is within what differences can tell, and whether a kink was met."""

    name: str
    grad: Value
    difference: Value
    error: float
    ok: bool
    kink: bool
    elements: tuple[int, ...] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """All inputs (of thousands only some); `ok` where each is."""

    ok: bool
    inputs: tuple[Checked, ...]


def gradcheck(program: Program, trace: Trace, limits: Limits, *, dtype: Dtype = "float64") -> Verdict:
    """The verdict on every input of the program, at the values and the seed of `trace`, which is of `dtype`.
    Differences are of float64, and hold what `stop_gradient` stops at its value, as the gradient does."""
    graph, held = _held(trace.graph)
    values: Mapping[int, Value] = {node: trace.values[node] for node in (*held, *(one.node for one in program.inputs))}
    single = EVALUATIONS * (len(trace.graph) * NODE_SECONDS + program.cost.flops * ELEMENT_SECONDS)
    budget = limits.seconds / 4 if isfinite(limits.seconds) else 60.0
    allowed = max(1, int(budget / max(single, 1e-9)))
    chosen = program.inputs[:: -(-len(program.inputs) // allowed)] if program.inputs else ()
    most = max(1, min(MOST, allowed // max(1, len(chosen))))
    found = tuple(_checked(one.name, one.node, trace, graph, values, most, dtype) for one in chosen)
    return Verdict(ok=all(one.ok for one in found), inputs=found)


def _held(graph: Graph) -> tuple[Graph, tuple[int, ...]]:
    """The graph with an input in place of each `stop_gradient`, and which these are."""
    held = tuple(node for node, operator in enumerate(graph.operators) if operator.name == "stop_gradient")
    if not held:
        return graph, held
    operators, operands = list(graph.operators), list(graph.operands)
    for node in held:
        operators[node], operands[node] = INPUT, ()
    return replace(graph, operators=tuple(operators), operands=tuple(operands)), held


def _checked(
    name: str, node: int, trace: Trace, graph: Graph, values: Mapping[int, Value], most: int, dtype: Dtype
) -> Checked:
    grad = trace.cotangents[node]
    assert grad is not None
    shape = trace.graph.shapes[node]
    size = int(np.prod(shape)) if shape else 1
    sampled = size > most
    chosen = sorted(np.random.default_rng(0).choice(size, most, replace=False).tolist()) if sampled else range(size)
    errors, measured, kinks, right = [0.0], [], False, True
    tolerance = TOLERANCE[dtype]
    slack = tolerance * float(np.max(np.abs(grad), initial=0.0)) if dtype == "float32" else 0.0
    for flat in chosen:
        index: Index = tuple(int(i) for i in np.unravel_index(flat, shape)) if shape else ()
        slope = float(grad[index]) if isinstance(grad, np.ndarray) else grad
        seen = difference(graph, values, trace.output, node, index, seed=trace.seed)
        error, ok, kink = verdict(slope, seen, tolerance, slack)
        errors.append(error)
        measured.append(seen.central)
        kinks = kinks or kink
        right = right and ok
    if sampled:
        grad = np.ravel(grad)[list(chosen)]
    differences = np.asarray(measured)
    return Checked(
        name=name,
        grad=grad,
        difference=differences if sampled else differences.reshape(shape) if shape else measured[0],
        error=max(errors),
        ok=right,
        kink=kinks,
        elements=tuple(chosen) if sampled else None,
    )


def verdict(slope: float, seen: Difference, tolerance: float = 1e-6, slack: float = 0.0) -> tuple[float, bool, bool]:
    """The relative error of one element, whether the slope is right (to a relative `tolerance`, or to `slack`), and
    whether it stands at a kink.

    At a kink every slope between those of the two sides is right. Where the slope is infinite or undefined, so must be
    a side.
    """
    if not isfinite(slope) or not isfinite(seen.central):
        both = not isfinite(slope) and not (isfinite(seen.left) and isfinite(seen.right) and isfinite(seen.central))
        one_sided = isfinite(slope) and any(
            isfinite(side) and abs(side - slope) <= 1e-3 * max(1.0, abs(slope)) for side in (seen.left, seen.right)
        )
        return (0.0 if both or one_sided else inf), both or one_sided, True
    gap = abs(slope - seen.central)
    scale = max(abs(slope), abs(seen.central))
    error = gap / scale if scale else 0.0
    if seen.kink:
        low, high = sorted((seen.left, seen.right))
        beside = 1e-3 * max(1e-9, scale, abs(low), abs(high))
        return error, low - beside <= slope <= high + beside, True
    ok = gap <= max(tolerance * scale, 10 * seen.error, slack, 1e-12)
    return (inf if isnan(error) else error), ok, False
