"""What a desk does with the line.

A desk's press names the ticket that its page showed (`saw`), so that a second press of the same button is recognised
and does nothing, and a press on an outdated page is told so.
"""

from accounts.models import User
from queues import queries
from queues.actions.changing import changing
from queues.actions.gate import move, refusal_for
from queues.models import Desk, Ticket
from queues.refusals import ChangedMeanwhile, DeskBusy, NobodyHere, NobodyWaiting, NotNow, UnknownTicket
from queues.states import AT_DESK, MOVES, State

NOTHING_YET = 0
"""What a desk has seen that has not called anybody."""


def call_next(desk: Desk, *, by: User | None, saw: int | None = None) -> Ticket:
    """Call the ticket due first at this desk. `saw` is the id of the desk's latest ticket as the page knew it,
    NOTHING_YET if it had none, None if the caller doesn't say.

    A press that was already carried out gives the ticket it called. Raises NobodyWaiting, DeskBusy naming the ticket
    that the desk still has, ChangedMeanwhile. Locks the branch.
    """
    with changing(desk.branch_id):
        latest = queries.latest_of(desk)
        known = saw is None or saw == (latest.pk if latest else NOTHING_YET)
        if latest is not None and latest.state in AT_DESK:
            if known:
                raise DeskBusy(latest)
            return latest
        if latest is not None and not known:
            raise ChangedMeanwhile(latest)
        ticket = queries.due_at(desk).first()
        if ticket is None:
            raise NobodyWaiting(desk)
        return move(ticket, State.CALLED, desk=desk, by=by)


def recall(desk: Desk, ticket_id: int, *, by: User | None, calls_seen: int | None = None) -> Ticket:
    """Call the desk's called ticket once more. With `calls_seen`, how often the page knew it to have been called, the
    same press twice recalls once. Raises a TicketRefusal or UnknownTicket. Locks the branch."""
    with changing(desk.branch_id):
        ticket = _called_here(desk, ticket_id)
        if calls_seen is not None and ticket.calls > calls_seen and ticket.state == State.CALLED:
            return ticket
        return _move_own(ticket, State.CALLED, by=by)


def start_serving(desk: Desk, ticket_id: int, *, by: User | None) -> Ticket:
    """The called visitor is at the desk. Locks the branch."""
    return _bring(desk, ticket_id, State.SERVING, by=by)


def finish(desk: Desk, ticket_id: int, *, by: User | None) -> Ticket:
    """The visitor has been served. Locks the branch."""
    return _bring(desk, ticket_id, State.DONE, by=by)


def mark_absent(desk: Desk, ticket_id: int, *, by: User | None) -> Ticket:
    """The called visitor did not come. Locks the branch."""
    return _bring(desk, ticket_id, State.NO_SHOW, by=by)


def _bring(desk: Desk, ticket_id: int, to: State, *, by: User | None) -> Ticket:
    """Move this desk's ticket, unless the same press has done so already. Raises a TicketRefusal or UnknownTicket."""
    with changing(desk.branch_id):
        ticket = _called_here(desk, ticket_id)
        if ticket.state == to:
            return ticket
        return _move_own(ticket, to, by=by)


def _move_own(ticket: Ticket, to: State, *, by: User | None) -> Ticket:
    """Move the desk's own ticket. What can't be done with one that is still at the desk is NotNow: "already called"
    would name the desk that asks."""
    if ticket.state in AT_DESK and (State(ticket.state), to) not in MOVES:
        raise NotNow(ticket)
    return move(ticket, to, by=by)


def _called_here(desk: Desk, ticket_id: int) -> Ticket:
    """The ticket, if this desk called it; else the refusal that says who did, or that nobody has."""
    if ticket_id == NOTHING_YET:
        raise NobodyHere
    ticket = Ticket.objects.select_related("desk").filter(pk=ticket_id, branch_id=desk.branch_id).first()
    if ticket is None:
        raise UnknownTicket
    if ticket.desk_id != desk.pk:
        raise refusal_for(ticket)
    return ticket
