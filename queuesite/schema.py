"""Whether the database has the schema that this build expects."""

from django.db import connection
from django.db.migrations.executor import MigrationExecutor

_seen_current = False
"""Kept once true: nothing takes a migration back under a running server. Threads that ask at once find the same."""


def is_current() -> bool:
    """Whether every migration of this build is applied; a newer build's may be, too. Raises DatabaseError."""
    executor = MigrationExecutor(connection)
    return not executor.migration_plan(executor.loader.graph.leaf_nodes())


def has_been_current() -> bool:
    """The same, but asks the database no more once it was. Raises DatabaseError."""
    global _seen_current  # noqa: PLW0603 - one for the process
    _seen_current = _seen_current or is_current()
    return _seen_current
