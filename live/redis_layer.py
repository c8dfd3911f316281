"""Redis's pub/sub as the channel layer, with a fast path for the change notices of presses.

channels-redis keeps a connection for each event loop, so a thread that has none would open one for each notice. The
fast path publishes on connections that are kept, by redis-py's own client, to the channel that the layer subscribes to
for a group: how channels-redis names that is its own affair (docs/upgrading.md).
"""

import asyncio
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from threading import Lock
from typing import TYPE_CHECKING, Any

from channels_redis.pubsub import RedisPubSubChannelLayer, RedisPubSubLoopLayer
from redis import ConnectionPool, Redis, RedisError
from redis.backoff import NoBackoff
from redis.connection import AbstractConnection, Connection, parse_url
from redis.retry import Retry

from live.time_limit import within

LIMIT = 0.3
"""Seconds that a press may lose to a Redis that doesn't answer, and as long again where no connection is open."""
AS_FAST_AS_CAN_BE = {
    "socket_timeout": LIMIT,
    "socket_connect_timeout": LIMIT,
    "retry": Retry(NoBackoff(), 0),
    # Each of these would be a way there and back before the notice.
    "protocol": 2,
    "driver_info": None,
    "health_check_interval": 0,
    "max_connections": 1000,  # more than a server has threads: none waits for another's
}
"""Whatever the address wishes in its query."""


if TYPE_CHECKING:
    OfRedis = AbstractConnection
else:
    OfRedis = object  # RedisLayer puts the kind that the address asks for (TCP, TLS, a socket's file) beside it


class LimitedConnection(OfRedis):
    """A connection that opens within LIMIT, the lookup of its host's name included, or else goes on opening for the
    next press. An open one knows limits by itself, and spares the press another thread."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self._opening = Lock()

    def connect(self) -> None:
        if not self.is_connected:
            within(LIMIT, self._open_once)

    def _open_once(self) -> None:
        with self._opening:
            super().connect()  # type: ignore[no-untyped-call]  # redis-py's


@dataclass(slots=True)
class Switch:
    is_on: bool = False


switch = Switch()


def enable() -> None:
    """Take the fast path from now on."""
    switch.is_on = True


def self_test() -> None:
    """Raises RuntimeError when the layer would not hear what the fast path publishes."""
    prefix, group, message = "prefix", "group", {"type": "self.test"}
    layer = RedisLayer(hosts=[{"address": "redis://127.0.0.1"}], prefix=prefix)
    heard_at = RedisPubSubLoopLayer(prefix=prefix)._get_group_channel_name(group)  # noqa: SLF001 - what is tested
    if heard_at != _channel(prefix, group):
        raise RuntimeError(f"channels-redis hears a group at {heard_at!r}, not at {_channel(prefix, group)!r}")
    if layer.deserialize(layer.serialize(message)) != message:
        raise RuntimeError("channels-redis reads another message than it writes")


class RedisLayer(RedisPubSubChannelLayer):  # type: ignore[misc]  # channels-redis ships no types
    """The layer of one Redis. `hosts` is one mapping, as channels-redis has it, with an `address`."""

    def __init__(self, *, hosts: Collection[Mapping[str, Any]], prefix: str) -> None:
        super().__init__(hosts=hosts, prefix=prefix)
        (host,) = hosts
        self._prefix = prefix
        options = {**parse_url(host["address"]), **AS_FAST_AS_CAN_BE}  # type: ignore[no-untyped-call]  # redis-py's
        kind = type("Limited", (LimitedConnection, options.pop("connection_class", Connection)), {})
        self._client = Redis(connection_pool=ConnectionPool(connection_class=kind, **options))

    def publish(self, group: str, message: Mapping[str, Any]) -> None:
        """As `group_send`, for a thread without an event loop. Raises TimeoutError, OSError or RedisError, within twice
        LIMIT."""
        if switch.is_on:
            self._publish(group, message)
        else:
            within(2 * LIMIT, partial(self._group_send, group, message))

    def run(self, script: str, names: Sequence[str], values: Sequence[int]) -> Any:
        """What a script answers that Redis runs on these names, each with the layer's prefix before it. Raises as
        `publish`."""
        keys = [f"{self._prefix}/{name}" for name in names]
        return self._ask(lambda: self._client.eval(script, len(keys), *keys, *map(str, values)))

    def _publish(self, group: str, message: Mapping[str, Any]) -> None:
        self._ask(lambda: self._client.publish(_channel(self._prefix, group), self.serialize(message)))

    def _ask(self, command: Callable[[], Any]) -> Any:
        try:
            return command()
        except (RedisError, OSError):
            # What is wrong with one connection is wrong with all.
            self._client.connection_pool.disconnect(inuse_connections=False)
            raise

    def _group_send(self, group: str, message: Mapping[str, Any]) -> None:
        async def send() -> None:
            async with asyncio.timeout(LIMIT):
                await self.group_send(group, message)

        asyncio.run(send())


def _channel(prefix: str, group: str) -> str:
    return f"{prefix}__group__{group}"
