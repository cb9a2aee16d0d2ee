"""Ways of wires: their pieces, the nearest place, and gaps."""

import math

import pytest

from app.draw.path import at, between, cut, pieces
from app.layout.model import Point


def test_a_gap_leaves_out_what_is_near_a_crossing() -> None:
    assert cut("M0 0L100 0", (Point(50, 0),), 5) == "M0.00 0.00L45.00 0.00M55.00 0.00L100.00 0.00"


def test_a_way_without_gaps_stays_as_it_is() -> None:
    assert cut("M0 0H9", (), 5) == "M0 0H9"


def test_a_gap_in_a_curve_keeps_to_the_curve() -> None:
    curve = pieces("M0 0C50 0 50 100 100 100")[0]
    crossing = at(curve, 0.5)
    kept = pieces(cut("M0 0C50 0 50 100 100 100", (crossing,), 5))
    assert len(kept) == 2
    assert math.dist(kept[0][-1], crossing) == pytest.approx(5, abs=0.1)
    assert math.dist(kept[1][0], crossing) == pytest.approx(5, abs=0.1)
    assert kept[0][0] == Point(0, 0)
    assert kept[1][-1] == Point(100, 100)


def test_a_gap_at_a_joint_of_two_pieces() -> None:
    assert cut("M0 0H50V50", (Point(50, 0),), 5) == "M0.00 0.00L45.00 0.00M50.00 5.00L50.00 50.00"


def test_part_of_a_curve_lies_on_it() -> None:
    curve = (Point(0, 0), Point(50, 0), Point(50, 100), Point(100, 100))
    part = between(curve, 0.25, 0.75)
    assert at(part, 0.5) == pytest.approx(at(curve, 0.5))
    assert part[0] == pytest.approx(at(curve, 0.25))


def test_unknown_path_data_is_an_error_of_the_programmer() -> None:
    with pytest.raises(AssertionError, match="unknown path data"):
        pieces("M0 0A5 5 0 0 1 10 10")
