"""One cursor of the database for all that a request or a reading asks.

A new one finds out anew how each column is read: for a press's twenty statements, a fortieth of its thread's time.
"""

import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from django.db import DEFAULT_DB_ALIAS, connections
from django.db.backends.utils import CursorWrapper


class _Here(threading.local):
    """What one thread shares at present. `of` is the driver's connection to which `cursor` belongs."""

    shares = False
    cursor: CursorWrapper | None = None
    of: object = None


here = _Here()


@contextmanager
def one_cursor() -> Iterator[None]:
    """Meanwhile this thread gets the same cursor each time it asks for one. Inside another such frame it is part of
    that."""
    if here.shares:
        yield
        return
    here.shares = True
    try:
        yield
    finally:
        here.shares = False
        _close()


@contextmanager
def cursor() -> Iterator[CursorWrapper]:
    """A cursor of the default database, for one statement; all its rows are to be fetched before the next one."""
    connection = connections[DEFAULT_DB_ALIAS]
    if not here.shares:
        with connection.cursor() as own:
            yield own
        return
    if here.cursor is None or connection.connection is not here.of:
        _close()
        here.cursor = connection.cursor()
        here.of = connection.connection
    yield here.cursor


def _close() -> None:
    if here.cursor is not None:
        with suppress(Exception):  # the driver's own, where its connection has gone before it
            here.cursor.close()
        here.cursor = here.of = None
