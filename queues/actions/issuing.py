"""Drawing a number."""

from collections.abc import Container, Sequence
from datetime import date, datetime, timedelta
from uuid import UUID

from django.db.models import OuterRef, QuerySet, Subquery

from accounts.models import User
from queues import clock, queries
from queues.changes import rows
from queues.changes.bulk import BulkWriter
from queues.changes.place_in_line import last_due
from queues.changes.text import one_line
from queues.changes.transaction import changing
from queues.changes.transition import log_drawing
from queues.compiled import compiled
from queues.models import Branch, Need, NumberSeries, PriorityClass, Service, Ticket
from queues.models.ticket import LONGEST_VISITOR_NAME
from queues.queries import NumbersInUse, head_starts, wait_estimate
from queues.refusals import BranchPaused, DayClosed, NumbersUsedUp, ServiceClosed, ServiceGone


def issue(
    service: Service,
    *,
    language: str,
    request_key: UUID | None = None,
    priority: PriorityClass | None = None,
    needs: Sequence[Need] = (),
    visitor_name: str = "",
    by_hand: bool = False,
    by: User | None = None,
) -> Ticket:
    """Give a ticket for this service; with a `request_key` seen before, the ticket that it was given then. `by_hand`: a
    clerk gives it to somebody who can't use a kiosk, also when the service or the day is closed to others.

    Raises ServiceClosed, ServiceGone, BranchPaused and DayClosed before a number is drawn, and NumbersUsedUp. Locks the
    branch.
    """
    with changing(service.branch_id) as branch:
        if request_key is not None:
            given = queries.ticket_of_visit(branch, request_key)
            if given is not None:
                return given
        now = clock.now()
        series = series_of(service.pk, branch.day_at(now))
        if branch.paused_since:
            raise BranchPaused
        if not by_hand:
            refuse_if_closed(branch, series.service, now)
        ticket = draw(
            series,
            branch=branch,
            at=_behind_the_line(branch, series, now),
            taken=NumbersInUse(branch.pk),
            language=language,
            request_key=request_key,
            priority=priority,
            needs=needs,
            visitor_name=visitor_name if branch.asks_name else "",
            told=wait_estimate.wait_estimates(branch, [series.service])[service.pk].quoted,
            by=by,
        )
        save_progress(series)
        return ticket


def refuse_if_closed(branch: Branch, service: Service, now: datetime) -> None:
    """Raises why no number is given for this service now."""
    if branch.closed_day == branch.day_at(now):
        raise DayClosed
    if not service.is_open:
        raise ServiceClosed(service)


@compiled
def _series(service: int, day: date) -> QuerySet[NumberSeries]:
    reaches = Subquery(last_due(OuterRef("service__branch"), OuterRef("business_day")))
    series = NumberSeries.objects.select_related("service").annotate(line_reaches=reaches)
    return series.filter(service=service, business_day=day)


def _behind_the_line(branch: Branch, series: NumberSeries, now: datetime) -> datetime:
    """When the next visitor begins to wait: now, unless the clock has been set back since others did. Nobody is
    overtaken by somebody who came later. One query for the first of a series, whose line wasn't read with it."""
    reaches = series.line_reaches if hasattr(series, "line_reaches") else last_due(branch, series.business_day).first()
    return max(now, reaches) if reaches else now


def series_of(service_id: int, day: date) -> NumberSeries:
    """The numbers that the service gives on this business day, the service with them; a new series where there is none
    yet. Call it inside `changing`. Raises ServiceGone."""
    series = _series.first(service=service_id, day=day)
    if series is not None:
        return series
    service = Service.objects.filter(pk=service_id).first()
    if service is None:
        raise ServiceGone
    series = NumberSeries(service=service, business_day=day)
    rows.insert(series)
    return series


def save_progress(series: NumberSeries) -> None:
    """Save how far the series has got. Before `changing` ends, once for all that was drawn."""
    rows.update(series, {"last_serial": series.last_serial, "last_number": series.last_number})


def draw(
    series: NumberSeries,
    *,
    branch: Branch,
    at: datetime,
    taken: Container[str],
    language: str,
    request_key: UUID | None = None,
    priority: PriorityClass | None = None,
    needs: Sequence[Need] = (),
    visitor_name: str = "",
    told: int | None = None,
    by: User | None = None,
    bulk: BulkWriter | None = None,
) -> Ticket:
    """Give the series' next number that is not `taken` (the numbers in use in the branch), at an instant of the series'
    day. Raises NumbersUsedUp.

    Call it inside `changing`, and `save_progress` before that ends: whoever draws many does so once. With `bulk`,
    ticket and event are written when that is.
    """
    service = series.service
    head_start = head_starts.head_start(branch, priority)
    number = next_number(service, series, taken=taken)
    series.last_serial += 1
    series.last_number = number
    ticket = Ticket(
        branch=branch,
        business_day=series.business_day,
        series=series,
        serial=series.last_serial,
        shown=f"{service.number_prefix}{number}",
        service=service,
        state_since=at,
        waiting_since=at,
        due_at=at - timedelta(minutes=head_start),
        head_start=head_start,
        priority=priority,
        needs=list(needs),
        visitor_name=one_line(visitor_name, LONGEST_VISITOR_NAME),
        told=told,
        language=language,
        request_key=request_key,
    )
    if bulk is None:
        rows.insert(ticket)
    else:
        bulk.add(ticket)
    log_drawing(ticket, by=by, at=at, bulk=bulk)
    return ticket


def next_number(service: Service, series: NumberSeries, *, taken: Container[str]) -> int:
    """The number after the last one, round the range, passing over those still in use. Raises NumbersUsedUp."""
    span = service.number_last - service.number_first + 1
    is_within = service.number_first <= series.last_number <= service.number_last  # the range may have been moved
    behind = series.last_number - service.number_first + 1 if is_within else 0
    for step in range(span):
        number = service.number_first + (behind + step) % span
        if f"{service.number_prefix}{number}" not in taken:
            return number
    raise NumbersUsedUp(service)
