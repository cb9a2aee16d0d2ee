"""How often one client may call: rates such as `20/minute`, counted in memory or in a store that replicas share."""

from ipaddress import ip_address, ip_network
from time import time
from typing import Any

import msgspec
from limits import RateLimitItem, parse_many
from limits.aio.storage import MemoryStorage, Storage
from limits.aio.strategies import MovingWindowRateLimiter
from limits.errors import StorageError
from limits.storage import storage_from_string

from app.api.problems import PROBLEM, problem
from app.edge.scope import App, Receive, Scope, Send
from app.edge.shared import as_redis

PATIENCE = 0.5  # seconds for a store that does not answer
FREE = ("/healthz", "/readyz", "/metrics", "/static/")


class Rates:
    """Answers 429 with Retry-After where a client calls more often than it may."""

    def __init__(self, app: App, rates: str, url: str = "") -> None:
        self.app = app
        self.rates: list[RateLimitItem] = parse_many(rates)
        storage: Any = MemoryStorage()
        if url:
            options: dict[str, Any] = {
                "implementation": "redispy",
                "wrap_exceptions": True,
                "socket_connect_timeout": PATIENCE,
                "socket_timeout": PATIENCE,
            }
            storage = storage_from_string(f"async+{as_redis(url)}", **options)
        assert isinstance(storage, Storage), f"not a store for rates: {url}"
        self.limiter = MovingWindowRateLimiter(storage)
        self.refused = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] not in {"http", "websocket"} or scope["path"].startswith(FREE):
            await self.app(scope, receive, send)
            return
        client = counted((scope.get("client") or ("", 0))[0])
        try:
            refused = await self.over(client)
        except StorageError:
            refused = None  # rather count nothing than refuse everyone while the store is away
        if refused is not None:
            self.refused += 1
            await self.refuse(scope, send, *refused)
            return
        await self.app(scope, receive, send)

    async def close(self) -> None:
        """Ends the connections to the store."""
        bridge: Any = getattr(self.limiter.storage, "bridge", None)
        if bridge is not None:
            await bridge.storage.aclose()

    async def over(self, client: str) -> tuple[RateLimitItem, int] | None:
        """The rate that this call is over, and in how many seconds it is not."""
        for rate in self.rates:
            if not await self.limiter.hit(rate, client):
                reset = (await self.limiter.get_window_stats(rate, client)).reset_time
                return rate, max(1, round(reset - time() + 0.5))
        return None

    async def refuse(self, scope: Scope, send: Send, rate: RateLimitItem, seconds: int) -> None:
        """429, and when to come back."""
        if scope["type"] == "websocket":
            await send({"type": "websocket.close", "code": 1013})
            return
        body = msgspec.json.encode(problem(429, f"at most {rate} are answered; please come back in {seconds} s"))
        headers = [
            (b"content-type", PROBLEM.encode()),
            (b"content-length", str(len(body)).encode()),
            (b"cache-control", b"no-store"),
            (b"retry-after", str(seconds).encode()),
        ]
        await send({"type": "http.response.start", "status": 429, "headers": headers})
        await send({"type": "http.response.body", "body": body})


def counted(address: str) -> str:
    """As what a client counts: an IPv6 address by its /64, which is what one customer has."""
    try:
        found = ip_address(address)
    except ValueError:
        return address[:64]
    return str(ip_network(f"{found}/64", strict=False)) if found.version == 6 else str(found)
