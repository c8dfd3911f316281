"""Who may open which desk and which hall. Views and sockets find a desk or a hall here and nowhere else."""

from collections.abc import Collection, Mapping
from typing import Any, NamedTuple

from django.contrib.auth import HASH_SESSION_KEY
from django.contrib.auth.models import AnonymousUser
from django.contrib.sessions.models import Session
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import Http404, HttpRequest
from django.utils import timezone

from accounts.models import User
from live.batched_lookup import BatchedLookup
from queues.compiled import compiled
from queues.models import Branch, Desk, Membership
from queues.models.branch import LEADING


def clerk(request: HttpRequest) -> User:
    """The person who is signed in, for a view behind `login_required`."""
    if not isinstance(request.user, User):
        raise PermissionDenied
    return request.user


def branches_of(user: User | AnonymousUser) -> QuerySet[Branch]:
    """The branches that this person works in. An administrator works everywhere."""
    if not isinstance(user, User) or not user.is_active:
        return Branch.objects.none()
    if user.is_superuser:
        return Branch.objects.all()
    return Branch.objects.filter(memberships__user=user)


def works_in(user: User, branch: Branch) -> bool:
    """Whether this person is one of the branch's people, not only let in everywhere as an administrator. One query for
    an administrator, none for anybody else who has been let in."""
    return not user.is_superuser or Membership.objects.filter(user=user, branch=branch).exists()


def branches_to_choose(user: User | AnonymousUser) -> QuerySet[Branch]:
    """The same, each with its desks, their services and the clerks who are there. Four queries."""
    return branches_of(user).prefetch_related("desks__services", "desks__clerk")


def colleagues_of(user: User) -> QuerySet[User]:
    """Everybody else who may sign in and works where this person works."""
    there = User.objects.filter(memberships__branch__in=branches_of(user), is_active=True)
    return there.exclude(pk=user.pk).distinct()


def shared_branch(user: User, colleague: User) -> Branch | None:
    """A branch in which both work, None where there is none."""
    return branches_of(user).filter(memberships__user=colleague).first()


@compiled
def _desk(desk: int) -> QuerySet[Desk]:
    return Desk.objects.filter(pk=desk)


@compiled
def _desk_of(desk: int, user: int) -> QuerySet[Desk]:
    working_at = Branch.objects.filter(memberships__user=user)
    return Desk.objects.filter(pk=desk, branch__in=working_at)


class StaffSocket(NamedTuple):
    """A socket of a page behind the sign-in: whose session opened it, and whether its branch must be theirs to lead."""

    session: str
    user: int
    branch: int
    leads: bool

    @classmethod
    def of(cls, scope: Mapping[str, Any], branch: Branch, *, leads: bool) -> "StaffSocket":
        return cls(scope["session"].session_key or "", scope["user"].pk, branch.pk, leads)


def may_stay(sockets: Collection[StaffSocket]) -> dict[StaffSocket, bool]:
    """Those of them whose session lives, whose user may sign in and has the password of then, and works in the branch,
    or leads it. Three queries."""
    users = {user.pk: user for user in User.objects.filter(pk__in={one.user for one in sockets}, is_active=True)}
    keys = {one.session for one in sockets}
    living = Session.objects.filter(session_key__in=keys, expire_date__gt=timezone.now())
    signed_in = {session.session_key: session.get_decoded().get(HASH_SESSION_KEY) for session in living}
    roles = dict[tuple[int, int], str]()
    for user, branch, role in Membership.objects.filter(user__in=users).values_list("user", "branch", "role"):
        roles[user, branch] = role

    def may(one: StaffSocket) -> bool:
        user = users.get(one.user)
        if user is None or signed_in.get(one.session) != user.get_session_auth_hash():
            return False
        role = roles.get((one.user, one.branch))
        return user.is_superuser or (role in LEADING if one.leads else role is not None)

    return {one: True for one in sockets if may(one)}


stays = BatchedLookup(may_stay)
"""Whether this one may stay, None if not: one question for all that ask at once."""


def desk_for(user: User | AnonymousUser, desk_id: int) -> Desk | None:
    """The desk, if this person may work at it."""
    if not isinstance(user, User) or not user.is_active:
        return None
    return _desk.first(desk=desk_id) if user.is_superuser else _desk_of.first(desk=desk_id, user=user.pk)


def clerk_desk(request: HttpRequest, desk_id: int) -> Desk:
    """The desk, for a view behind `login_required`. Raises Http404, the same for a desk that is not theirs and for one
    that doesn't exist."""
    desk = desk_for(request.user, desk_id)
    if desk is None:
        raise Http404
    return desk


def halls_of(user: User | AnonymousUser) -> QuerySet[Branch]:
    """The branches that this person leads. An administrator leads everywhere."""
    if not isinstance(user, User) or not user.is_active:
        return Branch.objects.none()
    if user.is_superuser:
        return Branch.objects.all()
    return Branch.objects.filter(memberships__user=user, memberships__role__in=LEADING)


def hall_for(user: User | AnonymousUser, slug: str) -> Branch | None:
    """The branch, if this person leads it."""
    return halls_of(user).filter(slug=slug).first()


def hall_branch(request: HttpRequest, slug: str) -> Branch:
    """The branch, for a view behind `login_required`. Raises Http404, the same for a branch that they don't lead and
    for one that doesn't exist."""
    branch = hall_for(request.user, slug)
    if branch is None:
        raise Http404
    return branch
