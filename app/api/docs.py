"""/openapi.json: the OpenAPI document. /docs: Swagger UI from our own files."""

import json
from html import escape

import msgspec
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from app.api.resource import KEPT, PREFIX
from app.files import DIST

PAGE = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>The API of gradwire</title>
<link rel="icon" href="data:,">
<link rel="stylesheet" href="{styles}">
</head>
<body>
<div id="swagger-ui"></div>
<script src="{bundle}"></script>
<script src="/docs/start.js"></script>
</body>
</html>
"""
START = """SwaggerUIBundle({
  url: "/openapi.json",
  dom_id: "#swagger-ui",
  deepLinking: true,
  validatorUrl: null,
  presets: [SwaggerUIBundle.presets.apis],
});
"""
VENDOR = "swagger-ui-dist/swagger-ui"


async def openapi(http: Request) -> Response:
    """The document."""
    body = http.app.state.openapi
    return Response(body, media_type="application/json", headers={"cache-control": KEPT})


async def docs(_: Request) -> Response:
    """It as a page that one can try."""
    manifest = json.loads((DIST / "manifest.json").read_text("utf-8"))
    styles, bundle = (f"/static/dist/{manifest[VENDOR + ending]}" for ending in (".css", "-bundle.js"))
    text = PAGE.format(styles=escape(styles), bundle=escape(bundle))
    return Response(text, media_type="text/html; charset=utf-8", headers={"cache-control": KEPT})


async def start(_: Request) -> Response:
    """What starts that page: it has no script of its own inside it."""
    return Response(START, media_type="text/javascript; charset=utf-8", headers={"cache-control": KEPT})


def encoded(document: object) -> bytes:
    """The document's bytes."""
    return msgspec.json.encode(document)


routes = [
    *(Route(prefix + "/openapi.json", openapi, methods=["GET"]) for prefix in ("", PREFIX)),
    *(Route(prefix + "/docs", docs, methods=["GET"]) for prefix in ("", PREFIX)),
    Route("/docs/start.js", start, methods=["GET"]),
]
