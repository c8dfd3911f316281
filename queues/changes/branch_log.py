"""The log of what happens in a branch apart from the moves of tickets."""

from accounts.models import User
from queues import clock
from queues.models import Branch, BranchEvent, Desk, Service, What


def log_event(
    branch: Branch,
    what: What,
    *,
    desk: Desk | None = None,
    service: Service | None = None,
    by: User | None = None,
    rule: str = "",
    words: str = "",
) -> BranchEvent:
    """Append what has just been done, by a person or by the rule of this name. Call it inside `changing`."""
    return BranchEvent.objects.create(
        branch=branch, what=what, desk=desk, service=service, by=by, rule=rule, words=words, at=clock.now()
    )
