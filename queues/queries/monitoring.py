"""What whoever watches the whole system asks, of all branches at once."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Count, Min

from queues import clock
from queues.models import Branch, Heartbeat, Service, Ticket, TicketEvent

CLOCK_MAY_DIFFER = timedelta(seconds=5)
"""Between two machines."""


@dataclass(frozen=True, slots=True)
class Line:
    """Who waits for one service now, by slugs, and its branch's revision."""

    branch_id: int
    branch: str
    revision: int
    service: str
    waiting: int
    waiting_since: datetime | None  # of who has waited longest


def lines() -> tuple[Line, ...]:
    """Every service of every branch, empty lines too, as `queries.line` has them. Two queries."""
    now = clock.now()
    waiting = Ticket.objects.waiting(now).filter(branch__in=Branch.objects.all())
    grouped = waiting.order_by().values_list("service", "business_day").annotate(Count("id"), Min("waiting_since"))
    found = {(service, day): (count, since) for service, day, count, since in grouped}
    return tuple(
        Line(
            service.branch_id,
            service.branch.slug,
            service.branch.revision,
            service.slug,
            *found.get((service.pk, service.branch.day_at(now)), (0, None)),
        )
        for service in Service.objects.select_related("branch").order_by("branch", "position", "id")
    )


def clock_is_behind() -> timedelta:
    """By how much the clock is behind the last move that was made: it has been set back since, or is wrong. Nothing
    where it isn't. One query."""
    last = TicketEvent.objects.order_by("-id").values_list("at", flat=True).first()
    return max(last - clock.now(), timedelta()) if last else timedelta()


def last_round() -> datetime | None:
    """When the clockwork last said that it lives; None before its first time. One query."""
    return Heartbeat.objects.values_list("at", flat=True).first()
