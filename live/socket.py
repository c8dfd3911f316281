"""One browser's socket: lets it in, hands it what the hub pushes, and lets go of a browser that stopped reading."""

import asyncio
import json
import logging
import math
import time
from collections.abc import Awaitable, Callable
from typing import Any

from live.counters import counters
from live.daphne_fast_path import fast_path
from live.garbage import reconnect_storms
from live.hub import hub
from live.source import Audience, Member, Message

logger = logging.getLogger(__name__)

Scope = dict[str, Any]
AsgiMessage = dict[str, Any]
Receive = Callable[[], Awaitable[AsgiMessage]]
Send = Callable[[AsgiMessage], Awaitable[None]]
Access = Callable[[Scope], Awaitable[tuple[Audience, Member] | None]]
"""What a socket may be shown, or None to refuse it."""
MayStay = Callable[[Scope], Awaitable[bool]]
"""Whether whoever opened this socket may still see what it shows."""

WINDOW = 8
"""Frames that may be on their way unconfirmed. Daphne's `send` never waits, so this is what bounds memory."""
PATIENCE = 30.0
"""Seconds for which a browser may confirm nothing before a full window closes its socket."""
MAX_CONFIRMATION = 512
"""Characters that a browser may send at once: it confirms, it has nothing else to say."""
STAFF_LASTS = 600.0
"""Seconds after which a socket behind a sign-in is closed. Its browser comes again; access may have ended meanwhile."""
STAFF_ASKED_EVERY = 3.0
"""Seconds from one question to the next whether a socket behind a sign-in may stay, for all sockets at once."""
CLOSE_COME_AGAIN = 4401
CLOSE_SILENT = 4408
CLOSE_NONSENSE = 4400


class Socket:
    """A subscriber of the hub over one ASGI connection.

    The browser confirms what it has read by the frame's key, which can't be guessed. With WINDOW frames unconfirmed the
    socket keeps only the newest one, and sends it with the next confirmation.
    """

    def __init__(self, audience: Audience, member: Member, send: Send, ends: float = math.inf) -> None:
        self.audience = audience
        self.member = member
        self._send = send
        self._ends = ends
        self._fast_path = fast_path(send)
        if self._fast_path is not None:
            self._fast_path.forget_handshake()
            self._fast_path.hear(self._confirmed_at_once)
        # Keys alone: of thousands of sockets the garbage collector would have much to look at again and again.
        self._unconfirmed: list[str] = []
        self._silent_since = 0.0
        self._held: Message | None = None
        self._closed = False

    async def push(self, frame: Message) -> None:
        """Send a frame, or keep it, the newest one only, for a browser that is behind."""
        if not await self._sent(frame):
            self._held = frame

    async def heartbeat(self, heartbeat: Message) -> None:
        """Send a heartbeat; a browser that is behind does without."""
        await self._sent(heartbeat)

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
        if self._fast_path is not None:
            self._fast_path.end()

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

    async def _sent(self, message: Message) -> bool:
        """Whether the message could go out (or, the socket being closed, will never have to)."""
        if self._closed:
            return True
        if len(self._unconfirmed) < WINDOW:
            if not self._unconfirmed:
                self._silent_since = time.monotonic()
            self._unconfirmed.append(message.key)
            if self._fast_path is None or not self._fast_path.write(message.framed):
                await self._send({"type": "websocket.send", "text": message.text})
            return True
        if time.monotonic() - self._silent_since > PATIENCE:
            await self.close(CLOSE_SILENT)
        return False


async def serve(
    access: Access,
    scope: Scope,
    receive: Receive,
    send: Send,
    *,
    lasts: float = math.inf,
    may_stay: MayStay | None = None,
) -> None:
    """An ASGI application for one socket. Refused before it is accepted: the browser then asks over HTTP why. After
    `lasts` seconds, and when `may_stay` no longer says so, it is closed, and the browser comes again."""
    await receive()  # websocket.connect
    admitted = await access(scope)
    if admitted is None:
        counters.refused_sockets += 1
        reconnect_storms.moved()
        await send({"type": "websocket.close"})
        return
    await send({"type": "websocket.accept"})
    socket = Socket(*admitted, send, time.monotonic() + lasts)
    here = hub()
    here.join(socket)
    counters.socket_opened(socket.audience)
    watch = asyncio.create_task(_watch(socket, scope, may_stay)) if may_stay else None
    try:
        await _listen(socket, receive)
    finally:
        if watch is not None:
            watch.cancel()
        counters.socket_closed(socket.audience)
        socket.end()
        await here.leave(socket)


async def _watch(socket: Socket, scope: Scope, may_stay: MayStay) -> None:
    while True:
        # At the same instants for all, so that one question is asked for all.
        await asyncio.sleep(STAFF_ASKED_EVERY - time.time() % STAFF_ASKED_EVERY)
        try:
            stays = await may_stay(scope)
        except Exception as error:  # noqa: BLE001 - while the database is away nobody is sent away
            logger.warning("Whether a socket may stay is not known (%s: %s).", type(error).__name__, error)
            continue
        if not stays:
            await socket.close(CLOSE_COME_AGAIN)
            return


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


def _confirmation(message: AsgiMessage) -> str | None:
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
