"""/backward: the gradient computation as a circuit of its own."""

from app.api.resource import resource
from app.autodiff.backward import backward_program
from app.limits import Limits
from app.work.answers import GraphAnswer
from app.work.circuit import circuit, lowered
from app.work.pipeline import included, remarked
from app.work.request import GraphRequest


def answer(q: GraphRequest, limits: Limits) -> GraphAnswer:
    """The gradient computation as a circuit of its own; each node with `of`, the node whose gradient it is."""
    back = backward_program(lowered(q, limits), limits, q.seed)
    own = q.model_copy(update={"seed": None, "output": None})
    made = circuit(own, limits, back.program)
    found = remarked(own, made, limits)
    found.url = None
    for node in found.nodes:
        node.of = back.of.get(node.id)
    included(own, made, found, limits)
    return found


resources = (resource("/backward", GraphRequest, answer, drawn=lambda _: True),)
