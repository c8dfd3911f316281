"""The statistics: what a day asked of each desk, counted from the logs alone."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import UTC, date, datetime, timedelta

import pytest

from accounts.models import User
from queues import actions, clock, queries
from queues.models import Branch, Desk, Service, Visit
from queues.queries import statistics
from queues.queries.statistics import DeskDay
from queues.states import State
from tests.kit import factories
from tests.kit.invariants import assert_sound

pytestmark = pytest.mark.django_db

NINE = datetime(2026, 3, 2, 7, 0, tzinfo=UTC)
"""Nine o'clock in Helsinki."""
MINUTE = timedelta(minutes=1)
Counted = Callable[[int], AbstractContextManager[object]]


def after(minutes: float) -> AbstractContextManager[None]:
    return clock.standing_at(NINE + minutes * MINUTE)


@pytest.fixture
def service() -> Service:
    with after(0):
        made = factories.service()
        factories.waiting(6, made)
    return made


def day_of(desk: Desk, *, at: float) -> DeskDay:
    with after(at):
        days = statistics.desk_days(Branch.objects.get(pk=desk.branch_id), NINE.date())
    return next(day for day in days if day.desk_id == desk.pk)


def visit(desk: Desk, clerk: User, *, begins: float, lasts: float) -> int:
    """A visitor called, greeted a minute later, and served so many minutes."""
    with after(begins):
        ticket = actions.call_next(desk, by=clerk)
    with after(begins + 1):
        actions.start_serving(desk, ticket.pk, by=clerk)
    with after(begins + 1 + lasts):
        actions.finish(desk, ticket.pk, by=clerk)
    return ticket.pk


# The time in states


def test_a_held_tickets_service_time_is_the_sum_without_the_time_on_hold(desk: Desk, clerk: User) -> None:
    """Case 6."""
    with after(1):
        ticket = actions.call_next(desk, by=clerk)
    with after(2):
        actions.start_serving(desk, ticket.pk, by=clerk)
    with after(6):
        actions.hold(desk, ticket.pk, by=clerk)
    visit(desk, clerk, begins=7, lasts=10)
    with after(20):
        actions.call_held(desk, ticket.pk, by=clerk)
    with after(22):
        actions.start_serving(desk, ticket.pk, by=clerk)
    with after(25):
        actions.finish(desk, ticket.pk, by=clerk)
    assert statistics.time_in_states(ticket.events.all()) == {
        State.WAITING: MINUTE, State.CALLED: 3 * MINUTE, State.SERVING: 7 * MINUTE, State.HELD: 14 * MINUTE,
    }  # fmt: skip


def test_a_move_that_was_taken_back_has_taken_no_time(desk: Desk, clerk: User) -> None:
    with after(1):
        ticket = actions.call_next(desk, by=clerk)
        actions.start_serving(desk, ticket.pk, by=clerk)
    with after(5):
        actions.finish(desk, ticket.pk, by=clerk)
    with after(5.1):
        actions.undo(desk, by=clerk)
    with after(9):
        actions.finish(desk, ticket.pk, by=clerk)
    assert statistics.time_in_states(ticket.events.all())[State.SERVING] == 8 * MINUTE


def test_the_state_that_lasts_counts_until_the_instant_asked_for_or_not_at_all(service: Service) -> None:
    with after(1):
        events = list(queries.line(service.branch)[0].events.all())
    assert statistics.time_in_states(events) == {}
    assert statistics.time_in_states(events, until=NINE + 4 * MINUTE) == {State.WAITING: 4 * MINUTE}
    assert statistics.time_in_states([]) == {}


# A desk's day


def test_what_a_day_asked_of_a_desk_is_counted(service: Service, desk: Desk, clerk: User) -> None:
    other = factories.service(service.branch, number_prefix="B")
    visit(desk, clerk, begins=1, lasts=4)
    with after(10):
        absent = actions.call_next(desk, by=clerk)
        actions.recall(desk, absent.pk, by=clerk)
        actions.mark_absent(desk, absent.pk, by=clerk)
        sent = actions.call_next(desk, by=clerk)
        actions.transfer(desk, sent.pk, service=other, by=clerk)
        by_mistake = actions.call_next(desk, by=clerk)
        actions.put_back(desk, by_mistake.pk, by=clerk)
        held = actions.call_next(desk, by=clerk)
        actions.hold(desk, held.pk, by=clerk)
        factories.ticket(service, by=clerk, by_hand=True)
    day = day_of(desk, at=20)
    assert (day.desk, day.called, day.recalls, day.served) == ("3", 5, 1, 1)
    assert (day.no_shows, day.sent_on, day.held, day.hard, day.issued) == (1, 1, 1, 0, 1)
    assert (day.serving, day.open, day.open_since) == (4 * MINUTE, 19 * MINUTE, NINE + MINUTE)
    assert day.occupancy == 4 / 19


def test_what_was_taken_back_was_not_asked_of_the_desk(desk: Desk, clerk: User) -> None:
    visit(desk, clerk, begins=1, lasts=4)
    with after(6):
        actions.undo(desk, by=clerk)
    day = day_of(desk, at=9)
    assert (day.called, day.served, day.serving) == (1, 0, 7 * MINUTE)


def test_a_visit_that_goes_on_as_planned_was_served_here_and_not_sent_on(
    service: Service, desk: Desk, clerk: User
) -> None:
    other = factories.service(service.branch, number_prefix="B")
    with after(0):
        actions.plan(queries.line(service.branch)[0], [other])
    visit(desk, clerk, begins=1, lasts=4)
    day = day_of(desk, at=9)
    assert (day.served, day.sent_on) == (1, 0)


def test_a_partys_members_are_counted_each_and_its_time_once(desk: Desk, clerk: User) -> None:
    with after(1):
        leader = actions.call_next(desk, by=clerk)
        actions.link(desk, leader.shown, "A2", by=clerk)
        actions.recall(desk, leader.pk, by=clerk)
        actions.start_serving(desk, leader.pk, by=clerk)
    with after(11):
        actions.finish(desk, leader.pk, by=clerk)
    day = day_of(desk, at=11)
    assert (day.called, day.recalls, day.served, day.serving) == (2, 1, 2, 10 * MINUTE)


def test_hard_visits_are_those_that_the_clerk_called_so(service: Service, desk: Desk, clerk: User) -> None:
    for number in range(3):
        pk = visit(desk, clerk, begins=1 + 10 * number, lasts=5)
        Visit.objects.create(ticket_id=pk, service=service, desk=desk, by=clerk, at=NINE, hard=number != 1)
    assert day_of(desk, at=40).hard == 2


def test_pauses_and_the_longest_stretch_between_them(desk: Desk, clerk: User) -> None:
    with after(0):
        actions.open_session(desk, by=clerk)
    for begins, ends in ((20, 25), (70, 80)):
        with after(begins):
            actions.pause(desk, by=clerk)
        with after(ends):
            actions.resume(desk, by=clerk)
    day = day_of(desk, at=100)
    assert (day.open, day.paused, day.longest_stretch) == (100 * MINUTE, 15 * MINUTE, 45 * MINUTE)
    with after(100):
        actions.pause(desk, by=clerk)
    assert day_of(desk, at=130).paused == 45 * MINUTE


def test_a_stretch_is_one_persons(service: Service, desk: Desk, clerk: User) -> None:
    with after(0):
        actions.open_session(desk, by=clerk)
    with after(30):
        actions.take_over(desk, by=factories.clerk(service.branch))
    day = day_of(desk, at=50)
    assert (day.open, day.open_since, day.longest_stretch) == (50 * MINUTE, NINE, 30 * MINUTE)


def test_who_stands_up_on_a_pause_is_neither_there_nor_on_it(desk: Desk, clerk: User) -> None:
    with after(0):
        actions.open_session(desk, by=clerk)
    with after(10):
        actions.pause(desk, by=clerk)
    with after(15):
        actions.close_session(desk, by=clerk)
    day = day_of(desk, at=60)
    assert (day.open, day.paused, day.open_since) == (15 * MINUTE, 5 * MINUTE, None)


def test_a_day_from_which_nobody_stood_up_ends_with_its_last_move(service: Service, desk: Desk, clerk: User) -> None:
    visit(desk, clerk, begins=1, lasts=4)
    tomorrow = 24 * 60
    with after(tomorrow):
        actions.close_day(Branch.objects.get(pk=desk.branch_id))
    day = day_of(desk, at=tomorrow)
    assert (day.open, day.open_since) == (5 * MINUTE, None)
    with after(tomorrow):
        today, *_others = statistics.desk_days(service.branch, queries.today(service.branch))
    assert (today.open, today.called) == (timedelta(), 0)


@pytest.mark.parametrize(("month", "day", "hours"), [(3, 29, 23), (10, 25, 25), (3, 2, 24)])
def test_a_day_on_which_the_clocks_change_is_as_long_as_it_was(month: int, day: int, hours: int) -> None:
    """Begun and ended by the day's own bounds: somebody sat there all through it."""
    begins, ends = statistics.bounds(Branch(time_zone="Europe/Helsinki", rollover_hour=0), date(2026, month, day))
    assert ends - begins == timedelta(hours=hours)


def test_a_desk_where_nobody_sat_has_no_occupancy(desk: Desk) -> None:
    day = day_of(desk, at=5)
    assert day == DeskDay(desk_id=desk.pk, desk="3")
    assert day.occupancy is None


def test_another_days_work_is_another_days(service: Service, desk: Desk, clerk: User) -> None:
    visit(desk, clerk, begins=1, lasts=4)
    with after(60):
        yesterday = NINE.date() - timedelta(days=1)
        assert statistics.desk_days(service.branch, yesterday)[0] == DeskDay(desk_id=desk.pk, desk="3")


@pytest.mark.parametrize("visits", [1, 3, 6])
def test_the_count_costs_the_same_however_much_was_done(
    visits: int, service: Service, desk: Desk, clerk: User, django_assert_num_queries: Counted
) -> None:
    for number in range(visits):
        visit(desk, clerk, begins=1 + 10 * number, lasts=5)
    with after(90), django_assert_num_queries(4):
        statistics.desk_days(service.branch, NINE.date())


def test_21_each_state_begins_when_the_one_before_ends_undone_moves_apart(
    service: Service, desk: Desk, clerk: User
) -> None:
    ticket = service.tickets.earliest("id")
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
