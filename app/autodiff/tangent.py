"""Forward mode: how every value changes along a direction of the inputs, in one pass beside the values."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from app.autodiff.forward import Dtype, rounding
from app.autodiff.reverse import Zeros
from app.autodiff.rules import WIDEST, substituted
from app.graph.graph import Graph
from app.ops.algebra import Shape, Value
from app.ops.expression import Expression, times
from app.ops.operator import Operator, evaluate, partials, passes

Parts = tuple[Value, ...]


def tangents(
    graph: Graph, values: Sequence[Value], directions: Mapping[int, Value], *, dtype: Dtype = "float64"
) -> tuple[tuple[Value, ...], tuple[Parts, ...]]:
    """For each node its tangent (of its shape; 0 where no direction reaches it), and for each of its slots the part
    that came along that edge: ∂node/∂operand · the operand's tangent. The parts of a node sum to its tangent; those of
    a join of many (a `stack` of thousands) are left at 0.

    `directions` gives the tangent of input nodes; those left out have 0.
    """
    keep = rounding(dtype)
    zero = Zeros(dtype)
    found: list[Value | None] = [None] * len(graph)
    for node, direction in directions.items():
        shape = graph.shapes[node]
        found[node] = keep(np.broadcast_to(np.asarray(direction, float), shape) if shape else float(direction))
    along: list[Parts] = []
    with np.errstate(all="ignore"):
        for node, operands in enumerate(graph.operands):
            shape = graph.shapes[node]
            arity = len(operands)
            operator = graph.operators[node]
            slots = [s for s, i in enumerate(operands) if found[i] is not None and passes(operator, s, arity)]
            parts: list[Value] = [zero(shape)] * arity
            if slots:
                xs = [values[i] for i in operands]
                ts = [found[i] for i in operands]
                total: Value | None = None
                for slot, found_part in _parts(operator, slots, ts, values[node], xs, graph.attributes[node]):
                    part = keep(_filled(found_part, shape))
                    if slot >= 0:
                        parts[slot] = part
                    total = part if total is None else total + part
                found[node] = total if total is None else keep(total)
            along.append(tuple(parts))
    return tuple([zero(graph.shapes[node]) if t is None else t for node, t in enumerate(found)]), tuple(along)


def _parts(
    operator: Operator,
    slots: Sequence[int],
    ts: Sequence[Value | None],
    y: Value,
    xs: Sequence[Value],
    attributes: Mapping[str, Any],
) -> list[tuple[int, Any]]:
    """What each of `slots` adds to the tangent of one gate; slot −1: what all of them do."""
    if operator.partials is not None:
        rules = partials(operator, len(xs))
        terms: dict[str, Any] = {"y": y, **{f"x{i}": x for i, x in enumerate(xs)}, **{f"t{s}": ts[s] for s in slots}}
        trees = [times(Expression(name=f"t{slot}"), rules[slot]) for slot in slots]
        return list(zip(slots, substituted(trees, terms), strict=True))
    if operator.linear == "jointly" and len(slots) > WIDEST:
        whole = tuple([np.zeros(np.shape(x)) if t is None else t for t, x in zip(ts, xs, strict=True)])
        return [(-1, evaluate(operator, whole, attributes))]
    nothing: list[Value | None] = [None] * len(xs)
    still = [np.zeros(np.shape(x)) if np.shape(x) else 0.0 for x in xs]
    found: list[tuple[int, Any]] = []
    for slot in slots:
        moved = ts[slot]
        assert moved is not None
        if operator.jvp is not None:
            part = operator.jvp((*nothing[:slot], moved, *nothing[slot + 1 :]), y, *xs, **attributes)
        elif operator.linear == "jointly":
            part = evaluate(operator, (*still[:slot], moved, *still[slot + 1 :]), attributes)
        else:
            assert operator.linear == "each", f"{operator.name} has no forward mode"
            part = evaluate(operator, (*xs[:slot], moved, *xs[slot + 1 :]), attributes)
        found.append((slot, part))
    return found


def _filled(part: Any, shape: Shape) -> Value:
    if not shape:
        return float(part)
    return part if np.shape(part) == shape else np.broadcast_to(part, shape).copy()
