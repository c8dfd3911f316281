"""Sessions in the database, by keys that it can hold."""

from typing import Any

from django.contrib.sessions.backends.db import SessionStore as DatabaseSession
from django.db import connection
from django.utils import timezone

FIND = "SELECT session_data FROM django_session WHERE session_key = %s AND expire_date > %s"


class SessionStore(DatabaseSession):
    """A key that Django can't have made names no session, and the database isn't asked: a cookie may hold a NUL, on
    which PostgreSQL fails."""

    def __init__(self, session_key: str | None = None) -> None:
        super().__init__(session_key if session_key and session_key.isascii() and session_key.isalnum() else None)

    def load(self) -> dict[str, Any]:
        """As Django's, by a statement that isn't written anew for every request."""
        now = connection.ops.adapt_datetimefield_value(timezone.now())
        with connection.cursor() as cursor:
            cursor.execute(FIND, [self.session_key, now])
            found = cursor.fetchone()
        # None of this key, or ended: Django's own way forgets the key.
        return self.decode(found[0]) if found else super().load()
