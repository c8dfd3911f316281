"""Reading who waits: the whole line, or the first few of it with counts for the rest."""

from collections.abc import Collection
from datetime import datetime
from typing import NamedTuple

from django.db.models import Case, Count, Exists, F, Min, OuterRef, Q, When, Window
from django.db.models.functions import RowNumber

from queues import queries
from queues.models import Branch, Ticket, TicketEvent
from queues.snapshot.rows import TICKET_COLUMNS, Head, TicketRow, rows
from queues.states import State

HEADS_KEPT = 5
"""So many of each line are read for a desk, however long it is."""


def line(branch: Branch) -> tuple[TicketRow, ...]:
    return rows(queries.line(branch))


def called_or_held(branch: Branch) -> tuple[TicketRow, ...]:
    """Those at desks and on hold; leaders come before their followers, and then as they are due."""
    found = Ticket.objects.filter(branch=branch, state__in=(State.CALLED, State.SERVING, State.HELD))
    return rows(found.order_by(F("leader").asc(nulls_first=True), "due_at", "id"))


class Group(NamedTuple):
    """Those who wait for the same service, or the same desk or clerk, callable now or `later`: how many, how many of
    them lead, and since when the longest waiting has waited."""

    service_id: int
    for_desk_id: int | None
    for_clerk_id: int | None
    later: int
    waiting: int
    leading: int
    waiting_since: datetime


_WHERE = ("service", "for_desk", "for_clerk", "later")


def groups(branch: Branch, now: datetime) -> tuple[Group, ...]:
    waiting = queries.line(branch).order_by().annotate(later=_later(now)).values_list(*_WHERE)
    leading = Count("id", filter=Q(leader__isnull=True))
    return tuple(
        Group(*columns) for columns in waiting.annotate(n=Count("id"), leading=leading, since=Min("waiting_since"))
    )


def _later(now: datetime) -> Case:
    return Case(When(callable_from__gt=now, then=1), default=0)


def heads(branch: Branch, groups: Collection[Group], now: datetime) -> tuple[Head, ...]:
    numbered = Window(RowNumber(), partition_by=[*map(F, _WHERE[:3]), _later(now)], order_by=["due_at", "id"])
    leading = queries.line(branch).filter(leader__isnull=True)
    first = leading.order_by().annotate(place=numbered).filter(place__lte=HEADS_KEPT)
    served_there = TicketEvent.objects.filter(
        ticket=OuterRef("pk"), desk=OuterRef("for_desk"), to_state=State.SERVING, undone_by__isnull=True
    )
    asked = leading.filter(pk__in=first.values("pk")).annotate(
        was_served_there=Q(for_desk__isnull=False) & Exists(served_there), later=_later(now)
    )
    tickets: dict[tuple[object, ...], list[TicketRow]] = {}
    for *columns, later in asked.values_list(*TICKET_COLUMNS, "later"):
        ticket = TicketRow(*columns)
        where = (ticket.service_id, ticket.for_desk_id, ticket.for_clerk_id, later)
        tickets.setdefault(where, []).append(ticket)
    return tuple(
        Head(
            group.service_id,
            group.for_desk_id,
            group.for_clerk_id,
            tuple(tickets.get(group[:4], ())),
            group.leading,
            group.waiting_since,
        )
        for group in groups
    )


def is_due(ticket: TicketRow, now: datetime) -> bool:
    return ticket.callable_from is not None and ticket.callable_from <= now
