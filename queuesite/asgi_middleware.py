"""Around every ASGI application of ours: whose pages may open a socket, how many sockets, and whose address it is."""

import ipaddress
from collections import Counter
from typing import Any
from urllib.parse import urlsplit

from channels.security.websocket import WebsocketDenier
from django.conf import settings
from django.http.request import validate_host

from accounts.addresses import counted_as
from live.socket import Receive, Scope, Send
from queuesite.environment import IPNetwork


class OriginMiddleware:
    """Lets in pages of ALLOWED_HOSTS and PUBLIC_URL, and programs: only a browser can be tricked by a foreign page,
    and a browser always sends an Origin."""

    def __init__(self, application: Any) -> None:
        self.application = application

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        headers = dict(scope["headers"])
        origin = headers.get(b"origin")
        ours = origin is None or is_ours(origin, host=headers.get(b"host", b""), secure=scope.get("scheme") == "wss")
        await (self.application if ours else WebsocketDenier())(scope, receive, send)


PORTS = {"http": 80, "https": 443}


def is_ours(origin: bytes, *, host: bytes, secure: bool) -> bool:
    """Whether a page of this origin is ours: one of our hosts, by the scheme and at the port of PUBLIC_URL, or of this
    very request, which came to `host`, and encrypted or not. Another port of the same machine is somebody else."""
    try:
        name, *place = _parts(origin.decode("ascii"))
        asked = _parts(f"{'https' if secure else 'http'}://{host.decode('ascii')}")
        known = _parts(settings.PUBLIC_URL)
    except ValueError:
        return False
    return bool(name) and place in (list(asked[1:]), list(known[1:])) and validate_host(name, settings.ALLOWED_HOSTS)


def _parts(origin: str) -> tuple[str, str, int | None]:
    """Host, as ALLOWED_HOSTS has it, scheme and port. Raises ValueError."""
    parts = urlsplit(origin)
    host = parts.hostname or ""
    return f"[{host}]" if ":" in host else host, parts.scheme, parts.port or PORTS.get(parts.scheme)


class SocketLimitMiddleware:
    """Accepts a limited number of sockets at once, from one address and in total. A page that is refused asks over HTTP
    meanwhile, as it does whenever its socket is down, and tries again."""

    def __init__(self, application: Any, *, per_address: int, in_total: int) -> None:
        self.application = application
        self.per_address = per_address
        self.in_total = in_total
        self.open: Counter[str] = Counter()
        self.total = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        address = counted_as((scope.get("client") or [""])[0])
        if self.open[address] >= self.per_address or self.total >= self.in_total:
            await WebsocketDenier()(scope, receive, send)
            return
        self.open[address] += 1
        self.total += 1
        try:
            await self.application(scope, receive, send)
        finally:
            self.total -= 1
            self.open[address] -= 1
            if not self.open[address]:
                del self.open[address]


class ProxyHeadersMiddleware:
    """Takes the client's address and scheme from X-Forwarded-* when a trusted proxy says so, and from nobody else."""

    def __init__(self, application: Any, trusted: tuple[IPNetwork, ...]) -> None:
        self.application = application
        self.trusted = trusted

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await self.application(self.seen_from_outside(scope), receive, send)

    def seen_from_outside(self, scope: Scope) -> Scope:
        """The scope with the true client and scheme, and without the headers that anybody could have sent."""
        headers = [header for header in scope.get("headers", []) if not header[0].startswith(b"x-forwarded-")]
        said = {name: value.decode("latin1") for name, value in scope.get("headers", [])}
        seen = {**scope, "headers": headers}
        client = scope.get("client")
        if not client or not self._trusts(client[0]):
            seen["headers"] = [header for header in headers if header[0] != b"x-request-id"]
            return seen
        hops = [hop.strip() for hop in said.get(b"x-forwarded-for", "").split(",") if hop.strip()]
        stranger = next((hop for hop in reversed(hops) if not self._trusts(hop)), None)
        if stranger is not None:
            seen["client"] = [stranger, 0]
        proto = said.get(b"x-forwarded-proto", "")
        if proto in ("http", "https"):
            secure = proto == "https"
            seen["scheme"] = ("wss" if secure else "ws") if scope["type"] == "websocket" else proto
        return seen

    def _trusts(self, address: str) -> bool:
        try:
            ip = ipaddress.ip_address(address)
        except ValueError:
            return False
        return any(ip in network for network in self.trusted)
