"""Rates by client."""

from ipaddress import ip_network
from pathlib import Path
from typing import Any

import pytest

from app.edge.proxy import client_of
from app.edge.rate import counted
from tests.edge.conftest import Store
from tests.service import API, problem, serving

PROXIES = (ip_network("10.0.0.0/8"), ip_network("::1/128"))


def scope(peer: str, forwarded: str = "") -> dict[str, Any]:
    return {"client": (peer, 1), "headers": [(b"x-forwarded-for", forwarded.encode())] if forwarded else []}


@pytest.mark.parametrize(
    ("peer", "forwarded", "client"),
    [
        ("192.0.2.1", "", "192.0.2.1"),
        ("192.0.2.1", "198.51.100.1", "192.0.2.1"),
        ("10.0.0.1", "198.51.100.1", "198.51.100.1"),
        ("10.0.0.1", "1.1.1.1, 198.51.100.1, 10.2.3.4", "198.51.100.1"),
        ("10.0.0.1", "", "10.0.0.1"),
        ("10.0.0.1", "nonsense", "nonsense"),
    ],
)
def test_forwarding_headers_count_only_from_named_proxies(peer: str, forwarded: str, client: str) -> None:
    assert client_of(scope(peer, forwarded), PROXIES) == client


def test_an_address_of_version_6_counts_by_its_network() -> None:
    assert counted("2001:db8:1:2:3:4:5:6") == "2001:db8:1:2::/64"
    assert counted("192.0.2.1") == "192.0.2.1"


async def test_what_a_named_proxy_tells_of_its_client(tmp_path: Path) -> None:
    told = {"x-forwarded-proto": "https", "x-forwarded-host": "circuits.example", "x-forwarded-for": "192.0.2.7"}
    async with serving(tmp_path / "a", trusted_proxies=("127.0.0.0/8",)) as (_, client):
        assert "https://circuits.example/graph.png" in (await client.get("/?source=x*y", headers=told)).text
    async with serving(tmp_path / "b") as (_, client):
        assert "circuits.example" not in (await client.get("/?source=x*y", headers=told)).text


async def test_a_client_that_calls_too_often_is_told_when_to_come_back(tmp_path: Path) -> None:
    async with serving(tmp_path, rate_limit="3/minute") as (_, client):
        statuses = [(await client.get(f"{API}/graph?source=x")).status_code for _ in range(3)]
        assert statuses == [200, 200, 200]
        refused = await client.get(f"{API}/graph?source=x", headers={"x-forwarded-for": "192.0.2.7"})
        problem(refused, 429)
        assert 1 <= int(refused.headers["retry-after"]) <= 61
        assert (await client.get("/healthz")).status_code == 200


async def test_no_one_is_refused_because_the_store_of_rates_is_away(tmp_path: Path) -> None:
    async with serving(tmp_path, rate_limit="1/minute", cache_url="redis://127.0.0.1:1") as (_, client):
        for _ in range(3):
            assert (await client.get(f"{API}/graph?source=x")).status_code == 200


async def test_replicas_count_together(store: Store, tmp_path: Path) -> None:
    async with (
        serving(tmp_path / "a", rate_limit="2/minute", cache_url=store.url) as (_, one),
        serving(tmp_path / "b", rate_limit="2/minute", cache_url=store.url) as (_, other),
    ):
        statuses = [(await client.get(f"{API}/graph?source=x")).status_code for client in (one, other, one, other)]
    assert statuses == [200, 200, 429, 429]
