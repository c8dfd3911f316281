"""Drawing a number."""

from datetime import timedelta
from uuid import UUID

from accounts.models import User
from queues import clock
from queues.actions.changing import changing
from queues.actions.gate import log
from queues.models import NumberSeries, PriorityClass, Service, Ticket
from queues.queries import numbers_in_use
from queues.refusals import NumbersUsedUp, ServiceClosed
from queues.states import State


def issue(
    service: Service,
    *,
    language: str,
    request_key: UUID | None = None,
    priority: PriorityClass | None = None,
    by: User | None = None,
) -> Ticket:
    """Give a ticket for this service; with a `request_key` seen before, the ticket that it was given then.

    Raises ServiceClosed before a number is drawn, and NumbersUsedUp. Locks the branch.
    """
    with changing(service.branch_id) as branch:
        if request_key is not None:
            given = Ticket.objects.filter(branch=branch, request_key=request_key).first()
            if given is not None:
                return given
        service = Service.objects.get(pk=service.pk)
        if not service.is_open:
            raise ServiceClosed(service)
        now = clock.now()
        series, _new = NumberSeries.objects.get_or_create(service=service, business_day=branch.business_day(now))
        number = next_number(service, series, taken=numbers_in_use(branch.pk))
        series.last_serial += 1
        series.last_number = number
        series.save(update_fields=["last_serial", "last_number"])
        ticket = Ticket.objects.create(
            branch=branch,
            business_day=series.business_day,
            series=series,
            serial=series.last_serial,
            shown=f"{service.number_prefix}{number}",
            service=service,
            state_since=now,
            waiting_since=now,
            due_at=now - timedelta(minutes=priority.head_start if priority else 0),
            priority=priority,
            language=language,
            request_key=request_key,
        )
        log(ticket, None, State.WAITING, desk=None, by=by, at=now)
        return ticket


def next_number(service: Service, series: NumberSeries, *, taken: frozenset[str]) -> int:
    """The number after the last one, round the range, passing over those still in use. Raises NumbersUsedUp."""
    span = service.number_last - service.number_first + 1
    behind = series.last_number - service.number_first + 1 if series.last_number else 0
    for step in range(span):
        number = service.number_first + (behind + step) % span
        if f"{service.number_prefix}{number}" not in taken:
            return number
    raise NumbersUsedUp(service)
