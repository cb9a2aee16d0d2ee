"""HTTP/1.1 on a socket: uvicorn's, with bounds in time and size before a request is one.

A head and a body must be in within `receive_seconds` of the first byte (or of the connection), else 408; a head must
not be longer than `head_bytes`, else 431 (414 where its URL alone is); what is no HTTP, or names no host, is a problem
like all else.
"""

import asyncio
from typing import Any, Protocol

import msgspec
from uvicorn.protocols.http.httptools_impl import STATUS_LINE, HttpToolsProtocol, RequestResponseCycle

from app.api.problems import PROBLEM, problem
from app.edge.bounds import WAY_OUT
from app.limits import Limits

READING = 30.0  # seconds without a byte read after which a reader is given up
CLOSING = 2.0  # seconds that a client has to read a refusal before its connection is cut


class Served(Protocol):
    """The application that this protocol serves: under which limits, and what hears of a refusal."""

    limits: Limits

    def refused(self, status: int, size: int) -> None: ...


class BoundedProtocol(HttpToolsProtocol):
    """One connection to an application that is `Served`."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        served: Any = self.app
        self.served: Served = served
        self.limits = self.served.limits
        self._timer: asyncio.TimerHandle | None = None
        self._reader: asyncio.TimerHandle | None = None
        self._in_head = True
        self._head_size = 0
        self._refused = False
        self.url = b""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self._start()

    def connection_lost(self, exc: Exception | None) -> None:
        self._stop()
        if self._reader is not None:
            self._reader.cancel()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        if self._refused:
            return
        if self._timer is None and self._in_head:
            self._start()
        if self._in_head:
            self._head_size += len(data)
            if self._head_size > self.limits.head_bytes + 4096 and len(data) < self._head_size:
                # What was fed so far is still a head, and it is over its limit.
                self._too_long()
                return
        super().data_received(data)
        if self._in_head and self._head_size > self.limits.head_bytes:
            self._too_long()

    def pause_writing(self) -> None:
        """The client does not read: it has so long to go on."""
        super().pause_writing()
        self._reader = self.loop.call_later(READING, self.transport.abort)

    def resume_writing(self) -> None:
        if self._reader is not None:
            self._reader.cancel()
            self._reader = None
        super().resume_writing()

    def handle_websocket_upgrade(self) -> None:
        self._stop()
        super().handle_websocket_upgrade()

    def on_message_begin(self) -> None:
        self._in_head = True
        super().on_message_begin()

    def on_headers_complete(self) -> None:
        self._in_head = False
        self._head_size = 0
        hosts = [name for name, _ in self.headers].count(b"host")
        if hosts != 1 and (hosts or self.parser.get_http_version() == "1.1"):
            self.refuse(400, "a request of HTTP/1.1 has one Host header")  # RFC 9112, 3.2
            return
        try:
            super().on_headers_complete()
        except UnicodeError:
            self.refuse(400, "the address is not ASCII: percent-encode it")

    def on_message_complete(self) -> None:
        self._stop()
        self._in_head = True
        self._head_size = 0
        super().on_message_complete()

    def send_400_response(self, msg: str) -> None:
        if len(self.url) > self.limits.url_bytes:  # over 65,535 bytes the parser takes it for none
            self._too_long()
        else:
            self.refuse(400, "this is not a well-formed HTTP/1.1 request")

    def refuse(self, status: int, detail: str) -> None:
        """A problem straight to the socket, and the end of the connection."""
        self._stop()
        if self._refused or self.transport.is_closing():
            return
        self._refused = True
        cycle: RequestResponseCycle | None = self.cycle
        waiting = cycle is not None and not cycle.response_complete
        if waiting and cycle is not None and cycle.response_started:
            self.transport.close()  # an answer has begun: nothing else can be said
            return
        body = msgspec.json.encode(problem(status, detail))
        head = [
            STATUS_LINE[status],
            b"content-type: ", PROBLEM.encode(), b"\r\n",
            b"content-length: ", str(len(body)).encode(), b"\r\n",
            b"cache-control: no-store\r\nx-content-type-options: nosniff\r\naccess-control-allow-origin: *\r\n",
            b"connection: close\r\n\r\n",
        ]  # fmt: skip
        if waiting and cycle is not None:
            cycle.disconnected = True
            cycle.message_event.set()
        self.transport.write(b"".join([*head, body]))
        self.served.refused(status, len(body))
        # What the client still sends is read and dropped for a while: a close with unread bytes would be a reset, and
        # the client would never read why.
        self.flow.resume_reading()
        self.transport.write_eof()
        self.loop.call_later(CLOSING, self.transport.abort)

    def _too_long(self) -> None:
        if len(self.url) > self.limits.url_bytes:
            self.refuse(414, f"the URL may have {self.limits.url_bytes:,} bytes; {WAY_OUT}")
        else:
            self.refuse(431, f"the head of a request may have {self.limits.head_bytes:,} bytes")

    def _start(self) -> None:
        self._stop()
        self._timer = self.loop.call_later(self.limits.receive_seconds, self._late)

    def _stop(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _late(self) -> None:
        self._timer = None
        if self._in_head and self._head_size == 0:
            self.transport.close()  # it never said a word
        else:
            self.refuse(408, f"a request must be in within {self.limits.receive_seconds:g} s")
