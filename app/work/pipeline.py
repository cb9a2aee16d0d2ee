"""From a request to an answer: text, graph, numbers, layout, picture. Pure functions of (request, limits)."""

from msgspec import UNSET

from app.analysis.explain import explain, explained
from app.autodiff.replay import tape
from app.diagnostics import ProgramError, fail
from app.draw.mark import Scene
from app.draw.scene import scene
from app.draw.theme import theme
from app.graph.groups import unused
from app.lang import check as checked
from app.limits import Limits
from app.links.state import state_from, url_of
from app.work import answers as say
from app.work.answers import GraphAnswer, NumbersAnswer, ValueAnswer
from app.work.circuit import Circuit, circuit, figure, figures, lowered, placed, traced, viewed
from app.work.numbers import Speech
from app.work.pool import Outgrown, outgrown
from app.work.remarks import notes, remarks
from app.work.replayed import MEMORY
from app.work.request import GraphRequest, Shown
from app.work.request import Program as ProgramRequest
from app.work.saying import checked_input, drawn, parameters, put, said, told

__all__ = [
    "Circuit",
    "NodeRequest",
    "check",
    "circuit",
    "figure",
    "figures",
    "graph",
    "included",
    "lowered",
    "numbers",
    "placed",
    "put",
    "remarked",
    "traced",
    "values",
    "viewed",
    "whole",
]


def graph(q: GraphRequest, limits: Limits) -> GraphAnswer:
    """The circuit of a program: nodes and wires with values, gradients and each wire's own contribution."""
    return whole(q, limits)[0]


def whole(q: GraphRequest, limits: Limits) -> tuple[GraphAnswer, Scene | None]:
    """The circuit, and its picture where it is included."""
    try:
        made = MEMORY.circuit(q, limits)
    except ProgramError as error:
        if not q.partial or outgrown(limits, error.diagnostics):
            raise
        return nothing(q, error, limits), None
    answer = remarked(q, made, limits)
    return answer, included(q, made, answer, limits)


def included(q: GraphRequest, made: Circuit, answer: GraphAnswer, limits: Limits) -> Scene | None:
    """Adds what is to be included; gives the picture where that is."""
    if "explain" in q.include:
        explanations = explain(made.view, made.trace, made.numbers)
        for node, found in zip(answer.nodes, explanations, strict=True):
            told(node, found)
    if "tape" in q.include:
        answer.tape = tape(made.program, made.view)
    picture = None
    if "layout" in q.include or "scene" in q.include:
        places = placed(made.view, q.direction, limits)
        if "layout" in q.include:
            put(answer, places)
        if "scene" in q.include:
            look = theme(q.theme, q.palette)
            picture = scene(made.view, places, figures(made.numbers), theme=look, interactive=True)
            answer.scene = drawn(picture)
    return picture


def remarked(q: GraphRequest, made: Circuit, limits: Limits) -> GraphAnswer:
    """The circuit as an answer says it, with what is to be said about it."""
    answer = said(made, Speech(q.dtype, q.max_elements))
    answer.url = address(q, limits)
    answer.warnings = say.said((*made.program.warnings, *unused(made.program, q.collapse), *remarks(made)))
    answer.notes = say.said((*made.program.notes, *notes(q, made)))
    if q.partial:
        answer.errors = say.said(made.program.errors)
    return answer


def nothing(q: GraphRequest, error: ProgramError, limits: Limits) -> GraphAnswer:
    """The answer of a program of which nothing stands."""
    return GraphAnswer(
        nodes=[],
        edges=[],
        groups=[],
        inputs=[],
        parameters=[],
        output=None,
        warnings=[],
        notes=[],
        url=address(q, limits),
        cost=say.CostAnswer(0, 0, 0, 0),
        errors=say.said(error.diagnostics),
        bounds=say.BoxAnswer(0.0, 0.0, 0.0, 0.0) if "layout" in q.include else UNSET,
        scene=None if "scene" in q.include else UNSET,
        tape=None if "tape" in q.include else UNSET,
    )


def address(q: GraphRequest, limits: Limits) -> str | None:
    """Where the state of a request opens, on this server."""
    path = url_of(state_from(q), limits)
    return None if path is None else q.public_url + path


def numbers(q: Shown, limits: Limits) -> NumbersAnswer:
    """What changes when an input does: values, gradients and each wire's contribution, by id."""
    made = MEMORY.circuit(q, limits)
    speech = Speech(q.dtype, q.max_elements)
    found = made.numbers
    return NumbersAnswer(
        values=speech.each(found.values),
        grads=speech.each(found.grads),
        edge_grads=speech.each(found.edge_grads),
        output=speech(made.trace.values[made.program.output]),
    )


class NodeRequest(Shown):
    """What `/values` takes: the id of a node, or its name; and whether its reasons are told."""

    node: str
    explain: bool = False


def values(q: NodeRequest, limits: Limits) -> ValueAnswer:
    """One node's value and gradient in full; with its reasons, where they are asked for and it is shown."""
    made = MEMORY.circuit(q, limits)
    program = made.program
    speech = Speech(q.dtype, float("inf"))
    for node in made.view.nodes:
        if node.id == q.node:
            value, grad = made.numbers.values[node.id], made.numbers.grads[node.id]
            shape = None if node.shape is None else list(node.shape)
            answer = ValueAnswer(id=node.id, shape=shape, value=speech.maybe(value), grad=speech.maybe(grad))
            if q.explain:
                told(answer, explained(node, made.view, made.trace, made.numbers))
            return answer
    named = {name: index for index, names in enumerate(program.names) for name in names}
    index = {id_: index for index, id_ in enumerate(program.ids)}.get(q.node, named.get(q.node))
    if index is None:
        raise fail("name.unknown", f"the program has no node `{q.node[:80]}`")
    return ValueAnswer(
        id=program.ids[index],
        shape=list(program.graph.shapes[index]),
        value=speech(made.trace.values[index]),
        grad=speech.maybe(made.trace.cotangents[index]),
    )


def check(q: ProgramRequest, limits: Limits) -> say.CheckAnswer:
    """All that an editor wants to know of a text: errors, names, shapes and cost; nothing is computed."""
    found = checked(q.source, q.inputs, limits=limits, share=q.share, strict=q.strict, output=q.output)
    if outgrown(limits, found.errors):
        raise Outgrown
    program, speech = found.program, Speech(q.dtype)
    return say.CheckAnswer(
        errors=say.said(found.errors),
        warnings=say.said(found.warnings),
        notes=say.said(found.notes),
        inputs=[] if program is None else [checked_input(i, program, speech) for i in program.inputs],
        parameters=[] if program is None else parameters(program),
        cost=None if found.cost is None else say.cost_of(found.cost),
    )
