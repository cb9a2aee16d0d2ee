"""The cache and the tags in front of the router."""

from collections.abc import Callable
from typing import Any

import httpx

from app.edge.kept import Conditional, matches
from app.work.cache import OVERHEAD, Cache


def test_a_cache_holds_no_more_than_it_may() -> None:
    cache: Cache[int] = Cache(80_000)
    for i in range(1000):
        cache.put(i, i, 1000)
        cache.get(0)
    assert cache.size <= 80_000
    assert len(cache) == 80_000 // (1000 + OVERHEAD)
    assert cache.get(0) == 0  # it was asked for again and again
    assert cache.get(1) is None
    cache.put("large", 1, 20_000)
    assert cache.get("large") is None


def test_if_none_match() -> None:
    assert matches(b'"a", W/"b"', b'"b"')
    assert matches(b"*", b'"b"')
    assert not matches(b'"a"', b'"b"')


def client(answer: Callable[[Any], tuple[int, bytes, bytes]]) -> tuple[httpx.AsyncClient, list[str]]:
    asked: list[str] = []

    async def app(scope: Any, receive: Any, send: Any) -> None:
        asked.append(scope["method"])
        status, control, body = answer(scope)
        headers = [(b"cache-control", control), (b"content-length", str(len(body)).encode())]
        await send({"type": "http.response.start", "status": status, "headers": headers})
        await send({"type": "http.response.body", "body": body})

    layer = Conditional(app, Cache(1_000_000))

    async def bodied(scope: Any, receive: Any, send: Any) -> None:
        scope["gradwire.body"] = b""
        await layer(scope, receive, send)

    return httpx.AsyncClient(transport=httpx.ASGITransport(app=bodied), base_url="http://testserver"), asked


async def test_equal_requests_are_computed_once() -> None:
    http, asked = client(lambda scope: (200, b"public, max-age=60", scope["query_string"]))
    async with http:
        first = await http.get("/a?x")
        assert (await http.get("/a?x")).headers["etag"] == first.headers["etag"]
        assert (await http.head("/a?x")).headers["content-length"] == "1"
        assert len(asked) == 1
        assert (await http.get("/a?y")).text == "y"
        assert (await http.get("/a?x", headers={"accept": "image/png"})).text == "x"
        assert len(asked) == 3


async def test_problems_and_what_is_private_are_not_kept() -> None:
    for status, control in ((404, b"public"), (200, b"no-store")):
        http, asked = client(lambda _, status=status, control=control: (status, control, b"x"))
        async with http:
            for _ in range(2):
                response = await http.get("/a")
                assert "etag" not in response.headers
        assert len(asked) == 2


async def test_head_is_get_without_a_body() -> None:
    http, asked = client(lambda _: (200, b"public", b"xyz"))
    async with http:
        response = await http.head("/a")
        assert (response.content, response.headers["content-length"]) == (b"", "3")
        assert (await http.get("/a")).text == "xyz"
    assert asked == ["GET"]
