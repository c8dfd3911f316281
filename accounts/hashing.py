"""Passwords are checked one at a time in a process: forty people who sign in at nine must not keep the presses of those
who have from the processor."""

import threading

from django.contrib.auth.hashers import PBKDF2PasswordHasher

turns = threading.Lock()


class OneAtATime(PBKDF2PasswordHasher):
    """Django's own, in turns. What it stores is the same."""

    def encode(self, password: str, salt: str, iterations: int | None = None) -> str:
        with turns:
            return super().encode(password, salt, iterations)
