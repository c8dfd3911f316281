"""What services learn from their visits."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import TypeVar

import pytest

from queues import actions, clock
from queues.models import Branch, Desk, Service
from queues.queries import wait_estimate
from tests.kit import factories
from tests.kit.factories import NOON

pytestmark = [pytest.mark.django_db, pytest.mark.embedded]

T = TypeVar("T")


class Day:
    """A day at one desk that begins at noon; what is done takes no time, `later` does."""

    def __init__(self, begin: datetime = NOON) -> None:
        self.service: Service = factories.service()
        self.desk: Desk = factories.desk(self.service)
        self.now = begin

    def later(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)

    def do(self, act: Callable[[], T]) -> T:
        with clock.standing_at(self.now):
            return act()

    def visit(self, *, walk: int = 30, serve: int = 270) -> None:
        self.do(lambda: factories.ticket(self.service))
        ticket = self.do(lambda: factories.called(self.desk))
        self.later(walk)
        self.do(lambda: actions.start_serving(self.desk, ticket.pk, by=None))
        self.later(serve)
        self.do(lambda: actions.finish(self.desk, ticket.pk, by=None))

    def visits(self, times: int, *, walk: int = 30, serve: int = 270) -> None:
        for _visit in range(times):
            self.visit(walk=walk, serve=serve)

    def learnt(self) -> tuple[int | None, int | None]:
        self.do(lambda: actions.learn_service_times(self.service.branch))
        self.service.refresh_from_db()
        return self.service.typical_seconds, self.service.longest_usual_seconds


@pytest.fixture
def day() -> Day:
    return Day()


def test_nothing_is_known_of_a_service_that_served_nobody(day: Day) -> None:
    day.do(lambda: factories.waiting(3, day.service))
    assert day.learnt() == (None, None)


def test_a_mean_needs_five_visits_and_the_longest_usual_one_twenty(day: Day) -> None:
    day.visits(4)
    assert day.learnt() == (None, None)
    day.visits(1)
    assert day.learnt() == (300, None)
    day.visits(15)
    assert day.learnt() == (300, 270)


def test_one_visit_in_a_hundred_is_longer_than_usual(day: Day) -> None:
    day.visits(198, serve=270)
    day.visits(2, serve=3600)
    assert day.learnt()[1] == 270
    day.visits(1, serve=3600)
    assert day.learnt()[1] == 3600


def test_only_the_last_visits_of_the_last_weeks_count(day: Day) -> None:
    day.visits(10, serve=1000)
    day.later(61 * 24 * 3600)
    day.visits(10, serve=100)
    assert day.learnt()[0] == 130


def test_time_on_hold_is_not_time_at_the_desk(day: Day) -> None:
    """Case 6."""
    day.visits(4)
    day.do(lambda: factories.ticket(day.service))
    ticket = day.do(lambda: factories.serving(day.desk))
    day.later(200)
    day.do(lambda: actions.hold(day.desk, ticket.pk, by=None))
    assert day.learnt() == (None, None)
    day.later(5000)
    day.do(lambda: actions.call_held(day.desk, ticket.pk, by=None))
    day.later(30)
    day.do(lambda: actions.start_serving(day.desk, ticket.pk, by=None))
    day.later(70)
    day.do(lambda: actions.finish(day.desk, ticket.pk, by=None))
    assert day.learnt()[0] == 300


def test_what_was_undone_does_not_count(day: Day) -> None:
    day.visits(4)
    day.do(lambda: factories.ticket(day.service))
    ticket = day.do(lambda: factories.called(day.desk))
    day.later(25)
    day.do(lambda: actions.start_serving(day.desk, ticket.pk, by=None))
    day.later(5)
    day.do(lambda: actions.undo(day.desk, by=None))
    assert day.learnt() == (None, None)
    day.do(lambda: actions.start_serving(day.desk, ticket.pk, by=None))
    day.later(270)
    day.do(lambda: actions.finish(day.desk, ticket.pk, by=None))
    assert day.learnt()[0] == 300


def test_a_transferred_visitor_teaches_each_service_its_own_part(day: Day) -> None:
    other = factories.service(day.service.branch, number_prefix="B")
    for _visit in range(5):
        day.do(lambda: factories.ticket(day.service))
        ticket = day.do(lambda: factories.serving(day.desk))
        day.later(100)
        day.do(lambda ticket=ticket: actions.transfer(day.desk, ticket.pk, service=other, by=None))  # type: ignore[misc]  # mypy cannot infer it
    assert day.learnt()[0] == 100
    other.refresh_from_db()
    assert other.typical_seconds is None


def test_a_family_is_one_visit(day: Day) -> None:
    day.visits(3)
    parent, child = day.do(lambda: factories.waiting(2, day.service))
    day.do(lambda: actions.link(day.desk, parent.shown, child.shown, by=None))
    ticket = day.do(lambda: factories.serving(day.desk))
    day.later(300)
    day.do(lambda: actions.finish(day.desk, ticket.pk, by=None))
    assert day.learnt() == (None, None)


def test_a_figure_that_hardly_changed_is_not_written(day: Day) -> None:
    day.visits(20)
    day.learnt()
    revision = Branch.objects.get().revision
    day.visits(1, serve=280)
    before = Branch.objects.get().revision
    assert day.do(lambda: actions.learn_service_times(day.service.branch)) == 0
    assert Branch.objects.get().revision == before > revision
    day.visits(20, serve=800)
    assert day.do(lambda: actions.learn_service_times(day.service.branch)) == 1


def test_what_was_learnt_becomes_the_wait_that_is_expected(day: Day) -> None:
    day.visits(5)
    day.learnt()
    day.do(lambda: actions.open_session(day.desk, by=factories.clerk(day.service.branch)))
    day.do(lambda: factories.waiting(3, day.service))
    expected = day.do(lambda: wait_estimate.wait_estimates(day.service.branch, [day.service]))
    assert expected[day.service.pk].minutes == 15
