"""Where a job is done: in this process where it is small, else by worker processes, each job with a deadline.

What is small is tried, not guessed: a job runs in place under limits of a few milliseconds, and one that they refuse is
given to a worker under the limits in force. A worker that overruns its deadline is killed and replaced.
"""

import asyncio
import math
import os
import signal
import sys
from collections import deque
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Iterable, Sequence
from concurrent.futures import BrokenExecutor, CancelledError
from contextlib import asynccontextmanager
from dataclasses import dataclass, fields
from multiprocessing import get_context
from pathlib import Path
from time import perf_counter
from typing import Any, Self

from pebble import ProcessExpired, ProcessPool

from app.diagnostics import Diagnostic, ProgramError, fail
from app.graph.uncollected import settle
from app.limits import Limits
from app.work.cluster import Cluster, Lost
from app.work.encoded import Encoded, Job, Step, Whole, encoded

LIFE = 1000  # jobs after which a worker is replaced: what it hoards goes with it
STATM = Path("/proc/self/statm")
LEAST = 0.05  # seconds that each piece of a stream has
PATIENCE = 10  # times as long as a request waits for a worker, a piece of an answer that has begun waits
NICE = 5  # how much a worker steps back, where cores are few, for the server that answers all small requests
CLOSING = 5.0  # seconds that workers have to end


class Small(Limits):
    """Limits of what is done in place: over one of them, a worker does it."""

    __slots__ = ()

    @classmethod
    def of(cls, limits: Limits, *, nodes: int, elements: int, flops: int, source: int = 4096) -> Self:
        """The limits in force, made as tight as this."""
        values = {field.name: getattr(limits, field.name) for field in fields(limits)}
        tight = {
            "nodes": nodes, "elements": elements, "flops": flops, "loop_turns": nodes, "loop_steps": 10 * nodes,
            "source_bytes": source,
        }  # fmt: skip
        return cls(**values | {name: min(values[name], most) for name, most in tight.items()})


class Outgrown(Exception):
    """A job in place that is not small after all."""


class Overloaded(Exception):
    """No worker was free in time. `retry_after` in seconds."""

    retry_after = 1


def outgrown(limits: Limits, diagnostics: Iterable[Diagnostic]) -> bool:
    """Whether it is only for the smallness of these limits that this was said."""
    return isinstance(limits, Small) and any(d.code.startswith("limit.") for d in diagnostics)


@dataclass(slots=True)
class Tally:
    """What happened in the workshop, for the metrics."""

    inline: int = 0
    pooled: int = 0
    overrun: int = 0
    shed: int = 0
    lost: int = 0
    spread: int = 0


class Workshop:
    """Does jobs. `workers` processes stand ready from the first use on; `close` ends them."""

    def __init__(
        self,
        limits: Limits,
        *,
        workers: int = 2,
        nodes: int = 320,
        elements: int = 20_000,
        flops: int = 1_000_000,
        memory: int = 512 * 1024 * 1024,
        preload: Sequence[str] = ("app.work.pictures",),
        cluster: Cluster | None = None,
    ) -> None:
        self.limits = limits
        self.small = Small.of(limits, nodes=nodes, elements=elements, flops=flops)
        self.few = Small.of(limits, nodes=nodes // 4, elements=elements, flops=flops)
        self.workers = workers
        self.memory = memory
        self.preload = list(preload)
        self.cluster = cluster
        self.tally = Tally()
        self.busy = 0
        self._free = asyncio.Semaphore(workers)
        self._pool: ProcessPool | None = None

    async def answer(self, job: Job, request: Any, *, inline: bool = True, drawn: bool = False) -> Encoded:
        """The job's answer. `inline`: it may be small; `drawn`: it holds a layout.

        Errors: those of the job, limit.time, limit.answer; Overloaded.
        """
        if inline:
            small = self.few if drawn else self.small
            try:
                found = encoded(job(request, small), self.limits)
            except Outgrown:
                pass
            except ProgramError as error:
                if not outgrown(small, error.diagnostics):
                    raise
            else:
                self.tally.inline += 1
                return found
        found = await self.heavy(_encoded, job, request, self.limits)
        assert isinstance(found, Encoded)
        return found

    async def heavy(self, function: Callable[..., Any], *args: Any, seconds: float | None = None) -> Any:
        """What the function gives, called in a worker with a deadline. Errors: its own, limit.time; Overloaded."""
        async with self._slot(self.limits.queue_seconds):
            return await self._done(function, args, self.limits.seconds if seconds is None else seconds)

    async def stream(self, step: Step, first: Callable[..., Any], *args: Any) -> AsyncGenerator[bytes]:
        """The pieces of an answer as they are computed, each by a job of its own: `first(*args)` gives the first one,
        and the states from which `step` makes the others. Their computing has the time, and they have the size, of one
        answer. Between two jobs the worker is free for others. Where a cluster is there, and several pieces wait, it
        computes them. Errors: as `heavy`, limit.answer."""
        async for piece, _ in self._pieces(step, first, args):
            yield piece

    async def gathered(self, step: Step, whole: Whole, first: Callable[..., Any], *args: Any) -> Encoded:
        """The same pieces, made one answer. Errors: as `stream`."""
        pieces: list[bytes] = []
        last: Any = None
        async for piece, state in self._pieces(step, first, args):
            pieces.append(piece)
            last = state
        if last is None:
            return Encoded(pieces[0])
        found = await self.heavy(_whole, whole, last, pieces, self.limits)
        assert isinstance(found, Encoded)
        return found

    async def spreads(self) -> bool:
        """Whether there is a cluster for the pieces of what is large."""
        return self.cluster is not None and await self.cluster.ready()

    @property
    def wide(self) -> Limits:
        """The limits of what may be computed in pieces: a cluster's, where there is one."""
        return self.limits if self.cluster is None or self.cluster.away else self.cluster.limits(self.limits)

    async def _pieces(
        self, step: Step, first: Callable[..., Any], args: tuple[Any, ...]
    ) -> AsyncGenerator[tuple[bytes, Any]]:
        """Each piece, and the state from which it was made (None: the first)."""
        seconds, room, patience = self.limits.seconds, self.limits.answer_bytes, self.limits.queue_seconds
        wide = self.wide
        waiting: deque[Any] = deque()
        state: Any = None
        call = (first, args)
        while True:
            async with self._slot(patience):
                before = perf_counter()
                try:
                    piece, more = await self._done(*call, max(seconds, LEAST))
                except ProgramError as error:
                    if wide is not self.limits and any(d.code == "limit.time" for d in error.diagnostics):
                        raise Overloaded from None  # it was begun for a cluster that has gone
                    raise
                seconds -= perf_counter() - before
            room = self._room(room, piece)
            yield piece, state
            waiting.extendleft(reversed(more))
            if len(waiting) > 1 and await self.spreads():
                async for piece, made_of in self._spread(step, waiting, wide):
                    room = self._room(room, piece)
                    yield piece, made_of
            if not waiting:
                return
            state = waiting.popleft()
            call = (step, (state, wide))
            patience = PATIENCE * self.limits.queue_seconds  # what has begun waits longer than what has not

    async def _spread(self, step: Step, waiting: "deque[Any]", limits: Limits) -> AsyncGenerator[tuple[bytes, Any]]:
        """The pieces of the states that wait, from the cluster; those that it does not give go on waiting."""
        assert self.cluster is not None
        results = self.cluster.results(_guarded, [(step, (state, limits)) for state in waiting], self.limits.seconds)
        try:
            async for said, found in results:
                if said is not None:
                    raise ProgramError(said)
                state = waiting.popleft()
                self.tally.spread += 1
                yield found[0], state
        except Lost:
            pass
        finally:
            await results.aclose()

    def _room(self, room: int, piece: bytes) -> int:
        room -= len(piece)
        if room < 0:
            raise fail("limit.answer", f"the answer may have {self.limits.answer_bytes:,} bytes")
        return room

    async def _done(self, function: Callable[..., Any], args: tuple[Any, ...], seconds: float) -> Any:
        self.tally.pooled += 1
        try:
            future = self._ready().schedule(
                _guarded, args=(function, args), timeout=None if math.isinf(seconds) else seconds
            )
            said, found = await asyncio.wrap_future(future)
        except TimeoutError:
            self.tally.overrun += 1
            message = f"this takes longer than the {self.limits.seconds:g} s that a request may compute"
            raise fail("limit.time", message) from None
        except ProcessExpired:
            self.tally.lost += 1
            raise fail("limit.elements", "this needs more memory than a request may take") from None
        except (BrokenExecutor, RuntimeError, CancelledError):
            self.tally.lost += 1
            self._drop()
            raise Overloaded from None
        if said is not None:
            raise ProgramError(said)
        return found

    def warm(self) -> None:
        """Starts the workers, so that the first large request need not wait for them."""
        pool = self._ready()
        for _ in range(self.workers):
            pool.schedule(_ready)

    def close(self) -> None:
        """Ends the workers; what they still do is lost."""
        self._drop()

    @asynccontextmanager
    async def _slot(self, patience: float) -> AsyncIterator[None]:
        try:
            async with asyncio.timeout(patience):
                await self._free.acquire()
        except TimeoutError:
            self.tally.shed += 1
            raise Overloaded from None
        self.busy += 1
        try:
            yield
        finally:
            self.busy -= 1
            self._free.release()

    def _ready(self) -> ProcessPool:
        if self._pool is None or not self._pool.active:
            context = get_context("forkserver")
            context.set_forkserver_preload(self.preload)
            self._pool = ProcessPool(
                max_workers=self.workers, max_tasks=LIFE, initializer=_begin, initargs=(self.memory,), context=context
            )
        return self._pool

    def _drop(self) -> None:
        if self._pool is not None:
            self._pool.stop()  # type: ignore[no-untyped-call]
            self._pool.join(CLOSING)
            self._pool = None


def _begin(memory: int) -> None:
    """In a worker: a Ctrl-C is the server's to handle, so many bytes may be taken beyond what it begins with, and the
    server goes first."""
    settle()
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    if sys.platform == "linux":
        import resource  # there is none on Windows

        os.nice(NICE)
        pages = int(STATM.read_text("ascii").split()[5])  # what is private and writable
        most = pages * resource.getpagesize() + memory
        _, hard = resource.getrlimit(resource.RLIMIT_DATA)
        if hard == resource.RLIM_INFINITY or most < hard:
            resource.setrlimit(resource.RLIMIT_DATA, (most, hard))


def _ready() -> None:
    """Done as soon as a worker stands."""


def _guarded(function: Callable[..., Any], args: tuple[Any, ...]) -> tuple[tuple[Diagnostic, ...] | None, Any]:
    """What was said, or else what was found: diagnostics travel better than exceptions."""
    try:
        return None, function(*args)
    except ProgramError as error:
        return error.diagnostics, None
    except RecursionError:
        return fail("limit.nesting", "this is nested too deeply").diagnostics, None
    except MemoryError:
        return fail("limit.elements", "this needs more memory than a request may take").diagnostics, None


def _whole(whole: Whole, state: Any, pieces: Sequence[bytes], limits: Limits) -> Encoded:
    return encoded(whole(state, pieces, limits), limits)


def _encoded(job: Job, request: Any, limits: Limits) -> Encoded:
    return encoded(job(request, limits), limits)
