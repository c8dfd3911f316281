"""Tickets that go together, a family for one: the leader is the desk's open ticket, its followers share its state.

Every move of the leader takes the followers along (`transition.move`). Here they join and part.
"""

from accounts.models import User
from queues.changes.transition import move
from queues.models import Desk, Ticket
from queues.refusals import LinkedAlready
from queues.states import AT_DESK, State


def join(leader: Ticket, follower: Ticket, *, desk: Desk | None, by: User | None) -> None:
    """Let a waiting ticket go with the leader from now on, at once to the desk where the leader is. Raises
    LinkedAlready, and what the follower's state says. Call it inside `changing`."""
    if leader.leader_id:
        raise LinkedAlready(leader)
    if follower.pk == leader.pk or follower.leader_id or follower.party > 1:
        raise LinkedAlready(follower)
    Ticket.objects.filter(pk=leader.pk).update(party=leader.party + 1)
    leader.party += 1
    changes = {"leader_id": leader.pk}
    if leader.state not in AT_DESK:
        move(follower, State.WAITING, action="link", desk=desk, by=by, changes=changes)
        return
    move(follower, State.CALLED, action="link", desk=desk, by=by, changes=changes)
    if leader.state == State.SERVING:
        called = follower.events.order_by("-id").first()
        move(follower, State.SERVING, action="link", by=by, led_by=called)


def step_out(ticket: Ticket) -> None:
    """The ticket goes on by itself. A leader hands its followers to the first of them. Call it inside `changing`, when
    the ticket is not at a desk, or no longer."""
    if ticket.leader_id is not None:
        leader_id, ticket.leader_id = ticket.leader_id, None
        Ticket.objects.filter(pk=ticket.pk).update(leader=None)
        recount(leader_id)
    elif ticket.party > 1:
        first, *others = ticket.followers.order_by("id")
        Ticket.objects.filter(pk=first.pk).update(leader=None, party=1 + len(others))
        Ticket.objects.filter(pk__in=[other.pk for other in others]).update(leader=first)
        Ticket.objects.filter(pk=ticket.pk).update(party=1)
        ticket.party = 1


def recount(leader_id: int) -> None:
    """Make the leader's `party` true again."""
    Ticket.objects.filter(pk=leader_id).update(party=1 + Ticket.objects.filter(leader=leader_id).count())
