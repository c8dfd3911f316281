"""What the lobby's screen says beside the calls, and what it takes back."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.test import Client

from queues import actions, clock
from queues.changes.transaction import changing
from queues.models import Branch, Ticket
from tests.kit import factories
from tests.kit.sample_branch import Town, html, text, values

pytestmark = pytest.mark.django_db

NOON = datetime(2026, 6, 10, 9, tzinfo=UTC)


def frame(town: Town) -> dict[str, Any]:
    answer = Client().get(f"/display/{town.branch.slug}/frame/")
    assert answer.status_code == 200
    said: dict[str, Any] = answer.json()
    return said


def branch_is(town: Town, **columns: Any) -> None:
    with changing(town.branch.pk):
        Branch.objects.filter(pk=town.branch.pk).update(**columns)


def test_a_withdrawn_call_is_off_the_board_which_says_so_for_a_while(town: Town) -> None:
    """Case 20."""
    with clock.standing_at(NOON):
        factories.ticket(town.passports)
        factories.called(town.desk)
        actions.undo(town.desk, by=None)
        shown = frame(town)
        assert (values(shown["html"], "data-call"), shown["calls"]) == ([], [])
        assert values(shown["html"], "data-withdrawn") == ["A1"]
        assert "A 1 kutsu peruttu kallelsen gäller inte call withdrawn" in text(shown["html"])
    with clock.standing_at(NOON + timedelta(seconds=31)):
        assert values(frame(town)["html"], "data-withdrawn") == []


def test_a_number_called_again_is_not_withdrawn(town: Town) -> None:
    factories.ticket(town.passports)
    factories.called(town.desk)
    actions.undo(town.desk, by=None)
    factories.called(town.other_desk)
    shown = frame(town)["html"]
    assert (values(shown, "data-number"), values(shown, "data-withdrawn")) == (["A1"], [])


@pytest.mark.parametrize("sent", ["put back", "held", "sent on"])
def test_who_is_no_longer_expected_at_a_desk_is_off_the_board(sent: str, town: Town) -> None:
    ticket = factories.ticket(town.passports)
    factories.serving(town.desk)
    match sent:
        case "put back":
            actions.put_back(town.desk, ticket.pk, by=None)
        case "held":
            actions.hold(town.desk, ticket.pk, by=None)
        case _:
            actions.transfer(town.desk, ticket.pk, service=town.payments, by=None)
    shown = frame(town)
    assert (values(shown["html"], "data-call"), shown["calls"]) == ([], [])


def test_a_family_is_one_call_however_many_they_are(town: Town) -> None:
    """Nobody else's call leaves the board for it."""
    factories.ticket(town.passports)
    factories.called(town.other_desk)
    leader, *followers = factories.waiting(9, town.passports)
    for follower in followers:
        actions.link(town.desk, leader.shown, follower.shown, by=None)
    factories.called(town.desk)
    shown = frame(town)
    assert values(shown["html"], "data-number") == ["A2", "A1"]
    assert values(shown["html"], "data-others") == ["8", "0"]
    assert "A 2 +8" in text(shown["html"])
    assert [(call["number"], call["desk"]) for call in shown["calls"]] == [("A2", "3"), ("A1", "4")]
    actions.undo(town.desk, by=None)
    assert values(frame(town)["html"], "data-withdrawn") == ["A2"]


def test_a_pause_takes_the_whole_board_and_a_resume_gives_it_back(town: Town) -> None:
    factories.ticket(town.passports)
    factories.called(town.desk)
    before = frame(town)
    branch_is(town, paused_since=clock.now())
    paused = frame(town)
    assert "data-paused" in paused["html"]
    assert values(paused["html"], "data-call") == []
    assert "Your place is kept." in text(paused["html"])
    assert paused["calls"] == before["calls"], "nobody is announced anew after the pause"
    branch_is(town, paused_since=None)
    assert frame(town)["calls"] == before["calls"]


def test_after_an_early_end_the_foot_says_so_and_who_waits_is_still_called(town: Town) -> None:
    factories.ticket(town.passports)
    branch_is(town, closed_day=town.branch.business_day(clock.now()))
    foot = text(frame(town)["html"])
    for words in ("Tänään ei anneta enää vuoronumeroita.", "Inga fler könummer i dag.", "No more numbers today."):
        assert words in foot
    factories.called(town.desk)
    assert values(frame(town)["html"], "data-number") == ["A1"]


def test_a_notice_is_shown_in_each_language_that_has_one_and_is_never_markup(town: Town) -> None:
    assert "data-notice" not in frame(town)["html"]
    branch_is(town, notice_fi="Hissi on <b>rikki</b>", notice_en="The lift & stairs", notice_sv="")
    shown = frame(town)["html"]
    assert shown.count("Hissi on &lt;b&gt;rikki&lt;/b&gt;") == 1, "not a second time for want of Swedish"
    assert "The lift &amp; stairs" in shown
    assert 'data-size="short"' in shown
    branch_is(town, notice_fi="Hissi " * 30)
    assert 'data-size="long"' in frame(town)["html"]


def test_a_notice_hides_no_call(town: Town) -> None:
    for _number in range(6):
        factories.ticket(town.passports)
        factories.served(town.desk)
    branch_is(town, notice_en="Mind the step")
    page = html(Client().get(f"/display/{town.branch.slug}/"))
    assert len(values(page, "data-call")) == 6
    assert Ticket.objects.count() == 6
