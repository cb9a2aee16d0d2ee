"""A graph that another tool made, with its own numbers: checked and drawn, not computed."""

from collections.abc import Iterable, Mapping
from functools import cache
from typing import Annotated, Any, Literal

import msgspec
import numpy as np
from pydantic import BeforeValidator, Field, WithJsonSchema

from app.diagnostics import Diagnostic, ProgramError, fail
from app.draw.figures import Figures
from app.draw.scene import scene
from app.draw.svg import svg
from app.draw.theme import theme
from app.export import Look, Subject
from app.graph.view import View, ViewEdge, ViewGroup, ViewNode
from app.limits import Limits
from app.ops.algebra import Value
from app.work import answers as say
from app.work.answers import GraphAnswer
from app.work.circuit import figure, placed
from app.work.encoded import JSON
from app.work.first import First
from app.work.numbers import Speech, given
from app.work.request import VALUE_SCHEMA, Finite, Request, Whole
from app.work.saying import put

SCALE = Annotated[Finite, Field(gt=0, le=64)]


def _value(value: object) -> Value | None:
    """A number, nested lists, or a tensor as answers say it."""
    if isinstance(value, dict) and isinstance(value.get("shape"), list):
        shape, data = value["shape"], value.get("data")
        if data is None or not all(isinstance(size, int) and size >= 0 for size in shape):
            raise fail("request.option", "a tensor is a `shape` and its `data`, row-major")
        flat = given(data)
        if not isinstance(flat, np.ndarray) or flat.ndim != 1 or flat.size != np.prod(shape, dtype=object):
            raise fail("shape.mismatch", "the data of a tensor do not fill its shape")
        return flat.reshape(shape)
    return None if value is None else given(value)


_SCHEMA: dict[str, Any] = {"anyOf": [*VALUE_SCHEMA["anyOf"], {"type": "object"}, {"type": "null"}]}
Given = Annotated[Any, BeforeValidator(_value), WithJsonSchema(_SCHEMA)]
Text = Annotated[str, Field(max_length=1000)]


def _text(value: object) -> object:
    """An id may be a whole number in another tool."""
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else value


Id = Annotated[Text, BeforeValidator(_text)]


class GivenNode(Request):
    """A node of another tool's."""

    id: Id
    label: Annotated[Text, BeforeValidator(_text)] = ""
    value: Given = None
    grad: Given = None
    group: Id | None = None
    op: Text = ""


class GivenEdge(Request):
    """A wire of another tool's."""

    source: Id
    target: Id
    value: Given = None
    grad: Given = None


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


class Drawing:
    """A given graph as a view with figures. Errors: drawn.unknown, drawn.cycle, request.option, limit.drawn."""

    def __init__(self, q: DrawRequest, limits: Limits) -> None:
        if len(q.nodes) > limits.drawn_nodes or len(q.edges) > 4 * limits.drawn_nodes:
            raise fail("limit.drawn", f"at most {limits.drawn_nodes:,} nodes and four times as many edges can be drawn")
        if not q.nodes:
            raise fail("program.no-output", "a graph has at least one node")
        self.given = {node.id: node for node in q.nodes}
        wrong = [_wrong("request.option", f"two nodes have the id `{id_}`") for id_ in _repeated(n.id for n in q.nodes)]
        for edge in q.edges:
            wrong += [
                _wrong("drawn.unknown", f"an edge names `{end}`, and there is no such node")
                for end in dict.fromkeys((edge.source, edge.target))
                if end not in self.given
            ]
        if q.output is not None and q.output not in self.given:
            wrong.append(_wrong("drawn.unknown", f"`output` names `{q.output}`, and there is no such node"))
        if wrong:
            raise ProgramError(wrong[: limits.errors])
        into: dict[str, list[GivenEdge]] = {id_: [] for id_ in self.given}
        out: dict[str, list[GivenEdge]] = {id_: [] for id_ in self.given}
        for edge in q.edges:
            into[edge.target].append(edge)
            out[edge.source].append(edge)
        order = _ordered(into, out)
        sinks = [id_ for id_ in order if not out[id_]]
        output = q.output if q.output is not None else sinks[-1]
        reached = _reaching(output, into)
        self.values: dict[str, Value | None] = {n.id: n.value for n in q.nodes}
        self.grads: dict[str, Value | None] = {n.id: n.grad for n in q.nodes}
        self.edge_values: dict[str, Value | None] = {}
        self.edge_grads: dict[str, Value | None] = {}
        edges: list[ViewEdge] = []
        for id_ in order:
            for slot, edge in enumerate(into[id_]):
                name = f"{edge.source} > {edge.target} {slot}"
                value = edge.value if edge.value is not None else self.values[edge.source]
                self.edge_values[name], self.edge_grads[name] = value, edge.grad
                edges.append(
                    ViewEdge(
                        id=name,
                        source=edge.source,
                        target=edge.target,
                        slot=slot,
                        members=(),
                        shape=_shape(value),
                        differentiable=edge.grad is not None or self.grads[edge.source] is not None,
                    )
                )
        groups = dict.fromkeys(n.group for n in q.nodes if n.group is not None)
        if groups.keys() & self.given.keys():
            raise fail("request.option", "a group and a node have one id")
        self.view = View(
            nodes=tuple(
                ViewNode(
                    id=id_,
                    kind="op" if into[id_] else "input",
                    op=self.given[id_].op or self.given[id_].label or id_,
                    label=self.given[id_].label or id_,
                    shape=_shape(self.values[id_]),
                    group=self.given[id_].group,
                    differentiable=self.grads[id_] is not None,
                    reached=id_ in reached,
                    commutes=False,
                )
                for id_ in order
            ),
            edges=tuple(edges),
            groups=tuple(
                ViewGroup(
                    id=group,
                    label=group,
                    parent=None,
                    collapsed=False,
                    nodes=tuple(id_ for id_ in order if self.given[id_].group == group),
                )
                for group in groups
            ),
            output=output,
        )

    def figures(self) -> Figures:
        """Its numbers as a picture tells them."""
        return Figures(
            values={key: figure(value) for key, value in self.values.items()},
            grads={key: figure(value) for key, value in self.grads.items()},
            edge_values={key: figure(value) for key, value in self.edge_values.items()},
            edge_grads={key: figure(value) for key, value in self.edge_grads.items()},
            parts=self.parts(),
        )

    def parts(self) -> dict[str, tuple[float, ...]]:
        """For each node whose wires' gradients sum to its own: those."""
        found: dict[str, list[float]] = {}
        for edge in self.view.edges:
            grad = self.edge_grads[edge.id]
            if isinstance(grad, float):
                found.setdefault(edge.source, []).append(grad)
        sums = {id_: tuple(parts) for id_, parts in found.items() if len(parts) > 1}
        return {id_: parts for id_, parts in sums.items() if _close(sum(parts), self.grads[id_])}


def answer(q: DrawRequest, limits: Limits) -> GraphAnswer:
    """The circuit as `/graph` answers it, with its layout."""
    made = Drawing(q, limits)
    found = answered(made, Speech("float64", q.max_elements))
    put(found, placed(made.view, q.direction, limits))
    return found


def first(q: DrawRequest, limits: Limits) -> First:
    """The picture of the graph as it stands in a page, with its numbers."""
    made = Drawing(q, limits)
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
    made = Drawing(q, limits)
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
            shape=list(_shape(made.values[output])),
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


def _shape(value: Value | None) -> tuple[int, ...]:
    return tuple(value.shape) if isinstance(value, np.ndarray) else ()


def _close(total: float, grad: Value | None) -> bool:
    return isinstance(grad, float) and abs(total - grad) <= 1e-6 * max(1.0, abs(grad))


def _wrong(code: str, message: str) -> Diagnostic:
    return Diagnostic(code=code, message=message)


def _repeated(ids: Iterable[str]) -> list[str]:
    seen: set[str] = set()
    return list(dict.fromkeys(id_ for id_ in ids if id_ in seen or seen.add(id_)))  # type: ignore[func-returns-value]


def _ordered(into: Mapping[str, list[GivenEdge]], out: Mapping[str, list[GivenEdge]]) -> list[str]:
    """The nodes in topological order, as given where that is one (Kahn 1962). Errors: drawn.cycle."""
    waiting = {id_: len(edges) for id_, edges in into.items()}
    ready = [id_ for id_, count in reversed(waiting.items()) if not count]
    order: list[str] = []
    while ready:
        id_ = ready.pop()
        order.append(id_)
        for edge in reversed(out[id_]):
            waiting[edge.target] -= 1
            if not waiting[edge.target]:
                ready.append(edge.target)
    if len(order) < len(waiting):
        stuck = next(id_ for id_, count in waiting.items() if count)
        raise fail("drawn.cycle", f"the graph has a cycle, through or before `{stuck}`")
    return order


def _reaching(output: str, into: Mapping[str, list[GivenEdge]]) -> set[str]:
    seen, waiting = {output}, [output]
    while waiting:
        for edge in into[waiting.pop()]:
            if edge.source not in seen:
                seen.add(edge.source)
                waiting.append(edge.source)
    return seen
