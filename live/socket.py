"""One browser's socket: lets it in, hands it what the hub pushes, and lets go of a browser that stopped reading."""

import json
import math
import time
from collections.abc import Awaitable, Callable
from typing import Any

from live.counters import counters
from live.daphne_fast_path import short_way
from live.garbage import storms
from live.hub import hub
from live.source import Audience, Letter, Member

Scope = dict[str, Any]
Message = dict[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
Door = Callable[[Scope], Awaitable[tuple[Audience, Member] | None]]
"""Who this socket is, or None to refuse it."""

WINDOW = 8
"""Frames that may be on their way unconfirmed. Daphne's `send` never waits, so this is what bounds memory."""
PATIENCE = 30.0
"""Seconds for which a browser may confirm nothing before a full window closes its socket."""
MAX_CONFIRMATION = 512
"""Characters a browser may send at once: it confirms, it has nothing else to say."""
STAFF_LASTS = 600.0
"""Seconds after which a socket behind a sign-in has to come back through its door: that may have closed meanwhile."""
CLOSE_COME_AGAIN = 4401
CLOSE_SILENT = 4408
CLOSE_NONSENSE = 4400


class Socket:
    """A listener of the hub over one ASGI connection.

    The browser confirms what it has read by the frame's key, which nobody can guess who hasn't read it. With WINDOW
    frames unconfirmed the socket keeps only the newest one, and sends it with the next confirmation.
    """

    def __init__(self, audience: Audience, member: Member, send: Send, ends: float = math.inf) -> None:
        self.audience = audience
        self.member = member
        self._send = send
        self._ends = ends
        self._short_way = short_way(send)
        if self._short_way is not None:
            self._short_way.forget_greeting()
            self._short_way.hear(self._confirmed_at_once)
        # Keys alone: of thousands of sockets the garbage collector would have much to look at again and again.
        self._unconfirmed: list[str] = []
        self._silent_since = 0.0
        self._held: Letter | None = None
        self._closed = False

    async def push(self, frame: Letter) -> None:
        """Send a frame, or keep it, the newest one only, for a browser that is behind."""
        if not await self._sent(frame):
            self._held = frame

    async def beat(self, beat: Letter) -> None:
        """Send a beat; a browser that is behind does without."""
        await self._sent(beat)

    async def confirmed(self, key: str) -> None:
        """The browser has read the frame with this key, and so every frame before it."""
        if self._makes_room(key) and self._held is not None:
            held, self._held = self._held, None
            await self.push(held)

    @property
    def is_over(self) -> bool:
        """Whether its browser has to come again."""
        return time.monotonic() > self._ends

    def end(self) -> None:
        """Nothing more is heard."""
        if self._short_way is not None:
            self._short_way.end()

    def _confirmed_at_once(self, key: str) -> bool:
        """As `confirmed`, where nothing follows from it; else False, with nothing done."""
        return self._held is None and not self.is_over and self._makes_room(key)

    def _makes_room(self, key: str) -> bool:
        """Whether this key was still to be confirmed."""
        if key not in self._unconfirmed:
            return False
        del self._unconfirmed[: self._unconfirmed.index(key) + 1]
        self._silent_since = time.monotonic()
        return True

    async def close(self, code: int) -> None:
        self._closed = True
        await self._send({"type": "websocket.close", "code": code})

    async def _sent(self, letter: Letter) -> bool:
        """Whether the letter could go out (or, the socket being closed, will never have to)."""
        if self._closed:
            return True
        if len(self._unconfirmed) < WINDOW:
            if not self._unconfirmed:
                self._silent_since = time.monotonic()
            self._unconfirmed.append(letter.key)
            if self._short_way is None or not self._short_way.write(letter.wire):
                await self._send({"type": "websocket.send", "text": letter.text})
            return True
        if time.monotonic() - self._silent_since > PATIENCE:
            await self.close(CLOSE_SILENT)
        return False


async def serve(door: Door, scope: Scope, receive: Receive, send: Send, *, lasts: float = math.inf) -> None:
    """An ASGI application for one socket. Refused before it is accepted: the browser then asks over HTTP why. After so
    many seconds it is closed, and the browser comes again."""
    await receive()  # websocket.connect
    admitted = await door(scope)
    if admitted is None:
        counters.refused_sockets += 1
        storms.moved()
        await send({"type": "websocket.close"})
        return
    await send({"type": "websocket.accept"})
    socket = Socket(*admitted, send, time.monotonic() + lasts)
    here = hub()
    here.join(socket)
    counters.socket_opened(socket.audience)
    try:
        await _listen(socket, receive)
    finally:
        counters.socket_closed(socket.audience)
        socket.end()
        await here.leave(socket)


async def _listen(socket: Socket, receive: Receive) -> None:
    while (message := await receive())["type"] == "websocket.receive":
        if socket.is_over:
            await socket.close(CLOSE_COME_AGAIN)
            return
        key = _confirmation(message)
        if key is None:
            await socket.close(CLOSE_NONSENSE)
        else:
            await socket.confirmed(key)


def _confirmation(message: Message) -> str | None:
    """The key in a browser's `{"key": "…"}`, or None for anything else."""
    text = message.get("text") or ""
    if len(text) > MAX_CONFIRMATION:
        return None
    try:
        said = json.loads(text)
    except ValueError:
        return None
    key = said.get("key") if isinstance(said, dict) else None
    return key if isinstance(key, str) else None
