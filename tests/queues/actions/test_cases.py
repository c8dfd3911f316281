"""What the best systems of this field promise, one test each. The others of these cases are where their matter is."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from accounts.models import User
from queues import actions, clock, queries
from queues.models import Branch, Desk, PriorityClass, Service, Ticket
from queues.models.branch import WHOLE_DAY
from queues.queries import statistics
from queues.refusals import (
    ActedSince,
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
from tests.kit.invariants import assert_sound, effective

pytestmark = pytest.mark.django_db

NINE = datetime(2026, 3, 2, 7, 0, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
Presses = tuple[Callable[[], object], ...]


def limit(branch: Branch, calls: int | None, *, cool_down: int = 120) -> None:
    Branch.objects.filter(pk=branch.pk).update(calls_limit=calls, cool_down=cool_down)


def test_2_who_was_just_absent_is_not_offered_again_within_the_cool_down(service: Service, desk: Desk) -> None:
    limit(service.branch, 1)
    with clock.standing_at(NINE):
        ticket = factories.ticket(service)
        actions.mark_absent(desk, factories.called(desk).pk, by=None)
        with pytest.raises(NobodyWaiting):
            factories.called(desk)
    with clock.standing_at(NINE + timedelta(seconds=119)), pytest.raises(NobodyWaiting):
        factories.called(desk)
    with clock.standing_at(NINE + timedelta(seconds=120)):
        assert factories.called(desk) == ticket


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


@pytest.mark.parametrize(("calls", "ends"), [(0, ["NO_SHOW"]), (1, ["WAITING", "NO_SHOW"]), (None, ["NO_SHOW"])])
def test_5_an_absent_visitor_is_put_back_as_often_as_the_limit_says_and_then_a_no_show(
    calls: int | None, ends: list[str], service: Service, desk: Desk
) -> None:
    limit(service.branch, calls, cool_down=0)
    factories.ticket(service)
    for end in ends:
        ticket = factories.called(desk)
        assert actions.mark_absent(desk, ticket.pk, by=None).state == end
    assert statistics.desk_days(service.branch, queries.today(service.branch))[0].no_shows == 1
    assert_sound(service.branch)


def test_5_the_press_after_the_last_call_marks_the_visitor_absent(service: Service, desk: Desk) -> None:
    limit(service.branch, 1)
    factories.ticket(service)
    ticket = factories.called(desk)
    assert actions.recall(desk, ticket.pk, by=None).calls == 2
    assert actions.recall(desk, ticket.pk, by=None).state == State.NO_SHOW


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


def test_8_a_clerk_who_has_called_somebody_does_not_just_leave(service: Service, desk: Desk, clerk: User) -> None:
    with clock.standing_at(NINE):
        factories.waiting(2, service)
    with clock.standing_at(NINE + MINUTE):
        ticket = actions.call_next(desk, by=clerk)
        with pytest.raises(DeskBusy, match="You still have A1"):
            actions.close_session(desk, by=clerk)
        assert actions.close_session(desk, by=clerk, puts_back=True).clerk is None
        ticket.refresh_from_db()
        assert (ticket.state, ticket.due_at) == (State.WAITING, NINE)
        assert actions.call_next(desk, by=factories.clerk(service.branch)) == ticket


def test_13_a_ticket_that_is_being_called_is_already_called_whoever_comes_second(
    service: Service, desk: Desk, next_door: Desk
) -> None:
    factories.ticket(service)
    actions.call_ticket(desk, "A1", reason="late", by=None)
    with pytest.raises(AlreadyCalled, match="A1: already called by desk 3"):
        actions.call_ticket(next_door, "A1", reason="late", by=None)
    with pytest.raises(NobodyWaiting):
        actions.call_next(next_door, by=None)


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


def test_21_each_state_begins_when_the_one_before_ends_undone_moves_apart(
    service: Service, desk: Desk, clerk: User
) -> None:
    with clock.standing_at(NINE):
        ticket = factories.ticket(service)
    presses: tuple[Callable[..., object], ...] = (
        actions.call_next,
        actions.start_serving,
        actions.hold,
        actions.call_held,
        actions.start_serving,
    )
    for minute, press in enumerate(presses, start=1):
        with clock.standing_at(NINE + minute * MINUTE):
            given = () if press is actions.call_next else (ticket.pk,)
            press(desk, *given, by=clerk)
            actions.undo(desk, by=clerk)
        with clock.standing_at(NINE + minute * MINUTE + MINUTE / 2):
            press(desk, *given, by=clerk)
    with clock.standing_at(NINE + 8 * MINUTE):
        actions.finish(desk, ticket.pk, by=clerk)
    spent = statistics.time_in_states(ticket.events.all())
    assert sum(spent.values(), timedelta()) == 8 * MINUTE
    assert_sound(service.branch)


def test_22_the_higher_class_comes_first_and_within_one_whoever_came_first(service: Service, desk: Desk) -> None:
    low, high = (factories.priority(service.branch, minutes=minutes) for minutes in (5, 20))
    with clock.standing_at(NINE):
        for priority in (None, low, high, None, low, high):
            factories.ticket(service, priority=priority)
        assert [factories.served(desk).shown for _ in range(6)] == ["A3", "A6", "A2", "A5", "A1", "A4"]


def test_22_a_ceiling_of_a_whole_day_makes_a_class_absolute(service: Service, desk: Desk) -> None:
    Branch.objects.update(head_start_ceiling=WHOLE_DAY)
    first = factories.priority(service.branch, minutes=WHOLE_DAY)
    with clock.standing_at(NINE):
        factories.waiting(2, service)
    with clock.standing_at(NINE + timedelta(hours=14)):
        last = factories.ticket(service, priority=first)
        assert factories.called(desk) == last


@pytest.mark.embedded
@settings(max_examples=40, deadline=None, database=None, derandomize=True,
          suppress_health_check=[HealthCheck.function_scoped_fixture])  # fmt: skip
@given(
    ceiling=st.integers(0, 120),
    ahead=st.integers(0, 200),
    comers=st.lists(st.tuples(st.integers(0, 90), st.integers(0, 2), st.booleans()), min_size=2, max_size=9),
)
def test_22_nobody_is_overtaken_by_somebody_who_came_later_than_the_ceiling(
    ceiling: int, ahead: int, comers: list[tuple[int, int, bool]]
) -> None:
    """Whatever the classes and the desk's own main service add up to."""
    branch = factories.branch(head_start_ceiling=ceiling)
    services = [factories.service(branch, number_prefix=prefix) for prefix in "AB"]
    desk = factories.desk(*services)
    Desk.objects.filter(pk=desk.pk).update(main_service=services[0], main_head_start=ahead)
    classes: list[PriorityClass | None] = [None, factories.priority(branch, minutes=30), None]
    classes[2] = factories.priority(branch, minutes=500)
    came: dict[int, datetime] = {}
    instant = NINE
    for gap, priority, main in comers:
        instant += gap * MINUTE
        with clock.standing_at(instant):
            came[factories.ticket(services[not main], priority=classes[priority]).pk] = instant
    with clock.standing_at(instant):
        line = list(queries.due_at(Desk.objects.get(pk=desk.pk)).values_list("pk", flat=True))
    assert sorted(line) == sorted(came)
    for place, earlier in enumerate(line):
        assert all(came[earlier] - came[later] <= ceiling * MINUTE for later in line[place:])
