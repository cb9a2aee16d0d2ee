"""Answers that replicas share, in Valkey or Redis by URL. They only save work: where the store is slow, full or away,
the server answers as if there were none, says so once in its log, and asks again after a while."""

import asyncio
from collections.abc import Awaitable, Callable
from time import monotonic
from typing import Any

import structlog
from redis.asyncio import Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import RedisError

PATIENCE = 0.25  # seconds for a store that does not answer
PAUSE = 5.0  # seconds until a store that was away is asked again
LASTING = 3600  # seconds that an answer is shared: as long as `Cache-Control` lets others keep it
LARGEST = 1024 * 1024  # bytes of an answer that is shared
MOST = 64  # questions under way at a time


class Shared:
    """Entries by key, both bytes, in the store at this URL. `release` stands before each key: what other code made is
    never found."""

    def __init__(self, url: str, release: bytes) -> None:
        self.client: Redis = Redis.from_url(
            as_redis(url),
            max_connections=MOST,
            socket_timeout=PATIENCE,
            socket_connect_timeout=PATIENCE,
            retry=Retry(NoBackoff(), 0),
        )
        self.release = release
        self.away = False
        self.hits = 0
        self.misses = 0
        self.skipped = 0
        self._until = 0.0
        self._under_way = 0
        self._puts: set[asyncio.Task[None]] = set()

    async def get(self, key: bytes) -> bytes | None:
        """The entry of this key; None where there is none, or the store does not answer."""
        asked, found = await self._ask(lambda: self.client.get(self._named(key)))
        if not asked:
            self.skipped += 1
        elif found is None:
            self.misses += 1
        else:
            self.hits += 1
        return None if found is None else bytes(found)

    def put(self, key: bytes, entry: bytes) -> None:
        """Has the entry kept for LASTING seconds, without waiting for it; one that is too large is not."""
        if len(entry) > LARGEST or len(self._puts) >= MOST:
            return
        task = asyncio.create_task(self._put(key, entry))
        self._puts.add(task)
        task.add_done_callback(self._puts.discard)

    async def close(self) -> None:
        """Waits for what is being kept, and ends the connections."""
        await asyncio.gather(*self._puts, return_exceptions=True)
        await self.client.aclose()

    async def _put(self, key: bytes, entry: bytes) -> None:
        await self._ask(lambda: self.client.set(self._named(key), entry, ex=LASTING))

    def _named(self, key: bytes) -> bytes:
        return b"gradwire:" + self.release + b":" + key

    async def _ask(self, question: Callable[[], Awaitable[Any]]) -> tuple[bool, Any]:
        """Whether it was answered, and what."""
        now = monotonic()
        if now < self._until or self._under_way >= MOST:
            return False, None
        if self.away:
            self._until = now + PAUSE  # one asks whether it is back; the others go on without
        self._under_way += 1
        try:
            found = await question()
        except (RedisError, OSError) as error:
            self._until = monotonic() + PAUSE
            if not self.away:
                self.away = True
                structlog.get_logger().warning("the shared cache is away", error=type(error).__name__)
            return False, None
        finally:
            self._under_way -= 1
        if self.away:
            self.away, self._until = False, 0.0
            structlog.get_logger().info("the shared cache is back")
        return True, found


def as_redis(url: str) -> str:
    """The same URL as clients of Redis know it: Valkey is spoken to alike."""
    scheme, separator, rest = url.partition("://")
    return {"valkey": "redis", "valkeys": "rediss"}.get(scheme, scheme) + separator + rest
