"""The visitor's own page, behind the link of the ticket."""

from datetime import UTC, datetime, timedelta

import pytest
from django.test import Client

from queues import actions, clock
from queues.models import TicketEvent
from tests.kit import factories
from tests.kit.sample_branch import SampleBranch, html, refreshed, text, value

pytestmark = pytest.mark.django_db


def page(token: str, **query: str) -> str:
    return html(Client(headers={"accept-language": "de"}).get(f"/t/{token}/", query))


def test_the_link_has_at_least_128_random_bits(sample: SampleBranch) -> None:
    tokens = {factories.ticket(sample.passports).token for _ in range(20)}
    assert len(tokens) == 20
    assert all(len(token) >= 22 for token in tokens)


def test_the_page_speaks_the_language_chosen_at_the_kiosk(sample: SampleBranch) -> None:
    ticket = factories.ticket(sample.passports, language="sv")
    assert '<html lang="sv">' in page(ticket.token)


@pytest.mark.parametrize(("asked", "spoken"), [("fi", "fi"), ("en", "en"), ("de", "sv"), ("", "sv")])
def test_the_visitor_may_choose_another_language_of_the_branch(asked: str, spoken: str, sample: SampleBranch) -> None:
    ticket = factories.ticket(sample.passports, language="sv")
    found = page(ticket.token, language=asked)
    assert f'<html lang="{spoken}">' in found
    assert value(found, "data-live-socket") == f"/ws/t/{ticket.token}/?language={spoken}"


def test_a_language_that_the_branch_does_not_speak_is_not_offered(sample: SampleBranch) -> None:
    sample.branch.languages = ["fi", "sv"]
    sample.branch.save()
    ticket = factories.ticket(sample.passports, language="fi")
    assert 'href="?language=en"' not in page(ticket.token)
    assert '<html lang="fi">' in page(ticket.token, language="en")


def test_a_number_from_call_to_thanks(sample: SampleBranch) -> None:
    ticket = factories.ticket(sample.passports)
    assert "You are next" in text(page(ticket.token))
    factories.called(sample.desk)
    assert "Your turn Desk 3" in text(page(ticket.token))
    actions.start_serving(sample.desk, ticket.pk, by=None)
    assert "You are being served" in text(page(ticket.token))
    actions.finish(sample.desk, ticket.pk, by=None)
    assert "Thank you for your visit" in text(page(ticket.token))


def test_the_place_counts_those_of_the_same_service_only(sample: SampleBranch) -> None:
    factories.waiting(3, sample.payments)
    factories.ticket(sample.passports)
    ticket = factories.ticket(sample.passports)
    assert "1 ahead of you" in text(page(ticket.token))


def test_leaving_gives_up_the_place(sample: SampleBranch) -> None:
    ticket = factories.ticket(sample.passports)
    answer = Client().post(f"/t/{ticket.token}/leave/", follow=True)
    assert "You have left the queue" in text(html(answer))
    assert refreshed(ticket).state == "LEFT"


def test_leaving_twice_is_leaving_once(sample: SampleBranch) -> None:
    ticket = factories.ticket(sample.passports)
    answers = [Client().post(f"/t/{ticket.token}/leave/") for _ in range(2)]
    assert [answer.status_code for answer in answers] == [302, 302]
    assert TicketEvent.objects.filter(to_state="LEFT").count() == 1


@pytest.mark.parametrize("after", ["serving", "served"])
def test_who_is_or_was_served_is_told_why_they_can_not_leave(after: str, sample: SampleBranch) -> None:
    ticket = factories.ticket(sample.passports)
    getattr(factories, after)(sample.desk)
    answer = Client().post(f"/t/{ticket.token}/leave/")
    said = {
        "serving": "A1: already called by desk 3.",
        "served": "A1 has already been served.",
    }[after]
    assert answer.status_code == 409
    assert said in text(html(answer))


def test_leaving_is_a_press_and_never_a_link(sample: SampleBranch) -> None:
    ticket = factories.ticket(sample.passports)
    assert Client().get(f"/t/{ticket.token}/leave/").headers["Location"] == f"/t/{ticket.token}/"
    assert Client(enforce_csrf_checks=True).post(f"/t/{ticket.token}/leave/").status_code == 403
    assert refreshed(ticket).state == "WAITING"


@pytest.mark.parametrize("hours", [0, 1])
def test_the_page_ends_with_the_business_day_of_the_branch(hours: int, sample: SampleBranch) -> None:
    """In Helsinki a day begins at 4 in the morning: at 1 or 2 UTC."""
    noon = datetime(2026, 6, 10, 9, tzinfo=UTC)
    with clock.standing_at(noon):
        ticket = factories.ticket(sample.passports)
    night = datetime(2026, 6, 11, hours, 59, tzinfo=UTC)
    with clock.standing_at(night):
        expected = 200 if hours == 0 else 404
        assert Client().get(f"/t/{ticket.token}/").status_code == expected


@pytest.mark.parametrize("token", ["a", "A" * 22, "A" * 500, "%00", "..", "-", "ä" * 22])
def test_a_nonsense_link_leads_nowhere(token: str) -> None:
    assert Client().get(f"/t/{token}/").status_code == 404


def test_the_frame_over_http_is_the_visitors_own(sample: SampleBranch) -> None:
    factories.ticket(sample.passports)
    ticket = factories.ticket(sample.passports)
    frame = Client().get(f"/t/{ticket.token}/frame/?language=sv").json()
    assert {name: said for name, said in frame["own"].items() if said} == {"place": 2, "ahead": 1, "service": "Pass"}
    assert frame["own"]["call"] == 0
    assert frame["calls"] == []


def test_yesterdays_number_is_not_in_todays_place(sample: SampleBranch) -> None:
    with clock.standing_at(clock.now() - timedelta(days=1)):
        factories.ticket(sample.passports)
    ticket = factories.ticket(sample.payments)
    today = factories.ticket(sample.passports)
    assert "You are next" in text(page(today.token))
    assert "You are next" in text(page(ticket.token))
