"""The bytes of an answer, and their media type: what a job gives back, from this process or from a worker."""

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import msgspec

from app.diagnostics import fail
from app.limits import Limits

JSON = "application/json"
NDJSON = "application/x-ndjson"
EVENTS = "text/event-stream"


class Encoded(NamedTuple):
    """An answer as it goes out. `filename`: to be saved under this name, not shown."""

    body: bytes
    type: str = JSON
    filename: str | None = None


Job = Callable[[Any, Limits], Any]
# One piece of an answer, and the states from which the next pieces are made, in their order. None: it was the last, and
# the whole answer where it was the first; several: each is made without the others.
Step = Callable[[Any, Limits], tuple[bytes, tuple[Any, ...]]]
# The answer that pieces make, from the last of their states.
Whole = Callable[[Any, Sequence[bytes], Limits], Any]
_encoder = msgspec.json.Encoder()


def encoded(answer: Any, limits: Limits) -> Encoded:
    """A struct as JSON; what is encoded already as it is. Errors: limit.answer."""
    found = answer if isinstance(answer, Encoded) else Encoded(_encoder.encode(answer))
    if len(found.body) > limits.answer_bytes:
        raise fail("limit.answer", f"the answer has {len(found.body):,} bytes, and may have {limits.answer_bytes:,}")
    return found


def line(answer: Any) -> bytes:
    """One line of NDJSON."""
    return _encoder.encode(answer) + b"\n"


def event(answer: Any) -> bytes:
    """One server-sent event."""
    return b"data: " + line(answer) + b"\n"
