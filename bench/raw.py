"""The statements of issuing and of calling, in raw psycopg: what the database and its driver cost without the system.

They are kept the same as what `queues.actions` sends (as a capture of its queries shows), with only the columns that
matter written out; psycopg prepares them by itself.
"""

from datetime import UTC, datetime
from secrets import token_urlsafe

import psycopg

from queues.states import OPEN

BUMP = "UPDATE queues_branch SET revision = revision + 1 WHERE id = %s RETURNING *"
SERIES = (
    "SELECT n.id, n.last_serial, n.last_number, s.* FROM queues_numberseries n"
    " JOIN queues_service s ON s.id = n.service_id WHERE n.service_id = %s AND n.business_day = %s"
)
NEW_SERIES = (
    "INSERT INTO queues_numberseries (service_id, business_day, last_serial, last_number) VALUES (%s, %s, 0, 0)"
    " RETURNING id, last_serial, last_number"
)
IN_USE = "SELECT id FROM queues_ticket WHERE branch_id = %s AND shown = %s AND state = ANY(%s)"
WAITING_AND_DESKS = (
    "SELECT service_id, count(*), 0 FROM queues_ticket WHERE branch_id = %s AND business_day = %s"
    " AND (state = 'WAITING' OR state = 'HELD' AND callable_from <= %s) GROUP BY 1 UNION ALL"
    " SELECT s.service_id, 0, count(*) FROM queues_desk d LEFT JOIN queues_desk_services s ON d.id = s.desk_id"
    " WHERE d.branch_id = %s AND d.clerk_id IS NOT NULL AND d.paused_since IS NULL GROUP BY 1"
)
DRAW = (
    "INSERT INTO queues_ticket (branch_id, business_day, series_id, serial, shown, service_id, state, state_since,"
    " waiting_since, due_at, calls, language, token)"
    " VALUES (%s, %s, %s, %s, %s, %s, 'WAITING', %s, %s, %s, 0, 'en', %s) RETURNING id"
)
EVENT = (
    "INSERT INTO queues_ticketevent (ticket_id, from_state, to_state, action, service_id, desk_id, at, before)"
    " VALUES (%s, %s, %s, %s, %s, %s, %s, %s) RETURNING id"
)
KEEP = "UPDATE queues_numberseries SET last_serial = %s, last_number = %s WHERE id = %s"
DESK = "SELECT * FROM queues_desk d LEFT JOIN accounts_user u ON u.id = d.clerk_id WHERE d.id = %s"
AT_DESK = (
    "SELECT * FROM queues_ticket WHERE desk_id = %s AND state IN ('CALLED', 'SERVING') AND leader_id IS NULL LIMIT 1"
)
DUE = (
    "SELECT t.id, t.service_id, t.* FROM queues_ticket t JOIN queues_desk_services s ON s.service_id = t.service_id"
    " WHERE s.desk_id = %s"
    " AND t.business_day = %s AND t.state = 'WAITING' AND t.leader_id IS NULL ORDER BY t.due_at, t.id LIMIT 1"
)
CALL = (
    "UPDATE queues_ticket SET state = 'CALLED', state_since = %s, called_at = %s, calls = calls + 1, desk_id = %s,"
    " last_call = %s WHERE id = %s AND state = 'WAITING'"
)


class Raw:
    def __init__(self, address: str) -> None:
        self._connection = psycopg.connect(address)

    def issue(self, branch: int, service: int) -> None:
        now = datetime.now(UTC)
        day = now.date()
        with self._connection.transaction(), self._connection.cursor() as sql:
            sql.execute(BUMP, (branch,)).fetchone()
            found = sql.execute(SERIES, (service, day)).fetchone()
            series, serial, number = (found or sql.execute(NEW_SERIES, (service, day)).fetchone() or (0, 0, 0))[:3]
            shown = f"A{number + 1}"
            sql.execute(IN_USE, (branch, shown, list(OPEN))).fetchall()
            sql.execute(WAITING_AND_DESKS, (branch, day, now, branch)).fetchall()
            drawn = sql.execute(
                DRAW, (branch, day, series, serial + 1, shown, service, now, now, now, token_urlsafe(16))
            ).fetchone()
            sql.execute(EVENT, (drawn and drawn[0], "", "WAITING", "issue", service, None, now, None))
            sql.execute(KEEP, (serial + 1, number + 1, series))

    def call(self, branch: int, desk: int) -> None:
        now = datetime.now(UTC)
        with self._connection.transaction(), self._connection.cursor() as sql:
            sql.execute(BUMP, (branch,)).fetchone()
            sql.execute(DESK, (desk,)).fetchone()
            sql.execute(AT_DESK, (desk,)).fetchone()
            due = sql.execute(DUE, (desk, now.date())).fetchone()
            ticket = due[0] if due else None
            event = sql.execute(
                EVENT,
                (ticket, "WAITING", "CALLED", "call_next", due[1] if due else None, desk, now, '{"state": "WAITING"}'),
            ).fetchone()
            sql.execute(CALL, (now, now, desk, event and event[0], ticket))
