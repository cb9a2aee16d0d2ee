"""The file: well-formed whatever the names, safe, and standing alone."""

import re
import xml.etree.ElementTree as ET
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import structs

from app.draw.mark import Mark
from app.draw.number import number_text
from app.draw.scene import marks_json, scene
from app.draw.svg import escape, number, svg
from app.draw.theme import theme
from tests.draw.circuits import Circuit, bus, seed

AUTO = theme("auto")
SVG = "{http://www.w3.org/2000/svg}"


def drawn(circuit: Circuit, **options: bool) -> ET.Element:
    return ET.fromstring(svg(scene(*circuit, theme=AUTO, **options), AUTO))


def of(root: ET.Element, **attributes: str) -> ET.Element:
    ((name, value),) = attributes.items()
    (found,) = [it for it in root.iter() if it.get(name.replace("_", "-")) == value]
    return found


def with_class(root: ET.Element, name: str) -> list[ET.Element]:
    return [it for it in root.iter() if name in (it.get("class") or "").split()]


def text(it: ET.Element) -> str:
    return "".join(it.itertext())


@pytest.mark.parametrize(
    ("given_text", "escaped"),
    [
        ("a < b & c", "a &lt; b &amp; c"),
        ("\"'", "&quot;&#39;"),
        ("]]>", "]]&gt;"),
        ("a\0b\x0bc\ud800d\uffff", "abcd"),
        ("a\nb\tc\r", "a&#10;b&#9;c&#13;"),
        ("名前 x̂ 😀", "名前 x̂ 😀"),
    ],
)
def test_any_text_is_escaped(given_text: str, escaped: str) -> None:
    assert escape(given_text) == escaped


@given(st.text())
def test_any_name_gives_well_formed_xml(name: str) -> None:
    circuit = seed()
    nodes = tuple(structs.replace(it, label=name, names=(name,)) if it.id == "x" else it for it in circuit.view.nodes)
    named = circuit._replace(view=replace(circuit.view, nodes=nodes))
    file = svg(scene(*named, theme=AUTO, title=name, description=name), AUTO, source=name)
    ET.fromstring(file)


@pytest.mark.parametrize(
    ("value", "written"), [(1.0, "1"), (0.1 + 0.2, "0.3"), (-0.001, "0"), (1e7, "10000000"), (12.346, "12.35")]
)
def test_a_coordinate_has_two_decimals_at_most(value: float, written: str) -> None:
    assert number(value) == written


def test_each_node_and_wire_is_found_by_its_id() -> None:
    circuit = seed()
    root = drawn(circuit)
    for node in circuit.view.nodes:
        assert "node" in (of(root, data_node=node.id).get("class") or "")
    for edge in circuit.view.edges:
        assert "wire" in (of(root, data_edge=edge.id).get("class") or "")


def test_each_wire_shows_its_value_and_its_gradient() -> None:
    circuit = seed()
    root = drawn(circuit)
    for edge in circuit.view.edges:
        it = of(root, data_edge=edge.id)
        (value,) = with_class(it, "value")
        assert float(value.get("data-value") or "") == circuit.figures.edge_values[edge.id]
        grads = with_class(it, "grad")
        gradient = circuit.figures.edge_grads[edge.id]
        assert [text(grad) for grad in grads] == ([] if gradient is None else [number_text(float(gradient))])  # type: ignore[arg-type]


def test_a_split_shows_its_sum() -> None:
    it = of(drawn(seed()), data_node="xy")
    (row,) = with_class(it, "sum")
    (total,) = with_class(it, "grad")
    assert text(row) == "2 + 2 = 4"
    assert text(total) == "4"
    assert total.get("data-value") == "4"


def test_a_long_sum_takes_two_rows() -> None:
    it = of(drawn(bus()), data_node="plus0")
    assert [text(row) for row in with_class(it, "grad")] == ["1.116"]
    assert [text(row) for row in with_class(it, "parts")] == ["= 1.19 − 0.0736"]


def test_a_constant_shows_its_number_once() -> None:
    root = drawn(seed())
    assert [it.tag for it in of(root, data_node="k")] == [f"{SVG}title", f"{SVG}rect"]
    assert [text(it) for it in of(root, data_edge="k>out").iter(f"{SVG}text")] == ["45"]


def test_it_stands_alone() -> None:
    file = svg(scene(*seed(), theme=AUTO), AUTO, source='{"v":1}')
    root = ET.fromstring(file)
    assert root.get("role") == "img"
    titles = [it.get("id") for it in root][:2]
    assert (root.get("aria-labelledby") or "").split() == titles
    assert [it.text for it in root.iter(f"{SVG}metadata")] == ['{"v":1}']
    assert re.findall(r"url\((?!data:font/woff2;base64,)", file) == []
    assert "http" not in file.replace("http://www.w3.org/2000/svg", "")
    assert "@media (prefers-color-scheme:dark)" in file
    assert len(file) < 64 * 1024


def test_inside_a_page_it_has_no_style_and_no_title_to_hover() -> None:
    picture = scene(*seed(), theme=AUTO, interactive=True)
    file = svg(picture, AUTO, standalone=False)
    assert " style=" not in file
    assert "<style" not in file
    assert file.count("<title") == 1
    assert file.count('class="hit"') == 14  # twelve wires, two constants


def test_the_description_says_the_numbers() -> None:
    assert scene(*seed(), theme=AUTO).description == (
        "A circuit of 6 gates and 4 inputs, from left to right. Its output is 1. x is 3, its gradient is −16. "
        "y is −4, its gradient is 12. z is 2, its gradient is 2. w is −1, its gradient is 0."
    )


def test_keys_are_unique_among_siblings() -> None:
    pending = [scene(*bus(), theme=AUTO, flow=True).marks]
    while pending:
        siblings = pending.pop()
        keys = [mark.key for mark in siblings]
        assert len(keys) == len(set(keys))
        pending += [mark.children for mark in siblings]


def test_the_same_marks_as_plain_data() -> None:
    marks = (Mark("g", "a", {"class": "b"}, (Mark("text", "t", {"x": 1.0}, text="2"),)),)
    assert marks_json(marks) == [
        {"tag": "g", "key": "a", "attributes": {"class": "b"}, "children": [
            {"tag": "text", "key": "t", "attributes": {"x": 1.0}, "text": "2"},
        ]},
    ]  # fmt: skip
