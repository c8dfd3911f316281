"""The database's own last guard, for the day on which an action forgets."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import count
from typing import Any
from uuid import uuid4

import pytest
from django.db import IntegrityError, connection, models, transaction
from django.db.models import ProtectedError

from queues.models import Branch, Desk, Membership, NumberSeries, Service, Ticket
from queues.states import AT_DESK, OPEN, State
from tests.kit import factories

pytestmark = pytest.mark.django_db

_numbers = count(1000)


@contextmanager
def refused_by(constraint: str) -> Iterator[None]:
    """SQLite names the columns of a unique constraint instead of the constraint itself."""
    with pytest.raises(IntegrityError) as refused, transaction.atomic():
        yield
    if connection.vendor == "postgresql" or "UNIQUE" not in str(refused.value):
        assert constraint in str(refused.value)


def raw(like: Ticket, **changes: Any) -> Ticket:
    """One more row beside `like`, as no action would write it."""
    columns = {field.attname: getattr(like, field.attname) for field in Ticket._meta.concrete_fields}
    del columns["id"]
    number = next(_numbers)
    fresh = {"token": uuid4().hex, "serial": number, "shown": f"Z{number}", "request_key": None}
    return Ticket.objects.create(**{**columns, **fresh, **changes})


@pytest.fixture
def ticket() -> Ticket:
    return factories.ticket(factories.service(), request_key=uuid4())


def test_a_row_beside_it_is_let_in_when_nothing_is_doubled(ticket: Ticket) -> None:
    raw(ticket)
    assert Ticket.objects.count() == 2


def test_one_serial_a_series(ticket: Ticket) -> None:
    with refused_by("one_serial_a_series"):
        raw(ticket, serial=ticket.serial)


@pytest.mark.parametrize("state", OPEN)
def test_one_open_ticket_for_a_shown_number(ticket: Ticket, state: State) -> None:
    Ticket.objects.update(state=state, desk=factories.desk(ticket.service))
    with refused_by("one_open_number"):
        raw(ticket, shown=ticket.shown)


def test_a_number_is_free_again_when_its_ticket_is_over(ticket: Ticket) -> None:
    for end in set(State) - set(OPEN):
        Ticket.objects.update(state=end)
        raw(ticket, shown=ticket.shown).delete()


def test_one_ticket_for_a_request_key(ticket: Ticket) -> None:
    with refused_by("one_ticket_a_request"):
        raw(ticket, request_key=ticket.request_key)


def test_one_link_for_a_ticket(ticket: Ticket) -> None:
    with refused_by("token"):
        raw(ticket, token=ticket.token)


@pytest.mark.parametrize("first", AT_DESK)
@pytest.mark.parametrize("second", AT_DESK)
def test_one_open_ticket_for_a_desk(ticket: Ticket, first: State, second: State) -> None:
    desk = factories.desk(ticket.service)
    Ticket.objects.update(state=first, desk=desk)
    with refused_by("one_leading_ticket_a_desk"):
        raw(ticket, state=second, desk_id=desk.pk)


def test_a_desk_may_have_had_any_number_of_tickets(ticket: Ticket) -> None:
    desk = factories.desk(ticket.service)
    Ticket.objects.update(state=State.DONE, desk=desk)
    raw(ticket, state=State.DONE, desk_id=desk.pk)
    raw(ticket, state=State.CALLED, desk_id=desk.pk)


@pytest.mark.parametrize("state", AT_DESK)
def test_nobody_is_called_to_no_desk(ticket: Ticket, state: State) -> None:
    with refused_by("called_to_a_desk"):
        Ticket.objects.filter(pk=ticket.pk).update(state=state)


def test_one_series_a_day_for_a_service(ticket: Ticket) -> None:
    with refused_by("one_series_a_day"):
        NumberSeries.objects.create(service=ticket.service, business_day=ticket.business_day)


@pytest.mark.parametrize(("first", "last"), [(0, 9), (9, 8)])
def test_a_services_numbers_begin_before_they_end(ticket: Ticket, first: int, last: int) -> None:
    with refused_by("service_numbers_in_order"):
        Service.objects.filter(pk=ticket.service_id).update(number_first=first, number_last=last)


def test_one_service_for_an_address_and_one_desk_for_a_name_in_a_branch(ticket: Ticket) -> None:
    service = ticket.service
    with refused_by("one_service_a_slug"):
        factories.service(service.branch, slug=service.slug)
    desk = factories.desk(service)
    with refused_by("one_desk_a_name"):
        Desk.objects.create(branch=service.branch, name=desk.name)
    with refused_by("slug"):
        factories.branch(slug=service.branch.slug)


def test_one_membership_of_a_person_in_a_branch() -> None:
    branch = factories.branch()
    clerk = factories.clerk(branch)
    with refused_by("one_membership_a_branch"):
        Membership.objects.create(user=clerk, branch=branch)


@pytest.mark.parametrize(
    "row",
    [
        lambda ticket: ticket,
        lambda ticket: ticket.series,
        lambda ticket: ticket.service,
        lambda ticket: ticket.desk,
        lambda ticket: ticket.branch,
    ],
    ids=["ticket", "series", "service", "desk", "branch"],
)
def test_what_has_a_history_is_not_deleted(row: Callable[[Ticket], models.Model]) -> None:
    service = factories.service()
    factories.ticket(service)
    ticket = factories.called(factories.desk(service))
    with pytest.raises(ProtectedError):
        row(ticket).delete()


def test_a_person_may_be_deleted_and_the_history_stays() -> None:
    service = factories.service()
    by = factories.clerk(service.branch)
    ticket = factories.ticket(service, by=by)
    by.delete()
    assert ticket.events.get().by is None
    assert Branch.objects.get() == service.branch
