"""Reading times from PostgreSQL.

psycopg takes them apart with a regular expression, some ten microseconds for each, and a line of thousands has several
in every row. Python reads the usual form, which is ISO 8601, thirty times as fast. The plain way is Django's loader.
"""

from datetime import UTC, datetime
from typing import Any

from django.db.backends.postgresql.psycopg_any import BaseTzLoader, get_adapters_template
from psycopg.abc import Buffer
from psycopg.pq import Format

IN_UTC = b"+00"
SAMPLE = b"2026-03-02 10:00:00.123456+00"
TIMESTAMPTZ = 1184
"""PostgreSQL's number of the type."""


class TimeLoader(BaseTzLoader):  # type: ignore[misc]  # psycopg is optional to Django, which has no types of it
    """Whatever isn't in UTC, or no date of Python's, is left to Django's own."""

    timezone = UTC

    def load(self, data: Buffer) -> datetime:
        text = bytes(data)
        if text.endswith(IN_UTC):
            try:
                return datetime.fromisoformat(text.decode("ascii"))
            except ValueError:
                pass
        found: datetime = super().load(data)
        return found


def self_test() -> None:
    """Django reads times by a subclass of its BaseTzLoader, and to the same instants. Raises when it doesn't."""
    own = _adapters().get_loader(TIMESTAMPTZ, Format.TEXT)
    if not issubclass(own, BaseTzLoader):
        raise TypeError(f"Django reads times by {own.__qualname__}")
    loader = TimeLoader(TIMESTAMPTZ, None)
    if loader.load(SAMPLE) != BaseTzLoader.load(loader, SAMPLE):
        raise ValueError("Django reads another time")


def enable() -> None:
    """On every connection that Django opens from now on."""
    _adapters().register_loader("timestamptz", TimeLoader)


def _adapters() -> Any:
    """What Django gives each connection; it makes them once."""
    return get_adapters_template(True, UTC)  # noqa: FBT003 - Django's signature
