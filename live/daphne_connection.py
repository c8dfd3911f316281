"""A WebSocket connection of Daphne's without a network or a running reactor: Daphne, Autobahn and Twisted as they are
installed, and the browser's end in the same hands. For self-tests and tests; to be imported under Daphne only."""

import asyncio
import socket
from collections.abc import Awaitable, Callable
from contextlib import suppress

from daphne.server import Server  # first: it chooses Twisted's reactor
from daphne.ws_protocol import WebSocketFactory, WebSocketProtocol
from twisted.internet.address import IPv4Address
from twisted.internet.error import ConnectionDone
from twisted.internet.task import Clock
from twisted.internet.tcp import Connection
from twisted.python.failure import Failure

HANDSHAKE = (
    b"GET /ws/self-test/ HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n"
)
"""What a browser says first."""
TURNS = 5
"""Turns of the event loop in which an application has answered what it was told."""


class StandingReactor(Clock):
    """Serves no socket by itself."""

    def addReader(self, reader: object) -> None: ...  # noqa: N802 - Twisted's names

    def removeReader(self, reader: object) -> None: ...  # noqa: N802

    def addWriter(self, writer: object) -> None: ...  # noqa: N802

    def removeWriter(self, writer: object) -> None: ...  # noqa: N802


class Transport(Connection):
    """Twisted's own, on one end of a pair of sockets."""

    def getPeer(self) -> IPv4Address:  # noqa: N802 - Twisted's name
        return IPv4Address("TCP", "127.0.0.1", 0)

    getHost = getPeer  # noqa: N815 - as above


class DaphneConnection:
    """Daphne's `protocol` on its `transport`, in front of `application`; `browser` is the socket of the other end."""

    def __init__(self, application: Callable[..., Awaitable[None]]) -> None:
        self._ours, self.browser = socket.socketpair()
        self._ours.settimeout(0)
        self.browser.settimeout(0)
        server = Server(application, endpoints=["none"])
        server.connections = {}
        factory = WebSocketFactory(server, reactor=StandingReactor())
        factory.setProtocolOptions(openHandshakeTimeout=0, closeHandshakeTimeout=0)
        self.protocol: WebSocketProtocol = factory.buildProtocol(None)
        self.protocol._raw_query_string = b""  # noqa: SLF001 - Daphne's HTTP side sets it
        self.transport = Transport(self._ours, self.protocol, factory.reactor)
        self.transport.connected = 1
        self.protocol.makeConnection(self.transport)

    async def hear(self, data: bytes) -> None:
        """These bytes have come from the browser, all at once."""
        self.protocol.dataReceived(data)
        await _turn()

    async def lose(self) -> None:
        """The browser has gone."""
        self.protocol.connectionLost(Failure(ConnectionDone()))  # type: ignore[no-untyped-call]  # Twisted's
        await _turn()

    def sent(self) -> bytes:
        """All that has come to the browser since it was last asked."""
        arrived = bytearray()
        with suppress(BlockingIOError):
            while True:
                self.transport.doWrite()  # type: ignore[no-untyped-call]  # Twisted's
                arrived += self.browser.recv(1 << 16)
        return bytes(arrived)

    def close(self) -> None:
        self._ours.close()
        self.browser.close()


async def _turn() -> None:
    for _turn in range(TURNS):
        await asyncio.sleep(0)
