"""What a supervisor does to one ticket that is stuck, or in need of an earlier turn."""

from datetime import datetime, timedelta

from accounts.models import User
from queues.changes.place_in_line import move_elsewhere, refuse_if_nobody_is_there, target
from queues.changes.tickets import fresh, refuse_if_day_is_over
from queues.changes.transaction import changing
from queues.changes.transition import move, refusal_for
from queues.models import Desk, PriorityClass, Service, Ticket
from queues.queries import head_starts
from queues.refusals import ChangedMeanwhile, TargetGone
from queues.states import AT_DESK, State

ENDS = {State.SERVING: State.DONE, State.CALLED: State.NO_SHOW, State.HELD: State.LEFT}
"""How a stuck ticket ends that does not go back to the line."""


def release(ticket: Ticket, *, back: bool, by: User | None, since: datetime | None = None) -> Ticket:
    """Take a ticket off the desk that has it, or off its hold: back to the line in the old place, or to its end: served
    if it was being served, a no-show if it was only called, left if it was on hold. The desk is free then. `since`:
    when its state began as the page knew it, None if the caller doesn't say.

    Raises ChangedMeanwhile when it has another state since, and what its state says. Locks the branch.
    """
    with changing(ticket.branch_id) as branch:
        found = fresh(branch, ticket)
        if since is not None and found.state_since != since:
            raise ChangedMeanwhile(found)
        return _released(found, back=back, by=by)


def _released(ticket: Ticket, *, back: bool, by: User | None) -> Ticket:
    """Followers are released with their leader, whose ticket is returned."""
    if ticket.leader_id is not None:
        ticket = Ticket.objects.select_related("desk", "branch").get(pk=ticket.leader_id)
    if State(ticket.state) not in ENDS:
        raise refusal_for(ticket)
    if not back:
        return move(ticket, ENDS[State(ticket.state)], action="free", by=by)
    refuse_if_day_is_over(ticket)
    return move(ticket, State.WAITING, action="free", by=by, changes={"callable_from": None})


def transfer_ticket(
    ticket: Ticket,
    *,
    service: Service | None = None,
    to_desk: Desk | None = None,
    to_clerk: User | None = None,
    asks_first: bool = False,
    by: User | None,
) -> Ticket:
    """A supervisor transfers a ticket, whether it waits, is on hold or is at a desk, which is free then. A follower
    goes on alone.

    With `asks_first` raises NobodyThere for a target that nobody serves just now. Raises NowhereToSend without a
    target, TargetGone for one that is not of this branch, and what the ticket's state says. Locks the branch.
    """
    with changing(ticket.branch_id) as branch:
        here = fresh(branch, ticket)
        if here.state in AT_DESK:
            here = _released(here, back=True, by=by)
        changes = target(branch, here, service=service, to_desk=to_desk, to_clerk=to_clerk)
        if asks_first:
            refuse_if_nobody_is_there(branch, service=service, to_desk=to_desk, to_clerk=to_clerk)
        return move_elsewhere(here, changes, by=by)


def set_priority(ticket: Ticket, priority: PriorityClass | None, *, by: User | None) -> Ticket:
    """Let a waiting ticket be due earlier by the head start of this class instead of the one it has; None takes a class
    away. Why is never kept. Raises TargetGone, and what the ticket's state says. Locks the branch."""
    with changing(ticket.branch_id) as branch:
        here = fresh(branch, ticket)
        if priority is not None and priority.branch_id != branch.pk:
            raise TargetGone
        if here.state != State.WAITING:
            raise refusal_for(here)
        ahead = head_starts.head_start(branch, priority)
        if (here.priority_id, here.head_start) == (priority.pk if priority else None, ahead):
            return here
        due_at = here.due_at + timedelta(minutes=here.head_start - ahead)
        changes = {"priority_id": priority.pk if priority else None, "head_start": ahead, "due_at": due_at}
        return move(here, State.WAITING, action="set_priority", by=by, changes=changes, alone=True)
