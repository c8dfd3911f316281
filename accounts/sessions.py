"""Sessions in the database, by keys that it can hold."""

from django.contrib.sessions.backends.db import SessionStore as DatabaseSession


class SessionStore(DatabaseSession):
    """A key that Django can't have made names no session, and the database isn't asked: a cookie may hold a NUL, on
    which PostgreSQL fails."""

    def __init__(self, session_key: str | None = None) -> None:
        super().__init__(session_key if session_key and session_key.isascii() and session_key.isalnum() else None)
