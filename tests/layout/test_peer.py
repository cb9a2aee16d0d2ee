"""Fewer crossings than Graphviz dot, where it is installed."""

import pytest

from app.graph.view import View
from app.layout import layout
from app.limits import Limits
from app.work.circuit import lowered, viewed
from app.work.gallery import examples
from app.work.request import View as Query
from benchmarks.circuits import GALLERY, circuit, residual
from benchmarks.crossings import crossings
from benchmarks.dot import dot

pytestmark = pytest.mark.peer
pytest.importorskip("pygraphviz", reason="dot is the peer of this test; `make test` installs it")


def crossed(view: View) -> tuple[int, int]:
    place = layout(view)
    sources = [e.source for e in view.edges]
    ours = crossings([place.wires[e.id].points for e in view.edges], sources)[1]
    return ours, crossings(dot(view)[1], sources)[1]


@pytest.mark.parametrize("name", ["seed", "plain", "scalar_bus", "closed_bus", "neuron", "micrograd", "cube", "square"])
def test_no_more_wires_cross_than_in_dot(name: str) -> None:
    ours, theirs = crossed(circuit(GALLERY[name]))
    assert ours <= theirs


def test_over_the_gallery_hardly_more_wires_cross_than_in_dot() -> None:
    limits = Limits()
    queries = [Query(source=e.source, inputs=e.inputs, **e.options) for e in examples()]
    counts = [crossed(viewed(q, lowered(q, limits), limits)) for q in queries]
    assert sum(ours for ours, _ in counts) <= 1.1 * sum(theirs for _, theirs in counts)


def test_a_bus_has_no_crossing_where_dot_has_none() -> None:
    view = residual(20)
    place = layout(view)
    sources = [e.source for e in view.edges]
    assert crossings([place.wires[e.id].points for e in view.edges], sources)[1] == 0
