"""Who really calls, where a proxy stands before the server: `X-Forwarded-For` and its kin, from named proxies alone."""

from collections.abc import Sequence
from ipaddress import IPv4Network, IPv6Network, ip_address

from app.edge.scope import App, Receive, Scope, Send, header

Network = IPv4Network | IPv6Network


class Forwarded:
    """Puts the client, the scheme and the host that a named proxy tells of in place of the proxy's own."""

    def __init__(self, app: App, proxies: Sequence[Network]) -> None:
        self.app = app
        self.proxies = tuple(proxies)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] in {"http", "websocket"}:
            peer = (scope.get("client") or ("", 0))[0]
            if within(peer, self.proxies):
                scope["client"] = (client_of(scope, self.proxies), 0)
                told = (header(scope, b"x-forwarded-proto") or b"").strip().lower()
                if told in {b"http", b"https"}:
                    secure = told == b"https"
                    scope["scheme"] = ("wss" if secure else "ws") if scope["type"] == "websocket" else told.decode()
                host = header(scope, b"x-forwarded-host")
                if host is not None:
                    others = [pair for pair in scope["headers"] if pair[0] != b"host"]
                    scope["headers"] = [(b"host", host.split(b",")[0].strip()), *others]
        await self.app(scope, receive, send)


def client_of(scope: Scope, proxies: Sequence[Network]) -> str:
    """The peer's address; where that is a named proxy, the nearest one before it that is not."""
    peer: str = (scope.get("client") or ("", 0))[0]
    if within(peer, proxies):
        forwarded = (header(scope, b"x-forwarded-for") or b"").decode("latin-1")
        for address in reversed([part.strip() for part in forwarded.split(",") if part.strip()]):
            peer = address
            if not within(address, proxies):
                break
    return peer


def within(address: str, networks: Sequence[Network]) -> bool:
    """Whether the address lies in one of the networks."""
    try:
        found = ip_address(address)
    except ValueError:
        return False
    return any(found in network for network in networks if network.version == found.version)
