"""The small pages: how to use the API, what a browser is told where there is nothing, and the site's manifest."""

import json

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from app.pages.frame import KEPT, asset, origin, page
from app.pages.plates import address_of

SAYINGS = {
    404: ("There is nothing at this address", "Perhaps the link was cut short when it was copied."),
    405: ("This address does not answer that", "It is meant for another kind of request."),
    410: ("This link was taken down", "Whoever runs this site has removed it."),
}


async def guide(http: Request) -> Response:
    """How to use the API, for people."""
    return page(
        "api.html",
        title="API · gradwire",
        description="Circuits, gradients and pictures by one request.",
        public_url=address_of(http, "/api"),
        base=origin(http) or "http://127.0.0.1:8000",
    )


async def manifest(_: Request) -> Response:
    """What a browser wants to know of the site to keep it as an application."""
    found = {
        "name": "gradwire",
        "short_name": "gradwire",
        "description": "Expressions as live circuits: forward values in green, gradients in red.",
        "start_url": "/",
        "display": "standalone",
        "background_color": "#ffffff",
        "theme_color": "#ffffff",
        "icons": [{"src": asset("favicon.svg"), "sizes": "any", "type": "image/svg+xml", "purpose": "any"}],
    }
    return Response(json.dumps(found), media_type="application/manifest+json", headers={"cache-control": KEPT})


def wants_page(http: Request) -> bool:
    """Whether it is a person's browser that asks, and for a page."""
    path = http.url.path
    return "text/html" in http.headers.get("accept", "") and not path.startswith(("/api/", "/static/"))


def missing(status: int) -> Response:
    """The page of a problem, in a person's words."""
    title, advice = SAYINGS.get(status, SAYINGS[404])
    response = page(
        "missing.html",
        "no-store",
        title=f"{title} · gradwire",
        description=title,
        public_url="",
        said=title,
        advice=advice,
    )
    response.status_code = status
    return response


routes = [
    Route("/api", guide, methods=["GET"]),
    Route("/manifest.webmanifest", manifest, methods=["GET"]),
]
