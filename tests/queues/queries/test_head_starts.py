"""Who is due before whom, and how far anybody may be ahead."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from queues import clock, queries
from queues.models import Branch, Desk, PriorityClass, Service
from queues.models.branch import WHOLE_DAY
from queues.queries import head_starts
from tests.kit import factories

pytestmark = pytest.mark.django_db

NINE = datetime(2026, 3, 2, 7, 0, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


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


@pytest.mark.parametrize(("ceiling", "most"), [(60, 25), (20, 20), (0, 0)])
def test_nobody_is_ever_further_ahead_than_the_ceiling(ceiling: int, most: int, service: Service, desk: Desk) -> None:
    factories.priority(service.branch, minutes=15)
    Desk.objects.filter(pk=desk.pk).update(main_service=service, main_head_start=10)
    Branch.objects.update(head_start_ceiling=ceiling)
    assert head_starts.longest_head_start(Branch.objects.get()) == most


def test_where_nobody_has_a_head_start_nobody_is_ahead(service: Service) -> None:
    assert head_starts.longest_head_start(service.branch) == 0
