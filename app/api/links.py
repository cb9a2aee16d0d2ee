"""/links: short links, named by what they hold."""

import re
from typing import Any

import msgspec
from msgspec import Struct
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from app.api.negotiation import body_type, preferred
from app.api.openapi import Operation
from app.api.problems import PROBLEM, Refusal
from app.api.resource import PREFIX, within
from app.links.state import check_version, decoded, fields_of
from app.links.store import Link, Links
from app.work.answers import Problem
from app.work.drawn import DrawRequest, checked
from app.work.encoded import JSON
from app.work.request import View, read

NAME = re.compile(r"[A-Za-z0-9_-]{6,64}")
KEPT = "public, max-age=60, stale-while-revalidate=600"


class LinkMade(Struct):
    """A short link."""

    id: str
    url: str


class LinkAnswer(Struct):
    """A short link and the state that it stands for."""

    id: str
    url: str
    state: dict[str, Any]


async def make(http: Request) -> Response:
    """A short link for a state, or for a graph as /draw takes it: 201, or 200 where an equal one has a link."""
    preferred(http.headers.get("accept"), (JSON,))
    limits = http.app.state.limits
    kind = body_type(http.headers.get("content-type"), http.headers.get("content-encoding"))
    body = await http.body()
    if len(body) > limits.state_bytes:
        raise Refusal(413, f"a state may have {limits.state_bytes:,} bytes", code="limit.body")
    if kind == "text/plain":
        state: Any = {"v": 1, **fields_of(View, http.scope["query_string"], limits), "source": _text(body)}
    else:
        state = decoded(body)
    if not isinstance(state, dict):
        raise Refusal(422, "a state is a JSON object", code="request.state")
    check_version(state)
    if "nodes" in state:
        checked(read(DrawRequest, state), limits)  # checked as /draw checks it, so that the link can be drawn
    else:
        within(read(View, state), limits)
    links: Links = http.app.state.links
    link = await links.put(state)
    url = address(http, link)
    headers = {"location": f"{PREFIX}/links/{link.id}"}
    answer = msgspec.json.encode(LinkMade(link.id, url))
    return Response(answer, status_code=201 if link.new else 200, media_type=JSON, headers=headers)


async def show(http: Request) -> Response:
    """The state of a short link."""
    preferred(http.headers.get("accept"), (JSON,))
    name = http.path_params["id"]
    found = await http.app.state.links.get(name) if NAME.fullmatch(name) else None
    if found is None:
        raise Refusal(404, "there is no such link")
    answer = LinkAnswer(found.id, address(http, found), found.state)
    return Response(msgspec.json.encode(answer), media_type=JSON, headers={"cache-control": KEPT})


def address(http: Request, link: Link) -> str:
    """The link's page."""
    return f"{http.app.state.settings.public_url}/g/{link.id}"


def _text(body: bytes) -> str:
    try:
        return body.decode()
    except UnicodeDecodeError:
        raise Refusal(400, "the body is not UTF-8", code="request.body") from None


operations = (
    Operation(
        method="POST",
        path=f"{PREFIX}/links",
        summary="Make a short link for a state",
        answers={"201": (JSON, LinkMade), "200": (JSON, LinkMade), "410": (PROBLEM, Problem)},
        takes=View,
    ),
    Operation(
        method="GET",
        path=f"{PREFIX}/links/{{id}}",
        summary="The state of a short link",
        answers={"200": (JSON, LinkAnswer), "410": (PROBLEM, Problem)},
    ),
)
routes = [
    Route(f"{PREFIX}/links", make, methods=["POST"]),
    Route(f"{PREFIX}/links/{{id}}", show, methods=["GET"]),
]
