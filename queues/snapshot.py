"""One reading of a branch: everything its screens may need, as plain frozen data.

Audiences make their own, narrower views of it; templates are given those views only.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import Enum, auto

from django.conf import settings
from django.db.models import Count, OuterRef, Subquery

from queues import clock, queries
from queues.models import Branch, Desk, PriorityClass, Service, Ticket
from queues.states import State

CALLS_KEPT = 6


class Part(Enum):
    """What an audience may ask for; what nobody present needs is not read."""

    SERVICES = auto()
    CALLS = auto()
    LINE = auto()
    DESKS = auto()
    FOLLOWED = auto()


@dataclass(frozen=True, slots=True)
class Names:
    """One text in several languages."""

    texts: Mapping[str, str]

    @classmethod
    def of(cls, row: Branch | Service | PriorityClass, field_name: str) -> "Names":
        return cls({code: getattr(row, f"{field_name}_{code}") or "" for code, _name in settings.LANGUAGES})

    def in_(self, language: str) -> str:
        """In this language, else in the first one that has it."""
        return self.texts.get(language) or next((text for text in self.texts.values() if text), "")


@dataclass(frozen=True, slots=True)
class ServiceRow:
    id: int
    slug: str
    name: Names
    description: Names
    closed_note: Names
    prefix: str
    is_open: bool
    waiting: int


@dataclass(frozen=True, slots=True)
class TicketRow:
    id: int
    shown: str
    service_id: int
    state: State
    state_since: datetime
    waiting_since: datetime
    called_at: datetime | None
    calls: int
    last_call: int | None
    desk: str
    desk_id: int | None

    @classmethod
    def of(cls, ticket: Ticket) -> "TicketRow":
        return cls(
            id=ticket.pk,
            shown=ticket.shown,
            service_id=ticket.service_id,
            state=State(ticket.state),
            state_since=ticket.state_since,
            waiting_since=ticket.waiting_since,
            called_at=ticket.called_at,
            calls=ticket.calls,
            last_call=ticket.last_call,
            desk=ticket.desk.name if ticket.desk else "",
            desk_id=ticket.desk_id,
        )


@dataclass(frozen=True, slots=True)
class DeskRow:
    """A desk, the ids of the services it serves, and the ticket that it called last."""

    id: int
    name: str
    services: frozenset[int]
    latest: TicketRow | None


@dataclass(frozen=True, slots=True)
class BranchSnapshot:
    """`rev` was read first, so nothing here is older than it. Parts that nobody asked for are empty.

    `line`: who waits, the next one first. `calls`: the last ones called today, the newest first. `followed`: today's
    tickets among those asked for, by id.
    """

    id: int
    slug: str
    name: Names
    opening_hours: Names
    languages: tuple[str, ...]
    time_zone: str
    rev: int
    at: datetime
    services: tuple[ServiceRow, ...] = ()
    desks: Mapping[int, DeskRow] = field(default_factory=dict)
    line: tuple[TicketRow, ...] = ()
    calls: tuple[TicketRow, ...] = ()
    followed: Mapping[int, TicketRow] = field(default_factory=dict)


def read(branch: Branch, parts: Collection[Part], follow: Collection[int] = ()) -> BranchSnapshot:
    """Read these parts of the branch, which was itself read just before, in a number of queries that doesn't depend on
    how many wait."""
    return BranchSnapshot(
        id=branch.pk,
        slug=branch.slug,
        name=Names.of(branch, "name"),
        opening_hours=Names.of(branch, "opening_hours"),
        languages=tuple(branch.languages),
        time_zone=branch.time_zone,
        rev=branch.revision,
        at=clock.now(),
        services=_services(branch) if Part.SERVICES in parts else (),
        desks=_desks(branch) if Part.DESKS in parts else {},
        line=_line(branch) if Part.LINE in parts else (),
        calls=_calls(branch) if Part.CALLS in parts else (),
        followed=_followed(branch, follow) if Part.FOLLOWED in parts else {},
    )


def _services(branch: Branch) -> tuple[ServiceRow, ...]:
    waiting = dict(queries.line(branch).order_by().values_list("service").annotate(Count("id")))
    return tuple(
        ServiceRow(
            id=service.pk,
            slug=service.slug,
            name=Names.of(service, "name"),
            description=Names.of(service, "description"),
            closed_note=Names.of(service, "closed_note"),
            prefix=service.number_prefix,
            is_open=service.is_open,
            waiting=waiting.get(service.pk, 0),
        )
        for service in branch.services.all()
    )


def _desks(branch: Branch) -> dict[int, DeskRow]:
    called = Ticket.objects.filter(desk=OuterRef("pk"), last_call__isnull=False).order_by("-last_call")
    desks = Desk.objects.filter(branch=branch).annotate(latest_id=Subquery(called.values("pk")[:1]))
    rows = list(desks.prefetch_related("services"))
    ids = [desk.latest_id for desk in rows if desk.latest_id]
    latest = {ticket.desk_id: ticket for ticket in Ticket.objects.filter(pk__in=ids).select_related("desk")}
    return {
        desk.pk: DeskRow(
            id=desk.pk,
            name=desk.name,
            services=frozenset(service.pk for service in desk.services.all()),
            latest=TicketRow.of(latest[desk.pk]) if desk.pk in latest else None,
        )
        for desk in rows
    }


def _line(branch: Branch) -> tuple[TicketRow, ...]:
    return tuple(TicketRow.of(ticket) for ticket in queries.line(branch).select_related("desk"))


def _calls(branch: Branch) -> tuple[TicketRow, ...]:
    called = Ticket.objects.filter(branch=branch, business_day=queries.today(branch), last_call__isnull=False)
    return tuple(TicketRow.of(ticket) for ticket in called.select_related("desk").order_by("-last_call")[:CALLS_KEPT])


def _followed(branch: Branch, ids: Collection[int]) -> dict[int, TicketRow]:
    tickets = Ticket.objects.filter(pk__in=ids, branch=branch, business_day=queries.today(branch))
    return {ticket.pk: TicketRow.of(ticket) for ticket in tickets.select_related("desk")}
