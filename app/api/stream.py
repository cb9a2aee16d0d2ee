"""/stream: a WebSocket of requests as /numbers takes them, each with an `id`; the latest first, others dropped."""

import asyncio
from typing import Any

import msgspec
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route, WebSocketRoute
from starlette.websockets import WebSocket, WebSocketDisconnect

from app.api.problems import Refusal, of_malformed, problem
from app.api.resource import PREFIX, within
from app.diagnostics import ProgramError
from app.links.state import Malformed, decoded
from app.work.answers import Problem, problem_of
from app.work.pipeline import numbers
from app.work.pool import Overloaded
from app.work.request import Shown, read

IDLE = 600.0  # seconds without a word after which a stream is closed
_UNSET: Any = object()


class Latest:
    """A place for one message: a newer one takes it from an older one that still waits."""

    def __init__(self) -> None:
        self._message: Any = _UNSET
        self._arrived = asyncio.Event()

    def put(self, message: Any) -> None:
        """Takes the place."""
        self._message = message
        self._arrived.set()

    async def get(self) -> Any:
        """The newest message, once there is one."""
        await self._arrived.wait()
        self._arrived.clear()
        message, self._message = self._message, _UNSET
        return message


async def stream(socket: WebSocket) -> None:
    """Reads as fast as it can and answers what is newest."""
    await socket.accept()
    latest = Latest()
    answering = asyncio.create_task(answer_all(socket, latest))
    try:
        while True:
            async with asyncio.timeout(IDLE):
                message = await socket.receive()
            if message["type"] == "websocket.disconnect":
                break
            text = message.get("text")
            latest.put(text.encode("utf-8", "surrogatepass") if text is not None else message.get("bytes") or b"")
            if answering.done():
                break
    except TimeoutError:
        await socket.close(1001)
    finally:
        answering.cancel()
        await asyncio.gather(answering, return_exceptions=True)


async def answer_all(socket: WebSocket, latest: Latest) -> None:
    """Answers, one at a time."""
    while True:
        try:
            await socket.send_text((await answer(socket.app.state, await latest.get())).decode())
        except (WebSocketDisconnect, RuntimeError):
            return  # the other side is gone


async def answer(services: Any, message: bytes) -> bytes:
    """The numbers, or the problem, with the request's own `id`."""
    identity: Any = None
    try:
        fields = decoded(message)
        if not isinstance(fields, dict):
            raise Malformed("version", "a message is a JSON object", code="request.body")
        identity = fields.get("id")
        request = read(Shown, fields)
        within(request, services.limits)
        found = await services.workshop.answer(numbers, request)
    except ProgramError as error:
        return _failed(identity, problem_of(error.diagnostics))
    except Malformed as error:
        return _failed(identity, of_malformed(error))
    except Overloaded as error:
        return _failed(identity, problem(503, f"the server is busy; please try again in {error.retry_after} s"))
    body: bytes = found.body
    return b'{"id":' + msgspec.json.encode(identity) + b"," + body[1:]


def _failed(identity: Any, error: Problem) -> bytes:
    return msgspec.json.encode({"id": identity, "error": error})


async def plain(request: Request) -> Response:
    """A request that does not ask for a WebSocket."""
    detail = "this is a WebSocket: connect with `ws:`, or ask POST /api/v1/numbers"
    raise Refusal(426, detail, headers={"Upgrade": "websocket", "Connection": "upgrade"})


routes = [WebSocketRoute(f"{PREFIX}/stream", stream), Route(f"{PREFIX}/stream", plain, methods=["GET"])]
