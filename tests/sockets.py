"""A browser's socket without a browser: on this process's routes, with a real hub behind it."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager, suppress
from functools import wraps
from typing import Any, ParamSpec

from asgiref.sync import async_to_sync
from channels.db import database_sync_to_async
from channels.testing import WebsocketCommunicator
from django.conf import settings
from django.test import Client

from accounts.models import User
from queuesite.routing import application
from tests.waiting import eventually_here

P = ParamSpec("P")
Frame = dict[str, Any]
STAMP = ("rev", "at", "build", "key")


class Refused(Exception):  # noqa: N818 - the server's answer, not a fault
    """The socket was not let in."""


class Listening:
    """What a connected browser has been sent so far: `frames` with a view, and `beats` without. It confirms each one
    unless it is one that doesn't read."""

    def __init__(self, communicator: WebsocketCommunicator, *, reads: bool) -> None:
        self.frames: list[Frame] = []
        self.beats: list[Frame] = []
        self.closed_with: int | None = None
        self._communicator = communicator
        self._reads = reads

    @property
    def last(self) -> Frame:
        return self.frames[-1]

    @property
    def shown(self) -> Frame:
        """The last frame's body, without what says when it was read."""
        return {name: value for name, value in self.last.items() if name not in STAMP}

    async def say(self, text: str) -> None:
        await self._communicator.send_to(text_data=text)

    async def until(self, holds: Callable[["Listening"], bool], *, what: str, within: float = 10.0) -> None:
        """Go on as soon as `holds(self)`."""
        await eventually_here(lambda: holds(self), what=what, within=within)

    async def listen(self) -> None:
        while True:
            message = await self._communicator.output_queue.get()
            if message["type"] == "websocket.close":
                self.closed_with = message.get("code", 1000)
                return
            said = json.loads(message["text"])
            (self.frames if "html" in said else self.beats).append(said)
            if self._reads:
                await self.say(json.dumps({"key": said["key"]}))


@asynccontextmanager
async def connected(path: str, user: User | None = None, *, reads: bool = True) -> AsyncIterator[Listening]:
    """A connected socket that has had its first frame. Raises Refused."""
    headers = [(b"cookie", await _session_cookie(user))] if user else []
    communicator = WebsocketCommunicator(application, path, headers=headers)
    accepted, _code = await communicator.connect(timeout=5)
    if not accepted:
        await communicator.wait()
        raise Refused(path)
    listening = Listening(communicator, reads=reads)
    listener = asyncio.create_task(listening.listen())
    try:
        await listening.until(lambda one: bool(one.frames), what=f"a first frame on {path}")
        yield listening
    finally:
        listener.cancel()
        with suppress(asyncio.CancelledError):
            await listener
        await communicator.disconnect()


def on_a_loop(test: Callable[P, Coroutine[Any, Any, None]]) -> Callable[P, None]:
    """Run an async test. What it hands to `database_sync_to_async` runs in the test's own thread."""

    @wraps(test)
    def run(*args: P.args, **kwargs: P.kwargs) -> None:
        async_to_sync(test)(*args, **kwargs)

    return run


@database_sync_to_async  # type: ignore[untyped-decorator]  # channels ships no types
def _session_cookie(user: User) -> bytes:
    client = Client()
    client.force_login(user)
    return f"{settings.SESSION_COOKIE_NAME}={client.cookies[settings.SESSION_COOKIE_NAME].value}".encode()
