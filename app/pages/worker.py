"""The page's service worker, and the page that it shows in place of one that it has not kept."""

from starlette.requests import Request
from starlette.responses import FileResponse, Response
from starlette.routing import Route

from app.files import DIST
from app.pages.frame import asset, page


async def worker(_: Request) -> Response:
    """The script. It stands at the root, for a worker has a say on what lies beside it and below."""
    script = DIST / asset("worker.js").rpartition("/")[2]
    return FileResponse(script, media_type="text/javascript", headers={"cache-control": "no-cache"})


async def offline(_: Request) -> Response:
    """What a reader without a network is told."""
    return page(
        "missing.html",
        title="Offline · gradwire",
        description="This page has not been kept on this device.",
        public_url="",
        said="You are offline",
        advice="This page has not been kept on this device. It is there again as soon as the server can be reached.",
    )


routes = [
    Route("/sw.js", worker, methods=["GET"]),
    Route("/offline", offline, methods=["GET"]),
]
