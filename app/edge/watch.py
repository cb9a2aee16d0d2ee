"""What the server does, for those who run it: one line of log a request, and Prometheus metrics by route.

A line holds a request's id, method, route, status, size and time; never its query or body, which hold programs.
"""

import re
import sys
from secrets import token_hex
from time import perf_counter
from typing import Any

import msgspec
import structlog
from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram
from starlette.routing import Match, Route

from app.edge.scope import App, Message, Receive, Scope, Send, header

SLOW = 1.0  # seconds
BUCKETS = (0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10)
SIZES = (256, 1024, 4096, 16384, 65536, 262144, 1048576, 33554432)
_ID = re.compile(rb"[A-Za-z0-9._-]{1,64}")


def configure_logs() -> None:
    """JSON lines on the standard error stream."""
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso"),
            structlog.processors.format_exc_info,
            structlog.processors.JSONRenderer(serializer=_json),
        ],
        logger_factory=structlog.BytesLoggerFactory(sys.stderr.buffer),
        cache_logger_on_first_use=True,
    )


def _json(event: Any, **_: Any) -> bytes:
    return msgspec.json.encode(event, enc_hook=repr)


class Metrics:
    """What is counted of requests, by route: latency, size, outcome, and whether the cache had it."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        named = ("method", "route")
        self.seconds = Histogram(
            "gradwire_request_seconds", "Time to answer", named, buckets=BUCKETS, registry=self.registry
        )
        self.bytes = Histogram(
            "gradwire_answer_bytes", "Size of answers", ("route",), buckets=SIZES, registry=self.registry
        )
        self.requests = Counter(
            "gradwire_requests", "Answers", ("method", "route", "status", "cached"), registry=self.registry
        )
        self.streams = Gauge("gradwire_streams", "WebSockets that are open", registry=self.registry)
        self._children: dict[Any, Any] = {}

    def count(self, method: str, route: str, status: int, cached: bool, seconds: float, size: int) -> None:
        """One answer."""
        key = (method, route, status, cached)
        found = self._children.get(key)
        if found is None:
            found = self._children[key] = (
                self.seconds.labels(method, route),
                self.bytes.labels(route),
                self.requests.labels(method, route, str(status), str(cached).lower()),
            )
        found[0].observe(seconds)
        found[1].observe(size)
        found[2].inc()


class Watch:
    """Counts and logs each request, and gives it an id (`X-Request-ID`, the client's own where it is harmless).

    What no handler expected is answered 500 here and logged with its traceback; nothing of it goes out.
    """

    def __init__(self, app: App, router: Any, metrics: Metrics, log: str = "problems") -> None:
        self.app = app
        self.metrics = metrics
        self.log = log
        self.logger = structlog.get_logger()
        self._router = router
        self._routes: dict[str, str] = {}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "websocket":
            with self.metrics.streams.track_inprogress():
                await self.app(scope, receive, send)
            return
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        begun = perf_counter()
        status, size, complete = 0, 0, False
        given = header(scope, b"x-request-id")
        identity = given if given is not None and _ID.fullmatch(given) else token_hex(8).encode()
        scope["gradwire.id"] = identity.decode()

        async def watch(message: Message) -> None:
            nonlocal status, size, complete
            if message["type"] == "http.response.start":
                status = message["status"]
                message["headers"] = [*message.get("headers", ()), (b"x-request-id", identity)]
            elif message["type"] == "http.response.body":
                size += len(message.get("body", b""))
                complete = not message.get("more_body")
            await send(message)

        method = scope["method"] if scope["method"] in {"GET", "HEAD", "POST", "OPTIONS"} else "other"
        try:
            await self.app(scope, receive, watch)
        except Exception:
            self.logger.exception("failed", id=scope["gradwire.id"], method=method, route=self.route(scope))
            if status and not complete:
                raise  # the answer has begun: the connection ends
            if not status:
                await failed(watch)
        seconds = perf_counter() - begun
        route = self.route(scope)
        self.metrics.count(method, route, status, "gradwire.cached" in scope, seconds, size)
        if self.log == "all" or (self.log == "problems" and (status >= 500 or seconds > SLOW)):
            self.logger.info(
                "request",
                id=scope["gradwire.id"],
                method=method,
                route=route,
                status=status,
                size=size,
                ms=round(seconds * 1000, 2),
            )

    def route(self, scope: Scope) -> str:
        """The template of the path (`/g/{id}`): of few values, whatever is asked for."""
        path = scope["path"]
        found = self._routes.get(path)
        if found is None:
            found = self._template(path)
            if len(self._routes) < 1000:
                self._routes[path] = found
        return found

    def _template(self, path: str) -> str:
        scope = {"type": "http", "path": path, "method": "GET", "root_path": ""}
        for route in self._router.routes:
            if isinstance(route, Route) and route.matches(scope)[0] is not Match.NONE:
                return route.path
        return "static" if path.startswith("/static/") else "none"


async def failed(send: Send) -> None:
    """A 500 that says nothing of what happened."""
    body = b'{"type":"about:blank","title":"Internal Server Error","status":500,"detail":"the server made a mistake"}'
    headers = [
        (b"content-type", b"application/problem+json"),
        (b"content-length", str(len(body)).encode()),
        (b"cache-control", b"no-store"),
    ]
    await send({"type": "http.response.start", "status": 500, "headers": headers})
    await send({"type": "http.response.body", "body": body})
