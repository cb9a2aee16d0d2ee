"""The workshop: in place or in a worker, with a deadline, a bounded queue, and workers that may die."""

import asyncio
import os
import signal
import time
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from app.diagnostics import ProgramError, fail
from app.limits import Limits
from app.work.encoded import Encoded
from app.work.pool import Overloaded, Small, Workshop


@pytest.fixture
def workshop() -> Iterator[Workshop]:
    """Two workers, half a second each."""
    made = Workshop(replace(Limits(), seconds=0.5, queue_seconds=0.5), workers=2)
    yield made
    made.close()


def where(request: Any, limits: Limits) -> Encoded:
    if request == "large" and isinstance(limits, Small):
        raise fail("limit.nodes", "too large for here")
    return Encoded(str(os.getpid()).encode())


def sleep(request: Any, limits: Limits) -> Encoded:
    time.sleep(request)
    return Encoded(b"slept")


def spin(_: Any, __: Limits) -> Encoded:
    while True:
        pass


def die(_: Any, __: Limits) -> Encoded:
    os.kill(os.getpid(), signal.SIGKILL)
    raise AssertionError


def wrong(_: Any, __: Limits) -> Encoded:
    raise fail("syntax", "no")


def long(_: Any, limits: Limits) -> Encoded:
    return Encoded(b"x" * (limits.answer_bytes + 1))


async def test_small_work_is_done_in_place_and_large_work_is_not(workshop: Workshop) -> None:
    assert (await workshop.answer(where, "small")).body == str(os.getpid()).encode()
    assert (await workshop.answer(where, "large")).body != str(os.getpid()).encode()
    assert (await workshop.answer(where, "small", inline=False)).body != str(os.getpid()).encode()


async def test_an_overrun_is_ended_and_its_worker_replaced(workshop: Workshop) -> None:
    for _ in range(3):
        begun = time.monotonic()
        with pytest.raises(ProgramError, match=r"limit\.time"):
            await workshop.answer(spin, None, inline=False)
        assert time.monotonic() - begun < 4
    assert (await workshop.answer(where, "large")).body


async def test_an_error_of_a_job_comes_back(workshop: Workshop) -> None:
    for inline in (True, False):
        with pytest.raises(ProgramError, match="syntax: no"):
            await workshop.answer(wrong, None, inline=inline)
        with pytest.raises(ProgramError, match=r"limit\.answer"):
            await workshop.answer(long, None, inline=inline)


def greedy(_: Any, __: Limits) -> Encoded:
    return Encoded(str(np.ones(300_000_000).sum()).encode())


async def test_a_job_that_takes_too_much_memory_is_refused(workshop: Workshop) -> None:
    with pytest.raises(ProgramError, match=r"limit\.elements"):
        await workshop.answer(greedy, None, inline=False)
    assert (await workshop.answer(where, "large")).body


async def test_work_beyond_capacity_is_shed(workshop: Workshop) -> None:
    workshop.warm()
    await workshop.answer(sleep, 0.0, inline=False)
    found = await asyncio.gather(
        *[workshop.answer(sleep, 0.4, inline=False) for _ in range(12)], return_exceptions=True
    )
    assert any(isinstance(each, Overloaded) for each in found)
    assert any(isinstance(each, Encoded) for each in found)
    assert all(isinstance(each, (Overloaded, Encoded)) for each in found)


async def test_workers_that_die_are_replaced(workshop: Workshop) -> None:
    for _ in range(6):
        with pytest.raises((ProgramError, Overloaded)):
            await workshop.answer(die, None, inline=False)
        for attempt in range(20):
            try:
                assert (await workshop.answer(where, "large")).body
                break
            except (Overloaded, ProgramError):
                assert attempt < 19
                await asyncio.sleep(0.1)


def count_down(state: int, _: Limits) -> tuple[bytes, tuple[int, ...]]:
    time.sleep(0.2)
    return str(state).encode(), (state - 1,) if state > 1 else ()


@pytest.fixture
def patient() -> Iterator[Workshop]:
    """Two workers with time enough on a busy machine."""
    made = Workshop(replace(Limits(), seconds=20, queue_seconds=20), workers=2)
    yield made
    made.close()


async def test_a_stream_is_made_piece_by_piece_while_it_is_read(patient: Workshop) -> None:
    stream = patient.stream(count_down, count_down, 2, patient.limits)
    assert await anext(stream) == b"2"
    assert patient.busy == 0
    assert patient.tally.pooled == 1
    await stream.aclose()
    assert patient.tally.pooled == 1, "nothing is computed for a reader who has left"
    assert [piece async for piece in patient.stream(count_down, count_down, 2, patient.limits)] == [b"2", b"1"]


async def test_the_pieces_of_a_stream_share_one_deadline(workshop: Workshop) -> None:
    stream = workshop.stream(count_down, count_down, 9, workshop.limits)
    assert await anext(stream) == b"9"
    with pytest.raises(ProgramError) as error:
        assert len([piece async for piece in stream]) < 3
    assert error.value.diagnostics[0].code == "limit.time"
