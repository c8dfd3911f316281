"""What a desk's page shows: whom it has, who waits, who is next and why."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from django.template.loader import render_to_string
from django.utils import timezone, translation

from live.source import Member, body
from queues.snapshot import BranchSnapshot, DeskRow, Part, ServiceRow, TicketRow
from queues.states import State
from queues.topics import branch_topic

LISTED = 5
"""Waiting tickets shown for each service; the rest is a count."""

FREE = "FREE"
"""A desk's state while nobody is there."""

ACTIONS: dict[str, tuple[str, ...]] = {
    FREE: ("call-next",),
    State.CALLED: ("start", "recall", "absent"),
    State.SERVING: ("finish",),
}
"""What a desk may do in each state; the first is the likely one, on the space bar."""


def minutes(since: datetime, now: datetime) -> int:
    """Whole minutes gone by, never negative."""
    return max(0, int((now - since) / timedelta(minutes=1)))


@dataclass(frozen=True, slots=True)
class Waiting:
    number: str
    minutes: int


@dataclass(frozen=True, slots=True)
class ServiceLine:
    """One service of the desk: its first few in line, how many more, and the longest wait in minutes."""

    letter: str
    name: str
    waiting: tuple[Waiting, ...]
    count: int
    longest: int

    @property
    def more(self) -> int:
        return self.count - len(self.waiting)

    @classmethod
    def of(cls, service: ServiceRow, line: list[TicketRow], language: str, now: datetime) -> "ServiceLine":
        return cls(
            letter=service.prefix,
            name=service.name.in_(language),
            waiting=tuple(Waiting(one.shown, minutes(one.waiting_since, now)) for one in line[:LISTED]),
            count=len(line),
            longest=max((minutes(one.waiting_since, now) for one in line), default=0),
        )


@dataclass(frozen=True, slots=True)
class Current:
    """The ticket that the desk has now."""

    number: str
    service: str
    state: State
    since: datetime
    waited: int
    calls: int


@dataclass(frozen=True, slots=True)
class DeskView:
    """`ticket` is the one that the desk has or had last, `seen` the id of the desk's last event: the next press sends
    both back."""

    desk: str
    state: str
    current: Current | None
    ticket: int
    seen: int
    calls: int
    lines: tuple[ServiceLine, ...]
    waiting: int
    longest: int
    next: Waiting | None
    next_service: str
    at: datetime

    @property
    def allowed(self) -> tuple[str, ...]:
        return ACTIONS[self.state]

    @classmethod
    def of(cls, branch: BranchSnapshot, desk: DeskRow, language: str) -> "DeskView":
        services = {service.id: service for service in branch.services}
        mine = [ticket for ticket in branch.line if ticket.service_id in desk.services]
        lines = tuple(
            ServiceLine.of(service, [one for one in mine if one.service_id == service.id], language, branch.at)
            for service in branch.services
            if service.id in desk.services
        )
        current = desk.current
        return cls(
            desk=desk.name,
            state=current.state if current else FREE,
            current=_current(current, services, language) if current else None,
            ticket=current.id if current else desk.last.ticket_id if desk.last else 0,
            seen=desk.seen,
            calls=current.calls if current else 0,
            lines=lines,
            waiting=len(mine),
            longest=max((line.longest for line in lines), default=0),
            next=Waiting(mine[0].shown, minutes(mine[0].waiting_since, branch.at)) if mine else None,
            next_service=services[mine[0].service_id].name.in_(language) if mine else "",
            at=branch.at,
        )


def _current(ticket: TicketRow, services: dict[int, ServiceRow], language: str) -> Current:
    return Current(
        number=ticket.shown,
        service=services[ticket.service_id].name.in_(language),
        state=ticket.state,
        since=ticket.state_since,
        waited=minutes(ticket.waiting_since, ticket.called_at or ticket.state_since),
        calls=ticket.calls,
    )


@dataclass(frozen=True, slots=True)
class DeskAudience:
    """The windows of one desk in one language."""

    branch_id: int
    desk_id: int
    language: str

    needs = frozenset({Part.SERVICES, Part.DESKS, Part.LINE})

    @property
    def topic(self) -> str:
        return branch_topic(self.branch_id)

    def render(self, snapshot: BranchSnapshot, members: Collection[Member]) -> dict[Member, str]:
        desk = snapshot.desks.get(self.desk_id)
        if desk is None:
            return {}
        view = DeskView.of(snapshot, desk, self.language)
        with translation.override(self.language), timezone.override(ZoneInfo(snapshot.time_zone)):
            html = render_to_string("staffdesk/desk.html#panel", {"view": view})
        return dict.fromkeys(members, body(html=html))
