"""The pages around the playground, as the service gives them."""

import re
from pathlib import Path

import pytest

from tests.service import serving

BROWSER = {"accept": "text/html,application/xhtml+xml,*/*;q=0.8"}


@pytest.mark.parametrize("path", ["/lessons", "/lessons/gates", "/gallery", "/api", "/embed?source=x*2&in.x=3"])
async def test_a_page_is_cached_and_has_a_policy(path: str, tmp_path: Path) -> None:
    async with serving(tmp_path) as (_, client):
        found = await client.get(path)
        assert found.status_code == 200
        assert found.headers["content-type"].startswith("text/html")
        assert found.headers["cache-control"].startswith("public")
        frames = "*" if path.startswith("/embed") else "'none'"
        assert f"frame-ancestors {frames};" in found.headers["content-security-policy"]
        assert "unsafe-inline" not in found.headers["content-security-policy"]
        again = await client.get(path, headers={"if-none-match": found.headers["etag"]})
        assert again.status_code == 304
        assert not re.search(r"<[^>]+\s(style|on\w+)=", found.text)


async def test_a_lesson_needs_no_script_to_be_read(tmp_path: Path) -> None:
    async with serving(tmp_path) as (_, client):
        text = (await client.get("/lessons/skip-connections")).text
    assert text.count('<svg class="circuit"') == 10
    assert len(set(re.findall(r'id="(figure-\d+-title)"', text))) == 10
    assert "∂L/∂x" in text
    assert "by how many blocks" in text
    assert 'href="/?source=x1%20%2B%20x2&amp;in.x1=1.5&amp;in.x2=3.5"' in text


async def test_a_lesson_that_is_not_there_is_a_404(tmp_path: Path) -> None:
    async with serving(tmp_path) as (_, client):
        for path in ("/lessons/nothing", "/lessons/..%2Fbase"):
            found = await client.get(path)
            assert found.status_code == 404
            assert found.headers["content-type"] == "application/problem+json"


async def test_a_person_gets_a_page_where_there_is_nothing_and_a_program_a_problem(tmp_path: Path) -> None:
    async with serving(tmp_path) as (_, client):
        page = await client.get("/nothing", headers=BROWSER)
        problem = await client.get("/nothing")
    assert (page.status_code, problem.status_code) == (404, 404)
    assert "There is nothing at this address" in page.text
    assert problem.json()["status"] == 404


async def test_the_gallery_draws_every_circuit_and_links_to_each(tmp_path: Path) -> None:
    async with serving(tmp_path) as (_, client):
        text = (await client.get("/gallery")).text
    cards = text.count('<li class="card ')
    assert cards >= 40
    assert text.count('<svg class="circuit"') == cards
    assert len(re.findall(r'<a href="/\?(?:source|c)=', text)) == cards


async def test_a_frame_says_what_is_wrong_with_its_program(tmp_path: Path) -> None:
    async with serving(tmp_path) as (_, client):
        text = (await client.get("/embed?source=2x")).text
    assert 'role="alert"' in text
    assert "2*x" in text


async def test_a_frame_of_a_link_opens_it_and_takes_options_beside_it(tmp_path: Path) -> None:
    async with serving(tmp_path) as (_, client):
        id_ = (await client.post("/api/v1/links", json={"source": "x*y", "inputs": {"x": 3, "y": 4}})).json()["id"]
        plain = (await client.get(f"/embed/{id_}")).text
        moved = (await client.get(f"/embed/{id_}?in.x=5&hide=inputs&theme=dark")).text
    assert f'href="/g/{id_}"' in plain
    assert 'data-value="12"' in plain
    assert 'data-value="20"' in moved
    assert 'data-hide="inputs"' in moved
    assert 'data-theme="dark"' in moved
    (opened,) = re.findall(r'id="open" href="([^"]+)"', moved)
    assert set(opened.removeprefix("/?").split("&amp;")) == {"source=x*y", "in.x=5", "in.y=4", "theme=dark"}


async def test_the_manifest_names_an_icon_that_is_there(tmp_path: Path) -> None:
    async with serving(tmp_path) as (_, client):
        found = (await client.get("/manifest.webmanifest")).json()
        icon = await client.get(found["icons"][0]["src"])
    assert icon.status_code == 200
    assert icon.headers["content-type"].startswith("image/svg+xml")
