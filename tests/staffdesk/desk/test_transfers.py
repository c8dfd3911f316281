"""On hold, sent on, undone, put back: how a visitor goes on from the desk, and what each press says."""

from datetime import datetime

import pytest
from django.test import Client

from queues import actions, clock
from queues.actions.undoing import UNDO_WITHIN
from queues.models import TicketEvent
from tests.kit import factories
from tests.kit.desk_pages import line_of, notice_of, page_of, press, state_of
from tests.kit.sample_branch import SampleBranch, html, refreshed, text, value, values

pytestmark = pytest.mark.django_db


def at_the_branch(sample: SampleBranch, instant: datetime | None) -> datetime:
    assert instant is not None
    return instant.astimezone(sample.branch.zone)


def test_a_visitor_on_hold_stands_in_the_list_with_reason_and_time(sample: SampleBranch, clerk_client: Client) -> None:
    ticket = factories.ticket(sample.passports)
    factories.serving(sample.desk)
    panel = press(clerk_client, sample.press("hold"), ticket=ticket.pk, reason="Fetches papers", minutes=15)
    assert state_of(panel) == ("FREE", "")
    until = at_the_branch(sample, refreshed(ticket).callable_from)
    assert f"On hold 1 A 1 Fetches papers · back at {until:%H:%M}" in line_of(panel)
    called = press(clerk_client, sample.press("call-held"), held=ticket.pk)
    assert state_of(called) == ("CALLED", "A1")


def test_another_desk_sees_who_holds_whom_and_cannot_call_them(sample: SampleBranch, clerk_client: Client) -> None:
    ticket = factories.ticket(sample.passports)
    factories.serving(sample.desk)
    actions.hold(sample.desk, ticket.pk, by=None)
    assert "A 1 Desk 3" in line_of(page_of(clerk_client, sample.other_desk))
    panel = press(clerk_client, sample.press("call-held", sample.other_desk), held=ticket.pk)
    assert notice_of(panel) == "A1 is on hold at desk 3."


@pytest.mark.parametrize("kind", ["service", "desk", "clerk"])
def test_a_visitor_is_sent_on_with_the_time_waited(kind: str, sample: SampleBranch, clerk_client: Client) -> None:
    ticket = factories.ticket(sample.passports)
    due = ticket.due_at
    factories.serving(sample.desk)
    colleague = factories.clerk(sample.branch)
    actions.open_session(sample.other_desk, by=colleague)
    target = {"service": sample.payments.pk, "desk": sample.other_desk.pk, "clerk": colleague.pk}[kind]
    panel = press(clerk_client, sample.press("transfer"), ticket=ticket.pk, to=f"{kind}:{target}")
    assert state_of(panel) == ("FREE", "")
    sent = refreshed(ticket)
    assert (sent.state, sent.due_at, sent.sent_on, sent.shown) == ("WAITING", due, 1, "A1")
    assert {"service": sent.service_id, "desk": sent.for_desk_id, "clerk": sent.for_clerk_id}[kind] == target


def test_at_the_end_of_the_line_means_behind_everybody(sample: SampleBranch, clerk_client: Client) -> None:
    ticket = factories.ticket(sample.passports)
    factories.serving(sample.desk)
    factories.ticket(sample.payments)
    press(clerk_client, sample.press("transfer"), ticket=ticket.pk, to=f"service:{sample.payments.pk}", place="end")
    assert state_of(press(clerk_client, sample.press("call-next"))) == ("CALLED", "B1")


def test_with_return_to_me_the_visitor_comes_back_to_this_desk(sample: SampleBranch, clerk_client: Client) -> None:
    ticket = factories.ticket(sample.passports)
    factories.serving(sample.desk)
    to = f"desk:{sample.other_desk.pk}"
    press(clerk_client, sample.press("transfer"), ticket=ticket.pk, to=to, returns="1", anyway="1")
    assert "Goes back to desk 3 afterwards." in text(press(clerk_client, sample.press("call-next", sample.other_desk)))
    factories.finished(sample.other_desk, ticket)
    page = page_of(clerk_client, sample.desk)
    assert "Sent to you 1 A 1 Passports" in line_of(page)
    assert "comes back to this desk" in text(page)


@pytest.mark.parametrize("to", ["", "service:", "service:0", "desk:99999999", "clerk:x", "moon:1", "service:\x00"])
def test_a_target_that_is_none_is_refused_in_words(to: str, sample: SampleBranch, clerk_client: Client) -> None:
    ticket = factories.ticket(sample.passports)
    factories.serving(sample.desk)
    panel = press(clerk_client, sample.press("transfer"), ticket=ticket.pk, to=to)
    assert "hoose" in notice_of(panel)
    assert refreshed(ticket).state == "SERVING"


def test_nobody_is_sent_to_another_branch(sample: SampleBranch, clerk_client: Client) -> None:
    ticket = factories.ticket(sample.passports)
    factories.serving(sample.desk)
    elsewhere = factories.service()
    panel = press(clerk_client, sample.press("transfer"), ticket=ticket.pk, to=f"service:{elsewhere.pk}")
    assert notice_of(panel) == "What you chose is no longer here. Please choose again."


def test_undo_puts_the_visitor_back_and_says_so(sample: SampleBranch, clerk_client: Client) -> None:
    ticket = factories.ticket(sample.passports)
    called = press(clerk_client, sample.press("call-next"))
    assert value(called, "data-undo-words") == "A1 called"
    undone = press(clerk_client, sample.press("undo"), undo=value(called, "data-undo"))
    assert notice_of(undone) == "Undone. A1: Waiting."
    assert state_of(undone) == ("FREE", "")
    assert (value(undone, "data-undo"), refreshed(ticket).state) == ("", "WAITING")


def test_undo_twice_is_undo_once(sample: SampleBranch, clerk_client: Client) -> None:
    factories.ticket(sample.passports)
    called = press(clerk_client, sample.press("call-next"))
    for _ in range(2):
        assert notice_of(press(clerk_client, sample.press("undo"), undo=value(called, "data-undo"))).startswith(
            "Undone"
        )
    assert TicketEvent.objects.exclude(undoes=None).count() == 1


def test_after_its_ten_seconds_nothing_can_be_undone(sample: SampleBranch, clerk_client: Client) -> None:
    factories.ticket(sample.passports)
    called = press(clerk_client, sample.press("call-next"))
    with clock.standing_at(clock.now() + 2 * UNDO_WITHIN):
        later = press(clerk_client, sample.press("undo"), undo=value(called, "data-undo"))
        assert value(page_of(clerk_client, sample.desk), "data-undo") == ""
    assert notice_of(later) == "There is nothing to undo any more."
    assert state_of(later) == ("CALLED", "A1")


def test_who_is_put_back_in_line_is_told_that_the_call_was_a_mistake(
    sample: SampleBranch, clerk_client: Client
) -> None:
    ticket = factories.ticket(sample.passports)
    press(clerk_client, sample.press("call-next"))
    press(clerk_client, sample.press("put-back"), ticket=ticket.pk)
    assert "That call was a mistake, sorry. You keep your place." in text(html(Client().get(f"/t/{ticket.token}/")))
    assert value(html(Client().get(f"/display/{sample.branch.slug}/")), "data-withdrawn") == "A1"


@pytest.mark.parametrize("kind", ["service", "desk", "clerk"])
def test_where_nobody_serves_is_asked_about_and_done_when_pressed_again(
    kind: str, sample: SampleBranch, clerk_client: Client
) -> None:
    ticket = factories.ticket(sample.passports)
    page_of(clerk_client, sample.desk)
    factories.serving(sample.desk)
    away = factories.clerk(sample.branch, username="aino")
    target = {"service": sample.closed.pk, "desk": sample.other_desk.pk, "clerk": away.pk}[kind]
    words = {
        "service": "Nobody serves Parking just now.",
        "desk": "Nobody sits at desk 4 just now.",
        "clerk": "aino sits at no desk just now.",
    }[kind]
    along = {"visit": ticket.pk, "note": "Thrown away since", "plan": [sample.payments.pk, sample.closed.pk]}
    asked = press(clerk_client, sample.press("transfer"), ticket=ticket.pk, to=f"{kind}:{target}", place="end", **along)
    assert notice_of(asked).startswith(words)
    assert refreshed(ticket).state == "SERVING"
    again = asked.split('<form class="offer"')[1].split("</form>")[0]
    fields = dict(zip(values(again, "name"), values(again, "value"), strict=False))
    assert (fields["to"], fields["place"], fields["anyway"]) == (f"{kind}:{target}", "end", "1")
    assert not fields.keys() & {"visit", "note"}
    assert values(again, "name").count("plan") == 2
    press(clerk_client, sample.press("transfer"), **fields)
    assert refreshed(ticket).state == "WAITING"


def test_nobody_is_sent_to_a_colleague_who_may_not_sign_in_any_more(sample: SampleBranch, clerk_client: Client) -> None:
    ticket = factories.ticket(sample.passports)
    factories.serving(sample.desk)
    gone = factories.clerk(sample.branch, is_active=False)
    panel = press(clerk_client, sample.press("transfer"), ticket=ticket.pk, to=f"clerk:{gone.pk}")
    assert notice_of(panel) == "What you chose is no longer here. Please choose again."
