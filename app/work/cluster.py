"""Pieces of large answers, computed on a Dask cluster by URL: the same function on the same pieces, so the same bytes.

The cluster only adds room. Where it is away, has no workers, or runs other code, the caller computes the pieces itself.
"""

import asyncio
import logging
from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import suppress
from dataclasses import replace
from functools import partial
from importlib.util import find_spec
from time import monotonic
from typing import Any

import structlog

from app.diagnostics import fail
from app.files import release
from app.limits import Limits

PATIENCE = 5.0  # seconds for a scheduler that does not answer
PAUSE = 5.0  # seconds until a cluster that was away is asked again, and for which its size is believed
LOOK = 1.0  # seconds after which it is looked whether there still are workers
BATCH = 16  # pieces that are sent at a time
GRACE = 5.0  # seconds that pieces may be on their way, beside the time in which they are computed


class Lost(Exception):
    """The cluster did not compute a piece. What it gave before stands."""


class Cluster:
    """The cluster whose scheduler listens at this URL. It is asked when it is first needed."""

    def __init__(self, url: str) -> None:
        if find_spec("distributed") is None:
            raise ValueError("GRADWIRE_DASK_URL needs Dask: pip install 'gradwire[dask]'")
        self.url = url
        self.threads = 0
        self.pieces = 0
        self.away = False
        self._client: Any = None
        self._until = 0.0
        self._known = False
        self._asking: asyncio.Task[None] | None = None

    async def ready(self) -> bool:
        """Whether it is there, with workers. Only who asks first waits for it; later it is asked beside the work,
        and what was known last is believed."""
        if self._asking is None or (self._asking.done() and monotonic() >= self._until):
            self._asking = asyncio.create_task(self._ask())
        if not self._known:
            await asyncio.shield(self._asking)
        return self.threads > 0

    def limits(self, limits: Limits) -> Limits:
        """The limits of a request whose pieces are computed by all of its threads."""
        many = max(1, self.threads)
        return replace(limits, flops=limits.flops * many, seconds=limits.seconds * many)

    async def results(
        self, function: Callable[..., Any], calls: Sequence[tuple[Any, ...]], seconds: float
    ) -> AsyncGenerator[Any]:
        """What the function gives for each of these arguments, in their order, each within so many seconds of
        computing. Errors: limit.time; Lost."""
        client = self._client
        if client is None or not self.threads:
            raise Lost
        left = seconds * -(-len(calls) // self.threads) + GRACE
        call = partial(_at_home, release(), function)
        futures = client.map(call, calls, pure=False, batch_size=BATCH)
        try:
            for future in futures:
                before = monotonic()
                asked = asyncio.create_task(self._result(future))
                try:
                    while not (await asyncio.wait({asked}, timeout=LOOK))[0]:
                        if monotonic() - before > left:
                            message = f"this takes longer than the {seconds:g} s that each piece of it may compute"
                            raise fail("limit.time", message)
                        if not await self._manned():
                            raise Lost
                finally:
                    asked.cancel()
                    await asyncio.gather(asked, return_exceptions=True)
                found = await asked
                left = max(0.0, left - (monotonic() - before))
                self.pieces += 1
                yield found
        finally:
            with suppress(OSError):
                await client.cancel(futures)

    async def close(self) -> None:
        """Leaves the cluster, which goes on."""
        if self._asking is not None:
            self._asking.cancel()
            await asyncio.gather(self._asking, return_exceptions=True)
        await self._leave()

    async def _result(self, future: Any) -> Any:
        """What it gave. Errors: Lost."""
        why: str = "lost"
        try:
            found = await self._client.gather([future], errors="skip")
            if found:
                return found[0]
            if future.status == "error":
                why = type(await future.exception()).__name__
        except OSError as error:
            why = type(error).__name__
        except asyncio.CancelledError:
            if future.status not in {"lost", "cancelled"}:
                raise  # it is we who are told to stop
        self._lost(why)
        raise Lost

    async def _manned(self) -> bool:
        """Whether it still has workers, without whom it would wait for ever."""
        try:
            async with asyncio.timeout(PATIENCE):
                if await self._count():
                    return True
                self._lost("it has no workers")
        except (OSError, TimeoutError) as error:
            self._lost(type(error).__name__)
        return False

    async def _count(self) -> int:
        return sum((await self._client.nthreads()).values())

    async def _ask(self) -> None:
        """Finds out how many threads it has."""
        try:
            async with asyncio.timeout(PATIENCE):
                if self._client is None:
                    self._client = await self._connected()
                self.threads = await self._count()
        except (OSError, TimeoutError) as error:
            await self._leave()
            self._lost(type(error).__name__)
        else:
            if not self.threads:
                self._lost("it has no workers")
            elif self.away:
                self.away = False
                structlog.get_logger().info("the cluster is back", threads=self.threads)
        self._known, self._until = True, monotonic() + PAUSE

    async def _connected(self) -> Any:
        distributed = await asyncio.to_thread(_imported)
        client = distributed.Client(
            self.url, asynchronous=True, set_as_default=False, timeout=PATIENCE, name="gradwire"
        )
        try:
            return await client
        except BaseException:
            await _closed(client)
            raise

    async def _leave(self) -> None:
        client, self._client, self.threads = self._client, None, 0
        if client is not None:
            await _closed(client)

    def _lost(self, why: str) -> None:
        self.threads, self._until = 0, monotonic() + PAUSE
        if not self.away:
            self.away = True
            structlog.get_logger().warning("the cluster is away", error=why)


async def _closed(client: Any) -> None:
    with suppress(OSError, TimeoutError):
        await client.close(PATIENCE)


def _imported() -> Any:
    """Dask, which takes most of a second to import."""
    import distributed

    for name in ("distributed", "distributed.client"):  # it is said once, by us, in the form of all our logs
        logging.getLogger(name).setLevel(logging.CRITICAL)
    return distributed


class OtherCode(Exception):
    """A worker of the cluster runs another release, whose bytes might be others."""


def _at_home(code: bytes, function: Callable[..., Any], args: tuple[Any, ...]) -> Any:
    """In a worker of the cluster: the call, if it runs the same code."""
    if code != release():
        raise OtherCode
    return function(*args)
