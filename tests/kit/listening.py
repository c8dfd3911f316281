"""A socket whose every message is kept, so that a test may ask what it was last sent and how often."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager, suppress
from functools import wraps
from typing import Any, ParamSpec

from asgiref.sync import async_to_sync, sync_to_async
from channels.testing import WebsocketCommunicator

from accounts.models import User
from queuesite.routing import application
from tests.kit.sockets import Refused, session_cookie
from tests.kit.waiting import eventually_here

P = ParamSpec("P")
Frame = dict[str, Any]
STAMP = ("rev", "at", "build", "key")


class Listening:
    """What a connected browser has been sent: `frames` with a view, `heartbeats` without. It confirms each of them."""

    def __init__(self, communicator: WebsocketCommunicator) -> None:
        self.frames: list[Frame] = []
        self.heartbeats: list[Frame] = []
        self._communicator = communicator

    @property
    def last(self) -> Frame:
        return self.frames[-1]

    @property
    def shown(self) -> Frame:
        """The last frame's body, without what says when it was read."""
        return {name: value for name, value in self.last.items() if name not in STAMP}

    async def until(self, holds: Callable[["Listening"], bool], *, what: str, within: float = 10.0) -> None:
        """Go on as soon as `holds(self)`."""
        await eventually_here(lambda: holds(self), what=what, within=within)

    async def listen(self) -> None:
        while True:
            message = await self._communicator.output_queue.get()
            assert message["type"] == "websocket.send", message
            said = json.loads(message["text"])
            (self.frames if "html" in said else self.heartbeats).append(said)
            await self._communicator.send_to(text_data=json.dumps({"key": said["key"]}))


@asynccontextmanager
async def listening(path: str, user: User | None = None) -> AsyncIterator[Listening]:
    """A socket that has had its first frame. Raises Refused."""
    headers = [(b"cookie", (await sync_to_async(session_cookie)(user)).encode())] if user else []
    communicator = WebsocketCommunicator(application, path, headers=headers)
    accepted, _code = await communicator.connect(timeout=5)
    if not accepted:
        await communicator.wait()
        raise Refused(path)
    here = Listening(communicator)
    listener = asyncio.create_task(here.listen())
    try:
        await here.until(lambda one: bool(one.frames), what=f"a first frame on {path}")
        yield here
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
