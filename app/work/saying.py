"""A circuit as an answer says it."""

from msgspec import UNSET

from app.analysis.explain import Explanation
from app.draw.mark import Scene
from app.draw.scene import marks_json
from app.graph.program import Input, Program
from app.layout.model import Layout
from app.work import answers as say
from app.work.answers import GraphAnswer
from app.work.circuit import Circuit
from app.work.numbers import Speech


def said(made: Circuit, speech: Speech) -> GraphAnswer:
    """The circuit as an answer says it, without what is said about it."""
    program, found, output = made.program, made.trace, made.program.output
    return GraphAnswer(
        nodes=nodes(made, speech),
        edges=edges(made, speech),
        groups=[
            say.GroupAnswer(id=g.id, label=g.label, parent=g.parent, collapsed=g.collapsed, nodes=g.nodes, span=g.span)
            for g in made.view.groups
        ],
        inputs=[
            say.InputAnswer(
                name=i.name,
                node=program.ids[i.node],
                shape=program.graph.shapes[i.node],
                value=speech(found.values[i.node]),
                grad=speech.maybe(found.cotangents[i.node]),
                assumed=i.assumed,
            )
            for i in program.inputs
        ],
        parameters=parameters(program),
        output=say.OutputAnswer(
            node=made.view.output,
            shape=program.graph.shapes[output],
            value=speech(found.values[output]),
            seed=speech(found.seed),
        ),
        warnings=[],
        notes=[],
        url=None,
        cost=say.cost_of(program.cost),
    )


def nodes(made: Circuit, speech: Speech) -> list[say.NodeAnswer]:
    """The nodes that show, in topological order."""
    assumed = {i.node for i in made.program.inputs if i.assumed}
    values, grads = speech.each(made.numbers.values), speech.each(made.numbers.grads)
    found = []
    for n in made.view.nodes:
        node = say.NodeAnswer(
            id=n.id,
            op=n.op,
            kind=n.kind,
            label=n.label,
            names=n.names,
            shape=n.shape,
            value=values[n.id],
            grad=grads[n.id],
            span=n.spans[0] if n.spans else None,
            spans=n.spans,
            group=n.group,
            assumed=n.kind == "input" and n.index in assumed,
            reached=n.reached,
        )
        if n.kind == "group":
            node.detail = n.detail or UNSET
            node.repeat = n.repeat if n.repeat > 1 else UNSET
            node.skip = n.skip or UNSET
        found.append(node)
    return found


def edges(made: Circuit, speech: Speech) -> list[say.EdgeAnswer]:
    """The wires that show, by target and slot."""
    values, grads = speech.each(made.numbers.edge_values), speech.each(made.numbers.edge_grads)
    local = speech.each(made.numbers.locals)
    return [
        say.EdgeAnswer(
            id=e.id,
            source=e.source,
            target=e.target,
            slot=e.slot,
            value=values[e.id],
            grad=grads[e.id],
            local=local.get(e.id, UNSET),
        )
        for e in made.view.edges
    ]


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
        edge.points = wire.points
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


def told(node: say.NodeAnswer | say.ValueAnswer, found: Explanation) -> None:
    """Adds the explanation to a node."""
    node.doc = found.doc
    node.latex = list(found.latex)
    node.latex_numbers = list(found.latex_numbers)
    node.sum = found.sum
    node.convention = found.convention


def checked_input(one: Input, program: Program, speech: Speech) -> say.CheckedInput:
    """An input as an editor is told of it."""
    return say.CheckedInput(
        name=one.name,
        node=program.ids[one.node],
        shape=list(program.graph.shapes[one.node]),
        value=speech(one.value),
        assumed=one.assumed,
    )
