"""A visitor goes."""

from queues.actions.changing import changing
from queues.actions.gate import move
from queues.models import Ticket
from queues.states import State


def leave(ticket: Ticket) -> Ticket:
    """The visitor gives up the place, waiting or called; leaving twice is leaving once.

    Raises AlreadyCalled while being served, AlreadyOver afterwards. Locks the branch.
    """
    with changing(ticket.branch_id):
        ticket = Ticket.objects.select_related("desk").get(pk=ticket.pk)
        if ticket.state == State.LEFT:
            return ticket
        return move(ticket, State.LEFT)
