"""What a branch does when it has taken up a backup: numbers that were given since are not given again."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from math import ceil

from queues import clock
from queues.actions.issuing import next_number, save_progress, series_of
from queues.changes.branch_log import log_event
from queues.changes.transaction import changing
from queues.models import Branch, NumberSeries, Service, What
from queues.queries import numbers_in_use
from queues.refusals import NumbersUsedUp

FASTEST = timedelta(seconds=2)
"""Nobody gives numbers for one service faster than this, all day and from every kiosk together."""
LEAST = 10
BUSIER = 2
"""No day is more than this many times as busy as the busiest of the last DAYS, once ENOUGH of them are known."""
DAYS = 60
ENOUGH = 5


@dataclass(frozen=True, slots=True)
class Jump:
    """`number` is the next one that the service gives. `may_repeat`: more may have been given since than its range
    holds, and no number is safe."""

    service: Service
    number: str
    may_repeat: bool


def pass_over_given(branch: Branch, *, backed_up_at: datetime) -> list[Jump]:
    """Let each service's numbers of today go on behind any that may have been given since the backup, and log it.

    Only what is shown jumps; serials go on without a gap. Services whose numbers overlap jump together. Locks the
    branch.
    """
    with changing(branch.pk) as here:
        now = clock.now()
        day = here.day_at(now)
        begun = datetime.combine(day, time(here.rollover_hour), tzinfo=here.zone)
        lost = now - max(begun, backed_up_at)
        services = list(Service.objects.filter(branch=here))
        series = {service.pk: series_of(service.pk, day) for service in services}
        given = {service.pk: _possibly_given(service, lost, day) for service in services}
        last = {pk: one.last_number for pk, one in series.items()}
        taken = numbers_in_use(here.pk)
        jumps = []
        for service in services:
            together = [other.pk for other in services if _overlap(service, other)]
            # Where the range was lowered in the day, none of the last numbers is in it: it has only just begun.
            within = (last[pk] for pk in together if last[pk] <= service.number_last)
            furthest = max(within, default=service.number_first - 1)
            jumps.append(_jump(series[service.pk], furthest, sum(given[pk] for pk in together), taken))
            log_event(here, What.RESTORED, service=service, words=jumps[-1].number)
        return jumps


def _possibly_given(service: Service, lost: timedelta, day: date) -> int:
    """The most numbers that may have been given in this time: never faster than FASTEST, and where the service's days
    before are known, not many more than on the busiest of them."""
    by_time = ceil(lost / FASTEST)
    before = NumberSeries.objects.filter(
        service=service, business_day__lt=day, business_day__gte=day - timedelta(days=DAYS)
    )
    days = before.values_list("last_serial", flat=True)
    return max(LEAST, by_time if len(days) < ENOUGH else min(by_time, BUSIER * max(days)))


def _overlap(one: Service, other: Service) -> bool:
    return (
        one.number_prefix == other.number_prefix
        and one.number_first <= other.number_last
        and other.number_first <= one.number_last
    )


def _jump(series: NumberSeries, furthest: int, skipped: int, taken: Iterable[str]) -> Jump:
    """Where the whole range may have been given, half of it is passed over: the oldest numbers are the safest."""
    service, in_use = series.service, frozenset(taken)
    span = service.number_last - service.number_first + 1
    may_repeat = skipped >= span - len(in_use)
    behind = max(0, furthest - service.number_first + 1)
    step = span // 2 if may_repeat else skipped
    series.last_number = service.number_first + (behind + step - 1) % span
    save_progress(series)
    try:
        number = next_number(service, series, taken=in_use)
    except NumbersUsedUp:
        return Jump(service, "-", may_repeat=True)
    return Jump(service, f"{service.number_prefix}{number}", may_repeat)
