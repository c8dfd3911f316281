"""The people who work in a branch."""

from accounts.models import User
from queues.models import Branch, Membership, Role


def members_of(branch: Branch) -> list[User]:
    """Everybody who works in the branch and may sign in."""
    return list(User.objects.filter(memberships__branch=branch, is_active=True))


def member_by_id(branch: Branch, pk: int) -> User | None:
    """None if this person doesn't work in the branch."""
    return User.objects.filter(memberships__branch=branch, pk=pk).first()


def person_by_id(pk: int) -> User | None:
    """None if there is no such person."""
    return User.objects.filter(pk=pk).first()


def is_manager(user: User) -> bool:
    """Whether this person manages a branch, whichever it is."""
    return Membership.objects.filter(user=user, role=Role.MANAGER).exists()
