"""Answers that replicas share, and what becomes of them without their store."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx
import pytest
import structlog

from app.edge import shared
from app.edge.shared import LARGEST, Shared
from app.limits import Limits
from app.server import Server
from tests.edge.conftest import Store
from tests.service import API, serving

ASKED = f"{API}/graph?source=x*y*x&in.x=3&in.y=4"


async def stored(server: Server) -> int:
    """How many answers stand in the store, once all are in it."""
    assert server.shared is not None
    while server.shared._puts:
        await next(iter(server.shared._puts))
    return len(await server.shared.client.keys("gradwire:*"))


def same(one: httpx.Response, other: httpx.Response) -> bool:
    """Whether two answers have the same bytes, and the same headers but for the request's id."""
    heads = [{k: v for k, v in each.headers.items() if k != "x-request-id"} for each in (one, other)]
    return one.content == other.content and heads[0] == heads[1]


async def test_what_one_replica_answered_another_need_not_compute(store: Store, tmp_path: Path) -> None:
    async with (
        serving(tmp_path / "a", cache_url=store.url) as (one, first),
        serving(tmp_path / "b", cache_url=store.url) as (other, second),
    ):
        asked = [
            ("GET", ASKED, {}),
            ("GET", "/graph.png?source=x*y", {}),
            ("GET", "/?source=x*y", {}),
            ("POST", f"{API}/graph", {"json": {"source": "x + y"}}),
            ("POST", f"{API}/graph", {"json": {"source": "x + y" * 300}}),
        ]
        for method, address, body in asked:
            made = await first.request(method, address, **body)
            await stored(one)
            assert same(made, await second.request(method, address, **body)), address
        tally = other.state.workshop.tally
        assert (tally.inline, tally.pooled) == (0, 0)
        text = (await second.get("/metrics")).text
        assert 'gradwire_requests_total{cached="true",method="GET",route="/graph.png",status="200"} 1.0' in text
        assert f'gradwire_shared_cache_lookups_total{{found="true"}} {len(asked)}.0' in text
        assert "gradwire_shared_cache_up 1.0" in text
        assert (await second.get(ASKED, headers={"if-none-match": "*"})).status_code == 304
        assert other.shared is not None
        before = other.shared.hits
        await second.get(ASKED)
        assert other.shared.hits == before, "what was shared once is kept here"


async def test_neither_problems_nor_a_sliders_answers_are_shared(store: Store, tmp_path: Path) -> None:
    async with serving(tmp_path, cache_url=store.url) as (server, client):
        assert (await client.post(f"{API}/numbers", json={"source": "x"})).status_code == 200
        assert (await client.post(f"{API}/graph", json={"source": "x +"})).status_code == 422
        assert await stored(server) == 0


async def test_other_limits_have_other_answers(store: Store, tmp_path: Path) -> None:
    async with serving(tmp_path / "a", cache_url=store.url) as (one, first):
        assert (await first.get(ASKED)).status_code == 200
        assert await stored(one) == 1
        limits = replace(Limits(), answer_bytes=100)
        async with serving(tmp_path / "b", cache_url=store.url, limits=limits) as (_, second):
            assert (await second.get(ASKED)).status_code == 422


async def test_what_is_no_answer_is_not_answered(store: Store, tmp_path: Path) -> None:
    async with serving(tmp_path / "a", cache_url=store.url) as (one, first):
        made = await first.get(ASKED)
        await stored(one)
        assert one.shared is not None
        for key in await one.shared.client.keys("gradwire:*"):
            assert 0 < await one.shared.client.ttl(key) <= shared.LASTING
            await one.shared.client.set(key, b"\xc1 nonsense")
        async with serving(tmp_path / "b", cache_url=store.url) as (_, second):
            assert same(made, await second.get(ASKED))


async def test_what_is_large_is_not_shared(store: Store) -> None:
    made = Shared(store.url, b"a")
    try:
        made.put(b"large", b"x" * (LARGEST + 1))
        made.put(b"small", b"x" * LARGEST)
        while made._puts:
            await next(iter(made._puts))
        assert (await made.get(b"large"), await made.get(b"small")) == (None, b"x" * LARGEST)
        assert (made.hits, made.misses) == (1, 1)
    finally:
        await made.close()


async def test_a_store_that_goes_and_comes_back_is_no_ones_failure(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def asked(i: int) -> str:
        return f"{API}/graph?source=x*y&in.x={i}"

    async with serving(tmp_path, cache_url=store.url) as (server, client):
        assert server.shared is not None
        with structlog.testing.capture_logs() as logs:
            assert (await client.get(asked(0))).status_code == 200
            assert await stored(server) == 1
            await store.stop()
            for i in range(1, 5):
                assert (await client.get(asked(i))).status_code == 200
            assert "gradwire_shared_cache_up 0.0" in (await client.get("/metrics")).text
            assert server.shared.skipped >= 4
            await store.start()
            monkeypatch.setattr(server.shared, "_until", 0.0)  # the pause is over
            assert (await client.get(asked(5))).status_code == 200
            assert await stored(server) == 1
        said: list[Any] = [(line["event"], line.get("error")) for line in logs]
        assert said == [("the shared cache is away", "ConnectionError"), ("the shared cache is back", None)]


async def test_a_store_that_does_not_answer_is_not_waited_for_again(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shared, "PATIENCE", 0.25)
    async with serving(tmp_path, cache_url=store.url) as (server, client):
        assert store.process is not None
        store.process.send_signal(19)  # SIGSTOP: it takes what is sent, and says nothing
        try:
            for i in range(5):
                assert (await client.get(f"{API}/graph?source=x*y&in.x={i}")).status_code == 200
        finally:
            store.process.send_signal(18)
        assert server.shared is not None
        assert (server.shared.away, server.shared.hits, server.shared.misses) == (True, 0, 0)
