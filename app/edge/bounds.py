"""What a request may bring: a URL, a head and a body of so many bytes. The body is read here, once, and bounded."""

import msgspec

from app.api.problems import PROBLEM, problem
from app.diagnostics import Diagnostic
from app.edge.scope import App, Message, Receive, Scope, Send, header
from app.limits import Limits

WAY_OUT = (
    "POST the same fields as JSON to the same address, or pack the state as `c=`, or make a short link with POST "
    "/api/v1/links"
)
BATCH = "/batch"
# A body over its limit is read and dropped up to here, so that a client which sends first and reads then hears of it.
DRAINED = 64 * 1024 * 1024


class Bounds:
    """Refuses what is too long: 414, 431, 413. Hands the body on in one piece."""

    def __init__(self, app: App, limits: Limits) -> None:
        self.app = app
        self.limits = limits

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        limits = self.limits
        length = len(scope.get("raw_path") or scope["path"]) + len(scope["query_string"]) + 1
        if length > limits.url_bytes:
            detail = f"the URL has {length:,} bytes, and may have {limits.url_bytes:,}; {WAY_OUT}"
            await refuse(send, 414, detail)
            return
        if sum(len(key) + len(value) + 4 for key, value in scope["headers"]) + length > limits.head_bytes:
            await refuse(send, 431, f"the head of a request may have {limits.head_bytes:,} bytes")
            return
        most = limits.batch_body_bytes if scope["path"].endswith(BATCH) else limits.body_bytes
        declared = header(scope, b"content-length")
        if declared is not None and (len(declared) > 18 or int(declared) > DRAINED):
            await too_large(send, most, close=True)
            return
        body = b""
        if scope["method"] in {"POST", "PUT", "PATCH", "DELETE"}:
            parts, size = [], 0
            while True:
                message = await receive()
                if message["type"] == "http.disconnect":
                    return
                piece = message.get("body", b"")
                size += len(piece)
                if size > DRAINED:
                    await too_large(send, most, close=True)
                    return
                if size <= most:
                    parts.append(piece)
                else:
                    parts.clear()
                if not message.get("more_body"):
                    break
            if size > most:
                await too_large(send, most)
                return
            body = b"".join(parts)
        scope["gradwire.body"] = body
        given = False

        async def whole() -> Message:
            nonlocal given
            if given:
                return await receive()
            given = True
            return {"type": "http.request", "body": body, "more_body": False}

        await self.app(scope, whole, send)


async def too_large(send: Send, most: int, *, close: bool = False) -> None:
    """The body is over the limit. Where it was not read to its end, the connection closes."""
    await refuse(send, 413, f"the body may have {most:,} bytes", close=close)


async def refuse(send: Send, status: int, detail: str, *, close: bool = False) -> None:
    """A problem of this status, straight from this layer."""
    code = Diagnostic(code="limit.body", message=detail)
    body = msgspec.json.encode(problem(status, detail, (code,)))
    headers = [
        (b"content-type", PROBLEM.encode()),
        (b"content-length", str(len(body)).encode()),
        (b"cache-control", b"no-store"),
        *([(b"connection", b"close")] if close else []),
    ]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})
