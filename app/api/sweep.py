"""/sweep: the output and its slope along one input, or over a grid of two, or along a parameter."""

from typing import Annotated, Any, TypeAlias

import numpy as np
from msgspec import UNSET, Struct, UnsetType
from pydantic import BeforeValidator, Field

from app.analysis.sweep import grid, sweep
from app.api.resource import resource
from app.diagnostics import ProgramError, fail
from app.limits import Limits
from app.ops.algebra import Array
from app.work.circuit import lowered, traced
from app.work.numbers import Number, Speech, words
from app.work.request import Finite, Name, Program, Whole

IN_PLACE = 1_000  # points of a small program
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
    pairs = [isinstance(each, tuple) for each in (q.input, q.start, q.stop, q.num)]
    if all(pairs):
        return over_grid(q, limits)
    if any(pairs):
        raise fail("request.option", "over a grid `input`, `start`, `stop` and `num` are pairs, all four")
    assert isinstance(q.input, str)
    assert isinstance(q.num, int)
    assert not isinstance(q.start, tuple)
    assert not isinstance(q.stop, tuple)
    if q.num > limits.sweep_points:
        raise too_many(q.num, limits.sweep_points)
    try:
        program = lowered(q, limits)
    except ProgramError:
        if not lacks(q, limits):
            raise
        return over_parameter(q, limits)
    if any(p.name == q.input for p in program.parameters):
        return over_parameter(q, limits)
    x = points(q.start, q.stop, q.num)
    found = sweep(program, q.input, x, q.seed, limits)
    say = Speech(q.dtype)
    return SweepAnswer(
        x=[*words(x)],
        value=[*words(found.value, single=say.single)],
        grad=[*words(found.grad, single=say.single)],
        kinks=[say.number(at) for at in found.kinks],
    )


def points(start: float, stop: float, num: int) -> Array:
    """`num` points from `start` to `stop`, evenly apart; their distance may be beyond float64."""
    if abs(start) < HUGE and abs(stop) < HUGE:
        return np.linspace(start, stop, num)
    return np.linspace(start / 2, stop / 2, num) * 2


def over_grid(q: SweepRequest, limits: Limits) -> SweepAnswer:
    """The same over all pairs of two inputs' points."""
    names: Any = q.input
    starts: Any = q.start
    stops: Any = q.stop
    nums: Any = q.num
    if nums[0] * nums[1] > limits.sweep_cells:
        raise too_many(nums[0] * nums[1], limits.sweep_cells)
    program = lowered(q, limits)
    axes = tuple(points(a, b, n) for a, b, n in zip(starts, stops, nums, strict=True))
    found = grid(program, names, (axes[0], axes[1]), q.seed, limits)
    single = q.dtype == "float32"
    return SweepAnswer(
        x=[words(axis) for axis in axes],
        value=[words(row, single=single) for row in found.value],
        grad=[[words(row, single=single) for row in each] for each in found.grad],
        kinks=[],
    )


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


resources = (resource("/sweep", SweepRequest, answer, inline=small, drawn=lambda _: True),)
