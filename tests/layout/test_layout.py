"""The geometry of every picture: what drawing.md promises under "How good is good"."""

from itertools import pairwise

import pytest

from app.graph.view import View
from app.layout import layout
from app.layout.model import Box, Direction, Layout
from app.layout.wires import curve, s_curve
from benchmarks.circuits import GALLERY, Circuit, circuit, drawn, residual
from benchmarks.crossings import crossings
from tests.layout.geometry import distance, faults

DIRECTIONS: tuple[Direction, ...] = ("right", "down")


def across(place: Layout, node: str) -> float:
    box = place.nodes[node].box
    return box.y + box.height / 2 if place.direction == "right" else box.x + box.width / 2


def crossed(view: View, place: Layout) -> int:
    return crossings([place.wires[e.id].points for e in view.edges], [e.source for e in view.edges])[1]


@pytest.mark.parametrize("direction", DIRECTIONS)
@pytest.mark.parametrize("shape", [(), (8, 128, 56, 56)], ids=str)
@pytest.mark.parametrize("name", GALLERY)
def test_the_gallery_has_no_fault(name: str, shape: tuple[int, ...], direction: Direction) -> None:
    view = circuit(GALLERY[name], shape)
    assert not faults(view, layout(view, direction=direction))


@pytest.mark.parametrize("first", range(0, 240, 40))
def test_random_views_have_no_fault(first: int) -> None:
    for seed in range(first, first + 40):
        view = drawn(seed, 4 + seed % 61)
        found = faults(view, layout(view, direction=DIRECTIONS[seed % 2]))
        assert not found, (seed, found[:3])


@pytest.mark.parametrize("direction", DIRECTIONS)
@pytest.mark.parametrize("form", ["open", "framed", "closed"])
@pytest.mark.parametrize("blocks", [1, 2, 7, 100])
def test_a_bus_is_one_straight_line_with_its_blocks_below(blocks: int, form: str, direction: Direction) -> None:
    view = residual(blocks, closed=form == "closed", framed=form == "framed")
    place = layout(view, direction=direction)
    adds = [node.id for node in view.nodes if node.op == "add"]
    line = across(place, "x")
    assert {across(place, node) for node in adds} == {line}
    stem = place.nodes[view.output].stem
    axis = 1 if direction == "right" else 0
    assert [p[axis] for p in stem] == [line, line]
    skips = [e for e in view.edges if e.target in adds and e.source in {"x", *adds}]
    assert {p[axis] for e in skips for p in place.wires[e.id].points} == {line}
    assert all(place.wires[e.id].straight for e in skips)
    assert all(across(place, n.id) > line for n in view.nodes if n.id not in {"x", *adds})
    assert crossed(view, place) == 0


def test_a_bus_of_thousands_of_blocks_stays_straight() -> None:
    view = residual(2499)
    place = layout(view)
    assert {across(place, n.id) for n in view.nodes if n.op == "add"} == {across(place, "x")}
    assert all(a.x <= b.x for w in place.wires.values() for a, b in pairwise(w.points))


def test_a_transformer_block_has_its_two_skips_on_one_line() -> None:
    view = circuit(GALLERY["transformer"], (128, 64))
    place = layout(view)
    assert {across(place, n.id) for n in view.nodes if n.op == "add"} == {across(place, "x")}


@pytest.mark.parametrize("direction", DIRECTIONS)
@pytest.mark.parametrize(
    "turn", ["h = tanh(w*h + u)", "h = tanh(u*w + v*h + b)", "c = sigmoid(f)*c + h\n    h = tanh(c)*o"]
)
def test_the_turns_of_a_loop_stand_on_one_line(turn: str, direction: Direction) -> None:
    view = circuit(f"c = c0\nh = h0\nfor t in range(5):\n    {turn}\nh")
    place = layout(view, direction=direction)
    corners = [(f.box.y if direction == "right" else f.box.x) for f in place.frames.values()]
    assert len(corners) == 5
    assert len(set(corners)) == 1
    assert not faults(view, place)


def test_a_bias_that_each_turn_of_a_loop_adds_is_no_trunk() -> None:
    place = layout(circuit("h = x\nfor t in range(3):\n    h = tanh(w*h + u)\nh"))
    assert not any(wire.straight for wire in place.wires.values())


def test_a_skip_in_each_turn_of_a_loop_is_a_trunk() -> None:
    view = circuit("h = x\nfor t in range(3):\n    h = h + tanh(w*h)\nh")
    place = layout(view)
    assert {across(place, n.id) for n in view.nodes if n.op == "add"} == {across(place, "x")}


def test_a_constant_and_a_frame_lead_straight_into_a_gate_of_one_operand() -> None:
    view = circuit("for t in range(1):\n    a = x - y\n    b = x * z\ntanh(a)*exp(2) + b")
    place = layout(view)
    wires = [place.wires[e.id] for e in view.edges if e.target.startswith(("tanh", "exp"))]
    assert [len({p.y for p in wire.points}) for wire in wires] == [1, 1]


def test_a_wire_that_would_bend_by_a_few_pixels_is_level() -> None:
    view = circuit("log(x) + x*y - sin(y)")
    place = layout(view)
    wire = next(place.wires[e.id] for e in view.edges if e.source.startswith("mul"))
    middle = place.nodes[next(e.target for e in view.edges if e.source.startswith("mul"))].box.centre.y
    assert len({p.y for p in wire.points}) == 1
    assert 2 < wire.points[-1].y - middle < 14


def test_a_chain_is_one_straight_line() -> None:
    view = circuit(GALLERY["chain"])
    place = layout(view)
    assert len({p.y for w in place.wires.values() for p in w.points}) == 1


def test_the_seed_circuit_fits_a_column_of_print() -> None:
    view = circuit(GALLERY["seed"])
    bounds = layout(view).bounds
    assert bounds.width < 950
    assert bounds.height < 330


def test_a_wire_between_gates_of_a_chain_is_short() -> None:
    view = circuit(GALLERY["chain"])
    assert all(w.points[-1].x - w.points[0].x <= 75 for w in layout(view).wires.values())


def test_inputs_stand_in_the_first_column_in_the_order_of_the_program() -> None:
    place = layout(circuit(GALLERY["neuron"]))
    names = ["w0", "x0", "w1", "x1", "w2"]
    boxes = [place.nodes[name].box for name in names]
    assert [b.y for b in boxes] == sorted(b.y for b in boxes)
    assert len({b.centre.x for b in boxes}) == 1


def test_inputs_of_a_wide_circuit_stand_in_the_order_of_the_program() -> None:
    made = Circuit()
    inputs = [made.input(f"x{k}") for k in range(600)]
    row = [
        made.node("tanh", made.node("mul", x, inputs[min(599, k + (1 if k % 40 else 3))])) for k, x in enumerate(inputs)
    ]
    while len(row) > 1:
        row = [made.node("add", a, b) for a, b in zip(row[::2], row[1::2], strict=False)] + row[len(row) // 2 * 2 :]
    place = layout(made.view())
    tops = [place.nodes[x].box.y for x in inputs]
    assert tops == sorted(tops)


def test_the_products_of_a_long_sum_stand_near_where_they_are_added() -> None:
    view = circuit(" + ".join(f"w{k}*x{k}" for k in range(60)))
    place = layout(view)
    assert all(w.points[-1].x - w.points[0].x < 700 for w in place.wires.values())
    assert crossed(view, place) == 0


def test_operands_that_do_not_commute_enter_in_order_from_the_top() -> None:
    view = circuit("1/x - (a - b)/(c - d)")
    place = layout(view)
    for node in view.nodes:
        mine = [place.wires[e.id] for e in view.edges if e.target == node.id]
        if not node.commutes and not any(w.mark for w in mine):
            ends = [w.points[-1].y for w in mine]
            assert ends == sorted(ends), node.id
    assert not any(w.mark for w in place.wires.values())


def test_a_box_of_many_operands_takes_them_in_the_order_that_crosses_least() -> None:
    made = Circuit()
    weights = [made.input(f"w{k}") for k in range(8)]
    made.closed("step", made.closed("step", made.input("x"), *weights), *weights)
    view = made.view()
    place = layout(view)
    assert crossed(view, place) <= 12  # half of the wires pass above the first box, half below: 2·(1 + 2 + 3)
    assert not any(w.mark for w in place.wires.values())


def test_a_fan_out_has_one_stem_that_its_wires_share() -> None:
    view = circuit("x*x")
    place = layout(view)
    x = place.nodes["x"]
    assert x.split is not None
    assert x.sum_box is not None
    assert x.stem[-1] == x.split
    assert all(w.points[0] == x.stem[0] for w in place.wires.values())
    assert len({w.own for w in place.wires.values()}) == 2


def test_the_output_ends_in_a_stub_with_its_texts() -> None:
    place = layout(circuit("x1 + x2"))
    out = place.nodes["add2"]
    assert out.value_box is not None
    assert out.grad_box is not None
    assert out.stem[-1].x > out.box.x + out.box.width + 60


def test_parts_that_are_not_joined_stand_below_each_other() -> None:
    view = circuit("u = p*q\nx + y")
    place = layout(view)
    assert max(place.nodes[n].box.y for n in "xy") < min(place.nodes[n].box.y for n in "pq")


def test_a_group_that_is_not_convex_still_has_its_members_in_its_frame() -> None:
    made = Circuit()
    x = made.input("x")
    with made.group("f"):
        a = made.node("sin", x)
    b = made.node("cos", a)
    made.stack.append("f#0")
    made.node("exp", b)
    made.stack.clear()
    view = made.view()
    place = layout(view)
    frame = place.frames["f#0"].box
    assert all(frame.x <= place.nodes[n].box.x <= frame.x + frame.width for n in (a, view.output))


@pytest.mark.parametrize("count", [1, 2, 5000])
def test_a_fan_out_of_any_width_is_laid_out(count: int) -> None:
    made = Circuit()
    x = made.input("x")
    for k in range(count):
        made.node(f"f{k}", x)
    view = made.view()
    place = layout(view)
    tops = sorted(place.nodes[n.id].box.y for n in view.nodes if n.kind == "op")
    assert all(b - a >= 40 for a, b in pairwise(tops))


def test_the_same_view_has_the_same_layout() -> None:
    for seed in range(60):
        view = drawn(seed, 5 + seed)
        place = layout(view)
        assert layout(view) == place
        assert layout(view, previous=place) == place


def test_a_changed_constant_moves_nothing() -> None:
    before, after = (circuit(GALLERY["seed"].replace("45", text)) for text in ("45", "46"))
    place = layout(before)
    assert layout(after, previous=place).nodes == place.nodes


def test_a_bend_is_within_a_pixel_of_its_chords() -> None:
    for du, dv in ((33.0, 3.0), (33.0, 20.0), (40.0, 40.0), (88.0, 90.0), (88.0, 400.0), (88.0, 5000.0), (400.0, 2e4)):
        points = curve(((0.0, 0.0, False), (du, dv, False)), "right").points
        unit = [s_curve(k / 1000) for k in range(1001)]
        box = [Box(du * u, dv * v, 0, 0) for u, v in unit]
        assert max(distance(place, points) for place in box) <= 1
