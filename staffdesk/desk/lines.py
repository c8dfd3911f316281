"""The lines of a desk's page: who waits, who is on hold, and in which order they are due."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.conf import settings

from queues.clock import whole_minutes
from queues.models import Need
from queues.queries.head_starts import rank
from queues.snapshot import HEADS_KEPT, BranchSnapshot, DeskRow, Head, ServiceRow, TicketRow

LISTED = HEADS_KEPT
"""Waiting tickets shown for each service; the rest is a count."""


def is_late(ticket: TicketRow, waited: int, service: ServiceRow | None) -> bool:
    """Whether the visitor has waited longer than the quoted wait; where none was quoted, than the service's target."""
    promised = ticket.told if ticket.told is not None else service.target if service else None
    return promised is not None and waited > promised


def visitor_needs(ticket: TicketRow, language: str) -> tuple[str, ...]:
    """What the visitor has said they need, in words; their language, where it isn't the reader's."""
    spoken = (dict(settings.LANGUAGES)[ticket.language],) if ticket.language != language else ()
    return spoken + tuple(str(need.label) for need in Need if need.value in ticket.needs)


def heads_for(branch: BranchSnapshot, desk: DeskRow) -> list[Head]:
    """The lines from which this desk or its clerk may call. As `queries.due_at`, which decides."""
    return [head for head in branch.heads if is_transferred_to(desk, head) or _is_for_anybody_at(desk, head)]


def _is_for_anybody_at(desk: DeskRow, head: Head) -> bool:
    return head.for_desk_id is None and head.for_clerk_id is None and head.service_id in desk.services


def is_transferred_to(desk: DeskRow, head: Head) -> bool:
    """Whether these visitors were transferred to this very desk or its clerk."""
    here = head.for_desk_id == desk.id
    return here or (head.for_clerk_id is not None and head.for_clerk_id == desk.clerk_id)


def in_order(desk: DeskRow, heads: Iterable[Head]) -> list[TicketRow]:
    """Their tickets in the order in which they are due at this desk."""

    def place(ticket: TicketRow) -> tuple[datetime, int]:
        due = rank(ticket.due_at, ticket.service_id, main_service=desk.main_service, minutes=desk.main_head_start)
        return due, ticket.id

    return sorted((ticket for head in heads for ticket in head.tickets), key=place)


def longest(heads: Iterable[Head], now: datetime) -> int:
    """Minutes that the longest waiting of them has waited."""
    return max((whole_minutes(head.waiting_since, now) for head in heads), default=0)


def is_callable(ticket: TicketRow, now: datetime) -> bool:
    return ticket.callable_from is None or ticket.callable_from <= now


@dataclass(frozen=True, slots=True)
class Waiting:
    """A visitor in line. `in_cool_down`: in the cool-down after a missed call. `others`: how many go with them."""

    number: str
    minutes: int
    late: bool
    in_cool_down: bool
    others: int
    marks: tuple[str, ...]

    @classmethod
    def of(cls, ticket: TicketRow, service: ServiceRow | None, branch: BranchSnapshot, language: str) -> "Waiting":
        waited = whole_minutes(ticket.waiting_since, branch.at)
        return cls(
            number=ticket.shown,
            minutes=waited,
            late=is_late(ticket, waited, service),
            in_cool_down=not is_callable(ticket, branch.at),
            others=ticket.party - 1,
            marks=visitor_needs(ticket, language),
        )


@dataclass(frozen=True, slots=True)
class Line:
    """The first few of a service's line at this desk, how many there are, and the longest wait in minutes."""

    letter: str
    name: str
    waiting: tuple[Waiting, ...]
    count: int
    longest: int

    @property
    def more(self) -> int:
        return self.count - len(self.waiting)


def lines(branch: BranchSnapshot, desk: DeskRow, heads: Iterable[Head], language: str) -> tuple[Line, ...]:
    """A line for each service of the desk."""
    of_service: dict[int, list[Head]] = {}
    for head in heads:
        if not is_transferred_to(desk, head):
            of_service.setdefault(head.service_id, []).append(head)
    return tuple(
        _line(branch, desk, service, of_service.get(service.id, []), language)
        for service in branch.services
        if service.id in desk.services
    )


def _line(branch: BranchSnapshot, desk: DeskRow, service: ServiceRow, heads: list[Head], language: str) -> Line:
    listed = in_order(desk, heads)[:LISTED]
    return Line(
        letter=service.prefix,
        name=service.name.in_(language),
        waiting=tuple(Waiting.of(one, service, branch, language) for one in listed),
        count=sum(head.count for head in heads),
        longest=longest(heads, branch.at),
    )


@dataclass(frozen=True, slots=True)
class Transferred:
    """A visitor whom a colleague has transferred to this very desk, or who comes back to it."""

    number: str
    minutes: int
    service: str

    @classmethod
    def of(cls, ticket: TicketRow, service: str, now: datetime) -> "Transferred":
        return cls(ticket.shown, whole_minutes(ticket.waiting_since, now), service)


@dataclass(frozen=True, slots=True)
class Held:
    """On hold: why, and until when if that was said. Only the desk that put it there calls it again."""

    id: int
    number: str
    reason: str
    until: datetime | None
    desk: str
    mine: bool

    @classmethod
    def of(cls, ticket: TicketRow, desk: DeskRow) -> "Held":
        return cls(
            id=ticket.id,
            number=ticket.shown,
            reason=ticket.hold_reason,
            until=ticket.callable_from,
            desk=ticket.desk,
            mine=ticket.desk_id == desk.id,
        )
