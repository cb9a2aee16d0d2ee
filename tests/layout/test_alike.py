"""Frames that are alike are placed once, and each as if it had been placed by itself."""

from collections.abc import Mapping
from unittest.mock import Mock

import pytest

from app.graph.view import View
from app.layout import alike, layout
from app.layout.alike import Alike
from app.layout.frames import Level
from app.layout.level import Place, place
from app.layout.ordering import Ordering
from benchmarks.circuits import drawn, residual
from tests.layout.test_layout import DIRECTIONS


def by_itself(
    self: Alike,
    level: Level,
    inner: Mapping[int, Place],
    *,
    trunks: Mapping[int, int],
    head: float,
    settled: Ordering | None,
) -> Place:
    return place(level, self._facts, inner, trunks=trunks, head=head, earlier=None, settled=settled)


def same_by_itself(view: View, seed: int) -> None:
    direction = DIRECTIONS[seed % 2]
    found = layout(view, direction=direction)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Alike, "place", by_itself)
        assert layout(view, direction=direction) == found


@pytest.mark.parametrize("first", range(0, 120, 40))
def test_random_frames_stand_as_if_each_were_placed_by_itself(first: int) -> None:
    for seed in range(first, first + 40):
        same_by_itself(drawn(seed, 4 + seed % 61), seed)


@pytest.mark.parametrize("blocks", [1, 2, 7, 30])
def test_equal_blocks_stand_as_if_each_were_placed_by_itself(blocks: int) -> None:
    same_by_itself(residual(blocks, framed=True), blocks)


def test_equal_blocks_are_placed_once(monkeypatch: pytest.MonkeyPatch) -> None:
    view = residual(40, framed=True)
    counted = Mock(wraps=place)
    monkeypatch.setattr(alike, "place", counted)
    layout(view)
    assert len(view.groups) == 40
    assert counted.call_count == 3  # the skip is the first operand of every other; the last holds the output
