"""The gate: every move of a ticket passes here, and leaves an event."""

from datetime import datetime

from django.db.models import OuterRef, Subquery

from accounts.models import User
from queues import clock
from queues.models import Desk, Ticket, TicketEvent
from queues.refusals import AlreadyCalled, AlreadyOver, ChangedMeanwhile, DeskBusy, TicketRefusal
from queues.states import AT_DESK, MOVES, OPEN, State

AT_ONCE = 500
"""Rows named in one statement."""


class Journal:
    """Tickets drawn and moves made under one lock, written together: the import of a log makes thousands at a time.

    Only what a ticket is in the end reaches its row, so that until then no constraint of the database sees whether a
    desk has two: the journal does.
    """

    def __init__(self) -> None:
        self._drawn: list[Ticket] = []
        self._events: list[TicketEvent] = []
        self._at_desk: dict[int, Ticket] = {}

    def add(self, ticket: Ticket) -> None:
        """A ticket that has just been drawn, and is in the database when the journal has been written."""
        self._drawn.append(ticket)

    def refuse_if_busy(self, desk: Desk, ticket: Ticket) -> None:
        """Raises DeskBusy naming another ticket of this journal that is still at the desk."""
        if self._at_desk.get(desk.pk, ticket) is not ticket:
            raise DeskBusy(self._at_desk[desk.pk])

    def append(self, event: TicketEvent) -> None:
        if event.desk_id is not None and event.to_state in AT_DESK:
            self._at_desk[event.desk_id] = event.ticket
        elif event.desk_id is not None:
            self._at_desk.pop(event.desk_id, None)
        self._events.append(event)

    def write(self) -> None:
        """Write tickets and events in their order, once, before `changing` ends."""
        Ticket.objects.bulk_create(self._drawn)
        TicketEvent.objects.bulk_create(self._events)
        called = sorted({event.ticket_id for event in self._events if event.to_state == State.CALLED})
        last_call = TicketEvent.objects.filter(ticket=OuterRef("pk"), to_state=State.CALLED).order_by("-pk")
        for first in range(0, len(called), AT_ONCE):
            tickets = Ticket.objects.filter(pk__in=called[first : first + AT_ONCE])
            tickets.update(last_call=Subquery(last_call.values("pk")[:1]))


def move(
    ticket: Ticket, to: State, *, desk: Desk | None = None, by: User | None = None, journal: Journal | None = None
) -> Ticket:
    """Move the ticket, as seen by the caller, and log it; the ticket is updated in place and returned.

    Compares and swaps: if the row is no longer in the state that `ticket` names, or the move is not in MOVES, raises
    the TicketRefusal that says how it is now. The instant is the clock's, but never before the ticket's last move: one
    state ends when the next begins. Call it inside `changing`. With a journal, the event is written when the journal
    is, and so is a ticket that was drawn into it and has no row to compare yet.
    """
    seen = State(ticket.state)
    if (seen, to) not in MOVES:
        raise refusal_for(ticket)
    at = max(clock.now(), ticket.state_since)
    changes: dict[str, object] = {"state": to, "state_since": at}
    if desk is not None:
        changes["desk"] = desk
        if journal is not None:
            journal.refuse_if_busy(desk, ticket)
    if to is State.CALLED:
        changes |= {"called_at": at, "calls": ticket.calls + 1}
    if ticket.pk is not None and not Ticket.objects.filter(pk=ticket.pk, state=seen).update(**changes):
        ticket.refresh_from_db()
        raise refusal_for(ticket)
    event = log(ticket, seen, to, desk=desk or ticket.desk, by=by, at=at, journal=journal)
    if to is State.CALLED and journal is None:
        Ticket.objects.filter(pk=ticket.pk).update(last_call=event.pk)
        changes["last_call"] = event.pk
    for name, value in changes.items():
        setattr(ticket, name, value)
    return ticket


def log(
    ticket: Ticket,
    seen: State | None,
    to: State,
    *,
    desk: Desk | None,
    by: User | None,
    at: datetime,
    journal: Journal | None = None,
) -> TicketEvent:
    """Append the event of one move. `seen` is None for a ticket that has just been drawn."""
    event = TicketEvent(
        ticket=ticket, from_state=seen or "", to_state=to, service_id=ticket.service_id, desk=desk, by=by, at=at
    )
    if journal is None:
        event.save(force_insert=True)
    else:
        journal.append(event)
    return event


def refusal_for(ticket: Ticket) -> TicketRefusal:
    """Why this ticket can't be moved as somebody wished: how it is now."""
    if ticket.state in AT_DESK:
        return AlreadyCalled(ticket)
    if ticket.state in OPEN:
        return ChangedMeanwhile(ticket)
    return AlreadyOver(ticket)
