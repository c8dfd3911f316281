"""What the database says after a replay: counted from the events, not assumed."""

from collections import Counter, defaultdict
from collections.abc import Collection
from datetime import date
from typing import NamedTuple

from queues.models import Branch, NumberSeries, TicketEvent
from queues.states import AT_DESK, OPEN, State


class Findings(NamedTuple):
    """`duplicates`: a serial given twice in a series, a shown number given while another visitor still had it, a
    visitor called by one desk while another has them, a desk that calls while it has another visitor. `gaps`: serials
    of a series, up to its last, without an event."""

    duplicates: int
    gaps: int


def audit(branch: Branch, days: Collection[date]) -> Findings:
    """Go through all events of the branch's tickets of these business days, in their order."""
    events = (
        TicketEvent.objects.filter(ticket__branch=branch, ticket__business_day__in=days)
        .order_by("id")
        .values_list(
            "ticket_id", "ticket__series_id", "ticket__serial", "ticket__shown", "from_state", "to_state", "desk_id"
        )
    )
    given: defaultdict[int, Counter[int]] = defaultdict(Counter)
    holders: dict[str, int] = {}
    desk_of: dict[int, int | None] = {}
    visitor_at: dict[int | None, int] = {}
    duplicates = 0
    for ticket, series, serial, shown, before, after, desk in events.iterator():
        if not before:
            given[series][serial] += 1
            duplicates += shown in holders
            holders[shown] = ticket
        if after == State.CALLED:
            duplicates += desk_of.get(ticket, desk) != desk
            duplicates += visitor_at.get(desk, ticket) != ticket
        if after in AT_DESK:
            desk_of[ticket], visitor_at[desk] = desk, ticket
        elif ticket in desk_of:
            visitor_at.pop(desk_of.pop(ticket), None)
        if after not in OPEN and holders.get(shown) == ticket:
            del holders[shown]
    duplicates += sum(serials.total() - len(serials) for serials in given.values())
    last = NumberSeries.objects.filter(service__branch=branch, business_day__in=days).values_list("id", "last_serial")
    return Findings(duplicates, sum(len(set(range(1, end + 1)) - given[series].keys()) for series, end in last))
