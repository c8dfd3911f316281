"""Undo: a desk's last move, for ten seconds."""

from datetime import UTC, datetime, timedelta

import pytest

from accounts.models import User
from queues import actions, clock
from queues.models import Desk, Service, Ticket
from queues.refusals import (
    ActedSince,
    DeskPaused,
    NothingToUndo,
    NumberTaken,
    Refusal,
)
from queues.states import State
from tests.kit import factories
from tests.kit.factories import seen
from tests.kit.invariants import assert_sound, effective

pytestmark = pytest.mark.django_db

NINE = datetime(2026, 3, 2, 7, 0, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
SECOND = timedelta(seconds=1)


def served_by(clerk: User, desk: Desk) -> Ticket:
    called = actions.call_next(desk, by=clerk)
    actions.start_serving(desk, called.pk, by=clerk)
    return actions.finish(desk, called.pk, by=clerk)


@pytest.mark.parametrize("press", ["call_next", "start_serving", "finish", "mark_absent", "hold", "put_back", "recall"])
def test_20_what_is_undone_was_never_so(press: str, service: Service, desk: Desk, clerk: User) -> None:
    with clock.standing_at(NINE):
        factories.ticket(service)
    with clock.standing_at(NINE + MINUTE):
        ticket = Ticket.objects.get() if press == "call_next" else actions.call_next(desk, by=clerk)
        if press == "finish":
            actions.start_serving(desk, ticket.pk, by=clerk)
        columns = [field.attname for field in Ticket._meta.concrete_fields]
        before = Ticket.objects.values(*columns).get()
    with clock.standing_at(NINE + 2 * MINUTE):
        given = () if press == "call_next" else (ticket.pk,)
        getattr(actions, press)(desk, *given, by=clerk)
        undone = actions.undo(desk, by=clerk)
        withdrawn = {"call_withdrawn_at": NINE + 2 * MINUTE} if press == "call_next" else {}
        assert Ticket.objects.values(*columns).get() == before | withdrawn
    assert (undone.state, len(list(undone.events.all())) - len(effective(undone.events.all()))) == (before["state"], 2)
    assert_sound(service.branch)


def test_20_nothing_is_undone_that_another_desk_has_acted_on(
    service: Service, desk: Desk, next_door: Desk, clerk: User
) -> None:
    factories.ticket(service)
    ticket = actions.call_next(desk, by=clerk)
    actions.put_back(desk, ticket.pk, by=clerk)
    factories.called(next_door)
    with pytest.raises(ActedSince, match="somebody else has acted on A1"):
        actions.undo(desk, by=clerk)


def test_undo_is_for_ten_seconds_and_for_whoever_did_it(service: Service, desk: Desk, supervisor: User) -> None:
    with clock.standing_at(NINE):
        factories.waiting(2, service)
        actions.call_next(desk, by=supervisor)
    with clock.standing_at(NINE + 20 * SECOND), pytest.raises(Refusal, match="nothing to undo"):
        actions.undo(desk, by=supervisor)
    with clock.standing_at(NINE + 5 * SECOND):
        actions.take_over(desk, by=factories.clerk(service.branch))
        with pytest.raises(Refusal, match="has been at this desk"):
            actions.undo(desk, by=supervisor)


def test_a_visitor_who_leaves_the_line_is_no_move_of_the_desk_that_had_called_them(
    service: Service, desk: Desk, supervisor: User
) -> None:
    factories.waiting(3, service)
    first = actions.call_next(desk, by=supervisor)
    actions.put_back(desk, first.pk, by=supervisor)
    with clock.standing_at(clock.now() + MINUTE):
        actions.leave(actions.call_next(factories.desk(service), by=None))
        second = actions.call_next(desk, by=supervisor, saw=seen(desk))
        actions.finish(desk, actions.start_serving(desk, second.pk, by=supervisor).pk, by=supervisor)
        shown = seen(desk)
        actions.leave(Ticket.objects.get(shown="A3"))
        assert seen(desk) == shown
        assert actions.undo(desk, by=supervisor, saw=shown).state == State.SERVING


def test_undo_leaves_nobody_behind_who_has_joined_the_party_since(
    service: Service, desk: Desk, next_door: Desk, supervisor: User
) -> None:
    factories.waiting(2, service)
    first = actions.call_next(desk, by=supervisor)
    actions.put_back(desk, first.pk, by=supervisor)
    actions.link(next_door, "A1", "A2", by=None)
    with pytest.raises(ActedSince):
        actions.undo(desk, by=supervisor)
    assert_sound(service.branch)


def test_undo_of_a_party_brings_all_of_them_back(service: Service, desk: Desk, supervisor: User) -> None:
    factories.waiting(3, service)
    leader = actions.call_next(desk, by=supervisor)
    actions.link(desk, "A1", "A2", by=supervisor)
    actions.start_serving(desk, leader.pk, by=supervisor)
    actions.link(desk, "A1", "A3", by=supervisor)
    assert actions.undo(desk, by=supervisor).shown == "A3"
    actions.finish(desk, leader.pk, by=supervisor)
    assert actions.undo(desk, by=supervisor).party == 2
    assert list(Ticket.objects.order_by("id").values_list("state", flat=True)) == ["SERVING", "SERVING", "WAITING"]
    assert_sound(service.branch)


def test_nobody_is_brought_back_to_a_desk_that_rests(service: Service, desk: Desk, clerk: User) -> None:
    factories.ticket(service)
    served_by(clerk, desk)
    actions.pause(desk, by=clerk)
    with pytest.raises(DeskPaused):
        actions.undo(desk, by=clerk)
    actions.resume(desk, by=clerk)
    assert actions.undo(desk, by=clerk).state == State.SERVING
    assert_sound(service.branch)


def test_a_desk_that_has_done_nothing_has_nothing_to_undo(service: Service, desk: Desk, clerk: User) -> None:
    factories.ticket(service)
    with pytest.raises(NothingToUndo):
        actions.undo(desk, by=clerk)


def test_an_undo_pressed_twice_undoes_once_and_is_not_undone_itself(service: Service, desk: Desk, clerk: User) -> None:
    factories.ticket(service)
    actions.call_next(desk, by=clerk)
    shown = seen(desk)
    for _press in range(2):
        assert actions.undo(desk, by=clerk, saw=shown).state == State.WAITING
    with pytest.raises(NothingToUndo):
        actions.undo(desk, by=clerk)
    assert Ticket.objects.get().events.count() == 3


def test_another_move_than_the_page_showed_is_not_undone(service: Service, desk: Desk, clerk: User) -> None:
    factories.ticket(service)
    ticket = actions.call_next(desk, by=clerk)
    shown = seen(desk)
    actions.start_serving(desk, ticket.pk, by=clerk)
    with pytest.raises(ActedSince):
        actions.undo(desk, by=clerk, saw=shown)
    assert Ticket.objects.get().state == State.SERVING


def test_a_press_that_was_on_its_way_when_the_ten_seconds_ended_still_counts(
    service: Service, desk: Desk, clerk: User
) -> None:
    with clock.standing_at(NINE):
        factories.ticket(service)
        actions.call_next(desk, by=clerk)
    with clock.standing_at(NINE + 12 * SECOND + timedelta(microseconds=1)), pytest.raises(NothingToUndo):
        actions.undo(desk, by=clerk)
    with clock.standing_at(NINE + 12 * SECOND):
        assert actions.undo(desk, by=clerk).state == State.WAITING


def test_a_number_that_has_gone_round_meanwhile_is_not_taken_from_whoever_has_it(
    service: Service, desk: Desk, clerk: User
) -> None:
    Service.objects.filter(pk=service.pk).update(number_last=1)
    factories.ticket(service)
    served_by(clerk, desk)
    assert factories.ticket(service).shown == "A1"
    with pytest.raises(NumberTaken):
        actions.undo(desk, by=clerk)
    assert_sound(service.branch)


def test_a_call_that_was_undone_says_since_when(service: Service, desk: Desk, clerk: User) -> None:
    """So that the visitor's phone can say that it was a mistake."""
    with clock.standing_at(NINE):
        factories.ticket(service)
        actions.call_next(desk, by=clerk)
        assert actions.undo(desk, by=clerk).call_withdrawn_at == NINE
    with clock.standing_at(NINE + MINUTE):
        ticket = actions.call_next(desk, by=clerk)
        actions.start_serving(desk, ticket.pk, by=clerk)
        assert actions.undo(desk, by=clerk).call_withdrawn_at == ticket.call_withdrawn_at
