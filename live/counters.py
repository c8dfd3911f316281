"""What the relay counts of itself, in plain numbers. A monitor reads them; the relay knows none."""

from bisect import bisect_left
from collections import Counter
from dataclasses import dataclass, field
from threading import Lock

BOUNDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.2, 0.3, 0.6)
"""Seconds. A change notice is given up after the last one."""


@dataclass(slots=True)
class Durations:
    """How many took at most each of BOUNDS, the last place being for longer ones; `seconds` is all of them together."""

    within: list[int] = field(default_factory=lambda: [0] * (len(BOUNDS) + 1))
    seconds: float = 0.0

    def add(self, seconds: float) -> None:
        self.within[bisect_left(BOUNDS, seconds)] += 1
        self.seconds += seconds


@dataclass(slots=True)
class Counters:
    """Since this process began. Change notices are counted in any thread, under a lock; the rest on the hub's loop."""

    frames: int = 0
    heartbeats: int = 0
    sockets: Counter[str] = field(default_factory=Counter)  # now, by kind of audience
    refused_sockets: int = 0
    notices_failed: int = 0
    notices_withheld: int = 0  # not tried, the breaker being open
    notices: Durations = field(default_factory=Durations)
    _lock: Lock = field(default_factory=Lock)

    def notice_sent(self, seconds: float) -> None:
        with self._lock:
            self.notices.add(seconds)

    def notice_failed(self) -> None:
        with self._lock:
            self.notices_failed += 1

    def notice_withheld(self) -> None:
        with self._lock:
            self.notices_withheld += 1

    def socket_opened(self, audience: object) -> None:
        self.sockets[_kind(audience)] += 1

    def socket_closed(self, audience: object) -> None:
        self.sockets[_kind(audience)] -= 1


def _kind(audience: object) -> str:
    return type(audience).__name__.removesuffix("Audience").lower()


counters = Counters()
