"""Kept questions and writes: the same as Django's own, which is asked here beside them."""

from collections.abc import Callable
from datetime import timedelta
from threading import Thread
from typing import Any

import pytest
from django.db import connections
from django.db.models import Count, DateTimeField, QuerySet
from django.test.utils import CaptureQueriesContext

from queues import clock
from queues.changes.rows import insert, update
from queues.compiled import ANY_OF, AT_ONCE, CompiledQuery, Param
from queues.models import Desk, NumberSeries, Service, Ticket, TicketEvent
from tests.kit import factories

pytestmark = pytest.mark.django_db

AT_DESK = CompiledQuery(lambda: Ticket.objects.select_related("desk").filter(desk=Param("desk")).order_by("id"))
ANY = CompiledQuery(lambda: Ticket.objects.filter(pk__in=ANY_OF))
LINES = CompiledQuery(lambda: Service.objects.filter(pk=Param("service")).annotate(given=Count("tickets")).only("slug"))
EARLIER = CompiledQuery(
    lambda: (
        Ticket.objects.filter(due_at__lt=Param("then", DateTimeField()), state__in=("WAITING", "CALLED"))
        .order_by("state")
        .values_list("state")
        .annotate(Count("id"))
    )
)


def test_it_finds_what_django_finds_for_each_value_anew(service: Service) -> None:
    desks = [factories.desk(service), factories.desk(service)]
    factories.waiting(3, service)
    called = [factories.called(desk) for desk in desks]
    for desk, ticket in zip(desks, called, strict=True):
        assert AT_DESK.all(desk=desk.pk) == [ticket]
        assert AT_DESK.first(desk=desk.pk) == ticket
    found = AT_DESK.all(desk=desks[0].pk)[0]
    same = Ticket.objects.get(pk=found.pk)
    assert {name: getattr(found, name) for name in vars(same) if name != "_state"} == {
        name: value for name, value in vars(same).items() if name != "_state"
    }


def test_it_reads_columns_and_counts_and_adapts_instants(service: Service) -> None:
    factories.waiting(3, service)
    factories.called(factories.desk(service))
    assert EARLIER.all(then=clock.now() + timedelta(hours=1)) == [("CALLED", 1), ("WAITING", 2)]
    assert EARLIER.all(then=clock.now() - timedelta(hours=1)) == []


def test_related_rows_come_with_it(service: Service) -> None:
    desk = factories.desk(service)
    factories.waiting(1, service)
    factories.called(desk)
    with CaptureQueriesContext(connections["default"]) as queries:
        found = AT_DESK.first(desk=desk.pk)
        assert found is not None
        assert found.desk == desk
    assert len(queries) == 1


def test_columns_left_out_are_read_later_and_those_added_come_with_it(service: Service) -> None:
    factories.waiting(3, service)
    with CaptureQueriesContext(connections["default"]) as queries:
        found = LINES.first(service=service.pk)
        assert found is not None
        assert (found.slug, found.given) == (service.slug, 3)
    assert len(queries) == 1
    assert found.number_prefix == service.number_prefix


@pytest.mark.parametrize(
    "asks",
    [
        lambda: Service.objects.values("slug"),
        lambda: Service.objects.values_list("slug", flat=True),
        lambda: Service.objects.values_list("slug").order_by("position").distinct(),
    ],
)
def test_what_it_would_read_otherwise_than_django_it_refuses(asks: Callable[[], QuerySet[Any, Any]]) -> None:
    with pytest.raises(TypeError):
        CompiledQuery(asks).all()


@pytest.mark.parametrize("number", [2**63, 10**40, -(2**70)])
def test_a_number_beyond_every_column_finds_nothing(number: int) -> None:
    assert AT_DESK.all(desk=number) == []
    assert AT_DESK.first(desk=number) is None


@pytest.mark.parametrize("many", [0, 1, AT_ONCE, AT_ONCE + 3])
def test_any_number_of_ids_is_asked_for_in_as_few_queries_as_hold_them(many: int, service: Service) -> None:
    tickets = factories.waiting(AT_ONCE + 5, service)
    wanted = [ticket.pk for ticket in tickets[:many]]
    with CaptureQueriesContext(connections["default"]) as queries:
        found = ANY.of(wanted)
    assert sorted(ticket.pk for ticket in found) == wanted
    assert len(queries) == -(-many // AT_ONCE)


def test_the_question_is_written_once(service: Service) -> None:
    asked: list[str] = []

    def ask() -> QuerySet[Desk]:
        asked.append("once")
        return Desk.objects.filter(pk=Param("desk"))

    kept = CompiledQuery(ask)
    desk = factories.desk(service)
    for _time in range(3):
        assert kept.all(desk=desk.pk) == [desk]
    assert asked == ["once"]


@pytest.mark.django_db(transaction=True)
def test_each_thread_asks_over_its_own_connection(service: Service) -> None:
    desk = factories.desk(service)
    kept = CompiledQuery(lambda: Desk.objects.filter(pk=Param("desk")))
    assert kept.all(desk=desk.pk) == [desk]
    found: list[list[Desk]] = []

    def ask() -> None:
        found.append(kept.all(desk=desk.pk))
        connections.close_all()

    thread = Thread(target=ask)
    thread.start()
    thread.join()
    assert found == [[desk]]


def test_a_row_is_inserted_as_django_would(service: Service) -> None:
    (ticket,) = factories.waiting(1, service)
    fields = {"from_state": "", "to_state": "WAITING", "action": "issue", "service": service, "at": clock.now()}
    ours, theirs = (TicketEvent(ticket=ticket, before={"plan": [1]}, **fields) for _one in range(2))
    insert(ours)
    theirs.save(force_insert=True)
    rows = TicketEvent.objects.filter(pk__in=[ours.pk, theirs.pk]).values()
    assert len({str({**row, "id": None}) for row in rows}) == 1
    assert not ours._state.adding
    ours.reason = "changed"
    ours.save()
    assert TicketEvent.objects.get(pk=ours.pk).reason == "changed"


def test_a_row_is_updated_only_if_it_is_as_was_thought(service: Service) -> None:
    (ticket,) = factories.waiting(1, service)
    assert not update(ticket, {"plan": [7]}, only_if={"state": "CALLED"})
    assert update(ticket, {"plan": [7], "for_desk_id": None}, only_if={"state": "WAITING"})
    ticket.refresh_from_db()
    assert ticket.plan == [7]
    NumberSeries.objects.filter(pk=ticket.series_id).update(last_serial=9)
    assert update(ticket.series, {"last_serial": 10})
    series = NumberSeries.objects.get(pk=ticket.series_id)
    assert (series.last_serial, series.last_number) == (10, 1)
    gone = Desk(pk=2**40)
    assert not update(gone, {"name": "x"})
