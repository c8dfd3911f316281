"""What tells a supervisor that the process lives, and that it can work."""

import pytest
from django.db import DatabaseError, connection
from django.test import Client

from tests.kit.sample_branch import html

pytestmark = pytest.mark.django_db


def layer_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(_topic: str) -> None:
        raise TimeoutError

    monkeypatch.setattr("queuesite.views.send_change_notice", fail)


def database_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail() -> None:
        raise DatabaseError

    monkeypatch.setattr(connection, "cursor", fail)


def test_a_living_process_says_so_and_asks_nobody(
    monkeypatch: pytest.MonkeyPatch, django_assert_num_queries: pytest.FixtureRequest
) -> None:
    layer_fails(monkeypatch)
    with django_assert_num_queries(0):  # type: ignore[operator]
        assert Client().get("/healthz").status_code == 200


def test_ready_means_that_database_and_layer_answer() -> None:
    answer = Client().get("/readyz")
    assert (answer.status_code, html(answer)) == (200, "ready\n")


def test_a_layer_that_does_not_answer_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    layer_fails(monkeypatch)
    answer = Client().get("/readyz")
    assert (answer.status_code, html(answer)) == (503, "not ready: channel layer\n")


def test_a_database_that_does_not_answer_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    database_fails(monkeypatch)
    answer = Client().get("/readyz")
    assert (answer.status_code, html(answer)) == (503, "not ready: database\n")


def test_all_that_is_missing_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    layer_fails(monkeypatch)
    database_fails(monkeypatch)
    assert html(Client().get("/readyz")) == "not ready: database, channel layer\n"


@pytest.mark.parametrize("page", ["/healthz", "/readyz"])
def test_health_is_asked_and_never_told(page: str) -> None:
    assert Client().post(page).status_code == 405
