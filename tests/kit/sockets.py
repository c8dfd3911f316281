"""A browser's socket to the whole application, without a browser and without a server."""

import asyncio
import json
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from asgiref.sync import sync_to_async
from channels.testing import WebsocketCommunicator
from django.conf import settings
from django.test import Client

from accounts.models import User
from queuesite.routing import application

SOON = 5.0


class Refused(Exception):  # noqa: N818 - a refusal is an answer, not a fault
    """The socket was not let in."""


class Connected:
    """What a page sees: it confirms everything it reads, as live.js does."""

    def __init__(self, communicator: WebsocketCommunicator) -> None:
        self._communicator = communicator

    async def frame(self, *, within: float = SOON) -> dict[str, Any]:
        """The next frame, passing over heartbeats. AssertionError when none comes, or the socket is closed."""
        return await self._next(html=True, within=within)

    async def heartbeat(self, *, within: float = SOON) -> dict[str, Any]:
        """The next heartbeat, passing over frames."""
        return await self._next(html=False, within=within)

    async def silent(self, *, for_seconds: float = 0.3) -> None:
        """Nothing new is shown for so long; heartbeats may come."""
        try:
            frame = await self._next(html=True, within=for_seconds)
        except TimeoutError:
            return
        raise AssertionError(f"Not silent: {frame}")

    async def closed(self, *, within: float = SOON) -> int:
        """The code with which the server closes the socket; what still comes before that is confirmed."""
        deadline = time.monotonic() + within
        while True:
            message = await self._message(deadline)
            if message["type"] == "websocket.close":
                return int(message.get("code") or 1000)
            await self._confirm(message)

    async def say(self, text: str) -> None:
        """Something else than a confirmation."""
        await self._communicator.send_to(text_data=text)

    async def _next(self, *, html: bool, within: float) -> dict[str, Any]:
        deadline = time.monotonic() + within
        while True:
            message = await self._message(deadline)
            assert message["type"] == "websocket.send", message
            said = await self._confirm(message)
            if ("html" in said) == html:
                return said

    async def _message(self, deadline: float) -> dict[str, Any]:
        """The communicator's own receiving ends the application when nothing comes in time; this leaves it alone."""
        application_ended = self._communicator.future
        queue = self._communicator.output_queue
        coming = asyncio.ensure_future(queue.get())
        try:
            await asyncio.wait(
                {coming, application_ended},
                timeout=max(0.0, deadline - time.monotonic()),
                return_when=asyncio.FIRST_COMPLETED,
            )
            if coming.done():
                message: dict[str, Any] = coming.result()
                return message
            if application_ended.done():
                application_ended.result()
                raise AssertionError("The application has ended.")
            raise TimeoutError
        finally:
            coming.cancel()

    async def _confirm(self, message: dict[str, Any]) -> dict[str, Any]:
        said: dict[str, Any] = json.loads(message["text"])
        await self._communicator.send_to(text_data=json.dumps({"key": said["key"]}))
        return said


@asynccontextmanager
async def connected(path: str, *, user: User | None = None, origin: str = "") -> AsyncIterator[Connected]:
    """A socket to this path, for a page of our own or of another `origin`, with this person signed in. Raises Refused.

    Use it inside `async_to_sync`, in a test with `django_db(transaction=True)`: the hub reads in threads of its own.
    """
    headers = [(b"origin", (origin or settings.PUBLIC_URL).encode())]
    if user is not None:
        headers.append((b"cookie", (await sync_to_async(session_cookie)(user)).encode()))
    communicator = WebsocketCommunicator(application, path, headers=headers)
    let_in, code = await communicator.connect(timeout=SOON)
    if not let_in:
        raise Refused(code)
    try:
        yield Connected(communicator)
    finally:
        await communicator.disconnect(timeout=SOON)


def session_cookie(user: User) -> str:
    """The Cookie header of somebody who has signed in."""
    client = Client()
    client.force_login(user)
    return f"{settings.SESSION_COOKIE_NAME}={client.cookies[settings.SESSION_COOKIE_NAME].value}"
