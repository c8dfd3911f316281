"""Reading who waits: the whole line, or the first few of it with counts for the rest."""

from collections.abc import Collection
from dataclasses import replace
from datetime import date, datetime
from typing import Any

from django.db.models import BooleanField, Count, ExpressionWrapper, F, Min, Q, QuerySet, Window
from django.db.models.functions import RowNumber

from queues import queries
from queues.compiled import compiled
from queues.models import Branch, Ticket, TicketEvent
from queues.snapshot.rows import (
    FOLLOWED_COLUMNS,
    FollowedRow,
    Head,
    TicketRow,
    Waiting,
    as_columns,
    followed_rows,
    rows,
)
from queues.states import State

HEADS_KEPT = 5
"""So many of each line are read for a desk, however long it is."""


@compiled
def _line(branch: int, day: date, now: datetime) -> QuerySet[Ticket, tuple[Any, ...]]:
    return as_columns(Ticket.objects.in_line(branch, day, now))


@compiled
def _in_line(branch: int, day: date, now: datetime) -> QuerySet[Ticket, tuple[Any, ...]]:
    return Ticket.objects.in_line(branch, day, now).values_list(*FOLLOWED_COLUMNS)


@compiled
def _called_or_held(branch: int) -> QuerySet[Ticket, tuple[Any, ...]]:
    here = Ticket.objects.filter(branch=branch, state__in=(State.CALLED, State.SERVING, State.HELD))
    return as_columns(here.order_by(F("leader").asc(nulls_first=True), "due_at", "id"))


@compiled
def _waiting(branch: int, day: date, now: datetime) -> QuerySet[Ticket, tuple[int, int, datetime]]:
    line = Ticket.objects.in_line(branch, day, now).order_by()
    return line.values_list("service").annotate(Count("id"), Min("waiting_since"))


@compiled
def _heads(branch: int, day: date, now: datetime) -> QuerySet[Ticket, tuple[Any, ...]]:
    later = ExpressionWrapper(Q(callable_from__isnull=False, callable_from__gt=now), BooleanField())
    # Who waits for the same service, or the same desk or clerk, all of them callable now or not yet.
    together = (F("service"), F("for_desk"), F("for_clerk"), later)
    first = (
        Ticket.objects.in_line(branch, day, now)
        .leading()
        .annotate(
            later=later,
            place=Window(RowNumber(), partition_by=together, order_by=["due_at", "id"]),
            count=Window(Count("id"), partition_by=together),
            since=Window(Min("waiting_since"), partition_by=together),
        )
        .filter(place__lte=HEADS_KEPT)
    )
    return as_columns(first, "later", "count", "since")


def line(branch: Branch) -> tuple[TicketRow, ...]:
    return rows(_line.all(**queries.line_parameters(branch)))


def in_line(branch: Branch) -> dict[int, FollowedRow]:
    """The line as phones need it, at a fifth of the cost of `line`."""
    return followed_rows(_in_line.all(**queries.line_parameters(branch)))


def called_or_held(branch: Branch) -> tuple[TicketRow, ...]:
    """Those at desks and on hold; leaders come before their followers, and then as they are due."""
    return rows(_called_or_held.all(branch=branch.pk))


def waiting(branch: Branch) -> dict[int, Waiting]:
    """By the service's id; services that nobody waits for are left out."""
    return {service: Waiting(count, since) for service, count, since in _waiting.all(**queries.line_parameters(branch))}


def heads(branch: Branch) -> tuple[Head, ...]:
    """Of those that lead: whoever follows is called with them."""
    found = _heads.all(**queries.line_parameters(branch))
    tickets = _with_where_they_were([TicketRow(*columns[:-3]) for columns in found])
    grouped: dict[tuple[object, ...], tuple[list[TicketRow], int, datetime]] = {}
    for ticket, (*_columns, later, count, since) in zip(tickets, found, strict=True):
        there = (ticket.service_id, ticket.for_desk_id, ticket.for_clerk_id)
        grouped.setdefault((*there, later), ([], count, since))[0].append(ticket)
    return tuple(
        Head(first[0].service_id, first[0].for_desk_id, first[0].for_clerk_id, tuple(first), count, since)
        for first, count, since in grouped.values()
    )


def _with_where_they_were(tickets: Collection[TicketRow]) -> list[TicketRow]:
    """`was_served_there` known of each that was sent to a desk. No such, no query."""
    sent = [ticket.id for ticket in tickets if ticket.for_desk_id is not None]
    if not sent:
        return list(tickets)
    served = TicketEvent.objects.filter(ticket__in=sent, to_state=State.SERVING, undone_by__isnull=True)
    there = frozenset(served.values_list("ticket", "desk"))
    return [replace(one, was_served_there=(one.id, one.for_desk_id) in there) for one in tickets]


def is_due(ticket: TicketRow, now: datetime) -> bool:
    return ticket.callable_from is not None and ticket.callable_from <= now
