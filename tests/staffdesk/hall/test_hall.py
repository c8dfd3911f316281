"""The supervisor's hall: its door, what it costs, what it shows."""

from typing import Any, Protocol

import pytest
from asgiref.sync import sync_to_async
from django.test import Client
from django.utils import translation

from accounts.models import User
from live.hub import _read_and_render
from queues import actions, clock
from queues.models import Branch, Desk, Role, Service, Ticket, What
from queues.snapshot.rules_and_events import EventRow
from queues.states import State
from queues.topics import branch_topic
from staffdesk.hall.board import CLOSE, FINE, OVER, HallAudience, sign_of
from staffdesk.hall.event_log import LoggedEvent
from tests.kit import factories
from tests.kit.hall_pages import MINUTE, address, cell, hall, press, row, said, signed_in
from tests.kit.listening import listening, on_a_loop
from tests.kit.sample_branch import SampleBranch, html, refreshed, text, value, values
from tests.kit.sockets import Refused

pytestmark = pytest.mark.django_db

PAGES = ["", "frame/", "closing/"]
PRESSES = [
    "pause/", "resume/", "notice/", "notice/remove/", "close/stop/", "close/now/", "reopen/", "service/open/",
    "service/close/", "desk/1/services/", "desk/1/coming/", "ticket/1/free/", "ticket/1/end/", "ticket/send/",
    "ticket/priority/", "rule/add/", "rule/1/on/", "rule/1/off/", "rule/1/remove/",
]  # fmt: skip


class AtMost(Protocol):
    def __call__(self, num: int) -> Any: ...


@pytest.fixture
def client(supervisor_client: Client) -> Client:
    return supervisor_client


# The door


def leaders(sample: SampleBranch) -> dict[str, User]:
    return {
        "supervisor": factories.clerk(sample.branch, role=Role.SUPERVISOR),
        "manager": factories.clerk(sample.branch, role=Role.MANAGER),
        "administrator": factories.user(is_superuser=True),
    }


def others(sample: SampleBranch) -> dict[str, User]:
    return {
        "a clerk here": sample.clerk,
        "a supervisor elsewhere": factories.clerk(factories.branch(), role=Role.SUPERVISOR),
        "a stranger": sample.stranger,
        "a supervisor who has gone": factories.clerk(sample.branch, role=Role.SUPERVISOR, is_active=False),
    }


@pytest.mark.parametrize("page", PAGES)
def test_who_leads_the_branch_opens_its_hall(page: str, sample: SampleBranch) -> None:
    for user in leaders(sample).values():
        assert signed_in(user).get(address(sample, page)).status_code == 200


@pytest.mark.parametrize("page", PAGES)
def test_for_everybody_else_it_is_as_one_that_does_not_exist(page: str, sample: SampleBranch) -> None:
    for who, user in others(sample).items():
        client = signed_in(user)
        theirs, none = client.get(address(sample, page)), client.get(f"/hall/nowhere/{page}")
        if not user.is_active:
            assert theirs.status_code == none.status_code == 302, who
            continue
        assert theirs.status_code == none.status_code == 404, who
        assert text(html(theirs)) == text(html(none))


@pytest.mark.parametrize("rest", PRESSES)
def test_nobody_else_presses_there(rest: str, sample: SampleBranch) -> None:
    ticket = factories.ticket(sample.passports)
    before = Branch.objects.get(pk=sample.branch.pk).revision
    for user in others(sample).values():
        assert signed_in(user).post(address(sample, rest)).status_code in (302, 404)
    assert Client().post(address(sample, rest)).status_code == 302
    assert Branch.objects.get(pk=sample.branch.pk).revision == before
    assert refreshed(ticket).state == State.WAITING


@pytest.mark.parametrize("page", PAGES)
def test_nobody_sees_it_without_signing_in(page: str, sample: SampleBranch) -> None:
    answer = Client().get(address(sample, page))
    assert answer.headers["Location"] == f"/desk/sign-in/?next={address(sample, page)}"


@pytest.mark.parametrize("rest", PRESSES)
def test_a_press_that_is_about_nothing_is_refused_in_words(rest: str, sample: SampleBranch, client: Client) -> None:
    rest = rest.replace("/1/", "/999999/")
    assert said(press(client, sample, rest))


def test_the_choice_of_desks_leads_those_who_may(sample: SampleBranch, client: Client) -> None:
    link = f'href="{address(sample)}" data-surface="hall"'
    assert link in html(client.get("/desk/"))
    assert link not in html(signed_in(sample.clerk).get("/desk/"))


@pytest.mark.django_db(transaction=True)
def test_only_who_leads_the_branch_listens(sample: SampleBranch) -> None:
    may, may_not = leaders(sample), others(sample)

    @on_a_loop
    async def story() -> None:
        for user in (None, *may_not.values()):
            with pytest.raises(Refused):
                async with listening(f"/ws{address(sample)}", user):
                    pass
        with pytest.raises(Refused):
            async with listening("/ws/hall/nowhere/", may["administrator"]):
                pass
        async with listening(f"/ws{address(sample)}?language=en", may["supervisor"]) as socket:
            assert 'data-service-row="passports"' in socket.last["html"]

    story()


# What it costs


def busy(sample: SampleBranch) -> None:
    """Something of everything that the hall shows."""
    factories.called(sample.desk)
    desks = [sample.desk, sample.other_desk]
    actions.add_rule(sample.branch, service=sample.payments, over=15, under=5, desks=desks)
    actions.set_desk_services(sample.other_desk, [sample.passports, sample.payments], by=sample.clerk)


@pytest.mark.parametrize("waiting", [1, 3, 300])
def test_the_page_asks_as_often_however_many_wait(
    waiting: int, sample: SampleBranch, client: Client, django_assert_num_queries: AtMost
) -> None:
    factories.waiting(waiting, sample.passports)
    busy(sample)
    with django_assert_num_queries(2 + 1 + 11 + 5):  # signed in, the door, the reading, the forms
        assert client.get(address(sample)).status_code == 200


@pytest.mark.parametrize("waiting", [1, 3, 300])
def test_a_refresh_asks_as_often_however_many_wait(
    waiting: int, sample: SampleBranch, django_assert_num_queries: AtMost
) -> None:
    factories.waiting(waiting, sample.passports)
    busy(sample)
    audience = HallAudience(sample.branch.pk, "fi")
    with django_assert_num_queries(1 + 11):
        _read_and_render(branch_topic(sample.branch.pk), {audience: {None}})


# What it shows


def test_each_service_with_its_line_its_wait_and_its_desks(sample: SampleBranch, client: Client, seated: None) -> None:  # noqa: ARG001 - they sit
    Service.objects.update(typical_seconds=600)
    with clock.standing_at(factories.earlier_today(sample.branch, minutes=9)):
        factories.waiting(3, sample.passports)
    page = hall(client, sample)
    assert values(page, "data-service-row") == ["passports", "payments", "parking"]
    passports = row(page, "passports")
    assert [cell(passports, f"data-{name}") for name in ("waiting", "longest", "expected")] == ["3", "9 min", "15 min"]
    assert text(passports).endswith("15 min 3 4")
    assert (value(passports, "data-sign"), value(row(page, "parking"), "data-open")) == (FINE, "")


def test_how_a_line_stands_against_its_target_is_said_in_words(sample: SampleBranch, client: Client) -> None:
    Service.objects.update(target=10)
    for service, minutes in ((sample.payments, 11), (sample.passports, 8)):
        with clock.standing_at(factories.earlier_today(sample.branch, minutes=minutes)):
            factories.ticket(service)
    page = hall(client, sample)
    signs = {"passports": (CLOSE, "near target"), "payments": (OVER, "over target"), "parking": (FINE, "within target")}
    for name, (sign, words) in signs.items():
        assert value(row(page, name), "data-sign") == sign
        assert words in text(row(page, name))


@pytest.mark.parametrize(("wait", "sign"), [(0, FINE), (11.9, FINE), (12, CLOSE), (15, CLOSE), (15.1, OVER)])
def test_close_to_a_target_begins_at_four_fifths_of_it(wait: float, sign: str) -> None:
    assert sign_of(wait * MINUTE, 15 * MINUTE) == sign


def test_each_desk_with_who_sits_there_and_on_what(sample: SampleBranch, client: Client) -> None:
    actions.open_session(sample.desk, by=sample.clerk)
    factories.waiting(2, sample.passports)
    actions.call_next(sample.desk, by=sample.clerk)
    page = hall(client, sample)
    mine, other = row(page, "3", "data-desk-row"), row(page, "4", "data-desk-row")
    assert (value(mine, "data-state"), value(other, "data-state")) == (State.CALLED, "NOBODY")
    assert sample.clerk.shown_name in text(mine)
    assert "A 1 Passports" in text(mine)
    assert values(mine, "data-since")
    actions.mark_absent(sample.desk, Ticket.objects.get(shown="A1").pk, by=sample.clerk)
    actions.pause(sample.desk, reason="Coffee", minutes=15, by=sample.clerk)
    mine = row(hall(client, sample), "3", "data-desk-row")
    assert value(mine, "data-state") == "PAUSED"
    assert "Coffee until" in text(mine)


def test_a_quiet_call_for_help_is_heard_and_answered(sample: SampleBranch, client: Client, supervisor: User) -> None:
    actions.ask_for_help(sample.desk, by=sample.clerk)
    mine = row(hall(client, sample), "3", "data-desk-row")
    assert "asks for help" in text(mine)
    answer = press(client, sample, f"desk/{sample.desk.pk}/coming/")
    assert "Riitta M. goes to help" in text(row(answer, "3", "data-desk-row"))
    assert Desk.objects.get(pk=sample.desk.pk).helper == supervisor


def test_nothing_of_a_visitor_but_the_number_is_shown(sample: SampleBranch, client: Client) -> None:
    Branch.objects.update(asks_name=True)
    ticket = actions.issue(sample.passports, language="en", visitor_name="Kaisa Nieminen", by_hand=True)
    factories.called(sample.desk)
    page = hall(client, sample)
    assert "Nieminen" not in page
    assert ticket.token not in page


def test_every_event_is_a_sentence() -> None:
    for what in What:
        event = EventRow(1, what, clock.now(), desk="3", service_id=None, by="Riitta M.", rule="Rush", words="")
        with translation.override("en"):
            said = LoggedEvent.of(event, {}).sentence
        assert said.endswith(".")
        assert "%" not in said


@pytest.mark.django_db(transaction=True)
def test_the_hall_is_live_when_a_desk_calls(sample: SampleBranch, supervisor: User) -> None:
    factories.ticket(sample.passports)

    @on_a_loop
    async def story() -> None:
        async with listening(f"/ws{address(sample)}?language=en", supervisor) as socket:
            await sync_to_async(factories.called)(sample.desk)
            await socket.until(
                lambda heard: 'data-state="CALLED"' in heard.last["html"], what="the call is in the hall"
            )

    story()
