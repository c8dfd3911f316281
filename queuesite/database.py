"""How Django reaches the database."""

from pathlib import Path
from typing import Any

import dj_database_url

PATIENCE = 3
"""Seconds a request waits for a connection. Whoever presses while the database is away is told so before long."""
POOL = {"min_size": 1, "max_size": 20, "timeout": PATIENCE, "reconnect_timeout": PATIENCE - 1}
"""psycopg's pool doubles the pause after each vain try to connect, up to five minutes, and whoever asks meanwhile waits
for that one try; it gives up here before the next request asks, which then tries at once. So the pages come back a few
seconds after the database does, however long it was away."""
PREPARED = {"server_side_binding": True, "prepare_threshold": 5}
"""The server plans a statement once for each connection, from its fifth time on: half of what a press costs it."""
CONNECT_WITHIN = 2
"""Seconds for each of the hosts in the address: one that is switched off refuses nothing, it is silent."""


def database(url: str, *, var: Path) -> dict[str, Any]:
    """An entry of Django's DATABASES. What a PostgreSQL address says after its `?` (sslmode, several hosts,
    target_session_attrs …) goes to libpq as it stands."""
    found: dict[str, Any] = dict(dj_database_url.parse(url))
    if found["ENGINE"] == "django.db.backends.sqlite3":
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
        "server_side_binding": True,
        "prepare_threshold": 5,
        **found.get("OPTIONS", {}),
        "pool": POOL,
    }
    return found
