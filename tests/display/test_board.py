"""What the lobby's screen says beside the calls, and what it takes back."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.test import Client

from queues import actions, clock
from queues.changes.transaction import changing
from queues.models import Branch, Ticket
from tests.kit import factories
from tests.kit.sample_branch import SampleBranch, html, text, values

pytestmark = pytest.mark.django_db

NOON = datetime(2026, 6, 10, 9, tzinfo=UTC)


def frame(sample: SampleBranch) -> dict[str, Any]:
    answer = Client().get(f"/display/{sample.branch.slug}/frame/")
    assert answer.status_code == 200
    said: dict[str, Any] = answer.json()
    return said


def branch_is(sample: SampleBranch, **columns: Any) -> None:
    with changing(sample.branch.pk):
        Branch.objects.filter(pk=sample.branch.pk).update(**columns)


def test_a_withdrawn_call_is_off_the_board_which_says_so_for_a_while(sample: SampleBranch) -> None:
    """Case 20."""
    with clock.standing_at(NOON):
        factories.ticket(sample.passports)
        factories.called(sample.desk)
        actions.undo(sample.desk, by=None)
        shown = frame(sample)
        assert (values(shown["html"], "data-call"), shown["calls"]) == ([], [])
        assert values(shown["html"], "data-withdrawn") == ["A1"]
        assert "A 1 kutsu peruttu kallelsen gäller inte call withdrawn" in text(shown["html"])
    with clock.standing_at(NOON + timedelta(seconds=31)):
        assert values(frame(sample)["html"], "data-withdrawn") == []


def test_a_number_called_again_is_not_withdrawn(sample: SampleBranch) -> None:
    factories.ticket(sample.passports)
    factories.called(sample.desk)
    actions.undo(sample.desk, by=None)
    factories.called(sample.other_desk)
    shown = frame(sample)["html"]
    assert (values(shown, "data-number"), values(shown, "data-withdrawn")) == (["A1"], [])


@pytest.mark.parametrize("sent", ["put back", "held", "sent on"])
def test_who_is_no_longer_expected_at_a_desk_is_off_the_board(sent: str, sample: SampleBranch) -> None:
    ticket = factories.ticket(sample.passports)
    factories.serving(sample.desk)
    match sent:
        case "put back":
            actions.put_back(sample.desk, ticket.pk, by=None)
        case "held":
            actions.hold(sample.desk, ticket.pk, by=None)
        case _:
            actions.transfer(sample.desk, ticket.pk, service=sample.payments, by=None)
    shown = frame(sample)
    assert (values(shown["html"], "data-call"), shown["calls"]) == ([], [])


def test_a_family_is_one_call_however_many_they_are(sample: SampleBranch) -> None:
    """Nobody else's call leaves the board for it."""
    factories.ticket(sample.passports)
    factories.called(sample.other_desk)
    leader, *followers = factories.waiting(9, sample.passports)
    for follower in followers:
        actions.link(sample.desk, leader.shown, follower.shown, by=None)
    factories.called(sample.desk)
    shown = frame(sample)
    assert values(shown["html"], "data-number") == ["A2", "A1"]
    assert values(shown["html"], "data-others") == ["8", "0"]
    assert "A 2 +8" in text(shown["html"])
    assert [(call["number"], call["desk"]) for call in shown["calls"]] == [("A2", "3"), ("A1", "4")]
    actions.undo(sample.desk, by=None)
    assert values(frame(sample)["html"], "data-withdrawn") == ["A2"]


def test_a_pause_takes_the_whole_board_and_a_resume_gives_it_back(sample: SampleBranch) -> None:
    factories.ticket(sample.passports)
    factories.called(sample.desk)
    before = frame(sample)
    branch_is(sample, paused_since=clock.now())
    paused = frame(sample)
    assert "data-paused" in paused["html"]
    assert values(paused["html"], "data-call") == []
    assert "Your place is kept." in text(paused["html"])
    assert paused["calls"] == before["calls"], "nobody is announced anew after the pause"
    branch_is(sample, paused_since=None)
    assert frame(sample)["calls"] == before["calls"]


def test_after_an_early_end_the_foot_says_so_and_who_waits_is_still_called(sample: SampleBranch) -> None:
    factories.ticket(sample.passports)
    branch_is(sample, closed_day=sample.branch.business_day(clock.now()))
    foot = text(frame(sample)["html"])
    for words in ("Tänään ei anneta enää vuoronumeroita.", "Inga fler könummer i dag.", "No more numbers today."):
        assert words in foot
    factories.called(sample.desk)
    assert values(frame(sample)["html"], "data-number") == ["A1"]


def test_a_notice_is_shown_in_each_language_that_has_one_and_is_never_markup(sample: SampleBranch) -> None:
    assert "data-notice" not in frame(sample)["html"]
    branch_is(sample, notice_fi="Hissi on <b>rikki</b>", notice_en="The lift & stairs", notice_sv="")
    shown = frame(sample)["html"]
    assert shown.count("Hissi on &lt;b&gt;rikki&lt;/b&gt;") == 1, "not a second time where there is no Swedish"
    assert "The lift &amp; stairs" in shown
    assert 'data-size="short"' in shown
    branch_is(sample, notice_fi="Hissi " * 30)
    assert 'data-size="long"' in frame(sample)["html"]


def test_a_notice_hides_no_call(sample: SampleBranch) -> None:
    for _number in range(6):
        factories.ticket(sample.passports)
        factories.served(sample.desk)
    branch_is(sample, notice_en="Mind the step")
    page = html(Client().get(f"/display/{sample.branch.slug}/"))
    assert len(values(page, "data-call")) == 6
    assert Ticket.objects.count() == 6
