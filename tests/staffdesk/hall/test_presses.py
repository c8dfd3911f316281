"""A supervisor's presses, and what each answers."""

import re
from datetime import timedelta

import pytest
from django.test import Client

from queues import actions, clock
from queues.models import Rule, Service, Ticket
from queues.refusals import UnknownTicket
from queues.states import State
from tests.kit import factories
from tests.kit.crowds import busy_after
from tests.kit.hall_pages import address, hall, press, row, said
from tests.kit.sample_branch import SampleBranch, html, refreshed, text, value

pytestmark = pytest.mark.django_db


@pytest.fixture
def client(supervisor_client: Client) -> Client:
    return supervisor_client


def test_everything_pauses_and_goes_on(sample: SampleBranch, client: Client) -> None:
    paused = press(client, sample, "pause/")
    assert (value(paused, "data-paused"), said(paused)) == ("1", "Everything is paused. Everybody keeps their place.")
    assert "Everything is paused since" in text(paused)
    assert value(press(client, sample, "resume/"), "data-paused") == ""


def test_an_answer_is_newer_than_the_press(sample: SampleBranch, client: Client) -> None:
    answer = press(client, sample, "pause/")
    sample.branch.refresh_from_db()
    assert value(answer, "data-answered-rev") == str(sample.branch.revision)
    assert "<html" not in answer


def test_without_a_script_a_press_leads_back_to_the_hall(sample: SampleBranch, client: Client) -> None:
    answer = client.post(address(sample, "pause/"), follow=True)
    assert answer.redirect_chain == [(address(sample), 302)]
    assert "Everything is paused. Everybody keeps their place." in text(html(answer))


def test_a_notice_is_shown_and_removed(sample: SampleBranch, client: Client) -> None:
    shown = press(client, sample, "notice/", notice_fi="Hissi ei toimi.", notice_en="No lift.")
    assert "“No lift.”" in text(shown)
    assert "data-notice-shown" not in press(client, sample, "notice/remove/")
    assert said(press(client, sample, "notice/", notice_en="x")) == "Say it at least in this language: Suomi."


def test_a_service_closes_with_words_and_opens(sample: SampleBranch, client: Client) -> None:
    closed = press(client, sample, "service/close/", service=sample.passports.pk, note_en="Back at 13:00.")
    assert value(row(closed, "passports"), "data-open") == ""
    sample.passports.refresh_from_db()
    assert sample.passports.closed_note_en == "Back at 13:00."  # type: ignore[attr-defined]
    opened = press(client, sample, "service/open/", service=sample.passports.pk)
    assert value(row(opened, "passports"), "data-open") == "1"


def test_another_branchs_rows_are_nobodys_here(sample: SampleBranch, client: Client) -> None:
    elsewhere = factories.service()
    desk, ticket = factories.desk(elsewhere), factories.ticket(elsewhere)
    rule = actions.add_rule(elsewhere.branch, service=elsewhere, over=9, under=5, desks=[desk])
    presses: dict[str, dict[str, object]] = {
        "service/close/": {"service": elsewhere.pk},
        f"desk/{desk.pk}/services/": {"service": elsewhere.pk},
        f"ticket/{ticket.pk}/free/": {},
        "ticket/send/": {"number": ticket.shown, "to": f"service:{sample.passports.pk}"},
        f"rule/{rule.pk}/remove/": {},
        "rule/add/": {"service": elsewhere.pk, "over": 15, "under": 5, "desk": desk.pk},
    }
    for rest, fields in presses.items():
        assert 'class="refused"' in press(client, sample, rest, **fields), rest
    assert Service.objects.get(pk=elsewhere.pk).is_open
    assert list(Rule.objects.all()) == [rule]


def test_a_desk_moves_to_other_services(sample: SampleBranch, client: Client) -> None:
    answer = press(client, sample, f"desk/{sample.desk.pk}/services/", service=[sample.payments.pk, sample.closed.pk])
    assert said(answer) == "Desk 3 now serves: Payments, Parking."
    assert value(row(answer, "3", "data-desk-row"), "data-serves") == f"{sample.payments.pk} {sample.closed.pk}"


def test_a_stuck_ticket_is_freed_or_ended(sample: SampleBranch, client: Client) -> None:
    ticket = factories.ticket(sample.passports)
    factories.serving(sample.desk)
    assert 'data-action="free"' in hall(client, sample)
    answer = press(client, sample, f"ticket/{ticket.pk}/free/")
    assert said(answer) == "A1 is back in the queue, in the old place."
    factories.serving(sample.desk)
    assert said(press(client, sample, f"ticket/{ticket.pk}/end/")) == "A1: Served."
    assert refreshed(ticket).state == State.DONE


def _since(page: str, ticket: Ticket) -> str:
    """What the button beside this ticket sends."""
    found = re.search(rf'ticket/{ticket.pk}/free/" name="since"\s+value="(\d+)"', page)
    assert found
    return found[1]


@pytest.mark.parametrize("nonsense", ["9" * 18, "-1", "now"])
def test_what_is_no_instant_is_not_checked_or_refused_in_words(
    nonsense: str, sample: SampleBranch, client: Client
) -> None:
    ticket = factories.ticket(sample.passports)
    factories.called(sample.desk)
    assert said(press(client, sample, f"ticket/{ticket.pk}/free/", since=nonsense)).startswith(
        ("A1 is back", "Changed")
    )


def test_nobody_is_freed_or_ended_from_a_page_that_is_out_of_date(sample: SampleBranch, client: Client) -> None:
    ticket = factories.ticket(sample.passports)
    factories.called(sample.desk)
    page = hall(client, sample)
    actions.start_serving(sample.desk, ticket.pk, by=None)
    for rest in ("free", "end"):
        answer = press(client, sample, f"ticket/{ticket.pk}/{rest}/", since=_since(page, ticket))
        assert said(answer) == "Changed meanwhile: A1 is now “Being served”."
    assert refreshed(ticket).state == State.SERVING
    answer = press(client, sample, f"ticket/{ticket.pk}/free/", since=_since(hall(client, sample), ticket))
    assert said(answer) == "A1 is back in the queue, in the old place."


def test_a_visitor_is_sent_on_by_number(sample: SampleBranch, client: Client) -> None:
    ticket = factories.ticket(sample.passports)
    factories.serving(sample.desk)
    press(client, sample, "ticket/send/", number="a 1", to=f"service:{sample.payments.pk}", anyway=1)
    assert (refreshed(ticket).state, ticket.service) == (State.WAITING, sample.payments)
    to = f"desk:{sample.other_desk.pk}"
    assert "Nobody sits at desk 4 just now." in press(client, sample, "ticket/send/", number="A1", to=to)
    press(client, sample, "ticket/send/", number="A1", to=to, anyway=1)
    assert refreshed(ticket).for_desk == sample.other_desk
    assert 'class="refused"' in press(client, sample, "ticket/send/", number="A1", to="nobody")


def test_a_head_start_is_given_and_taken_away(sample: SampleBranch, client: Client) -> None:
    families = factories.priority(sample.branch, minutes=15)
    ticket = factories.ticket(sample.passports)
    given = press(client, sample, "ticket/priority/", number="A1", priority=families.pk)
    assert said(given) == "A1 is 15 min ahead now."
    assert refreshed(ticket).priority == families
    assert said(press(client, sample, "ticket/priority/", number="A1")) == "A1 has no head start any more."


def test_the_closing_page_says_what_each_way_will_do(sample: SampleBranch, client: Client) -> None:
    factories.waiting(4, sample.passports)
    held = factories.serving(sample.desk)
    actions.hold(sample.desk, held.pk, by=None)
    page = text(html(client.get(address(sample, "closing/"))))
    assert "3 visitors are in the queue, 1 is on hold." in page
    assert "4 visitors lose their places" in page


def test_the_day_closes_by_serving_all_and_opens_again(sample: SampleBranch, client: Client) -> None:
    closed = press(client, sample, "close/stop/")
    assert value(closed, "data-closed") == "1"
    assert value(press(client, sample, "reopen/"), "data-closed") == ""


def test_the_day_closes_at_once_and_never_in_silence(sample: SampleBranch, client: Client) -> None:
    tickets = factories.waiting(2, sample.passports)
    silent = client.post(address(sample, "close/now/"), {"back": "closing"}, follow=True)
    assert silent.redirect_chain == [(address(sample, "closing/"), 302)]
    assert "Say it at least in this language: Suomi." in text(html(silent))
    closed = client.post(address(sample, "close/now/"), {"back": "closing", "notice_fi": "Suljemme."}, follow=True)
    assert closed.redirect_chain == [(address(sample), 302)]
    assert "2 visitors were told" in text(html(closed))
    assert {refreshed(ticket).state for ticket in tickets} == {State.EXPIRED}


def test_who_is_told_that_the_day_is_not_quite_closed_presses_again(sample: SampleBranch, client: Client) -> None:
    factories.waiting(3, sample.passports)
    words = {"back": "closing", "notice_fi": "Suljemme."}
    with busy_after(1):
        told = client.post(address(sample, "close/now/"), words, follow=True)
    assert told.redirect_chain == [(address(sample, "closing/"), 302)]
    assert "Not everything is done yet: press again." in text(html(told))
    assert 'value="Suljemme."' in html(told), "nobody writes it twice"
    closed = client.post(address(sample, "close/now/"), words, follow=True)
    assert "1 visitor was told" in text(html(closed))
    assert set(Ticket.objects.values_list("state", flat=True)) == {State.EXPIRED}


def test_a_rule_is_added_read_switched_and_removed(sample: SampleBranch, client: Client) -> None:
    fields = {"service": sample.payments.pk, "over": 15, "under": 5, "desk": [sample.desk.pk, sample.other_desk.pk]}
    added = press(client, sample, "rule/add/", **fields, name="Rush at the cashier")
    words = "When the longest wait for Payments passes 15 min, desks 3 and 4 also serve it, until it is under 5 min."
    assert words in text(added)
    assert "In force, not acting" in text(added)
    rule = Rule.objects.get()
    with clock.standing_at(factories.earlier_today(sample.branch, minutes=20)):
        factories.ticket(sample.payments)
    actions.apply_rules()
    page = text(hall(client, sample))
    assert "Acting since" in page
    assert "Rule “Rush at the cashier”: desk 4 serves Payments from now on." in page
    off = press(client, sample, f"rule/{rule.pk}/off/")
    assert "data-rule" in off
    assert not sample.other_desk.services.filter(pk=sample.payments.pk).exists()
    assert Rule.objects.get().is_on is False
    press(client, sample, f"rule/{rule.pk}/on/")
    assert Rule.objects.get().is_on is True
    page = text(press(client, sample, f"rule/{rule.pk}/remove/"))
    assert not Rule.objects.exists()
    name, words = "the rule “Rush at the cashier”", "Maksut: kun pisin odotus on yli 15 min"
    for done in (f"added {name}.", f"switched {name} off.", f"switched {name} on.", f"removed {name}."):
        assert f"Riitta M. {done} {words}" in page


@pytest.mark.parametrize("wrong", [{"over": "soon"}, {"under": ""}, {"under": 20}, {"desk": []}, {"over": 99999999}])
def test_a_rule_that_makes_no_sense_is_refused_in_words(
    wrong: dict[str, object], sample: SampleBranch, client: Client
) -> None:
    fields: dict[str, object] = {"service": sample.payments.pk, "over": 15, "under": 5, "desk": [sample.desk.pk]}
    answer = press(client, sample, "rule/add/", **(fields | wrong))
    assert 'class="refused"' in answer
    assert said(answer)
    assert not Rule.objects.exists()


def test_a_number_is_todays_however_it_is_spelt(sample: SampleBranch, client: Client) -> None:
    with clock.standing_at(clock.now() - timedelta(days=7)):
        last_week = factories.ticket(sample.passports)
    unknown = press(client, sample, "ticket/send/", number=last_week.shown, to=f"service:{sample.payments.pk}")
    assert said(unknown) == str(UnknownTicket())
    assert refreshed(last_week).service == sample.passports
    today = factories.ticket(sample.passports)
    spelt = f" {today.shown[0].lower()} {today.shown[1:]} "
    press(client, sample, "ticket/send/", number=spelt, to=f"service:{sample.payments.pk}", anyway="1")
    assert refreshed(today).service == sample.payments
