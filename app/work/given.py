"""A graph that another tool gives, with its own numbers: checked, put in order, and seen as a view."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Any

import numpy as np
from pydantic import BeforeValidator, Field, WithJsonSchema

from app.diagnostics import Diagnostic, ProgramError, fail
from app.draw.figures import Figures
from app.graph.view import View, ViewEdge, ViewGroup, ViewNode
from app.limits import Limits
from app.ops.algebra import Value
from app.work.circuit import figure, part
from app.work.numbers import given
from app.work.request import VALUE_SCHEMA, Request

# ── What is given ────────────────────────────────────────────────────────────────────────────────────────────────────


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


# ── As a view ────────────────────────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True, kw_only=True)
class Drawing:
    """A given graph as a view, with its numbers by the view's ids."""

    view: View
    values: Mapping[str, Value | None]
    grads: Mapping[str, Value | None]
    edge_values: Mapping[str, Value | None]
    edge_grads: Mapping[str, Value | None]

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
        """For each node whose wires' gradients sum to its own: those, of tensors their norms."""
        found: dict[str, list[Value]] = {}
        for edge in self.view.edges:
            grad = self.edge_grads[edge.id]
            if grad is not None:
                found.setdefault(edge.source, []).append(grad)
        sums = {id_: parts for id_, parts in found.items() if len(parts) > 1 and _adds_up(parts, self.grads[id_])}
        return {id_: tuple(map(part, parts)) for id_, parts in sums.items()}


def drawing(nodes: Sequence[GivenNode], edges: Sequence[GivenEdge], output: str | None, limits: Limits) -> Drawing:
    """The graph of these nodes and edges; without an `output`, that is the last node that feeds none.

    Errors: drawn.unknown, drawn.cycle, request.option, limit.drawn.
    """
    _check(nodes, edges, output, limits)
    by_id = {node.id: node for node in nodes}
    into: dict[str, list[GivenEdge]] = {id_: [] for id_ in by_id}
    out: dict[str, list[GivenEdge]] = {id_: [] for id_ in by_id}
    for edge in edges:
        into[edge.target].append(edge)
        out[edge.source].append(edge)
    order = _ordered(into, out)
    if output is None:
        output = [id_ for id_ in order if not out[id_]][-1]
    reached = _reaching(output, into)
    wires = [(edge, slot) for id_ in order for slot, edge in enumerate(into[id_])]
    return Drawing(
        view=View(
            nodes=tuple(_node(by_id[id_], fed=bool(into[id_]), reached=id_ in reached) for id_ in order),
            edges=tuple(_edge(edge, slot, by_id[edge.source]) for edge, slot in wires),
            groups=_groups(by_id, order),
            output=output,
        ),
        values={node.id: node.value for node in nodes},
        grads={node.id: node.grad for node in nodes},
        edge_values={_name(edge, slot): _carried(edge, by_id[edge.source]) for edge, slot in wires},
        edge_grads={_name(edge, slot): edge.grad for edge, slot in wires},
    )


def _check(nodes: Sequence[GivenNode], edges: Sequence[GivenEdge], output: str | None, limits: Limits) -> None:
    """That there are neither too many nodes nor none, each id once, and no name without its node."""
    if len(nodes) > limits.drawn_nodes or len(edges) > 4 * limits.drawn_nodes:
        raise fail("limit.drawn", f"at most {limits.drawn_nodes:,} nodes and four times as many edges can be drawn")
    if not nodes:
        raise fail("program.no-output", "a graph has at least one node")
    known = {node.id for node in nodes}
    wrong = [_wrong("request.option", f"two nodes have the id `{id_}`") for id_ in _repeated(n.id for n in nodes)]
    for edge in edges:
        wrong += [
            _wrong("drawn.unknown", f"an edge names `{end}`, and there is no such node")
            for end in dict.fromkeys((edge.source, edge.target))
            if end not in known
        ]
    if output is not None and output not in known:
        wrong.append(_wrong("drawn.unknown", f"`output` names `{output}`, and there is no such node"))
    if wrong:
        raise ProgramError(wrong[: limits.errors])


def _node(node: GivenNode, *, fed: bool, reached: bool) -> ViewNode:
    return ViewNode(
        id=node.id,
        kind="op" if fed else "input",
        op=node.op or node.label or node.id,
        label=node.label or node.id,
        shape=shape(node.value),
        group=node.group,
        differentiable=node.grad is not None,
        reached=reached,
        commutes=False,
    )


def _edge(edge: GivenEdge, slot: int, source: GivenNode) -> ViewEdge:
    return ViewEdge(
        id=_name(edge, slot),
        source=edge.source,
        target=edge.target,
        slot=slot,
        members=(),
        shape=shape(_carried(edge, source)),
        differentiable=edge.grad is not None or source.grad is not None,
    )


def _name(edge: GivenEdge, slot: int) -> str:
    return f"{edge.source} > {edge.target} {slot}"


def _carried(edge: GivenEdge, source: GivenNode) -> Value | None:
    """What flows along an edge: its own value where it says one, else its source's."""
    value: Value | None = edge.value if edge.value is not None else source.value
    return value


def _groups(nodes: Mapping[str, GivenNode], order: Sequence[str]) -> tuple[ViewGroup, ...]:
    found: dict[str, list[str]] = {node.group: [] for node in nodes.values() if node.group is not None}
    if found.keys() & nodes.keys():
        raise fail("request.option", "a group and a node have one id")
    for id_ in order:
        group = nodes[id_].group
        if group is not None:
            found[group].append(id_)
    return tuple(
        ViewGroup(id=group, label=group, parent=None, collapsed=False, nodes=tuple(ids)) for group, ids in found.items()
    )


def shape(value: Value | None) -> tuple[int, ...]:
    """A tensor's shape, of a number and of nothing that of a number."""
    return tuple(value.shape) if isinstance(value, np.ndarray) else ()


def _adds_up(parts: Sequence[Value], grad: Value | None) -> bool:
    """Whether the parts sum to the gradient that was given, but for what rounding does."""
    if grad is None or any(np.shape(part) != np.shape(grad) for part in parts):
        return False
    with np.errstate(all="ignore"):
        apart = np.abs(sum(parts) - np.asarray(grad))
    return bool((apart <= 1e-6 * np.maximum(1.0, np.abs(grad))).all())


def _wrong(code: str, message: str) -> Diagnostic:
    return Diagnostic(code=code, message=message)


def _repeated(ids: Iterable[str]) -> list[str]:
    return [id_ for id_, times in Counter(ids).items() if times > 1]


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
