"""A visitor goes on from a desk: on hold, transferred, back to the queue, or together with others."""

from datetime import timedelta
from functools import partial

from django.db.models import QuerySet

from accounts.models import User
from queues import clock
from queues.changes.desk_press import pressing
from queues.changes.one_by_one import one_by_one
from queues.changes.party import join
from queues.changes.place_in_line import back_in_line, end_of_line, refuse_if_nobody_is_there, target
from queues.changes.tickets import has_gone_on, move_own, open_ticket, own_ticket, todays_ticket
from queues.changes.together import move_together
from queues.changes.transition import refusal_for
from queues.models import Branch, Desk, Service, Ticket
from queues.states import AT_DESK, State

LONGEST_HOLD = 24 * 60
"""Minutes."""


def hold(desk: Desk, ticket_id: int, *, reason: str = "", minutes: int | None = None, by: User | None) -> Ticket:
    """Put the desk's visitor on hold; after `minutes` it is due again in its old place, without them it stays until
    called. Locks the branch."""
    with pressing(desk, by) as here:
        ticket = own_ticket(here, ticket_id)
        if ticket.state == State.HELD:
            return ticket
        until = clock.now() + timedelta(minutes=min(minutes, LONGEST_HOLD)) if minutes else None
        changes = {"callable_from": until, "hold_reason": reason.strip()[:80]}
        return move_own(ticket, State.HELD, action="hold", by=by, changes=changes)


def end_holds() -> int:
    """Return to the queue those whose hold is over, in every branch. Returns how many. One query where there are none;
    locks each branch where there are."""
    over = Ticket.objects.leading().filter(state=State.HELD, callable_from__lte=clock.now())
    return one_by_one(Branch.objects.filter(tickets__in=over).distinct(), partial(_end_holds, over))


def _end_holds(over: QuerySet[Ticket], branch: Branch) -> int:
    ended = {"callable_from": None}
    return len(
        move_together(branch, lambda here: over.filter(branch=here), State.WAITING, action="end_holds", changes=ended)
    )


def put_back(desk: Desk, ticket_id: int, *, by: User | None) -> Ticket:
    """The desk's visitor goes back to the line, in the old place: called by mistake, or the clerk has to go. Locks the
    branch."""
    with pressing(desk, by) as here:
        ticket = own_ticket(here, ticket_id)
        if has_gone_on(here, ticket, "put_back"):
            return ticket
        return move_own(ticket, State.WAITING, action="put_back", by=by, changes={"callable_from": None})


def transfer(
    desk: Desk,
    ticket_id: int,
    *,
    service: Service | None = None,
    to_desk: Desk | None = None,
    to_clerk: User | None = None,
    at_the_end: bool = False,
    returns: bool = False,
    reason: str = "",
    asks_first: bool = False,
    by: User | None,
) -> Ticket:
    """Send the desk's visitor on to a service, a desk or a clerk of the same branch, with the same number: with the
    time already waited, or at the end; with `returns` to come back here afterwards.

    With `asks_first` raises NobodyThere for a target that nobody serves just now. Raises NowhereToSend without a
    target, TargetGone for one that is not of this branch, and what the ticket's state says. Locks the branch.
    """
    with pressing(desk, by) as here:
        ticket = own_ticket(here, ticket_id)
        if has_gone_on(here, ticket, "transfer"):
            return ticket
        changes = target(here.branch, ticket, service=service, to_desk=to_desk, to_clerk=to_clerk)
        if asks_first:
            refuse_if_nobody_is_there(here.branch, service=service, to_desk=to_desk, to_clerk=to_clerk)
        changes |= {"sent_on": ticket.sent_on + 1, "callable_from": None}
        if at_the_end:
            changes |= {"due_at": end_of_line(ticket), "head_start": 0}
        if returns:
            changes |= {
                "return_desk_id": here.pk,
                "return_clerk_id": by.pk if by else None,
                "return_service_id": ticket.service_id,
            }
        return move_own(ticket, State.WAITING, action="transfer", by=by, changes=changes, reason=reason.strip()[:120])


def bring_back(desk: Desk, number: str, *, places: int | None, by: User) -> Ticket:
    """The desk's clerk brings back today's absent visitor with this number. `places`: how many are due
    before them, 0 being the front and None the branch's own choice; a visitor in a cool-down is due at once instead.

    Raises UnknownTicket, NumberTaken when the number has been given to somebody else since, and what the ticket's state
    says. Locks the branch."""
    with pressing(desk, by) as here:
        return back_in_line(here.branch, todays_ticket(here.branch, number), places=places, by=by)


def link(desk: Desk, leader: str, number: str, *, by: User | None) -> Ticket:
    """The visitor with this number goes with the leader from now on: called, served and finished together. The leader
    waits, or is at this desk. Raises LinkedAlready, UnknownTicket, and what the tickets' states say. Locks the
    branch."""
    with pressing(desk, by) as here:
        leading = open_ticket(here.branch, leader)
        if leading.state != State.WAITING and (leading.state not in AT_DESK or leading.desk_id != here.pk):
            raise refusal_for(leading)
        join(leading, open_ticket(here.branch, number), desk=here, by=by)
        return leading
