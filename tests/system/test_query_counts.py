"""How often the database is asked: the same at one, three and three hundred waiting."""

from typing import Any, Protocol

import pytest
from django.test import Client

from display.board import BoardAudience
from kiosk.choice import KioskAudience, StartAudience
from live.hub import _read_and_render
from live.source import Audience, Member  # noqa: TC001 - named in a variable's type
from queues import actions
from queues.topics import branch_topic
from staffdesk.desk.panel import DeskAudience
from tests.kit import factories
from tests.kit.sample_branch import Town
from visitor.following import VisitorAudience

pytestmark = [pytest.mark.django_db, pytest.mark.parametrize("waiting", [1, 3, 300])]


class AtMost(Protocol):
    def __call__(self, num: int) -> Any: ...


SIGNED_IN = 2
"""The session and its user."""


def test_the_kiosks_services(waiting: int, town: Town, django_assert_num_queries: AtMost) -> None:
    factories.waiting(waiting, town.passports)
    with django_assert_num_queries(4):
        assert Client().get(town.services_page()).status_code == 200


def test_the_kiosks_start(waiting: int, town: Town, django_assert_num_queries: AtMost) -> None:
    factories.waiting(waiting, town.passports)
    with django_assert_num_queries(2):
        assert Client().get(f"/kiosk/{town.branch.slug}/").status_code == 200


def test_a_number_at_the_kiosk(waiting: int, town: Town, django_assert_num_queries: AtMost) -> None:
    factories.waiting(waiting, town.passports)
    with django_assert_num_queries(12):
        assert Client().post(town.services_page(), {"service": "passports"}).status_code == 302


@pytest.mark.parametrize(("more", "queries"), [("", 5), ("more/", 4)])
def test_the_kiosks_ticket(
    more: str, queries: int, waiting: int, town: Town, django_assert_num_queries: AtMost
) -> None:
    ticket = factories.waiting(waiting, town.passports)[-1]
    with django_assert_num_queries(queries):
        assert Client().get(f"/kiosk/{town.branch.slug}/en/ticket/{ticket.token}/{more}").status_code == 200


def test_the_display(waiting: int, town: Town, django_assert_num_queries: AtMost) -> None:
    factories.waiting(waiting, town.passports)
    factories.called(town.desk)
    with django_assert_num_queries(5):
        assert Client().get(f"/display/{town.branch.slug}/").status_code == 200


def test_the_desk(waiting: int, town: Town, clerk_client: Client, django_assert_num_queries: AtMost) -> None:
    factories.waiting(waiting + 1, town.passports)  # one of them is called
    actions.open_session(town.desk, by=town.clerk)
    factories.called(town.desk)
    with django_assert_num_queries(SIGNED_IN + 16):
        assert clerk_client.get(f"/desk/{town.desk.pk}/").status_code == 200


def test_a_press_at_the_desk(waiting: int, town: Town, clerk_client: Client, django_assert_num_queries: AtMost) -> None:
    factories.waiting(waiting + 1, town.passports)  # one of them is called
    actions.open_session(town.desk, by=town.clerk)
    with django_assert_num_queries(SIGNED_IN + 18):
        answer = clerk_client.post(town.press("call-next"), {"seen": 0}, headers={"hx-request": "true"})
    assert b'data-state="CALLED"' in answer.content


def test_the_phone(waiting: int, town: Town, django_assert_num_queries: AtMost) -> None:
    ticket = factories.waiting(waiting, town.passports)[-1]
    with django_assert_num_queries(4):
        assert Client().get(f"/t/{ticket.token}/").status_code == 200


def test_a_phone_that_was_served_or_missed(waiting: int, town: Town, django_assert_num_queries: AtMost) -> None:
    """Whether somebody may be thanked, and whether the visitor has come back once."""
    served, missed = factories.waiting(waiting + 1, town.passports)[:2]
    factories.served(town.desk)
    actions.mark_absent(town.desk, factories.called(town.desk).pk, by=None)
    with django_assert_num_queries(7):
        assert Client().get(f"/t/{served.token}/").status_code == 200
    with django_assert_num_queries(6):
        assert Client().get(f"/t/{missed.token}/").status_code == 200


AUDIENCES = {"display": 5, "start": 1, "kiosk": 3, "desk": 7, "visitor": 4}


@pytest.mark.parametrize("who", AUDIENCES)
def test_a_refresh_of_the_hub(who: str, waiting: int, town: Town, django_assert_num_queries: AtMost) -> None:
    tickets = factories.waiting(waiting, town.passports)
    branch = town.branch.pk
    present: dict[str, tuple[Audience, set[Member]]] = {
        "display": (BoardAudience(branch), {None}),
        "start": (StartAudience(branch), {None}),
        "kiosk": (KioskAudience(branch, "fi"), {None}),
        "desk": (DeskAudience(branch, town.desk.pk, "fi"), {None}),
        "visitor": (VisitorAudience(branch, "fi"), {ticket.pk for ticket in tickets}),
    }
    audience, members = present[who]
    with django_assert_num_queries(AUDIENCES[who]):
        read = _read_and_render(branch_topic(branch), {audience: members})
    assert read is not None
    assert len(read[1]) == len(members)


def test_everybody_at_once_costs_one_reading(waiting: int, town: Town, django_assert_num_queries: AtMost) -> None:
    tickets = factories.waiting(waiting, town.passports)
    branch = town.branch.pk
    everybody: dict[Audience, set[Member]] = {BoardAudience(branch): {None}}
    for language in ("fi", "sv", "en"):
        everybody[KioskAudience(branch, language)] = {None}
        everybody[VisitorAudience(branch, language)] = {ticket.pk for ticket in tickets}
        for desk in (town.desk, town.other_desk):
            everybody[DeskAudience(branch, desk.pk, language)] = {None}
    with django_assert_num_queries(10):
        read = _read_and_render(branch_topic(branch), everybody)
    assert read is not None
    assert {audience for audience, _member in read[1]} == set(everybody)
