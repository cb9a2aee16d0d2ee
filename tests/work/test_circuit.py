"""What may be drawn is limited by nodes and by wires."""

import pytest

from app.diagnostics import ProgramError
from app.limits import Limits
from app.work.circuit import lowered, placed, viewed
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
