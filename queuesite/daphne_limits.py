"""What one client, and all of them together, may ask of a server process: bodies, frames, and sockets."""

from collections import Counter
from typing import Any

from channels.security.websocket import WebsocketDenier
from daphne.http_protocol import WebRequest
from daphne.ws_protocol import WebSocketProtocol

from live.socket import Receive, Scope, Send

MAX_BODY = 1024 * 1024
"""Bytes. Django refuses forms far smaller than that, but only after Daphne has taken them in."""
MAX_FRAME = 4096
"""Bytes a browser may send at once: what it confirms is some thirty long, what a framework adds is little."""

TOO_LARGE = b"HTTP/1.1 413 Content Too Large\r\nConnection: close\r\nContent-Length: 0\r\n\r\n"


class FewSockets:
    """Lets so many sockets in at once, from one address and in all. Who is turned away asks over HTTP meanwhile, as a
    page does whose socket is down, and comes back."""

    def __init__(self, application: Any, *, an_address: int, in_all: int) -> None:
        self.application = application
        self.an_address = an_address
        self.in_all = in_all
        self.open: Counter[str] = Counter()
        self.total = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        address = (scope.get("client") or [""])[0]
        if self.open[address] >= self.an_address or self.total >= self.in_all:
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


def bound_daphne() -> None:
    """Daphne bounds neither the body of a request nor, below a megabyte, what a socket sends."""
    WebSocketProtocol.maxFramePayloadSize = WebSocketProtocol.maxMessagePayloadSize = MAX_FRAME
    WebSocketProtocol.sendMessage = _send_message
    WebRequest.gotLength = _got_length


def _send_message(protocol: WebSocketProtocol, *message: Any, **options: Any) -> None:
    """autobahn would hold what we say to the limit of what may be said to us."""
    limit, protocol.maxMessagePayloadSize = protocol.maxMessagePayloadSize, 0
    try:
        super(WebSocketProtocol, protocol).sendMessage(*message, **options)
    finally:
        protocol.maxMessagePayloadSize = limit


def _got_length(request: WebRequest, length: int | None) -> None:
    """Twisted's hook for when the headers are in and the body isn't: a large one, and one without a length, is cut
    off here instead of being written to the disk."""
    super(WebRequest, request).gotLength(length)
    if length is None or length > MAX_BODY:
        request.channel.transport.write(TOO_LARGE)
        request.channel.loseConnection()
