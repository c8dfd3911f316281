"""The gate: every move of a ticket passes here, and leaves an event."""

from datetime import datetime

from accounts.models import User
from queues import clock
from queues.actions.journal import Journal
from queues.models import Desk, Ticket, TicketEvent
from queues.refusals import AlreadyCalled, AlreadyOver, ChangedMeanwhile, TicketRefusal
from queues.states import AT_DESK, MOVES, OPEN, State


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
