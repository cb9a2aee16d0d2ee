"""The other rows: paths, flow, sweep, train, gradcheck, forward, backward, batch, draw, exports, catalogue."""

import json
from typing import Any

import httpx
import pytest

from app.api.catalogue import _operators
from tests.service import API, problem

pytestmark = pytest.mark.asyncio(loop_scope="session")
STACK = "def block(h):\n    return w*h\nh = x\nfor i in range(4):\n    h = h + block(h)\nh"


async def post(client: httpx.AsyncClient, path: str, **body: Any) -> Any:
    response = await client.post(API + path, json=body)
    assert response.status_code == 200, response.text
    return response.json()


async def test_paths_are_listed_the_largest_first(client: httpx.AsyncClient) -> None:
    found = await post(client, "/paths", source="x*y + 3*x", inputs={"x": 2, "y": 5}, input="x")
    assert (found["total"], found["grad"]) == (2, 8.0)
    assert [(path["product"], path["length"]) for path in found["paths"]] == [(5.0, 2), (3.0, 2)]
    assert found["paths"][0]["nodes"][0] == "x"
    response = await client.post(f"{API}/paths", json={"source": "x*y", "input": "q"})
    problem(response, 422, "name.unknown")
    problem(await client.post(f"{API}/paths", json={"source": "x*y", "input": "x", "k": 1001}), 422)


async def test_path_lengths_add_up_to_the_gradient(client: httpx.AsyncClient) -> None:
    found = await post(client, "/paths", source=STACK, inputs={"x": 2, "w": 0.5}, input="x", by="length")
    assert sum(row["sum"] for row in found["lengths"]) == pytest.approx(found["grad"])
    assert [row["count"] for row in found["lengths"]] == [1, 4, 6, 4, 1]
    blocks = await post(client, "/paths", source=STACK, inputs={"x": 2, "w": 0.5}, input="x", by="blocks")
    assert [(row["blocks"], row["count"]) for row in blocks["blocks"]] == [(0, 1), (1, 4), (2, 6), (3, 4), (4, 1)]


async def test_flow_has_a_row_for_each_turn(client: httpx.AsyncClient) -> None:
    found = await post(client, "/flow", source=STACK, inputs={"x": 2, "w": 0.5})
    turns = [row for row in found["rows"] if "/" not in row["group"]]
    assert [row["group"] for row in turns] == ["i=0", "i=1", "i=2", "i=3"]
    assert turns[-1]["grad"] == 1.0


async def test_a_sweep(client: httpx.AsyncClient) -> None:
    found = await post(client, "/sweep", source="max(x, 2)*y", inputs={"y": 3}, input="x", start=0, stop=4, num=5)
    assert found["x"] == [0.0, 1.0, 2.0, 3.0, 4.0]
    assert found["value"] == [6.0, 6.0, 6.0, 9.0, 12.0]
    assert found["grad"] == [0.0, 0.0, 1.5, 3.0, 3.0]
    assert found["kinks"] == [2.0]
    problem(
        await client.post(f"{API}/sweep", json={"source": "x", "input": "x", "start": 0, "stop": 1, "num": 20_001}), 422
    )


async def test_a_sweep_over_a_grid(client: httpx.AsyncClient) -> None:
    found = await post(client, "/sweep", source="x*y", input=["x", "y"], start=[0, 0], stop=[1, 2], num=[2, 3])
    assert found["x"] == [[0.0, 1.0], [0.0, 1.0, 2.0]]
    assert found["value"] == [[0.0, 0.0, 0.0], [0.0, 1.0, 2.0]]
    assert found["grad"][0] == [[0.0, 1.0, 2.0], [0.0, 1.0, 2.0]]


async def test_a_sweep_of_a_parameter(client: httpx.AsyncClient) -> None:
    found = await post(
        client, "/sweep", source="L = 3\ny = x\nfor i in range(L):\n    y = y*2\ny", input="L", start=1, stop=4, num=4
    )
    assert (found["x"], found["value"]) == ([1, 2, 3, 4], [2.0, 4.0, 8.0, 16.0])
    assert "grad" not in found


async def test_a_parameter_that_only_the_sweep_gives(client: httpx.AsyncClient) -> None:
    source = "h = x\nfor i in range(L):\n    h = h*2\nh"
    found = await post(client, "/sweep", source=source, input="L", start=0, stop=3, num=4)
    assert (found["x"], found["value"]) == ([0, 1, 2, 3], [1.0, 2.0, 4.0, 8.0])
    response = await client.post(f"{API}/sweep", json={"source": source, "input": "x", "start": 0, "stop": 1, "num": 2})
    problem(response, 422, "type.integer")


async def test_steps_of_an_optimizer_are_pytorchs(client: httpx.AsyncClient) -> None:
    body = {
        "source": "(w*x - 1)**2",
        "inputs": {"w": 2, "x": 3},
        "wrt": ["w"],
        "optimizer": "adam",
        "lr": 0.1,
        "steps": 3,
    }
    found = (await post(client, "/train", **body))["steps"]
    assert found[0]["loss"] == 25.0
    assert found[0]["grads"] == {"w": 30.0}
    assert found[0]["updates"]["w"] == pytest.approx(-0.1, rel=1e-6)
    assert found[1]["inputs"]["w"] == found[0]["inputs"]["w"] + found[0]["updates"]["w"]
    asked = {"accept": "application/x-ndjson"}
    lines = await client.post(f"{API}/train", json=body, headers=asked)
    assert lines.headers["content-type"].startswith("application/x-ndjson")
    assert [json.loads(line) for line in lines.text.splitlines()] == found
    events = await client.post(f"{API}/train", json=body, headers={"accept": "text/event-stream"})
    assert events.headers["content-type"].startswith("text/event-stream")
    assert [json.loads(each.removeprefix("data: ")) for each in events.text.strip().split("\n\n")] == found
    problem(await client.post(f"{API}/train", json={**body, "steps": 10_001}), 422)
    problem(await client.post(f"{API}/train", json={**body, "steps": 10_001}, headers=asked), 422)
    problem(await client.post(f"{API}/train", json={**body, "wrt": ["q"]}), 422, "name.unknown")


@pytest.mark.parametrize("optimizer", ["sgd", "adam", "momentum"])
async def test_steps_that_stream_are_those_of_one_answer(client: httpx.AsyncClient, optimizer: str) -> None:
    body = {"source": "sum((w*x - 1)**2)", "inputs": {"w": [2, 0.5], "x": [3, 1]}, "wrt": ["w"], "steps": 333}
    body |= {"optimizer": optimizer, "lr": 0.01}
    found = (await post(client, "/train", **body))["steps"]
    lines = await client.post(f"{API}/train", json=body, headers={"accept": "application/x-ndjson"})
    assert [json.loads(line) for line in lines.text.splitlines()] == found
    events = await client.post(f"{API}/train", json=body, headers={"accept": "text/event-stream"})
    assert [json.loads(each.removeprefix("data: ")) for each in events.text.strip().split("\n\n")] == found


async def test_differences_beside_gradients(client: httpx.AsyncClient) -> None:
    found = await post(client, "/gradcheck", source="max(x, y)*y", inputs={"x": 2, "y": 2})
    assert found["ok"]
    assert all(one["kink"] for one in found["inputs"])


async def test_forward_mode(client: httpx.AsyncClient) -> None:
    found = await post(client, "/forward", source="x*y", inputs={"x": 3, "y": -4}, input="x")
    assert {node["id"]: node["tangent"] for node in found["nodes"]} | {"x": 1.0, "y": 0.0} == {
        node["id"]: node["tangent"] for node in found["nodes"]
    }
    assert found["nodes"][-1]["tangent"] == -4.0
    along = await post(client, "/forward", source="x*y", inputs={"x": 3, "y": -4}, tangents={"x": 1, "y": 2})
    assert along["nodes"][-1]["tangent"] == 2.0
    problem(await client.post(f"{API}/forward", json={"source": "x*y", "input": "q"}), 422, "name.unknown")


async def test_a_tangent_may_be_a_tensor_of_the_inputs_shape(client: httpx.AsyncClient) -> None:
    found = await post(client, "/forward", source="sum(W*W)", inputs={"W": [1, 2]}, tangents={"W": [1, 10]})
    assert found["nodes"][-1]["tangent"] == 42.0
    wrong = {"source": "sum(W)", "inputs": {"W": [1, 2]}, "tangents": {"W": [1, 2, 3]}}
    problem(await client.post(f"{API}/forward", json=wrong), 422, "seed.shape")


async def test_the_gradient_as_a_circuit(client: httpx.AsyncClient) -> None:
    found = await post(client, "/backward", source="x*y", inputs={"x": 3, "y": -4}, include=["layout"])
    of = {node["of"]: node["value"] for node in found["nodes"] if node["of"]}
    assert of["x"] == -4.0
    assert of["y"] == 3.0
    assert found["bounds"]["width"] > 0


async def test_a_batch_of_programs(client: httpx.AsyncClient) -> None:
    requests = [{"source": "x*y", "inputs": {"x": 3}}, {"source": "2x"}, 5, {"source": "x", "inputs": {"x": None}}]
    found = (await post(client, "/batch", requests=requests))["results"]
    assert found[0] == {"value": 3.0, "grads": {"x": 1.0, "y": 3.0}}
    assert [each["error"]["status"] for each in found[1:]] == [422, 422, 422]
    many = [{"source": f"x*{i}"} for i in range(1001)]
    problem(await client.post(f"{API}/batch", json={"requests": many}), 422, "limit.request")
    asked = {"accept": "application/x-ndjson"}
    problem(await client.post(f"{API}/batch", json={"requests": many}, headers=asked), 422, "limit.request")
    several = [{"source": "x*x", "inputs": {"x": i}} if i % 7 else 3 for i in range(111)]
    whole = (await post(client, "/batch", requests=several))["results"]
    lines = await client.post(f"{API}/batch", json={"requests": several}, headers=asked)
    assert [json.loads(line) for line in lines.text.splitlines()] == whole


async def test_a_batch_of_points(client: httpx.AsyncClient) -> None:
    rows = [{"x": 1.0}, {"x": 2}, {"x": "Infinity"}, {"x": None}, 5]
    found = (await post(client, "/batch", source="x*y", inputs={"y": 3}, points=rows))["results"]
    assert found[1] == {"value": 6.0, "grads": {"x": 3.0, "y": 2.0}}
    assert found[2]["value"] == "Infinity"
    assert [list(each) for each in found[3:]] == [["error"], ["error"]]
    columns = (await post(client, "/batch", source="x*y", points={"x": [1, 2], "y": [3, 4]}))["results"]
    assert [each["value"] for each in columns] == [3.0, 8.0]
    body = {"source": "x*y", "points": {"x": [1, 2], "y": [3, 4]}}
    lines = await client.post(f"{API}/batch", json=body, headers={"accept": "application/x-ndjson"})
    assert [json.loads(line) for line in lines.text.splitlines()] == columns
    problem(await client.post(f"{API}/batch", json={"source": "x", "points": {"x": [1], "y": []}}), 422)
    problem(await client.post(f"{API}/batch", json={"source": "foo(x)", "points": [{"x": 1}]}), 422)
    problem(await client.post(f"{API}/batch", json={}), 422, "request.missing")


async def test_what_only_the_points_give(client: httpx.AsyncClient) -> None:
    turns = "for i in range(L):\n    x = x*2\nx"
    found = await post(client, "/batch", source=turns, points=[{"x": 1, "L": 2}, {"x": 1}, {"x": 1, "L": 3}])
    assert [row.get("value") for row in found["results"]] == [4.0, None, 8.0]
    found = await post(client, "/batch", source="W @ x", inputs={"W": [1, 2]}, points=[{"x": [3, 4]}, {"x": [5, 6]}])
    assert [row["value"] for row in found["results"]] == [11.0, 17.0]
    problem(await client.post(f"{API}/batch", json={"source": "2x", "points": [{"x": 1}]}), 422)


async def test_a_batch_of_many_points(client: httpx.AsyncClient) -> None:
    x = [i / 1000 for i in range(100_000)]
    found = (await post(client, "/batch", source="sin(x)*x", points={"x": x}))["results"]
    assert len(found) == 100_000
    body = {"source": "x", "points": {"x": [0.5] * 100_001}}
    problem(await client.post(f"{API}/batch", json=body), 422, "limit.request")


GIVEN = {
    "nodes": [
        {"id": "a", "label": "<a & b>", "value": 2, "grad": 3},
        {"id": "b", "value": 4, "grad": 1},
        {"id": "c", "label": "+", "value": 6, "grad": 1, "group": "g"},
    ],
    "edges": [{"source": "a", "target": "c", "grad": 1}, {"source": "b", "target": "c", "grad": 1}],
}


async def test_a_graph_of_another_tool(client: httpx.AsyncClient) -> None:
    found = await post(client, "/draw", **GIVEN)
    assert [(node["id"], node["value"], node["grad"]) for node in found["nodes"]] == [
        ("a", 2.0, 3.0),
        ("b", 4.0, 1.0),
        ("c", 6.0, 1.0),
    ]
    assert all(len(wire["points"]) >= 2 for wire in found["edges"])
    picture = await client.post(f"{API}/draw", json=GIVEN, headers={"accept": "image/svg+xml"})
    assert picture.headers["content-type"] == "image/svg+xml"
    assert "&lt;a &amp; b&gt;" in picture.text
    png = await client.post(f"{API}/draw", json=GIVEN, headers={"accept": "image/png"})
    assert png.content.startswith(b"\x89PNG")
    dot = await client.post(f"{API}/export/dot", json=GIVEN)
    assert dot.status_code == 200
    assert "digraph" in dot.text


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"nodes": []}, "program.no-output"),
        ({"edges": [{"source": "a", "target": "q"}]}, "drawn.unknown"),
        ({"edges": [{"source": "a", "target": "c"}, {"source": "c", "target": "a"}]}, "drawn.cycle"),
        ({"edges": [{"source": "a", "target": "a"}]}, "drawn.cycle"),
        ({"nodes": [{"id": "a"}, {"id": "a"}], "edges": []}, "request.option"),
        ({"nodes": [{"label": "a"}]}, "request.missing"),
        ({"nodes": [{"id": "a", "value": True}], "edges": []}, "type.number"),
        ({"nodes": "a"}, "request.option"),
    ],
)
async def test_a_graph_that_cannot_be_drawn(client: httpx.AsyncClient, change: dict[str, Any], code: str) -> None:
    found = await client.post(f"{API}/draw", json={**GIVEN, **change})
    assert found.status_code == 422, found.text
    assert found.json()["errors"]


async def test_exports(client: httpx.AsyncClient) -> None:
    formats = [path for path in (await client.get("/openapi.json")).json()["paths"] if "/export/" in path]
    assert {f"{API}/export/{name}" for name in ("svg", "png", "dot", "json", "csv", "mermaid", "tikz")} <= set(formats)
    for path in formats:
        response = await client.get(path, params={"source": "x*y + 2", "in.x": "3"})
        assert response.status_code == 200, (path, response.text)
        kind = response.headers["content-type"]
        assert not kind.startswith("text/html") or response.headers["content-disposition"].startswith("attachment")
        assert response.headers["content-security-policy"]


async def test_the_catalogue(client: httpx.AsyncClient) -> None:
    found = (await client.get(f"{API}/ops")).json()["ops"]
    assert len(found) == len(_operators().ops)
    wanted = {"name", "aliases", "signature", "doc", "latex", "conventions", "example"}
    assert all(wanted <= op.keys() for op in found)
    for op in found:
        response = await client.post(f"{API}/graph", json={"source": op["example"]})
        assert response.status_code == 200, (op["name"], op["example"], response.text)


async def test_the_gallery_and_the_limits(client: httpx.AsyncClient) -> None:
    for example in (await client.get(f"{API}/examples")).json()["examples"]:
        body = {"source": example["source"], "inputs": example["inputs"], "include": ["layout"]}
        response = await client.post(f"{API}/graph", json=body)
        assert response.status_code == 200, (example["name"], response.text)
    limits = (await client.get(f"{API}/limits")).json()
    assert limits["source_bytes"] == 65536
    assert all(isinstance(value, (int, float)) for value in limits.values())


async def test_health(client: httpx.AsyncClient) -> None:
    for path in ("/healthz", "/readyz", "/metrics"):
        response = await client.get(path)
        assert response.status_code == 200
        assert response.headers["cache-control"] == "no-store"
    assert "gradwire_requests_total" in response.text
    assert 'route="/api/v1/graph"' in response.text
    assert "x*y" not in response.text
