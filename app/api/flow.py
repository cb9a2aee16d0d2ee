"""/flow: the norm of the gradient, and of the activation, from layer to layer."""

from msgspec import Struct

from app.analysis.flow import flow
from app.api.resource import resource
from app.limits import Limits
from app.work.circuit import lowered, traced
from app.work.numbers import Number, Speech
from app.work.request import Program


class FlowRow(Struct):
    """One turn of a loop, or one call: the norms at the value last assigned in it."""

    group: str
    label: str
    value: Number
    grad: Number | None


class FlowAnswer(Struct):
    """The rows in the program's order."""

    rows: list[FlowRow]


def answer(q: Program, limits: Limits) -> FlowAnswer:
    """The norm of the gradient and of the activation at each turn of a loop and each call of a function."""
    program = lowered(q, limits)
    say = Speech(q.dtype).number
    return FlowAnswer(
        [
            FlowRow(row.group, row.label, say(row.value), None if row.grad is None else say(row.grad))
            for row in flow(program, traced(q, program))
        ]
    )


resources = (resource("/flow", Program, answer),)
