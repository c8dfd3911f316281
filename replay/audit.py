"""What the database says after a replay: counted from the events, not assumed."""

from collections import Counter, defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from itertools import groupby
from typing import NamedTuple

from queues.models import Branch, NumberSeries, TicketEvent
from queues.states import AT_DESK, OPEN, State

STILL = datetime.max.replace(tzinfo=UTC)
"""The end of what goes on."""
Span = tuple[datetime, datetime]


class Findings(NamedTuple):
    """`duplicates`: a serial given twice in a series, a shown number given while another visitor still had it, a
    visitor called by one desk while another has them, a desk that has two visitors at a time. `gaps`: serials of a
    series, up to its last, without an event."""

    duplicates: int
    gaps: int


class Step(NamedTuple):
    """One event of a ticket."""

    ticket: int
    series: int
    serial: int
    shown: str
    before: str
    after: str
    desk: int | None
    at: datetime
    leader: int | None


@dataclass(slots=True)
class Seen:
    """What the tickets' stories say, in spans of time: they may come from several imports, whose events follow each
    other in no order."""

    given: defaultdict[int, Counter[int]] = field(default_factory=lambda: defaultdict(Counter))
    of_number: defaultdict[str, list[Span]] = field(default_factory=lambda: defaultdict(list))
    of_desk: defaultdict[int, list[Span]] = field(default_factory=lambda: defaultdict(list))
    doubly_called: int = 0

    def read(self, story: Sequence[Step]) -> None:
        """All that happened to one ticket, in its order."""
        self._read_number(story)
        self._read_desks(story)

    def _read_number(self, story: Sequence[Step]) -> None:
        since: datetime | None = None
        for step in story:
            if not step.before:
                self.given[step.series][step.serial] += 1
            if step.after in OPEN:
                since = since or step.at  # drawn, or back after an absence
            elif since is not None:
                self.of_number[step.shown].append((since, step.at))
                since = None
        if since is not None:
            self.of_number[story[-1].shown].append((since, STILL))

    def _read_desks(self, story: Sequence[Step]) -> None:
        desk: int | None = None
        since = STILL
        for step in story:
            self.doubly_called += step.after == State.CALLED and desk not in (None, step.desk)
            if step.after in AT_DESK and desk is None:
                desk, since = step.desk, step.at
            elif step.after not in AT_DESK and desk is not None:
                self._add_desk(step, desk, (since, step.at))
                desk = None
        if desk is not None:
            self._add_desk(story[-1], desk, (since, STILL))

    def _add_desk(self, step: Step, desk: int, span: Span) -> None:
        if step.leader is None:  # whoever follows is there with their leader
            self.of_desk[desk].append(span)

    @property
    def duplicates(self) -> int:
        twice = sum(serials.total() - len(serials) for serials in self.given.values())
        return twice + self.doubly_called + sum(map(overlaps, (*self.of_number.values(), *self.of_desk.values())))


def audit(branch: Branch, days: Collection[date]) -> Findings:
    """Go through all events of the branch's tickets of these business days."""
    events = (
        TicketEvent.objects.filter(ticket__branch=branch, ticket__business_day__in=days)
        .order_by("ticket", "id")
        .values_list(
            "ticket",
            "ticket__series",
            "ticket__serial",
            "ticket__shown",
            "from_state",
            "to_state",
            "desk",
            "at",
            "ticket__leader",
        )
    )
    seen = Seen()
    for _ticket, story in groupby((Step(*event) for event in events.iterator()), key=lambda step: step.ticket):
        seen.read(list(story))
    last = NumberSeries.objects.filter(service__branch=branch, business_day__in=days).values_list("id", "last_serial")
    gaps = sum(len(set(range(1, end + 1)) - seen.given[series].keys()) for series, end in last)
    return Findings(seen.duplicates, gaps)


def overlaps(spans: list[Span]) -> int:
    """How many of these begin while an earlier one goes on. One that begins as another ends doesn't."""
    found = 0
    reached: datetime | None = None
    for begin, end in sorted(spans):
        found += reached is not None and begin < reached
        reached = end if reached is None else max(reached, end)
    return found
