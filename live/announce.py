"""The only sender of change notices: after a commit, that a topic has changed. The revision poll finds that out anyway,
a second later."""

import logging
import time

from asgiref.sync import async_to_sync
from channels.layers import InMemoryChannelLayer, get_channel_layer

from live.counters import counters

logger = logging.getLogger(__name__)

PAUSE = 2.0
"""Seconds without another try after one has failed."""


class Breaker:
    """A circuit breaker. Closed: notices go out. Open: for PAUSE seconds after a failure nobody waits for the layer."""

    def __init__(self) -> None:
        self._closed_from = 0.0

    @property
    def is_open(self) -> bool:
        return time.monotonic() < self._closed_from

    def trip(self) -> None:
        self._closed_from = time.monotonic() + PAUSE


breaker = Breaker()


def announce(topic: str) -> None:
    """Tell every server process that `topic` has changed. Never raises, and takes no longer than `live.redis_layer`
    allows. Call it after the commit."""
    if breaker.is_open:
        counters.notice_withheld()
        return
    began = time.monotonic()
    try:
        send_change_notice(topic)
        counters.notice_sent(time.monotonic() - began)
    except Exception as error:  # noqa: BLE001 - whatever the layer does, the press stands
        breaker.trip()
        counters.notice_failed()
        logger.warning(
            "No change notice for %s (%s: %s); the revision poll takes over.", topic, type(error).__name__, error
        )


def send_change_notice(topic: str) -> None:
    """Send it, from a thread that runs no event loop. Raises whatever the layer raises."""
    layer = get_channel_layer()
    # The type keeps its word: during an upgrade servers of two releases hear each other.
    message = {"type": "live.hint", "topic": topic}
    if isinstance(layer, InMemoryChannelLayer):
        # Its queues belong to the server's own loop.
        async_to_sync(layer.group_send)(topic, message)
    else:
        layer.publish(topic, message)
