"""A visitor goes."""

from queues.changes.party import recount, step_out
from queues.changes.transaction import changing
from queues.changes.transition import move
from queues.models import Ticket
from queues.states import State


def leave(ticket: Ticket) -> Ticket:
    """The visitor gives up the place, waiting, called or on hold; leaving twice is leaving once. Whoever went with them
    goes on without.

    Raises AlreadyCalled while being served, AlreadyOver afterwards. Locks the branch.
    """
    with changing(ticket.branch_id):
        ticket = Ticket.objects.select_related("desk").get(pk=ticket.pk)
        if ticket.state == State.LEFT:
            return ticket
        changes = {"leader_id": None} if ticket.leader_id else {}
        followed = ticket.leader_id
        move(ticket, State.LEFT, action="leave", changes=changes, alone=True)
        if followed is not None:
            recount(followed)
        elif ticket.party > 1:
            step_out(ticket)
        return ticket
