"""/paths: the ways from an input to the output, the largest first; by length; by residual blocks."""

from typing import Annotated, Literal

from msgspec import UNSET, Struct, UnsetType
from pydantic import Field

from app.analysis.blocks import blocks
from app.analysis.paths import lengths, paths
from app.api.resource import resource
from app.limits import Limits
from app.work.circuit import lowered, traced
from app.work.numbers import Number, Speech, Spoken
from app.work.request import Name, Program, Whole


class PathsRequest(Program):
    """What `/paths` takes."""

    input: Annotated[Name, Field(description="The input that the paths begin at.")]
    k: Annotated[Whole, Field(ge=0, description="How many paths are listed.")] = 20
    by: Annotated[
        Literal["product", "length", "blocks"],
        Field(description="product lists paths; length and blocks split the gradient without listing them."),
    ] = "product"
    max_elements: Annotated[Whole, Field(ge=0)] = 64


class PathAnswer(Struct):
    """One path: its nodes from the input on, its product, and how many wires it has."""

    nodes: list[str]
    product: Number
    length: int


class LengthAnswer(Struct):
    """All paths of one length; the count as a string where it is large."""

    length: int
    count: int | str
    sum: Number


class BlocksAnswer(Struct):
    """What came through exactly so many residual blocks."""

    blocks: int
    count: int | str
    sum: Spoken
    norm: Number


class PathsAnswer(Struct, kw_only=True):
    """`paths`, or `lengths`, or `blocks`, by what was asked for."""

    grad: Spoken
    total: int | str | UnsetType = UNSET
    paths: list[PathAnswer] | UnsetType = UNSET
    lengths: list[LengthAnswer] | UnsetType = UNSET
    blocks: list[BlocksAnswer] | UnsetType = UNSET


def answer(q: PathsRequest, limits: Limits) -> PathsAnswer:
    """The paths from an input to the output, with their products; or the gradient split by length or by blocks."""
    program = lowered(q, limits)
    trace = traced(q, program)
    speech = Speech(q.dtype, q.max_elements)
    if q.by == "length":
        split = lengths(program, trace, q.input, limits)
        rows = [LengthAnswer(row.length, row.count, speech.number(row.sum)) for row in split.lengths]
        return PathsAnswer(total=split.total, grad=speech(split.grad), lengths=rows)
    if q.by == "blocks":
        shares = blocks(program, trace, q.input, limits)
        parts = [BlocksAnswer(s.blocks, s.count, speech(s.sum), speech.number(s.norm)) for s in shares.blocks]
        return PathsAnswer(grad=speech(shares.grad), blocks=parts)
    found = paths(program, trace, q.input, q.k, limits)
    listed = [PathAnswer(list(path.nodes), speech.number(path.product), path.length) for path in found.paths]
    return PathsAnswer(total=found.total, grad=speech(found.grad), paths=listed)


resources = (resource("/paths", PathsRequest, answer, inline=lambda q: q.k <= 50, drawn=lambda _: True),)
