"""One ticket, as it is under the branch's lock, and the refusals that say why it is not to be moved."""

from collections.abc import Mapping
from typing import Any

from django.db.models import QuerySet

from accounts.models import User
from queues import queries
from queues.changes.transition import NO_CHANGES, move, refusal_for
from queues.compiled import compiled
from queues.models import Branch, Desk, Ticket
from queues.refusals import AlreadyOver, DeskEmpty, UnknownTicket, WrongState
from queues.states import AT_DESK, MOVES, OPEN, State

NO_TICKET = 0
"""What a desk's page names where it has had no ticket yet."""


def fresh(branch: Branch, ticket: Ticket) -> Ticket:
    """The ticket as it is under the lock. Raises UnknownTicket."""
    found = Ticket.objects.select_related("desk").filter(pk=ticket.pk, branch=branch).first()
    if found is None:
        raise UnknownTicket
    found.branch = branch
    return found


@compiled
def _ticket(ticket: int, branch: int) -> QuerySet[Ticket]:
    return Ticket.objects.filter(pk=ticket, branch=branch)


def own_ticket(desk: Desk, ticket_id: int) -> Ticket:
    """The ticket, if this desk called it last and it leads its party; else the refusal that says who did, or that
    nobody has."""
    if ticket_id == NO_TICKET:
        raise DeskEmpty
    ticket = _ticket.first(ticket=ticket_id, branch=desk.branch_id)
    if ticket is None:
        raise UnknownTicket
    if ticket.desk_id != desk.pk or ticket.leader_id is not None:
        raise refusal_for(ticket)
    ticket.desk, ticket.branch = desk, desk.branch
    return ticket


def open_ticket(branch: Branch, number: str) -> Ticket:
    """Today's open ticket with this number, however it is spelt. Raises UnknownTicket, AlreadyOver."""
    ticket = todays_ticket(branch, number)
    if ticket.state not in OPEN:
        raise refusal_for(ticket)
    return ticket


def todays_ticket(branch: Branch, number: str) -> Ticket:
    """`queries.todays_ticket`. Raises UnknownTicket."""
    ticket = queries.todays_ticket(branch, number)
    if ticket is None:
        raise UnknownTicket
    return ticket


def move_own(
    ticket: Ticket,
    to: State,
    *,
    action: str,
    by: User | None,
    reason: str = "",
    changes: Mapping[str, Any] = NO_CHANGES,
) -> Ticket:
    """Move the desk's own ticket. What can't be done with one that is still at the desk is WrongState: "already called"
    would name the desk that asks. Raises AlreadyOver for one that would wait when its day is over."""
    if ticket.state in AT_DESK and action not in MOVES.get((State(ticket.state), to), ()):
        raise WrongState(ticket)
    if to in (State.WAITING, State.HELD):
        refuse_if_day_is_over(ticket)
    return move(ticket, to, action=action, desk=ticket.desk, by=by, reason=reason, changes=changes)


def refuse_if_day_is_over(ticket: Ticket) -> None:
    """Raises AlreadyOver if the ticket's day is over: no desk is offered it any more."""
    if is_of_another_day(ticket):
        raise AlreadyOver(ticket)


def is_of_another_day(ticket: Ticket) -> bool:
    """Whether the branch has gone on to another business day while the visitor was here."""
    return ticket.business_day != queries.today(ticket.branch)


def has_gone_on(desk: Desk, ticket: Ticket, action: str) -> bool:
    """Whether this desk's last press was this action and has sent the ticket back to the line: the same press again."""
    if ticket.state != State.WAITING:
        return False
    latest = queries.latest_event(desk)
    if latest is None or latest.action != action:
        return False
    # Of a family the leader's move is the press; whom it led may have gone their own way since.
    return (latest.led_by or latest).ticket_id == ticket.pk
