"""A supervisor's presses, and what each answers."""

import re

import pytest
from django.test import Client

from queues import actions
from queues.models import Rule, Service, Ticket
from queues.states import State
from tests.kit import factories
from tests.kit.hall_pages import address, ago, hall, press, row, said
from tests.kit.sample_branch import Town, html, refreshed, text, value

pytestmark = pytest.mark.django_db


@pytest.fixture
def client(supervisor_client: Client) -> Client:
    return supervisor_client


def test_everything_pauses_and_goes_on(town: Town, client: Client) -> None:
    paused = press(client, town, "pause/")
    assert (value(paused, "data-paused"), said(paused)) == ("1", "Everything is paused. Everybody keeps their place.")
    assert "Everything is paused since" in text(paused)
    assert value(press(client, town, "resume/"), "data-paused") == ""


def test_an_answer_is_newer_than_the_press(town: Town, client: Client) -> None:
    answer = press(client, town, "pause/")
    town.branch.refresh_from_db()
    assert value(answer, "data-answered-rev") == str(town.branch.revision)
    assert "<html" not in answer


def test_without_a_script_a_press_leads_back_to_the_hall(town: Town, client: Client) -> None:
    answer = client.post(address(town, "pause/"), follow=True)
    assert answer.redirect_chain == [(address(town), 302)]
    assert "Everything is paused. Everybody keeps their place." in text(html(answer))


def test_a_notice_is_shown_and_removed(town: Town, client: Client) -> None:
    shown = press(client, town, "notice/", notice_fi="Hissi ei toimi.", notice_en="No lift.")
    assert "“No lift.”" in text(shown)
    assert "data-notice-shown" not in press(client, town, "notice/remove/")
    assert said(press(client, town, "notice/", notice_en="x")) == "Say it at least in this language: Suomi."


def test_a_service_closes_with_words_and_opens(town: Town, client: Client) -> None:
    closed = press(client, town, "service/close/", service=town.passports.pk, note_en="Back at 13:00.")
    assert value(row(closed, "passports"), "data-open") == ""
    town.passports.refresh_from_db()
    assert town.passports.closed_note_en == "Back at 13:00."  # type: ignore[attr-defined]
    opened = press(client, town, "service/open/", service=town.passports.pk)
    assert value(row(opened, "passports"), "data-open") == "1"


def test_another_branchs_rows_are_nobodys_here(town: Town, client: Client) -> None:
    elsewhere = factories.service()
    desk, ticket = factories.desk(elsewhere), factories.ticket(elsewhere)
    rule = actions.add_rule(elsewhere.branch, service=elsewhere, over=9, under=5, desks=[desk])
    presses: dict[str, dict[str, object]] = {
        "service/close/": {"service": elsewhere.pk},
        f"desk/{desk.pk}/services/": {"service": elsewhere.pk},
        f"ticket/{ticket.pk}/free/": {},
        "ticket/send/": {"number": ticket.shown, "to": f"service:{town.passports.pk}"},
        f"rule/{rule.pk}/remove/": {},
        "rule/add/": {"service": elsewhere.pk, "over": 15, "under": 5, "desk": desk.pk},
    }
    for rest, fields in presses.items():
        assert 'class="refused"' in press(client, town, rest, **fields), rest
    assert Service.objects.get(pk=elsewhere.pk).is_open
    assert list(Rule.objects.all()) == [rule]


def test_a_desk_moves_to_other_services(town: Town, client: Client) -> None:
    answer = press(client, town, f"desk/{town.desk.pk}/services/", service=[town.payments.pk, town.closed.pk])
    assert said(answer) == "Desk 3 now serves: Payments, Parking."
    assert value(row(answer, "3", "data-desk-row"), "data-serves") == f"{town.payments.pk} {town.closed.pk}"


def test_a_stuck_ticket_is_freed_or_ended(town: Town, client: Client) -> None:
    ticket = factories.ticket(town.passports)
    factories.serving(town.desk)
    assert 'data-action="free"' in hall(client, town)
    answer = press(client, town, f"ticket/{ticket.pk}/free/")
    assert said(answer) == "A1 is back in line, in the old place."
    factories.serving(town.desk)
    assert said(press(client, town, f"ticket/{ticket.pk}/end/")) == "A1: Served."
    assert refreshed(ticket).state == State.DONE


def _since(page: str, ticket: Ticket) -> str:
    """What the button beside this ticket sends."""
    found = re.search(rf'ticket/{ticket.pk}/free/" name="since" value="(\d+)"', page)
    assert found
    return found[1]


@pytest.mark.parametrize("nonsense", ["9" * 18, "-1", "now"])
def test_what_is_no_instant_is_not_checked_or_refused_in_words(nonsense: str, town: Town, client: Client) -> None:
    ticket = factories.ticket(town.passports)
    factories.called(town.desk)
    assert said(press(client, town, f"ticket/{ticket.pk}/free/", since=nonsense)).startswith(("A1 is back", "Changed"))


def test_nobody_is_freed_or_ended_from_a_page_that_is_out_of_date(town: Town, client: Client) -> None:
    ticket = factories.ticket(town.passports)
    factories.called(town.desk)
    page = hall(client, town)
    actions.start_serving(town.desk, ticket.pk, by=None)
    for rest in ("free", "end"):
        answer = press(client, town, f"ticket/{ticket.pk}/{rest}/", since=_since(page, ticket))
        assert said(answer) == "Changed meanwhile: A1 is now “Being served”."
    assert refreshed(ticket).state == State.SERVING
    answer = press(client, town, f"ticket/{ticket.pk}/free/", since=_since(hall(client, town), ticket))
    assert said(answer) == "A1 is back in line, in the old place."


def test_a_visitor_is_sent_on_by_number(town: Town, client: Client) -> None:
    ticket = factories.ticket(town.passports)
    factories.serving(town.desk)
    press(client, town, "ticket/send/", number="a 1", to=f"service:{town.payments.pk}")
    assert (refreshed(ticket).state, ticket.service) == (State.WAITING, town.payments)
    press(client, town, "ticket/send/", number="A1", to=f"desk:{town.other_desk.pk}")
    assert refreshed(ticket).for_desk == town.other_desk
    assert 'class="refused"' in press(client, town, "ticket/send/", number="A1", to="nobody")


def test_a_head_start_is_given_and_taken_away(town: Town, client: Client) -> None:
    families = factories.priority(town.branch, minutes=15)
    ticket = factories.ticket(town.passports)
    given = press(client, town, "ticket/priority/", number="A1", priority=families.pk)
    assert said(given) == "A1 is 15 min ahead now."
    assert refreshed(ticket).priority == families
    assert said(press(client, town, "ticket/priority/", number="A1")) == "A1 has no head start any more."


def test_the_closing_page_says_what_each_way_will_do(town: Town, client: Client) -> None:
    factories.waiting(4, town.passports)
    held = factories.serving(town.desk)
    actions.hold(town.desk, held.pk, by=None)
    page = text(html(client.get(address(town, "closing/"))))
    assert "3 visitors are in line, 1 is on hold." in page
    assert "4 visitors lose their places" in page


def test_the_day_closes_by_serving_all_and_opens_again(town: Town, client: Client) -> None:
    closed = press(client, town, "close/stop/")
    assert value(closed, "data-closed") == "1"
    assert value(press(client, town, "reopen/"), "data-closed") == ""


def test_the_day_closes_at_once_and_never_in_silence(town: Town, client: Client) -> None:
    tickets = factories.waiting(2, town.passports)
    silent = client.post(address(town, "close/now/"), {"back": "closing"}, follow=True)
    assert silent.redirect_chain == [(address(town, "closing/"), 302)]
    assert "Say it at least in this language: Suomi." in text(html(silent))
    closed = client.post(address(town, "close/now/"), {"back": "closing", "notice_fi": "Suljemme."}, follow=True)
    assert closed.redirect_chain == [(address(town), 302)]
    assert "2 visitors were told" in text(html(closed))
    assert {refreshed(ticket).state for ticket in tickets} == {State.EXPIRED}


def test_a_rule_is_added_read_switched_and_removed(town: Town, client: Client) -> None:
    fields = {"service": town.payments.pk, "over": 15, "under": 5, "desk": [town.desk.pk, town.other_desk.pk]}
    added = press(client, town, "rule/add/", **fields, name="Rush at the cashier")
    words = "When the longest wait for Payments passes 15 min, desks 3 and 4 also serve it, until it is under 5 min."
    assert words in text(added)
    assert "In force, not acting" in text(added)
    rule = Rule.objects.get()
    with ago(20):
        factories.ticket(town.payments)
    actions.apply_rules()
    page = text(hall(client, town))
    assert "Acting since" in page
    assert "Rule “Rush at the cashier”: desk 4 serves Payments from now on." in page
    off = press(client, town, f"rule/{rule.pk}/off/")
    assert "data-rule" in off
    assert not town.other_desk.services.filter(pk=town.payments.pk).exists()
    assert Rule.objects.get().is_on is False
    press(client, town, f"rule/{rule.pk}/on/")
    assert Rule.objects.get().is_on is True
    page = text(press(client, town, f"rule/{rule.pk}/remove/"))
    assert not Rule.objects.exists()
    name, words = "the rule “Rush at the cashier”", "Maksut: kun pisin odotus on yli 15 min"
    for done in (f"added {name}.", f"switched {name} off.", f"switched {name} on.", f"removed {name}."):
        assert f"Riitta M. {done} {words}" in page


@pytest.mark.parametrize("wrong", [{"over": "soon"}, {"under": ""}, {"under": 20}, {"desk": []}, {"over": 99999999}])
def test_a_rule_that_makes_no_sense_is_refused_in_words(wrong: dict[str, object], town: Town, client: Client) -> None:
    fields: dict[str, object] = {"service": town.payments.pk, "over": 15, "under": 5, "desk": [town.desk.pk]}
    answer = press(client, town, "rule/add/", **(fields | wrong))
    assert 'class="refused"' in answer
    assert said(answer)
    assert not Rule.objects.exists()
