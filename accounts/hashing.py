"""Passwords are checked one at a time in a process: forty people who sign in at nine must not keep the presses of those
who have from the processor, nor from the database."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from django.contrib.auth.hashers import PBKDF2PasswordHasher
from django.db import connection
from django.utils.translation import gettext as _

WAITING = 20
"""So many may wait for their turn, some seconds on a small box. Each keeps one of the threads that answer requests."""

turns = threading.Lock()
places = threading.BoundedSemaphore(1 + WAITING)


class TooManyAtOnceError(Exception):
    """Too many wait already; nothing was checked."""

    def __str__(self) -> str:
        return _("Very many people are signing in just now. Please try again in a moment.")


class OneAtATime(PBKDF2PasswordHasher):
    """Django's own, in turns. What it stores is the same."""

    def encode(self, password: str, salt: str, iterations: int | None = None) -> str:
        """Raises TooManyAtOnceError."""
        with _turn():
            return super().encode(password, salt, iterations)


@contextmanager
def _turn() -> Iterator[None]:
    if not places.acquire(blocking=False):
        raise TooManyAtOnceError
    try:
        if not turns.acquire(blocking=False):
            _give_back_connection()
            turns.acquire()
        try:
            yield
        finally:
            turns.release()
    finally:
        places.release()


def _give_back_connection() -> None:
    """Twenty who wait would have all that a process may have, and every press would wait for them."""
    if not connection.in_atomic_block:
        connection.close()
