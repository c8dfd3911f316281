"""Screens as live.js keeps them: displays, desks and phones that confirm, notice silence, and come back."""

import asyncio
import json
import random
import time
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import WebSocketException

from tests.kit.servers import HERE

STALE_AFTER = 4.2
ASK_EVERY = 3.0
FIRST_RETRY, LAST_RETRY = 0.5, 15.0
CONFIRM_BEATS = 3
OPENS_WITHIN = 60.0
"""As in static/js/live-decisions.js; seconds."""

Ask = Callable[[str], Awaitable[str | None]]
"""GET this path: its text, or None when there is no answer to use."""


class Screen:
    """One page that is kept fresh. `shown` is its last frame, `heard` when it last knew that this was the truth."""

    def __init__(self, name: str, port: int, socket: str, headers: Mapping[str, str]) -> None:
        self.name = name
        self.shown: dict[str, Any] = {}
        self.heard = 0.0
        self.build = ""
        self.trouble = ""
        """Why its last socket ended."""
        self._address = f"ws://{HERE}:{port}{socket}"
        self._headers = dict(headers)
        self._socket: ClientConnection | None = None
        self._retries = 0
        self._beats = 0
        self._changed = asyncio.Condition()

    @property
    def is_up(self) -> bool:
        return self._socket is not None

    async def follow(self) -> None:
        """Listen for ever, through every kind of close."""
        while True:
            try:
                await self._listen()
                self.trouble = "was closed"
            except (OSError, WebSocketException, TimeoutError) as error:
                self.trouble = f"{type(error).__name__}: {error}"
            # Seeded numbers would be of no use here: what happens when is the machine's choice.
            jitter = 0.5 + random.random()  # noqa: S311 - no secret
            await asyncio.sleep(min(LAST_RETRY, FIRST_RETRY * 2**self._retries) * jitter)
            self._retries += 1

    async def load(self, path: str, ask: Ask) -> None:
        """What the page itself shows, before there is a socket."""
        text = await ask(path)
        if text is not None:
            await self._apply(json.loads(text))

    async def watch(self, path: str, ask: Ask) -> None:
        """For ever: where nothing has come for a while, reconnect, and meanwhile ask over HTTP."""
        while True:
            await asyncio.sleep(ASK_EVERY)
            silent = time.monotonic() - self.heard > STALE_AFTER
            if self.is_up and not silent:
                continue
            if silent:
                self.drop()
            await self.load(path, ask)

    def drop(self) -> None:
        """As when the cable is pulled: without a word of goodbye."""
        if self._socket is not None:
            self._socket.transport.abort()

    async def _listen(self) -> None:
        options: dict[str, Any] = {"compression": None, "ping_interval": None, "max_queue": None, "proxy": None}
        socket = await connect(self._address, additional_headers=self._headers, open_timeout=OPENS_WITHIN, **options)
        self._socket = socket
        try:
            async for text in socket:
                self._retries = 0
                frame = json.loads(text)
                self._beats = 0 if "html" in frame else self._beats + 1
                if self._beats % CONFIRM_BEATS == 0:
                    await socket.send(json.dumps({"key": frame["key"]}))
                await self._apply(frame)
        finally:
            self._socket = None
            socket.transport.abort()

    async def until(self, holds: Callable[[Mapping[str, Any]], bool]) -> None:
        """Return when the frame that is shown is such a one."""
        async with self._changed:
            await self._changed.wait_for(lambda: holds(self.shown))

    async def _apply(self, frame: dict[str, Any]) -> None:
        self.heard = time.monotonic()
        self.build = frame["build"]
        if "html" in frame:
            async with self._changed:
                self.shown = frame
                self._changed.notify_all()
