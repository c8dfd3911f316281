"""Sessions in the database, by keys that it can hold."""

from django.contrib.sessions.backends.db import SessionStore as DatabaseSession


class SessionStore(DatabaseSession):
    """A key that Django can't have made names no session, and the database isn't asked: a cookie may hold a NUL, on
    which PostgreSQL fails."""

    def _validate_session_key(self, key: str | None) -> bool:
        return bool(key and key.isascii() and key.isalnum() and super()._validate_session_key(key))
