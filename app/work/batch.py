"""Many programs, or one program at many points: each answers or fails on its own."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Annotated, Any, NamedTuple

import msgspec
import numpy as np
from msgspec import Struct
from pydantic import BeforeValidator, Field, WithJsonSchema

from app.autodiff.batch import BLOCK, Batch, compiles
from app.autodiff.reverse import seeded
from app.diagnostics import Diagnostic, ProgramError, fail
from app.graph.program import Program as Lowered
from app.limits import Limits
from app.ops.algebra import Array, Value
from app.work.answers import Problem, problem_of
from app.work.circuit import lowered, traced
from app.work.encoded import JSON, NDJSON, Encoded, encoded
from app.work.numbers import Speech, Spoken, given, words
from app.work.request import Program, Request, read

ROWS = 1_000  # points of a piece, where they go one by one
FIRST = 20  # programs that are answered in one piece
STRUCTURES = 1_000  # values of parameters: for each the graph is built anew

_encode = msgspec.json.Encoder().encode
Columns = dict[str, Any]


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


class Programs(NamedTuple):
    """Programs, each as it came."""

    requests: tuple[Any, ...]
    most: int
    media: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Points:
    """So many points of one program, by columns (arrays where all are numbers, else lists). `wrong`: what is said of
    some of them; `built`: for how many the graph may be built anew; `base`: the graph where it is one for all points;
    `size`: how many points are a piece."""

    program: Program
    columns: Columns
    count: int
    wrong: dict[int, tuple[Diagnostic, ...]]
    built: int
    uniform: bool
    size: int
    most: int
    media: str
    base: Lowered | None = None


def batch(q: BatchRequest, limits: Limits) -> BatchAnswer | Encoded:
    """Up to 1,000 programs, or one program at up to 100,000 points; each answers or fails on its own."""
    asked = asked_for(q, limits)
    return encoded(together(q.media, [written(asked, limits)]), limits)


def piece(state: BatchRequest | Programs | Points, limits: Limits) -> tuple[bytes, tuple[Programs | Points, ...]]:
    """Some results, and what is left, in pieces that need not wait for each other."""
    if not isinstance(state, BatchRequest):
        return written(state, limits), ()
    first, *rest = cut(asked_for(state, limits))
    found = written(first, limits)
    return found if rest else together(state.media, [found]).body, tuple(rest)


def whole(state: Programs | Points, pieces: Sequence[bytes], _: Limits) -> Encoded:
    """The answer of all pieces."""
    return together(state.media, pieces)


def together(media: str, pieces: Sequence[bytes]) -> Encoded:
    """The answer that the results in these pieces make."""
    if media == NDJSON:
        return Encoded(b"".join(pieces), NDJSON)
    return Encoded(b'{"results":[' + b",".join(piece for piece in pieces if piece) + b"]}")


def asked_for(q: BatchRequest, limits: Limits) -> Programs | Points:
    """All that a request asks for. Errors: limit.request, request.missing, request.option, and those of the program."""
    if q.requests is not None:
        if len(q.requests) > limits.batch_requests:
            raise too_many(len(q.requests), limits.batch_requests, "programs")
        return Programs(q.requests, q.max_elements, q.media)
    if q.points is None:
        raise fail("request.missing", "`requests` is missing; or `source` and `points`")
    if q.source is None:
        raise fail("request.missing", "`source` is missing: the program that the points are of")
    return points_of(q, limits)


def cut(asked: Programs | Points) -> Iterator[Programs | Points]:
    """The same in pieces, of at least one. Programs: each piece twice as many as the one before, so that the first
    comes soon."""
    if isinstance(asked, Programs):
        begin, size = 0, FIRST
        while begin == 0 or begin < len(asked.requests):
            yield asked._replace(requests=asked.requests[begin : begin + size])
            begin, size = begin + size, size * 2
        return
    right = 0
    for begin in range(0, max(asked.count, 1), asked.size):
        end = min(begin + asked.size, asked.count)
        wrong = {i - begin: asked.wrong[i] for i in asked.wrong.keys() & range(begin, end)}
        yield replace(
            asked,
            columns={name: column[begin:end] for name, column in asked.columns.items()},
            count=end - begin,
            wrong=wrong,
            built=max(0, asked.built - right),
            base=asked.base if begin == 0 else None,
        )
        right += end - begin - len(wrong)


def written(asked: Programs | Points, limits: Limits) -> bytes:
    """The results, encoded: lines, or values with a comma between them."""
    if isinstance(asked, Programs):
        found: Iterator[bytes] = (_encode(one(each, limits, asked.most)) for each in asked.requests)
    elif asked.uniform:
        found = vectorised(asked, limits)
    else:
        found = walked(asked, limits)
    return b"\n".join([*found, b""]) if asked.media == NDJSON else b",".join(found)


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


def points_of(q: BatchRequest, limits: Limits) -> Points:
    """The points of a request, and whether one graph does for all of them."""
    program = read(
        Program,
        {
            "source": q.source,
            "inputs": {} if q.inputs is None else q.inputs,
            "seed": q.seed,
            "output": q.output,
            "dtype": q.dtype,
            "share": q.share,
        },
    )
    count, columns, wrong = tabled(q.points, limits)
    apart = Points(
        program=program, columns=columns, count=count, wrong=wrong, built=STRUCTURES, uniform=False, size=ROWS,
        most=q.max_elements, media=q.media,
    )  # fmt: skip
    if count == 0:
        return apart
    try:
        base = lowered(program, limits)
    except ProgramError:  # a parameter, or a tensor, may be given by the points alone
        if not columns.keys() - program.inputs.keys():
            raise
        first = {name: next(value for value in column if value is not None) for name, column in columns.items()}
        lowered(at(program, first), limits)
        return apart
    structural = {p.name for p in base.parameters} & columns.keys()
    scalar = all(isinstance(column, np.ndarray) for column in columns.values())
    if structural or not scalar or wrong:
        return apart
    if base.cost.flops * 4 * count > limits.flops:
        raise fail("limit.flops", f"{count:,} points of this program take over {limits.flops:,} operations")
    if any(base.graph.shapes[i.node] for i in base.inputs if i.name in columns):
        return apart
    # To lower and to compile a graph takes as long as it takes to compute it at some thousand points.
    size = BLOCK * (2 + len(base.graph) // 100) if compiles(base.graph) else ROWS
    return replace(apart, uniform=True, size=size, base=base)


def vectorised(asked: Points, limits: Limits) -> Iterator[bytes]:
    """All points of a program at once."""
    q = asked.program
    base = lowered(q, limits) if asked.base is None else asked.base
    start = seeded(q.seed if q.seed is not None else base.seed, base.graph.shapes[base.output])
    moved = {i.node: asked.columns[i.name] for i in base.inputs if i.name in asked.columns}
    points: dict[int, Array] = moved or {-1: np.zeros(asked.count)}
    run = Batch(base.graph, base.output)
    value, grads = run.run(points, base.values(), start)
    speech = Speech(q.dtype, asked.most)
    names = [i.name for i in base.inputs]
    for begin in range(0, asked.count, BLOCK):
        some = slice(begin, begin + BLOCK)
        values = spoken(value[some], speech)
        columns = [spoken(grads[i.node][some], speech) for i in base.inputs]
        for said, *row in zip(values, *columns, strict=True):
            yield _encode({"value": said, "grads": dict(zip(names, row, strict=True))})


def spoken(values: Array, speech: Speech) -> list[Any]:
    """Each of a row of values, as an answer says it."""
    if values.ndim == 1:
        return words(values, single=speech.single)
    return [speech(each) for each in values]


def walked(asked: Points, limits: Limits) -> Iterator[bytes]:
    """Point by point: where points change the graph, hold tensors, or are wrong."""
    built = 0
    for i in range(asked.count):
        if i in asked.wrong:
            yield _encode(Result(error=problem_of(asked.wrong[i])))
            continue
        built += 1
        if built > asked.built:
            error = fail("limit.request", f"the graph is built anew for at most {STRUCTURES:,} points of one request")
            yield _encode(Result(error=problem_of(error.diagnostics)))
            continue
        row = {name: column[i] for name, column in asked.columns.items()}
        yield _encode(one_at(at(asked.program, row), limits, asked.most))


def at(q: Program, row: Mapping[str, Any]) -> Program:
    """The program at a point."""
    given = {name: float(value) if isinstance(value, float) else value for name, value in row.items()}
    inputs: dict[str, Value] = {**q.inputs, **{name: value for name, value in given.items() if value is not None}}
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


def tabled(points: Any, limits: Limits) -> tuple[int, Columns, dict[int, tuple[Diagnostic, ...]]]:
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
    wrong: dict[int, tuple[Diagnostic, ...]] = {}
    rows: list[dict[str, Value]] = []
    for i, point in enumerate(points):
        try:
            if not isinstance(point, dict):
                raise fail("request.option", "a point is an object: values by name")
            rows.append({name: given(value) for name, value in point.items()})
        except ProgramError as error:
            wrong[i] = error.diagnostics
            rows.append({})
    every = dict.fromkeys(name for row in rows for name in row)
    return len(points), {name: [row.get(name) for row in rows] for name in every}, wrong


def by_columns(points: Mapping[str, Any], limits: Limits) -> tuple[int, Columns, dict[int, tuple[Diagnostic, ...]]]:
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
