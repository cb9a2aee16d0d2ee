"""A circuit: what may be drawn of it is limited by nodes and by wires, and its numbers are told as figures."""

import pytest

from app.diagnostics import ProgramError
from app.limits import Limits
from app.work.circuit import circuit, figures, lowered, placed, viewed
from app.work.request import Shown


def test_more_wires_than_can_be_drawn_are_refused_as_nodes_are() -> None:
    limits = Limits(drawn_nodes=10)
    few, many = (f"max({', '.join(['x'] * count)})" for count in (20, 21))
    q = Shown(source=few)
    assert placed(viewed(q, lowered(q, limits), limits), "right", limits)
    q = Shown(source=many)
    with pytest.raises(ProgramError) as found:
        placed(viewed(q, lowered(q, limits), limits), "right", limits)
    assert found.value.diagnostics[0].code == "limit.drawn"
    assert found.value.diagnostics[0].message == "21 wires would show, and 20 can be drawn"


def test_the_parts_of_a_tensors_sum_are_told_by_their_norms() -> None:
    made = circuit(Shown(source="x = [3.0, 4.0]\nsum(x * x)"), Limits())
    assert figures(made.numbers).parts == {"x": (5.0, 5.0)}


def test_the_parts_of_a_number_are_numbers() -> None:
    made = circuit(Shown(source="x*y + max(z, w) + x*y"), Limits())
    assert list(figures(made.numbers).parts.values()) == [(1.0, 1.0)]
