"""The headers that every answer carries: what a browser may do with it, and who may read it."""

import re
from base64 import b64encode
from collections.abc import Mapping
from hashlib import sha256

from app.edge.scope import App, Headers, Message, Receive, Scope, Send
from app.files import styles

# Trusted Types: lit-html makes its templates' HTML by the policy of this name, and no other HTML string is ever made;
# the other names the one script that a page starts by itself, /sw.js (static/src/offline.ts). The one style sheet that
# stands in a page is known by its digest.
PAGE = (
    "default-src 'none'; script-src 'self'; style-src 'self' 'sha256-{styles}'; img-src 'self' data: blob:; "
    "font-src 'self'; connect-src 'self'; manifest-src 'self'; worker-src 'self'; base-uri 'none'; object-src 'none'; "
    "frame-ancestors {frames}; frame-src 'self'; form-action 'self'; require-trusted-types-for 'script'; "
    "trusted-types lit-html gradwire-worker"
)
# Swagger UI sets innerHTML and styles of its own: the one page that is excused.
DOCS = (
    "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; font-src 'self'; "
    "connect-src 'self'; base-uri 'none'; object-src 'none'; frame-ancestors 'none'; form-action 'self'"
)
SVG = "default-src 'none'; style-src 'unsafe-inline'; font-src data:; sandbox"
# The page's service worker (app/pages/worker.py) fetches what it keeps.
WORKER = "default-src 'none'; connect-src 'self'"
DATA = "default-src 'none'; base-uri 'none'; object-src 'none'; frame-ancestors 'none'; sandbox"

COMMON: Headers = [
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"strict-origin-when-cross-origin"),
    (b"permissions-policy", b"camera=(), geolocation=(), microphone=(), payment=(), usb=()"),
    (b"access-control-allow-origin", b"*"),
    (b"access-control-expose-headers", b"ETag, Retry-After, Link, Location"),
]
# A page is its own opener's business alone; what the API answers may be shown by any site.
OWN: Headers = [(b"cross-origin-opener-policy", b"same-origin")]
SHARED: Headers = [(b"cross-origin-resource-policy", b"cross-origin")]
PREFLIGHT: Headers = [
    (b"access-control-allow-methods", b"GET, HEAD, POST"),
    (b"access-control-allow-headers", b"Accept, Content-Type, If-None-Match"),
    (b"access-control-max-age", b"86400"),
]
_REQUEST_ID = re.compile(rb"[A-Za-z0-9._-]{1,64}")


def _table() -> Mapping[str, Headers]:
    def with_policy(policy: str, *more: Headers) -> Headers:
        return [*COMMON, (b"content-security-policy", policy.encode()), *(pair for each in more for pair in each)]

    digest = b64encode(sha256(styles().encode()).digest()).decode()
    return {
        "page": with_policy(PAGE.format(frames="'none'", styles=digest), OWN, [(b"x-frame-options", b"DENY")]),
        "embed": with_policy(PAGE.format(frames="*", styles=digest), SHARED),
        "docs": with_policy(DOCS, OWN, [(b"x-frame-options", b"DENY")]),
        "svg": with_policy(SVG, SHARED),
        "worker": with_policy(WORKER, OWN),
        "data": with_policy(DATA, SHARED),
        "plain": [*COMMON, *SHARED],
    }


TABLE = _table()


def kind_of(path: str, content_type: bytes) -> str:
    """What an answer is, for the table."""
    if content_type.startswith(b"text/html"):
        if path == "/embed" or path.startswith("/embed/"):
            return "embed"
        return "docs" if path.endswith("/docs") else "page"
    if content_type.startswith(b"image/svg"):
        return "svg"
    if path == "/sw.js":
        return "worker"
    return "plain" if path.startswith("/static/") else "data"


class SecurityHeaders:
    """Adds them to each answer, and answers a browser's question before a call (CORS preflight) by itself."""

    def __init__(self, app: App) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        path = scope["path"]

        async def with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = message.setdefault("headers", [])
                content_type = next((value for key, value in headers if key == b"content-type"), b"")
                message["headers"] = [*headers, *TABLE[kind_of(path, content_type)]]
            await send(message)

        if scope["method"] == "OPTIONS" and any(key == b"access-control-request-method" for key, _ in scope["headers"]):
            await with_headers({"type": "http.response.start", "status": 204, "headers": list(PREFLIGHT)})
            await with_headers({"type": "http.response.body", "body": b""})
            return
        await self.app(scope, receive, with_headers)
