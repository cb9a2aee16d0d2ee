"""A large answer as a page carries it: its nodes and wires in columns, and without what follows from the rest. It has a
third of the bytes, all of which are encoded, compressed, sent and parsed before a reader sees anything.
static/src/packed.ts undoes it."""

from collections.abc import Callable, Hashable, Iterable, Sequence
from typing import Any

import msgspec
from msgspec import UNSET, Struct

from app.work.answers import BoxAnswer, GraphAnswer, NodeAnswer

# Fields of which thousands of nodes have the same few.
REPEATED = ("op", "kind", "label", "names", "shape", "group", "assumed", "reached", "span")
PLACES = ("x", "y", "width", "height")
IDS_OF_NODES = ("values", "grads")
IDS_OF_EDGES = ("edge_values", "edge_grads")


class Few(Struct):
    """A column of `of[at[i]]`; −1 where there is nothing."""

    of: list[Any]
    at: list[int]


def packed(answer: GraphAnswer) -> dict[str, Any]:
    """The answer with `nodes` and `edges` as columns."""
    fields = {name: getattr(answer, name) for name in answer.__struct_fields__}
    found = {name: value for name, value in fields.items() if value is not UNSET}
    found["nodes"], found["edges"] = _nodes(answer.nodes), _edges(answer)
    if isinstance(answer.tape, dict):
        found["tape"] = _tape(answer.tape, [n.id for n in answer.nodes], [e.id for e in answer.edges])
    return found


def _nodes(nodes: Sequence[NodeAnswer]) -> dict[str, Any]:
    columns: dict[str, Any] = {name: [getattr(n, name) for n in nodes] for name in ("id", "value", "grad")}
    columns |= {name: _few(getattr(n, name) for n in nodes) for name in REPEATED}
    # Nearly all have one place, or none; of the others, and where it is told otherwise, all of them.
    columns["spans"] = _few(
        UNSET if tuple(n.spans) == (() if n.span is None else (n.span,)) else tuple(n.spans) for n in nodes
    )
    columns |= {name: _numbers([getattr(n, name) for n in nodes]) for name in PLACES}
    for name in ("detail", "repeat", "skip", "value_box", "grad_box", "sum_box"):
        columns[name] = _few(getattr(n, name) for n in nodes)
    return columns


def _edges(answer: GraphAnswer) -> dict[str, Any]:
    edges = answer.edges
    index = {n.id: i for i, n in enumerate(answer.nodes)}
    columns: dict[str, Any] = {name: [getattr(e, name) for e in edges] for name in ("slot", "value", "grad", "path")}
    columns |= {name: [index[getattr(e, name)] for e in edges] for name in ("source", "target")}
    columns["id"] = _few(UNSET if e.id == f"{e.source} > {e.target} {e.slot}" else e.id for e in edges)
    columns["local"] = _few((e.local for e in edges), alike=repr)
    for name in ("value_box", "grad_box"):
        columns[name] = [side for e in edges for side in _sides(getattr(e, name))]
    return columns


def _tape(tape: dict[str, Any], nodes: Sequence[str], edges: Sequence[str]) -> dict[str, Any]:
    """What it says of nodes and wires in their order, where it names all of them."""
    found = dict(tape)
    for names, ids in ((IDS_OF_NODES, nodes), (IDS_OF_EDGES, edges)):
        for name in names:
            if list(found.get(name, ())) == ids:
                found[name] = list(found[name].values())
    return found


def _few(column: Iterable[Any], alike: Callable[[Any], Hashable] = lambda x: x) -> Few:
    """Each value once, however often it stands. `alike` tells values apart that are equal, as 0 and −0."""
    places: dict[Hashable, int] = {}
    few = Few([], [])
    for value in column:
        if value is UNSET:
            few.at.append(-1)
            continue
        key = alike(tuple(value) if isinstance(value, list) else value)
        place = places.setdefault(key, len(few.of))
        if place == len(few.of):
            few.of.append(value)
        few.at.append(place)
    return few


def _numbers(column: list[Any]) -> list[float]:
    """Places in px, whole ones without a point."""
    return [int(x) if x == int(x) else x for x in column]


def _sides(box: BoxAnswer) -> list[float]:
    return _numbers(list(msgspec.structs.astuple(box)))
