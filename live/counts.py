"""Counts of what was done lately, which all server processes share: in Redis where there is one, else in memory."""

import threading
import time
from collections.abc import Mapping
from functools import cache
from typing import Protocol

from channels.layers import get_channel_layer

from live.announce import breaker
from live.redis_layer import RedisLayer

COUNT = """
if not redis.call('SET', KEYS[1], 1, 'NX', 'EX', ARGV[1]) then return 0 end
for i = 2, #KEYS do
  local count = redis.call('INCR', KEYS[i])
  if count == 1 then redis.call('EXPIRE', KEYS[i], ARGV[1]) end
  if count > tonumber(ARGV[i]) then
    redis.call('DEL', KEYS[1])
    return 1
  end
end
return 0
"""
"""The same as ProcessCounts.is_too_much, in one way there and back."""


class Counts(Protocol):
    def is_too_much(self, once: str, most: Mapping[str, int], *, seconds: int) -> bool:
        """Count something under each of these names, for so many seconds from its first time on; whether that is more
        than one of them may have. What has been counted, by its own name, isn't counted again, and never too much; what
        is too much may be asked for again. Raises whatever Redis's client raises."""


class ProcessCounts:
    """For the embedded default, which has one server process."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._counts: dict[str, tuple[int, float]] = {}

    def is_too_much(self, once: str, most: Mapping[str, int], *, seconds: int) -> bool:
        now = time.monotonic()
        with self._lock:
            self._counts = {name: (count, until) for name, (count, until) in self._counts.items() if until > now}
            if once in self._counts:
                return False
            for name, limit in most.items():
                count, until = self._counts.get(name, (0, now + seconds))
                self._counts[name] = count + 1, until
                if count >= limit:
                    return True
            self._counts[once] = 1, now + seconds
            return False


class RedisCounts:
    def __init__(self, layer: RedisLayer) -> None:
        self._layer = layer

    def is_too_much(self, once: str, most: Mapping[str, int], *, seconds: int) -> bool:
        """Never too much, at no cost, while change notices are withheld: Redis doesn't answer."""
        if breaker.is_open:
            return False
        try:
            return bool(self._layer.run(COUNT, [once, *most], [seconds, *most.values()]))
        except Exception:
            breaker.trip()
            raise


@cache
def counts() -> Counts:
    """Those of this process's server."""
    layer = get_channel_layer()
    return RedisCounts(layer) if isinstance(layer, RedisLayer) else ProcessCounts()
