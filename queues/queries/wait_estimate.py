"""How long a line takes: what the branch can honestly expect, from what its services have learnt about themselves."""

from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime
from math import ceil
from typing import Any

from django.db.models import Count, Q, QuerySet, Value

from queues.compiled import compiled
from queues.models import Branch, Desk, Service, Ticket
from queues.queries.waiting_line import line_parameters

STEP = 5
"""Minutes; visitors are told a wait in these steps, rounded up."""


@dataclass(frozen=True, slots=True)
class Pace:
    """How many wait for a service, how many desks serve it now, and how long a visitor keeps one, in seconds."""

    waiting: int
    desks: int
    typical: int | None

    @property
    def minutes(self) -> int | None:
        """The expected wait of whoever joins now: the work in front of them, shared by the desks. None where no desk
        is open, or nobody has been served often enough yet to know."""
        if not self.desks or self.typical is None:
            return None
        return ceil(self.waiting * self.typical / self.desks / 60)

    @property
    def told(self) -> int | None:
        """The same, as visitors are told it."""
        return None if self.minutes is None else max(STEP, ceil(self.minutes / STEP) * STEP)


@compiled
def _waiting_and_serving(branch: int, day: date, now: datetime) -> QuerySet[Any, tuple[int, int, int]]:
    """Rows of service, waiting, desks: who waits and who serves, of which one is always 0."""
    nobody = Value(0)
    line = Ticket.objects.in_line(branch, day, now).order_by().values("service")
    desks = (
        Desk.objects.filter(branch=branch, clerk__isnull=False, paused_since__isnull=True).order_by().values("services")
    )
    return (
        line.annotate(waiting=Count("id"), serving=nobody)
        .values_list("service", "waiting", "serving")
        .union(
            desks.annotate(waiting=nobody, serving=Count("id")).values_list("services", "waiting", "serving"), all=True
        )
    )


def paces(branch: Branch, services: Collection[Service]) -> dict[int, Pace]:
    """The pace of each of these services, by its id. One query."""
    waiting: Counter[int] = Counter()
    desks: Counter[int] = Counter()
    for service_id, in_line, serving in _waiting_and_serving.all(**line_parameters(branch)):
        waiting[service_id] += in_line
        desks[service_id] += serving
    return {service.pk: Pace(waiting[service.pk], desks[service.pk], service.typical_seconds) for service in services}


def quickest_of(branch: Branch, service_ids: Collection[int]) -> Service | None:
    """Among these services of the branch the one that waits least; where nothing can be expected, the one with the
    fewest in line. None for none."""
    if not service_ids:
        return None
    services = list(Service.objects.filter(Q(branch=branch), pk__in=service_ids))
    known = paces(branch, services)

    def wait(service: Service) -> tuple[float, int, int]:
        pace = known[service.pk]
        expected = float("inf") if pace.minutes is None else pace.minutes
        return expected, pace.waiting, service.position

    return min(services, key=wait, default=None)
