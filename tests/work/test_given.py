"""A graph that another tool gives."""

import pytest

from app.diagnostics import ProgramError
from app.limits import Limits
from app.work.drawn import DrawRequest, checked
from app.work.request import read

FAN = [{"source": "x", "target": "a"}, {"source": "x", "target": "b"}, {"source": "a", "target": "out"}]


def parts(grad: object, *of_edges: object) -> dict[str, tuple[float, ...]]:
    """The parts of x, which goes two ways with these gradients."""
    nodes = [{"id": "x", "grad": grad}, {"id": "a"}, {"id": "b"}, {"id": "out"}]
    edges = [{**edge, "grad": g} for edge, g in zip(FAN, (*of_edges, None), strict=True)]
    return checked(read(DrawRequest, {"nodes": nodes, "edges": edges}), Limits()).parts()


def test_gradients_that_sum_to_their_nodes_are_its_parts() -> None:
    assert parts(5, 2, 3) == {"x": (2.0, 3.0)}
    assert parts([6, 8], [3, 4], [3, 4]) == {"x": (5.0, 5.0)}


def test_gradients_that_do_not_sum_to_their_nodes_are_no_parts() -> None:
    assert parts(6, 2, 3) == {}
    assert parts([6, 8], [3, 4], [3, 5]) == {}
    assert parts([6, 8], 3, 3) == {}
    assert parts(None, 2, 3) == {}


def test_a_graph_without_nodes_is_refused() -> None:
    with pytest.raises(ProgramError, match=r"program\.no-output"):
        checked(read(DrawRequest, {"nodes": []}), Limits())
