"""Reading who waits: the whole line, or the first few of it with counts for the rest."""

from collections.abc import Collection
from dataclasses import dataclass, field, replace
from datetime import datetime

from django.db.models import F

from queues import queries
from queues.kept import ANY_OF, Given, Kept
from queues.models import Branch, Ticket, TicketEvent
from queues.snapshot.rows import Head, TicketRow, as_columns, rows
from queues.states import State

HEADS_KEPT = 5
"""So many of each line are read for a desk, however long it is."""


LINE = Kept(lambda: as_columns(queries.line_later()))
IN_HOUSE = Kept(
    lambda: as_columns(
        Ticket.objects.filter(branch=Given("branch"), state__in=(State.CALLED, State.SERVING, State.HELD)).order_by(
            F("leader").asc(nulls_first=True), "due_at", "id"
        )
    )
)
HEADS = Kept(lambda: as_columns(Ticket.objects.filter(pk__in=ANY_OF)))
# A few narrow columns of everybody: cheaper than what the database would be asked to group and number.
EVERYBODY = Kept(
    lambda: queries.line_later().values_list(
        "id", "service", "for_desk", "for_clerk", "callable_from", "leader", "waiting_since"
    )
)


def line(branch: Branch) -> tuple[TicketRow, ...]:
    return rows(LINE.all(**queries.a_line(branch)))


def called_or_held(branch: Branch) -> tuple[TicketRow, ...]:
    """Those at desks and on hold; leaders come before their followers, and then as they are due."""
    return rows(IN_HOUSE.all(branch=branch.pk))


@dataclass(slots=True)
class Group:
    """Those who wait for the same service, or the same desk or clerk, all of them callable now or not yet: how many,
    since when the longest waiting has waited, and the ids of those that lead, the next one first."""

    service_id: int
    for_desk_id: int | None
    for_clerk_id: int | None
    waiting_since: datetime
    waiting: int = 0
    leading: list[int] = field(default_factory=list)


def groups(branch: Branch, now: datetime) -> tuple[Group, ...]:
    found: dict[tuple[object, ...], Group] = {}
    for pk, service, desk, clerk, callable_from, leader, since in EVERYBODY.all(**queries.a_line(branch)):
        later = callable_from is not None and callable_from > now
        group = found.setdefault((service, desk, clerk, later), Group(service, desk, clerk, since))
        group.waiting_since = min(group.waiting_since, since)
        group.waiting += 1
        if leader is None:
            group.leading.append(pk)
    return tuple(found.values())


def heads(groups: Collection[Group]) -> tuple[Head, ...]:
    first = [pk for group in groups for pk in group.leading[:HEADS_KEPT]]
    tickets = {ticket.id: ticket for ticket in rows(HEADS.of(first))}
    came_from = _served_at([ticket.id for ticket in tickets.values() if ticket.for_desk_id is not None])
    for pk, desk in came_from:
        if tickets[pk].for_desk_id == desk:
            tickets[pk] = replace(tickets[pk], was_served_there=True)
    return tuple(
        Head(
            group.service_id,
            group.for_desk_id,
            group.for_clerk_id,
            tuple(tickets[pk] for pk in group.leading[:HEADS_KEPT] if pk in tickets),
            len(group.leading),
            group.waiting_since,
        )
        for group in groups
    )


def _served_at(ids: Collection[int]) -> Collection[tuple[int, int | None]]:
    """Each of these tickets with each desk at which it was served. None, no query."""
    if not ids:
        return ()
    served = TicketEvent.objects.filter(ticket__in=ids, to_state=State.SERVING, undone_by__isnull=True)
    return served.values_list("ticket", "desk")


def is_due(ticket: TicketRow, now: datetime) -> bool:
    return ticket.callable_from is not None and ticket.callable_from <= now
