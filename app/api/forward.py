"""/forward: the same circuit with a tangent beside each value."""

from typing import Annotated

from pydantic import Field

from app.analysis.forward import forward
from app.api.resource import resource
from app.diagnostics import fail
from app.limits import Limits
from app.work.answers import GraphAnswer
from app.work.circuit import circuit
from app.work.numbers import Speech
from app.work.pipeline import included, remarked
from app.work.request import GraphRequest, Inputs, Name


class ForwardRequest(GraphRequest):
    """What `/forward` takes: an input to move along, or a tangent for each of several."""

    input: Annotated[Name | None, Field(description="The input whose tangent is ones.")] = None
    tangents: Annotated[Inputs | None, Field(description="Tangents by input.")] = None


def answer(q: ForwardRequest, limits: Limits) -> GraphAnswer:
    """Forward mode: the circuit with the tangent of every node and wire along a direction of the inputs."""
    made = circuit(q, limits)
    found = remarked(q, made, limits)
    program = made.program
    if q.tangents is not None:
        directions = q.tangents
    elif q.input is not None:
        directions = {q.input: 1.0}
    elif program.inputs:
        directions = {program.inputs[0].name: 1.0}
    else:
        raise fail("request.missing", "`input` or `tangents` is missing, and the program has no input")
    moved = forward(program, made.view, made.trace, directions, dtype=q.dtype)
    speech = Speech(q.dtype, q.max_elements)
    for node in found.nodes:
        node.tangent = speech.maybe(moved.nodes[node.id])
    for edge in found.edges:
        edge.tangent = speech.maybe(moved.edges[edge.id])
    included(q, made, found, limits)
    return found


resources = (resource("/forward", ForwardRequest, answer, drawn=lambda q: bool(q.include)),)
