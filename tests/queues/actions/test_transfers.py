"""Sending on, families, undo: what may not go wrong when two of a branch do things at once, or one page is old."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest

from accounts.models import User
from queues import actions, clock, queries
from queues.models import Branch, Desk, Service, Ticket
from queues.refusals import (
    ActedSince,
    AlreadyCalled,
    AlreadyOver,
    ChangedMeanwhile,
    DeskBusy,
    LinkedAlready,
    OnHold,
    Refusal,
    WrongState,
)
from queues.states import State
from tests.kit import factories
from tests.kit.invariants import assert_sound

pytestmark = pytest.mark.django_db

NINE = datetime(2026, 3, 2, 7, 0, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
SECOND = timedelta(seconds=1)


@pytest.fixture
def service() -> Service:
    return factories.service(factories.branch(calls_limit=1))


@pytest.fixture
def other(service: Service) -> Service:
    return factories.service(service.branch, number_prefix="B")


def seen(desk: Desk) -> int:
    latest = queries.latest_event(desk)
    assert latest is not None
    return latest.pk


# An old page


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


@pytest.mark.parametrize("press", [actions.mark_absent, actions.recall])
def test_who_is_being_served_or_on_hold_is_not_absent(
    press: Callable[..., Ticket], service: Service, desk: Desk
) -> None:
    factories.ticket(service)
    ticket = factories.serving(desk)
    with pytest.raises(WrongState):
        press(desk, ticket.pk, by=None)
    actions.hold(desk, ticket.pk, by=None)
    with pytest.raises(OnHold):
        press(desk, ticket.pk, by=None)
    assert_sound(service.branch)


def test_the_same_press_twice_sends_on_once_and_another_one_is_told(
    service: Service, other: Service, desk: Desk
) -> None:
    factories.ticket(service)
    ticket = factories.called(desk)
    for _ in range(2):
        assert actions.transfer(desk, ticket.pk, service=other, by=None).sent_on == 1
    with pytest.raises(ChangedMeanwhile):
        actions.put_back(desk, ticket.pk, by=None)
    assert ticket.events.count() == 3


def test_an_old_page_that_calls_another_number_is_told_whom_the_desk_has(
    service: Service, desk: Desk, supervisor: User
) -> None:
    factories.waiting(2, service)
    actions.call_ticket(desk, "A1", reason="early train", by=supervisor, saw=0)
    assert actions.call_ticket(desk, "A1", reason="early train", by=supervisor, saw=0).calls == 1
    with pytest.raises(DeskBusy, match="A1"):
        actions.call_ticket(desk, "A2", reason="early train", by=supervisor, saw=0)


# Two desks


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


def test_a_follower_at_another_desk_is_not_called_away(
    service: Service, desk: Desk, next_door: Desk, supervisor: User
) -> None:
    factories.waiting(2, service)
    actions.link(desk, factories.called(desk).shown, "A2", by=None)
    with pytest.raises(AlreadyCalled, match="A2: already called by desk 3"):
        actions.call_ticket(next_door, "A2", reason="late", by=supervisor)
    assert_sound(service.branch)


def test_who_is_on_hold_stays_there_and_is_linked_to_nobody(service: Service, desk: Desk) -> None:
    factories.waiting(2, service)
    held = factories.called(desk)
    actions.hold(desk, held.pk, by=None)
    with pytest.raises(OnHold):
        actions.link(desk, "A2", "A1", by=None)
    assert Ticket.objects.get(pk=held.pk).state == State.HELD


def test_nobody_follows_somebody_who_follows(service: Service, desk: Desk) -> None:
    factories.waiting(3, service)
    actions.link(desk, "A1", "A2", by=None)
    with pytest.raises(LinkedAlready, match="A2 already goes with somebody"):
        actions.link(desk, "A2", "A3", by=None)


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


def test_the_same_press_twice_about_a_family_that_has_parted_since_does_nothing(service: Service, desk: Desk) -> None:
    leader, follower = factories.waiting(2, service)
    actions.link(desk, leader.shown, follower.shown, by=None)
    factories.called(desk)
    Branch.objects.update(calls_limit=0)
    actions.mark_absent(desk, leader.pk, by=None)
    for one in (follower, leader):
        factories.brought_back(Ticket.objects.get(pk=one.pk))
    assert actions.mark_absent(desk, leader.pk, by=None).state == State.WAITING


def test_a_supervisor_sends_on_nobody_who_did_not_come(service: Service, other: Service, desk: Desk) -> None:
    factories.ticket(service)
    ticket = factories.called(desk)
    Branch.objects.update(calls_limit=0)
    actions.mark_absent(desk, ticket.pk, by=None)
    with pytest.raises(AlreadyOver):
        actions.transfer_ticket(ticket, service=other, by=None)


def test_a_follower_whom_a_supervisor_sends_on_goes_alone(service: Service, other: Service, desk: Desk) -> None:
    leader, follower = factories.waiting(2, service)
    actions.link(desk, "A1", "A2", by=None)
    actions.transfer_ticket(follower, service=other, by=None)
    assert (Ticket.objects.get(pk=follower.pk).leader, Ticket.objects.get(pk=leader.pk).party) == (None, 1)
    assert_sound(service.branch)


# Undo


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


# What is counted


def test_the_time_between_a_call_and_its_repetition_is_not_waiting(service: Service, desk: Desk) -> None:
    with clock.standing_at(NINE):
        factories.ticket(service)
    with clock.standing_at(NINE + 10 * MINUTE):
        ticket = factories.called(desk)
    with clock.standing_at(NINE + 13 * MINUTE):
        actions.recall(desk, ticket.pk, by=None)
    with clock.standing_at(NINE + 14 * MINUTE):
        back = actions.put_back(desk, ticket.pk, by=None)
    assert NINE + 14 * MINUTE - back.waiting_since == 10 * MINUTE


def test_who_was_served_and_sent_on_has_the_whole_limit_of_calls_again(
    service: Service, other: Service, desk: Desk
) -> None:
    factories.ticket(service)
    ticket = factories.serving(desk)
    actions.transfer(desk, ticket.pk, service=other, by=None)
    there = factories.desk(other)
    assert factories.called(there).calls == 1
    assert actions.mark_absent(there, ticket.pk, by=None).state == State.WAITING


def test_a_planned_service_to_which_somebody_is_sent_is_not_planned_any_more(
    service: Service, other: Service, desk: Desk
) -> None:
    ticket = factories.ticket(service)
    actions.plan(ticket, [other])
    factories.serving(desk)
    assert actions.transfer(desk, ticket.pk, service=other, by=None).plan == []
    there = factories.desk(other)
    assert factories.served(there).state == State.DONE


def test_the_day_that_is_closed_late_leaves_todays_people_and_words_alone(
    service: Service, desk: Desk, next_door: Desk, supervisor: User
) -> None:
    """The clock's worker was away in the morning."""
    with clock.standing_at(NINE):
        actions.close_day(Branch.objects.get())
        actions.open_session(desk, by=supervisor)
    with clock.standing_at(NINE + timedelta(days=1)):
        actions.open_session(next_door, by=supervisor)
        actions.pause_all(service.branch, by=supervisor)
    with clock.standing_at(NINE + timedelta(days=1, minutes=5)):
        actions.close_day(Branch.objects.get())
        assert list(Desk.objects.values_list("clerk", flat=True)) == [None, supervisor.pk]
        assert Branch.objects.get().paused_since is not None
    with clock.standing_at(NINE + timedelta(days=2)):
        actions.close_day(Branch.objects.get())
        assert Branch.objects.get().paused_since is None
