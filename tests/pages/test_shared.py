"""What a short link shows, in all its forms."""

import json
from typing import Any
from xml.etree import ElementTree as ET

import httpx
import pytest

from tests.service import API, problem

pytestmark = pytest.mark.asyncio(loop_scope="session")
STATE = {"v": 1, "source": "x*y", "inputs": {"x": 3, "y": -4}, "direction": "down"}
GRAPH = {
    "nodes": [{"id": "a", "value": 2, "grad": 1}, {"id": "b", "label": "<b>", "value": 4}],
    "edges": [{"source": "a", "target": "b"}],
}


async def linked(client: httpx.AsyncClient, state: Any) -> str:
    name: str = (await client.post(f"{API}/links", json=state)).json()["id"]
    return name


async def test_a_shared_circuit(client: httpx.AsyncClient) -> None:
    name = await linked(client, STATE)
    page = await client.get(f"/g/{name}")
    assert 'data-node="x"' in page.text
    assert f"http://testserver/g/{name}.png" in page.text
    assert "application/json+oembed" in page.text
    assert (await client.get(f"/g/{name}.json")).json() == STATE
    source = await client.get(f"/g/{name}.txt")
    assert (source.text, source.headers["content-type"]) == ("x*y", "text/plain; charset=utf-8")
    picture = await client.get(f"/g/{name}.svg")
    assert picture.headers["content-type"] == "image/svg+xml"
    assert (await client.get(f"/g/{name}.svg?theme=dark")).content != picture.content
    assert (await client.get(f"/g/{name}.png")).content.startswith(b"\x89PNG")
    assert (await client.head(f"/g/{name}")).status_code == 200


async def test_only_the_embed_may_be_framed(client: httpx.AsyncClient) -> None:
    name = await linked(client, STATE)
    frame = await client.get(f"/embed/{name}")
    assert 'data-node="x"' in frame.text
    assert f"/g/{name}" in frame.text
    assert "frame-ancestors *" in frame.headers["content-security-policy"]
    assert "x-frame-options" not in frame.headers
    for path in ("/", f"/g/{name}", "/docs"):
        assert "frame-ancestors 'none'" in (await client.get(path)).headers["content-security-policy"]


async def test_oembed_is_for_our_own_links(client: httpx.AsyncClient) -> None:
    name = await linked(client, STATE)
    asked = {"url": f"http://testserver/g/{name}", "maxwidth": "400"}
    found = (await client.get("/oembed", params=asked)).json()
    assert (found["type"], found["version"], found["width"]) == ("rich", "1.0", 400)
    assert f'src="http://testserver/embed/{name}"' in found["html"]
    for url in (
        "https://example.org/g/abcdefghijkl",
        "http://testserver/",
        "file:///etc/passwd",
        "",
        f"//x@y/g/{name}",
        f"http://[::1/g/{name}",
    ):
        problem(await client.get("/oembed", params={"url": url}), 404)


async def test_oembed_as_xml(client: httpx.AsyncClient) -> None:
    name = await linked(client, {"source": "x<y  # </title>&\x0b"})
    asked = {"url": f"http://testserver/g/{name}"}
    plain = (await client.get("/oembed", params=asked)).json()
    found = await client.get("/oembed", params={**asked, "format": "xml"})
    assert found.headers["content-type"] == "text/xml; charset=utf-8"
    root = ET.fromstring(found.content)
    assert root.tag == "oembed"
    expected = {key: str(value).replace("\x0b", "\ufffd") for key, value in plain.items()}
    assert {each.tag: each.text for each in root} == expected
    problem(await client.get("/oembed", params={**asked, "format": "yaml"}), 501)


async def test_a_comparison_in_the_address(client: httpx.AsyncClient) -> None:
    for compare in ("3", "x, y", "[1, 2]", '{"source": "x"}', "{"):
        assert (await client.get("/", params={"source": "x*y", "compare": compare})).status_code == 200, compare


async def test_a_shared_graph_of_another_tool(client: httpx.AsyncClient) -> None:
    name = await linked(client, GRAPH)
    page = await client.get(f"/g/{name}")
    assert 'data-node="a"' in page.text
    assert "<b>" not in page.text.replace("<body", "")
    assert json.loads((await client.get(f"/g/{name}.json")).text) == GRAPH
    assert (await client.get(f"/g/{name}.svg")).status_code == 200
    assert (await client.get(f"/g/{name}.png")).status_code == 200
    assert (await client.get(f"/embed/{name}")).status_code == 200
    problem(await client.get(f"/g/{name}.txt"), 404)
