"""One reading of a branch: everything its screens may need, as plain frozen data.

Audiences make their own, narrower views of it; templates are given those views only.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from enum import Enum, auto
from operator import itemgetter
from typing import Any

from django.db.models import Count, Q, QuerySet

from queues import clock, queries
from queues.compiled import compiled
from queues.models import Branch, Desk, Service, Ticket
from queues.queries import head_starts
from queues.snapshot import rules_and_events
from queues.snapshot.desks import desk_rows
from queues.snapshot.line import called_or_held, heads, in_line, is_due, line, waiting
from queues.snapshot.rows import (
    FOLLOWED_COLUMNS,
    NOBODY,
    SERVICE_COLUMNS,
    DeskRow,
    FollowedRow,
    Head,
    Names,
    ServiceRow,
    TicketRow,
    Waiting,
    as_columns,
    followed_rows,
    rows,
)
from queues.snapshot.rules_and_events import EventRow, RuleRow
from queues.states import AT_DESK, OPEN, State

CALLS_KEPT = 6
"""Visitors whom a screen shows when fewer are at the desks: the last of those who are gone make up the number."""
MISSED = (State.WAITING, State.NO_SHOW)
"""Where a ticket is after a call that nobody came to."""
CORRECTED_FOR = timedelta(seconds=30)
"""How long the screens say that a call was withdrawn."""


class Part(Enum):
    """What an audience may ask for; what nobody present needs is not read. SERVICES know how many wait for each only
    together with WAITING. Where visitors are told why they stand where they do, IN_LINE brings LINE with it."""

    WAITING = auto()
    SERVICES = auto()
    CALLS = auto()
    LINE = auto()
    IN_LINE = auto()
    HEADS = auto()
    DESKS = auto()
    FOLLOWED = auto()
    SESSIONS = auto()
    RULES = auto()
    EVENTS = auto()


@dataclass(frozen=True, slots=True)
class BranchSnapshot:
    """`rev` was read first, so nothing here is older than it. Parts that nobody asked for are empty.

    `waiting`: how many wait; `line`: who they are, the next one first; `in_line`: the same as phones need it, by id;
    `heads`: the same by where they wait, the first few of each; `held`: who is on hold. `calls`: everybody who is
    awaited at a desk, then the last few who are being served, then of those who are gone, each the newest first and a
    family once; `withdrawn`: calls just taken back. `sessions`: each desk and the clerk who has a session there.
    `followed`: today's tickets among those asked for, by id. `ahead_at_most`: minutes that a head start may be, where
    visitors are told. `events`: the last ones, the newest first.
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
    kiosk_help_since: datetime | None
    hides_until_called: bool
    shows_why: bool
    waiting: int = 0
    services: tuple[ServiceRow, ...] = ()
    desks: Mapping[int, DeskRow] = field(default_factory=dict)
    line: tuple[TicketRow, ...] = ()
    in_line: Mapping[int, FollowedRow] = field(default_factory=dict)
    heads: tuple[Head, ...] = ()
    held: tuple[TicketRow, ...] = ()
    calls: tuple[TicketRow, ...] = ()
    withdrawn: tuple[TicketRow, ...] = ()
    sessions: frozenset[tuple[int, int]] = frozenset()
    followed: Mapping[int, FollowedRow] = field(default_factory=dict)
    ahead_at_most: int = 0
    rules: tuple[RuleRow, ...] = ()
    events: tuple[EventRow, ...] = ()


def read(branch: Branch, parts: Collection[Part], follow: Collection[int] = ()) -> BranchSnapshot:
    """Read these parts of the branch, which was itself read just before, in a number of queries that doesn't depend on
    how many wait."""
    now = clock.now()
    in_house = called_or_held(branch) if Part.DESKS in parts else ()
    who_waits = in_line(branch) if Part.IN_LINE in parts else {}
    reads_line = Part.LINE in parts or (Part.IN_LINE in parts and branch.shows_why)
    lines = waiting(branch) if Part.WAITING in parts else {}
    on_screens = _read_on_screens(branch, now) if Part.CALLS in parts else ()
    followed = _followed(branch, follow, who_waits) if Part.FOLLOWED in parts else {}
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
        is_closed=branch.closed_day == branch.day_at(now),
        kiosk_help_since=branch.kiosk_help_since,
        hides_until_called=branch.hides_until_called,
        shows_why=branch.shows_why,
        waiting=sum(one.count for one in lines.values()),
        services=_services(branch, lines) if Part.SERVICES in parts else (),
        desks=desk_rows(branch, in_house) if Part.DESKS in parts else {},
        line=line(branch) if reads_line else (),
        in_line=who_waits,
        heads=heads(branch) if Part.HEADS in parts else (),
        held=tuple(one for one in in_house if one.state is State.HELD and not is_due(one, now)),
        calls=_calls(on_screens),
        withdrawn=_withdrawn(on_screens, now - CORRECTED_FOR),
        sessions=frozenset(_sessions.all(branch=branch.pk)) if Part.SESSIONS in parts else frozenset(),
        followed=followed,
        ahead_at_most=head_starts.longest_head_start(branch) if followed and branch.shows_why else 0,
        rules=rules_and_events.rules(branch) if Part.RULES in parts else (),
        events=rules_and_events.events(branch) if Part.EVENTS in parts else (),
    )


@compiled
def _services_with_desks(branch: int) -> QuerySet[Service, tuple[Any, ...]]:
    is_open = Q(desks__clerk__isnull=False, desks__paused_since__isnull=True)
    # Plain columns: modeltranslation's own querysets would choose a language.
    services: QuerySet[Service] = QuerySet(Service).filter(branch=branch).order_by("position", "id")
    return services.annotate(open_desks=Count("desks", filter=is_open)).values_list(*SERVICE_COLUMNS, "open_desks")


def _services(branch: Branch, lines: Mapping[int, Waiting]) -> tuple[ServiceRow, ...]:
    found = _services_with_desks.all(branch=branch.pk)
    return tuple(ServiceRow.of(columns, lines.get(columns[0], NOBODY), open_desks) for *columns, open_desks in found)


@compiled
def _on_screens(branch: int, day: date, since: datetime) -> QuerySet[Ticket, tuple[Any, ...]]:
    """Who is at a desk, the last who are gone, and whose call was taken back; each of them by an index of its own."""
    today = Ticket.objects.leading().filter(branch=branch, business_day=day).order_by()
    last = today.filter(last_call__isnull=False).exclude(state__in=OPEN).order_by("-last_call")[:CALLS_KEPT]
    gone = Ticket.objects.filter(pk__in=last.values("pk")).order_by()
    called_back = today.filter(call_withdrawn_at__gt=since)
    shown = today.filter(state__in=AT_DESK).values("pk").union(gone.values("pk"), called_back.values("pk"))
    return as_columns(Ticket.objects.filter(pk__in=shown).order_by("-last_call"))


def _read_on_screens(branch: Branch, now: datetime) -> tuple[TicketRow, ...]:
    return rows(_on_screens.all(branch=branch.pk, day=branch.day_at(now), since=now - CORRECTED_FOR))


def _calls(on_screens: Collection[TicketRow]) -> tuple[TicketRow, ...]:
    """A visitor who is back in line, or on hold, is not expected at a desk any more; whoever is, is never left out,
    however many were called since. A family is called once, by its leader."""
    called, serving = ([one for one in on_screens if one.state is state] for state in (State.CALLED, State.SERVING))
    gone = [one for one in on_screens if one.state not in OPEN and one.last_call]
    return (*called, *serving, *gone[: max(0, CALLS_KEPT - len(called) - len(serving))])


def _withdrawn(on_screens: Collection[TicketRow], since: datetime) -> tuple[TicketRow, ...]:
    found = [(one.call_withdrawn_at, one) for one in on_screens if one.call_withdrawn_at]
    return tuple(one for at, one in sorted(found, key=itemgetter(0), reverse=True) if at > since)


@compiled
def _sessions(branch: int) -> QuerySet[Desk, tuple[int, int]]:
    return Desk.objects.filter(branch=branch, clerk__isnull=False).values_list("pk", "clerk")


def _followed(branch: Branch, ids: Collection[int], who_waits: Mapping[int, FollowedRow]) -> dict[int, FollowedRow]:
    """Most of those with a phone wait: who has been read as part of the line isn't read again."""
    wanted = set(ids)
    waiting = {pk: who_waits[pk] for pk in wanted & who_waits.keys()}
    others = Ticket.objects.filter(pk__in=wanted - waiting.keys(), branch=branch, business_day=queries.today(branch))
    found = waiting | followed_rows(others.values_list(*FOLLOWED_COLUMNS))
    along = _along([pk for pk, one in found.items() if one.party > 1])
    may_thank = queries.may_thank([pk for pk, one in found.items() if one.state is State.DONE])
    came_back = queries.have_come_back([pk for pk, one in found.items() if one.calls and one.state in MISSED])
    return found | {
        pk: replace(found[pk], along=along.get(pk, ()), may_thank=pk in may_thank, came_back=pk in came_back)
        for pk in {*along, *may_thank, *came_back}
    }


def _along(leading: Collection[int]) -> dict[int, tuple[str, ...]]:
    if not leading:
        return {}
    followers = Ticket.objects.filter(leader__in=leading).order_by("id").values_list("leader", "shown")
    return {pk: tuple(shown for leader, shown in followers if leader == pk) for pk in leading}
