"""What a supervisor does to one ticket: free it, send it on, lift it."""

from datetime import timedelta

import pytest

from accounts.models import User
from queues import actions, clock, queries
from queues.models import Branch, Desk, Service, Ticket
from queues.refusals import AlreadyCalled, AlreadyOver, ChangedMeanwhile, TargetGone
from queues.states import State
from tests.kit import factories
from tests.kit.factories import NOON
from tests.kit.invariants import assert_sound

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("at_noon")]

MINUTE = timedelta(minutes=1)


def state_of(ticket: Ticket) -> str:
    return str(Ticket.objects.get(pk=ticket.pk).state)


# A stuck ticket


def test_a_called_ticket_goes_back_to_its_old_place(service: Service, desk: Desk, supervisor: User) -> None:
    first, second = factories.waiting(2, service)
    factories.called(desk)
    actions.release(first, back=True, by=supervisor)
    assert queries.has_now(desk) is None
    assert list(queries.line(service.branch)) == [first, second]
    assert factories.called(desk) == first
    assert_sound(service.branch)


def test_a_served_ticket_is_ended_and_the_desk_is_free(service: Service, desk: Desk, supervisor: User) -> None:
    factories.waiting(2, service)
    ticket = factories.serving(desk)
    actions.release(ticket, back=False, by=supervisor)
    assert state_of(ticket) == State.DONE
    assert ticket.events.last().by == supervisor  # type: ignore[union-attr]
    assert factories.called(desk) != ticket


@pytest.mark.parametrize(("back", "state"), [(True, State.WAITING), (False, State.NO_SHOW)])
def test_who_was_only_called_did_not_come(
    back: bool,  # noqa: FBT001 - a parameter of the test
    state: State,
    service: Service,
    desk: Desk,
    supervisor: User,
) -> None:
    factories.ticket(service)
    ticket = factories.called(desk)
    assert actions.release(ticket, back=back, by=supervisor).state == state


@pytest.mark.parametrize(("back", "state"), [(True, State.WAITING), (False, State.LEFT)])
def test_a_hold_without_an_end_ends(
    back: bool,  # noqa: FBT001 - a parameter of the test
    state: State,
    service: Service,
    desk: Desk,
    supervisor: User,
) -> None:
    factories.ticket(service)
    ticket = factories.serving(desk)
    actions.hold(desk, ticket.pk, by=None)
    assert actions.release(ticket, back=back, by=supervisor).state == state
    assert_sound(service.branch)


def test_who_waits_or_is_gone_is_not_freed(service: Service, desk: Desk, supervisor: User) -> None:
    ticket = factories.ticket(service)
    with pytest.raises(ChangedMeanwhile):
        actions.release(ticket, back=True, by=supervisor)
    factories.served(desk)
    with pytest.raises(AlreadyOver):
        actions.release(ticket, back=True, by=supervisor)


def test_a_family_is_freed_together(service: Service, desk: Desk, supervisor: User) -> None:
    parent, child = factories.waiting(2, service)
    actions.link(desk, parent.shown, child.shown, by=None)
    factories.serving(desk)
    actions.release(child, back=True, by=supervisor)
    assert [state_of(parent), state_of(child)] == [State.WAITING, State.WAITING]
    assert queries.has_now(desk) is None


def test_a_ticket_at_a_desk_is_freed_and_sent_on_at_once(service: Service, desk: Desk, supervisor: User) -> None:
    elsewhere = factories.service(service.branch, number_prefix="B")
    factories.ticket(service)
    ticket = factories.serving(desk)
    sent = actions.transfer_ticket(ticket, service=elsewhere, by=supervisor)
    assert (sent.state, sent.service, sent.shown) == (State.WAITING, elsewhere, ticket.shown)
    assert_sound(service.branch)


# Priority


def test_a_class_moves_a_ticket_by_its_head_start_and_taking_it_away_moves_it_back(
    service: Service, supervisor: User
) -> None:
    families = factories.priority(service.branch, minutes=15)
    first = factories.ticket(service)
    with clock.standing_at(NOON + 10 * MINUTE):
        second = factories.ticket(service)
        actions.set_priority(second, families, by=supervisor)
        assert list(queries.line(service.branch)) == [second, first]
        second.refresh_from_db()
        assert (second.priority, second.head_start, second.due_at) == (families, 15, NOON - 5 * MINUTE)
        actions.set_priority(second, None, by=supervisor)
        assert list(queries.line(service.branch)) == [first, second]
    assert set(second.events.values_list("reason", flat=True)) == {""}
    assert_sound(service.branch)


@pytest.mark.parametrize("places", [None, 1])
def test_who_was_put_further_back_has_no_head_start_to_give_back(
    places: int | None, service: Service, desk: Desk, supervisor: User
) -> None:
    """At the end, or behind the first one: taking the class away, or giving it anew, counts from that place."""
    families = factories.priority(service.branch, minutes=15)
    ticket = factories.ticket(service, priority=families)
    factories.ticket(service)
    if places is None:
        actions.transfer(desk, factories.called(desk).pk, service=service, at_the_end=True, by=None)
    else:
        actions.mark_absent(desk, factories.called(desk).pk, by=None)
        factories.brought_back(ticket, places=places)
    ticket.refresh_from_db()
    place = ticket.due_at
    assert actions.set_priority(ticket, families, by=supervisor).due_at == place - 15 * MINUTE
    assert actions.set_priority(ticket, None, by=supervisor).due_at == place


def test_a_class_never_lifts_beyond_the_branchs_ceiling(service: Service, supervisor: User) -> None:
    Branch.objects.update(head_start_ceiling=20)
    ticket = actions.set_priority(
        factories.ticket(service), factories.priority(service.branch, minutes=90), by=supervisor
    )
    assert (ticket.head_start, ticket.due_at) == (20, NOON - 20 * MINUTE)


def test_the_same_class_twice_is_one_move(service: Service, supervisor: User) -> None:
    families = factories.priority(service.branch, minutes=15)
    ticket = factories.ticket(service)
    for _press in range(2):
        actions.set_priority(ticket, families, by=supervisor)
    assert ticket.events.count() == 2


def test_only_who_waits_is_lifted_and_only_by_this_branchs_classes(
    service: Service, desk: Desk, supervisor: User
) -> None:
    ticket = factories.ticket(service)
    with pytest.raises(TargetGone):
        actions.set_priority(ticket, factories.priority(factories.branch(), minutes=5), by=supervisor)
    factories.called(desk)
    with pytest.raises(AlreadyCalled):
        actions.set_priority(ticket, None, by=supervisor)


def test_a_supervisor_sends_on_nobody_who_did_not_come(service: Service, desk: Desk) -> None:
    factories.ticket(service)
    ticket = factories.called(desk)
    Branch.objects.update(calls_limit=0)
    actions.mark_absent(desk, ticket.pk, by=None)
    with pytest.raises(AlreadyOver):
        actions.transfer_ticket(ticket, service=factories.service(service.branch), by=None)


def test_a_follower_whom_a_supervisor_sends_on_goes_alone(service: Service, desk: Desk) -> None:
    leader, follower = factories.waiting(2, service)
    actions.link(desk, "A1", "A2", by=None)
    actions.transfer_ticket(follower, service=factories.service(service.branch), by=None)
    assert (Ticket.objects.get(pk=follower.pk).leader, Ticket.objects.get(pk=leader.pk).party) == (None, 1)
    assert_sound(service.branch)


def test_a_family_at_a_desk_is_sent_on_as_its_leader_whoever_was_named(service: Service, desk: Desk) -> None:
    """Where the child was to go by itself is the child's own affair."""
    next_door, library = factories.desk(service, name="9"), factories.service(service.branch)
    leader, child = factories.ticket(service), factories.ticket(library)
    actions.plan(child, [factories.service(service.branch)])
    actions.link(desk, leader.shown, child.shown, by=None)
    factories.called(desk)
    actions.transfer_ticket(child, to_desk=next_door, by=None)
    leader.refresh_from_db()
    assert (leader.state, leader.service, leader.plan, leader.for_desk) == (State.WAITING, service, [], next_door)
