"""Desks: those of a branch and of a clerk, the visitor whom a desk has, and what was done there last."""

from collections.abc import Collection

from django.db.models import QuerySet
from django.db.models.expressions import Combinable

from accounts.models import User
from queues.compiled import compiled
from queues.models import Branch, Desk, Ticket, TicketEvent
from queues.states import AT_DESK


def desks_of(branch: Branch) -> list[Desk]:
    """All of the branch's desks."""
    return list(Desk.objects.filter(branch=branch))


def desks_with_services(branch: Branch) -> list[Desk]:
    """The same, each with the services that it has. Two queries."""
    return list(Desk.objects.filter(branch=branch).prefetch_related("services"))


def desk_by_id(branch: Branch, pk: int) -> Desk | None:
    """None if the branch has no such desk."""
    return Desk.objects.filter(branch=branch, pk=pk).first()


def desks_by_id(branch: Branch, ids: Collection[int]) -> list[Desk]:
    """Those of these desks that the branch has."""
    return list(Desk.objects.filter(branch=branch, pk__in=ids))


def desks_where(clerk: User) -> list[Desk]:
    """The desks at which this person has a session open, each with its branch."""
    return list(Desk.objects.filter(clerk=clerk).select_related("branch"))


def latest_desk_of(clerk: User) -> Desk | None:
    """The one of them at which the session was opened last."""
    return Desk.objects.filter(clerk=clerk).order_by("-clerk_since").first()


def latest_first(desk: int | Combinable) -> QuerySet[TicketEvent]:
    """What has happened at this desk, the last first.

    A range, in the order of the index: asked for the desk alone, PostgreSQL may go back through everybody's events
    until it meets one of this desk, which are years of them where nobody has sat for long.
    """
    return TicketEvent.objects.filter(desk__gte=desk, desk__lte=desk).order_by("desk_id", "-id")


@compiled
def _latest_event(desk: int) -> QuerySet[TicketEvent]:
    return latest_first(desk)[:1]


def latest_event(desk: Desk) -> TicketEvent | None:
    """The last move at this desk: what a desk's page has seen."""
    return _latest_event.first(desk=desk.pk)


@compiled
def _has_now(desk: int) -> QuerySet[Ticket]:
    return Ticket.objects.leading().filter(desk=desk, state__in=AT_DESK)


def has_now(desk: Desk) -> Ticket | None:
    """The open ticket of this desk."""
    return _has_now.first(desk=desk.pk)
