"""The only sender: after a commit, a hint that a topic has moved. The pulse finds out anyway, a second later."""

import asyncio
import logging
import threading
import time
from functools import cache

from asgiref.sync import async_to_sync
from channels.layers import InMemoryChannelLayer, get_channel_layer

from live.counters import counters

logger = logging.getLogger(__name__)

LIMIT = 0.3
"""Seconds a press may lose to a channel layer that doesn't answer."""
PAUSE = 2.0
"""Seconds without another try after one has failed."""


class Breaker:
    """Closed: hints go out. Open: for PAUSE seconds after a failure nobody waits for the layer again."""

    def __init__(self) -> None:
        self._closed_from = 0.0

    @property
    def is_open(self) -> bool:
        return time.monotonic() < self._closed_from

    def trip(self) -> None:
        self._closed_from = time.monotonic() + PAUSE


breaker = Breaker()


def announce(topic: str) -> None:
    """Hint that `topic` has moved. Never raises, takes LIMIT at most, or twice as long where the layer doesn't let go;
    call it after the commit."""
    if breaker.is_open:
        counters.hint_withheld()
        return
    began = time.monotonic()
    try:
        _send(topic)
        counters.hint_sent(time.monotonic() - began)
    except Exception as error:  # noqa: BLE001 - whatever the layer does, the press stands
        breaker.trip()
        counters.hint_failed()
        logger.warning("No hint for %s (%s: %s); the pulse takes over.", topic, type(error).__name__, error)


async def hint(topic: str) -> None:
    """Send the hint. Raises TimeoutError after LIMIT seconds, and whatever the layer raises."""
    async with asyncio.timeout(LIMIT):
        await get_channel_layer().group_send(topic, {"type": "live.hint", "topic": topic})


def _send(topic: str) -> None:
    """Hint from this thread, and wait for it. Raises as `hint`."""
    if isinstance(get_channel_layer(), InMemoryChannelLayer):
        # Its queues belong to the server's own loop.
        async_to_sync(hint)(topic)
        return
    sending = asyncio.run_coroutine_threadsafe(hint(topic), _loop())
    try:
        # Redis's client now and then loses the cancellation by which a hint ends, and goes on for its own five seconds.
        sending.result(2 * LIMIT)
    except TimeoutError:
        sending.cancel()  # again: whoever sends the next hint waits for the same lock
        raise


@cache
def _loop() -> asyncio.AbstractEventLoop:
    """A loop for hints alone: they wait for no server that is busy handing out frames, and a process without a loop
    opens no new one, with a new connection, for each of them."""
    loop = asyncio.new_event_loop()
    threading.Thread(target=loop.run_forever, name="hints", daemon=True).start()
    return loop
