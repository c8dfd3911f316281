"""How Django reaches the database."""

import sqlite3
from pathlib import Path
from typing import Any

import dj_database_url
from django.core.exceptions import ImproperlyConfigured

POOL_TIMEOUT = 3
"""Seconds a request waits for a connection, so that whoever presses while the database is away soon reads about it."""
POOL = {"min_size": 1, "max_size": 20, "timeout": POOL_TIMEOUT, "reconnect_timeout": POOL_TIMEOUT - 1}
"""After each failed try to connect, psycopg's pool doubles its pause, up to five minutes, and every request waits for
that one try. Here it gives up before the next request asks, which then tries at once: the pages come back a few seconds
after the database does, however long it was away."""
PREPARED = {"server_side_binding": True, "prepare_threshold": 5}
"""PostgreSQL no longer parses and plans a statement that a connection has sent often: half of what a press costs it. A
rollback, such as a refusal's, makes psycopg forget what it has prepared on the connection."""
LOCK_TIMEOUT = 8
"""Seconds, fewer than a page waits for its answer."""
LOCKS = {"options": f"-c lock_timeout={LOCK_TIMEOUT}s"}
"""A press that waits for a branch's lock holds a connection. Should the press that has the lock not end (its commit may
wait for a standby that is gone), the others give up before their pages do, and leave connections for pages that only
read."""
OLDEST_SQLITE = (3, 35)
"""The first one that knows RETURNING; Debian has a later one since 12, Ubuntu since 22.04."""
CONNECT_TIMEOUT = 2
"""Seconds for each host in the address: one that is switched off doesn't refuse a connection, it is silent."""


def database(url: str, *, var: Path) -> dict[str, Any]:
    """An entry of Django's DATABASES. What a PostgreSQL address says after its `?` (sslmode, several hosts,
    target_session_attrs …) goes to libpq as it stands. Raises ImproperlyConfigured."""
    found: dict[str, Any] = dict(dj_database_url.parse(url))
    if found["ENGINE"] == "django.db.backends.sqlite3":
        if sqlite3.sqlite_version_info < OLDEST_SQLITE:
            raise ImproperlyConfigured(f"SQLite {sqlite3.sqlite_version} is too old: it must be 3.35 or later.")
        Path(found["NAME"]).parent.mkdir(parents=True, exist_ok=True)
        found["OPTIONS"] = {
            "transaction_mode": "IMMEDIATE",
            "timeout": LOCK_TIMEOUT,
            "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL;",
        }
        # Threads of one test see each other's rows only in a file, not in memory.
        found["TEST"] = {"NAME": str(var / "test.sqlite3")}
        return found
    # After a restart of the database every connection in the pool is dead: each is tried before it is handed out.
    found["CONN_HEALTH_CHECKS"] = True
    found["OPTIONS"] = {
        "connect_timeout": CONNECT_TIMEOUT,
        **PREPARED,
        **LOCKS,
        **found.get("OPTIONS", {}),
        "pool": POOL,
    }
    return found
