"""Pieces on a Dask cluster: the same bytes as without one, also where it goes away."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx
import msgspec
import pytest
import pytest_asyncio
import structlog
from distributed import LocalCluster

from app.limits import Limits
from app.work import cluster
from app.work.cluster import Cluster
from tests.service import API, problem, serving

NDJSON = {"accept": "application/x-ndjson"}
AWAY = "tcp://127.0.0.1:1"
# Time enough for a busy machine.
PATIENT = replace(Limits(), seconds=30, queue_seconds=30)
MANY = {"x": [i / 7 - 3000 for i in range(40_000)], "y": [1 / (i + 1) for i in range(40_000)]}
SCALAR = {"source": "h = sin(x)*y\nfor i in range(9):\n    h = tanh(h) + exp(-h*h)*x\nh", "points": MANY}
ASKED = [
    ("/batch", {}, SCALAR),
    ("/batch", NDJSON, SCALAR),
    ("/batch", {}, {**SCALAR, "points": [{"x": x, "y": 2.0} for x in MANY["x"][:20_000]], "dtype": "float32"}),
    ("/batch", NDJSON, {"source": "sum(softmax(randn(3) * x))", "points": {"x": MANY["x"][:3000]}}),
    ("/batch", NDJSON, {"source": "x*y", "points": [{"x": 1.0, "y": "no"}, {"x": 2.0, "y": 3.0}] * 2000}),
    ("/batch", NDJSON, {"requests": [{"source": f"x*{i}" if i % 9 else "x +"} for i in range(300)]}),
    ("/batch", {}, {"requests": [{"source": f"x + {i}"} for i in range(300)]}),
    ("/sweep", {}, {"source": "relu(sin(x))*y", "input": ["x", "y"], "start": [-3, 0],
                    "stop": [3, 1], "num": [300, 200]}),
    ("/sweep", {}, {"source": "relu(sin(9*x))", "input": "x", "start": -3, "stop": 3, "num": 20_000}),
]  # fmt: skip


@pytest_asyncio.fixture
async def dask(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Any]:
    """A cluster of two workers in this process; on a busy machine it may take its time."""
    monkeypatch.setattr(cluster, "PATIENCE", 30.0)
    async with LocalCluster(
        n_workers=2,
        threads_per_worker=1,
        processes=False,
        asynchronous=True,
        protocol="tcp://",
        dashboard_address=None,
    ) as made:
        yield made


async def asked(client: httpx.AsyncClient) -> list[tuple[int, str, bytes]]:
    found = []
    for path, headers, body in ASKED:
        response = await client.post(API + path, json=body, headers=headers)
        found.append((response.status_code, response.headers["content-type"], response.content))
    return found


async def test_a_cluster_gives_the_same_bytes(dask: Any, tmp_path: Path) -> None:
    async with serving(tmp_path / "a", limits=PATIENT) as (_, client):
        alone = await asked(client)
    assert [status for status, _, _ in alone] == [200] * len(ASKED)
    async with serving(tmp_path / "b", limits=PATIENT, dask_url=dask.scheduler_address) as (server, client):
        assert await asked(client) == alone
        pieces = server.state.workshop.cluster.pieces
        assert pieces == server.state.workshop.tally.spread
        assert pieces > 20
        text = (await client.get("/metrics")).text
        assert f'gradwire_jobs_total{{outcome="spread"}} {pieces}.0' in text
        assert "gradwire_cluster_threads 2.0" in text


async def test_what_is_wrong_is_said_as_without_a_cluster(dask: Any, tmp_path: Path) -> None:
    async with serving(tmp_path, limits=PATIENT, dask_url=dask.scheduler_address) as (_, client):
        for path, body, code in [
            ("/batch", {"source": "foo(x)", "points": MANY}, "name.unknown-function"),
            ("/batch", {"points": MANY}, "request.missing"),
            ("/sweep", {"source": "x", "input": ["x", "y"], "start": [0, 0], "stop": [1, 1]}, "request.option"),
        ]:  # fmt: skip
            problem(await client.post(API + path, json=body), 422, code)


async def test_what_outgrows_one_machine_needs_the_cluster(dask: Any, tmp_path: Path) -> None:
    tight = replace(PATIENT, flops=16 * len(MANY["x"]) * 4)
    async with serving(tmp_path / "a", limits=tight) as (_, client):
        source = "+".join(f"x*{i}" for i in range(13))  # 25 operations a point
        problem(await client.post(f"{API}/batch", json={"source": source, "points": MANY}), 422, "limit.flops")
        async with serving(tmp_path / "b", limits=tight, dask_url=dask.scheduler_address) as (_, more):
            assert (await more.post(f"{API}/batch", json={"source": source, "points": MANY})).status_code == 200


async def test_a_cluster_that_is_away_is_no_ones_failure(tmp_path: Path) -> None:
    async with serving(tmp_path / "a", limits=PATIENT) as (_, client):
        alone = await asked(client)
    with structlog.testing.capture_logs() as logs:
        async with serving(tmp_path / "b", limits=PATIENT, dask_url=AWAY) as (server, client):
            assert await asked(client) == alone
            assert server.state.workshop.tally.spread == 0
            assert "gradwire_cluster_threads 0.0" in (await client.get("/metrics")).text
    assert [line["event"] for line in logs if "cluster" in line["event"]] == ["the cluster is away"]


async def test_a_cluster_that_dies_while_it_computes(
    dask: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with serving(tmp_path / "a", limits=PATIENT) as (_, client):
        alone = await client.post(f"{API}/batch", json=SCALAR)
    async with serving(tmp_path / "b", limits=PATIENT, dask_url=dask.scheduler_address) as (server, client):
        kept = server.state.workshop.cluster
        result = kept._result

        async def first_then_none(future: Any) -> Any:
            found = await result(future)
            if kept.pieces == 1:
                monkeypatch.setattr(cluster, "PATIENCE", 2.0)
                await dask.close()
            return found

        monkeypatch.setattr(kept, "_result", first_then_none)
        broken = await client.post(f"{API}/batch", json=SCALAR)
        assert (broken.status_code, broken.content) == (200, alone.content)
        assert 1 <= kept.pieces < 4
        assert (kept.away, kept.threads) == (True, 0)


async def test_a_cluster_whose_workers_all_die(dask: Any, tmp_path: Path) -> None:
    async with serving(tmp_path, limits=PATIENT, dask_url=dask.scheduler_address) as (server, client):
        kept = server.state.workshop.cluster
        assert await kept.ready()
        await asyncio.gather(*[worker.close() for worker in dask.workers.values()])
        assert (await client.post(f"{API}/batch", json=SCALAR)).status_code == 200
        assert (kept.away, kept.threads, kept.pieces) == (True, 0, 0)


def hung(_: Any) -> None:
    import time

    time.sleep(3)


async def test_a_piece_that_takes_too_long(dask: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cluster, "GRACE", 0.5)
    made = Cluster(dask.scheduler_address)
    try:
        assert await made.ready()
        with pytest.raises(Exception, match=r"limit\.time"):
            _ = [each async for each in made.results(hung, [(1,)], 0.5)]
    finally:
        await made.close()


async def test_workers_of_other_code_are_not_asked(dask: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    made = Cluster(dask.scheduler_address)
    try:
        assert await made.ready()
        results = made.results(abs, [(-1,), (-2,)], 5.0)
        assert [each async for each in results] == [1, 2]
        with monkeypatch.context() as other:
            codes = iter([b"other"])
            other.setattr(cluster, "release", lambda: next(codes, b"this"))
            with pytest.raises(cluster.Lost):
                _ = [each async for each in made.results(abs, [(-1,)], 5.0)]
        assert made.away
        assert not await made.ready(), "it is asked again after a while"
    finally:
        await made.close()


async def test_lines_of_points_come_as_they_are_computed(tmp_path: Path) -> None:
    async with serving(tmp_path, limits=PATIENT) as (server, client):
        async with client.stream("POST", f"{API}/batch", json=SCALAR, headers=NDJSON) as response:
            found = [msgspec.json.decode(line) async for line in response.aiter_lines()]
        assert len(found) == len(MANY["x"])
        assert server.state.workshop.tally.pooled == 5
