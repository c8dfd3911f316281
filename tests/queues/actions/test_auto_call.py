"""An idle desk calls by itself, for the clerk who wanted it and only then."""

from collections.abc import Callable
from datetime import timedelta

import pytest

from accounts.models import User
from queues import actions, clock
from queues.actions import auto_call
from queues.models import AfterVisit, Branch, Desk, Service, Ticket
from queues.states import State
from tests.kit import factories
from tests.kit.factories import NOON

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("at_noon")]

MINUTE = timedelta(minutes=1)
DELAY = timedelta(seconds=10)
"""After which an idle desk calls by itself, where the branch says nothing else."""


@pytest.mark.parametrize("leaves", [True, False])
def test_a_desk_that_was_left_or_left_to_itself_a_moment_ago_calls_nobody(
    leaves: bool,  # noqa: FBT001 - a parameter of the test
    service: Service,
    desk: Desk,
    clerk: User,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The clock has found the desk idle, and its clerk is faster."""
    ticket = factories.ticket(service)
    actions.set_auto_call(desk, on=True, by=clerk)
    with clock.standing_at(NOON + MINUTE):
        idle = list(auto_call._idle_desks())  # noqa: SLF001 - what the clock saw
        assert idle == [desk]
        if leaves:
            actions.close_session(desk, by=clerk)
        else:
            actions.set_auto_call(desk, on=False, by=clerk)
        monkeypatch.setattr(auto_call, "_idle_desks", lambda: idle)
        assert actions.auto_call_idle_desks() == 0
    desk.refresh_from_db()
    ticket.refresh_from_db()
    assert (desk.clerk, ticket.state) == (None if leaves else clerk, State.WAITING)


def test_an_idle_desk_calls_after_the_branchs_delay_and_not_before(service: Service, desk: Desk, clerk: User) -> None:
    ticket = factories.ticket(service)
    actions.set_auto_call(desk, on=True, by=clerk)
    with clock.standing_at(NOON + DELAY - timedelta(seconds=1)):
        assert actions.auto_call_idle_desks() == 0
    with clock.standing_at(NOON + DELAY):
        assert actions.auto_call_idle_desks() == 1
        assert actions.auto_call_idle_desks() == 0
    ticket.refresh_from_db()
    assert (ticket.state, ticket.desk) == (State.CALLED, desk)
    assert ticket.events.get(to_state=State.CALLED).by == clerk


def test_the_delay_begins_again_with_each_move_of_the_desk(service: Service, desk: Desk, clerk: User) -> None:
    factories.waiting(2, service)
    actions.set_auto_call(desk, on=True, by=clerk)
    with clock.standing_at(NOON + MINUTE):
        ticket = actions.call_next(desk, by=clerk)
        actions.mark_absent(desk, ticket.pk, by=clerk)
    with clock.standing_at(NOON + MINUTE + DELAY - timedelta(seconds=1)):
        assert actions.auto_call_idle_desks() == 0
    with clock.standing_at(NOON + MINUTE + DELAY):
        assert actions.auto_call_idle_desks() == 1


def unrecorded(desk: Desk, clerk: User) -> None:
    Branch.objects.update(after_visit=AfterVisit.REQUIRED)
    factories.ticket(desk.services.get())
    ticket = actions.call_next(desk, by=clerk)
    actions.start_serving(desk, ticket.pk, by=clerk)
    actions.finish(desk, ticket.pk, by=clerk)


@pytest.mark.parametrize(
    "keeps",
    [
        lambda desk, clerk: actions.set_auto_call(desk, on=False, by=clerk),
        lambda desk, clerk: actions.call_next(desk, by=clerk),
        lambda desk, clerk: actions.pause(desk, by=clerk),
        lambda desk, clerk: actions.close_session(desk, by=clerk),
        lambda desk, clerk: actions.pause_all(desk.branch, by=clerk),
        lambda desk, _clerk: actions.leave(Ticket.objects.get(branch=desk.branch, shown="A1")),
        unrecorded,
    ],
    ids=["off", "has somebody", "paused", "closed", "all paused", "nobody waits", "owes an outcome"],
)
def test_what_keeps_a_desk_from_calling_by_itself(
    keeps: Callable[[Desk, User], object], service: Service, desk: Desk, clerk: User
) -> None:
    factories.ticket(service)
    actions.set_auto_call(desk, on=True, by=clerk)
    keeps(desk, clerk)
    calls = Ticket.objects.filter(calls__gt=0).count()
    with clock.standing_at(NOON + MINUTE):
        assert actions.auto_call_idle_desks() == 0
    assert Ticket.objects.filter(calls__gt=0).count() == calls


def test_a_desk_whose_clerk_is_writing_calls_nobody_until_its_delay_after_that(
    service: Service, desk: Desk, clerk: User
) -> None:
    factories.ticket(service)
    actions.set_auto_call(desk, on=True, by=clerk)
    with clock.standing_at(NOON + MINUTE):
        actions.attend(desk, by=clerk, is_open=True, is_writing=True)
        assert actions.auto_call_idle_desks() == 0
    with clock.standing_at(NOON + MINUTE + auto_call.WRITING_LASTS + DELAY - timedelta(seconds=1)):
        assert actions.auto_call_idle_desks() == 0
    with clock.standing_at(NOON + MINUTE + auto_call.WRITING_LASTS + DELAY):
        assert actions.auto_call_idle_desks() == 1


@pytest.mark.parametrize("closed", [True, False])
def test_a_desk_without_an_open_page_calls_nobody(
    closed: bool,  # noqa: FBT001 - a parameter of the test
    service: Service,
    desk: Desk,
    clerk: User,
) -> None:
    factories.ticket(service)
    actions.set_auto_call(desk, on=True, by=clerk)
    if closed:
        actions.attend(desk, by=clerk, is_open=False, is_writing=False)
    with clock.standing_at(NOON + (MINUTE if closed else auto_call.ATTENDED_FOR)):
        assert actions.auto_call_idle_desks() == 0
        actions.attend(desk, by=clerk, is_open=True, is_writing=False)
        assert actions.auto_call_idle_desks() == 1


def test_a_page_that_closes_leaves_the_desk_to_another_one_that_is_open(
    service: Service, desk: Desk, clerk: User
) -> None:
    """Its other window, or itself, loaded again faster than the old one's word has come."""
    factories.ticket(service)
    actions.set_auto_call(desk, on=True, by=clerk)
    with clock.standing_at(NOON + MINUTE):
        actions.attend(desk, by=clerk, is_open=True, is_writing=False)
        actions.attend(desk, by=clerk, is_open=False, is_writing=False)
    with clock.standing_at(NOON + MINUTE + timedelta(seconds=30)):
        assert actions.auto_call_idle_desks() == 1


def test_a_desk_whose_last_page_has_closed_is_not_attended_for_longer_by_that(desk: Desk, clerk: User) -> None:
    actions.set_auto_call(desk, on=True, by=clerk)
    with clock.standing_at(NOON + auto_call.ATTENDED_FOR):
        actions.attend(desk, by=clerk, is_open=False, is_writing=False)
    desk.refresh_from_db()
    assert desk.attended_until == NOON + auto_call.ATTENDED_FOR


@pytest.mark.parametrize("lost", ["account", "membership"])
def test_nobody_is_called_for_whoever_may_not_press_any_more(
    lost: str, service: Service, desk: Desk, clerk: User
) -> None:
    factories.ticket(service)
    actions.set_auto_call(desk, on=True, by=clerk)
    if lost == "account":
        User.objects.filter(pk=clerk.pk).update(is_active=False)
    else:
        clerk.memberships.all().delete()
    with clock.standing_at(NOON + MINUTE):
        assert actions.auto_call_idle_desks() == 0
