"""/graph and its parts, held to the reference answers."""

import math
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.service import API, problem, reference, serving

pytestmark = pytest.mark.asyncio(loop_scope="session")

ANSWERS = reference("answers.json")["cases"]
SEED = reference("seed.json")["cases"]
PUBLISHED = reference("published.json")["cases"]
CIRCUIT = {"source": "(x*y + max(z, w) + x*y)*2 + 45", "inputs": {"x": 3, "y": -4, "z": 2, "w": -1}}


async def graph(client: httpx.AsyncClient, **request: Any) -> Any:
    response = await client.post(f"{API}/graph", json=request)
    assert response.status_code == 200, response.text
    return response.json()


def same(found: Any, wanted: Any, where: str = "") -> None:
    """The wanted fields, and of them exactly these values; others may be there too."""
    if isinstance(wanted, dict):
        for key, value in wanted.items():
            assert key in found, f"{where}.{key}"
            same(found[key], value, f"{where}.{key}")
    elif isinstance(wanted, list):
        assert len(found) == len(wanted), where
        for i, (a, b) in enumerate(zip(found, wanted, strict=True)):
            same(a, b, f"{where}[{i}]")
    elif isinstance(wanted, float):
        assert math.isclose(found, wanted, rel_tol=1e-12, abs_tol=1e-12), (where, found, wanted)
    else:
        assert found == wanted, (where, found, wanted)


def renamed(wanted: Any, names: dict[str, str]) -> Any:
    """The wanted answer with the ids that were given."""
    ids = {"id", "node", "source", "target"}

    def walk(value: Any, key: str = "") -> Any:
        if isinstance(value, dict):
            return {k: walk(v, k) for k, v in value.items()}
        if isinstance(value, list):
            return [walk(v, key if key == "nodes" else "") for v in value]
        return names.get(value, value) if key in ids or (key == "nodes" and isinstance(value, str)) else value

    return walk(wanted)


@pytest.mark.parametrize("case", ANSWERS, ids=lambda case: case["name"][:40])
async def test_the_reference_answers_up_to_renaming_of_ids(client: httpx.AsyncClient, case: Any) -> None:
    found = await graph(client, **case["request"])
    wanted = case["answer"]
    assert len(found["nodes"]) == len(wanted["nodes"])
    order = {wire["id"]: i for i, wire in enumerate(found["edges"])}
    names = {w["id"]: f["id"] for w, f in zip(wanted["nodes"], found["nodes"], strict=True)}
    names |= {
        wire["id"]: next(
            f["id"]
            for f in found["edges"]
            if (f["source"], f["target"], f["slot"]) == (names[wire["source"]], names[wire["target"]], wire["slot"])
        )
        for wire in wanted["edges"]
    }
    expected = renamed(wanted, names)
    expected["edges"].sort(key=lambda wire: order[wire["id"]])
    for node in expected["nodes"]:
        if node["kind"] == "op":
            del node["label"]  # the drawing's own
    about = {key: expected.pop(key) for key in ("warnings", "notes")}
    same(found, expected)
    for wire in found["edges"]:
        local = next(w for w in expected["edges"] if w["id"] == wire["id"]).get("local")
        assert wire.get("local") == local
    for key, entries in about.items():
        assert len(found[key]) == len(entries), found[key]


@pytest.mark.parametrize("case", SEED, ids=lambda case: case["name"][:40])
async def test_the_figures_of_the_question(client: httpx.AsyncClient, case: Any) -> None:
    request = {key: case[key] for key in ("source", "inputs", "seed") if key in case}
    found = await graph(client, **request)
    named = {name: node for node in found["nodes"] for name in [*node["names"], node["id"]]}
    assert found["output"]["value"] == case["value"]
    assert {name: named[name]["grad"] for name in case["grads"]} == case["grads"]
    for wire, grad in case.get("edge_grads", {}).items():
        source, target = (named[name]["id"] for name in wire.split(" -> "))
        assert [e["grad"] for e in found["edges"] if (e["source"], e["target"]) == (source, target)] == [grad]
    counts = [node["op"] for node in found["nodes"]]
    assert {op: counts.count(op) for op in case.get("op_nodes", {})} == case.get("op_nodes", {})


@pytest.mark.parametrize("case", PUBLISHED, ids=lambda case: case["name"][:40])
async def test_the_courses_figures(client: httpx.AsyncClient, case: Any) -> None:
    found = await graph(client, source=case["source"], inputs=case["inputs"])
    grads = {entry["name"]: entry["grad"] for entry in found["inputs"]}
    value = found["output"]["value"]
    close(value, case["value"])
    for name, grad in case["grads"].items():
        close(grads[name], grad)


def close(found: Any, wanted: Any) -> None:
    if isinstance(found, dict):
        flat = [wanted]
        while flat and isinstance(flat[0], list):
            flat = [x for row in flat for x in row]
        assert found["data"] == pytest.approx(flat, rel=1e-9, abs=1e-12)
    else:
        assert found == pytest.approx(wanted, rel=1e-9, abs=1e-12)


async def test_what_is_included(client: httpx.AsyncClient) -> None:
    plain = await graph(client, **CIRCUIT)
    assert "x" not in plain["nodes"][0]
    assert "doc" not in plain["nodes"][0]
    found = await graph(client, **CIRCUIT, include=["layout", "explain", "tape", "scene"])
    assert all(node["width"] > 0 for node in found["nodes"])
    assert all(len(wire["points"]) >= 2 and wire["path"].startswith("M") for wire in found["edges"])
    assert all({"value_box", "grad_box"} <= wire.keys() for wire in found["edges"])
    shared = next(node for node in found["nodes"] if node.get("sum"))
    assert shared["sum"] == "2 + 2 = 4"
    assert shared["sum_box"]["width"] > 0
    assert found["tape"]["inputs"].keys() == {"x", "y", "z", "w"}
    assert found["scene"]["marks"]
    assert found["bounds"]["width"] > 0


async def test_numbers_are_what_changes(client: httpx.AsyncClient) -> None:
    whole = await graph(client, **CIRCUIT)
    found = (await client.post(f"{API}/numbers", json=CIRCUIT)).json()
    assert found == {
        "values": {node["id"]: node["value"] for node in whole["nodes"]},
        "grads": {node["id"]: node["grad"] for node in whole["nodes"]},
        "edge_grads": {wire["id"]: wire["grad"] for wire in whole["edges"]},
        "output": 1.0,
    }


async def test_a_value_in_full(client: httpx.AsyncClient) -> None:
    source = "W = ones(20, 20)\nsum(W)"
    short = await graph(client, source=source)
    assert "data" not in short["nodes"][0]["value"]
    found = (await client.get(f"{API}/values", params={"source": source, "node": "W"})).json()
    assert found["shape"] == [20, 20]
    assert found["value"]["data"] == [1.0] * 400
    assert found["grad"]["data"] == [1.0] * 400
    problem(await client.get(f"{API}/values", params={"source": source, "node": "V"}), 422, "name.unknown")


async def test_one_node_is_explained_as_the_whole_is(client: httpx.AsyncClient) -> None:
    source, keys = "a = x*y\na + tanh(a)", ("doc", "latex", "latex_numbers", "sum", "convention")
    whole = await graph(client, source=source, inputs={"x": 3, "y": -0.5}, include=["explain"])
    for node in whole["nodes"]:
        params = {"source": source, "in.x": "3", "in.y": "-0.5", "node": node["id"], "explain": "true"}
        found = (await client.get(f"{API}/values", params=params)).json()
        assert {key: found[key] for key in keys} == {key: node[key] for key in keys}


async def test_an_editor_is_told_all_errors_at_once(client: httpx.AsyncClient) -> None:
    response = await client.post(f"{API}/check", json={"source": "a = foo(x)\nb = bar(y)"})
    assert response.status_code == 200
    found = response.json()
    assert [error["code"] for error in found["errors"]] == ["name.unknown-function"] * 2
    assert [error["span"]["line"] for error in found["errors"]] == [1, 2]
    right = (await client.post(f"{API}/check", json={"source": "x*y"})).json()
    assert right["errors"] == []
    assert [entry["name"] for entry in right["inputs"]] == ["x", "y"]
    assert right["cost"]["nodes"] == 3


async def test_what_stands_of_a_wrong_program(client: httpx.AsyncClient) -> None:
    problem(await client.post(f"{API}/graph", json={"source": "a = x*y\nfoo(a)"}), 422, "name.unknown-function")
    found = await graph(client, source="a = x*y\nfoo(a)", partial=True)
    assert [error["code"] for error in found["errors"]] == ["name.unknown-function"]
    assert {"x", "y"} <= {node["id"] for node in found["nodes"]}
    empty = await graph(client, source="", partial=True, include=["layout", "scene", "tape"])
    assert empty["nodes"] == []
    assert empty["errors"][0]["code"] == "program.no-output"


async def test_the_numbers_that_json_lacks_are_words(client: httpx.AsyncClient) -> None:
    found = await graph(client, source="x/0 + y", inputs={"x": 1, "y": "NaN"})
    named = {entry["name"]: entry for entry in found["inputs"]}
    assert named["y"]["value"] == "NaN"
    assert named["x"]["grad"] == "Infinity"
    assert found["output"]["value"] == "NaN"
    assert any(entry["code"] == "value.not-finite" for entry in found["warnings"])


async def test_an_input_that_is_not_finite_is_said_at_its_place(client: httpx.AsyncClient) -> None:
    found = await graph(client, source="x*2", inputs={"x": "Infinity"})
    (warning,) = found["warnings"]
    assert (warning["code"], warning["span"]["column"]) == ("value.not-finite", 1)
    assert (await graph(client, source="min(x, inf)", inputs={"x": 2}))["warnings"] == []


async def test_float32_digits(client: httpx.AsyncClient) -> None:
    found = await graph(client, source="1/sqrt(x)", inputs={"x": 2}, dtype="float32")
    assert found["output"]["value"] == 0.70710677
    assert (
        '"value":0.70710677'
        in (
            await client.post(f"{API}/graph", json={"source": "1/sqrt(x)", "inputs": {"x": 2}, "dtype": "float32"})
        ).text
    )


async def test_the_state_of_an_answer_is_a_url(client: httpx.AsyncClient) -> None:
    found = await graph(client, **CIRCUIT, direction="down")
    assert found["url"].startswith("/?source=")
    again = await client.get(f"{API}/graph{found['url'][1:]}")
    assert again.status_code == 200
    assert again.json()["output"] == found["output"]
    assert again.json()["url"] == found["url"]
    long = {"source": "x*y  # " + "é" * 5000, "inputs": {"x": 3}}
    compact = (await graph(client, **long))["url"]
    assert compact.startswith("/?c=")
    assert (await client.get(f"{API}/graph{compact[1:]}")).json()["output"]["value"] == 3.0
    endless = "".join(f"v{i} = x*{i * 7919 % 10007 / 7}\n" for i in range(2200)) + "x"
    assert (await graph(client, source=endless))["url"] is None


async def test_ids_hold_through_a_small_edit(client: httpx.AsyncClient) -> None:
    lines = [f"v{i} = x*{i} + y" for i in range(20)]
    before = await graph(client, source="\n".join([*lines, "v19"]))
    lines.insert(10, "extra = sin(x)*cos(y)")
    after = await graph(client, source="\n".join([*lines, "v19"]))
    old, new = ({node["id"] for node in answer["nodes"]} for answer in (before, after))
    assert len(old & new) >= 0.9 * len(old)


async def test_the_servers_own_address_is_a_setting(tmp_path: Path) -> None:
    async with serving(tmp_path, public_url="https://circuits.example/") as (_, client):
        found = await graph(client, source="x*y", public_url="https://evil.example")
        assert found["url"] == "https://circuits.example/?source=x*y"
        link = (await client.post(f"{API}/links", json={"source": "x"})).json()
        assert link["url"] == f"https://circuits.example/g/{link['id']}"
        page = await client.get("/?source=x*y", headers={"host": "evil.example"})
        assert "https://circuits.example/graph.png?source=x*y" in page.text
        assert "evil" not in page.text


async def test_the_output_in_a_closed_group_is_the_groups_node(client: httpx.AsyncClient) -> None:
    answer = (await client.post(f"{API}/graph", json={"source": "softmax(x)", "inputs": {"x": [1, 2]}})).json()
    assert [node["id"] for node in answer["nodes"]] == ["x", "softmax#1"]
    assert answer["output"]["node"] == "softmax#1"
