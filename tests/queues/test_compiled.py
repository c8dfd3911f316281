"""Compiled queries: the same rows as Django's own querysets, both ways."""

from collections.abc import Callable, Sequence
from datetime import date, datetime, timedelta
from importlib import import_module
from pkgutil import walk_packages
from threading import Thread
from typing import Any
from uuid import uuid4

import pytest
from django.db import connections
from django.db.models import Count, Model, QuerySet
from django.test.utils import CaptureQueriesContext

import queues
import staffdesk
from queues import actions, clock
from queues.compiled import CHUNK, CompiledQuery, compiled, enable, mode, self_test
from queues.models import Branch, Desk, Service, Ticket, TicketEvent
from queues.queries.branches import branch_row
from tests.kit import factories

pytestmark = pytest.mark.django_db


@compiled
def at_desk(desk: int) -> QuerySet[Ticket]:
    return Ticket.objects.select_related("desk").filter(desk=desk).order_by("id")


@compiled
def any_of(ids: Sequence[int]) -> QuerySet[Ticket]:
    return Ticket.objects.filter(pk__in=ids)


@compiled
def lines(service: int) -> QuerySet[Any]:
    return Service.objects.filter(pk=service).annotate(given=Count("tickets")).only("slug")


@compiled
def earlier(then: datetime) -> QuerySet[Ticket, tuple[str, int]]:
    due = Ticket.objects.filter(due_at__lt=then, state__in=("WAITING", "CALLED")).order_by("state")
    return due.values_list("state").annotate(Count("id"))


@pytest.fixture(autouse=True, params=["compiled", "plain"])
def _way(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each test passes both ways."""
    monkeypatch.setattr(mode, "compiles", request.param == "compiled")


def test_it_finds_what_django_finds_for_each_value_anew(service: Service) -> None:
    desks = [factories.desk(service), factories.desk(service)]
    factories.waiting(3, service)
    called = [factories.called(desk) for desk in desks]
    for desk, ticket in zip(desks, called, strict=True):
        assert at_desk.all(desk=desk.pk) == [ticket]
        assert at_desk.first(desk=desk.pk) == ticket
    found = at_desk.all(desk=desks[0].pk)[0]
    same = Ticket.objects.get(pk=found.pk)
    assert {name: getattr(found, name) for name in vars(same) if name != "_state"} == {
        name: value for name, value in vars(same).items() if name != "_state"
    }


def test_it_reads_columns_and_counts_and_adapts_instants(service: Service) -> None:
    factories.waiting(3, service)
    factories.called(factories.desk(service))
    assert earlier.all(then=clock.now() + timedelta(hours=1)) == [("CALLED", 1), ("WAITING", 2)]
    assert earlier.all(then=clock.now() - timedelta(hours=1)) == []


def test_related_rows_come_with_it(service: Service) -> None:
    desk = factories.desk(service)
    factories.waiting(1, service)
    factories.called(desk)
    with CaptureQueriesContext(connections["default"]) as queries:
        found = at_desk.first(desk=desk.pk)
        assert found is not None
        assert found.desk == desk
    assert len(queries) == 1


def test_columns_left_out_are_read_later_and_those_added_come_with_it(service: Service) -> None:
    factories.waiting(3, service)
    with CaptureQueriesContext(connections["default"]) as queries:
        found = lines.first(service=service.pk)
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
def test_what_it_would_read_otherwise_than_django_it_refuses(
    asks: Callable[[], QuerySet[Any, Any]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(mode, "compiles", True)
    with pytest.raises(TypeError):
        CompiledQuery(asks).all()


@pytest.mark.parametrize("number", [2**63, 10**40, -(2**70)])
def test_a_number_beyond_every_column_finds_nothing(number: int) -> None:
    assert at_desk.all(desk=number) == []
    assert at_desk.first(desk=number) is None


@pytest.mark.parametrize("many", [0, 1, CHUNK, CHUNK + 3])
def test_any_number_of_ids_is_asked_for_in_as_few_queries_as_hold_them(many: int, service: Service) -> None:
    tickets = factories.waiting(CHUNK + 5, service)
    wanted = [ticket.pk for ticket in tickets[:many]]
    with CaptureQueriesContext(connections["default"]) as queries:
        found = any_of.all(ids=wanted)
    assert sorted(ticket.pk for ticket in found) == wanted
    assert len(queries) == -(-many // CHUNK)


def test_what_a_statement_returns_is_read_as_the_query_would(service: Service) -> None:
    columns = ", ".join(f'"{field.column}"' for field in Branch._meta.concrete_fields)
    sql = f'UPDATE "queues_branch" SET "revision" = 7, "day" = %s WHERE "id" = %s RETURNING {columns}'
    with CaptureQueriesContext(connections["default"]) as queries:
        (returned,) = branch_row.returned_by(sql, [date(2026, 3, 2), service.branch_id])
    assert len(queries) == 1
    assert (returned.revision, returned.day) == (7, date(2026, 3, 2))
    assert _as_data(returned) == _as_data(Branch.objects.get(pk=service.branch_id))
    assert branch_row.returned_by(sql, [date(2026, 3, 2), 0]) == []


def test_its_sql_is_written_once(service: Service, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mode, "compiles", True)
    asked: list[str] = []

    @compiled
    def desk_with(pk: int) -> QuerySet[Desk]:
        asked.append("once")
        return Desk.objects.filter(pk=pk)

    desk = factories.desk(service)
    for _time in range(3):
        assert desk_with.all(pk=desk.pk) == [desk]
    assert asked == ["once"]


@pytest.mark.django_db(transaction=True)
def test_each_thread_asks_over_its_own_connection(service: Service) -> None:
    desk = factories.desk(service)

    @compiled
    def desk_with(pk: int) -> QuerySet[Desk]:
        return Desk.objects.filter(pk=pk)

    assert desk_with.all(pk=desk.pk) == [desk]
    found: list[list[Desk]] = []

    def ask() -> None:
        found.append(desk_with.all(pk=desk.pk))
        connections.close_all()

    thread = Thread(target=ask)
    thread.start()
    thread.join()
    assert found == [[desk]]


def test_the_self_test_finds_what_a_release_has_changed(monkeypatch: pytest.MonkeyPatch) -> None:
    self_test()
    monkeypatch.setattr("queues.compiled.inside.get_related_populators", lambda *_changed, **_fetch: [])
    with pytest.raises(TypeError, match="A row"):
        self_test()
    enable()
    assert mode.compiles


def all_queries() -> dict[str, CompiledQuery[Any]]:
    """Every compiled query of the system, by the name of what it stands in and its own."""
    modules = [
        import_module(found.name)
        for package in (queues, staffdesk)
        for found in walk_packages(package.__path__, f"{package.__name__}.")
    ]
    return {
        f"{module.__name__}.{name}": query
        for module in modules
        for name, query in vars(module).items()
        if isinstance(query, CompiledQuery)
    }


def test_each_query_gives_the_same_rows_both_ways(service: Service, monkeypatch: pytest.MonkeyPatch) -> None:
    clerk = factories.clerk(service.branch)
    desks = [factories.desk(service) for _desk in range(3)]
    factories.ticket(service)
    factories.served(desks[0])
    tickets = factories.waiting(6, service)
    visit = uuid4()
    actions.issue(service, language="en", request_key=visit)
    called = [factories.called(desk) for desk in desks]
    actions.hold(desks[0], called[0].pk, minutes=5, by=clerk)
    actions.undo(desks[1], by=None)
    now = clock.now()
    values: dict[str, Any] = {
        "branch": service.branch_id,
        "branches": [service.branch_id],
        "day": service.branch.business_day(now),
        "now": now,
        "since": now - timedelta(hours=1),
        "service": service.pk,
        "desk": desks[2].pk,
        "user": clerk.pk,
        "clerk": clerk.pk,
        "ticket": called[0].pk,
        "shown": tickets[-1].shown,
        "slug": service.branch.slug,
        "token": tickets[-1].token,
        "visit": visit,
        "events": list(TicketEvent.objects.values_list("pk", flat=True)),
    }
    for name, query in all_queries().items():
        asked = {parameter: values[parameter] for parameter in query.parameters}
        found = {}
        for way in (True, False):
            monkeypatch.setattr(mode, "compiles", way)
            found[way] = [_as_data(row) for row in query.all(**asked)]
            if not query.placeholders_filled().ordered:
                found[way].sort(key=str)  # PostgreSQL promises no order
        assert found[True] == found[False], name
        assert found[True], name


def test_none_is_too_long_for_psycopg_to_remember_how_it_is_written() -> None:
    """It takes longer ones apart anew each time."""
    connection = connections["default"]
    for name, query in all_queries().items():
        sql, places = query.placeholders_filled().query.get_compiler(connection=connection).as_sql()
        assert len(sql) <= 4096, name
        assert len(places) <= 50, name


def _as_data(row: object) -> object:
    """The columns of an object, and of those that came with it."""
    if not isinstance(row, Model):
        return row
    columns = {name: value for name, value in vars(row).items() if name != "_state"}
    return columns, {name: _as_data(other) for name, other in row._state.fields_cache.items()}
