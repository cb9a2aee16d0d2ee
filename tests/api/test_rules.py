"""The rules at the head of the contract: methods, media types, options, tags, origins."""

import json
from typing import Any

import httpx
import pytest

from tests.service import API, problem

pytestmark = pytest.mark.asyncio(loop_scope="session")
JSON = {"content-type": "application/json"}
GETS = {
    "/graph": {},
    "/numbers": {},
    "/values": {"node": "x"},
    "/graph.svg": {},
    "/export/dot": {},
    "/paths": {"input": "x"},
    "/flow": {},
    "/sweep": {"input": "x", "start": "0", "stop": "1", "num": "3"},
    "/gradcheck": {},
    "/forward": {"input": "x"},
    "/backward": {},
}


@pytest.mark.parametrize("path", GETS)
async def test_what_is_got_is_the_same_posted_and_kept_by_its_tag(client: httpx.AsyncClient, path: str) -> None:
    fields = {"source": "x*y + 2", "in.x": "3", **GETS[path]}
    got = await client.get(API + path, params=fields)
    assert got.status_code == 200, got.text
    body: dict[str, Any] = {"source": "x*y + 2", "inputs": {"x": 3}, **GETS[path]}
    body |= {key: int(value) for key, value in GETS[path].items() if value.isdigit()}
    posted = await client.post(API + path, json=body)
    assert posted.content == got.content
    assert got.headers["cache-control"].startswith("public, max-age=")
    assert "stale-while-revalidate" in got.headers["cache-control"]
    tag = got.headers["etag"]
    assert tag.startswith('"')
    again = await client.get(API + path, params=fields, headers={"if-none-match": f'"other", W/{tag}'})
    assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", tag)
    head = await client.head(API + path, params=fields)
    assert (head.status_code, head.content) == (200, b"")
    assert head.headers["content-length"] == str(len(got.content))
    assert head.headers["etag"] == tag
    assert got.headers["access-control-allow-origin"] == "*"
    assert got.headers["x-content-type-options"] == "nosniff"


@pytest.mark.parametrize("path", ["/nope", f"{API}/nope", f"{API}/graph/", "/g/nope", f"{API}/export/exe"])
async def test_there_is_nothing_there(client: httpx.AsyncClient, path: str) -> None:
    problem(await client.get(path), 404)


@pytest.mark.parametrize(
    ("method", "path", "allowed"),
    [
        ("PUT", f"{API}/graph", {"GET", "HEAD", "POST"}),
        ("GET", f"{API}/draw", {"POST"}),
        ("POST", f"{API}/ops", {"GET", "HEAD"}),
        ("DELETE", "/", {"GET", "HEAD"}),
        ("OPTIONS", f"{API}/graph", {"GET", "HEAD", "POST"}),
        ("POST", f"{API}/stream", {"GET", "HEAD"}),
    ],
)
async def test_other_methods_are_told_which_there_are(
    client: httpx.AsyncClient, method: str, path: str, allowed: set[str]
) -> None:
    response = await client.request(method, path)
    problem(response, 405)
    assert set(response.headers["allow"].split(", ")) == allowed


async def test_a_stream_asked_for_without_a_socket_says_what_it_is(client: httpx.AsyncClient) -> None:
    response = await client.get(f"{API}/stream")
    problem(response, 426)
    assert response.headers["upgrade"] == "websocket"


async def test_a_browser_may_ask_from_anywhere(client: httpx.AsyncClient) -> None:
    asked = {"origin": "https://example.org", "access-control-request-method": "POST"}
    response = await client.options(f"{API}/graph", headers=asked)
    assert response.status_code == 204
    assert response.headers["access-control-allow-origin"] == "*"
    assert "POST" in response.headers["access-control-allow-methods"]
    assert "access-control-allow-credentials" not in response.headers
    exposed = (await client.get(f"{API}/limits")).headers["access-control-expose-headers"]
    assert {"ETag", "Retry-After", "Link", "Location"} <= set(exposed.split(", "))


@pytest.mark.parametrize(
    "kind",
    ["application/x-www-form-urlencoded", "text/html", "multipart/form-data", "application/json; charset=latin-1", "x"],
)
async def test_a_body_of_another_type(client: httpx.AsyncClient, kind: str) -> None:
    problem(await client.post(f"{API}/graph", content=b'{"source":"x"}', headers={"content-type": kind}), 415)


async def test_a_body_that_is_encoded_or_of_no_type(client: httpx.AsyncClient) -> None:
    problem(await client.post(f"{API}/graph", content=b"{}", headers={**JSON, "content-encoding": "gzip"}), 415)
    problem(await client.post(f"{API}/graph", content=b'{"source":"x"}'), 415)


async def test_the_source_itself_as_the_body(client: httpx.AsyncClient) -> None:
    headers = {"content-type": "text/plain; charset=utf-8"}
    response = await client.post(f"{API}/graph?in.x=3&include=layout", content="x*π_".encode(), headers=headers)
    assert response.status_code == 200, response.text
    assert response.json()["output"]["value"] == 3.0
    assert "bounds" in response.json()
    problem(await client.post(f"{API}/graph", content=b"\xff\xfe", headers=headers), 400, "request.body")


@pytest.mark.parametrize("accept", ["text/html", "image/png", "application/json;q=0", "nonsense"])
async def test_what_is_not_accepted(client: httpx.AsyncClient, accept: str) -> None:
    problem(await client.get(f"{API}/graph?source=x", headers={"accept": accept}), 406)


@pytest.mark.parametrize("accept", ["*/*", "application/*", "text/html, application/json;q=0.5", "application/json"])
async def test_what_is_accepted(client: httpx.AsyncClient, accept: str) -> None:
    assert (await client.get(f"{API}/graph?source=x", headers={"accept": accept})).status_code == 200


@pytest.mark.parametrize(
    "body",
    [b"", b"{", b"nonsense", b'{"source": NaN}', b'{"source":"x"} x', b"\xff", b'{"source":"\x00"}', b"[" * 100_000],
)
async def test_a_body_that_is_no_json(client: httpx.AsyncClient, body: bytes) -> None:
    problem(await client.post(f"{API}/graph", content=body, headers=JSON), 400, "request.body")


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({}, "request.missing"),
        ({"source": None}, "request.option"),
        ({"source": ["x"]}, "request.option"),
        ({"dtype": "float16"}, "request.option"),
        ({"include": ["everything"]}, "request.option"),
        ({"include": "layout"}, "request.option"),
        ({"collapse": "some"}, "request.option"),
        ({"collapse": 3}, "request.option"),
        ({"direction": "left"}, "request.option"),
        ({"max_elements": -1}, "request.option"),
        ({"max_elements": True}, "request.option"),
        ({"max_elements": None}, "request.option"),
        ({"share": "yes"}, "request.option"),
        ({"strict": 1}, "request.option"),
        ({"inputs": []}, "request.option"),
        ({"inputs": {"x": True}}, "type.number"),
        ({"inputs": {"x": None}}, "type.number"),
        ({"inputs": {"x": "3"}}, "type.number"),
        ({"inputs": {"x": {}}}, "type.number"),
        ({"inputs": {"x": [1, [2]]}}, "shape.mismatch"),
        ({"inputs": {"x": [[1], [2, 3]]}}, "shape.mismatch"),
        ({"inputs": {"x": 10**400}}, "number.range"),
        ({"seed": True}, "type.number"),
        ({"seed": "one"}, "type.number"),
        ({"seed": [1, 2]}, "seed.shape"),
        ({"output": "nowhere"}, "name.unknown"),
        ({"output": 3}, "request.option"),
    ],
)
async def test_options_are_checked(client: httpx.AsyncClient, fields: dict[str, Any], code: str) -> None:
    body = {"source": "x*y", **fields} if fields else {}
    problem(await client.post(f"{API}/graph", content=json.dumps(body), headers=JSON), 422, code)


@pytest.mark.parametrize(
    ("query", "status"),
    [
        ("source=%", 400),
        ("source=%zz", 400),
        ("source=%ff", 400),
        ("in.x=1&source=x&dtype=float16", 422),
        ("source=x&in.x=1e400", 422),
        ("source=x&in.x=true", 422),
        ("source=x&in.x=null", 422),
        ("source=x&in.x=01", 422),
        ("source=x&in.x=.5", 422),
        ("source=x&in.x=%2B1", 422),
        ("source=x&in.x=+1", 422),
        ("source=x&in.x=0x10", 422),
        ("source=x&in.x=1_000", 422),
        ("source=x&in.x=", 422),
        ("source=x&max_elements=-1", 422),
        ("source=x&max_elements=many", 422),
        ("source=x&share=1", 422),
        ("source=x&include=layout,nothing", 422),
        ("source=x&output=nothing", 422),
        ("c=!!", 400),
        ("c=abc", 400),
        ("c=q1YqU7IyqgUA", 422),
    ],
)
async def test_a_query_is_checked(client: httpx.AsyncClient, query: str, status: int) -> None:
    problem(await client.get(f"{API}/graph?{query}"), status)


async def test_a_query_of_all_kinds(client: httpx.AsyncClient) -> None:
    query = (
        'source=x*y%2Bz&in.x=[1,2]&in.y=-2.5e0&in.z="NaN"&seed=[1,-1]&max_elements=1&share=false&include=["explain"]'
    )
    found = (await client.get(f"{API}/graph?{query}&collapse=f%231,g&nonsense=1")).json()
    assert found["output"]["seed"]["shape"] == [2]
    assert "data" not in found["output"]["seed"]
    assert "doc" in found["nodes"][0]
    assert [entry["code"] for entry in found["warnings"]].count("group.unused") == 2


async def test_what_the_program_lacks_is_a_warning(client: httpx.AsyncClient) -> None:
    body = {"source": "x*y", "inputs": {"x": 1, "y": 1, "q": 2}, "collapse": ["f#1"], "unknown": True}
    found = (await client.post(f"{API}/graph", json=body)).json()
    assert {entry["code"] for entry in found["warnings"]} == {"input.unused", "group.unused"}


async def test_names_are_normalised_as_in_the_source(client: httpx.AsyncClient) -> None:
    found = (await client.post(f"{API}/graph", json={"source": "ﬁ*2", "inputs": {"ﬁ": 4}})).json()
    assert found["inputs"][0]["name"] == "fi"
    assert found["output"]["value"] == 8.0


async def test_a_half_of_a_surrogate_pair_has_its_place(client: httpx.AsyncClient) -> None:
    response = await client.post(f"{API}/graph", content=b'{"source":"x +\\n \\ud800"}', headers=JSON)
    assert response.status_code in {400, 422}
    assert response.headers["content-type"] == "application/problem+json"


async def test_problems_have_places(client: httpx.AsyncClient) -> None:
    found = problem(await client.post(f"{API}/graph", json={"source": "y = 1\n[1, 2] + [1, 2, 3]"}), 422)
    error = found["errors"][0]
    assert error["code"] == "shape.broadcast"
    assert error["span"]["line"] == 2
    assert len(error["spans"]) == 2
    assert error["span"] == error["spans"][0]


async def test_a_hint_says_whether_it_is_a_form(client: httpx.AsyncClient) -> None:
    for source, form in (("2x", False), ("while x:\n    y = 1", True)):
        found = (await client.post(f"{API}/check", json={"source": source})).json()
        assert found["errors"][0]["form"] is form
