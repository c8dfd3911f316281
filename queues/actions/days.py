"""The change of the business day."""

from queues import queries
from queues.actions.changing import changing
from queues.actions.gate import move
from queues.models import Branch
from queues.states import State


def close_day(branch: Branch) -> int:
    """Close every business day before today's: who waits or was called is EXPIRED, who is being served stays with their
    desk until it finishes. Returns how many expired; a second closing finds none. Locks the branch."""
    if not queries.left_over(branch).exists():
        return 0
    with changing(branch.pk) as locked:
        left_over = list(queries.left_over(locked))
        for ticket in left_over:
            move(ticket, State.EXPIRED)
        return len(left_over)
