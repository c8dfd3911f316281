"""What a clerk says after a visit, and what colleagues and the clerk read of it."""

import pytest
from django.test import Client

from queues import actions, clock
from queues.actions import VisitRecord
from queues.models import Branch, Outcome, Thanks, Ticket, Visit
from tests.kit import factories
from tests.kit.desk_pages import notice_of, page_of, press, state_of
from tests.kit.sample_branch import SampleBranch, html, text, value

pytestmark = pytest.mark.django_db


def settle(branch: Branch, **fields: object) -> None:
    """The branch works like this from now on."""
    Branch.objects.filter(pk=branch.pk).update(**fields)


def serve_one(client: Client, sample: SampleBranch) -> Ticket:
    ticket = factories.ticket(sample.passports)
    press(client, sample.press("call-next"))
    press(client, sample.press("start"), ticket=ticket.pk)
    return ticket


def test_what_was_said_while_serving_goes_with_the_finish(sample: SampleBranch, clerk_client: Client) -> None:
    left, collected = (Outcome.objects.create(service=sample.passports, name=name) for name in ("Left", "Collected"))
    ticket = serve_one(clerk_client, sample)
    finished = press(
        clerk_client,
        sample.press("finish"),
        ticket=ticket.pk,
        outcome=[left.pk, collected.pk],
        **{f"quantity-{left.pk}": 3, "helped": "The new form", "note": "Calls back"},
    )
    assert notice_of(finished) == "Recorded. Thank you."
    visit = Visit.objects.get()
    assert (visit.helped, visit.note, visit.hard) == ("The new form", "Calls back", False)
    assert dict(visit.outcomes.values_list("outcome", "quantity")) == {left.pk: 3, collected.pk: 1}
    assert value(finished, "data-visit") == ""


def test_after_a_hard_visit_a_pause_is_offered_and_not_imposed(sample: SampleBranch, clerk_client: Client) -> None:
    ticket = serve_one(clerk_client, sample)
    press(clerk_client, sample.press("finish"), ticket=ticket.pk)
    offered = press(clerk_client, sample.press("record"), visit=ticket.pk, hard="1")
    assert "Take a breath, if you like." in notice_of(offered)
    assert state_of(offered) == ("FREE", "")
    assert state_of(press(clerk_client, sample.press("pause"), minutes=5, reason="Rest"))[0] == "PAUSED"


def test_a_branch_that_requires_it_asks_before_the_next_call(sample: SampleBranch, clerk_client: Client) -> None:
    settle(sample.branch, after_visit="required")
    outcome = Outcome.objects.create(service=sample.passports, name="Left")
    ticket = serve_one(clerk_client, sample)
    press(clerk_client, sample.press("finish"), ticket=ticket.pk)
    factories.ticket(sample.passports)
    asked = "How did the visit of A1 go? Choose an outcome first."
    assert notice_of(press(clerk_client, sample.press("call-next"))) == asked
    assert notice_of(press(clerk_client, sample.press("record"), visit=ticket.pk, skip="1")) == asked
    assert notice_of(press(clerk_client, sample.press("record"), visit=ticket.pk)) == asked
    press(clerk_client, sample.press("record"), visit=ticket.pk, outcome=[outcome.pk])
    assert state_of(press(clerk_client, sample.press("call-next"))) == ("CALLED", "A2")


UNKEPT = "What you typed about the visit is not saved yet. "


def test_a_press_is_made_although_the_words_that_come_along_are_refused(
    sample: SampleBranch, clerk_client: Client
) -> None:
    settle(sample.branch, after_visit="required")
    Outcome.objects.create(service=sample.passports, name="Left")
    ticket = serve_one(clerk_client, sample)
    finished = press(clerk_client, sample.press("finish"), ticket=ticket.pk)
    along = {"visit": ticket.pk, "note": "Calls back"}
    why = "How did the visit of A1 go? Choose an outcome first."
    asked = press(clerk_client, sample.press("help"), **along)
    assert notice_of(asked) == UNKEPT + why
    assert "Your colleagues see that you ask for help." in text(asked)
    undone = press(clerk_client, sample.press("undo"), undo=value(finished, "data-undo"), **along)
    assert notice_of(undone) == f"Undone. A1: Being served. {UNKEPT}{why}"
    assert state_of(undone) == ("SERVING", "A1")


def test_words_that_may_not_be_said_any_more_hold_up_no_press(sample: SampleBranch, clerk_client: Client) -> None:
    factories.ticket(sample.passports)
    foreign = factories.ticket(sample.passports)
    sent = {"visit": foreign.pk, "note": "Of yesterday"}
    called = press(clerk_client, sample.press("call-next"), **sent)
    assert state_of(called) == ("CALLED", "A1")
    assert notice_of(called) == f"{UNKEPT}This visit has been recorded, or is no longer yours."
    page = clerk_client.post(sample.press("start"), {"ticket": value(called, "data-ticket"), **sent}, follow=True)
    assert UNKEPT in text(html(page))
    assert state_of(html(page)) == ("SERVING", "A1")
    assert not Visit.objects.exists()


def test_a_branch_that_lets_it_be_skipped_does(sample: SampleBranch, clerk_client: Client) -> None:
    ticket = serve_one(clerk_client, sample)
    finished = press(clerk_client, sample.press("finish"), ticket=ticket.pk)
    assert value(finished, "data-visit") == str(ticket.pk)
    assert value(press(clerk_client, sample.press("record"), visit=ticket.pk, skip="1"), "data-visit") == ""
    assert not Visit.objects.exists()


def test_what_helped_is_found_by_colleagues_without_the_visitor(sample: SampleBranch, clerk_client: Client) -> None:
    ticket = serve_one(clerk_client, sample)
    press(clerk_client, sample.press("finish"), ticket=ticket.pk)
    said = VisitRecord(helped="Ask for the old permit first", note="Was upset")
    actions.record(sample.desk, ticket.pk, said, by=sample.clerk)
    colleague = Client(headers={"accept-language": "en"})
    colleague.force_login(factories.clerk(sample.branch))
    found = text(html(colleague.get(f"/desk/{sample.other_desk.pk}/helped/", {"q": "PERMIT old"})))
    assert "Ask for the old permit first" in found
    assert "A1" not in found
    assert "upset" not in found
    assert "Nobody has written" in text(html(colleague.get(f"/desk/{sample.other_desk.pk}/helped/", {"q": "passport"})))
    assert colleague.get(f"/desk/{sample.other_desk.pk}/helped/", {"q": "\x00%_'"}).status_code == 200


def test_a_note_greets_the_colleague_who_meets_the_visitor_next(sample: SampleBranch, clerk_client: Client) -> None:
    ticket = serve_one(clerk_client, sample)
    actions.transfer(sample.desk, ticket.pk, to_desk=sample.other_desk, by=sample.clerk)
    Visit.objects.create(
        ticket=ticket, service=sample.passports, desk=sample.desk, at=clock.now(), note="Has the papers with them"
    )
    assert "Has the papers with them" in text(press(clerk_client, sample.press("call-next", sample.other_desk)))


def test_thanks_are_seen_by_whom_they_are_for(sample: SampleBranch, clerk_client: Client) -> None:
    colleague = Client(headers={"accept-language": "en"})
    aino = factories.clerk(sample.branch, username="aino")
    colleague.force_login(aino)
    colleague.post("/desk/thanks/give/", {"to": sample.clerk.pk, "words": "For the long day <3"})
    assert 'Thanks <b class="count">1</b>' in page_of(clerk_client, sample.desk)
    assert "For the long day <3 aino" in text(html(clerk_client.get("/desk/thanks/")))
    assert '<b class="count">' not in page_of(clerk_client, sample.desk)
    assert Thanks.objects.get().seen


def test_nobody_thanks_somebody_of_another_branch(sample: SampleBranch, clerk_client: Client) -> None:
    for to in (sample.foreign_clerk.pk, "x", "", "\x00"):
        assert clerk_client.post("/desk/thanks/give/", {"to": to}).status_code == 302
    assert not Thanks.objects.exists()


def test_a_day_at_the_desk_is_counted(sample: SampleBranch, clerk_client: Client) -> None:
    ticket = serve_one(clerk_client, sample)
    press(clerk_client, sample.press("finish"), ticket=ticket.pk)
    found = text(html(clerk_client.get(f"/desk/{sample.desk.pk}/day/")))
    assert "Visitors served 1" in found
    assert "Visitors called 1" in found
