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
from tests.kit.sample_branch import SampleBranch, drew
from visitor.following import VisitorAudience

pytestmark = [pytest.mark.django_db, pytest.mark.parametrize("waiting", [1, 3, 300])]


class AtMost(Protocol):
    def __call__(self, num: int) -> Any: ...


SIGNED_IN = 2
"""The session and its user."""


def test_the_kiosks_services(waiting: int, sample: SampleBranch, django_assert_num_queries: AtMost) -> None:
    factories.waiting(waiting, sample.passports)
    with django_assert_num_queries(4):
        assert Client().get(sample.services_page()).status_code == 200


def test_the_kiosks_start(waiting: int, sample: SampleBranch, django_assert_num_queries: AtMost) -> None:
    factories.waiting(waiting, sample.passports)
    with django_assert_num_queries(2):
        assert Client().get(f"/kiosk/{sample.branch.slug}/").status_code == 200


def test_a_number_at_the_kiosk(waiting: int, sample: SampleBranch, django_assert_num_queries: AtMost) -> None:
    factories.waiting(waiting, sample.passports)
    with django_assert_num_queries(12):
        assert Client().post(sample.services_page(), {"service": "passports"}).status_code == 302


@pytest.mark.parametrize(("more", "queries"), [("", 5), ("more/", 4)])
def test_the_kiosks_ticket(
    more: str, queries: int, waiting: int, sample: SampleBranch, django_assert_num_queries: AtMost
) -> None:
    ticket = factories.waiting(waiting, sample.passports)[-1]
    kiosk = drew(ticket)
    with django_assert_num_queries(queries):
        assert kiosk.get(f"/kiosk/{sample.branch.slug}/en/ticket/{ticket.token}/{more}").status_code == 200


def test_the_display(waiting: int, sample: SampleBranch, django_assert_num_queries: AtMost) -> None:
    factories.waiting(waiting, sample.passports)
    factories.called(sample.desk)
    with django_assert_num_queries(3):
        assert Client().get(f"/display/{sample.branch.slug}/").status_code == 200


def test_the_desk(waiting: int, sample: SampleBranch, clerk_client: Client, django_assert_num_queries: AtMost) -> None:
    factories.waiting(waiting + 1, sample.passports)  # one of them is called
    actions.open_session(sample.desk, by=sample.clerk)
    factories.called(sample.desk)
    with django_assert_num_queries(SIGNED_IN + 16):
        assert clerk_client.get(f"/desk/{sample.desk.pk}/").status_code == 200


def test_a_press_at_the_desk(
    waiting: int, sample: SampleBranch, clerk_client: Client, django_assert_num_queries: AtMost
) -> None:
    factories.waiting(waiting + 1, sample.passports)  # one of them is called
    actions.open_session(sample.desk, by=sample.clerk)
    with django_assert_num_queries(SIGNED_IN + 17):
        answer = clerk_client.post(sample.press("call-next"), {"seen": 0}, headers={"hx-request": "true"})
    assert b'data-state="CALLED"' in answer.content


def test_the_phone(waiting: int, sample: SampleBranch, django_assert_num_queries: AtMost) -> None:
    ticket = factories.waiting(waiting, sample.passports)[-1]
    with django_assert_num_queries(4):
        assert Client().get(f"/t/{ticket.token}/").status_code == 200


def test_a_phone_that_was_served_or_missed(
    waiting: int, sample: SampleBranch, django_assert_num_queries: AtMost
) -> None:
    """Whether somebody may be thanked, and whether the visitor has come back once."""
    served, missed = factories.waiting(waiting + 1, sample.passports)[:2]
    factories.served(sample.desk)
    actions.mark_absent(sample.desk, factories.called(sample.desk).pk, by=None)
    with django_assert_num_queries(7):
        assert Client().get(f"/t/{served.token}/").status_code == 200
    with django_assert_num_queries(6):
        assert Client().get(f"/t/{missed.token}/").status_code == 200


AUDIENCES = {"display": 3, "start": 1, "kiosk": 3, "desk": 7, "visitor": 4}


@pytest.mark.parametrize("who", AUDIENCES)
def test_a_refresh_of_the_hub(who: str, waiting: int, sample: SampleBranch, django_assert_num_queries: AtMost) -> None:
    tickets = factories.waiting(waiting, sample.passports)
    branch = sample.branch.pk
    present: dict[str, tuple[Audience, set[Member]]] = {
        "display": (BoardAudience(branch), {None}),
        "start": (StartAudience(branch), {None}),
        "kiosk": (KioskAudience(branch, "fi"), {None}),
        "desk": (DeskAudience(branch, sample.desk.pk, "fi"), {None}),
        "visitor": (VisitorAudience(branch, "fi"), {ticket.pk for ticket in tickets}),
    }
    audience, members = present[who]
    with django_assert_num_queries(AUDIENCES[who]):
        read = _read_and_render(branch_topic(branch), {audience: members})
    assert read is not None
    assert len(read[1][audience]) == len(members)


def test_everybody_at_once_costs_one_reading(
    waiting: int, sample: SampleBranch, django_assert_num_queries: AtMost
) -> None:
    tickets = factories.waiting(waiting, sample.passports)
    branch = sample.branch.pk
    everybody: dict[Audience, set[Member]] = {BoardAudience(branch): {None}}
    for language in ("fi", "sv", "en"):
        everybody[KioskAudience(branch, language)] = {None}
        everybody[VisitorAudience(branch, language)] = {ticket.pk for ticket in tickets}
        for desk in (sample.desk, sample.other_desk):
            everybody[DeskAudience(branch, desk.pk, language)] = {None}
    with django_assert_num_queries(11):
        read = _read_and_render(branch_topic(branch), everybody)
    assert read is not None
    assert set(read[1]) == set(everybody)
