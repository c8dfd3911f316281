"""Passwords are checked one at a time."""

from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from threading import Event, Lock

import pytest
from django.contrib.auth.hashers import PBKDF2PasswordHasher, check_password, make_password
from django.db import connection
from django.test import Client
from pytest_django.fixtures import Settings

from accounts import hashing
from accounts.hashing import OneAtATime
from tests.kit import factories
from tests.kit.sample_branch import html, text


def test_what_it_stores_is_djangos_own(settings: Settings) -> None:
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.PBKDF2PasswordHasher"]
    stored = make_password("at nine")
    settings.PASSWORD_HASHERS = ["accounts.hashing.OneAtATime"]
    assert check_password("at nine", stored)
    assert not check_password("at ten", stored)


def test_there_is_never_more_than_one(monkeypatch: pytest.MonkeyPatch) -> None:
    being_checked, overlap = Lock(), Event()

    def encode(*_words: object) -> str:
        if not being_checked.acquire(blocking=False):
            overlap.set()
        elif not overlap.wait(0.01):
            being_checked.release()
        return "x"

    monkeypatch.setattr(PBKDF2PasswordHasher, "encode", encode)
    with ThreadPoolExecutor(8) as threads:
        assert set(threads.map(lambda salt: OneAtATime().encode("x", str(salt)), range(16))) == {"x"}
    assert not overlap.is_set()


class Taken:
    """The turn of somebody else, who is done just when one begins to wait for it."""

    def acquire(self, *, blocking: bool = True) -> bool:
        return blocking

    def release(self) -> None:
        pass


@pytest.mark.django_db(transaction=True)
def test_who_waits_keeps_no_connection(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hashing, "turns", Taken())
    connection.ensure_connection()
    connected = []
    monkeypatch.setattr(
        PBKDF2PasswordHasher, "encode", lambda *_words: connected.append(connection.connection is not None)
    )
    OneAtATime().encode("x", "y")
    assert connected == [False]


@pytest.mark.django_db
def test_when_too_many_wait_one_is_told_to_come_again(client: Client, settings: Settings) -> None:
    settings.PASSWORD_HASHERS = ["accounts.hashing.OneAtATime"]
    factories.clerk(factories.branch())
    words = {"username": "anybody", "password": "wrong"}
    with ExitStack() as waiting:
        for _place in range(1 + hashing.WAITING):
            waiting.enter_context(hashing.places)
        answer = client.post("/desk/sign-in/", words, headers={"accept-language": "en"})
    assert answer.status_code == 503
    assert answer.headers["Retry-After"]
    assert "Very many people are signing in" in text(html(answer))
    assert 'href="/desk/sign-in/"' in answer.content.decode()
    assert client.post("/desk/sign-in/", words).status_code == 200
