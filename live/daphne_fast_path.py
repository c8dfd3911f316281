"""The fast path to a browser under Daphne, and back.

ASGI's `send` frames the same bytes anew for each socket and leaves them to the reactor, which enters the socket into
the selector and takes it out again: most of what a broadcast costs (docs/performance.md). Here a frame is handed to
the kernel at once. The few bytes by which a browser confirms it cost even more on their way through Autobahn, ASGI's
queue and a task of its own. Whatever is out of the ordinary, another server included, goes the ASGI way.
"""

import asyncio
import sys
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass
from functools import partial
from typing import Any

SHORT, MEDIUM = 126, 1 << 16
"""Payloads from these many bytes on have a longer header (RFC 6455, 5.2)."""
TEXT, PING, PONG = 0x81, 0x89, 0x8A
IN_TWO_BYTES, IN_EIGHT_BYTES = 126, 127
MASKED = 0x80
HANDSHAKE = frozenset(
    (
        *("http_request_data", "http_status_line", "http_headers", "http_request_uri", "http_request_path"),
        *("http_request_params", "http_request_host", "http_response_data", "websocket_origin", "websocket_protocols"),
        *("websocket_extensions", "_wskey", "clean_headers", "protocol_to_accept", "application_deferred"),
    )
)
"""What Autobahn and Daphne write down on a connection for its handshake, and look at in no other place."""
BEFORE_KEY, AFTER_KEY = b'{"key":"', b'"}'
SAID = len(BEFORE_KEY) + 8 + len(AFTER_KEY)
CONFIRMS = bytes((TEXT, MASKED | SAID))
CONFIRMATION = len(CONFIRMS) + 4 + SAID
"""Bytes of a browser's frame that confirms a key: its header, its mask, and what it says."""


@dataclass(slots=True)
class Switch:
    is_on: bool = False


switch = Switch()


def enable() -> None:
    """Take the fast path from now on."""
    switch.is_on = True


def framed(payload: bytes) -> bytes:
    """A text's bytes as one WebSocket frame of a server: final, unmasked, uncompressed."""
    size = len(payload)
    if size < SHORT:
        return bytes((TEXT, size)) + payload
    if size < MEDIUM:
        return bytes((TEXT, IN_TWO_BYTES)) + size.to_bytes(2, "big") + payload
    return bytes((TEXT, IN_EIGHT_BYTES)) + size.to_bytes(8, "big") + payload


def fast_path(send: object) -> "FastPath | None":
    """To and from the socket that this ASGI `send` belongs to; None where only the ASGI way is taken."""
    return _path_of(send) if switch.is_on else None


def _path_of(send: object) -> "FastPath | None":
    # Daphne binds its protocol to `send`; ASGI has no word for it. Another server needn't load Daphne.
    daphne = sys.modules.get("daphne.ws_protocol")
    bound = send.args[0] if isinstance(send, partial) and send.args else None
    return FastPath(bound) if daphne and isinstance(bound, daphne.WebSocketProtocol) else None


class FastPath:
    """Used on the server's loop only. `end` it when its socket ends."""

    __slots__ = ("_protocol",)

    def __init__(self, protocol: Any) -> None:
        self._protocol = protocol

    def write(self, frame: bytes) -> bool:
        """Send a whole frame. True once it is on its way; False, with nothing written, when the ASGI way must be
        taken."""
        protocol = self._protocol
        transport = protocol.transport
        if protocol.state != protocol.STATE_OPEN or protocol.send_queue or transport.disconnecting:
            return False
        written = 0
        # What waits there already goes first.
        if not (transport.dataBuffer or transport._tempDataBuffer):  # noqa: SLF001 - Twisted has no other word for it
            try:
                written = transport.getHandle().send(frame)
            except BlockingIOError:
                written = 0
            except OSError:
                return False
        if written < len(frame):
            transport.write(frame[written:])
        return True

    def forget_handshake(self) -> None:
        """With all that was said until the socket was open the protocol's dictionary would be twice as large for good,
        and the HTTP channel that it came by would stay, with its request."""
        protocol = self._protocol
        # A new dictionary: an old one keeps the room of what has left it.
        protocol.__dict__ = {name: value for name, value in vars(protocol).items() if name not in HANDSHAKE}
        protocol.transport.unregisterProducer()

    def hear(self, confirmed: Callable[[str], bool]) -> None:
        """Give `confirmed` each key that comes as live.js sends it. What it returns False to goes the ASGI way."""
        self._protocol.dataReceived = partial(_received, self._protocol, confirmed)

    def end(self) -> None:
        vars(self._protocol).pop("dataReceived", None)


def _received(protocol: Any, confirmed: Callable[[str], bool], data: bytes) -> None:
    ordinary = (
        len(data) == CONFIRMATION
        and data.startswith(CONFIRMS)
        and protocol.state == protocol.STATE_OPEN
        and not (protocol.data or protocol.current_frame or protocol.inside_message or protocol.muted)
        and not protocol.autoPingTimeoutCall  # a ping that any answer settles
    )
    if ordinary:
        said = unmasked(data[6:], data[2:6])
        if said.startswith(BEFORE_KEY) and said.endswith(AFTER_KEY) and confirmed(said[8:-2].decode("latin1")):
            protocol.last_ping = time.time()
            return
    type(protocol).dataReceived(protocol, data)


def unmasked(data: bytes, mask: bytes) -> bytes:
    """The data without its mask of four bytes."""
    size = len(data)
    over = (mask * (size // len(mask) + 1))[:size]
    return (int.from_bytes(data, "big") ^ int.from_bytes(over, "big")).to_bytes(size, "big")


def self_test() -> None:
    """Raises where Daphne, Autobahn or Twisted is not as the fast path expects: a connection without a network is made,
    used and lost."""
    with ThreadPoolExecutor(1) as beside:  # a server may have an event loop in this thread
        beside.submit(lambda: asyncio.run(_self_test())).result()


async def _self_test() -> None:
    from live import daphne_connection  # noqa: PLC0415 - another server needn't load Daphne

    sends: list[object] = []
    told: list[str] = []

    async def application(scope: object, receive: Any, send: Any) -> None:  # noqa: ARG001 - ASGI's names
        sends.append(send)
        await send({"type": "websocket.accept"})
        while told[-1:] != ["websocket.disconnect"]:
            told.append((await receive())["type"])

    with closing(daphne_connection.DaphneConnection(application)) as connection:
        await connection.hear(daphne_connection.HANDSHAKE)
        _check(b" 101 " in connection.sent(), "the handshake was not answered")
        path = _path_of(sends[0])
        if path is None:
            raise RuntimeError("Daphne doesn't bind its protocol to `send`")
        unknown = HANDSHAKE - vars(connection.protocol).keys()
        _check(not unknown, f"a connection doesn't keep {', '.join(sorted(unknown))}")
        path.forget_handshake()
        _check(path.write(framed(b"frame")) and connection.sent() == framed(b"frame"), "a frame was not handed over")
        keys: list[str] = []
        path.hear(lambda key: keys.append(key) is None)  # type: ignore[func-returns-value]  # so True
        await connection.hear(_masked(TEXT, BEFORE_KEY + b"01234567" + AFTER_KEY))
        _check(keys == ["01234567"], "a confirmation was not heard")
        await connection.hear(_masked(TEXT, b"text"))
        await connection.hear(_masked(PING, b"?"))
        _check(connection.sent() == bytes((PONG, 1)) + b"?", "a ping was not answered")
        path.end()
        await connection.lose()
    _check(told == ["websocket.connect", "websocket.receive", "websocket.disconnect"], f"ASGI was told {told}")


def _check(holds: bool, complaint: str) -> None:  # noqa: FBT001 - an assertion
    if not holds:
        raise RuntimeError(complaint)


def _masked(kind: int, payload: bytes) -> bytes:
    """A browser's frame; its mask is nothing but zeros."""
    return bytes((kind, MASKED | len(payload))) + bytes(4) + payload
