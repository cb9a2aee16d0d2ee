"""What is drawn of each kind of thing, and the pictures that are kept."""

import math
import re
from dataclasses import replace

import pytest
from msgspec import structs

from app.draw.figures import Figure, Figures, TensorFigure
from app.draw.mark import Mark, Scene
from app.draw.marks.figures import ARROW, OVERHANG, SIZE, after, before, total
from app.draw.marks.figures import grad as grad_marks
from app.draw.marks.group import group
from app.draw.marks.label import parts_of
from app.draw.marks.wire import by_gradient
from app.draw.scene import opened, scene
from app.draw.theme import theme
from app.graph.view import View, ViewGroup, ViewNode
from app.layout.metrics import text_width
from app.layout.model import Box, Direction, Frame, Layout, Placed, Point
from tests.draw.circuits import Circuit, bus, seed

LIGHT = theme("light")


def found(picture: Scene, key: str) -> Mark:
    (mark,) = [it for it in picture.marks if it.key == key]
    return mark


def every(mark: Mark) -> list[Mark]:
    return [mark, *(below for child in mark.children for below in every(child))]


def texts(mark: Mark, kind: str = "") -> list[str]:
    return [
        it.text
        for it in every(mark)
        if it.text is not None and it.tag != "title" and kind in [*str(it.attributes.get("class", "")).split(" "), ""]
    ]


def with_figures(circuit: Circuit, **changed: dict[str, Figure]) -> Circuit:
    changes = {name: {**getattr(circuit.figures, name), **entries} for name, entries in changed.items()}
    return circuit._replace(figures=replace(circuit.figures, **changes))


@pytest.mark.parametrize(
    ("name", "letter", "below"),
    [
        ("x", "x", ""), ("w_1", "w", "1"), ("x1", "x", "1"), ("x12", "x", "12"), ("W_out", "W", "out"),
        ("β2", "β", "2"), ("w_1_2", "w", "1,2"), ("learning_rate", "learning_rate", ""), ("layer_2", "layer", "2"),
        ("_", "_", ""), ("_1", "_1", ""), ("名2", "名", "2"), ("", "", ""), ("a_b_c", "a_b_c", ""), ("x_", "x_", ""),
    ],
)  # fmt: skip
def test_a_number_or_a_short_suffix_of_a_name_is_a_subscript(name: str, letter: str, below: str) -> None:
    assert parts_of(name) == (letter, below)


def test_a_gradient_of_any_length_stays_in_its_box_with_its_arrow() -> None:
    box = Box(100, 6, 70, 16)
    for x in (0.0, 2.0, -16.0, -0.3932, -1.234e-10, -1.234e-300, math.nan, -math.inf):
        arrow, text = grad_marks(x, after(box, "right"), LIGHT)
        width = text_width(str(text.text), float(text.attributes["font-size"]))
        left = float(text.attributes["x"]) - width / 2
        assert box.x - OVERHANG - 0.01 <= left - ARROW
        assert left + width <= box.x + box.width + 0.01
        places = [float(it) for it in re.findall(r"[-\d.]+", str(arrow.attributes["d"]))]
        assert all(box.x - OVERHANG <= it < left for it in places[::2])


def test_a_short_gradient_stands_right_below_its_value_at_full_size() -> None:
    _, text = grad_marks(-16.0, after(Box(100, 6, 70, 16), "right"), LIGHT)
    assert (text.attributes["x"], text.attributes["font-size"]) == (135, SIZE)


def test_the_arrow_points_against_the_flow() -> None:
    def way(direction: Direction) -> str:
        arrow, _ = grad_marks(1.0, after(Box(100, 6, 70, 16), direction), LIGHT)
        return str(arrow.attributes["d"]).split("M")[1]

    assert way("right") == "127.41 14.00L122.41 14.00"
    assert way("down") == "115.18 16.50L115.18 11.50"


def test_texts_lean_on_a_wire_that_runs_down() -> None:
    assert before(Box(-76, 100, 70, 16), "down").x == -6
    assert after(Box(6, 100, 70, 16), "down").x == 6
    assert before(Box(-35, 100, 70, 16), "right").x == 0


def test_a_tensor_shows_its_shape_and_the_norm_of_its_gradient() -> None:
    tensor = TensorFigure(shape=(128, 64), norm=1.23456)
    circuit = with_figures(seed(), edge_values={"zw>a": tensor}, edge_grads={"zw>a": tensor})
    wire = found(scene(*circuit, theme=LIGHT), "edge:zw>a")
    assert texts(wire, "value") == ["128×64"]
    assert texts(wire, "grad") == ["∥1.235∥"]
    exact = {str(it.attributes["class"]): it.attributes.get("data-value") for it in wire.children if it.tag == "text"}
    assert exact == {"value": None, "grad": "1.23456"}


def test_the_sum_of_a_tensor_names_the_norms_of_its_parts() -> None:
    at = after(Box(0, 0, 100, 41), "right")
    marks = total((3.0, 4.0), TensorFigure(shape=(2,), norm=5.0), at, LIGHT)
    assert [text for mark in marks for text in texts(mark)] == ["∥5∥", "of ∥3∥, ∥4∥"]


def test_a_fan_out_whose_other_ways_the_output_does_not_need_shows_no_sum() -> None:
    at = after(Box(0, 0, 100, 34), "right")
    assert [text for mark in total((), 6.0, at, LIGHT) for text in texts(mark)] == ["6"]


def test_numbers_that_json_lacks_are_in_words() -> None:
    circuit = with_figures(seed(), edge_values={"zw>a": math.inf}, edge_grads={"zw>a": math.nan})
    wire = found(scene(*circuit, theme=LIGHT), "edge:zw>a")
    assert [it.attributes.get("data-value") for it in wire.children if it.tag == "text"] == ["Infinity", "NaN"]
    assert texts(wire) == ["∞", "NaN"]


def test_a_wire_that_passes_no_gradient_is_dashed_with_a_zero() -> None:
    circuit = with_figures(seed(), edge_grads={"w>zw": 0.0})
    edges = tuple(structs.replace(it, passes=it.id != "w>zw") for it in circuit.view.edges)
    wire = found(scene(*circuit._replace(view=replace(circuit.view, edges=edges)), theme=LIGHT), "edge:w>zw")
    (line,) = [it for it in wire.children if it.key == "line"]
    assert line.attributes["stroke-dasharray"] == "5 4"
    assert texts(wire, "grad") == ["0"]
    assert wire.attributes["class"] == "wire blocked"


def test_what_the_output_does_not_depend_on_is_paler() -> None:
    circuit = seed()
    nodes = tuple(structs.replace(it, reached=it.id != "zw") for it in circuit.view.nodes)
    picture = scene(*circuit._replace(view=replace(circuit.view, nodes=nodes)), theme=LIGHT)
    assert found(picture, "node:zw").attributes["class"] == "node gate unreached"
    assert found(picture, "edge:z>zw").attributes["class"] == "wire unreached"
    (line,) = [it for it in found(picture, "edge:z>zw").children if it.key == "line"]
    assert float(line.attributes["stroke-opacity"]) < 1


def test_a_trunk_is_heavier_than_a_tap() -> None:
    picture = scene(*bus(), theme=LIGHT)
    lines = [it for key in ("x>plus0", "x>block#1") for it in every(found(picture, f"edge:{key}")) if it.key == "line"]
    assert [it.attributes["stroke-width"] for it in lines] == [2.5, 1.5]


def test_the_wire_below_a_crossing_has_a_gap() -> None:
    circuit = seed()
    wires = {**circuit.layout.wires}
    wires["zw>a"] = replace(wires["zw>a"], gaps=(Point(300, 292),))
    wire = found(
        scene(*circuit._replace(layout=replace(circuit.layout, wires=wires)), theme=LIGHT, interactive=True),
        "edge:zw>a",
    )
    paths = {it.key: str(it.attributes["d"]).count("M") for it in wire.children if it.tag == "path"}
    assert paths == {"hit": 1, "line": 2, "back": 2}


def test_operands_out_of_order_are_numbered() -> None:
    circuit = seed()
    wires = {**circuit.layout.wires}
    wires["y>xy"] = replace(wires["y>xy"], mark=Point(200, 130))
    picture = scene(*circuit._replace(layout=replace(circuit.layout, wires=wires)), theme=LIGHT)
    assert texts(found(picture, "edge:y>xy"), "quiet") == ["2"]


def test_a_closed_group_shows_its_skip_and_how_often_it_stands() -> None:
    node = ViewNode(id="b", kind="group", op="block", label="block", detail="2 gates", skip=True, repeat=12)
    marks = group(node, Placed(box=Box(0, 0, 90, 60)), LIGHT, 1.0)
    assert [it.text for it in marks if it.tag == "text"] == ["block × 12", "2 gates"]
    assert [it.key for it in marks if it.tag != "text"] == ["body", "stack", "skip", "join", "plus"]


def test_an_open_group_is_a_frame_that_can_be_closed() -> None:
    groups = (
        ViewGroup(id="net#1/block#1", label="block", parent="net#1", collapsed=False),
        ViewGroup(id="net#1", label="net", parent=None, collapsed=False),
        ViewGroup(id="soft#1", label="soft", parent=None, collapsed=True),
    )
    circuit = seed()
    view = replace(circuit.view, groups=groups)
    assert [(it.id, depth) for it, depth in opened(view)] == [("net#1", 0), ("net#1/block#1", 1)]
    frames = {it.id: Frame(box=Box(0, 0, 200, 100), label_box=Box(4, 4, 90, 20)) for it in groups[:2]}
    picture = scene(view, replace(circuit.layout, frames=frames), circuit.figures, theme=LIGHT)
    assert [it.key for it in picture.marks][:2] == ["frame:net#1", "frame:net#1/block#1"]
    frame = found(picture, "frame:net#1")
    assert texts(frame) == ["net"]
    assert [it.attributes["data-group"] for it in every(frame) if it.attributes.get("class") == "close"] == ["net#1"]


def test_the_flow_view_tells_small_from_large_and_marks_what_is_neither() -> None:
    widths = [by_gradient(size).width for size in (1e-9, 1e-3, 1.0, 1e3, 1e9)]
    assert widths == sorted(widths)
    looks = {by_gradient(size) for size in (0.0, math.nan, 1.0, None)}
    assert len(looks) == 4
    circuit = with_figures(seed(), edge_grads={"x>xy": math.nan, "y>xy": -math.inf})
    picture = scene(*circuit, theme=LIGHT, flow=True)
    signs = {key: texts(found(picture, f"edge:{key}"), "parts") for key in ("x>xy", "y>xy", "w>zw", "z>zw")}
    assert signs == {"x>xy": ["?"], "y>xy": ["∞"], "w>zw": ["0"], "z>zw": []}


def test_nothing_at_all_is_drawn_of_nothing() -> None:
    view = View(nodes=(), edges=(), groups=(), output="")
    layout = Layout(nodes={}, wires={}, frames={}, bounds=Box(0, 0, 0, 0), direction="right")
    assert scene(view, layout, Figures(), theme=LIGHT).marks == ()


def test_a_hundred_thousand_digits_of_depth_is_no_recursion() -> None:
    groups = tuple(
        ViewGroup(id=str(k), label="f", parent=str(k - 1) if k else None, collapsed=False) for k in range(5_000)
    )
    assert opened(View(nodes=(), edges=(), groups=groups, output=""))[-1][1] == 4_999
