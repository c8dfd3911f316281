"""The supervisor's hall: its door, what it shows, its presses."""

import re
from datetime import timedelta
from typing import Any, Protocol

import pytest
from asgiref.sync import sync_to_async
from django.test import Client

from accounts.models import User
from live.hub import _read_and_render
from queues import actions, clock
from queues.models import Branch, BranchEvent, Desk, Role, Rule, Service, Ticket, What
from queues.states import State
from queues.topics import branch_topic
from staffdesk.hall.board import CLOSE, FINE, OVER, HallAudience, sign_of
from tests import factories
from tests.sockets import Refused
from tests.surfaces.listening import listening, on_a_loop
from tests.surfaces.town import Town, html, refreshed, text, value, values

pytestmark = pytest.mark.django_db

PAGES = ["", "frame/", "closing/"]
PRESSES = [
    "pause/", "resume/", "notice/", "notice/remove/", "close/stop/", "close/now/", "reopen/", "service/open/",
    "service/close/", "desk/1/services/", "desk/1/coming/", "ticket/1/free/", "ticket/1/end/", "ticket/send/",
    "ticket/priority/", "rule/add/", "rule/1/on/", "rule/1/off/", "rule/1/remove/",
]  # fmt: skip
MINUTE = timedelta(minutes=1)


class AtMost(Protocol):
    def __call__(self, num: int) -> Any: ...


def signed_in(user: User) -> Client:
    client = Client(headers={"accept-language": "en"})
    client.force_login(user)
    return client


@pytest.fixture
def supervisor(town: Town) -> User:
    return factories.clerk(town.branch, role=Role.SUPERVISOR, first_name="Riitta", last_name="M.")


@pytest.fixture
def client(supervisor: User) -> Client:
    return signed_in(supervisor)


@pytest.fixture
def seated(town: Town) -> None:
    """Somebody sits at each desk."""
    actions.close_day(town.branch)
    actions.sit_down(town.desk, by=town.clerk)
    actions.sit_down(town.other_desk, by=factories.clerk(town.branch))


def address(town: Town, rest: str = "") -> str:
    return f"/hall/{town.branch.slug}/{rest}"


def hall(client: Client, town: Town) -> str:
    answer = client.get(address(town))
    assert answer.status_code == 200
    return html(answer)


def press(client: Client, town: Town, rest: str, **fields: object) -> str:
    answer = client.post(address(town, rest), fields, headers={"hx-request": "true"})
    assert answer.status_code == 200
    return html(answer)


def said(answer: str) -> str:
    return text(answer.split('<div id="notice"')[1].split(">", 1)[1])


def row(page: str, name: str, hook: str = "data-service-row") -> str:
    found = re.search(rf'<tr {hook}="{name}".*?</tr>', page, re.DOTALL)
    assert found
    return found.group()


def cell(part: str, name: str) -> str:
    found = re.search(rf"<td[^>]* {name}[^>]*>(.*?)</td>", part)
    assert found
    return text(found.group(1))


# The door


def leaders(town: Town) -> dict[str, User]:
    return {
        "supervisor": factories.clerk(town.branch, role=Role.SUPERVISOR),
        "manager": factories.clerk(town.branch, role=Role.MANAGER),
        "administrator": factories.user(is_superuser=True),
    }


def others(town: Town) -> dict[str, User]:
    return {
        "a clerk here": town.clerk,
        "a supervisor elsewhere": factories.clerk(factories.branch(), role=Role.SUPERVISOR),
        "a stranger": town.stranger,
        "a supervisor who has gone": factories.clerk(town.branch, role=Role.SUPERVISOR, is_active=False),
    }


@pytest.mark.parametrize("page", PAGES)
def test_who_leads_the_branch_opens_its_hall(page: str, town: Town) -> None:
    for user in leaders(town).values():
        assert signed_in(user).get(address(town, page)).status_code == 200


@pytest.mark.parametrize("page", PAGES)
def test_for_everybody_else_it_is_as_one_that_does_not_exist(page: str, town: Town) -> None:
    for who, user in others(town).items():
        client = signed_in(user)
        theirs, none = client.get(address(town, page)), client.get(f"/hall/nowhere/{page}")
        if not user.is_active:
            assert theirs.status_code == none.status_code == 302, who
            continue
        assert theirs.status_code == none.status_code == 404, who
        assert text(html(theirs)) == text(html(none))


@pytest.mark.parametrize("rest", PRESSES)
def test_nobody_else_presses_there(rest: str, town: Town) -> None:
    ticket = factories.ticket(town.passports)
    before = Branch.objects.get(pk=town.branch.pk).revision
    for user in others(town).values():
        assert signed_in(user).post(address(town, rest)).status_code in (302, 404)
    assert Client().post(address(town, rest)).status_code == 302
    assert Branch.objects.get(pk=town.branch.pk).revision == before
    assert refreshed(ticket).state == State.WAITING


@pytest.mark.parametrize("page", PAGES)
def test_nobody_sees_it_without_signing_in(page: str, town: Town) -> None:
    answer = Client().get(address(town, page))
    assert answer.headers["Location"] == f"/desk/sign-in/?next={address(town, page)}"


@pytest.mark.parametrize("rest", PRESSES)
def test_a_press_that_is_about_nothing_is_refused_in_words(rest: str, town: Town, client: Client) -> None:
    rest = rest.replace("/1/", "/999999/")
    assert said(press(client, town, rest))


def test_the_choice_of_desks_leads_those_who_may(town: Town, client: Client) -> None:
    link = f'href="{address(town)}" data-surface="hall"'
    assert link in html(client.get("/desk/"))
    assert link not in html(signed_in(town.clerk).get("/desk/"))


@pytest.mark.django_db(transaction=True)
def test_only_who_leads_the_branch_listens(town: Town) -> None:
    may, may_not = leaders(town), others(town)

    @on_a_loop
    async def story() -> None:
        for user in (None, *may_not.values()):
            with pytest.raises(Refused):
                async with listening(f"/ws{address(town)}", user):
                    pass
        with pytest.raises(Refused):
            async with listening("/ws/hall/nowhere/", may["administrator"]):
                pass
        async with listening(f"/ws{address(town)}?language=en", may["supervisor"]) as socket:
            assert 'data-service-row="passports"' in socket.last["html"]

    story()


# What it costs


def busy(town: Town) -> None:
    """Something of everything that the hall shows."""
    factories.called(town.desk)
    desks = [town.desk, town.other_desk]
    actions.add_rule(town.branch, service=town.payments, over=15, under=5, desks=desks)
    actions.set_desk_services(town.other_desk, [town.passports, town.payments], by=town.clerk)


@pytest.mark.parametrize("waiting", [1, 3, 300])
def test_the_page_asks_as_often_however_many_wait(
    waiting: int, town: Town, client: Client, django_assert_num_queries: AtMost
) -> None:
    factories.waiting(waiting, town.passports)
    busy(town)
    with django_assert_num_queries(2 + 1 + 11 + 5):  # signed in, the door, the reading, the forms
        assert client.get(address(town)).status_code == 200


@pytest.mark.parametrize("waiting", [1, 3, 300])
def test_a_refresh_asks_as_often_however_many_wait(waiting: int, town: Town, django_assert_num_queries: AtMost) -> None:
    factories.waiting(waiting, town.passports)
    busy(town)
    audience = HallAudience(town.branch.pk, "fi")
    with django_assert_num_queries(1 + 11):
        _read_and_render(branch_topic(town.branch.pk), {audience: {None}})


# What it shows


def test_each_service_with_its_line_its_wait_and_its_desks(town: Town, client: Client, seated: None) -> None:  # noqa: ARG001 - they sit
    Service.objects.update(typical_seconds=600)
    with clock.standing_at(clock.now() - 9 * MINUTE):
        factories.waiting(3, town.passports)
    page = hall(client, town)
    assert values(page, "data-service-row") == ["passports", "payments", "parking"]
    passports = row(page, "passports")
    assert [cell(passports, f"data-{name}") for name in ("waiting", "longest", "expected")] == ["3", "9 min", "15 min"]
    assert text(passports).endswith("15 min 3 4")
    assert (value(passports, "data-sign"), value(row(page, "parking"), "data-open")) == (FINE, "")


def test_how_a_line_stands_against_its_target_is_said_in_words(town: Town, client: Client) -> None:
    Service.objects.update(target=10)
    for service, minutes in ((town.passports, 8), (town.payments, 11)):
        with clock.standing_at(clock.now() - minutes * MINUTE):
            factories.ticket(service)
    page = hall(client, town)
    signs = {"passports": (CLOSE, "close to it"), "payments": (OVER, "over it"), "parking": (FINE, "fine")}
    for name, (sign, words) in signs.items():
        assert value(row(page, name), "data-sign") == sign
        assert words in text(row(page, name))


@pytest.mark.parametrize(("wait", "sign"), [(0, FINE), (11.9, FINE), (12, CLOSE), (15, CLOSE), (15.1, OVER)])
def test_close_to_a_target_begins_at_four_fifths_of_it(wait: float, sign: str) -> None:
    assert sign_of(wait * MINUTE, 15 * MINUTE) == sign


def test_each_desk_with_who_sits_there_and_on_what(town: Town, client: Client) -> None:
    actions.sit_down(town.desk, by=town.clerk)
    factories.waiting(2, town.passports)
    actions.call_next(town.desk, by=town.clerk)
    page = hall(client, town)
    mine, other = row(page, "3", "data-desk-row"), row(page, "4", "data-desk-row")
    assert (value(mine, "data-state"), value(other, "data-state")) == (State.CALLED, "NOBODY")
    assert town.clerk.shown_name in text(mine)
    assert "A 1 Passports" in text(mine)
    assert values(mine, "data-since")
    actions.mark_absent(town.desk, Ticket.objects.get(shown="A1").pk, by=town.clerk)
    actions.pause(town.desk, reason="Coffee", minutes=15, by=town.clerk)
    mine = row(hall(client, town), "3", "data-desk-row")
    assert value(mine, "data-state") == "PAUSED"
    assert "Coffee until" in text(mine)


def test_a_quiet_call_for_help_is_heard_and_answered(town: Town, client: Client, supervisor: User) -> None:
    actions.ask_for_help(town.desk, by=town.clerk)
    mine = row(hall(client, town), "3", "data-desk-row")
    assert "asks for help" in text(mine)
    answer = press(client, town, f"desk/{town.desk.pk}/coming/")
    assert "Riitta M. goes to help" in text(row(answer, "3", "data-desk-row"))
    assert Desk.objects.get(pk=town.desk.pk).helper == supervisor


def test_nothing_of_a_visitor_but_the_number_is_shown(town: Town, client: Client) -> None:
    Branch.objects.update(asks_name=True)
    ticket = actions.issue(town.passports, language="en", visitor_name="Kaisa Nieminen", by_hand=True)
    factories.called(town.desk)
    page = hall(client, town)
    assert "Nieminen" not in page
    assert ticket.token not in page


# What is stuck


def stuck(client: Client, town: Town) -> dict[str, str]:
    page = hall(client, town)
    found = re.findall(r'<li data-stuck="([^"]*)">\s*<p>(.*?)</p>', page, re.DOTALL)
    return {number: text(words) for number, words in found}


def ago(minutes: float) -> Any:
    return clock.standing_at(clock.now() - minutes * MINUTE)


def test_nothing_is_stuck(town: Town, client: Client, seated: None) -> None:  # noqa: ARG001 - they sit
    with ago(5):
        factories.waiting(2, town.passports)
        factories.serving(town.desk)
    assert stuck(client, town) == {}
    assert "Nothing is stuck" in text(hall(client, town))


def test_a_visit_that_takes_longer_than_usual(town: Town, client: Client, seated: None) -> None:  # noqa: ARG001
    with ago(40):
        factories.waiting(2, town.passports)
        factories.serving(town.desk)
    assert stuck(client, town) == {}
    Service.objects.update(longest_usual_seconds=30 * 60)
    assert stuck(client, town) == {"A1": "A 1 at desk 3 for 40 min; for Passports, 99 in 100 take at most 30."}
    Service.objects.update(longest_usual_seconds=None)
    with clock.standing_at(clock.now() + 6 * MINUTE):
        assert stuck(client, town) == {"A1": "A 1 at desk 3 for 46 min, which is unusually long."}


def test_a_call_that_nobody_began(town: Town, client: Client, seated: None) -> None:  # noqa: ARG001
    with ago(11):
        factories.ticket(town.passports)
        factories.called(town.desk)
    assert stuck(client, town) == {"A1": "A 1 called to desk 3 11 min ago, and not begun."}


def test_a_visitor_at_a_desk_that_nobody_attends(town: Town, client: Client) -> None:
    factories.ticket(town.passports)
    factories.serving(town.desk)
    assert stuck(client, town) == {"A1": "A 1 is at desk 3, where nobody sits."}


def test_a_hold_without_an_end_and_one_that_is_past(town: Town, client: Client, seated: None) -> None:  # noqa: ARG001
    with ago(31):
        for minutes in (None, 20):
            ticket = factories.ticket(town.passports)
            factories.serving(town.desk)
            actions.hold(town.desk, ticket.pk, minutes=minutes, by=None)
    found = stuck(client, town)
    assert found["A1"] == "A 1 on hold for 31 min at desk 3, without an end."
    assert re.fullmatch(r"A 2 on hold until \d\d:\d\d, which is past\.", found["A2"])


def test_who_waits_for_a_desk_or_a_colleague_that_is_not_there(town: Town, client: Client) -> None:
    actions.sit_down(town.desk, by=town.clerk)
    for_desk, for_clerk = factories.waiting(2, town.passports)
    actions.reassign(for_desk, to_desk=town.other_desk, by=None)
    actions.reassign(for_clerk, to_clerk=factories.clerk(town.branch), by=None)
    assert stuck(client, town) == {
        "A1": "A 1 waits for desk 4, where nobody sits.",
        "A2": "A 2 waits for a colleague who sits at no desk.",
    }


def test_a_line_that_no_desk_with_somebody_serves(town: Town, client: Client) -> None:
    actions.sit_down(town.other_desk, by=town.clerk)
    factories.waiting(2, town.payments)
    assert stuck(client, town) == {"": "Payments: 2 in line, and nobody sits at a desk that serves it."}


def test_a_long_list_of_what_is_stuck_is_cut_with_a_count(town: Town, client: Client) -> None:
    actions.sit_down(town.desk, by=town.clerk)
    for ticket in factories.waiting(15, town.passports):
        actions.reassign(ticket, to_desk=town.other_desk, by=None)
    assert len(stuck(client, town)) == 12
    assert "and 3 more" in text(hall(client, town))


# Presses


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
    words = "When the longest wait for Payments passes 15 min, desks 3, 4 also serve it, until it is under 5 min."
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
    press(client, town, f"rule/{rule.pk}/remove/")
    assert not Rule.objects.exists()


@pytest.mark.parametrize("wrong", [{"over": "soon"}, {"under": ""}, {"under": 20}, {"desk": []}, {"over": 99999999}])
def test_a_rule_that_makes_no_sense_is_refused_in_words(wrong: dict[str, object], town: Town, client: Client) -> None:
    fields: dict[str, object] = {"service": town.payments.pk, "over": 15, "under": 5, "desk": [town.desk.pk]}
    answer = press(client, town, "rule/add/", **(fields | wrong))
    assert 'class="refused"' in answer
    assert said(answer)
    assert not Rule.objects.exists()


def test_every_event_is_a_sentence(town: Town, client: Client, supervisor: User) -> None:
    for what in What:
        BranchEvent.objects.create(
            branch=town.branch, what=what, desk=town.desk, service=town.passports, by=supervisor, at=clock.now()
        )
    events = re.findall(r"<time datetime=.*?</li>", hall(client, town), re.DOTALL)
    assert len(events) == len(What)
    assert all("Riitta M." in text(event) and "%" not in event for event in events)


@pytest.mark.django_db(transaction=True)
def test_the_hall_is_live_when_a_desk_calls(town: Town, supervisor: User) -> None:
    factories.ticket(town.passports)

    @on_a_loop
    async def story() -> None:
        async with listening(f"/ws{address(town)}?language=en", supervisor) as socket:
            await sync_to_async(factories.called)(town.desk)
            await socket.until(
                lambda heard: 'data-state="CALLED"' in heard.last["html"], what="the call is in the hall"
            )

    story()
