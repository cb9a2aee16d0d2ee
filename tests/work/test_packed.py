"""What a page of a large circuit carries, and that static/src/packed.ts reads the same: tests/golden/packed.json."""

import json
from typing import Any

import msgspec
import pytest

from app.limits import Limits
from app.work.packed import packed
from app.work.pipeline import whole
from app.work.request import GraphRequest, read
from tests.goldens import hold

# A sum, a constant, what the output does not depend on, a closed call, a zero that is negative, and a tensor; a tape.
SOURCES = (
    """def f(a):
    return tanh(a) * a
spare = x * y
v = [1, 2, 3] * x
g = f(x) + y * -0.0 + max(x, 2)
f(g) + sum(v)""",
    "h = x\nfor i in range(2):\n    h = h + tanh(h) * y\nh",
)


def answered(source: str) -> Any:
    """The answer, and the same packed."""
    q = read(GraphRequest, {"source": source, "inputs": {"x": 1.5, "y": -2.0}, "include": ["layout", "tape"]})
    return whole(q, Limits())[0]


@pytest.mark.parametrize("source", SOURCES)
def test_each_column_says_what_the_nodes_and_wires_say(source: str) -> None:
    plain = answered(source)
    answer, found = (msgspec.json.decode(msgspec.json.encode(each)) for each in (plain, packed(plain)))
    nodes, edges = found["nodes"], found["edges"]
    for i, node in enumerate(answer["nodes"]):
        for name, column in nodes.items():
            assert at(column, i) == (node.get(name) if name != "spans" or len(node["spans"]) > 1 else None)
    for i, edge in enumerate(answer["edges"]):
        assert nodes["id"][edges["source"][i]] == edge["source"]
        assert nodes["id"][edges["target"][i]] == edge["target"]
        assert at(edges["local"], i) == edge.get("local")
        assert edges["value_box"][4 * i : 4 * i + 4] == list(edge["value_box"].values())
    assert set(answer["nodes"][0]) <= set(nodes)
    assert set(answer["edges"][0]) - {"points"} <= set(edges)


def at(column: Any, i: int) -> Any:
    """The value of one row, None where there is none."""
    if isinstance(column, list):
        return column[i]
    return column["of"][column["at"][i]] if column["at"][i] >= 0 else None


def test_the_page_reads_what_is_packed() -> None:
    answers = [answered(source) for source in SOURCES]
    cases = [{"answer": answer, "packed": packed(answer)} for answer in answers]
    hold("packed.json", json.dumps(msgspec.json.decode(msgspec.json.encode(cases)), ensure_ascii=False) + "\n")
