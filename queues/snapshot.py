"""One reading of a branch: everything its screens may need, as plain frozen data.

Audiences make their own, narrower views of it; templates are given those views only.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import Enum, auto

from django.conf import settings
from django.db.models import Count, Exists, F, Min, OuterRef, Q, QuerySet, Subquery

from queues import clock, order, oversight, queries
from queues.models import Branch, Desk, Outcome, PriorityClass, Service, Ticket, TicketEvent, Visit
from queues.oversight import EventRow, RuleRow
from queues.pace import Pace
from queues.states import AT_DESK, State

CALLS_KEPT = 6
MISSED = (State.WAITING, State.NO_SHOW)
"""Where a ticket is after a call that nobody came to."""
CORRECTED_FOR = timedelta(seconds=30)
"""How long the screens say that a call was withdrawn."""


class Part(Enum):
    """What an audience may ask for; what nobody present needs is not read."""

    SERVICES = auto()
    CALLS = auto()
    LINE = auto()
    DESKS = auto()
    FOLLOWED = auto()
    RULES = auto()
    EVENTS = auto()


@dataclass(frozen=True, slots=True)
class Names:
    """One text in several languages."""

    texts: Mapping[str, str]

    @classmethod
    def of(cls, row: Branch | Service | PriorityClass | Outcome, field_name: str) -> "Names":
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
    is_offered: bool
    target: int
    typical: int | None
    longest_usual: int | None
    waiting: int
    waiting_since: datetime | None
    """Since when the one who has waited longest has waited."""
    desks: int
    """How many serve it now: somebody sits there, and it is not paused."""

    @property
    def told(self) -> int | None:
        """The wait in minutes that who joins now is told."""
        return Pace(self.waiting, self.desks, self.typical).told


@dataclass(frozen=True, slots=True)
class TicketRow:
    """As the model has it; `desk` is its desk's name."""

    id: int
    shown: str
    service_id: int
    state: State
    state_since: datetime
    waiting_since: datetime
    due_at: datetime
    called_at: datetime | None
    calls: int
    last_call: int | None
    desk: str
    desk_id: int | None
    head_start: int
    callable_from: datetime | None
    for_desk_id: int | None
    for_clerk_id: int | None
    return_desk_id: int | None
    leader_id: int | None
    leader: str | None
    """What the leader's ticket shows."""
    party: int
    sent_on: int
    told: int | None
    language: str
    needs: tuple[str, ...]
    visitor_name: str
    hold_reason: str
    plan: tuple[int, ...]
    call_withdrawn_at: datetime | None
    was_served_there: bool
    """At `for_desk_id`, before it was sent on."""

    def __post_init__(self) -> None:
        object.__setattr__(self, "state", State(self.state))
        object.__setattr__(self, "needs", tuple(self.needs))
        object.__setattr__(self, "plan", tuple(self.plan))


# Read as plain columns: a row of the line costs a fraction of a model's instance.
_ELSEWHERE = {"desk": "desk__name", "leader": "leader__shown"}
_COLUMNS = tuple(_ELSEWHERE.get(name, name) for name in TicketRow.__dataclass_fields__)


def _rows(tickets: QuerySet[Ticket]) -> tuple[TicketRow, ...]:
    served_there = TicketEvent.objects.filter(
        ticket=OuterRef("pk"), desk=OuterRef("for_desk"), to_state=State.SERVING, undone_by__isnull=True
    )
    asked = tickets.annotate(was_served_there=Q(for_desk__isnull=False) & Exists(served_there))
    return tuple(TicketRow(*columns) for columns in asked.values_list(*_COLUMNS))


@dataclass(frozen=True, slots=True)
class Step:
    """The last move at a desk: what may be undone."""

    event: int
    ticket_id: int
    ticket: str
    to: State
    by: int | None
    at: datetime
    undone: bool


@dataclass(frozen=True, slots=True)
class Visited:
    """A visit that has ended and may be said something about."""

    ticket_id: int
    ticket: str
    service_id: int


@dataclass(frozen=True, slots=True)
class DeskRow:
    """A desk, the ids of its services, who sits there, and the tickets it has: the one that leads comes first.

    `notes` is what colleagues have noted about the visitor today. `seen` is the id of its last event. `main_head_start`
    is what the ceiling leaves of it, in minutes.
    """

    id: int
    name: str
    services: frozenset[int]
    main_service: int | None
    main_head_start: int
    clerk_id: int | None
    clerk: str
    clerk_since: datetime | None
    calls_by_itself: bool
    paused_since: datetime | None
    pause_reason: str
    pause_until: datetime | None
    help_since: datetime | None
    helper: str
    unrecorded: Visited | None
    notes: tuple[str, ...]
    seen: int
    last: Step | None
    has: tuple[TicketRow, ...]

    @property
    def current(self) -> TicketRow | None:
        return self.has[0] if self.has else None


@dataclass(frozen=True, slots=True)
class BranchSnapshot:
    """`rev` was read first, so nothing here is older than it. Parts that nobody asked for are empty.

    `line`: who waits, the next one first; `held`: who is on hold. `calls`: the last ones called today, the newest
    first; `withdrawn`: calls just taken back. `followed`: today's tickets among those asked for, by id; `may_thank` and
    `came_back`: those of them whose visitors may still thank somebody, and who have said once that they are here after
    all. `ahead_at_most`: minutes that a head start may be, where visitors are told. `events`: the last ones,
    the newest first.
    """

    id: int
    slug: str
    name: Names
    opening_hours: Names
    languages: tuple[str, ...]
    time_zone: str
    rev: int
    at: datetime
    notice: Names
    paused_since: datetime | None
    is_closed: bool
    hides_until_called: bool
    shows_why: bool
    services: tuple[ServiceRow, ...] = ()
    desks: Mapping[int, DeskRow] = field(default_factory=dict)
    line: tuple[TicketRow, ...] = ()
    held: tuple[TicketRow, ...] = ()
    calls: tuple[TicketRow, ...] = ()
    withdrawn: tuple[TicketRow, ...] = ()
    followed: Mapping[int, TicketRow] = field(default_factory=dict)
    may_thank: frozenset[int] = frozenset()
    came_back: frozenset[int] = frozenset()
    ahead_at_most: int = 0
    rules: tuple[RuleRow, ...] = ()
    events: tuple[EventRow, ...] = ()


def read(branch: Branch, parts: Collection[Part], follow: Collection[int] = ()) -> BranchSnapshot:
    """Read these parts of the branch, which was itself read just before, in a number of queries that doesn't depend on
    how many wait."""
    now = clock.now()
    waiting = _waiting_or_held(branch) if Part.LINE in parts else ()
    followed = _followed(branch, follow) if Part.FOLLOWED in parts else {}
    return BranchSnapshot(
        id=branch.pk,
        slug=branch.slug,
        name=Names.of(branch, "name"),
        opening_hours=Names.of(branch, "opening_hours"),
        languages=tuple(branch.languages),
        time_zone=branch.time_zone,
        rev=branch.revision,
        at=now,
        notice=Names.of(branch, "notice"),
        paused_since=branch.paused_since,
        is_closed=branch.closed_day == branch.business_day(now),
        hides_until_called=branch.hides_until_called,
        shows_why=branch.shows_why,
        services=_services(branch) if Part.SERVICES in parts else (),
        desks=_desks(branch) if Part.DESKS in parts else {},
        line=tuple(one for one in waiting if one.state is State.WAITING or _due(one, now)),
        held=tuple(one for one in waiting if one.state is State.HELD and not _due(one, now)),
        calls=_calls(branch) if Part.CALLS in parts else (),
        withdrawn=_withdrawn(branch, now) if Part.CALLS in parts else (),
        followed=followed,
        may_thank=queries.may_thank([one.id for one in followed.values() if one.state is State.DONE]),
        came_back=queries.have_come_back([one.id for one in followed.values() if one.calls and one.state in MISSED]),
        ahead_at_most=order.longest_head_start(branch) if followed and branch.shows_why else 0,
        rules=oversight.rules(branch) if Part.RULES in parts else (),
        events=oversight.events(branch) if Part.EVENTS in parts else (),
    )


def _services(branch: Branch) -> tuple[ServiceRow, ...]:
    counted = queries.line(branch).order_by().values_list("service").annotate(Count("id"), Min("waiting_since"))
    waiting = {service: (count, since) for service, count, since in counted}
    is_open = Q(desks__clerk__isnull=False, desks__paused_since__isnull=True)
    return tuple(
        ServiceRow(
            id=service.pk,
            slug=service.slug,
            name=Names.of(service, "name"),
            description=Names.of(service, "description"),
            closed_note=Names.of(service, "closed_note"),
            prefix=service.number_prefix,
            is_open=service.is_open,
            is_offered=service.is_offered,
            target=service.target,
            typical=service.typical_seconds,
            longest_usual=service.longest_usual_seconds,
            waiting=waiting.get(service.pk, (0, None))[0],
            waiting_since=waiting.get(service.pk, (0, None))[1],
            desks=service.open_desks,
        )
        for service in branch.services.annotate(open_desks=Count("desks", filter=is_open))
    )


def _due(ticket: TicketRow, now: datetime) -> bool:
    return ticket.callable_from is not None and ticket.callable_from <= now


def _desks(branch: Branch) -> dict[int, DeskRow]:
    events = TicketEvent.objects.filter(desk=OuterRef("pk")).order_by("-id").values("pk")[:1]
    desks = list(
        Desk.objects.filter(branch=branch)
        .annotate(seen=Subquery(events))
        .select_related("clerk", "helper", "unrecorded__ticket")
        .prefetch_related("services")
    )
    at_desks = _rows(
        Ticket.objects.filter(branch=branch, state__in=AT_DESK).order_by(F("leader").asc(nulls_first=True))
    )
    notes = _notes([ticket.id for ticket in at_desks if ticket.sent_on or ticket.calls > 1])
    last = _last_steps([desk.seen for desk in desks if desk.seen])
    classes = list(PriorityClass.objects.filter(branch=branch).values_list("head_start", flat=True))
    return {
        desk.pk: DeskRow(
            id=desk.pk,
            name=desk.name,
            services=frozenset(service.pk for service in desk.services.all()),
            main_service=desk.main_service_id,
            main_head_start=order.main_head_start(desk.main_head_start, branch.head_start_ceiling, classes),
            clerk_id=desk.clerk_id,
            clerk=desk.clerk.shown_name if desk.clerk else "",
            clerk_since=desk.clerk_since,
            calls_by_itself=desk.calls_by_itself,
            paused_since=desk.paused_since,
            pause_reason=desk.pause_reason,
            pause_until=desk.pause_until,
            help_since=desk.help_since,
            helper=desk.helper.shown_name if desk.helper else "",
            unrecorded=_visited(desk.unrecorded),
            notes=tuple(words for desk_id, words in notes if desk_id == desk.pk),
            seen=desk.seen or 0,
            last=last.get(desk.seen or 0),
            has=tuple(ticket for ticket in at_desks if ticket.desk_id == desk.pk),
        )
        for desk in desks
    }


def _visited(began: TicketEvent | None) -> Visited | None:
    return Visited(began.ticket_id, began.ticket.shown, began.service_id) if began else None


def _notes(ticket_ids: Collection[int]) -> list[tuple[int | None, str]]:
    """What was noted about these tickets, the newest first, with the desk where each is now."""
    if not ticket_ids:
        return []
    noted = Visit.objects.filter(ticket__in=ticket_ids).exclude(note="")
    return list(noted.values_list("ticket__desk", "note"))


def _last_steps(event_ids: Collection[int]) -> dict[int, Step]:
    """By the event's id."""
    found = TicketEvent.objects.filter(pk__in=event_ids).values_list(
        "pk", "ticket", "ticket__shown", "to_state", "by", "at", "undoes"
    )
    return {
        pk: Step(pk, ticket, shown, State(to), by, at, undone=undoes is not None)
        for pk, ticket, shown, to, by, at, undoes in found
    }


def _waiting_or_held(branch: Branch) -> tuple[TicketRow, ...]:
    return _rows(
        Ticket.objects.filter(
            branch=branch, business_day=queries.today(branch), state__in=(State.WAITING, State.HELD)
        ).order_by("due_at", "id")
    )


def _calls(branch: Branch) -> tuple[TicketRow, ...]:
    """Who is back in line, or on hold, is not expected at a desk any more."""
    called = Ticket.objects.filter(branch=branch, business_day=queries.today(branch), last_call__isnull=False)
    return _rows(called.exclude(state__in=(State.WAITING, State.HELD)).order_by("-last_call")[:CALLS_KEPT])


def _withdrawn(branch: Branch, now: datetime) -> tuple[TicketRow, ...]:
    since = now - CORRECTED_FOR
    return _rows(
        Ticket.objects.filter(branch=branch, business_day=queries.today(branch), call_withdrawn_at__gt=since).order_by(
            "-call_withdrawn_at"
        )
    )


def _followed(branch: Branch, ids: Collection[int]) -> dict[int, TicketRow]:
    tickets = Ticket.objects.filter(pk__in=ids, branch=branch, business_day=queries.today(branch))
    return {ticket.id: ticket for ticket in _rows(tickets)}
