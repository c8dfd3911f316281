"""The line: everybody who waits, and the next one at a desk. Read only; the actions ask under the branch's lock."""

from datetime import date, datetime
from typing import Any

from django.db.models import Q, QuerySet

from accounts.models import User
from queues import clock
from queues.compiled import compiled
from queues.models import Branch, Desk, Service, Ticket
from queues.models.ticket import TicketQuerySet
from queues.queries import head_starts
from queues.states import State


def line(branch: Branch) -> TicketQuerySet:
    """Everybody who waits today, in the order in which they are due, those included whose hold is over. Yesterday's are
    never in it. Followers are: they wait with their leader."""
    return Ticket.objects.in_line(**line_parameters(branch))


def line_parameters(branch: Branch) -> dict[str, Any]:
    """What `in_line`, and a compiled query of this branch's line, takes for the line as it is now."""
    now = clock.now()
    return {"branch": branch.pk, "day": branch.day_at(now), "now": now}


def due_at(desk: Desk, by: User | None = None) -> TicketQuerySet:
    """The visitors whom this desk may call now, the next one first: for its services, or sent to this desk, or to this
    clerk."""
    ranked = head_starts.ranked_by(desk.main_service_id, head_starts.own_head_start(desk))
    return _due_at(line(desk.branch), clock.now(), desk.pk, by.pk if by else None).order_by(ranked, "id")


def next_at(desk: Desk, by: User | None = None) -> Ticket | None:
    """The first of `due_at`."""
    if head_starts.own_head_start(desk):
        return due_at(desk, by).first()
    now = line_parameters(desk.branch)
    return (
        _next_at_desk.first(**now, desk=desk.pk)
        if by is None
        else _next_for_clerk.first(**now, desk=desk.pk, clerk=by.pk)
    )


def _due_at(in_line: TicketQuerySet, now: datetime, desk: int, clerk: int | None) -> TicketQuerySet:
    its_services = Service.objects.filter(desks=desk)
    mine = Q(service__in=its_services, for_desk__isnull=True, for_clerk__isnull=True) | Q(for_desk=desk)
    if clerk is not None:
        mine |= Q(for_clerk=clerk)
    return in_line.callable_at(now).leading().filter(mine)


@compiled
def _next_at_desk(branch: int, day: date, now: datetime, desk: int) -> QuerySet[Ticket]:
    return _due_at(Ticket.objects.in_line(branch, day, now), now, desk, None)[:1]


@compiled
def _next_for_clerk(branch: int, day: date, now: datetime, desk: int, clerk: int) -> QuerySet[Ticket]:
    return _due_at(Ticket.objects.in_line(branch, day, now), now, desk, clerk)[:1]


def ahead_of(ticket: Ticket) -> int:
    """How many are due before this one in the line of its service: a family is one, and a visitor whom one desk or
    clerk expects is nobody's predecessor."""
    earlier = Q(due_at__lt=ticket.due_at) | Q(due_at=ticket.due_at, id__lt=ticket.pk)
    return line(ticket.branch).leading().for_anybody().filter(earlier, service_id=ticket.service_id).count()


def waiting_and_on_hold(branch: Branch) -> tuple[int, int]:
    """How many wait today, and how many more are on hold: those whose hold is over wait. Two queries."""
    waiting = line(branch)
    on_hold = Ticket.objects.filter(branch=branch, state=State.HELD).exclude(pk__in=waiting.values("pk"))
    return waiting.count(), on_hold.count()
