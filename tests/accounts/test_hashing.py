"""Passwords are checked one at a time."""

from concurrent.futures import ThreadPoolExecutor
from threading import Lock

import pytest
from django.contrib.auth.hashers import PBKDF2PasswordHasher, check_password, make_password
from pytest_django.fixtures import Settings

from accounts.hashing import OneAtATime


def test_what_it_stores_is_djangos_own(settings: Settings) -> None:
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.PBKDF2PasswordHasher"]
    stored = make_password("at nine")
    settings.PASSWORD_HASHERS = ["accounts.hashing.OneAtATime"]
    assert check_password("at nine", stored)
    assert not check_password("at ten", stored)


def test_there_is_never_more_than_one(monkeypatch: pytest.MonkeyPatch) -> None:
    now = Lock()

    def encode(*_words: object) -> str:
        assert now.acquire(blocking=False), "another one is being checked"
        now.release()
        return "x"

    monkeypatch.setattr(PBKDF2PasswordHasher, "encode", encode)
    with ThreadPoolExecutor(8) as threads:
        assert set(threads.map(lambda salt: OneAtATime().encode("x", str(salt)), range(200))) == {"x"}
