"""The one bridge between HTTP and the pure functions below: GET, POST and HEAD, parsing, encoding, problems.

`resource("/sweep", SweepRequest, answer)` makes a resource of two types and one function; what it takes and gives, the
OpenAPI document says from the same object.
"""

from collections.abc import AsyncGenerator, AsyncIterator, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple, get_type_hints

from starlette.requests import Request as HttpRequest
from starlette.responses import Response, StreamingResponse
from starlette.routing import Route

from app.api.negotiation import body_type, preferred
from app.diagnostics import ProgramError, fail
from app.lang.scan import scan
from app.limits import Limits
from app.links.state import Malformed, decoded, fields_of
from app.work.answers import problem_of
from app.work.encoded import EVENTS, JSON, NDJSON, Encoded, Job, Step, Whole, encoded, event, line
from app.work.pool import Overloaded, Workshop
from app.work.request import CheckRequest, Program, Request, read

KEPT = "public, max-age=3600, stale-while-revalidate=86400"
PREFIX = "/api/v1"
STREAMED = frozenset({NDJSON, EVENTS})
PIECE = 16 * 1024  # bytes
LONG = 4096  # characters of a source that is not lowered in place
LARGE = 64 * 1024  # bytes of a body that is read by a worker


class Nothing(Request):
    """What a resource takes that takes nothing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Resource:
    """One row of the API. `paths` are its addresses; `produces` the media types that it can answer, the first one by
    default; `inline(request)`: whether it may be small; `drawn(request)`: whether it holds a layout; `drawing` what it
    takes where the body is a graph of another tool's (it has `nodes`); `fixed` are fields that the address sets;
    `step` makes a long answer piece by piece where it streams, the request being the first state; `whole` makes an
    answer of the pieces where a cluster made them."""

    paths: tuple[str, ...]
    request: type[Request]
    job: Job
    returns: Any
    methods: tuple[str, ...]
    produces: tuple[str, ...]
    summary: str
    inline: Callable[[Any], bool]
    drawn: Callable[[Any], bool]
    kept: str = KEPT
    drawing: type[Request] | None = None
    fixed: Mapping[str, str] | None = None
    step: Step | None = None
    whole: Whole | None = None

    @property
    def routes(self) -> list[Route]:
        """The routes of this resource."""
        return [Route(path, self.handle, methods=list(self.methods)) for path in self.paths]

    async def handle(self, http: HttpRequest) -> Response:
        """A request's answer, or the exception that the server turns into a problem."""
        kind = preferred(http.headers.get("accept"), self.produces)
        services = http.app.state
        limits: Limits = services.limits
        if self.request is Nothing:
            return respond(encoded(self.job(Nothing(), limits), limits), self.kept)
        workshop: Workshop = services.workshop
        brought = await bring(http, self.request, limits)
        fixed = {**(self.fixed or {}), "public_url": services.settings.public_url, "media": kind}
        models = (self.request, self.drawing)
        step = self.step
        if step is not None and not (kind in STREAMED or (self.whole is not None and await workshop.spreads())):
            step = None
        if len(brought.body) > LARGE:
            if step is None:
                return respond(await workshop.heavy(done, self.job, models, brought, fixed, limits), None)
            begin: tuple[Any, ...] = (begun, step, models, brought, fixed, workshop.wide)
        else:
            request = requested(models, brought, fixed, limits)
            inline = self.inline(request)
            if step is None or inline:
                found = await workshop.answer(self.job, request, inline=inline, drawn=self.drawn(request))
                return respond(found, self.kept if http.method in {"GET", "HEAD"} else None)
            begin = (step, request, workshop.wide)
        if kind in STREAMED:
            return await streaming(workshop.stream(step, *begin), kind)
        assert self.whole is not None
        found = await workshop.gathered(step, self.whole, *begin)
        return respond(found, self.kept if http.method in {"GET", "HEAD"} else None)


def respond(found: Encoded, kept: str | None) -> Response:
    """An encoded answer as HTTP says it; `kept` is how long others may keep it."""
    headers = {} if kept is None else {"cache-control": kept}
    if found.filename is not None:
        headers["content-disposition"] = f'attachment; filename="{found.filename}"'
    if found.type in STREAMED:
        return StreamingResponse(pieces(found.body), media_type=found.type, headers=headers)
    return Response(found.body, media_type=found.type, headers=headers)


async def streaming(stream: AsyncGenerator[bytes], kind: str) -> Response:
    """What is computed as it goes out. What is wrong from the start is a problem; later, the last line says it."""
    first = await anext(stream)
    said = event if kind == EVENTS else line

    async def all_pieces() -> AsyncIterator[bytes]:
        yield first
        try:
            async for piece in stream:
                yield piece
        except ProgramError as error:
            yield said({"error": problem_of(error.diagnostics)})
        except Overloaded:
            yield said({"error": {"type": "about:blank", "title": "Service Unavailable", "status": 503,
                                  "detail": "the server is busy", "errors": []}})  # fmt: skip
        finally:
            await stream.aclose()

    return StreamingResponse(all_pieces(), media_type=kind)


async def pieces(body: bytes) -> AsyncIterator[bytes]:
    """The lines, some at a time: a reader begins with the first."""
    start = 0
    while start < len(body):
        end = body.find(b"\n", min(start + PIECE, len(body) - 1)) + 1
        yield body[start:end]
        start = end


def resource(
    path: str | Sequence[str],
    request: type[Request],
    job: Job,
    *,
    methods: Sequence[str] = ("GET", "POST"),
    produces: Sequence[str] = (JSON,),
    inline: Callable[[Any], bool] = lambda _: True,
    drawn: Callable[[Any], bool] = lambda _: False,
    kept: str = KEPT,
    drawing: type[Request] | None = None,
    fixed: Mapping[str, str] | None = None,
    step: Step | None = None,
    whole: Whole | None = None,
    returns: Any = None,
    prefix: str = PREFIX,
) -> Resource:
    """The resource at `path` (`//graph.svg` is at the root). `job(request, limits)` is pure; its docstring is ours."""
    paths = (path,) if isinstance(path, str) else tuple(path)
    assert job.__doc__, f"a resource says what it does: {paths[0]}"
    return Resource(
        paths=tuple(p[1:] if p.startswith("//") else prefix + p for p in paths),
        request=request,
        job=job,
        returns=returns or get_type_hints(job).get("return"),
        methods=tuple(methods),
        produces=tuple(produces),
        summary=job.__doc__.split("\n")[0].rstrip("."),
        inline=inline,
        drawn=drawn,
        kept=kept,
        drawing=drawing,
        fixed=fixed,
        step=step,
        whole=whole,
    )


class Brought(NamedTuple):
    """What a request brings: the fields of its query, and its body as it came."""

    fields: dict[str, Any]
    type: str | None
    body: bytes


async def bring(http: HttpRequest, model: type[Request], limits: Limits) -> Brought:
    """What it brings. Errors: Malformed, a 415 Refusal, and those of a query's options."""
    fields = fields_of(model, http.scope["query_string"], limits)
    if http.method != "POST":
        return Brought(fields, None, b"")
    kind = body_type(http.headers.get("content-type"), http.headers.get("content-encoding"))
    return Brought(fields, kind, await http.body())


def fields_in(brought: Brought) -> dict[str, Any]:
    """The fields of the query, and over them those of the body. Errors: Malformed."""
    if brought.type is None:
        return brought.fields
    if brought.type == "text/plain":
        try:
            return {**brought.fields, "source": brought.body.decode()}
        except UnicodeDecodeError:
            raise Malformed("syntax", "the body is not UTF-8", code="request.body") from None
    found = decoded(brought.body)
    if not isinstance(found, dict):
        raise Malformed("version", "the body is a JSON object", code="request.body")
    return {**brought.fields, **found}


Models = tuple[type[Request], type[Request] | None]


def requested(models: Models, brought: Brought, fixed: Mapping[str, Any], limits: Limits) -> Request:
    """The request that this makes, of the second model where it is a graph of another tool's."""
    fields = {**fields_in(brought), **fixed}
    plain, drawing = models
    request = read(drawing if drawing is not None and "nodes" in fields else plain, fields)
    within(request, limits)
    return request


def done(job: Job, models: Models, brought: Brought, fixed: Mapping[str, Any], limits: Limits) -> Encoded:
    """All of it at once, for a worker: a large body takes its time to read."""
    return encoded(job(requested(models, brought, fixed, limits), limits), limits)


def begun(
    step: Step, models: Models, brought: Brought, fixed: Mapping[str, Any], limits: Limits
) -> tuple[bytes, tuple[Any, ...]]:
    """The same of an answer that is made piece by piece: its first one."""
    return step(requested(models, brought, fixed, limits), limits)


def within(request: Request, limits: Limits) -> None:
    """Refuses at once a long source that is none, before a worker is asked. Errors: limit.source, limit.nesting, …"""
    if isinstance(request, Program) and len(request.source) > LONG:
        size = len(request.source.encode())
        if size > limits.source_bytes:
            raise fail("limit.source", f"the source has {size:,} bytes, and may have {limits.source_bytes:,}")
        if not request.partial and not isinstance(request, CheckRequest):
            scan(request.source, limits)
