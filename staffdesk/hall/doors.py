"""The only way to a hall."""

from django.contrib.auth.models import AnonymousUser
from django.db.models import QuerySet
from django.http import Http404, HttpRequest

from accounts.models import User
from queues.models import Branch, Role


def halls_of(user: User | AnonymousUser) -> QuerySet[Branch]:
    """The branches that this person leads. An administrator leads everywhere."""
    if not isinstance(user, User) or not user.is_active:
        return Branch.objects.none()
    if user.is_superuser:
        return Branch.objects.all()
    leading = (Role.SUPERVISOR, Role.MANAGER)
    return Branch.objects.filter(memberships__user=user, memberships__role__in=leading)


def hall_branch(request: HttpRequest, slug: str) -> Branch:
    """The branch, for a view behind `login_required`. Raises Http404, the same for a branch that they don't lead and
    for one that doesn't exist."""
    branch = halls_of(request.user).filter(slug=slug).first()
    if branch is None:
        raise Http404
    return branch
