"""Answers that are kept: a cache in front of the router, entity tags, 304, and HEAD.

Every answer of a GET that others may keep gets a strong `ETag`, the hash of its bytes as they go out.
"""

from hashlib import blake2b
from typing import NamedTuple

import msgspec

from app.edge.scope import App, Headers, Message, Receive, Scope, Send
from app.edge.shared import Shared
from app.files import built
from app.work.cache import Cache

ASKED = frozenset({b"accept", b"accept-encoding", b"content-type", b"content-encoding"})
# Pages say their own address, which their client gives them.
ASKED_OF_PAGES = ASKED | {b"host"}
SAME_EVERYWHERE = ("/api/v1/", "/graph.", "/openapi.json")
KEPT_BY_A_304 = frozenset({b"cache-control", b"etag", b"vary", b"content-location", b"expires"})
# What no cache of ours may answer: it changes by itself, or goes to a database.
LIVE = ("/api/v1/links", "/g/", "/embed/", "/oembed", "/healthz", "/readyz", "/metrics", "/static/", "/api/v1/stream")

# Each value of a slider is asked for once: its answer comes sooner than one from the store that replicas share.
PASSING = "/numbers"


class Kept(NamedTuple):
    """An answer as it goes out."""

    headers: Headers
    body: bytes
    etag: bytes | None


_encoder = msgspec.msgpack.Encoder()
_decoder = msgspec.msgpack.Decoder(Kept)
Key = tuple[object, ...]


def named(key: Key) -> bytes:
    """The key as a store of bytes knows it."""
    return blake2b(_encoder.encode(key), digest_size=24).hexdigest().encode()


def size(found: Kept, scope: Scope) -> int:
    """Bytes that an answer and its key take in memory."""
    head = sum(len(name) + len(value) for name, value in found.headers)
    return len(found.body) + head + len(scope["path"]) + len(scope["query_string"]) + 512


class Conditional:
    """Answers from the cache what was answered before, 304 what the client has, and HEAD as GET without a body."""

    def __init__(self, app: App, cache: Cache[Kept], shared: Shared | None = None) -> None:
        self.app = app
        self.cache = cache
        self.shared = shared

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        method = scope.get("method")
        if scope["type"] != "http" or method not in {"GET", "HEAD", "POST"}:
            await self.app(scope, receive, send)
            return
        key = self.key(scope)
        found = self.cache.get(key) if key is not None else None
        if found is None and key is not None:
            found = await self.of_others(key, scope)
        if found is not None:
            scope["gradwire.cached"] = True
            await answer(scope, found, send)
            return
        await self.fresh(scope, receive, send, key)

    async def of_others(self, key: Key, scope: Scope) -> Kept | None:
        """What another replica answered, which is kept here too; None where none did, or nothing is shared."""
        if self.shared is None or scope["path"].endswith(PASSING):
            return None
        entry = await self.shared.get(named(key))
        if entry is None:
            return None
        try:
            found = _decoder.decode(entry)
        except msgspec.MsgspecError:
            return None  # something else stands there
        self.cache.put(key, found, size(found, scope))
        return found

    def keep(self, key: Key, found: Kept, scope: Scope) -> None:
        """Keeps it here, and for other replicas."""
        self.cache.put(key, found, size(found, scope))
        if self.shared is not None and not scope["path"].endswith(PASSING):
            self.shared.put(named(key), _encoder.encode(found))

    def key(self, scope: Scope) -> Key | None:
        """What an answer depends on: the address, the body, and what of the head takes part. None: it is not kept."""
        path = scope["path"]
        if path.startswith(LIVE) or path.endswith(("/healthz", "/readyz", "/metrics", "/stream")):
            return None
        page = not path.startswith(SAME_EVERYWHERE)
        named = ASKED_OF_PAGES if page else ASKED
        asked = tuple(pair for pair in scope["headers"] if pair[0] in named)
        body: bytes = scope["gradwire.body"]
        digest = blake2b(body, digest_size=24).digest() if len(body) > 256 else body
        # A page names the built files, so it is made anew after each build.
        made = (scope.get("scheme"), built()) if page else None
        return (scope["method"] == "POST", path, scope["query_string"], asked, digest, made)

    async def fresh(self, scope: Scope, receive: Receive, send: Send, key: Key | None) -> None:
        """Has the answer made; one that comes in one piece is kept and gets its tag, one that streams passes."""
        start: Message | None = None
        method = scope["method"]
        head = method == "HEAD"
        if head:
            scope["method"] = "GET"

        async def watch(message: Message) -> None:
            nonlocal start
            if message["type"] == "http.response.start":
                start = message
                return
            if message["type"] != "http.response.body":
                await send(message)
                return
            body = message.get("body", b"")
            if start is None:
                await send({**message, "body": b""} if head else message)
                return
            begun, start = start, None
            if message.get("more_body") or begun["status"] != 200:
                scope["method"] = method  # the server counts the bytes of a GET's body
                await send(begun)
                await send({**message, "body": b""} if head else message)
                return
            headers: Headers = list(begun["headers"])
            keep = any(name == b"cache-control" and value.startswith(b"public") for name, value in headers)
            etag = tag(body) if keep else None
            if etag is not None and not any(name == b"etag" for name, _ in headers):
                headers.append((b"etag", etag))
            found = Kept(headers, body, etag)
            if key is not None and (keep or scope["method"] == "POST"):
                self.keep(key, found, scope)
            scope["method"] = method
            await answer(scope, found, send)

        await self.app(scope, receive, watch)


def tag(body: bytes) -> bytes:
    """A strong entity tag."""
    return b'"' + blake2b(body, digest_size=15).hexdigest().encode() + b'"'


async def answer(scope: Scope, found: Kept, send: Send) -> None:
    """Sends it; nothing but 304 where the client has it, no body for HEAD."""
    headers, body = list(found.headers), found.body
    if found.etag is not None and scope["method"] != "POST":
        given = next((value for name, value in scope["headers"] if name == b"if-none-match"), None)
        if given is not None and matches(given, found.etag):
            kept = [pair for pair in headers if pair[0] in KEPT_BY_A_304]
            await send({"type": "http.response.start", "status": 304, "headers": kept})
            await send({"type": "http.response.body", "body": b""})
            return
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": b"" if scope["method"] == "HEAD" else body})


def matches(given: bytes, etag: bytes) -> bool:
    """Whether If-None-Match names this tag (RFC 9110, 13.1.2: a weak comparison)."""
    return given.strip() == b"*" or etag in [part.strip().removeprefix(b"W/") for part in given.split(b",")]
