"""On hold, transferred, put back, brought back, linked: how a visitor goes on from a desk."""

from datetime import UTC, datetime, timedelta

import pytest

from accounts.models import User
from queues import actions, clock, queries
from queues.models import Branch, Desk, Service, Ticket
from queues.queries import statistics
from queues.refusals import (
    AlreadyOver,
    ChangedMeanwhile,
    LinkedAlready,
    NobodyWaiting,
    NowhereToSend,
    NumberTaken,
    OnHold,
    TargetGone,
    UnknownTicket,
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


# Transfers


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


# Together


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


def test_6_while_somebody_is_on_hold_the_desk_serves_others_and_then_goes_on_with_them(
    service: Service, desk: Desk
) -> None:
    with clock.standing_at(NINE):
        factories.waiting(2, service)
        held = factories.serving(desk)
    with clock.standing_at(NINE + 5 * MINUTE):
        actions.hold(desk, held.pk, reason="form", by=None)
        assert factories.served(desk).shown == "A2"
    with clock.standing_at(NINE + 30 * MINUTE):
        actions.start_serving(desk, actions.call_held(desk, held.pk, by=None).pk, by=None)
    with clock.standing_at(NINE + 32 * MINUTE):
        done = actions.finish(desk, held.pk, by=None)
    spent = statistics.time_in_states(done.events.all())
    assert (spent[State.SERVING], spent[State.HELD]) == (7 * MINUTE, 25 * MINUTE)


def test_7_who_is_sent_on_keeps_the_number_and_the_time_waited_or_goes_to_the_end(service: Service, desk: Desk) -> None:
    other = factories.service(service.branch, number_prefix="B")
    there = factories.desk(other)
    with clock.standing_at(NINE):
        first, second = factories.waiting(2, service)
    with clock.standing_at(NINE + 5 * MINUTE):
        factories.waiting(2, other)
    with clock.standing_at(NINE + 10 * MINUTE):
        factories.serving(desk)
        kept = actions.transfer(desk, first.pk, service=other, by=None)
        factories.serving(desk)
        actions.transfer(desk, second.pk, service=other, at_the_end=True, by=None)
        assert (kept.shown, kept.due_at, kept.service) == ("A1", NINE, other)
        assert [factories.served(there).shown for _ in range(4)] == ["A1", "B1", "B2", "A2"]


def test_at_the_end_is_behind_everybody_when_the_clock_was_set_back(service: Service, desk: Desk) -> None:
    with clock.standing_at(NINE):
        first, second, *others = factories.waiting(4, service)
    with clock.standing_at(NINE - 60 * MINUTE):
        for _press in range(2):
            actions.transfer(desk, factories.serving(desk).pk, service=service, at_the_end=True, by=None)
        late = factories.ticket(service)
        assert [factories.served(desk) for _call in range(5)] == [*others, first, second, late]


def test_15_call_next_passes_over_who_is_on_hold_until_the_time_is_over(service: Service, desk: Desk) -> None:
    with clock.standing_at(NINE):
        first, second, third = factories.waiting(3, service)
        for ticket, minutes in ((first, None), (second, 10)):
            factories.called(desk)
            actions.hold(desk, ticket.pk, minutes=minutes, by=None)
        assert factories.served(desk) == third
    with clock.standing_at(NINE + 9 * MINUTE), pytest.raises(NobodyWaiting):
        factories.called(desk)
    with clock.standing_at(NINE + 10 * MINUTE):
        assert factories.served(desk) == second
        assert Ticket.objects.get(pk=first.pk).state == State.HELD


def test_a_family_in_its_cool_down_comes_back_by_any_of_its_numbers(service: Service, desk: Desk, clerk: User) -> None:
    Branch.objects.update(calls_limit=1)
    factories.waiting(2, service)
    leader = actions.link(desk, "A1", "A2", by=clerk)
    actions.call_next(desk, by=clerk)
    actions.mark_absent(desk, leader.pk, by=clerk)
    assert not queries.due_at(desk).exists()
    actions.bring_back(desk, "A2", places=None, by=clerk)
    assert queries.due_at(desk).get() == leader
    assert_sound(service.branch)


def test_nobody_on_hold_since_yesterday_is_called(service: Service, desk: Desk, clerk: User) -> None:
    factories.ticket(service)
    held = actions.hold(desk, actions.call_next(desk, by=clerk).pk, by=clerk)
    with clock.standing_at(clock.now() + timedelta(days=1)), pytest.raises(AlreadyOver, match="The day of A1 is over"):
        actions.call_held(desk, held.pk, by=clerk)


# On hold


def test_a_hold_is_a_day_at_most_and_its_reason_is_cut_to_its_column(service: Service, desk: Desk) -> None:
    with clock.standing_at(NINE):
        factories.ticket(service)
        ticket = factories.called(desk)
        held = actions.hold(desk, ticket.pk, minutes=100_000, reason=" " + "x" * 100, by=None)
        assert (held.callable_from, held.hold_reason) == (NINE + timedelta(days=1), "x" * 80)
        again = actions.hold(desk, ticket.pk, minutes=5, by=None)
        assert again.callable_from == NINE + timedelta(days=1)
    assert ticket.events.filter(action="hold").count() == 1


def test_whoever_is_on_hold_waits_again_when_the_time_is_over_and_not_before(service: Service, desk: Desk) -> None:
    foreign = factories.desk(factories.service(number_prefix="B"))
    with clock.standing_at(NINE):
        timed, without_end = factories.waiting(2, service)
        factories.ticket(foreign.services.get())
        for place, minutes in ((desk, 10), (desk, None), (foreign, 10)):
            actions.hold(place, factories.called(place).pk, minutes=minutes, by=None)
    with clock.standing_at(NINE + 10 * MINUTE - SECOND):
        assert actions.end_holds() == 0
    with clock.standing_at(NINE + 10 * MINUTE):
        assert actions.end_holds() == 2
        assert actions.end_holds() == 0
    timed.refresh_from_db()
    without_end.refresh_from_db()
    assert (timed.state, timed.due_at, timed.callable_from) == (State.WAITING, NINE, None)
    assert without_end.state == State.HELD


# Where to


def test_a_transfer_needs_a_target_of_this_branch(service: Service, desk: Desk) -> None:
    factories.ticket(service)
    ticket = factories.called(desk)
    elsewhere = factories.service()
    with pytest.raises(NowhereToSend):
        actions.transfer(desk, ticket.pk, by=None)
    with pytest.raises(TargetGone):
        actions.transfer(desk, ticket.pk, service=elsewhere, by=None)
    with pytest.raises(TargetGone):
        actions.transfer(desk, ticket.pk, to_desk=factories.desk(elsewhere), by=None)
    with pytest.raises(TargetGone):
        actions.transfer(desk, ticket.pk, to_clerk=factories.clerk(elsewhere.branch), by=None)
    assert Ticket.objects.get(pk=ticket.pk).state == State.CALLED


def test_whoever_is_sent_to_a_desk_or_to_a_clerk_is_called_there_alone(
    service: Service, desk: Desk, next_door: Desk, clerk: User
) -> None:
    factories.waiting(2, service)
    actions.transfer(desk, factories.called(desk).pk, to_desk=next_door, by=None)
    actions.transfer(desk, factories.called(desk).pk, to_clerk=clerk, reason=" knows the case ", by=None)
    with pytest.raises(NobodyWaiting):
        factories.called(desk)
    assert factories.served(next_door).shown == "A1"
    called = actions.call_next(desk, by=clerk)
    assert (called.shown, called.events.get(action="transfer").reason) == ("A2", "knows the case")


def test_whoever_is_to_return_comes_back_to_this_desk_after_the_other_service(
    service: Service, other: Service, desk: Desk, next_door: Desk
) -> None:
    factories.ticket(service)
    actions.transfer(desk, factories.serving(desk).pk, service=other, returns=True, by=None)
    assert factories.served(factories.desk(other, name="9")).state == State.WAITING
    with pytest.raises(NobodyWaiting):
        factories.called(next_door)
    back = factories.served(desk)
    assert (back.shown, back.service, back.state) == ("A1", service, State.DONE)


# Back after an absence


@pytest.mark.parametrize(
    ("places", "line"),
    [
        (0, ["A1", "A2", "A3", "A4"]),
        (1, ["A2", "A1", "A3", "A4"]),
        (None, ["A2", "A3", "A1", "A4"]),
        (9, ["A2", "A3", "A4", "A1"]),
    ],
)
def test_a_clerk_brings_an_absent_visitor_back_to_some_place(
    places: int | None, line: list[str], service: Service, desk: Desk, clerk: User
) -> None:
    Branch.objects.update(calls_limit=None, back_places=2)
    factories.waiting(4, service)
    ticket = actions.mark_absent(desk, actions.call_next(desk, by=clerk).pk, by=clerk)
    assert ticket.state == State.NO_SHOW
    actions.bring_back(desk, "A1", places=places, by=clerk)
    assert [one.shown for one in queries.due_at(desk)] == line
    assert_sound(service.branch)


def test_nobody_is_brought_back_whose_number_is_unknown_or_somebody_elses(
    service: Service, desk: Desk, clerk: User
) -> None:
    Branch.objects.update(calls_limit=None)
    Service.objects.update(number_last=1)
    factories.ticket(service)
    absent = actions.mark_absent(desk, actions.call_next(desk, by=clerk).pk, by=clerk)
    with pytest.raises(UnknownTicket):
        actions.bring_back(desk, "Z9", places=None, by=clerk)
    factories.ticket(service)
    with pytest.raises(NumberTaken):
        factories.brought_back(absent)


def test_a_linked_visitor_is_called_served_and_finished_with_the_leader(service: Service, desk: Desk) -> None:
    factories.waiting(3, service)
    assert actions.link(desk, "A1", "A2", by=None).party == 2
    assert factories.served(desk).shown == "A1"
    assert Ticket.objects.get(shown="A2").state == State.DONE
    assert factories.called(desk).shown == "A3"
    assert_sound(service.branch)
