"""Redis's pub/sub as the channel layer, with a short way in for presses.

Through the layer's coroutines a press wakes another thread's event loop and waits for it: 0.85 ms of processor for a
hint that costs 0.05 (docs/performance.md).
"""

from collections import deque
from collections.abc import Collection, Mapping
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any

from channels_redis.pubsub import RedisPubSubChannelLayer
from redis import ConnectionPool, RedisError

LIMIT = 0.3
"""Seconds a press may lose to a Redis that doesn't answer, and as long again where none is connected."""


class PromptLayer(RedisPubSubChannelLayer):  # type: ignore[misc]  # channels-redis ships no types
    """The layer of one Redis; `hosts` as channels-redis has them."""

    def __init__(self, *, hosts: Collection[Mapping[str, Any]], prefix: str) -> None:
        super().__init__(hosts=hosts, prefix=prefix)
        (host,) = hosts
        self._prefix = prefix
        # Nothing is said first but what the address asks for: each word is a way there and back, and the wire may be
        # slow.
        as_named = ConnectionPool.from_url(
            host["address"], protocol=2, driver_info=None, socket_timeout=LIMIT, socket_connect_timeout=LIMIT
        )
        self._new = partial(as_named.connection_class, **as_named.connection_kwargs)
        self._idle: deque[Any] = deque()  # of redis-py's connections, whose methods have no types
        self._opening = ThreadPoolExecutor(max_workers=1, thread_name_prefix="redis")

    def publish(self, group: str, message: Mapping[str, Any]) -> None:
        """As `group_send`, for a thread without an event loop. Raises TimeoutError, OSError or RedisError, within twice
        LIMIT."""
        connection = self._connected()
        # One that fails is given back no more, and its end closes it.
        connection.send_command("PUBLISH", f"{self._prefix}__group__{group}", self.serialize(message))
        connection.read_response()
        self._idle.append(connection)

    def _connected(self) -> Any:
        while self._idle:
            connection = self._idle.pop()
            if _is_open(connection):
                return connection
        opening = self._opening.submit(self._open)
        try:
            return opening.result(LIMIT)
        finally:
            opening.cancel()

    def _open(self) -> Any:
        """On a thread of its own: looking up the host's name knows no limit."""
        connection: Any = self._new()
        connection.connect()
        return connection


def _is_open(connection: Any) -> bool:
    """Nothing was asked of it: all that it can have to say is that Redis has hung up."""
    try:
        return not connection.can_read()
    except (RedisError, OSError):
        return False
