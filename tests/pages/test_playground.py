"""The page as the server draws it: the circuit before any script, its state and answer, and what guards it."""

import json
import re
from base64 import b64encode
from dataclasses import replace
from hashlib import sha256
from html import unescape
from pathlib import Path

import httpx
import pytest

from app.limits import Limits
from tests.service import API, problem, serving

pytestmark = pytest.mark.asyncio(loop_scope="session")


def element(page: str, name: str) -> str:
    """The text of a script element."""
    found = re.search(rf'<script[^>]*id="{name}"[^>]*>(.*?)</script>', page, re.DOTALL)
    assert found, name
    return found[1]


async def test_the_first_page_holds_the_drawn_circuit(client: httpx.AsyncClient) -> None:
    response = await client.get("/")
    assert response.headers["content-type"] == "text/html; charset=utf-8"
    page = response.text
    assert 'data-node="x"' in page
    assert "2 + 2 = " in page
    state = json.loads(element(page, "first-state"))
    assert state["source"] == "(x*y + max(z, w) + x*y)*2 + 45"
    answer = json.loads(element(page, "first-answer"))
    assert answer["output"]["value"] == 1.0
    assert {"bounds", "scene", "tape"} <= answer.keys()
    assert answer["nodes"][0]["doc"]


async def test_the_page_of_a_state(client: httpx.AsyncClient) -> None:
    page = (await client.get("/", params={"source": "a*b", "in.a": "3", "selected": "a", "hide": "editor"})).text
    state = json.loads(element(page, "first-state"))
    assert state == {"v": 1, "source": "a*b", "inputs": {"a": 3}, "selected": "a", "hide": ["editor"]}
    assert 'data-node="a"' in page
    problem(await client.get("/?c=!"), 400)
    problem(await client.get("/?c=q1YqU7IyqgUA"), 422)
    problem(await client.get("/?source=x&dtype=float16"), 422)


async def test_a_wrong_program_is_drawn_as_far_as_it_stands(client: httpx.AsyncClient) -> None:
    page = (await client.get("/", params={"source": "a = x*y\nfoo(a)"})).text
    assert 'data-node="x"' in page
    assert 'role="alert"' in page
    assert (await client.get("/?source=")).status_code == 200


async def test_a_program_over_a_limit_gets_the_page_that_says_so(client: httpx.AsyncClient) -> None:
    response = await client.get("/", params={"source": "for i in range(2000000):\n    x = x*y\nx"})
    assert response.headers["content-type"] == "text/html; charset=utf-8"
    assert re.search(r'role="alert"><p>[^<]*1,000,000', response.text)
    state = json.loads(element(response.text, "first-state"))
    assert state["source"].startswith("for i in range(2000000)")


async def test_a_circuit_too_large_to_draw_gets_the_page_that_says_so(tmp_path: Path) -> None:
    async with serving(tmp_path, limits=replace(Limits(), drawn_nodes=100)) as (_, client):
        drawn = await client.get("/", params={"source": "for i in range(100):\n    x = x*x\nx", "collapse": "none"})
    assert drawn.status_code == 422
    assert "101 nodes would show, and 100 can be drawn" in drawn.text
    assert drawn.headers["cache-control"] == "no-store"


async def test_a_large_circuit_comes_without_what_a_canvas_does_not_need(client: httpx.AsyncClient) -> None:
    page = (
        await client.get("/", params={"source": "for i in range(550):\n    x = x + tanh(x)\nx", "collapse": "none"})
    ).text
    answer = json.loads(element(page, "first-answer"))
    assert len(answer["nodes"]["id"]) == 1101
    assert "scene" not in answer
    assert answer["edges"]["path"][-1].startswith("M")
    assert "latex" not in answer["nodes"]
    assert "<svg" not in page
    assert '<noscript><img src="http://testserver/graph.svg?' in page


async def test_without_a_script_inputs_are_exact_and_gradients_as_on_the_drawing(client: httpx.AsyncClient) -> None:
    page = (
        await client.get("/", params={"source": "x*y + tanh(x)/z", "in.x": "0.3", "in.y": "2", "in.z": "Infinity"})
    ).text
    assert re.findall(r'name="in\.(\w)" value="([^"]*)"', page) == [("x", "0.3"), ("y", "2"), ("z", "Infinity")]
    assert re.findall(r'class="number-grad">([^<]*)<', page) == ["2", "0.3", "0"]


HOSTILE = "x*y # </script><script>alert(1)</script><!-- ]]> \u2028 {{ 7*7 }} '\""


async def test_a_program_is_text_wherever_it_stands(client: httpx.AsyncClient) -> None:
    page = (await client.get("/", params={"source": HOSTILE})).text
    assert "<script>alert" not in page
    assert "49" not in element(page, "first-state")
    assert json.loads(element(page, "first-state"))["source"] == HOSTILE
    shown = re.search(r'<textarea id="source"[^>]*>\n?(.*?)</textarea>', page, re.DOTALL)
    assert shown
    assert unescape(shown[1]) == HOSTILE
    for data in ("first-state", "first-answer"):
        assert "<" not in element(page, data)


async def test_the_pages_policy(client: httpx.AsyncClient) -> None:
    headers = (await client.get("/")).headers
    policy = headers["content-security-policy"]
    for part in (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "object-src 'none'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
        "require-trusted-types-for 'script'",
    ):
        assert part in policy
    assert "unsafe" not in policy
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"]
    page = (await client.get("/")).text
    assert not re.search(r"<[^>]+\s(style|on\w+)=", page)
    (styles,) = re.findall(r"<style>(.*?)</style>", page, re.DOTALL)
    assert "url(./" not in styles
    assert f"'sha256-{b64encode(sha256(styles.encode()).digest()).decode()}'" in policy


async def test_a_picture_is_guarded_and_stands_alone(client: httpx.AsyncClient) -> None:
    response = await client.get("/graph.svg", params={"source": HOSTILE, "theme": "dark"})
    assert response.headers["content-type"] == "image/svg+xml"
    assert response.headers["content-security-policy"] == (
        "default-src 'none'; style-src 'unsafe-inline'; font-src data:; sandbox"
    )
    assert "<script" not in response.text
    assert response.headers["cross-origin-resource-policy"] == "cross-origin"
    png = await client.get("/graph.png?source=x*y&width=300")
    assert png.content[16:20] == (300).to_bytes(4, "big")
    problem(await client.get("/graph.png?source=x*y&width=20000"), 422, "limit.picture")
    problem(await client.get("/graph.svg?source=2x"), 422)


async def test_what_other_sites_show_of_a_page(client: httpx.AsyncClient) -> None:
    page = (await client.get("/?source=x*y&in.x=3")).text
    image = re.search(r'<meta property="og:image" content="([^"]+)"', page)
    assert image
    address = unescape(image[1])
    assert address.startswith("http://testserver/graph.png?")
    assert (await client.get(address)).content.startswith(b"\x89PNG")
    assert '<meta name="twitter:card" content="summary_large_image">' in page
    bad = await client.get("/?source=x*y&in.x=3", headers={"host": 'evil"><script>'})
    assert "evil" not in bad.text
    other = await client.get("/?source=x*y&in.x=3", headers={"host": "other.example"})
    assert "http://other.example/graph.png" in other.text


async def test_the_built_files_are_kept_for_ever(client: httpx.AsyncClient) -> None:
    page = (await client.get("/")).text
    for path in re.findall(r'(?:src|href)="(/static/dist/[^"]+)"', page):
        response = await client.get(path)
        assert response.status_code == 200, path
        assert "immutable" in response.headers["cache-control"]
    for path in (
        "/static/dist/nope.js",
        "/static/dist/../../pyproject.toml",
        "/static/dist/%2e%2e/%2e%2e/pyproject.toml",
    ):
        assert (await client.get(f"/static/dist{path}")).status_code == 404


async def test_the_documents_page_uses_our_own_files(client: httpx.AsyncClient) -> None:
    response = await client.get("/docs")
    assert response.status_code == 200
    assert "http" not in response.text.replace("http-equiv", "")
    for path in re.findall(r'(?:src|href)="(/[^"]+)"', response.text):
        assert (await client.get(path)).status_code == 200, path
    assert "frame-ancestors 'none'" in response.headers["content-security-policy"]


async def test_nobody_asks_our_pages_for_problems_in_html(client: httpx.AsyncClient) -> None:
    person = await client.get("/nope", headers={"accept": "text/html,application/xhtml+xml,*/*;q=0.8"})
    assert person.status_code == 404
    problem(await client.get("/nope"), 404)
    problem(await client.get(f"{API}/nope", headers={"accept": "text/html"}), 404)
