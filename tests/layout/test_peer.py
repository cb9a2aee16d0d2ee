"""Fewer crossings than Graphviz dot, where it is installed."""

import pytest

from app.layout import layout
from benchmarks.circuits import GALLERY, circuit, residual
from benchmarks.crossings import crossings
from benchmarks.dot import dot

pytestmark = pytest.mark.peer
pytest.importorskip("pygraphviz", reason="dot is the peer of this test; `make test` installs it")


def crossed(source: str) -> tuple[int, int]:
    view = circuit(source)
    place = layout(view)
    sources = [e.source for e in view.edges]
    ours = crossings([place.wires[e.id].points for e in view.edges], sources)[1]
    return ours, crossings(dot(view)[1], sources)[1]


@pytest.mark.parametrize("name", ["seed", "plain", "scalar_bus", "closed_bus", "neuron", "micrograd", "cube", "square"])
def test_no_more_wires_cross_than_in_dot(name: str) -> None:
    ours, theirs = crossed(GALLERY[name])
    assert ours <= theirs


def test_a_bus_has_no_crossing_where_dot_has_none() -> None:
    view = residual(20)
    place = layout(view)
    sources = [e.source for e in view.edges]
    assert crossings([place.wires[e.id].points for e in view.edges], sources)[1] == 0
