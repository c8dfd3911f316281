"""Questions about the line. Read only; the actions ask them under the branch's lock."""

from datetime import date

from django.db.models import Q, QuerySet

from queues import clock
from queues.models import Branch, Desk, Ticket
from queues.states import AT_DESK, OPEN, State


def today(branch: Branch) -> date:
    """The branch's present business day."""
    return branch.business_day(clock.now())


def line(branch: Branch) -> QuerySet[Ticket]:
    """Everybody who waits today, in the order in which they are due. Yesterday's are never in it."""
    return Ticket.objects.filter(branch=branch, business_day=today(branch), state=State.WAITING).order_by(
        "due_at", "id"
    )


def due_at(desk: Desk) -> QuerySet[Ticket]:
    """Those in line for the services of this desk, the next one first."""
    return line(desk.branch).filter(service__in=desk.services.all())


def latest_of(desk: Desk) -> Ticket | None:
    """The ticket this desk called last, whatever has become of it: what a desk's page has seen."""
    return Ticket.objects.filter(desk=desk, last_call__isnull=False).order_by("-last_call").first()


def has_now(desk: Desk) -> Ticket | None:
    """The open ticket of this desk."""
    return Ticket.objects.filter(desk=desk, state__in=AT_DESK).first()


def ahead_of(ticket: Ticket) -> int:
    """How many are due before this one in the line of its service."""
    earlier = Q(due_at__lt=ticket.due_at) | Q(due_at=ticket.due_at, id__lt=ticket.pk)
    return line(ticket.branch).filter(earlier, service_id=ticket.service_id).count()


def numbers_in_use(branch_id: int) -> frozenset[str]:
    """What is shown for the branch's open tickets, transferred and yesterday's ones included."""
    return frozenset(Ticket.objects.filter(branch_id=branch_id, state__in=OPEN).values_list("shown", flat=True))


def left_over(branch: Branch) -> QuerySet[Ticket]:
    """Tickets of earlier business days on which the day has not closed yet."""
    return Ticket.objects.filter(
        branch=branch, business_day__lt=today(branch), state__in=(State.WAITING, State.CALLED)
    ).order_by("id")
