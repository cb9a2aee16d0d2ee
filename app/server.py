"""The server: every room put together, and the layers around them."""

import asyncio
import os
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from hashlib import blake2b
from importlib import import_module
from importlib.metadata import version
from pkgutil import iter_modules
from types import ModuleType
from typing import Any

import uvicorn
from fastapi import FastAPI
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Mount
from starlette_compress import CompressMiddleware
from uvicorn.supervisors import Multiprocess

import app.api
import app.pages
from app.api import docs, health
from app.api import openapi as described
from app.api.openapi import Operation
from app.api.problems import HANDLERS
from app.api.resource import Resource
from app.edge.bounds import Bounds
from app.edge.headers import SecurityHeaders
from app.edge.kept import Conditional, Kept
from app.edge.protocol import BoundedProtocol
from app.edge.proxy import Forwarded
from app.edge.rate import Rates
from app.edge.scope import Receive, Scope, Send
from app.edge.shared import Shared
from app.edge.watch import Metrics, Watch, configure_logs
from app.files import release
from app.graph.uncollected import settle
from app.limits import Limits
from app.links.store import Gone, Links
from app.pages import site, static
from app.settings import OFF, Settings
from app.settings import limits as limits_set
from app.work.cache import Cache
from app.work.cluster import Cluster
from app.work.pool import Workshop

Endpoint = Callable[[Request, Exception], Awaitable[Response]]


def modules(room: ModuleType) -> list[ModuleType]:
    """The files of a room; that of the main job first, for routes are looked through in order."""
    names = sorted((info.name for info in iter_modules(room.__path__)), key=lambda name: (name != "graph", name))
    return [import_module(f"{room.__name__}.{name}") for name in names]


# Each file of `api` that has `resources` or `routes`, and each file of `pages` that has `routes`, is served.
RESOURCES: tuple[Resource, ...] = tuple(
    each for module in modules(app.api) for each in getattr(module, "resources", ())
)
OPERATIONS: tuple[Operation, ...] = tuple(
    each for module in modules(app.api) for each in getattr(module, "operations", ())
)
ROUTES = tuple(
    route for room in (app.api, app.pages) for module in modules(room) for route in getattr(module, "routes", ())
)


def for_people(handler: Endpoint) -> Endpoint:
    """The same, but a person's browser that asks for a page gets a page that says it."""

    async def either(http: Request, error: Exception) -> Response:
        status = 410 if isinstance(error, Gone) else getattr(error, "status_code", 0)
        if status in site.SAYINGS and site.wants_page(http):
            return site.missing(status)
        return await handler(http, error)

    return either


class Server:
    """The application with its layers: an ASGI app. `inner` is the FastAPI application within."""

    def __init__(self, inner: FastAPI, settings: Settings, limits: Limits) -> None:
        self.inner = inner
        self.state = inner.state
        self.limits = limits
        self.rates: Rates | None = None
        self.shared: Shared | None = None
        cache: Cache[Kept] = Cache(settings.cache_bytes)
        # Routes turn what they raise into problems; what no one expected reaches the outermost layer and its log.
        layers: Any = CompressMiddleware(inner, minimum_size=600, zstd_level=3, brotli_quality=4, gzip_level=6)
        if settings.cache_url:
            self.shared = Shared(settings.cache_url, maker(settings, limits))
        layers = Conditional(layers, cache, self.shared)
        layers = Bounds(layers, limits)
        if settings.rate_limit != OFF:
            layers = self.rates = Rates(layers, settings.rate_limit, settings.cache_url)
        layers = SecurityHeaders(layers)
        if settings.proxies:
            layers = Forwarded(layers, settings.proxies)
        self.outer = Watch(layers, inner.router, self.state.metrics, settings.log)
        self.state.metrics.registry.register(health.Insides(self.state.workshop, cache, self.rates, self.shared))

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await self.outer(scope, receive, send)

    def refused(self, status: int, size: int) -> None:
        """Counts what was refused before it was a request."""
        self.state.metrics.count("none", "none", status, False, 0.0, size)

    async def close(self) -> None:
        """Ends the workers and the connections."""
        await asyncio.to_thread(self.state.workshop.close)
        if self.state.workshop.cluster is not None:
            await self.state.workshop.cluster.close()
        await self.state.links.close()
        if self.rates is not None:
            await self.rates.close()
        if self.shared is not None:
            await self.shared.close()


def maker(settings: Settings, limits: Limits) -> bytes:
    """A digest of all that an answer's bytes hang on beside the request: code, packages' versions, limits, settings."""
    told = repr((release(), sys.version_info[:2], version("numpy"), limits, settings.public_url))
    return blake2b(told.encode(), digest_size=12).hexdigest().encode()


def create_app(settings: Settings | None = None, limits: Limits | None = None) -> Server:
    """The application under these settings; by default those of the environment."""
    settings = settings or Settings()
    limits = limits or limits_set()

    @asynccontextmanager
    async def life(inner: FastAPI) -> AsyncIterator[None]:
        inner.state.workshop.warm()
        asking = asyncio.create_task(inner.state.workshop.spreads())  # so that the first large request need not wait
        try:
            yield
        finally:
            asking.cancel()
            await server.close()

    handlers = {**HANDLERS, **{kind: for_people(HANDLERS[kind]) for kind in (HTTPException, Gone)}}
    inner = FastAPI(
        title="gradwire", openapi_url=None, docs_url=None, redoc_url=None, lifespan=life, exception_handlers=handlers
    )
    inner.router.redirect_slashes = False
    inner.state.settings = settings
    inner.state.limits = limits
    inner.state.metrics = Metrics()
    inner.state.links = Links(settings.database)
    inner.state.workshop = Workshop(
        limits,
        workers=settings.workers,
        nodes=settings.inline_nodes,
        elements=settings.inline_elements,
        flops=settings.inline_flops,
        memory=settings.worker_memory,
        preload=("app.server",),
        cluster=Cluster(settings.dask_url) if settings.dask_url else None,
    )
    inner.state.openapi = docs.encoded(described.document(RESOURCES, OPERATIONS))
    inner.router.routes.extend(route for each in RESOURCES for route in each.routes)
    inner.router.routes.extend(ROUTES)
    inner.router.routes.append(Mount("/static/dist", static.files()))
    server = Server(inner, settings, limits)
    return server


class Quiet(uvicorn.Server):
    """Ends with success when it is told to stop, instead of by the signal itself."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Keeps the signals to itself."""
        with super().capture_signals():
            yield
            self._captured_signals.clear()


def process() -> Server:
    """What each process serves, by its environment."""
    configure_logs()
    made = create_app()
    settle()
    return made


def serve(host: str | None = None, port: int | None = None) -> None:
    """Serves until it is told to stop; what has begun is finished then."""
    settings, limits = Settings(), limits_set()
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    several = settings.processes > 1
    config = uvicorn.Config(
        "app.server:process" if several else process(),
        factory=several,
        host=host or settings.host,
        port=settings.port if port is None else port,
        workers=settings.processes,
        http=BoundedProtocol,
        loop="uvloop" if sys.platform != "win32" else "asyncio",
        ws="websockets-sansio",
        ws_max_size=limits.body_bytes,
        access_log=False,
        log_level="error",
        server_header=False,
        proxy_headers=False,
        backlog=2048,
        timeout_keep_alive=20,
        timeout_graceful_shutdown=max(1, int(limits.shutdown_seconds)),
    )
    server = Quiet(config)
    print(f"gradwire at http://{config.host}:{config.port}", file=sys.stderr, flush=True)  # noqa: T201 - for who started it
    if several:
        Multiprocess(config, sockets=[config.bind_socket()]).run()
    else:
        server.run()
