"""How Django reaches the database."""

import sqlite3
from pathlib import Path
from typing import Any

import dj_database_url
from django.core.exceptions import ImproperlyConfigured

PATIENCE = 3
"""Seconds a request waits for a connection. Whoever presses while the database is away is told so before long."""
POOL = {"min_size": 1, "max_size": 20, "timeout": PATIENCE, "reconnect_timeout": PATIENCE - 1}
"""psycopg's pool doubles the pause after each vain try to connect, up to five minutes, and whoever asks meanwhile waits
for that one try; it gives up here before the next request asks, which then tries at once. So the pages come back a few
seconds after the database does, however long it was away."""
PREPARED = {"server_side_binding": True, "prepare_threshold": 5}
"""A statement that a connection has asked often is parsed and planned no more: half of what a press costs PostgreSQL. A
rollback, such as a refusal's, makes psycopg forget what it has prepared on the connection."""
LOCKS = {"options": "-c lock_timeout=8s"}
"""Who waits for a branch's lock holds a connection. Should the press that has it not end (its commit may wait for a
standby that is gone), the others give up before their pages do, and leave connections to those who only look."""
LEAST_SQLITE = (3, 35)
"""The first one that knows RETURNING; Debian has a later one since 12, Ubuntu since 22.04."""
CONNECT_WITHIN = 2
"""Seconds for each of the hosts in the address: one that is switched off refuses nothing, it is silent."""


def database(url: str, *, var: Path) -> dict[str, Any]:
    """An entry of Django's DATABASES. What a PostgreSQL address says after its `?` (sslmode, several hosts,
    target_session_attrs …) goes to libpq as it stands. Raises ImproperlyConfigured."""
    found: dict[str, Any] = dict(dj_database_url.parse(url))
    if found["ENGINE"] == "django.db.backends.sqlite3":
        if sqlite3.sqlite_version_info < LEAST_SQLITE:
            raise ImproperlyConfigured(f"SQLite {sqlite3.sqlite_version} is too old: it must be 3.35 or later.")
        Path(found["NAME"]).parent.mkdir(parents=True, exist_ok=True)
        found["OPTIONS"] = {
            "transaction_mode": "IMMEDIATE",
            "timeout": 20,
            "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL;",
        }
        # Threads of one test see each other's rows only in a file, not in memory.
        found["TEST"] = {"NAME": str(var / "test.sqlite3")}
        return found
    # After a restart of the database every connection in the pool is dead: none is handed out unasked.
    found["CONN_HEALTH_CHECKS"] = True
    found["OPTIONS"] = {
        "connect_timeout": CONNECT_WITHIN,
        **PREPARED,
        **LOCKS,
        **found.get("OPTIONS", {}),
        "pool": POOL,
    }
    return found
