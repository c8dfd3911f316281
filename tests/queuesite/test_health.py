"""What tells a supervisor that the process lives, and that it can work."""

import shutil
import sqlite3
from datetime import timedelta
from pathlib import Path
from typing import Any, Protocol

import pytest
from django.db import DatabaseError
from django.db.migrations.executor import MigrationExecutor
from django.test import Client
from pytest_django.fixtures import Settings

from queues import clock
from queuesite import schema
from tests.kit import factories
from tests.kit.commands import run
from tests.kit.sample_branch import html

pytestmark = pytest.mark.django_db

ASK = """
from django.test import Client
answer = Client().get("/readyz")
print(answer.status_code, answer.content.decode(), end="")
"""


class AtMost(Protocol):
    def __call__(self, num: int) -> Any: ...


def layer_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(_topic: str) -> None:
        raise TimeoutError

    monkeypatch.setattr("queuesite.views.send_change_notice", fail)


def database_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail() -> None:
        raise DatabaseError

    monkeypatch.setattr("queues.queries.monitoring.clock_is_behind", fail)


def test_a_living_process_says_so_and_asks_nobody(
    monkeypatch: pytest.MonkeyPatch, django_assert_num_queries: AtMost
) -> None:
    layer_fails(monkeypatch)
    with django_assert_num_queries(0):
        assert Client().get("/healthz").status_code == 200


def test_a_server_that_lacks_nothing_is_ready() -> None:
    answer = Client().get("/readyz")
    assert (answer.status_code, html(answer)) == (200, "ready\n")


def test_without_the_channel_layer_the_server_works_and_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    layer_fails(monkeypatch)
    answer = Client().get("/readyz")
    assert (answer.status_code, html(answer)) == (200, "ready; without the channel layer\n")


def test_a_database_that_does_not_answer_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    layer_fails(monkeypatch)
    database_fails(monkeypatch)
    answer = Client().get("/readyz")
    assert (answer.status_code, html(answer)) == (503, "not ready: database\n")


def test_a_server_on_an_older_schema_is_not_ready_until_it_is_migrated(
    monkeypatch: pytest.MonkeyPatch, django_assert_num_queries: AtMost
) -> None:
    monkeypatch.setattr(schema, "_seen_current", False)
    monkeypatch.setattr(MigrationExecutor, "migration_plan", lambda *_targets: ["the next one"])
    for _time in range(2):
        answer = Client().get("/readyz")
        assert (answer.status_code, html(answer)) == (503, "not ready: migrations\n")
    monkeypatch.undo()
    assert html(Client().get("/readyz")) == "ready\n"
    with django_assert_num_queries(1):  # the clock's
        assert html(Client().get("/readyz")) == "ready\n"


def test_migrations_of_this_build_and_no_others_are_waited_for(migrated: Path, tmp_path: Path) -> None:
    var = tmp_path / "var"
    shutil.copytree(migrated, var)

    def ready_after(change: str) -> str:
        with sqlite3.connect(var / "queuesite.sqlite3") as database:
            database.execute(change)
        done = run("manage.py", "shell", "--no-imports", "-c", ASK, DEBUG="1", VAR_DIR=str(var))
        assert done.returncode == 0, done.stderr
        return done.stdout

    row = "app = 'queues' AND name = (SELECT max(name) FROM django_migrations WHERE app = 'queues')"
    newer = "INSERT INTO django_migrations (app, name, applied) VALUES ('queues', '9999_newer', '2026-01-01')"
    assert ready_after(newer) == "200 ready\n"
    assert ready_after("DELETE FROM django_migrations WHERE name = '9999_newer'") == "200 ready\n"
    assert ready_after(f"DELETE FROM django_migrations WHERE {row}") == "503 not ready: migrations\n"


def test_a_clock_that_is_behind_is_told() -> None:
    with clock.standing_at(factories.NOON + timedelta(hours=1)):
        factories.ticket(factories.service())
    with clock.standing_at(factories.NOON):
        assert html(Client().get("/readyz")) == "ready; the clock is 3600 s behind the last move\n"


@pytest.mark.parametrize("page", ["/healthz", "/readyz", "/metrics"])
@pytest.mark.parametrize("host", ["127.0.0.1:8001", "10.1.2.3", "pod.inside", "evil.example"])
def test_a_server_is_asked_by_whatever_name(page: str, host: str, settings: Settings) -> None:
    settings.ALLOWED_HOSTS, settings.SECURE_SSL_REDIRECT = ["queue.example.fi"], True
    assert Client(headers={"host": host}).get(page).status_code in (200, 404)
    assert Client(headers={"host": host}).get("/").status_code in (301, 400)


@pytest.mark.parametrize("page", ["/healthz", "/readyz"])
def test_health_is_asked_and_never_told(page: str) -> None:
    assert Client().post(page).status_code == 405
