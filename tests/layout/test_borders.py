"""Frames are ordered with what stands around them: fewer wires cross, and nothing moves by a second look."""

import pytest

import app.layout
from app.graph.view import View
from app.layout import layout
from app.layout.borders import Border, borders, crossed
from app.layout.frames import BOX, Level
from app.layout.ordering import Ordering
from app.layout.vertices import Vertices
from benchmarks.circuits import GALLERY, circuit, drawn
from benchmarks.crossings import crossings
from tests.layout.test_order import crossed as counted
from tests.layout.test_order import layered

FRAMED = [view for view in (drawn(seed, 10 + seed % 50) for seed in range(120)) if view.groups]


def wires_crossed(view: View) -> int:
    place = layout(view)
    return crossings([place.wires[e.id].points for e in view.edges], [e.source for e in view.edges])[1]


def test_neurons_take_their_operands_in_the_order_in_which_these_stand() -> None:
    # Two inputs that lead to three frames cross 3 times, and each of the middle one's weights both of them.
    assert wires_crossed(circuit(GALLERY["mlp"])) <= 3 + 3 * 2 + 2


def test_fewer_wires_cross_than_where_each_frame_is_ordered_by_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    together = sum(map(wires_crossed, FRAMED))
    monkeypatch.setattr(app.layout, "ROUNDS", 0)
    assert together < 0.99 * sum(map(wires_crossed, FRAMED))


def test_a_second_look_moves_nothing() -> None:
    for view in FRAMED:
        first = layout(view)
        second = layout(view, previous=first)
        assert {k: (p.box.x, p.box.y) for k, p in second.nodes.items()} == {
            k: (p.box.x, p.box.y) for k, p in first.nodes.items()
        }


@pytest.mark.parametrize("seed", range(20))
def test_an_order_is_counted_as_it_stands(seed: int) -> None:
    problem = layered(seed)
    layers = [list(layer) for layer in problem.layers]
    assert crossed(problem) == counted(problem)
    assert problem.layers == layers


def boxed(enter: tuple[float, float], leave: tuple[float, float]) -> dict[int, Border]:
    """The borders where 0 and 1 lead into box 2, and this to 3 and 4."""
    sources, targets = [0, 1, 2, 2], [2, 2, 3, 4]
    level = Level(-1, [0, 0, BOX, 0, 0], [0, 1, 1, 2, 3])
    order = Ordering(
        [[0, 1], [2], [3, 4]], sources, targets, [0.5, 0.5, *leave], [*enter, 0.5, 0.5], [0.0] * 5, [-1] * 5, [-1] * 5
    )
    made = Vertices(
        [2] * 5, [0, 0, 1, 2, 2], list(range(5)), [-1] * 5, [[], [], [0, 1], [2], [3]], [[0], [1], [2, 3], [], []],
        sources, targets, [-1] * 4, [-1] * 4, [10, 11, 12, 13], [0] * 4, [0, 1, 2, 3],
    )  # fmt: skip
    return borders(level, made, order, order.position)


def test_a_border_is_told_where_wires_cross_at_it() -> None:
    told = Border(((0, 10), (1, 11)), ((0, 12), (1, 13)))
    assert boxed((0.2, 0.8), (0.2, 0.8)) == {}
    assert boxed((0.8, 0.2), (0.2, 0.8)) == {2: told}
    assert boxed((0.2, 0.8), (0.8, 0.2)) == {2: told}
    assert boxed((0.5, 0.5), (0.5, 0.5)) == {}  # they meet in one port
