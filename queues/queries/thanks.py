"""Thanks that a clerk has been given."""

from accounts.models import User
from queues.models import Thanks


def thanks_to(user: User, *, most: int) -> list[Thanks]:
    """The newest first, at most so many, each with its branch and whoever said it. One query."""
    return list(Thanks.objects.filter(to=user).select_related("by", "branch")[:most])


def count_unseen_thanks(user: User) -> int:
    """How many of them this person has not looked at yet."""
    return Thanks.objects.filter(to=user, seen=False).count()
