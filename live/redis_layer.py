"""Redis's pub/sub as the channel layer, with a short way in for presses.

Through the layer's coroutines a press wakes another thread's event loop and waits for it, which costs four times as
much as the hint (docs/performance.md).
"""

from collections import deque
from collections.abc import Collection, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from functools import partial
from typing import Any

from channels_redis.pubsub import RedisPubSubChannelLayer
from redis import Connection, RedisError
from redis.connection import parse_url

LIMIT = 0.3
"""Seconds a press may lose to a Redis that doesn't answer, and as long again where no connection is open."""
OPENERS = 4
"""Threads that open connections."""
AS_FAST_AS_CAN_BE = {
    "socket_timeout": LIMIT,
    "socket_connect_timeout": LIMIT,
    # Each of these would be a way there and back before the hint.
    "protocol": 2,
    "driver_info": None,
    "health_check_interval": 0,
}
"""Whatever the address wishes in its query."""


class RedisLayer(RedisPubSubChannelLayer):  # type: ignore[misc]  # channels-redis ships no types
    """The layer of one Redis. `hosts` is one mapping, as channels-redis has it, with an `address`."""

    def __init__(self, *, hosts: Collection[Mapping[str, Any]], prefix: str) -> None:
        super().__init__(hosts=hosts, prefix=prefix)
        (host,) = hosts
        self._prefix = prefix
        options = {**parse_url(host["address"]), **AS_FAST_AS_CAN_BE}  # type: ignore[no-untyped-call]  # redis-py's
        options.pop("max_connections", None)  # a pool's
        self._new = partial(options.pop("connection_class", Connection), **options)
        self._idle: deque[Any] = deque()  # of redis-py's connections, whose methods have no types
        self._opening = ThreadPoolExecutor(OPENERS, thread_name_prefix="redis")

    def publish(self, group: str, message: Mapping[str, Any]) -> None:
        """As `group_send`, for a thread without an event loop. Raises TimeoutError, OSError or RedisError, within twice
        LIMIT."""
        connection = self._connected()
        try:
            connection.send_command("PUBLISH", f"{self._prefix}__group__{group}", self.serialize(message))
            connection.read_response()
        except (RedisError, OSError):
            # What is wrong with one is wrong with all; those that are dropped close when they are freed.
            self._idle.clear()
            raise
        self._idle.append(connection)

    def _connected(self) -> Any:
        with suppress(IndexError):
            while True:
                connection = self._idle.pop()
                if _is_open(connection):
                    return connection
        opening = self._opening.submit(self._open)
        try:
            return opening.result(LIMIT)
        except TimeoutError:
            if not opening.cancel():
                opening.add_done_callback(self._keep)  # late, but there for the next press
            raise

    def _open(self) -> Any:
        """On a thread of its own: looking up the host's name knows no limit."""
        connection: Any = self._new()
        connection.connect()
        return connection

    def _keep(self, opening: Future[Any]) -> None:
        if opening.exception() is None:
            self._idle.append(opening.result())


def _is_open(connection: Any) -> bool:
    """Nothing was asked of it: all that it can have to say is that Redis has hung up."""
    try:
        return not connection.can_read()
    except (RedisError, OSError):
        return False
