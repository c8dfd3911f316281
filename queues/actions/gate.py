"""The gate: every move of a ticket passes here, and leaves an event."""

from datetime import datetime

from accounts.models import User
from queues import clock
from queues.models import Desk, Ticket, TicketEvent
from queues.refusals import AlreadyCalled, AlreadyOver, ChangedMeanwhile, TicketRefusal
from queues.states import AT_DESK, MOVES, OPEN, State


def move(ticket: Ticket, to: State, *, desk: Desk | None = None, by: User | None = None) -> Ticket:
    """Move the ticket, as seen by the caller, and log it; the ticket is updated in place and returned.

    Compares and swaps: if the row is no longer in the state that `ticket` names, or the move is not in MOVES, raises
    the TicketRefusal that says how it is now. The instant is the clock's, but never before the ticket's last move: one
    state ends when the next begins. Call it inside `changing`.
    """
    seen = State(ticket.state)
    if (seen, to) not in MOVES:
        raise refusal_for(ticket)
    at = max(clock.now(), ticket.state_since)
    changes: dict[str, object] = {"state": to, "state_since": at}
    if desk is not None:
        changes["desk"] = desk
    if not Ticket.objects.filter(pk=ticket.pk, state=seen).update(**changes):
        ticket.refresh_from_db()
        raise refusal_for(ticket)
    event = log(ticket, seen, to, desk=desk or ticket.desk, by=by, at=at)
    if to is State.CALLED:
        called = {"last_call": event.pk, "called_at": at, "calls": ticket.calls + 1}
        Ticket.objects.filter(pk=ticket.pk).update(**called)
        changes |= called
    for name, value in changes.items():
        setattr(ticket, name, value)
    return ticket


def log(
    ticket: Ticket, seen: State | None, to: State, *, desk: Desk | None, by: User | None, at: datetime
) -> TicketEvent:
    """Append the event of one move. `seen` is None for a ticket that has just been drawn."""
    return TicketEvent.objects.create(
        ticket=ticket, from_state=seen or "", to_state=to, service_id=ticket.service_id, desk=desk, by=by, at=at
    )


def refusal_for(ticket: Ticket) -> TicketRefusal:
    """Why this ticket can't be moved as somebody wished: how it is now."""
    if ticket.state in AT_DESK:
        return AlreadyCalled(ticket)
    if ticket.state in OPEN:
        return ChangedMeanwhile(ticket)
    return AlreadyOver(ticket)
