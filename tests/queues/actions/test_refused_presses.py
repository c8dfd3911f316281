"""What every press refuses, whichever action it is: an old page, another desk's ticket, a ticket that is over."""

from collections.abc import Callable

import pytest

from accounts.models import User
from queues import actions
from queues.models import Desk, Service, Ticket
from queues.refusals import (
    AlreadyCalled,
    AlreadyOver,
    ChangedMeanwhile,
    DeskBusy,
    NobodyWaiting,
    Refusal,
    WrongState,
)
from queues.states import State
from tests.kit import factories
from tests.kit.invariants import assert_sound

pytestmark = pytest.mark.django_db

Presses = tuple[Callable[[], object], ...]


@pytest.mark.parametrize(
    "press",
    [
        actions.recall,
        actions.call_held,
        actions.start_serving,
        actions.hold,
        lambda desk, pk, by: actions.transfer(desk, pk, service=desk.services.get(), by=by),
    ],
)
def test_a_page_that_still_shows_a_visitor_sends_nobody_out_of_the_line(
    press: Callable[..., Ticket], service: Service, desk: Desk
) -> None:
    factories.ticket(service)
    ticket = factories.called(desk)
    actions.put_back(desk, ticket.pk, by=None)
    with pytest.raises(ChangedMeanwhile):
        press(desk, ticket.pk, by=None)
    assert Ticket.objects.get().state == State.WAITING
    assert_sound(service.branch)


@pytest.mark.parametrize(
    "press",
    [
        lambda desk, by: actions.bring_back(desk, "A1", places=None, by=by),
        lambda desk, by: actions.link(desk, "A2", "A1", by=by),
        lambda desk, by: actions.call_ticket(desk, "A1", reason="late", by=by),
    ],
)
def test_a_desk_is_not_told_of_itself_as_of_another(
    press: Callable[..., Ticket], service: Service, desk: Desk, supervisor: User
) -> None:
    factories.waiting(2, service)
    actions.call_next(desk, by=supervisor)
    with pytest.raises(DeskBusy, match="You still have A1"):
        press(desk, by=supervisor)
    assert_sound(service.branch)


def test_a_visitor_at_another_desk_is_not_called_away_nor_linked_away(
    service: Service, desk: Desk, next_door: Desk, supervisor: User
) -> None:
    factories.waiting(3, service)
    mine = factories.called(desk)
    with pytest.raises(AlreadyCalled, match="A1: already called by desk 3"):
        actions.call_ticket(next_door, "A1", reason="late", by=supervisor)
    theirs = actions.call_next(next_door, by=supervisor)
    for leader in (theirs.shown, "A3"):
        with pytest.raises(AlreadyCalled, match="A1: already called by desk 3"):
            actions.link(next_door, leader, "A1", by=supervisor)
    mine.refresh_from_db()
    assert (mine.desk, mine.leader) == (desk, None)


def test_3_a_desk_that_has_somebody_calls_nobody_else_by_any_way(service: Service, desk: Desk, clerk: User) -> None:
    clerk.memberships.update(may_call_any=True)
    factories.waiting(3, service)
    held = actions.call_next(desk, by=clerk)
    actions.hold(desk, held.pk, by=clerk)
    has = actions.call_next(desk, by=clerk)
    presses: Presses = (
        lambda: actions.call_next(desk, by=clerk),
        lambda: actions.call_ticket(desk, "A3", reason="late", by=clerk),
        lambda: actions.call_held(desk, held.pk, by=clerk),
    )
    for press in presses:
        with pytest.raises(DeskBusy, match="You still have A2") as refused:
            press()
        assert refused.value.ticket == has
    assert_sound(service.branch)


@pytest.mark.parametrize("state", [State.CALLED, State.SERVING])
def test_4_a_ticket_that_another_desk_has_is_already_called_by_that_desk(
    state: State, service: Service, desk: Desk, next_door: Desk
) -> None:
    factories.ticket(service)
    ticket = factories.called(desk) if state == State.CALLED else factories.serving(desk)
    presses: Presses = (
        lambda: actions.call_ticket(next_door, "A1", reason="late", by=None),
        lambda: actions.call_held(next_door, ticket.pk, by=None),
        lambda: actions.hold(next_door, ticket.pk, by=None),
        lambda: actions.transfer(next_door, ticket.pk, service=service, by=None),
        lambda: actions.put_back(next_door, ticket.pk, by=None),
    )
    for press in presses:
        with pytest.raises(AlreadyCalled, match="A1: already called by desk 3"):
            press()


def test_13_a_ticket_that_is_being_called_is_already_called_whoever_comes_second(
    service: Service, desk: Desk, next_door: Desk
) -> None:
    factories.ticket(service)
    actions.call_ticket(desk, "A1", reason="late", by=None)
    with pytest.raises(AlreadyCalled, match="A1: already called by desk 3"):
        actions.call_ticket(next_door, "A1", reason="late", by=None)
    with pytest.raises(NobodyWaiting):
        actions.call_next(next_door, by=None)


@pytest.mark.parametrize("end", [State.DONE, State.LEFT, State.EXPIRED, State.NO_SHOW])
def test_18_what_is_over_or_unknown_is_not_moved_on(end: State, service: Service, desk: Desk) -> None:
    factories.ticket(service)
    ticket = factories.called(desk)
    Ticket.objects.update(state=end)
    presses: Presses = (
        lambda: actions.transfer(desk, ticket.pk, service=service, by=None),
        lambda: actions.hold(desk, ticket.pk, by=None),
        lambda: actions.put_back(desk, ticket.pk, by=None),
        lambda: actions.call_held(desk, ticket.pk, by=None),
        lambda: actions.call_ticket(desk, "A1", reason="late", by=None),
        lambda: actions.link(desk, "A1", "A1", by=None),
        lambda: actions.transfer_ticket(ticket, service=service, by=None),
        lambda: actions.plan(ticket, [service]),
    )
    for press in presses:
        with pytest.raises(AlreadyOver):
            press()
    with pytest.raises(Refusal, match="no such ticket"):
        actions.call_ticket(desk, "Z9", reason="late", by=None)


def test_19_what_changed_meanwhile_is_said_with_how_it_is_now(service: Service, desk: Desk) -> None:
    factories.ticket(service)
    ticket = factories.called(desk)
    actions.start_serving(desk, ticket.pk, by=None)
    with pytest.raises(WrongState, match="A1 is now “Being served”"):
        actions.mark_absent(desk, ticket.pk, by=None)
    actions.put_back(desk, ticket.pk, by=None)
    with pytest.raises(ChangedMeanwhile, match="Changed meanwhile: A1 is now “Waiting”"):
        actions.finish(desk, ticket.pk, by=None)
