"""Pictures of pages that never change while the server runs: drawn once, by a worker, and then kept."""

from collections.abc import Callable, Sequence
from typing import Any

from starlette.requests import Request

from app.limits import Limits
from app.pages.frame import origin
from app.work.plate import Plate

SECONDS = 30.0  # for all pictures of one page


async def kept(
    http: Request, key: str, draw: Callable[[Any, Limits], list[Plate]], what: Sequence[Any]
) -> Sequence[Plate]:
    """The pictures that `draw(what, limits)` makes, of this key. Errors: Overloaded."""
    state = http.app.state
    known: dict[str, Sequence[Plate]] | None = getattr(state, "plates", None)
    if known is None:
        known = state.plates = {}
    if key not in known:
        known[key] = await state.workshop.heavy(draw, what, state.limits, seconds=SECONDS)
    return known[key]


def address_of(http: Request, path: str) -> str:
    """The whole address of a page; empty where this server does not know its own."""
    base = origin(http)
    return base + path if base else ""
