"""A graph that another tool made, with its own numbers: checked and drawn, not computed."""

from functools import cache
from typing import Annotated, Literal

import msgspec
import numpy as np
from pydantic import BeforeValidator, Field

from app.draw.scene import scene
from app.draw.svg import svg
from app.draw.theme import theme
from app.export import Look, Subject
from app.limits import Limits
from app.work import answers as say
from app.work.answers import GraphAnswer
from app.work.circuit import placed
from app.work.encoded import JSON
from app.work.first import First
from app.work.given import Drawing, GivenEdge, GivenNode, Id, drawing, shape
from app.work.numbers import Speech
from app.work.request import Finite, Request, Whole
from app.work.saying import put

SCALE = Annotated[Finite, Field(gt=0, le=64)]


def _listed(value: object) -> object:
    return tuple(value) if isinstance(value, list) else value


class Sized(Request):
    """How large a PNG is wanted."""

    scale: Annotated[SCALE | None, Field(description="PNG: pixels for each px of the drawing; 2 by default.")] = None
    width: Annotated[Annotated[Whole, Field(gt=0)] | None, Field(description="PNG: pixels across.")] = None


class DrawRequest(Sized):
    """What `/draw` takes: a graph with its own numbers."""

    nodes: Annotated[tuple[GivenNode, ...], BeforeValidator(_listed)]
    edges: Annotated[tuple[GivenEdge, ...], BeforeValidator(_listed)] = ()
    output: Annotated[Id | None, Field(description="The node that is differentiated; the last that feeds none.")] = None
    direction: Literal["right", "down"] = "right"
    theme: Literal["auto", "light", "dark"] = "auto"
    palette: Literal["standard", "colour-blind"] = "standard"
    max_elements: Annotated[Whole, Field(ge=0)] = 64
    media: str = JSON


def checked(q: DrawRequest, limits: Limits) -> Drawing:
    """The graph that is given. Errors: drawn.unknown, drawn.cycle, request.option, limit.drawn."""
    return drawing(q.nodes, q.edges, q.output, limits)


def answer(q: DrawRequest, limits: Limits) -> GraphAnswer:
    """The circuit as `/graph` answers it, with its layout."""
    made = checked(q, limits)
    found = answered(made, Speech("float64", q.max_elements))
    put(found, placed(made.view, q.direction, limits))
    return found


def first(q: DrawRequest, limits: Limits) -> First:
    """The picture of the graph as it stands in a page, with its numbers."""
    made = checked(q, limits)
    places = placed(made.view, q.direction, limits)
    colours = theme(q.theme, q.palette)
    found = scene(made.view, places, made.figures(), theme=colours, interactive=True)
    numbers = answered(made, Speech("float64", q.max_elements))
    return First(
        svg=svg(found, colours, standalone=False),
        description=found.description,
        answer=msgspec.Raw(msgspec.json.encode(numbers)),
    )


def subject(q: DrawRequest, limits: Limits) -> Subject:
    """The graph as the exporters take it."""
    made = checked(q, limits)
    return Subject(
        view=made.view,
        figures=made.figures(),
        layout=cache(lambda: placed(made.view, q.direction, limits)),
        limits=limits,
        look=Look(theme=q.theme, palette=q.palette, scale=q.scale, width=q.width),
    )


def answered(made: Drawing, speech: Speech) -> GraphAnswer:
    """The circuit as an answer says it."""
    seen = made.view
    nodes = [
        say.NodeAnswer(
            id=n.id,
            op=n.op,
            kind=n.kind,
            label=n.label,
            names=[],
            shape=list(n.shape or ()),
            value=speech.maybe(made.values[n.id]),
            grad=speech.maybe(made.grads[n.id]),
            span=None,
            spans=[],
            group=n.group,
            assumed=False,
            reached=n.reached,
        )
        for n in seen.nodes
    ]
    edges = [
        say.EdgeAnswer(
            id=e.id,
            source=e.source,
            target=e.target,
            slot=e.slot,
            value=speech.maybe(made.edge_values[e.id]),
            grad=speech.maybe(made.edge_grads[e.id]),
        )
        for e in seen.edges
    ]
    output = seen.output
    return GraphAnswer(
        nodes=nodes,
        edges=edges,
        groups=[
            say.GroupAnswer(id=g.id, label=g.label, parent=None, collapsed=False, nodes=list(g.nodes), span=None)
            for g in seen.groups
        ],
        inputs=[],
        parameters=[],
        output=say.OutputAnswer(
            node=output,
            shape=list(shape(made.values[output])),
            value=speech.maybe(made.values[output]),
            seed=speech.maybe(made.grads[output]),
        ),
        warnings=[],
        notes=[],
        url=None,
        cost=say.CostAnswer(
            len(nodes), len(edges), sum(int(np.size(v)) for v in made.values.values() if v is not None), 0
        ),
    )
