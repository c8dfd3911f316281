"""What the hall says is stuck, and why."""

import re

import pytest
from django.test import Client

from queues import actions, clock
from queues.models import Service
from tests.kit import factories
from tests.kit.hall_pages import MINUTE, hall
from tests.kit.sample_branch import SampleBranch, text

pytestmark = pytest.mark.django_db


@pytest.fixture
def client(supervisor_client: Client) -> Client:
    return supervisor_client


def stuck(client: Client, sample: SampleBranch) -> dict[str, str]:
    page = hall(client, sample)
    found = re.findall(r'<li data-stuck="([^"]*)">\s*<p>(.*?)</p>', page, re.DOTALL)
    return {number: text(words) for number, words in found}


def test_nothing_is_stuck(sample: SampleBranch, client: Client, seated: None) -> None:  # noqa: ARG001 - they sit
    with clock.standing_at(factories.earlier_today(sample.branch, minutes=5)):
        factories.waiting(2, sample.passports)
        factories.serving(sample.desk)
    assert stuck(client, sample) == {}
    assert "All is well" in text(hall(client, sample))


def test_a_visit_that_takes_longer_than_usual(sample: SampleBranch, client: Client, seated: None) -> None:  # noqa: ARG001
    with clock.standing_at(factories.earlier_today(sample.branch, minutes=40)):
        factories.waiting(2, sample.passports)
        factories.serving(sample.desk)
    assert stuck(client, sample) == {}
    Service.objects.update(longest_usual_seconds=30 * 60)
    assert stuck(client, sample) == {"A1": "A 1 at desk 3 for 40 min; for Passports, 99 in 100 take at most 30 min."}
    Service.objects.update(longest_usual_seconds=None)
    with clock.standing_at(clock.now() + 6 * MINUTE):
        assert stuck(client, sample) == {"A1": "A 1 at desk 3 for 46 min, which is unusually long."}


def test_a_call_that_nobody_began(sample: SampleBranch, client: Client, seated: None) -> None:  # noqa: ARG001
    with clock.standing_at(factories.earlier_today(sample.branch, minutes=11)):
        factories.ticket(sample.passports)
        factories.called(sample.desk)
    assert stuck(client, sample) == {"A1": "A 1 called to desk 3 11 min ago, and not begun."}


def test_a_visitor_at_a_desk_that_nobody_attends(sample: SampleBranch, client: Client) -> None:
    factories.ticket(sample.passports)
    factories.serving(sample.desk)
    assert stuck(client, sample) == {"A1": "A 1 is at desk 3, where nobody sits."}


def test_a_hold_without_an_end_and_one_that_is_past(sample: SampleBranch, client: Client, seated: None) -> None:  # noqa: ARG001
    with clock.standing_at(factories.earlier_today(sample.branch, minutes=31)):
        for minutes in (None, 20):
            ticket = factories.ticket(sample.passports)
            factories.serving(sample.desk)
            actions.hold(sample.desk, ticket.pk, minutes=minutes, by=None)
    found = stuck(client, sample)
    assert found["A1"] == "A 1 on hold for 31 min at desk 3, without an end."
    assert re.fullmatch(r"A 2 on hold until \d\d:\d\d, which is past\.", found["A2"])


def test_who_waits_for_a_desk_or_a_colleague_that_is_not_there(sample: SampleBranch, client: Client) -> None:
    actions.open_session(sample.desk, by=sample.clerk)
    for_desk, for_clerk = factories.waiting(2, sample.passports)
    actions.transfer_ticket(for_desk, to_desk=sample.other_desk, by=None)
    actions.transfer_ticket(for_clerk, to_clerk=factories.clerk(sample.branch), by=None)
    assert stuck(client, sample) == {
        "A1": "A 1 waits for desk 4, where nobody sits.",
        "A2": "A 2 waits for a colleague who sits at no desk.",
    }


def test_a_line_that_no_desk_with_somebody_serves(sample: SampleBranch, client: Client) -> None:
    actions.open_session(sample.other_desk, by=sample.clerk)
    factories.waiting(2, sample.payments)
    assert stuck(client, sample) == {"": "Payments: 2 in the queue, and nobody sits at a desk that serves it."}


def test_a_long_list_of_what_is_stuck_is_cut_with_a_count(sample: SampleBranch, client: Client) -> None:
    actions.open_session(sample.desk, by=sample.clerk)
    for ticket in factories.waiting(15, sample.passports):
        actions.transfer_ticket(ticket, to_desk=sample.other_desk, by=None)
    assert len(stuck(client, sample)) == 12
    assert "and 3 more" in text(hall(client, sample))
