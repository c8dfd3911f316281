"""Holding, sending on, undoing, resting, helping: the presses of a hard day, and what each says."""

from datetime import datetime, timedelta

import pytest
from django.test import Client

from queues import actions, clock
from queues.actions import VisitRecord
from queues.actions.undoing import UNDO_WITHIN
from queues.models import Branch, Desk, Membership, Need, Outcome, Thanks, Ticket, TicketEvent, Visit
from tests.kit import factories
from tests.kit.sample_branch import SampleBranch, html, refreshed, text, value
from tests.staffdesk.desk.test_desk import notice_of, press, state_of

pytestmark = pytest.mark.django_db


def page_of(client: Client, desk: Desk) -> str:
    return html(client.get(f"/desk/{desk.pk}/"))


def line_of(page: str) -> str:
    return text(page.split('class="line"')[1].split('id="presses"', maxsplit=1)[0])


def at_the_branch(sample: SampleBranch, instant: datetime | None) -> datetime:
    assert instant is not None
    return instant.astimezone(sample.branch.zone)


def settle(branch: Branch, **fields: object) -> None:
    """The branch works like this from now on."""
    Branch.objects.filter(pk=branch.pk).update(**fields)


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
    press(clerk_client, sample.press("transfer"), ticket=ticket.pk, to=to, returns="1")
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


def test_a_paused_desk_calls_nobody_until_it_goes_on(sample: SampleBranch, clerk_client: Client) -> None:
    factories.ticket(sample.passports)
    paused = press(clerk_client, sample.press("pause"), reason="Coffee", minutes=10)
    assert (state_of(paused), value(paused, "data-allowed")) == (("PAUSED", ""), "resume")
    assert "On a pause : Coffee" in text(paused) or "On a pause: Coffee" in text(paused)
    assert notice_of(press(clerk_client, sample.press("call-next"))) == "This desk is paused. Press “Go on” first."
    assert state_of(press(clerk_client, sample.press("resume"))) == ("FREE", "")
    assert state_of(press(clerk_client, sample.press("call-next"))) == ("CALLED", "A1")


def test_nobody_pauses_in_front_of_a_visitor(sample: SampleBranch, clerk_client: Client) -> None:
    factories.ticket(sample.passports)
    factories.serving(sample.desk)
    assert notice_of(press(clerk_client, sample.press("pause"))) == "You still have A1. Finish it first."


def test_calling_out_of_turn_needs_the_permission_and_a_reason(sample: SampleBranch, clerk_client: Client) -> None:
    factories.waiting(3, sample.passports)
    refused = press(clerk_client, sample.press("call-ticket"), number="A3", reason="Has to catch a train")
    assert notice_of(refused) == "You may not call out of turn here. Ask your supervisor."
    assert 'data-action="call-ticket"' not in page_of(clerk_client, sample.desk)
    Membership.objects.filter(user=sample.clerk).update(may_call_any=True)
    assert 'data-action="call-ticket"' in page_of(clerk_client, sample.desk)
    silent = press(clerk_client, sample.press("call-ticket"), number="A3")
    assert notice_of(silent) == "Say in a word why: it is kept with the ticket."
    assert state_of(
        press(clerk_client, sample.press("call-ticket"), number=" a 3 ", reason="Has to catch a train")
    ) == (
        "CALLED",
        "A3",
    )
    assert TicketEvent.objects.get(to_state="CALLED").reason == "Has to catch a train"


@pytest.mark.parametrize("number", ["", "A99", "\x00", "🙂", "A1" * 200])
def test_a_number_that_nobody_has_is_refused_in_words(number: str, sample: SampleBranch, clerk_client: Client) -> None:
    Membership.objects.filter(user=sample.clerk).update(may_call_any=True)
    panel = press(clerk_client, sample.press("call-ticket"), number=number, reason="Why not")
    assert notice_of(panel) == "There is no such ticket here."


def test_a_number_is_given_by_hand_with_what_the_visitor_needs(sample: SampleBranch, clerk_client: Client) -> None:
    panel = press(
        clerk_client, sample.press("issue"), service=sample.closed.pk, language="sv", need=["more-time", "nonsense"]
    )
    assert notice_of(panel) == "C1 given for Parking. Tell the visitor."
    ticket = Ticket.objects.get()
    assert (ticket.language, ticket.needs, ticket.visitor_name) == ("sv", [Need.MORE_TIME], "")


def test_a_name_is_kept_only_where_the_branch_asks_for_it(sample: SampleBranch, clerk_client: Client) -> None:
    settle(sample.branch, asks_name=True)
    press(clerk_client, sample.press("issue"), service=sample.passports.pk, name=" Maija \x00 Meri ")
    assert Ticket.objects.get().visitor_name == "Maija Meri"
    assert "Maija Meri" in text(press(clerk_client, sample.press("call-next")))


def test_the_clerk_meets_the_visitor_prepared(sample: SampleBranch, clerk_client: Client) -> None:
    with clock.standing_at(clock.now() - timedelta(minutes=24)):
        ticket = factories.ticket(sample.passports, language="sv", needs=[Need.MORE_TIME, Need.HEARING_LOOP])
        Ticket.objects.filter(pk=ticket.pk).update(told=15, sent_on=1)
    met = text(press(clerk_client, sample.press("call-next")))
    assert "Waited 24 minutes. Was told about 15 min. Sent on 1 time." in met
    assert "Waited longer than promised Svenska Hearing loop More time" in met


def test_where_the_branch_hides_them_only_number_and_service_are_seen(
    sample: SampleBranch, clerk_client: Client
) -> None:
    with clock.standing_at(clock.now() - timedelta(minutes=24)):
        factories.ticket(sample.passports, language="sv", needs=[Need.MORE_TIME])
    settle(sample.branch, hides_until_called=True)
    page = page_of(clerk_client, sample.desk)
    assert "More time" not in line_of(page)
    assert "Svenska" not in line_of(page)
    assert "Passports 1 A 1 B Payments 0" in line_of(page)
    assert "has waited" not in text(page)
    assert "More time" in text(press(clerk_client, sample.press("call-next")))


def test_a_family_is_called_and_finished_together(sample: SampleBranch, clerk_client: Client) -> None:
    first, second = factories.waiting(2, sample.passports)
    press(clerk_client, sample.press("call-next"))
    together = press(clerk_client, sample.press("link"), leader="A1", number="A2")
    assert "together with A 2" in text(together)
    assert 'data-undo-words="A1 started"' in press(clerk_client, sample.press("start"), ticket=first.pk)
    assert 'data-undo-words="A1 finished"' in press(clerk_client, sample.press("finish"), ticket=first.pk)
    assert {refreshed(one).state for one in (first, second)} == {"DONE"}


def test_a_visitor_who_came_for_more_goes_on_by_themselves(sample: SampleBranch, clerk_client: Client) -> None:
    ticket = factories.ticket(sample.passports)
    factories.serving(sample.desk)
    panel = press(clerk_client, sample.press("plan"), ticket=ticket.pk, plan=[sample.payments.pk, "x", 99999])
    assert notice_of(panel) == "A1 goes on by itself afterwards."
    assert "Then: Payments" in text(panel)
    press(clerk_client, sample.press("finish"), ticket=ticket.pk)
    gone_on = refreshed(ticket)
    assert (gone_on.state, gone_on.service, gone_on.plan) == ("WAITING", sample.payments, [])


def test_a_number_given_by_hand_may_be_for_several_services(sample: SampleBranch, clerk_client: Client) -> None:
    services = [sample.payments.pk, sample.passports.pk]
    press(clerk_client, sample.press("issue"), service=sample.passports.pk, plan=services)
    assert Ticket.objects.get().plan == [sample.payments.pk]


def test_who_comes_after_all_is_back_in_line(sample: SampleBranch, clerk_client: Client) -> None:
    factories.waiting(3, sample.passports)
    ticket = factories.called(sample.desk)
    actions.mark_absent(sample.desk, ticket.pk, by=None)
    panel = press(clerk_client, sample.press("back"), number="a1", places=0)
    assert notice_of(panel) == "A1 is back in line."
    assert state_of(press(clerk_client, sample.press("call-next"))) == ("CALLED", "A1")


def test_a_clerks_choice_that_the_desk_calls_by_itself(sample: SampleBranch, clerk_client: Client) -> None:
    factories.ticket(sample.passports)
    panel = press(clerk_client, sample.press("auto"), on="1")
    assert value(panel, "data-auto") == "1"
    with clock.standing_at(clock.now() + timedelta(seconds=11)):
        assert actions.auto_call_idle_desks() == 1
    assert value(press(clerk_client, sample.press("auto"), on="0"), "data-auto") == ""


def test_help_is_seen_by_colleagues_and_by_nobody_else(sample: SampleBranch, clerk_client: Client) -> None:
    colleague = Client(headers={"accept-language": "en"})
    colleague.force_login(factories.clerk(sample.branch, username="aino"))
    asked = press(clerk_client, sample.press("help"))
    assert "Your colleagues see that you ask for help." in text(asked)
    seen = text(page_of(colleague, sample.other_desk))
    assert f"Desk 3 ( {sample.clerk.username} ) asks for help." in seen or "Desk 3 (" in seen
    press(colleague, sample.press("help-coming", sample.other_desk), to=sample.desk.pk)
    assert "aino is coming to help." in text(page_of(clerk_client, sample.desk))
    assert "help" not in html(Client().get(f"/display/{sample.branch.slug}/"))
    assert value(press(clerk_client, sample.press("help-ended")), "data-help") == ""


def test_one_person_sits_at_a_desk_and_another_may_take_over(sample: SampleBranch, clerk_client: Client) -> None:
    factories.ticket(sample.passports)
    press(clerk_client, sample.press("call-next"))
    other = Client(headers={"accept-language": "en"})
    other.force_login(factories.clerk(sample.branch))
    sample.desk.refresh_from_db()
    since = at_the_branch(sample, sample.desk.clerk_since)
    told = html(other.get(f"/desk/{sample.desk.pk}/"))
    assert f"{sample.clerk.username} has been at this desk since {since:%H:%M}." in text(told)
    assert "data-current-number" not in told
    assert "has been at this desk" in notice_of(press(other, sample.press("recall"), ticket=1))
    taken = press(other, sample.press("take-over"))
    assert state_of(taken) == ("CALLED", "A1")
    assert "has been at this desk" in notice_of(press(clerk_client, sample.press("call-next")))


def test_who_sat_at_a_desk_comes_back_to_it_after_signing_in(sample: SampleBranch) -> None:
    client = Client()
    client.force_login(sample.clerk)
    factories.ticket(sample.passports)
    press(client, sample.press("call-next"))
    client.cookies.clear()  # the browser was closed
    fields = {"username": sample.clerk.username, "password": sample.clerk.username}
    answer = client.post("/desk/sign-in/", fields)
    assert answer.headers["Location"] == f"/desk/{sample.desk.pk}/"
    assert state_of(page_of(client, sample.desk)) == ("CALLED", "A1")


def test_signing_out_with_a_visitor_asks_first(sample: SampleBranch, clerk_client: Client) -> None:
    ticket = factories.ticket(sample.passports)
    press(clerk_client, sample.press("call-next"))
    asked = clerk_client.post("/desk/sign-out/")
    assert asked.status_code == 409
    assert "You still have A1." in text(html(asked))
    assert refreshed(ticket).state == "CALLED"
    gone = clerk_client.post("/desk/sign-out/", {"puts_back": "1"})
    assert gone.headers["Location"] == "/desk/sign-in/"
    assert refreshed(ticket).state == "WAITING"
    sample.desk.refresh_from_db()
    assert sample.desk.clerk is None


def test_who_changes_desks_leaves_the_first_one_free(sample: SampleBranch, clerk_client: Client) -> None:
    factories.ticket(sample.passports)
    press(clerk_client, sample.press("call-next"))
    assert 'data-action="leave-desk"' in html(clerk_client.get("/desk/"))
    asked = clerk_client.post(f"/desk/{sample.desk.pk}/leave/")
    assert (asked.status_code, "You still have A1." in text(html(asked))) == (409, True)
    left = clerk_client.post(f"/desk/{sample.desk.pk}/leave/", {"puts_back": "1"})
    assert left.headers["Location"] == "/desk/"
    sample.desk.refresh_from_db()
    assert sample.desk.clerk is None
    assert 'data-action="leave-desk"' not in html(clerk_client.get("/desk/"))


def test_nobody_makes_a_colleague_stand_up(sample: SampleBranch, clerk_client: Client) -> None:
    actions.open_session(sample.desk, by=factories.clerk(sample.branch, username="aino"))
    told = clerk_client.post(f"/desk/{sample.desk.pk}/leave/", follow=True)
    assert "aino has been at this desk since" in text(html(told))
    sample.desk.refresh_from_db()
    assert sample.desk.clerk is not None


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


PAGES = ["", "day/", "helped/"]


@pytest.mark.parametrize("page", PAGES)
def test_a_desks_pages_are_its_own_branchs(page: str, sample: SampleBranch) -> None:
    for who in (sample.foreign_clerk, sample.stranger):
        client = Client()
        client.force_login(who)
        assert client.get(f"/desk/{sample.desk.pk}/{page}").status_code == 404
    assert Client().get(f"/desk/{sample.desk.pk}/{page}").status_code == 302


def test_a_notice_and_a_pause_of_everything_are_told_at_the_desk(sample: SampleBranch, clerk_client: Client) -> None:
    settle(sample.branch, notice_en="The lift is out of order", paused_since=clock.now())
    found = text(page_of(clerk_client, sample.desk))
    assert "On every screen: The lift is out of order" in found
    assert "Everything is paused. Nobody is called; all places are kept." in found
    refused = notice_of(press(clerk_client, sample.press("call-next")))
    assert refused == "Everything is paused just now. Places in line are kept."
