"""The short way to a browser under Daphne.

ASGI's `send` frames the same bytes anew for each socket and leaves them to the reactor, which enters the socket into
the selector and takes it out again: most of what a broadcast costs (docs/performance.md). Here a frame is handed to
the kernel at once. Whatever is out of the ordinary, another server included, goes the ASGI way.
"""

import sys
from collections.abc import Callable
from functools import partial
from typing import Any

SHORT, MEDIUM = 126, 1 << 16
"""Payloads from these many bytes on have a longer header (RFC 6455, 5.2)."""
TEXT, IN_TWO_BYTES, IN_EIGHT_BYTES = 0x81, 126, 127


def framed(text: str) -> bytes:
    """The text as one WebSocket frame of a server: final, unmasked, uncompressed."""
    payload = text.encode()
    size = len(payload)
    if size < SHORT:
        return bytes((TEXT, size)) + payload
    if size < MEDIUM:
        return bytes((TEXT, IN_TWO_BYTES)) + size.to_bytes(2, "big") + payload
    return bytes((TEXT, IN_EIGHT_BYTES)) + size.to_bytes(8, "big") + payload


def short_way(send: object) -> Callable[[bytes], bool] | None:
    """How to write to the socket that this ASGI `send` belongs to, None where its server is not Daphne.

    Call it on the server's loop with a whole frame. True once the frame is on its way; False, with nothing written,
    when the ASGI way must be taken.
    """
    # Daphne binds its protocol to `send`; ASGI has no word for it. Who doesn't run Daphne needn't load it.
    daphne = sys.modules.get("daphne.ws_protocol")
    bound = send.args[0] if isinstance(send, partial) and send.args else None
    return partial(_write, bound) if daphne and isinstance(bound, daphne.WebSocketProtocol) else None


def spare_greetings() -> None:
    """Autobahn writes out all options of each new socket for a log that isn't kept, a fifth of what its greeting costs,
    and makes an object in C to unmask the few bytes of a confirmation."""
    protocol = sys.modules.get("autobahn.websocket.protocol")
    if protocol is not None:
        protocol.pformat = lambda _options: ""  # type: ignore[attr-defined]
        protocol.create_xor_masker = Unmasking  # type: ignore[attr-defined]


class Unmasking:
    """Takes a browser's mask off a frame, piece by piece, as Autobahn asks for it."""

    __slots__ = ("_at", "_mask")

    def __init__(self, mask: bytes, _length: int | None = None) -> None:
        self._mask = mask
        self._at = 0

    def pointer(self) -> int:
        """Bytes unmasked so far."""
        return self._at

    def reset(self) -> None:
        self._at = 0

    def process(self, data: bytes) -> bytes:
        size, begin = len(data), self._at % len(self._mask)
        self._at += size
        key = (self._mask * (size // len(self._mask) + 2))[begin : begin + size]
        return (int.from_bytes(data, "big") ^ int.from_bytes(key, "big")).to_bytes(size, "big")


def _write(protocol: Any, frame: bytes) -> bool:
    transport = protocol.transport
    if protocol.state != protocol.STATE_OPEN or protocol.send_queue or transport.disconnecting:
        return False
    written = 0
    # What waits already goes first.
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
