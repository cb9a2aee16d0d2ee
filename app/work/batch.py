"""Many programs, or one program at many points: each answers or fails on its own."""

from collections.abc import Iterator, Mapping
from typing import Annotated, Any, NamedTuple

import msgspec
import numpy as np
from msgspec import Struct
from pydantic import BeforeValidator, Field, WithJsonSchema

from app.autodiff.batch import Batch
from app.autodiff.reverse import seeded
from app.diagnostics import ProgramError, fail
from app.graph.program import Program as Lowered
from app.limits import Limits
from app.ops.algebra import Array, Value
from app.work.answers import Problem, problem_of
from app.work.circuit import lowered, traced
from app.work.encoded import JSON, NDJSON, Encoded, encoded
from app.work.numbers import Speech, Spoken, given, words
from app.work.request import Program, Request, read

CHUNK = 4096  # points that are written at a time
FIRST = 20  # programs that are answered in one piece
STRUCTURES = 1_000  # values of parameters: for each the graph is built anew

_encode = msgspec.json.Encoder().encode


def _listed(value: object) -> object:
    if not isinstance(value, list):
        raise ValueError("a list is needed")
    return tuple(value)


class BatchRequest(Request):
    """What `/batch` takes: `requests`, or a program with `points`, by rows or by columns."""

    requests: Annotated[
        tuple[Any, ...] | None,
        BeforeValidator(lambda value: None if value is None else _listed(value)),
        Field(description="Programs, each as /graph takes it."),
        WithJsonSchema({"type": "array", "items": {"type": "object"}}),
    ] = None
    points: Annotated[
        Any,
        Field(description="Rows, [{x: 1.0}, …], or columns, {x: [1.0, …]}."),
        WithJsonSchema({"anyOf": [{"type": "array", "items": {"type": "object"}}, {"type": "object"}]}),
    ] = None
    source: Any = None
    inputs: Any = None
    seed: Any = None
    output: Any = None
    dtype: Any = "float64"
    share: Any = True
    max_elements: Annotated[int, Field(ge=0)] = 64
    media: str = JSON


class Result(Struct, omit_defaults=True):
    """One result: the output's value and the gradient of each input, or a problem."""

    value: Spoken | None = None
    grads: dict[str, Spoken | None] | None = None
    error: Problem | None = None


class BatchAnswer(Struct):
    """The results in the order of the requests or points."""

    results: list[Result]


def batch(q: BatchRequest, limits: Limits) -> BatchAnswer | Encoded:
    """Up to 1,000 programs, or one program at up to 100,000 points; each answers or fails on its own."""
    if q.requests is not None:
        if len(q.requests) > limits.batch_requests:
            raise too_many(len(q.requests), limits.batch_requests, "programs")
        pieces: Iterator[bytes] = (_encode(one(each, limits, q.max_elements)) for each in q.requests)
    elif q.points is not None:
        options = {
            "inputs": {} if q.inputs is None else q.inputs,
            "seed": q.seed,
            "output": q.output,
            "dtype": q.dtype,
            "share": q.share,
        }
        if q.source is None:
            raise fail("request.missing", "`source` is missing: the program that the points are of")
        program = read(Program, {"source": q.source, **options})
        pieces = at_points(program, q.points, limits, q.max_elements)
    else:
        raise fail("request.missing", "`requests` is missing; or `source` and `points`")
    if q.media == NDJSON:
        return encoded(Encoded(b"\n".join([*pieces, b""]), NDJSON), limits)
    return encoded(Encoded(b'{"results":[' + b",".join(pieces) + b"]}"), limits)


class Rest(NamedTuple):
    """The programs that are left, and how many come next."""

    requests: tuple[Any, ...]
    size: int
    most: int


def piece(state: BatchRequest | Rest, limits: Limits) -> tuple[bytes, Rest | None]:
    """The next lines. Programs come in pieces, each twice as long as the one before; points, which are computed all at
    once, in one."""
    if isinstance(state, BatchRequest):
        if state.requests is None or len(state.requests) > limits.batch_requests:
            return encoded(batch(state, limits), limits).body, None
        state = Rest(state.requests, FIRST, state.max_elements)
    lines = [_encode(one(each, limits, state.most)) for each in state.requests[: state.size]]
    rest = state.requests[state.size :]
    return b"\n".join([*lines, b""]), Rest(rest, state.size * 2, state.most) if rest else None


def one(fields: object, limits: Limits, most: int) -> Result:
    """The result of one program."""
    try:
        if not isinstance(fields, Mapping):
            raise fail("request.option", "a request is an object with a `source`")
        q = read(Program, fields)
        if len(q.source.encode()) > limits.source_bytes:
            raise fail("limit.source", f"the source may have {limits.source_bytes:,} bytes")
        program = lowered(q, limits)
        if program.errors:
            raise ProgramError(program.errors)
        trace = traced(q, program)
    except ProgramError as error:
        return Result(error=problem_of(error.diagnostics))
    speech = Speech(q.dtype, most)
    return Result(
        value=speech(trace.values[trace.output]),
        grads={i.name: speech.maybe(trace.cotangents[i.node]) for i in program.inputs},
    )


# ── One program at many points ───────────────────────────────────────────────────────────────────────────────────────


def at_points(q: Program, points: Any, limits: Limits, most: int) -> Iterator[bytes]:
    """The encoded result at each point."""
    count, columns, wrong = tabled(points, limits)
    if count == 0:
        return iter(())
    try:
        base = lowered(q, limits)
    except ProgramError:  # a parameter, or a tensor, may be given by the points alone
        if not columns.keys() - q.inputs.keys():
            raise
        first = {name: next(value for value in column if value is not None) for name, column in columns.items()}
        lowered(at(q, first), limits)
        rows = ({name: column[i] for name, column in columns.items()} for i in range(count))
        return walked(q, rows, wrong, limits, most)
    names = {i.name for i in base.inputs}
    structural = {p.name for p in base.parameters} & columns.keys()
    scalar = all(isinstance(column, np.ndarray) for column in columns.values())
    if structural or not scalar or wrong:
        rows = ({name: column[i] for name, column in columns.items()} for i in range(count))
        return walked(q, rows, wrong, limits, most)
    if base.cost.flops * 4 * count > limits.flops:
        raise fail("limit.flops", f"{count:,} points of this program take over {limits.flops:,} operations")
    if any(base.graph.shapes[i.node] for i in base.inputs if i.name in columns):
        rows = ({name: float(column[i]) for name, column in columns.items()} for i in range(count))
        return walked(q, rows, wrong, limits, most)
    moved = {i.node: columns[i.name] for i in base.inputs if i.name in columns and i.name in names}
    return vectorised(q, base, moved, count, most)


def vectorised(q: Program, base: Lowered, moved: Mapping[int, Any], count: int, most: int) -> Iterator[bytes]:
    """All points of a program at once."""
    start = seeded(q.seed if q.seed is not None else base.seed, base.graph.shapes[base.output])
    points: dict[int, Array] = dict(moved) or {-1: np.zeros(count)}
    run = Batch(base.graph, base.output)
    value, grads = run.run(points, base.values(), start)
    speech = Speech(q.dtype, most)
    names = [i.name for i in base.inputs]
    for begin in range(0, count, CHUNK):
        piece = slice(begin, begin + CHUNK)
        values = spoken(value[piece], speech)
        columns = [spoken(grads[i.node][piece], speech) for i in base.inputs]
        for said, *row in zip(values, *columns, strict=True):
            yield _encode({"value": said, "grads": dict(zip(names, row, strict=True))})


def spoken(values: Array, speech: Speech) -> list[Any]:
    """Each of a row of values, as an answer says it."""
    if values.ndim == 1:
        return words(values, single=speech.single)
    return [speech(each) for each in values]


def walked(
    q: Program, rows: Iterator[Mapping[str, Any]], wrong: Mapping[int, ProgramError], limits: Limits, most: int
) -> Iterator[bytes]:
    """Point by point: where points change the graph, hold tensors, or are wrong."""
    built = 0
    for i, row in enumerate(rows):
        if i in wrong:
            yield _encode(Result(error=problem_of(wrong[i].diagnostics)))
            continue
        built += 1
        if built > STRUCTURES:
            error = fail("limit.request", f"the graph is built anew for at most {STRUCTURES:,} points of one request")
            yield _encode(Result(error=problem_of(error.diagnostics)))
            continue
        yield _encode(one_at(at(q, row), limits, most))


def at(q: Program, row: Mapping[str, Any]) -> Program:
    """The program at a point."""
    inputs: dict[str, Value] = {**q.inputs, **{name: value for name, value in row.items() if value is not None}}
    return q.model_copy(update={"inputs": inputs})


def one_at(q: Program, limits: Limits, most: int) -> Result:
    """The result at one point."""
    try:
        program = lowered(q, limits)
        trace = traced(q, program)
    except ProgramError as error:
        return Result(error=problem_of(error.diagnostics))
    speech = Speech(q.dtype, most)
    return Result(
        value=speech(trace.values[trace.output]),
        grads={i.name: speech.maybe(trace.cotangents[i.node]) for i in program.inputs},
    )


Columns = dict[str, Any]


def tabled(points: Any, limits: Limits) -> tuple[int, Columns, dict[int, ProgramError]]:
    """How many points there are, their columns (arrays where all are numbers, else lists), and which are wrong.

    Errors: request.option, limit.request.
    """
    if isinstance(points, dict):
        return by_columns(points, limits)
    if not isinstance(points, list):
        raise fail("request.option", "`points` is a list of objects, or an object of lists")
    check_count(len(points), limits)
    names = list(points[0]) if points and isinstance(points[0], dict) else []
    keys = set(names)
    if all(isinstance(point, dict) and point.keys() == keys for point in points):
        columns = {name: [point[name] for point in points] for name in names}
        if all(set(map(type, column)) <= {float, int} for column in columns.values()):
            try:
                return len(points), {n: np.array(c, np.float64) for n, c in columns.items()}, {}
            except OverflowError:
                pass
    wrong: dict[int, ProgramError] = {}
    rows: list[dict[str, Value]] = []
    for i, point in enumerate(points):
        try:
            if not isinstance(point, dict):
                raise fail("request.option", "a point is an object: values by name")
            rows.append({name: given(value) for name, value in point.items()})
        except ProgramError as error:
            wrong[i] = error
            rows.append({})
    every = dict.fromkeys(name for row in rows for name in row)
    return len(points), {name: [row.get(name) for row in rows] for name in every}, wrong


def by_columns(points: Mapping[str, Any], limits: Limits) -> tuple[int, Columns, dict[int, ProgramError]]:
    """The same where points come as columns of one length."""
    if not points:
        raise fail("request.option", "`points` holds no column")
    lengths = {len(column) if isinstance(column, list) else -1 for column in points.values()}
    if len(lengths) > 1 or -1 in lengths:
        raise fail("request.option", "the columns of `points` are lists of one length")
    check_count(lengths.pop(), limits)
    rows = None
    columns: Columns = {}
    for name, column in points.items():
        if set(map(type, column)) <= {float, int}:
            try:
                columns[name] = np.array(column, np.float64)
                continue
            except OverflowError:
                pass
        rows = column
        break
    if rows is None:
        return len(next(iter(columns.values()))), columns, {}
    listed = [dict(zip(points, row, strict=True)) for row in zip(*points.values(), strict=True)]
    return tabled(listed, limits)


def check_count(count: int, limits: Limits) -> None:
    """Errors: limit.request."""
    if count > limits.batch_points:
        raise too_many(count, limits.batch_points, "points")


def too_many(asked: int, most: int, what: str) -> ProgramError:
    """More than one request may ask for."""
    return fail("limit.request", f"{asked:,} {what} were given, and one request may hold {most:,}")
