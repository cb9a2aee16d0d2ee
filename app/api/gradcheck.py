"""/gradcheck: central differences beside the gradient."""

from msgspec import UNSET, Struct, UnsetType

from app.analysis.gradcheck import gradcheck
from app.api.resource import resource
from app.limits import Limits
from app.work.circuit import lowered, traced
from app.work.numbers import Number, Speech, Spoken
from app.work.request import Program


class CheckedAnswer(Struct, kw_only=True):
    """One input: its gradient, the measured one, the largest relative error, and whether that is right.

    `elements`: the places, row-major, of the elements that were sampled, where there are many.
    """

    name: str
    grad: Spoken
    difference: Spoken
    error: Number
    ok: bool
    kink: bool
    elements: list[int] | UnsetType = UNSET


class GradcheckAnswer(Struct):
    """The verdict on every input."""

    ok: bool
    inputs: list[CheckedAnswer]


def answer(q: Program, limits: Limits) -> GradcheckAnswer:
    """Each gradient held against central differences, with a verdict that knows about kinks."""
    program = lowered(q, limits)
    verdict = gradcheck(program, traced(q, program), limits, dtype=q.dtype)
    speech = Speech(q.dtype)
    return GradcheckAnswer(
        verdict.ok,
        [
            CheckedAnswer(
                name=one.name,
                grad=speech(one.grad),
                difference=speech(one.difference),
                error=speech.number(one.error),
                ok=one.ok,
                kink=one.kink,
                elements=UNSET if one.elements is None else list(one.elements),
            )
            for one in verdict.inputs
        ],
    )


resources = (resource("/gradcheck", Program, answer, drawn=lambda _: True),)
