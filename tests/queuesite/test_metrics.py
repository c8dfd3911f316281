"""What Prometheus may read, who may, and what the files beside it make of it."""

import re
from dataclasses import replace
from datetime import timedelta
from typing import NoReturn

import pytest
from django.conf import settings
from django.core.management import call_command
from django.db import DatabaseError
from django.test import Client
from prometheus_client.parser import text_string_to_metric_families
from pytest_django import DjangoAssertNumQueries, Settings

from live.source import Stamp
from queues import clock
from queues.models import Branch
from queues.queries import monitoring
from queues.topics import branch_topic
from tests.kit import factories
from tests.kit.sample_branch import build_sample_branch
from tests.kit.servers import ROOT

pytestmark = pytest.mark.django_db

TOKEN = "a-token-of-some-length"
Labels = tuple[tuple[str, str], ...]


def here(**headers: str) -> Client:
    return Client(headers={"host": "localhost", **headers}, REMOTE_ADDR="127.0.0.1")


def figures() -> dict[tuple[str, Labels], float]:
    """Every sample by its name and labels."""
    answer = here().get("/metrics")
    assert answer.status_code == 200
    families = text_string_to_metric_families(answer.content.decode())
    return {(one.name, tuple(sorted(one.labels.items()))): one.value for family in families for one in family.samples}


def figure(name: str, **labels: str) -> float:
    return figures()[f"queuesite_{name}", tuple(sorted(labels.items()))]


def test_lines_are_counted_by_branch_and_service_empty_ones_too() -> None:
    passports = factories.service(slug="passports")
    factories.service(passports.branch, slug="parking")
    earlier = factories.earlier_today(passports.branch, minutes=7)
    with clock.standing_at(clock.now() - timedelta(days=1)):
        factories.ticket(passports)  # yesterday's are in no line
    with clock.standing_at(earlier):
        factories.ticket(passports)
    factories.ticket(passports)
    where = {"branch": passports.branch.slug, "service": "passports"}
    assert figure("waiting", **where) == 2
    assert figure("longest_wait_seconds", **where) == pytest.approx(7 * 60, abs=10)
    assert figure("waiting", **{**where, "service": "parking"}) == 0


def test_it_asks_as_little_of_many_branches_as_of_one(
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    for how_many in (1, 3):
        for _branch in range(how_many):
            factories.waiting(2, factories.service())
        with django_assert_num_queries(3):
            figures()


def test_a_press_is_counted_with_what_came_of_it() -> None:
    sample = build_sample_branch()
    client = Client(headers={"accept-language": "en"})
    client.force_login(sample.clerk)

    def outcomes() -> list[float]:
        found = figures()
        return [
            found.get(("queuesite_presses_total", (("action", "desk-call-next"), ("outcome", outcome))), 0)
            for outcome in ("done", "NobodyWaiting", "404")
        ]

    before = outcomes()
    client.post(sample.press("call-next"))
    factories.ticket(sample.passports)
    client.post(sample.press("call-next"))
    client.post("/desk/0/call-next/")
    assert [after - earlier for after, earlier in zip(outcomes(), before, strict=True)] == [1, 1, 1]
    assert figure("request_seconds_count", view="desk-call-next", method="POST") >= 3


def test_a_method_that_nobody_knows_makes_no_figure_of_its_own() -> None:
    Client().generic("BREW", "/healthz")
    assert figure("request_seconds_count", view="healthz", method="other") >= 1


def test_screens_that_are_behind_are_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    branch = factories.service().branch
    Branch.objects.filter(pk=branch.pk).update(revision=9)
    old = Stamp.of(7, clock.now() - timedelta(seconds=30), "build")
    monkeypatch.setattr("queuesite.metrics.collector.stamps", lambda: {branch_topic(branch.pk): old})
    assert figure("revision_lag", branch=branch.slug) == 2
    assert figure("view_age_seconds", branch=branch.slug) == pytest.approx(30, abs=5)


def test_the_clockworks_last_round_is_told_once_there_was_one() -> None:
    assert ("queuesite_clockwork_age_seconds", ()) not in figures()
    call_command("clockwork", "--once")
    assert 0 <= figure("clockwork_age_seconds") < 10


def test_without_a_database_the_rest_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    def away() -> NoReturn:
        raise DatabaseError

    monkeypatch.setattr(monitoring, "lines", away)
    assert figure("database_up") == 0
    assert figure("build_info", build=settings.BUILD) == 1


@pytest.mark.parametrize(
    ("address", "host", "shown", "status"),
    [
        ("127.0.0.1", "localhost", "", 200),
        ("::1", "[::1]", "", 200),
        ("127.0.0.1", "queue.example.fi", "", 404),  # through a proxy that isn't trusted
        ("203.0.113.9", "localhost", "", 404),
        ("203.0.113.9", "queue.example.fi", f"Bearer {TOKEN}", 200),
        ("203.0.113.9", "172.31.251.4:8000", f"Bearer {TOKEN}", 200),
        ("203.0.113.9", "queue.example.fi", "Bearer ", 404),
        ("203.0.113.9", "queue.example.fi", f"Bearer {TOKEN}x", 404),
        ("nowhere", "localhost", "", 404),
    ],
)
def test_it_is_for_this_machine_and_for_who_shows_the_token(
    settings: Settings, address: str, host: str, shown: str, status: int
) -> None:
    settings.ENVIRONMENT = replace(settings.ENVIRONMENT, metrics_token=TOKEN)
    settings.SECURE_SSL_REDIRECT = True
    client = Client(headers={"host": host, "authorization": shown}, REMOTE_ADDR=address)
    assert client.get("/metrics").status_code == status


def test_where_no_token_is_set_none_fits(settings: Settings) -> None:
    assert settings.ENVIRONMENT.metrics_token == ""
    assert Client(headers={"authorization": "Bearer "}, REMOTE_ADDR="203.0.113.9").get("/metrics").status_code == 404


@pytest.mark.parametrize("file", ["operations.md", "operations/dashboard.json", "operations/alerts.yml"])
def test_every_figure_that_the_files_for_operators_name_is_one(file: str) -> None:
    call_command("clockwork", "--once")
    told = here().get("/metrics").content.decode()
    named = set(re.findall(r"\b(?:queuesite|process)_\w+", (ROOT / "docs" / file).read_text()))
    kinds = re.findall(r"^# TYPE (\S+) (\S+)$", told, re.MULTILINE)
    known = {name for name, _kind in kinds} | {f"{name}_bucket" for name, kind in kinds if kind == "histogram"}
    assert len(named) > 8
    assert named - known == set()
