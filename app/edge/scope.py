"""Types of ASGI, and how a layer reads a request's head."""

from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any, Protocol

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
Headers = list[tuple[bytes, bytes]]


class App(Protocol):
    """An ASGI application."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None: ...


def header(scope: Scope, name: bytes) -> bytes | None:
    """The first value of this header (its name in small letters), or None."""
    for key, value in scope["headers"]:
        if key == name:
            return bytes(value)
    return None
