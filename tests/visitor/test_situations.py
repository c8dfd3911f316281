"""What a visitor's phone says in each situation, and what its visitor may answer."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any
from unittest.mock import Mock

import pytest
from django.test import Client

from queues import actions, clock
from queues.changes.transaction import changing
from queues.models import Branch, Desk, Service, Thanks, Ticket
from queues.snapshot import Part, read
from tests.kit import factories
from tests.kit.sample_branch import SampleBranch, html, refreshed, text, value, values
from visitor.following import VisitorAudience, situation
from visitor.place import places

pytestmark = pytest.mark.django_db

NINE = datetime(2026, 6, 10, 6, tzinfo=UTC)
"""In Helsinki."""
MINUTE = timedelta(minutes=1)


def page(ticket: Ticket) -> str:
    return html(Client().get(f"/t/{ticket.token}/"))


def view(ticket: Ticket) -> str:
    """The part of the page that is swapped, with what is this visitor's alone, as a reader sees it."""
    return text(page(ticket).split("data-live-view")[1].split('<div class="phone-may">')[0].split(">", 1)[1])


def post(ticket: Ticket, press: str, **fields: Any) -> Any:
    return Client().post(f"/t/{ticket.token}/{press}/", fields, follow=True)


def branch_is(sample: SampleBranch, **columns: Any) -> None:
    with changing(sample.branch.pk):
        Branch.objects.filter(pk=sample.branch.pk).update(**columns)
    sample.branch.refresh_from_db()


def absent(desk: Desk) -> Ticket:
    return actions.mark_absent(desk, factories.called(desk).pk, by=None)


# What it says


def test_what_was_told_at_the_kiosk_stands_on_the_phone(sample: SampleBranch) -> None:
    assert "We expected" not in view(factories.ticket(sample.passports))
    Service.objects.filter(pk=sample.passports.pk).update(typical_seconds=400)
    actions.open_session(sample.desk, by=sample.clerk)
    assert "We expected about 5 min when you took your number." in view(factories.ticket(sample.passports))


def test_a_place_on_hold_is_kept_until_then_or_until_the_call(sample: SampleBranch) -> None:
    factories.waiting(2, sample.passports)
    with clock.standing_at(clock.now()):
        pass
    with clock.standing_at(NINE):
        first, second = factories.waiting(2, sample.payments)
        actions.hold(sample.desk, factories.called(sample.desk).pk, minutes=10, by=None)
        actions.hold(sample.desk, factories.called(sample.desk).pk, by=None)
        assert "Your place is kept Until 09:10; then you are in the queue again." in view(first)
        assert "Your place is kept We call you again." in view(second)
    with clock.standing_at(NINE + 11 * MINUTE):
        assert value(page(first), "data-state") == "WAITING", "due again, also before the clock has said so"
        assert "You are next" in view(first)


def test_who_was_sent_on_keeps_the_number_and_sees_the_service(sample: SampleBranch) -> None:
    ticket = factories.ticket(sample.passports)
    assert view(ticket).startswith("Passports")
    actions.transfer(sample.desk, factories.serving(sample.desk).pk, service=sample.payments, by=None)
    assert view(ticket).startswith("Next: Payments You are next")
    assert value(page(ticket), "data-number") == "A1"


def test_who_is_to_return_is_told_so(sample: SampleBranch) -> None:
    ticket = factories.ticket(sample.passports)
    actions.transfer(sample.desk, factories.serving(sample.desk).pk, service=sample.payments, returns=True, by=None)
    assert "After this you come back to the desk that sent you, with the same number." in view(ticket)
    factories.served(sample.desk)
    assert "come back" not in view(ticket)


def test_a_visit_of_several_services_says_what_is_next_and_after_that(sample: SampleBranch) -> None:
    third = factories.service(sample.branch, slug="permits", name_en="Permits", number_prefix="D")
    sample.desk.services.add(third)
    ticket = factories.ticket(sample.passports)
    actions.plan(ticket, [sample.payments, third])
    assert "After this, with the same number: Payments, Permits" in view(ticket)
    factories.served(sample.desk)
    assert view(ticket).startswith("Next: Payments")
    assert "After this, with the same number: Permits" in view(ticket)
    factories.served(sample.desk)
    factories.served(sample.desk)
    assert "Thank you for your visit" in view(ticket)


def test_a_withdrawn_call_is_said_sorry_for_while_it_is_fresh(sample: SampleBranch) -> None:
    with clock.standing_at(NINE):
        ticket = factories.ticket(sample.passports)
        factories.called(sample.desk)
        actions.undo(sample.desk, by=None)
        assert "That call was a mistake, sorry. You keep your place." in view(ticket)
        assert "You are next" in view(ticket)
    with clock.standing_at(NINE + MINUTE):
        assert "mistake" not in view(ticket)


def test_who_goes_with_somebody_has_the_leaders_place(sample: SampleBranch) -> None:
    factories.ticket(sample.passports)
    leader, follower, behind = factories.waiting(3, sample.passports)
    assert "go together" not in view(leader)
    actions.link(sample.desk, leader.shown, follower.shown, by=None)
    assert "You go together with A2." in view(follower)
    assert "You go together with A3." in view(leader)
    third = factories.ticket(sample.passports)
    actions.link(sample.desk, leader.shown, third.shown, by=None)
    assert "You go together with A3, A5." in view(leader)
    assert [value(page(ticket), "data-place") for ticket in (leader, follower, behind)] == ["2", "2", "3"]
    for _call in range(2):
        factories.called(sample.desk if _call else sample.other_desk)
    assert "Your turn Desk 3" in view(follower)


def test_who_is_expected_by_one_desk_is_in_nobody_elses_way(sample: SampleBranch) -> None:
    sent, *others = factories.waiting(3, sample.passports)
    actions.transfer(sample.desk, factories.serving(sample.desk).pk, to_desk=sample.other_desk, by=None)
    late = factories.ticket(sample.passports)
    actions.transfer_ticket(late, to_desk=sample.other_desk, by=None)
    line = places(read(sample.branch, {Part.IN_LINE}))
    assert [line[ticket.pk] for ticket in (sent, *others, late)] == [1, 1, 2, 4]


def test_who_is_next_is_not_sent_for_a_walk(sample: SampleBranch) -> None:
    first, second = factories.waiting(2, sample.passports)
    assert "Stay nearby" in view(first)
    assert "go for a walk" in view(second)


def test_a_notice_and_a_pause_reach_the_phone(sample: SampleBranch) -> None:
    ticket = factories.ticket(sample.passports)
    branch_is(sample, paused_since=clock.now(), notice_fi="Kahvio on <b>kiinni</b>")
    assert 'lang="fi" data-notice>Kahvio on &lt;b&gt;kiinni&lt;/b&gt;' in page(ticket), "where there is no English"
    assert "Everything is paused. Please follow the staff's instructions. Your place is kept." in view(ticket)
    assert "go for a walk" not in view(ticket)


def test_who_has_been_served_need_not_hear_of_a_pause(sample: SampleBranch) -> None:
    ticket = factories.ticket(sample.passports)
    factories.served(sample.desk)
    branch_is(sample, paused_since=clock.now())
    assert "paused" not in view(ticket)


# Why


def test_a_branch_may_let_its_visitors_see_why(sample: SampleBranch) -> None:
    with clock.standing_at(NINE):
        hurried = factories.ticket(sample.passports, priority=factories.priority(sample.branch, minutes=15))
        plain = factories.ticket(sample.passports)
        assert "counts from" not in view(plain)
        branch_is(sample, shows_why=True)
        assert "Your place counts from 09:00, with a head start of 15 min." in view(hurried)
        assert "when you took your number. Visitors with a head start may come before you" in view(plain)
        assert "at most 15 min after you" in view(plain)


# "I'm here"


@pytest.mark.parametrize("limit", [None, 2])
def test_who_missed_the_call_may_say_that_they_are_here_once(limit: int | None, sample: SampleBranch) -> None:
    """As a no-show, and in the cool-down before another call."""
    branch_is(sample, calls_limit=limit)
    ticket = factories.ticket(sample.passports)
    absent(sample.desk)
    assert "Are you here? Press “I'm here” below" in view(ticket)
    assert "data-may-come-back" in page(ticket)
    answer = post(ticket, "here")
    assert "You are next" in text(html(answer))
    assert "data-may-come-back" not in html(answer)
    absent(sample.desk)
    assert "data-may-come-back" not in page(ticket)
    answer = post(ticket, "here")
    assert answer.status_code == 409
    assert "Please turn to the staff." in text(html(answer))


def test_who_was_absent_twice_turns_to_the_staff(sample: SampleBranch) -> None:
    ticket = factories.ticket(sample.passports)
    actions.come_back(absent(sample.desk))
    absent(sample.desk)
    assert "Turn to the staff or take a new number." in view(ticket)


def test_who_was_not_called_need_not_say_so(sample: SampleBranch) -> None:
    ticket = factories.ticket(sample.passports)
    assert "data-may-come-back" not in page(ticket)
    assert post(ticket, "here").status_code == 200
    assert ticket.events.count() == 1


# What the clerk should know


def test_the_phone_tells_needs_plans_and_a_name(sample: SampleBranch) -> None:
    branch_is(sample, asks_name=True)
    ticket = factories.ticket(sample.passports)
    said = {"needs": ["more-time"], "services": ["payments"], "name": "Aino Virtanen" + "n" * 100}
    for _press in range(2):
        found = html(post(ticket, "tell", **said))
    ticket.refresh_from_db()
    assert (ticket.needs, ticket.plan, len(ticket.visitor_name)) == (["more-time"], [sample.payments.pk], 80)
    assert found.count(" checked>") == 2
    assert 'value="Aino Virtanen' in found


def test_a_name_is_asked_only_where_the_branch_wants_it(sample: SampleBranch) -> None:
    ticket = factories.ticket(sample.passports)
    assert 'name="name"' not in page(ticket)
    post(ticket, "tell", name="Aino")
    assert refreshed(ticket).visitor_name == ""


def test_who_is_gone_has_nothing_more_to_tell(sample: SampleBranch) -> None:
    ticket = factories.ticket(sample.passports)
    actions.leave(ticket)
    answer = post(ticket, "tell", needs=["more-time"])
    assert (answer.status_code, refreshed(ticket).needs) == (409, [])


# Thanks


def served_by(sample: SampleBranch) -> Ticket:
    ticket = factories.ticket(sample.passports)
    actions.call_next(sample.desk, by=sample.clerk)
    actions.start_serving(sample.desk, ticket.pk, by=sample.clerk)
    return actions.finish(sample.desk, ticket.pk, by=sample.clerk)


def test_who_was_served_may_thank_once(sample: SampleBranch) -> None:
    ticket = served_by(sample)
    assert "data-may-thank" in page(ticket)
    for words in ("Kind & patient", "again"):
        answer = post(ticket, "thank", words=words)
        assert (answer.status_code, "Your thanks are on their way." in text(html(answer))) == (200, True)
        assert "data-may-thank" not in html(answer)
    assert list(Thanks.objects.values_list("to", "words")) == [(sample.clerk.pk, "Kind & patient")]


def test_nothing_is_offered_when_nobody_is_known(sample: SampleBranch) -> None:
    ticket = factories.ticket(sample.passports)
    factories.served(sample.desk)
    assert "data-may-thank" not in page(ticket)
    assert post(ticket, "thank").status_code == 409


# How it is sent


@pytest.mark.parametrize("press", ["here", "tell", "thank"])
def test_a_press_is_never_a_link_and_needs_the_token_of_its_form(press: str, sample: SampleBranch) -> None:
    ticket = factories.ticket(sample.passports)
    assert Client().get(f"/t/{ticket.token}/{press}/").headers["Location"] == f"/t/{ticket.token}/"
    assert Client(enforce_csrf_checks=True).post(f"/t/{ticket.token}/{press}/").status_code == 403
    assert Client().post(f"/t/{'A' * 22}/{press}/").status_code == 404


def test_a_press_keeps_the_language_that_was_chosen(sample: SampleBranch) -> None:
    ticket = factories.ticket(sample.passports, language="sv")
    found = html(Client().get(f"/t/{ticket.token}/?language=fi"))
    assert all(action.endswith("?language=fi") for action in values(found, "action"))
    answer = Client().post(f"/t/{ticket.token}/leave/?language=fi", follow=True)
    assert '<html lang="fi">' in html(answer)


def test_however_many_visitors_there_are_few_renderings(sample: SampleBranch, monkeypatch: pytest.MonkeyPatch) -> None:
    """What differs from visitor to visitor travels beside the markup: told, why, until when, with whom, what next."""
    rendered: list[str] = []

    def render(template: str, _context: object) -> str:
        rendered.append(template)
        return "<p></p>"

    monkeypatch.setattr("visitor.following.render_to_string", render)
    branch_is(sample, shows_why=True)
    tickets = []
    for minute in range(40):
        with clock.standing_at(NINE + minute * MINUTE):
            tickets.append(factories.ticket(sample.passports if minute % 2 else sample.payments))
    actions.plan(tickets[3], [sample.payments])
    with clock.standing_at(NINE + 50 * MINUTE):
        for held in (5, 10, 15, 20):
            actions.hold(sample.desk, factories.called(sample.desk).pk, minutes=held, by=None)
        actions.link(sample.desk, tickets[10].shown, tickets[11].shown, by=None)
        ids = [ticket.pk for ticket in tickets]
        bodies = VisitorAudience(sample.branch.pk, "en").render(read(sample.branch, VisitorAudience.needs, ids), ids)
    assert len(bodies) == 40
    assert len(rendered) == 8, "seven distances, and on hold"


@pytest.mark.parametrize("shows_why", [False, True])
def test_what_phones_share_is_what_each_would_be_shown_alone(
    shows_why: bool,  # noqa: FBT001 - pytest's way
    sample: SampleBranch,
) -> None:
    branch_is(sample, shows_why=shows_why)
    with clock.standing_at(NINE):
        tickets = [
            *(factories.ticket(service) for service in (sample.passports, sample.payments) for _visitor in range(12)),
            factories.ticket(sample.passports, priority=factories.priority(sample.branch, minutes=15)),
        ]
        factories.served(sample.desk)
        absent(sample.desk)
        actions.plan(tickets[3], [sample.payments])
        actions.transfer_ticket(tickets[4], to_desk=sample.other_desk, by=None)
        actions.link(sample.desk, tickets[5].shown, tickets[6].shown, by=None)
        actions.leave(tickets[7])
        actions.hold(sample.desk, factories.called(sample.desk).pk, minutes=5, by=None)
        called = factories.called(sample.desk)
        ids = [*(ticket.pk for ticket in tickets), 10**9]
        now = read(sample.branch, VisitorAudience.needs, ids)
    audience = VisitorAudience(sample.branch.pk, "en")
    bodies = audience.render(now, ids)
    assert bodies == {pk: audience.render(now, [pk])[pk] for pk in ids}
    shown = {pk: json.loads(body)["own"] for pk, body in bodies.items()}
    known = places(now)
    assert len(known) > 15
    for ticket in tickets:
        place = known.get(now.followed[ticket.pk].leader_id or ticket.pk)
        assert (shown[ticket.pk]["place"], shown[ticket.pk]["ahead"]) == (place or "", place - 1 if place else 0)
    assert {pk for pk, own in shown.items() if own["why"]} == (known.keys() & shown.keys() if shows_why else set())
    assert [pk for pk, own in shown.items() if own["call"]] == [called.pk]
    assert {own["service"] for own in shown.values()} > {"Passports", "Payments"}


def test_phones_that_differ_in_their_place_alone_are_worked_out_once(
    sample: SampleBranch, monkeypatch: pytest.MonkeyPatch
) -> None:
    worked_out = Mock(wraps=situation)
    monkeypatch.setattr("visitor.following.situation", worked_out)
    ids = [ticket.pk for ticket in factories.waiting(40, sample.passports)]
    bodies = VisitorAudience(sample.branch.pk, "en").render(read(sample.branch, VisitorAudience.needs, ids), ids)
    assert [json.loads(bodies[pk])["own"]["place"] for pk in ids] == list(range(1, 41))
    assert worked_out.call_count == 7, "distances"


@pytest.mark.parametrize("sent", ["", "desk", "clerk"])
def test_where_nobody_serves_nobody_is_next(sent: str, sample: SampleBranch) -> None:
    ticket = factories.ticket(sample.passports)
    clerk = Desk.objects.get(pk=sample.desk.pk).clerk
    assert clerk is not None
    if sent:
        to = {"to_desk": sample.desk} if sent == "desk" else {"to_clerk": clerk}
        actions.transfer_ticket(ticket, **to, by=None)
    page = Client(headers={"accept-language": "en"}).get(f"/t/{ticket.token}/?language=en")
    assert "You are next" in text(html(page))
    for desk in (sample.desk, sample.other_desk):
        desk.refresh_from_db()
        assert desk.clerk is not None
        actions.close_session(desk, by=desk.clerk)
    said = text(html(Client().get(f"/t/{ticket.token}/?language=en")))
    assert "Nobody serves this just now" in said
    assert "You are next" not in said
    assert "Stay nearby" not in said
