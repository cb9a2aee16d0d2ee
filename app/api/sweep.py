"""/sweep: the output and its slope along one input, or over a grid of two, or along a parameter."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from math import prod
from typing import Annotated, Any, NamedTuple, TypeAlias

import numpy as np
from msgspec import UNSET, Struct, UnsetType
from pydantic import BeforeValidator, Field

from app.analysis.sweep import Numbers, along, check, crossed, grid, numbers, sweep
from app.api.resource import resource
from app.autodiff.batch import BLOCK
from app.diagnostics import ProgramError, fail
from app.graph.program import Program as Lowered
from app.limits import Limits
from app.ops.algebra import Array
from app.work.circuit import lowered, traced
from app.work.encoded import encoded
from app.work.numbers import Number, Speech, words
from app.work.request import Finite, Name, Program, Whole

IN_PLACE = 1_000  # points of a small program
PIECE = 4 * BLOCK  # points that a cluster computes at a time
HUGE = 1e307
PARAMETERS = 200  # values of a parameter: for each the graph is built anew


def _pair(value: object) -> object:
    return tuple(value) if isinstance(value, list) else value


Count = Annotated[Whole, Field(ge=1)]


class SweepRequest(Program):
    """What `/sweep` takes; the four fields are pairs for a grid."""

    input: Annotated[
        Name | tuple[Name, Name], BeforeValidator(_pair), Field(description="An input, or two of them, or a parameter.")
    ]
    start: Annotated[Finite | tuple[Finite, Finite], BeforeValidator(_pair)]
    stop: Annotated[Finite | tuple[Finite, Finite], BeforeValidator(_pair)]
    num: Annotated[Count | tuple[Count, Count], BeforeValidator(_pair)] = 200


Cell: TypeAlias = Number | list[Any]  # a number; over a grid a row of them


class SweepAnswer(Struct, kw_only=True):
    """`x`, `value` and `grad` have one entry for each point; over a grid `x` and `grad` are pairs, `value` rows."""

    x: list[Cell]
    value: list[Cell]
    kinks: list[Number]
    grad: list[Cell] | UnsetType = UNSET


def answer(q: SweepRequest, limits: Limits) -> SweepAnswer:
    """The output and its derivative over a range of one input, with the kinks in it; or over a grid of two inputs."""
    return answered(asked_for(q, limits), limits)


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """A request, and its program where an input is swept: `points` are all its points by node, `axes` those of each
    input. Without a program, a parameter is swept."""

    request: SweepRequest
    axes: tuple[Array, ...] = ()
    program: Lowered | None = None
    points: Mapping[int, Array] = field(default_factory=dict)


def asked_for(q: SweepRequest, limits: Limits) -> Asked:
    """What is swept. Errors: request.option, limit.request, and those of the program."""
    pairs = [isinstance(each, tuple) for each in (q.input, q.start, q.stop, q.num)]
    if any(pairs) and not all(pairs):
        raise fail("request.option", "over a grid `input`, `start`, `stop` and `num` are pairs, all four")
    names: Any = q.input if all(pairs) else (q.input,)
    starts: Any = q.start if all(pairs) else (q.start,)
    stops: Any = q.stop if all(pairs) else (q.stop,)
    nums: Any = q.num if all(pairs) else (q.num,)
    most = limits.sweep_cells if all(pairs) else limits.sweep_points
    if prod(nums) > most:
        raise too_many(prod(nums), most)
    try:
        program = lowered(q, limits)
    except ProgramError:
        if all(pairs) or not lacks(q, limits):
            raise
        return Asked(request=q)
    if not all(pairs) and any(p.name == q.input for p in program.parameters):
        return Asked(request=q)
    axes = tuple(points(a, b, n) for a, b, n in zip(starts, stops, nums, strict=True))
    found = crossed(program, names, (axes[0], axes[1])) if all(pairs) else along(program, names[0], axes[0])
    return Asked(request=q, axes=axes, program=program, points=found)


def answered(asked: Asked, limits: Limits, known: Numbers | None = None) -> SweepAnswer:
    """The answer, whose numbers may be known."""
    q, program = asked.request, asked.program
    if program is None:
        return over_parameter(q, limits)
    names: Any = q.input
    single = q.dtype == "float32"
    if len(asked.axes) == 2:
        cells = grid(program, names, (asked.axes[0], asked.axes[1]), q.seed, limits, known)
        return SweepAnswer(
            x=[words(axis) for axis in asked.axes],
            value=[words(row, single=single) for row in cells.value],
            grad=[[words(row, single=single) for row in each] for each in cells.grad],
            kinks=[],
        )
    found = sweep(program, names, asked.axes[0], q.seed, limits, known)
    say = Speech(q.dtype)
    return SweepAnswer(
        x=[*words(found.x)],
        value=[*words(found.value, single=single)],
        grad=[*words(found.grad, single=single)],
        kinks=[say.number(at) for at in found.kinks],
    )


# ── In pieces ────────────────────────────────────────────────────────────────────────────────────────────────────────


class Part(NamedTuple):
    """Some of a sweep's points."""

    request: SweepRequest
    points: dict[int, Array]


def piece(state: SweepRequest | Part, limits: Limits) -> tuple[bytes, tuple[Part, ...]]:
    """The numbers at some points: rows of float64, the output's and each gradient's. Of a request that is one piece,
    the answer itself."""
    if isinstance(state, Part):
        value, grads = numbers(lowered(state.request, limits), state.points, state.request.seed, limits)
        return np.stack([value, *(grads[node] for node in state.points)]).tobytes(), ()
    asked = asked_for(state, limits)
    count = prod(map(len, asked.axes))
    if asked.program is None or count < 2 * PIECE:
        return encoded(answered(asked, limits), limits).body, ()
    check(asked.program, count, limits)
    parts = [
        Part(state, {node: x[begin : begin + PIECE] for node, x in asked.points.items()})
        for begin in range(0, count, PIECE)
    ]
    return piece(parts[0], limits)[0], tuple(parts[1:])


def whole(state: Part, pieces: Sequence[bytes], limits: Limits) -> SweepAnswer:
    """The answer of all pieces."""
    asked = asked_for(state.request, limits)
    rows = 1 + len(state.points)
    value, *grads = np.concatenate([np.frombuffer(each).reshape(rows, -1) for each in pieces], axis=1)
    return answered(asked, limits, (value, dict(zip(asked.points, grads, strict=True))))


def points(start: float, stop: float, num: int) -> Array:
    """`num` points from `start` to `stop`, evenly apart; their distance may be beyond float64."""
    if abs(start) < HUGE and abs(stop) < HUGE:
        return np.linspace(start, stop, num)
    return np.linspace(start / 2, stop / 2, num) * 2


def lacks(q: SweepRequest, limits: Limits) -> bool:
    """Whether all that the program lacks is the parameter that is swept."""
    assert isinstance(q.input, str)
    assert not isinstance(q.start, tuple)
    if q.input in q.inputs:
        return False
    program = lowered(q.model_copy(update={"inputs": {**q.inputs, q.input: float(round(q.start))}}), limits)
    return any(p.name == q.input for p in program.parameters)


def over_parameter(q: SweepRequest, limits: Limits) -> SweepAnswer:
    """The output for each integer value of a parameter: for each the graph is built anew."""
    assert isinstance(q.input, str)
    values = sorted({round(x) for x in points(q.start, q.stop, q.num).tolist()})  # type: ignore[arg-type]
    if len(values) > PARAMETERS:
        raise too_many(len(values), PARAMETERS)
    say = Speech(q.dtype)
    found = []
    for value in values:
        each = q.model_copy(update={"inputs": {**q.inputs, q.input: float(value)}})
        program = lowered(each, limits)
        trace = traced(each, program)
        output = trace.values[trace.output]
        found.append(say.number(float(np.sum(np.multiply(output, trace.seed))) if np.shape(output) else float(output)))
    return SweepAnswer(x=[*values], value=[*found], kinks=[])


def too_many(asked: int, most: int) -> Exception:
    """More points than one request may ask for."""
    return fail("limit.request", f"{asked:,} points were asked for, and one request may ask for {most:,}")


def small(q: SweepRequest) -> bool:
    """Whether there are few points."""
    return isinstance(q.num, int) and q.num <= IN_PLACE


resources = (resource("/sweep", SweepRequest, answer, inline=small, drawn=lambda _: True, step=piece, whole=whole),)
