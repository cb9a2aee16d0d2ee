"""What answers are made of: one struct for each thing that the API says. A field that is UNSET is left out."""

from collections.abc import Mapping, Sequence
from typing import Any

from msgspec import UNSET, Struct, UnsetType

from app.diagnostics import Diagnostic, Form, Span
from app.graph.graph import Cost
from app.layout.model import Box
from app.work.numbers import Number, Spoken


class Said(Struct, frozen=True, gc=False):
    """One thing that is said about a program."""

    code: str
    message: str
    span: Span | None
    spans: Sequence[Span]
    hint: str | None
    form: bool = False  # the hint shows how it is written: it cannot stand in place of what is underlined


class Problem(Struct, kw_only=True):
    """What went wrong (RFC 9457): the status, one sentence, and every single thing found, with its place and a hint."""

    type: str
    title: str
    status: int
    detail: str
    errors: list[Said] | UnsetType = UNSET


class BoxAnswer(Struct, frozen=True, gc=False):
    """A rectangle in px, y downwards; (x, y) is its top left corner."""

    x: float
    y: float
    width: float
    height: float


class NodeAnswer(Struct, kw_only=True, gc=False):
    """A node as it is shown, with its numbers."""

    id: str
    op: str
    kind: str
    label: str
    names: Sequence[str]
    shape: Sequence[int] | None
    value: Spoken | None
    grad: Spoken | None
    span: Span | None
    spans: Sequence[Span]
    group: str | None
    assumed: bool
    reached: bool
    detail: str | UnsetType = UNSET
    repeat: int | UnsetType = UNSET
    skip: bool | UnsetType = UNSET
    # include=layout
    x: float | UnsetType = UNSET
    y: float | UnsetType = UNSET
    width: float | UnsetType = UNSET
    height: float | UnsetType = UNSET
    value_box: BoxAnswer | UnsetType = UNSET
    grad_box: BoxAnswer | UnsetType = UNSET
    sum_box: BoxAnswer | UnsetType = UNSET
    # include=explain
    doc: str | UnsetType | None = UNSET
    latex: list[str | None] | UnsetType = UNSET
    latex_numbers: list[str | None] | UnsetType = UNSET
    sum: str | UnsetType | None = UNSET
    convention: str | UnsetType | None = UNSET
    # /forward and /backward
    tangent: Spoken | UnsetType | None = UNSET
    of: str | UnsetType | None = UNSET


class EdgeAnswer(Struct, kw_only=True, gc=False):
    """A wire: `value` flows forward along it, `grad` back along this one alone."""

    id: str
    source: str
    target: str
    slot: int
    value: Spoken | None
    grad: Spoken | None
    local: Number | UnsetType | None = UNSET
    # include=layout
    points: Sequence[tuple[float, float]] | UnsetType = UNSET
    path: str | UnsetType = UNSET
    value_box: BoxAnswer | UnsetType = UNSET
    grad_box: BoxAnswer | UnsetType = UNSET
    # /forward
    tangent: Spoken | UnsetType | None = UNSET


class GroupAnswer(Struct, kw_only=True, gc=False):
    """A call or a loop turn, open or closed; `nodes` are those shown directly in it."""

    id: str
    label: str
    parent: str | None
    collapsed: bool
    nodes: Sequence[str]
    span: Span | None
    frame: BoxAnswer | UnsetType = UNSET


class InputAnswer(Struct, kw_only=True, gc=False):
    """An input, in the order of the program."""

    name: str
    node: str
    shape: Sequence[int]
    value: Spoken
    grad: Spoken | None
    assumed: bool


class ParameterAnswer(Struct, gc=False):
    """A name whose value is used where an integer is needed."""

    name: str
    value: int | list[int]


class OutputAnswer(Struct, kw_only=True, gc=False):
    """The node that is differentiated."""

    node: str
    shape: Sequence[int]
    value: Spoken | None
    seed: Spoken | None


class CostAnswer(Struct, gc=False):
    """What the program needs: counts, and flop forward."""

    nodes: int
    edges: int
    elements: int
    flops: int


class MarkAnswer(Struct, gc=False):
    """One element of a picture."""

    tag: str
    key: str
    attributes: dict[str, str | float | int]
    text: str | UnsetType = UNSET
    children: "list[MarkAnswer] | UnsetType" = UNSET


class SceneAnswer(Struct, kw_only=True, gc=False):
    """The picture as keyed elements, in painting order."""

    x: float
    y: float
    width: float
    height: float
    title: str
    description: str
    marks: list[dict[str, Any]]


class GraphAnswer(Struct, kw_only=True, gc=False):
    """The circuit with its numbers."""

    nodes: list[NodeAnswer]
    edges: list[EdgeAnswer]
    groups: list[GroupAnswer]
    inputs: list[InputAnswer]
    parameters: list[ParameterAnswer]
    output: OutputAnswer | None
    warnings: list[Said]
    notes: list[Said]
    url: str | None
    cost: CostAnswer
    errors: list[Said] | UnsetType = UNSET
    bounds: BoxAnswer | UnsetType = UNSET
    scene: SceneAnswer | UnsetType | None = UNSET
    tape: dict[str, Any] | UnsetType | None = UNSET


class NumbersAnswer(Struct, kw_only=True, gc=False):
    """What changes when an input does, by id."""

    values: Mapping[str, Spoken | None]
    grads: Mapping[str, Spoken | None]
    edge_grads: Mapping[str, Spoken | None]
    output: Spoken | None


class ValueAnswer(Struct, kw_only=True, gc=False):
    """One node's value and gradient in full."""

    id: str
    shape: Sequence[int] | None
    value: Spoken | None
    grad: Spoken | None
    # explain
    doc: str | UnsetType | None = UNSET
    latex: list[str | None] | UnsetType = UNSET
    latex_numbers: list[str | None] | UnsetType = UNSET
    sum: str | UnsetType | None = UNSET
    convention: str | UnsetType | None = UNSET


class CheckedInput(Struct, kw_only=True, gc=False):
    """An input, before anything is computed."""

    name: str
    node: str
    shape: Sequence[int]
    value: Spoken
    assumed: bool


class CheckAnswer(Struct, kw_only=True, gc=False):
    """All that an editor wants to know of a text."""

    errors: list[Said]
    warnings: list[Said]
    notes: list[Said]
    inputs: list[CheckedInput]
    parameters: list[ParameterAnswer]
    cost: CostAnswer | None


def said(diagnostics: tuple[Diagnostic, ...]) -> list[Said]:
    """Diagnostics as an answer says them."""
    return [
        Said(
            code=d.code,
            message=d.message,
            span=d.spans[0] if d.spans else None,
            spans=d.spans,
            hint=None if d.hint is None else str(d.hint),
            form=isinstance(d.hint, Form),
        )
        for d in diagnostics
    ]


WRONG_PROGRAM = "urn:gradwire:problem:program"
WRONG_REQUEST = "urn:gradwire:problem:request"


def problem_of(diagnostics: tuple[Diagnostic, ...]) -> Problem:
    """The problem of a program, or of a request's fields, that is wrong."""
    wrong_request = all(d.code.startswith("request.") for d in diagnostics)
    first = diagnostics[0].message
    return Problem(
        type=WRONG_REQUEST if wrong_request else WRONG_PROGRAM,
        title="The request is wrong" if wrong_request else "The program is wrong",
        status=422,
        detail=first if len(diagnostics) == 1 else f"{first} (and {len(diagnostics) - 1} more)",
        errors=said(diagnostics),
    )


def box(found: Box) -> BoxAnswer:
    """A box as an answer says it."""
    return BoxAnswer(*found)


def cost_of(cost: Cost) -> CostAnswer:
    """A program's cost as an answer says it."""
    return CostAnswer(cost.nodes, cost.edges, cost.elements, cost.flops)
