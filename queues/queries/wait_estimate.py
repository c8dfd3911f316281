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
class WaitEstimate:
    """How many wait for a service, how many desks serve it now, and how long a visitor keeps one on average."""

    waiting: int
    desks: int
    mean_seconds: int | None

    @property
    def minutes(self) -> int | None:
        """The expected wait of a visitor who joins now: the work in front of them, shared by the desks. None where no
        desk is open, or nobody has been served often enough yet to know."""
        if not self.desks or self.mean_seconds is None:
            return None
        return ceil(self.waiting * self.mean_seconds / self.desks / 60)

    @property
    def quoted(self) -> int | None:
        """The quoted wait: the same, as visitors are told it."""
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


def wait_estimates(branch: Branch, services: Collection[Service]) -> dict[int, WaitEstimate]:
    """What is expected for each of these services, by its id. One query."""
    waiting: Counter[int] = Counter()
    desks: Counter[int] = Counter()
    for service_id, in_line, serving in _waiting_and_serving.all(**line_parameters(branch)):
        waiting[service_id] += in_line
        desks[service_id] += serving
    return {
        service.pk: WaitEstimate(waiting[service.pk], desks[service.pk], service.typical_seconds)
        for service in services
    }


def quickest_of(branch: Branch, service_ids: Collection[int]) -> Service | None:
    """Among these services of the branch the one that waits least; where nothing can be expected, the one with the
    fewest in line. One that nobody serves just now comes after all others. None for none."""
    if not service_ids:
        return None
    services = list(Service.objects.filter(Q(branch=branch), pk__in=service_ids))
    known = wait_estimates(branch, services)

    def wait(service: Service) -> tuple[bool, float, int, int]:
        estimate = known[service.pk]
        expected = float("inf") if estimate.minutes is None else estimate.minutes
        return estimate.desks == 0, expected, estimate.waiting, service.position

    return min(services, key=wait, default=None)
