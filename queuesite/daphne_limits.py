"""How large a request's body, and a browser's frame, may be under Daphne."""

from typing import Any

from daphne.http_protocol import WebRequest
from daphne.ws_protocol import WebSocketProtocol

MAX_BODY = 1024 * 1024
"""Bytes. Django refuses forms far smaller than that, but only after Daphne has taken them in."""
MAX_FRAME = 4096
"""Bytes a browser may send at once: what it confirms is some thirty long, what a framework adds is little."""

TOO_LARGE = b"HTTP/1.1 413 Content Too Large\r\nConnection: close\r\nContent-Length: 0\r\n\r\n"


def limit_daphne() -> None:
    """Daphne limits neither the body of a request nor, below a megabyte, what a socket sends."""
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
