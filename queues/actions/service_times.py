"""What a service learns from its visits: how long they take, and how long is unusually long."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import groupby, pairwise
from math import ceil
from operator import attrgetter

from queues import clock
from queues.changes.transaction import changing
from queues.models import Branch, Service, TicketEvent
from queues.states import AT_DESK, State

LAST_VISITS = 200
WITHIN = timedelta(days=60)
ENOUGH_FOR_MEAN = 5
ENOUGH_FOR_LONGEST = 20
PERCENTILE = 0.99
NOTICEABLE = 0.05
"""The share by which a figure must have changed to be written."""


@dataclass(frozen=True, slots=True)
class Stay:
    """One visitor's time for one service, in seconds: at a desk in all, and of that being served."""

    at_desk: float
    serving: float


def learn_service_times(branch: Branch) -> int:
    """Bring up to date what the branch's services have learnt from their last visits. Returns how many services have
    changed. Two queries a service; locks the branch only where one has changed."""
    learnt = {service: _figures(_stays(service)) for service in Service.objects.filter(branch=branch)}
    changed = {
        service: figures
        for service, figures in learnt.items()
        if any(_differs(getattr(service, name), figure) for name, figure in figures.items())
    }
    if changed:
        with changing(branch.pk):
            for service, figures in changed.items():
                Service.objects.filter(pk=service.pk).update(**figures)
    return len(changed)


def _figures(stays: list[Stay]) -> dict[str, int]:
    """The columns that this many visits can say something about."""
    figures = {}
    if len(stays) >= ENOUGH_FOR_MEAN:
        figures["typical_seconds"] = round(sum(stay.at_desk for stay in stays) / len(stays))
    if len(stays) >= ENOUGH_FOR_LONGEST:
        serving = sorted(stay.serving for stay in stays)
        figures["longest_usual_seconds"] = ceil(serving[ceil(PERCENTILE * len(serving)) - 1])
    return figures


def _differs(known: int | None, figure: int) -> bool:
    return known is None or abs(figure - known) > NOTICEABLE * known


def _stays(service: Service) -> list[Stay]:
    """The last visits for this service that are over. A family is one visit; moves that were undone don't count."""
    counted = TicketEvent.objects.filter(undoes__isnull=True, undone_by__isnull=True)
    begun = (
        counted.filter(service=service, to_state=State.SERVING, led_by__isnull=True, at__gte=clock.now() - WITHIN)
        .order_by("-id")
        .values_list("ticket", flat=True)[:LAST_VISITS]
    )
    events = counted.filter(ticket__in=list(begun)).order_by("ticket", "id")
    stories = (list(story) for _ticket, story in groupby(events, key=attrgetter("ticket_id")))
    return [stay for story in stories if (stay := _stay(story, service)) is not None]


def _stay(story: list[TicketEvent], service: Service) -> Stay | None:
    """None while it goes on, on hold included."""
    if story[-1].service_id == service.pk and story[-1].to_state in (*AT_DESK, State.HELD):
        return None
    spent = list(_spent(story, service))
    serving = sum(seconds for state, seconds in spent if state == State.SERVING)
    return Stay(at_desk=sum(seconds for _state, seconds in spent), serving=serving)


def _spent(story: list[TicketEvent], service: Service) -> Iterator[tuple[str, float]]:
    """How long the ticket was in which state at a desk for this service."""
    for event, following in pairwise(story):
        if event.service_id == service.pk and event.to_state in AT_DESK:
            yield event.to_state, _seconds(event.at, following.at)


def _seconds(begin: datetime, end: datetime) -> float:
    return (end - begin).total_seconds()
