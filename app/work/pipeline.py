"""From a request to an answer: text, graph, numbers, layout, picture. Pure functions of (request, limits)."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from msgspec import UNSET

from app.analysis.explain import Explanation, conventions, explain
from app.autodiff.replay import tape
from app.autodiff.reverse import trace
from app.autodiff.shown import Numbers, shown
from app.autodiff.trace import Trace
from app.diagnostics import Diagnostic, ProgramError, fail
from app.draw.figures import Figure, Figures, TensorFigure
from app.draw.mark import Scene
from app.draw.number import number_text
from app.draw.scene import marks_json, scene
from app.draw.theme import theme
from app.graph.groups import unused, view
from app.graph.program import Input, Program
from app.graph.view import View
from app.lang import check as checked
from app.lang import lower
from app.layout import layout
from app.layout.model import Direction, Layout
from app.limits import Limits
from app.links.state import state_from, url_of
from app.ops.algebra import Value
from app.work import answers as say
from app.work.answers import GraphAnswer, NumbersAnswer, ValueAnswer
from app.work.numbers import Speech, norm
from app.work.pool import Outgrown, outgrown
from app.work.request import GraphRequest, Shown
from app.work.request import Program as ProgramRequest

MOST_REMARKS = 20
KEPT_NODES = 200  # of a view whose layout is kept


@dataclass(frozen=True, slots=True, kw_only=True)
class Circuit:
    """A program with its numbers, and what of it is shown."""

    program: Program
    trace: Trace
    view: View
    numbers: Numbers


# ── The steps ────────────────────────────────────────────────────────────────────────────────────────────────────────


def lowered(q: ProgramRequest, limits: Limits) -> Program:
    """The program that a request's text says. Errors: ProgramError; Outgrown."""
    program = lower(
        q.source,
        q.inputs,
        limits=limits,
        share=q.share,
        strict=q.strict,
        partial=q.partial,
        output=q.output,
        dtype=q.dtype,
    )
    if program.errors and outgrown(limits, program.errors):
        raise Outgrown
    return program


def traced(q: ProgramRequest, program: Program) -> Trace:
    """Its numbers, at the request's seed, else the program's own. Errors: seed.shape."""
    seed = q.seed if q.seed is not None else program.seed
    return trace(program.graph, program.values(), program.output, seed, dtype=q.dtype)


def viewed(q: Shown, program: Program, limits: Limits) -> View:
    """What of it is shown."""
    return view(program, closed=q.collapse, limits=limits, number=number_text)


def circuit(q: Shown, limits: Limits, program: Program | None = None) -> Circuit:
    """The whole way, without a place for anything; from the text, or from a program that is there already."""
    program = program or lowered(q, limits)
    found = traced(q, program)
    seen = viewed(q, program, limits)
    return Circuit(program=program, trace=found, view=seen, numbers=shown(seen, found))


def placed(seen: View, direction: Direction, limits: Limits) -> Layout:
    """A place for everything. Errors: limit.drawn."""
    if len(seen.nodes) > limits.drawn_nodes:
        raise fail(
            "limit.drawn",
            f"{len(seen.nodes):,} nodes would show, and {limits.drawn_nodes:,} can be drawn",
            hint="close some groups: collapse=auto",
        )
    return placed_before(seen, direction) if len(seen.nodes) <= KEPT_NODES else layout(seen, direction=direction)


@lru_cache(maxsize=64)
def placed_before(seen: View, direction: Direction) -> Layout:
    """The layout of a view, kept: it knows no numbers, so a slider asks for the same one again and again."""
    return layout(seen, direction=direction)


def figures(numbers: Numbers) -> Figures:
    """The numbers as a picture tells them."""
    return Figures(
        values={key: figure(value) for key, value in numbers.values.items()},
        grads={key: figure(value) for key, value in numbers.grads.items()},
        edge_values={key: figure(value) for key, value in numbers.edge_values.items()},
        edge_grads={key: figure(value) for key, value in numbers.edge_grads.items()},
        parts=numbers.parts,
    )


def figure(value: Value | None) -> Figure:
    """A number as it is, of a tensor its shape and norm."""
    if isinstance(value, np.ndarray) and value.shape:
        return TensorFigure(shape=value.shape, norm=norm(value))
    return None if value is None else float(value)


# ── Answers ──────────────────────────────────────────────────────────────────────────────────────────────────────────


def graph(q: GraphRequest, limits: Limits) -> GraphAnswer:
    """The circuit of a program: nodes and wires with values, gradients and each wire's own contribution."""
    return whole(q, limits)[0]


def whole(q: GraphRequest, limits: Limits) -> tuple[GraphAnswer, Scene | None]:
    """The circuit, and its picture where it is included."""
    try:
        made = circuit(q, limits)
    except ProgramError as error:
        if not q.partial or outgrown(limits, error.diagnostics):
            raise
        return nothing(q, error, limits), None
    answer = remarked(q, made, limits)
    return answer, included(q, made, answer, limits)


def included(q: GraphRequest, made: Circuit, answer: GraphAnswer, limits: Limits) -> Scene | None:
    """Adds what is to be included; gives the picture where that is."""
    if "explain" in q.include:
        explanations = explain(made.program, made.view, made.trace, made.numbers)
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


def said(made: Circuit, speech: Speech) -> GraphAnswer:
    """The circuit as an answer says it, without what is said about it."""
    program, seen, numbers, found = made.program, made.view, made.numbers, made.trace
    assumed = {i.node for i in program.inputs if i.assumed}
    values, grads = speech.each(numbers.values), speech.each(numbers.grads)
    edge_values, edge_grads = speech.each(numbers.edge_values), speech.each(numbers.edge_grads)
    local = speech.each(numbers.locals)
    nodes = []
    for n in seen.nodes:
        id_, kind, shape = n.id, n.kind, n.shape
        spans = [say.place(span) for span in n.spans]
        node = say.NodeAnswer(
            id=id_,
            op=n.op,
            kind=kind,
            label=n.label,
            names=n.names,
            shape=shape,
            value=values[id_],
            grad=grads[id_],
            span=spans[0] if spans else None,
            spans=spans,
            group=n.group,
            assumed=kind == "input" and n.index in assumed,
            reached=n.reached,
        )
        if kind == "group":
            node.detail = n.detail or UNSET
            node.repeat = n.repeat if n.repeat > 1 else UNSET
            node.skip = n.skip or UNSET
        nodes.append(node)
    edges = [
        say.EdgeAnswer(
            id=e.id,
            source=e.source,
            target=e.target,
            slot=e.slot,
            value=edge_values[e.id],
            grad=edge_grads[e.id],
            local=local.get(e.id, UNSET),
        )
        for e in seen.edges
    ]
    groups = [
        say.GroupAnswer(
            id=g.id,
            label=g.label,
            parent=g.parent,
            collapsed=g.collapsed,
            nodes=g.nodes,
            span=say.place(g.span) if g.span else None,
        )
        for g in seen.groups
    ]
    inputs = [
        say.InputAnswer(
            name=i.name,
            node=program.ids[i.node],
            shape=program.graph.shapes[i.node],
            value=speech(found.values[i.node]),
            grad=speech.maybe(found.cotangents[i.node]),
            assumed=i.assumed,
        )
        for i in program.inputs
    ]
    output = program.output
    return GraphAnswer(
        nodes=nodes,
        edges=edges,
        groups=groups,
        inputs=inputs,
        parameters=parameters(program),
        output=say.OutputAnswer(
            node=program.ids[output],
            shape=program.graph.shapes[output],
            value=speech(found.values[output]),
            seed=speech(found.seed),
        ),
        warnings=[],
        notes=[],
        url=None,
        cost=say.cost_of(program.cost),
    )


def parameters(program: Program) -> list[say.ParameterAnswer]:
    """The program's parameters as an answer says them."""
    return [
        say.ParameterAnswer(p.name, p.value if isinstance(p.value, int) else list(p.value)) for p in program.parameters
    ]


def put(answer: GraphAnswer, places: Layout) -> None:
    """Adds the places to an answer."""
    for node in answer.nodes:
        at = places.nodes[node.id]
        node.x, node.y, node.width, node.height = at.box
        node.value_box = say.box(at.value_box) if at.value_box else UNSET
        node.grad_box = say.box(at.grad_box) if at.grad_box else UNSET
        node.sum_box = say.box(at.sum_box) if at.sum_box else UNSET
    for edge in answer.edges:
        wire = places.wires[edge.id]
        edge.points = [(p.x, p.y) for p in wire.points]
        edge.path = wire.path
        edge.value_box, edge.grad_box = say.box(wire.value_box), say.box(wire.grad_box)
    for group in answer.groups:
        if group.id in places.frames:
            group.frame = say.box(places.frames[group.id].box)
    answer.bounds = say.box(places.bounds)


def drawn(found: Scene) -> say.SceneAnswer:
    """The picture, for the page to join."""
    return say.SceneAnswer(
        x=found.x,
        y=found.y,
        width=found.width,
        height=found.height,
        title=found.title,
        description=found.description,
        marks=marks_json(found.marks),
    )


def told(node: say.NodeAnswer, found: Explanation) -> None:
    """Adds the explanation to a node."""
    node.doc = found.doc
    node.latex = list(found.latex)
    node.latex_numbers = list(found.latex_numbers)
    node.sum = found.sum
    node.convention = found.convention


def remarks(made: Circuit) -> Sequence[Diagnostic]:
    """What is to be known of the numbers: where one stops being finite, and where a convention chose a derivative."""
    return [*infinite(made.program, made.trace), *conventions(made.program, made.trace)][:MOST_REMARKS]


def infinite(program: Program, found: Trace) -> list[Diagnostic]:
    """The gates at which a value, or on the way back a gradient, stops being finite."""
    values, grads = found.values, found.cotangents
    said_of: list[Diagnostic] = []
    operands = found.graph.operands
    for node, value in enumerate(values):
        if not finite(value) and operands[node] and all(finite(values[i]) for i in operands[node]):
            what = "the value of this gate is not finite"
        elif (
            (g := grads[node]) is not None
            and finite(g)
            and not all(part is None or finite(part) for part in found.contributions[node])
        ):
            what = "the gradient that leaves this gate is not finite"
        else:
            continue
        said_of.append(Diagnostic(code="value.not-finite", message=what, spans=program.spans[node][:1]))
        if len(said_of) == MOST_REMARKS:
            break
    return said_of


def finite(value: Value) -> bool:
    """Whether it is neither infinite nor NaN, nor holds one that is."""
    if isinstance(value, float):
        return value - value == 0.0
    return bool(np.isfinite(value).all())


def notes(q: ProgramRequest, made: Circuit) -> list[Diagnostic]:
    """That the seed is ones, where the output is not a scalar."""
    program = made.program
    if not program.graph.shapes[program.output] or q.seed is not None or program.seed is not None:
        return []
    message = "the output is not a scalar: the gradient is that of the sum of its elements"
    return [Diagnostic(code="seed.ones", message=message, spans=program.spans[program.output][:1])]


def numbers(q: Shown, limits: Limits) -> NumbersAnswer:
    """What changes when an input does: values, gradients and each wire's contribution, by id."""
    made = circuit(q, limits)
    speech = Speech(q.dtype, q.max_elements)
    found = made.numbers
    return NumbersAnswer(
        values=speech.each(found.values),
        grads=speech.each(found.grads),
        edge_grads=speech.each(found.edge_grads),
        output=speech(made.trace.values[made.program.output]),
    )


class NodeRequest(Shown):
    """What `/values` takes: the id of a node, or its name."""

    node: str


def values(q: NodeRequest, limits: Limits) -> ValueAnswer:
    """One node's value and gradient in full."""
    made = circuit(q, limits)
    program = made.program
    speech = Speech(q.dtype, float("inf"))
    for node in made.view.nodes:
        if node.id == q.node:
            value, grad = made.numbers.values[node.id], made.numbers.grads[node.id]
            shape = None if node.shape is None else list(node.shape)
            return ValueAnswer(id=node.id, shape=shape, value=speech.maybe(value), grad=speech.maybe(grad))
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
    found = checked(q.source, q.inputs, limits=limits, share=q.share, strict=q.strict, output=q.output, dtype=q.dtype)
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


def checked_input(one: Input, program: Program, speech: Speech) -> say.CheckedInput:
    """An input as an editor is told of it."""
    return say.CheckedInput(
        name=one.name,
        node=program.ids[one.node],
        shape=list(program.graph.shapes[one.node]),
        value=speech(one.value),
        assumed=one.assumed,
    )
