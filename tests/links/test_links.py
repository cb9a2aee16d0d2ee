"""Short links: one name for equal states, never lost, and what happens while the database is away."""

import asyncio
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from app.links.store import Away, Gone, Links
from app.settings import Settings
from benchmarks.postgresql import postgresql
from tests.service import API, problem, serving

pytestmark = pytest.mark.asyncio(loop_scope="session")
STATE = {"v": 1, "source": "x*y", "inputs": {"x": 3, "y": -4}}
JSON = {"content-type": "application/json"}


async def test_equal_states_have_one_link(client: httpx.AsyncClient) -> None:
    made = await client.post(f"{API}/links", json=STATE)
    assert made.status_code == 201
    link = made.json()
    assert 6 <= len(link["id"]) <= 64
    assert link["url"] == f"/g/{link['id']}"
    assert made.headers["location"] == f"{API}/links/{link['id']}"
    body = b' {"inputs": {"y": -4.0, "x": 3e0}, "source": "x\\u002ay", "v": 1.0}'
    again = await client.post(f"{API}/links", content=body, headers=JSON)
    assert (again.status_code, again.json()) == (200, link)
    found = await client.get(f"{API}/links/{link['id']}")
    assert found.json() == {**link, "state": STATE}


async def test_a_state_that_leaves_out_its_version_is_the_same_state(client: httpx.AsyncClient) -> None:
    with_it = await client.post(f"{API}/links", json={"v": 1, "source": "x*y + 1"})
    without = await client.post(f"{API}/links", json={"source": "x*y + 1"})
    assert (with_it.status_code, without.status_code) == (201, 200)
    assert without.json() == with_it.json()


async def test_a_link_from_before_versions_counted_still_leads_there(served: Any) -> None:
    from app.links.state import canonical, identify

    server, client = served
    links, state = server.state.links, {"source": "x*y + 2"}
    old = identify(state)
    await links._using(lambda connection: links._put(connection, name=old, data=canonical(state)))
    assert (await client.get(f"{API}/links/{old}")).json()["state"] == state
    made = await client.post(f"{API}/links", json=state)
    assert made.status_code == 201
    assert await links.take_down(old)
    problem(await client.post(f"{API}/links", json=state), 410)


@pytest.mark.parametrize(
    ("state", "status"),
    [
        ({"v": 2, "source": "x"}, 422),
        ({"v": 1}, 422),
        ({"source": 3}, 422),
        ({"source": "x", "dtype": "float16"}, 422),
        ({"source": "x", "hide": 3}, 422),
        ({"source": "x", "compare": 3}, 422),
        ({"source": "x", "compare": ["y"]}, 422),
        ({"source": "x", "compare": "y, 2"}, 201),
        ({"source": "x", "compare": {"source": "y"}}, 201),
        ({"nodes": []}, 422),
        ({"nodes": [{"id": "a"}]}, 201),
        ({"nodes": [{"id": "a"}], "edges": [{"source": "a", "target": "b"}]}, 422),
        ([1], 422),
    ],
)
async def test_what_may_be_linked(client: httpx.AsyncClient, state: Any, status: int) -> None:
    assert (await client.post(f"{API}/links", json=state)).status_code == status


async def test_a_wrong_program_may_be_linked(client: httpx.AsyncClient) -> None:
    made = (await client.post(f"{API}/links", json={"source": "2x"})).json()
    page = await client.get(made["url"])
    assert page.status_code == 200
    assert "missing-operator" not in page.headers
    assert 'role="alert"' in page.text


async def test_a_state_that_is_too_large(client: httpx.AsyncClient) -> None:
    problem(await client.post(f"{API}/links", json={"source": "x", "more": "y" * 300_000}), 413)


async def test_a_link_that_is_not_there(client: httpx.AsyncClient) -> None:
    for name in ("nonsense1234", "a", "x" * 65, "..%2f..%2fetc"):
        problem(await client.get(f"{API}/links/{name}"), 404)
        problem(await client.get(f"/g/{name}"), 404)


async def test_a_link_that_was_taken_down(served: Any) -> None:
    server, client = served
    made = (await client.post(f"{API}/links", json={"source": "x + 7"})).json()
    assert await server.state.links.take_down(made["id"])
    problem(await client.get(f"{API}/links/{made['id']}"), 410)
    problem(await client.get(f"/g/{made['id']}.svg"), 410)
    problem(await client.post(f"{API}/links", json={"source": "x + 7"}), 410)
    assert await server.state.links.take_down(made["id"], down=False)
    assert (await client.get(f"{API}/links/{made['id']}")).status_code == 200


async def test_another_state_under_the_same_first_letters_gets_a_longer_name(tmp_path: Path) -> None:
    links = Links(f"sqlite+aiosqlite:///{tmp_path}/links.sqlite3")
    try:
        first = await links.put({"source": "x"})
        await links._using(  # the digest of another state, as an attacker might find one
            lambda connection: links._put(connection, name=_name({"source": "y"}), data=b'{"source":"other"}')
        )
        second = await links.put({"source": "y"})
        assert len(second.id) == len(first.id) + 1
        found = await links.get(second.id)
        assert found is not None
        assert found.state == {"source": "y"}
    finally:
        await links.close()


def _name(state: Any) -> str:
    from app.links.state import identify, versioned

    return identify(versioned(state))


async def test_the_rest_goes_on_while_the_database_is_away(tmp_path: Path) -> None:
    url = "postgresql://nobody@127.0.0.1:1/none"
    async with serving(tmp_path, database_url=url) as (_, client):
        refused = await client.post(f"{API}/links", json=STATE)
        problem(refused, 503)
        assert int(refused.headers["retry-after"]) >= 1
        problem(await client.get("/g/abcdefghijkl"), 503)
        problem(await client.get("/readyz"), 503)
        assert (await client.get("/healthz")).status_code == 200
        assert (await client.get(f"{API}/graph?source=x")).status_code == 200
        assert (await client.get("/")).status_code == 200


async def test_two_servers_on_one_file(tmp_path: Path) -> None:
    url = f"sqlite+aiosqlite:///{tmp_path}/links.sqlite3"
    both = [Links(url) for _ in range(4)]
    try:
        made = await asyncio.gather(
            *[one.put({"source": f"x + {i % 25}"}) for i in range(100) for one in [both[i % 4]]]
        )
        assert len({link.id for link in made}) == 25
        assert sum(link.new for link in made) == 25
    finally:
        for one in both:
            await one.close()


WRITER = """
import asyncio, sys
from app.links.store import Links

async def write():
    links = Links(sys.argv[1])
    for i in range(100_000):
        link = await links.put({"source": f"{sys.argv[2]} + {i}"})
        print(link.id, i, flush=True)

asyncio.run(write())
"""


def killed_without_warning(url: str, rounds: int = 3) -> dict[str, str]:
    """Writers are killed while they write; what they had acknowledged, by id."""
    acknowledged: dict[str, str] = {}
    for turn in range(rounds):
        writers = [
            subprocess.Popen([sys.executable, "-c", WRITER, url, f"w{turn}_{i}"], stdout=subprocess.PIPE, text=True)
            for i in range(3)
        ]
        begun = [writer.stdout.readline() for writer in writers if writer.stdout]
        time.sleep(1.0)
        for i, writer in enumerate(writers):
            writer.send_signal(signal.SIGKILL)
            output, _ = writer.communicate()
            for line in [begun[i], *output.splitlines(keepends=True)]:
                if line.endswith("\n"):
                    name, _, number = line.strip().partition(" ")
                    acknowledged[name] = f"w{turn}_{i} + {number}"
    return acknowledged


async def held(url: str, acknowledged: dict[str, str]) -> None:
    links = Links(url)
    try:
        for name, source in acknowledged.items():
            found = await links.get(name)
            assert found is not None, name
            assert found.state == {"source": source}
    finally:
        await links.close()


async def test_nothing_acknowledged_is_lost_with_sqlite(tmp_path: Path) -> None:
    url = f"sqlite+aiosqlite:///{tmp_path}/links.sqlite3"
    acknowledged = await asyncio.to_thread(killed_without_warning, url)
    assert len(acknowledged) > 50
    await held(url, acknowledged)


@pytest.fixture(scope="module")
def database() -> Iterator[str]:
    """A PostgreSQL server of our own; its URL."""
    with postgresql() as url:
        assert url is not None, "PostgreSQL is not installed; scripts/debian does that"
        yield Settings(database_url=url).database


async def test_the_same_with_postgresql(database: str) -> None:
    both = [Links(database) for _ in range(2)]
    try:
        made = await asyncio.gather(*[both[i % 2].put({"source": f"x + {i % 25}"}) for i in range(100)])
        assert sum(link.new for link in made) == 25
        assert await both[0].take_down(made[0].id)
        with pytest.raises(Gone):
            await both[1].get(made[0].id)
        with pytest.raises(Away):
            await Links("postgresql+asyncpg://gradwire@127.0.0.1:1/postgres").get("abcdefghijkl")
    finally:
        for one in both:
            await one.close()
    acknowledged = await asyncio.to_thread(killed_without_warning, database, 2)
    assert len(acknowledged) > 50
    await held(database, acknowledged)
