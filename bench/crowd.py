"""`python -m bench.crowd`: many browsers in one process, as light as Python allows: it is the server that is measured.

It takes one JSON object a line from stdin and answers each with one line. `{"do": "connect", "addresses": […]}` opens a
socket to each and answers when each has been shown its first view (a bare server shows none: when it was let in);
`{"do": "arm"}` forgets what has come so far; `{"do": "await", "rev": n}` answers when every socket has been shown this
revision or a later one since, or told that what it was shown is that; `{"do": "drop"}` closes all sockets without a
word. Views and heartbeats are confirmed as live.js does it, late and spread over time, between two orders too. Times
are seconds of the monotonic clock, which all processes share.
"""

import heapq
import json
import math
import resource
import selectors
import socket
import sys
import time
from dataclasses import dataclass, field
from random import Random
from typing import Any
from urllib.parse import urlsplit

HANDSHAKE = (
    "GET {path} HTTP/1.1\r\nHost: {host}\r\nOrigin: http://{host}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n{more}\r\n"
)
MEDIUM, LONG = 126, 127
A_VIEW = bytes((0x81, MEDIUM))
"""What a frame's first length says when the true one follows in 2 or in 8 bytes."""
CONFIRM_WITHIN, MANY_OWED, SOON = 2.5, 4, 0.5
"""As in static/js/live-decisions.js; seconds."""
CHUNK = 1 << 16
"""Bytes. What is larger than 128 KiB the C library maps and unmaps for each reading: with 256 the crowd was slower than
the servers that it measures."""
RETRY = 0.5
LIMIT = 120.0
"""Seconds until it gives up on an order."""


@dataclass(slots=True, eq=False)
class Screen:
    """One socket: what has come but isn't a whole frame yet, and the newest view it was shown."""

    connection: socket.socket
    address: str
    pending: bytearray = field(default_factory=bytearray)
    is_open: bool = False
    rev: int = -1
    viewed_at: float = 0.0
    shown_at: float = 0.0
    owed: int = 0
    read_last: bytes = b""
    confirm_at: float = math.inf


class Crowd:
    def __init__(self) -> None:
        self.selector = selectors.DefaultSelector()
        self.orders = self.selector.register(sys.stdin, selectors.EVENT_READ)
        self.screens: set[Screen] = set()
        self.coming: list[tuple[float, str]] = []
        self.confirming: list[tuple[float, int, Screen]] = []
        self.more = ""
        self.is_bare = False
        self.wanted = 0
        self.missing = 0
        self.lost = 0
        self.heard = 0
        self.size = 0
        self.random = Random(4)  # noqa: S311 - spreads load

    def serve(self) -> None:
        """Until stdin ends. Between two orders it goes on reading and confirming, as browsers do."""
        while True:
            if not self._turn(None):
                continue
            line = sys.stdin.readline()
            if not line:
                return
            sys.stdout.write(json.dumps(self._carry_out(**json.loads(line))) + "\n")
            sys.stdout.flush()

    def _carry_out(self, do: str, **how: Any) -> dict[str, Any]:
        match do:
            case "connect":
                return self.connect(**how)
            case "arm":
                return self.arm()
            case "await":
                return self.wait_for(**how)
            case _:
                return self.drop()

    # Orders

    def connect(
        self, addresses: list[str], *, spread: float = 0.0, cookie: str = "", bare: bool = False
    ) -> dict[str, Any]:
        """Each address at a random moment of the `spread` seconds. One that is lost on the way is tried again."""
        self.is_bare, self.more = bare, f"Cookie: {cookie}\r\n" if cookie else ""
        self.wanted, self.missing, self.lost = 0, len(addresses), 0
        began = time.monotonic()
        self.coming = [(began + spread * self.random.random(), address) for address in addresses]
        heapq.heapify(self.coming)
        self._turn_until_shown()
        return {"open": len(self.screens), "seconds": time.monotonic() - began, "tried_again": self.lost}

    def arm(self) -> dict[str, Any]:
        quiet_since = time.monotonic()
        while time.monotonic() - quiet_since < 0.05:  # noqa: PLR2004 - seconds; what is on its way arrives in one
            heard = self.heard
            self._turn(0.02)
            if self.heard != heard:
                quiet_since = time.monotonic()
        for screen in self.screens:
            screen.rev, screen.viewed_at = -1, 0.0
        self.size = 0
        return {"armed": len(self.screens)}

    def wait_for(self, *, rev: int) -> dict[str, Any]:
        self.wanted = rev
        self.missing = sum(screen.rev < rev for screen in self.screens)
        self._turn_until_shown()
        times = sorted(screen.shown_at for screen in self.screens)
        return {"first": times[0], "median": times[len(times) // 2], "last": times[-1], "size": self.size}

    def drop(self) -> dict[str, Any]:
        for screen in list(self.screens):
            self._close(screen)
        return {"dropped": True}

    # Sockets

    def _turn_until_shown(self) -> None:
        deadline = time.monotonic() + LIMIT
        self.selector.unregister(sys.stdin)
        while self.missing:
            now = time.monotonic()
            if now > deadline:
                raise TimeoutError(f"{self.missing} of {len(self.screens)} sockets were shown nothing.")
            while self.coming and self.coming[0][0] <= now:
                self._open(heapq.heappop(self.coming)[1])
            self._turn(min(0.05, self.coming[0][0] - now) if self.coming else 0.05)
        self.selector.register(sys.stdin, selectors.EVENT_READ)

    def _turn(self, timeout: float | None) -> bool:
        """Serve whoever has something to say. Whether an order has come."""
        has_order = False
        self._confirm()
        if self.confirming:
            soon = max(0.0, self.confirming[0][0] - time.monotonic())
            timeout = soon if timeout is None else min(timeout, soon)
        for key, mask in self.selector.select(timeout):
            screen: Screen | None = key.data
            if screen is None:
                has_order = True
                continue
            try:
                if mask & selectors.EVENT_WRITE:
                    self._say_hello(screen)
                else:
                    self._read(screen)
            except OSError:
                self._close(screen)
                self.lost += 1
                heapq.heappush(self.coming, (time.monotonic() + RETRY * (0.5 + self.random.random()), screen.address))
        return has_order

    def _owe(self, screen: Screen, key: bytes, *, is_view: bool) -> None:
        screen.owed += 1
        screen.read_last = key
        if not is_view and screen.owed < MANY_OWED:
            return
        at = time.monotonic() + self.random.random() * (CONFIRM_WITHIN if screen.owed < MANY_OWED else SOON)
        if at < screen.confirm_at:
            screen.confirm_at = at
            heapq.heappush(self.confirming, (at, id(screen), screen))

    def _confirm(self) -> None:
        """Send the confirmations that are due."""
        now = time.monotonic()
        while self.confirming and self.confirming[0][0] <= now:
            at, _id, screen = heapq.heappop(self.confirming)
            if at == screen.confirm_at and screen in self.screens:
                screen.owed, screen.confirm_at = 0, math.inf
                screen.connection.send(_confirmation(screen.read_last))

    def _open(self, address: str) -> None:
        parts = urlsplit(address)
        connection = socket.socket()
        connection.settimeout(0)
        connection.connect_ex((parts.hostname or "", parts.port or 0))
        screen = Screen(connection, address)
        self.selector.register(connection, selectors.EVENT_WRITE, screen)
        self.screens.add(screen)

    def _say_hello(self, screen: Screen) -> None:
        parts = urlsplit(screen.address)
        path = parts.path + (f"?{parts.query}" if parts.query else "")
        screen.connection.send(HANDSHAKE.format(path=path, host=parts.netloc, more=self.more).encode())
        self.selector.modify(screen.connection, selectors.EVENT_READ, screen)

    def _close(self, screen: Screen) -> None:
        self.selector.unregister(screen.connection)
        screen.connection.close()
        self.screens.discard(screen)

    # Frames

    def _read(self, screen: Screen) -> None:
        chunk = screen.connection.recv(CHUNK)
        if not chunk:
            raise ConnectionResetError
        pending = screen.pending
        if chunk[:2] == A_VIEW and not pending and len(chunk) == 4 + int.from_bytes(chunk[2:4], "big"):
            self._hear(screen, chunk[4:])  # most of what comes, and all of what is measured
            return
        pending += chunk
        if not screen.is_open and not self._is_let_in(screen):
            return
        while len(pending) > 1:
            begin, size = 2, pending[1]
            if size == MEDIUM:
                begin, size = 4, int.from_bytes(pending[2:4], "big")
            elif size == LONG:
                begin, size = 10, int.from_bytes(pending[2:10], "big")
            if len(pending) < begin + size:
                return
            match pending[0] & 15:
                case 1:
                    self._hear(screen, bytes(pending[begin : begin + size]))
                case 9:  # a ping, which Daphne sends where no heartbeat of ours takes its place
                    screen.connection.send(bytes([0x8A, 0x80 | size, 0, 0, 0, 0]) + pending[begin : begin + size])
            del pending[: begin + size]

    def _is_let_in(self, screen: Screen) -> bool:
        head, end, _rest = screen.pending.partition(b"\r\n\r\n")
        if not end:
            return False
        if b" 101 " not in head[:20]:
            raise ConnectionRefusedError(bytes(head[:80]))
        del screen.pending[: len(head) + len(end)]
        screen.is_open = True
        if self.is_bare:
            self._shown(screen, 0)
        return True

    def _hear(self, screen: Screen, text: bytes) -> None:
        self.heard += 1
        is_view = text.startswith(b'{"html"')
        if not self.is_bare:
            self._owe(screen, text[-10:-2], is_view=is_view)
        stamp = text.rindex(b'"rev":') + len(b'"rev":')
        rev = int(text[stamp : text.index(b",", stamp)])
        if is_view:
            self.size = len(text)
            screen.viewed_at = time.monotonic()
            self._shown(screen, rev)
        elif self.wanted <= rev:
            # A view may be newer than its revision: no other was sent then, and the heartbeat says that it is true.
            self._shown(screen, rev)

    def _shown(self, screen: Screen, rev: int) -> None:
        if rev <= screen.rev:
            return
        screen.shown_at = screen.viewed_at or time.monotonic()
        self.missing -= screen.rev < self.wanted <= rev
        screen.rev = rev


_built: dict[bytes, bytes] = {}


def _confirmation(key: bytes) -> bytes:
    """`{"key": …}` as a masked frame. All sockets of a server were sent the same key: it is built once."""
    if key not in _built:
        said = b'{"key":"%s"}' % key
        _built.clear()
        _built[key] = bytes([0x81, 0x80 | len(said), 0, 0, 0, 0]) + said
    return _built[key]


if __name__ == "__main__":
    _soft, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    Crowd().serve()
