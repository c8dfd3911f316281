"""The one clock. Everything in `queues` and above asks it, so that tests and the import of history can set it."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta


@dataclass(slots=True)
class _Clock:
    set_to: datetime | None = None


_clock = _Clock()


def now() -> datetime:
    """The present instant, in UTC."""
    return _clock.set_to or datetime.now(UTC)


def whole_minutes(since: datetime, until: datetime) -> int:
    """Minutes from one instant to another as people count a wait: rounded down, never negative."""
    return max(0, (until - since) // timedelta(minutes=1))


@contextmanager
def standing_at(instant: datetime) -> Iterator[None]:
    """Let the whole process believe that it is `instant`. For tests and imports, never while serving."""
    before, _clock.set_to = _clock.set_to, instant
    try:
        yield
    finally:
        _clock.set_to = before
