"""How large the body of a request and what a browser says on a socket may be under Daphne, and how long a request may
take to come in.

By itself Daphne limits no body, and takes in a megabyte on a socket; its option for less would hold what we say to the
same limit. Of a request that isn't whole it waits a minute for the next byte: at a byte a minute, for days. The plain
way is Daphne's own, with a proxy in front that limits the bodies and waits for the whole of a request.
"""

from typing import Any

from daphne.http_protocol import HTTPFactory, WebRequest
from daphne.ws_protocol import WebSocketProtocol
from twisted.internet.protocol import connectionDone
from twisted.python.failure import Failure
from twisted.web.http import HTTPChannel

from queuesite.handshake_turns import HandshakeTurns

MAX_BODY = 1024 * 1024
"""Bytes. Django refuses forms far smaller than that, but only after Daphne has taken them in."""
MAX_MESSAGE = 4096
"""Bytes a browser may send at once, in one frame or in several: what it confirms is some thirty long, what a framework
adds is little."""
HEADERS_WITHIN = 20
"""Seconds from the first byte of a request until all its headers are in."""
BODY_WITHIN = 60
"""Seconds from there until its body is in; so long, too, may a connection say nothing between two requests."""
HANDSHAKE = b"GET /ws/"
"""With which all of ours begin (queuesite/routing.py)."""

turns = HandshakeTurns()
"""Of this process."""
TOO_LARGE = b"HTTP/1.1 413 Content Too Large\r\nConnection: close\r\nContent-Length: 0\r\n\r\n"


def self_test() -> None:
    """Raises AttributeError where Autobahn or Twisted doesn't ask for what `enable` sets, or Daphne has its own."""
    sends = super(WebSocketProtocol, WebSocketProtocol).sendMessage
    for method, name in (
        (WebSocketProtocol.onMessageFrameBegin, "maxMessagePayloadSize"),
        (sends, "maxMessagePayloadSize"),
        (HTTPChannel.allHeadersReceived, "gotLength"),
        (HTTPChannel.lineReceived, "allHeadersReceived"),
        (HTTPChannel.dataReceived, "resetTimeout"),
        (HTTPChannel.allContentReceived, "setTimeout"),
        (HTTPChannel.requestDone, "requests"),
    ):
        if name not in method.__code__.co_names:
            raise AttributeError(f"{method.__qualname__} doesn't ask for {name}")
    for owner, name, ours in (
        (WebSocketProtocol, "sendMessage", _send_message),
        (WebRequest, "gotLength", _got_length),
    ):
        if vars(owner).get(name, ours) is not ours:
            raise AttributeError(f"Daphne has a {name} of its own")
    if vars(HTTPFactory).get("protocol", PromptChannel) is not PromptChannel:
        raise AttributeError("Daphne has a protocol of its own")
    if "maxMessagePayloadSize" not in WebSocketProtocol.CONFIG_ATTRS:
        raise AttributeError("maxMessagePayloadSize can't be set for a class")


def enable() -> None:
    """For every connection from now on."""
    WebSocketProtocol.maxMessagePayloadSize = MAX_MESSAGE
    WebSocketProtocol.sendMessage = _send_message
    WebRequest.gotLength = _got_length
    HTTPFactory.protocol = PromptChannel


class PromptChannel(HTTPChannel):
    """A connection whose requests come in within a time that no trickled byte prolongs. While a request is
    answered, and for a WebSocket, no time runs."""

    _handshake = b""

    def connectionMade(self) -> None:  # noqa: N802 - Twisted's
        self.timeOut = BODY_WITHIN
        super().connectionMade()  # type: ignore[no-untyped-call]  # Twisted's

    def dataReceived(self, data: bytes) -> None:  # noqa: N802 - Twisted's
        if self._handshake or not data.startswith(HANDSHAKE):
            self._begin_handshake()  # a browser says nothing more before it is answered: whoever does needn't wait
            super().dataReceived(data)  # type: ignore[no-untyped-call]
            return
        self._handshake = data
        turns.wait(self._begin_handshake, self.callLater)

    def _begin_handshake(self) -> None:
        """Its turn has come; perhaps it has gone meanwhile, or has begun."""
        data, self._handshake = self._handshake, b""
        if not data:
            return
        try:
            super().dataReceived(data)  # type: ignore[no-untyped-call]
        except Exception:
            # As Twisted does it where it has handed over the bytes itself.
            self.transport.abortConnection()  # type: ignore[union-attr]  # there is one until it has gone
            raise

    def connectionLost(self, reason: Failure = connectionDone) -> None:  # noqa: N802 - Twisted's
        self._handshake = b""
        super().connectionLost(reason)  # type: ignore[no-untyped-call]

    def resetTimeout(self) -> None:  # noqa: N802 - Twisted's
        """Twisted's hook for bytes that came in. Only the first one of a request says anything."""
        if not self.requests and self.timeOut != HEADERS_WITHIN:
            # A new timer: one that is only to end sooner Twisted seeks among all that run, thousands in a storm.
            self.setTimeout(None)  # type: ignore[no-untyped-call]
            self.setTimeout(HEADERS_WITHIN)  # type: ignore[no-untyped-call]

    def allHeadersReceived(self) -> None:  # noqa: N802 - Twisted's
        self.setTimeout(BODY_WITHIN)  # type: ignore[no-untyped-call]
        super().allHeadersReceived()  # type: ignore[no-untyped-call]


def _send_message(protocol: WebSocketProtocol, *message: Any, **options: Any) -> None:
    """Autobahn would hold what we say to the limit of what may be said to us."""
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
