"""Sending on: hold, transfer, back into the line, families, plans."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from accounts.models import User
from queues import clock, queries
from queues.actions.calling import has_gone_on, move_own, open_ticket, own_ticket, todays_ticket
from queues.changes.desk_press import pressing
from queues.changes.party import join, step_out
from queues.changes.transaction import changing
from queues.changes.transition import move, refusal_for
from queues.models import Branch, Desk, Membership, Service, Ticket
from queues.refusals import ElsewhereGone, NowhereToSend, NumberTaken, UnknownTicket
from queues.states import AT_DESK, OPEN, State

LONGEST_HOLD = 24 * 60
"""Minutes."""
JUST_BEHIND = timedelta(microseconds=1)


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


def end_holds(branch: Branch) -> int:
    """Put those back in line whose hold has run out. Returns how many. Locks the branch if there are any."""
    over = Ticket.objects.filter(
        branch=branch, state=State.HELD, callable_from__lte=clock.now(), leader__isnull=True
    ).order_by("id")
    if not over.exists():
        return 0
    with changing(branch.pk):
        tickets = list(over)
        for ticket in tickets:
            move(ticket, State.WAITING, action="end_holds", changes={"callable_from": None})
        return len(tickets)


def end_all_holds() -> int:
    """`end_holds` in every branch that has any: one query where none has. Returns how many."""
    over = Ticket.objects.filter(state=State.HELD, callable_from__lte=clock.now(), leader__isnull=True)
    return sum(end_holds(branch) for branch in Branch.objects.filter(tickets__in=over).distinct())


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
    by: User | None,
) -> Ticket:
    """Send the desk's visitor on to a service, a desk or a clerk of the same branch, with the same number: with the
    time already waited, or at the end; with `returns` to come back here afterwards.

    Raises NowhereToSend without a target, ElsewhereGone for one that is not of this branch, and what the ticket's state
    says. Locks the branch.
    """
    with pressing(desk, by) as here:
        ticket = own_ticket(here, ticket_id)
        if has_gone_on(here, ticket, "transfer"):
            return ticket
        changes = target(here.branch, ticket, service=service, to_desk=to_desk, to_clerk=to_clerk)
        changes |= {"sent_on": ticket.sent_on + 1, "callable_from": None}
        if at_the_end:
            changes |= {"due_at": clock.now(), "head_start": 0}
        if returns:
            changes |= {
                "return_desk_id": here.pk,
                "return_clerk_id": by.pk if by else None,
                "return_service_id": ticket.service_id,
            }
        return move_own(ticket, State.WAITING, action="transfer", by=by, changes=changes, reason=reason.strip()[:120])


def reassign(
    ticket: Ticket,
    *,
    service: Service | None = None,
    to_desk: Desk | None = None,
    to_clerk: User | None = None,
    by: User | None,
) -> Ticket:
    """A supervisor sends on who waits or is on hold; a follower then goes on alone. Raises as `transfer`. Locks the
    branch."""
    with changing(ticket.branch_id) as branch:
        here = fresh(branch, ticket)
        return move_elsewhere(here, target(branch, here, service=service, to_desk=to_desk, to_clerk=to_clerk), by=by)


def move_elsewhere(ticket: Ticket, changes: Mapping[str, Any], *, by: User | None) -> Ticket:
    """`reassign` to a `target`, inside `changing`."""
    if ticket.state not in (State.WAITING, State.HELD):
        raise refusal_for(ticket)
    if ticket.leader_id is not None:
        step_out(ticket)
    return move(ticket, State.WAITING, action="reassign", by=by, changes={**changes, "callable_from": None})


def target(
    branch: Branch, ticket: Ticket, *, service: Service | None, to_desk: Desk | None, to_clerk: User | None
) -> dict[str, Any]:
    """The columns that send a ticket there. Raises NowhereToSend, ElsewhereGone."""
    if service is None and to_desk is None and to_clerk is None:
        raise NowhereToSend
    if any(place is not None and place.branch_id != branch.pk for place in (service, to_desk)):
        raise ElsewhereGone
    if to_clerk is not None and not Membership.objects.filter(branch=branch, user=to_clerk).exists():
        raise ElsewhereGone
    return {
        "service_id": service.pk if service else ticket.service_id,
        "plan": [planned for planned in ticket.plan if service is None or planned != service.pk],
        "for_desk_id": to_desk.pk if to_desk else None,
        "for_clerk_id": to_clerk.pk if to_clerk else None,
    }


def bring_back(ticket: Ticket, *, places: int | None = None, by: User | None = None) -> Ticket:
    """An absent visitor has come after all: back in line, so many places on, 0 being the front and None the branch's
    own choice. Who waits out a cool-down is due at once instead.

    Raises NumberTaken when the number has been given to somebody else since, and what the ticket's state says. Locks
    the branch.
    """
    with changing(ticket.branch_id) as branch:
        return back_in_line(branch, fresh(branch, ticket), places=places, by=by)


def bring_back_number(desk: Desk, number: str, *, places: int | None, by: User) -> Ticket:
    """The desk's clerk brings back today's absent visitor with this number. Raises as `bring_back`, UnknownTicket.
    Locks the branch."""
    with pressing(desk, by) as here:
        return back_in_line(here.branch, todays_ticket(here, number), places=places, by=by)


def back_in_line(branch: Branch, ticket: Ticket, *, places: int | None = None, by: User | None = None) -> Ticket:
    """`bring_back`, inside `changing`."""
    if ticket.state == State.WAITING:
        first = ticket.leader or ticket  # in a cool-down a family waits as one
        if first.callable_from:
            move(first, State.WAITING, action="bring_back", by=by, changes={"callable_from": None})
        return ticket
    if ticket.state != State.NO_SHOW or ticket.business_day != queries.today(branch):
        raise refusal_for(ticket)
    if ticket.leader_id is not None:
        step_out(ticket)
    numbers = [ticket.shown, *ticket.followers.values_list("shown", flat=True)]
    if Ticket.objects.filter(branch=branch, shown__in=numbers, state__in=OPEN).exists():
        raise NumberTaken(ticket)
    due = place_in_line(branch, ticket, branch.back_places if places is None else places)
    changes: dict[str, Any] = {"due_at": due, "callable_from": None}
    if due > ticket.due_at:
        changes["head_start"] = 0
    return move(ticket, State.WAITING, action="bring_back", by=by, changes=changes)


def place_in_line(branch: Branch, ticket: Ticket, places: int) -> datetime:
    """The `due_at` by which so many of its service are due before this ticket, and the next one after it."""
    due = list(
        queries.line(branch)
        .filter(service=ticket.service_id, leader__isnull=True)
        .exclude(pk=ticket.pk)
        .values_list("due_at", flat=True)[: places or 1]
    )
    if not due:
        return ticket.due_at
    if places == 0:
        return min(ticket.due_at, due[0] - JUST_BEHIND)
    return max(ticket.due_at, due[-1] + JUST_BEHIND)


def link(desk: Desk, leader: str, number: str, *, by: User | None) -> Ticket:
    """The visitor with this number goes with the leader from now on: called, served and finished together. The leader
    waits, or is at this desk. Raises LinkedAlready, UnknownTicket, and what the tickets' states say. Locks the
    branch."""
    with pressing(desk, by) as here:
        leading = open_ticket(here, leader)
        if leading.state != State.WAITING and (leading.state not in AT_DESK or leading.desk_id != here.pk):
            raise refusal_for(leading)
        join(leading, open_ticket(here, number), desk=here, by=by)
        return leading


def fresh(branch: Branch, ticket: Ticket) -> Ticket:
    """The ticket as it is under the lock. Raises UnknownTicket."""
    found = Ticket.objects.select_related("desk").filter(pk=ticket.pk, branch=branch).first()
    if found is None:
        raise UnknownTicket
    found.branch = branch
    return found
