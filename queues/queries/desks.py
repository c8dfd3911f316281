"""A desk: the visitor it has, and what was done there last."""

from django.db.models import QuerySet

from queues.compiled import compiled
from queues.models import Desk, Ticket, TicketEvent
from queues.states import AT_DESK


@compiled
def _latest_event(desk: int) -> QuerySet[TicketEvent]:
    return TicketEvent.objects.filter(desk=desk).order_by("-id")[:1]


def latest_event(desk: Desk) -> TicketEvent | None:
    """The last move at this desk: what a desk's page has seen."""
    return _latest_event.first(desk=desk.pk)


@compiled
def _has_now(desk: int) -> QuerySet[Ticket]:
    return Ticket.objects.leading().filter(desk=desk, state__in=AT_DESK)


def has_now(desk: Desk) -> Ticket | None:
    """The open ticket of this desk."""
    return _has_now.first(desk=desk.pk)
