"""The one bridge between HTTP and the pure functions below: GET, POST and HEAD, parsing, encoding, problems.

`resource("/sweep", SweepRequest, answer)` makes a resource of two types and one function; what it takes and gives, the
OpenAPI document says from the same object.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, get_type_hints

from starlette.requests import Request as HttpRequest
from starlette.responses import Response
from starlette.routing import Route

from app.api.negotiation import body_type, preferred
from app.api.problems import Refusal
from app.diagnostics import fail
from app.limits import Limits
from app.links.state import Malformed, decoded, fields_of
from app.work.encoded import JSON, Encoded, Job
from app.work.pool import Workshop
from app.work.request import Program, Request, read

KEPT = "public, max-age=3600, stale-while-revalidate=86400"
PREFIX = "/api/v1"


class Nothing(Request):
    """What a resource takes that takes nothing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Resource:
    """One row of the API. `paths` are its addresses; `produces` the media types that it can answer, the first one by
    default; `inline(request)`: whether it may be small; `drawn(request)`: whether it holds a layout; `drawing` what it
    takes where the body is a graph of another tool's (it has `nodes`); `fixed` are fields that the address sets."""

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

    @property
    def routes(self) -> list[Route]:
        """The routes of this resource."""
        return [Route(path, self.handle, methods=list(self.methods)) for path in self.paths]

    async def handle(self, http: HttpRequest) -> Response:
        """A request's answer, or the exception that the server turns into a problem."""
        kind = preferred(http.headers.get("accept"), self.produces)
        services = http.app.state
        limits: Limits = services.limits
        fields = await fields_in(http, self.request, limits)
        fields.update(self.fixed or {})
        if len(self.produces) > 1:
            fields["media"] = kind
        request = read(self.drawing if self.drawing is not None and "nodes" in fields else self.request, fields)
        within(request, limits)
        workshop: Workshop = services.workshop
        found = await workshop.answer(self.job, request, inline=self.inline(request), drawn=self.drawn(request))
        return respond(found, self.kept if http.method in {"GET", "HEAD"} else None)


def respond(found: Encoded, kept: str | None) -> Response:
    """An encoded answer as HTTP says it; `kept` is how long others may keep it."""
    headers = {} if kept is None else {"cache-control": kept}
    if found.filename is not None:
        headers["content-disposition"] = f'attachment; filename="{found.filename}"'
    return Response(found.body, media_type=found.type, headers=headers)


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
    prefix: str = PREFIX,
) -> Resource:
    """The resource at `path` (`//graph.svg` is at the root): `job(request, limits)` is pure, and its docstring says what the resource does."""
    paths = (path,) if isinstance(path, str) else tuple(path)
    assert job.__doc__, f"a resource says what it does: {paths[0]}"
    return Resource(
        paths=tuple(p[1:] if p.startswith("//") else prefix + p for p in paths),
        request=request,
        job=job,
        returns=get_type_hints(job).get("return"),
        methods=tuple(methods),
        produces=tuple(produces),
        summary=job.__doc__.split("\n")[0].rstrip("."),
        inline=inline,
        drawn=drawn,
        kept=kept,
        drawing=drawing,
        fixed=fixed,
    )


async def fields_in(http: HttpRequest, model: type[Request], limits: Limits) -> dict[str, Any]:
    """The fields that a request brings: in its query, and over it in its body. Errors: Malformed, a 415 Refusal, and
    those of a query's options."""
    fields = fields_of(model, http.scope["query_string"], limits)
    if http.method != "POST":
        return fields
    kind = body_type(http.headers.get("content-type"), http.headers.get("content-encoding"))
    body = await http.body()
    if kind == "text/plain":
        try:
            return {**fields, "source": body.decode()}
        except UnicodeDecodeError:
            raise Malformed("syntax", "the body is not UTF-8", code="request.body") from None
    found = decoded(body)
    if not isinstance(found, dict):
        raise Refusal(422, "the body is a JSON object", code="request.body")
    return {**fields, **found}


def within(request: Request, limits: Limits) -> None:
    """Refuses at once a source that is too long for any program. Errors: limit.source."""
    if isinstance(request, Program) and len(request.source) > limits.source_bytes // 4:
        size = len(request.source.encode())
        if size > limits.source_bytes:
            raise fail("limit.source", f"the source has {size:,} bytes, and may have {limits.source_bytes:,}")
