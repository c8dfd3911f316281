"""The rows of a reading: plain frozen data, one class for each thing that a screen may be about."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import MISSING, dataclass, fields
from datetime import datetime
from functools import cache
from typing import Any

from django.conf import settings
from django.db.models import QuerySet, TextField, Value
from django.db.models.functions import Cast

from queues.models import Branch, Outcome, PriorityClass, Service, Ticket
from queues.queries.wait_estimate import WaitEstimate
from queues.states import State

_LANGUAGES = tuple(code for code, _name in settings.LANGUAGES)
_TEXTS = ("name", "description", "closed_note")
SERVICE_COLUMNS = (
    *("id", "slug", "number_prefix", "is_open", "is_offered", "target", "typical_seconds", "longest_usual_seconds"),
    *(f"{text}_{language}" for text in _TEXTS for language in _LANGUAGES),
)
"""What `ServiceRow.of` is made of, in its order."""


@dataclass(frozen=True, slots=True)
class Said:
    """Words, and the code of the language that they are in."""

    language: str
    words: str


@dataclass(frozen=True, slots=True)
class Names:
    """One text in several languages."""

    texts: Mapping[str, str]

    @classmethod
    def of(cls, row: Branch | Service | PriorityClass | Outcome, field_name: str) -> "Names":
        return cls({code: getattr(row, f"{field_name}_{code}") or "" for code, _name in settings.LANGUAGES})

    @classmethod
    def in_columns(cls, texts: Sequence[str | None]) -> "Names":
        """One text for each of the languages, in their order."""
        return cls({code: text or "" for code, text in zip(_LANGUAGES, texts, strict=True)})

    def in_(self, language: str) -> str:
        """In this language, else in the first one that has it."""
        return self.texts.get(language) or next((text for text in self.texts.values() if text), "")

    def said_in(self, languages: Iterable[str]) -> tuple[Said, ...]:
        """For readers of these languages, in their order and each text once, marked with the language that it is in:
        another one where theirs has no words. Nothing where there are none at all."""
        spoken = [language for language in languages if self.texts.get(language)]
        others = [language for language, text in self.texts.items() if text]
        found: dict[str, str] = {}
        for language in spoken or others[:1]:
            found.setdefault(self.texts[language], language)
        return tuple(Said(language, words) for words, language in found.items())


@dataclass(frozen=True, slots=True)
class Waiting:
    """How many wait for a service, and since when the longest waiting has waited."""

    count: int = 0
    since: datetime | None = None


NOBODY = Waiting()


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
    mean_seconds: int | None
    p99_seconds: int | None
    waiting: int
    waiting_since: datetime | None
    """Since when the one who has waited longest has waited."""
    desks: int
    """How many serve it now: signed in, and not paused."""

    @classmethod
    def of(cls, columns: Sequence[Any], line: Waiting, desks: int) -> "ServiceRow":
        pk, slug, prefix, is_open, is_offered, target, mean_seconds, p99_seconds, *texts = columns
        many = len(_LANGUAGES)
        name, description, closed_note = (
            Names.in_columns(texts[first : first + many]) for first in (0, many, 2 * many)
        )
        return cls(
            id=pk,
            slug=slug,
            name=name,
            description=description,
            closed_note=closed_note,
            prefix=prefix,
            is_open=is_open,
            is_offered=is_offered,
            target=target,
            mean_seconds=mean_seconds,
            p99_seconds=p99_seconds,
            waiting=line.count,
            waiting_since=line.since,
            desks=desks,
        )

    @property
    def quoted_wait(self) -> int | None:
        """The wait in minutes that a visitor who joins now is told."""
        return WaitEstimate(self.waiting, self.desks, self.mean_seconds).quoted


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
    """At `for_desk_id`, before it was transferred; known in `heads` only."""

    def __post_init__(self) -> None:
        object.__setattr__(self, "state", State(self.state))


class _Listed(TextField):  # type: ignore[type-arg]  # Django's knows none when it runs
    """A JSON list as a tuple. Most are empty, and to parse two for each who waits was a fifth of reading a line."""

    def from_db_value(self, value: str, *_whence: object) -> tuple[Any, ...]:
        return () if value == "[]" else tuple(json.loads(value))


# Read as plain columns: a row of the line costs a fraction of a model's instance.
_ELSEWHERE: Mapping[str, str | Cast] = {
    "desk": "desk__name",
    "leader": "leader__shown",
    **{name: Cast(name, _Listed()) for name in ("needs", "plan")},
}
TICKET_COLUMNS = tuple(_ELSEWHERE.get(name, name) for name in TicketRow.__dataclass_fields__)


def as_columns(tickets: QuerySet[Ticket], *more: str) -> QuerySet[Ticket, tuple[Any, ...]]:
    """What a row is made of, in its order, and then what else is asked for."""
    return tickets.annotate(was_served_there=Value(value=False)).values_list(*TICKET_COLUMNS, *more)


def rows(columns: Iterable[tuple[Any, ...]]) -> tuple[TicketRow, ...]:
    return tuple(TicketRow(*those) for those in columns)


@dataclass(frozen=True, slots=True, eq=False)
class FollowedRow:
    """What a phone may show of a ticket but for its place in line, as `TicketRow` has it. In one reading, tickets that
    differ in none of this share one row, so what their phones show alike is made once: rows are compared by identity.

    `along`: the numbers of those who go along with this one. `may_thank`: its visitor may still thank somebody.
    `came_back`: its visitor has said once that they are here after all.
    """

    state: State
    service_id: int
    called_at: datetime | None
    calls: int
    last_call: int | None
    desk: str
    callable_from: datetime | None
    for_desk_id: int | None
    for_clerk_id: int | None
    return_desk_id: int | None
    leader_id: int | None
    leader: str | None
    party: int
    told: int | None
    plan: tuple[int, ...]
    call_withdrawn_at: datetime | None
    along: tuple[str, ...] = ()
    may_thank: bool = False
    came_back: bool = False

    @classmethod
    def of(cls, columns: tuple[Any, ...]) -> "FollowedRow":
        named = dict(zip(_FOLLOWED, columns, strict=True))
        return cls(**{**named, "state": State(named["state"]), "plan": tuple(json.loads(named["plan"]))})


_FOLLOWED = tuple(one.name for one in fields(FollowedRow) if one.default is MISSING)
_FOLLOWED_ELSEWHERE: Mapping[str, str | Cast] = {
    "desk": "desk__name",
    "leader": "leader__shown",
    "plan": Cast("plan", TextField()),  # parsed once for all who share a row
}
FOLLOWED_COLUMNS = ("id", *(_FOLLOWED_ELSEWHERE.get(name, name) for name in _FOLLOWED))


def followed_rows(columns: Iterable[tuple[Any, ...]]) -> dict[int, FollowedRow]:
    """By the ticket's id, in their order."""
    shared = cache(FollowedRow.of)
    return {those[0]: shared(those[1:]) for those in columns}


@dataclass(frozen=True, slots=True)
class Head:
    """The first few of those who wait for the same service, or the same desk or clerk: all of them callable, or all of
    them not yet. `count` of them there are, the longest waiting since `waiting_since`; whoever goes along with another
    counts as that one."""

    service_id: int
    for_desk_id: int | None
    for_clerk_id: int | None
    tickets: tuple[TicketRow, ...]
    count: int
    waiting_since: datetime


@dataclass(frozen=True, slots=True)
class LastMove:
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
    """A desk, the ids of its services, the clerk signed in there, and the tickets it has: the one that leads comes
    first.

    `notes` is what colleagues have noted about the visitor today. `main_head_start` is what the ceiling leaves of it,
    in minutes.
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
    last_move: LastMove | None
    has: tuple[TicketRow, ...]

    @property
    def seen(self) -> int:
        """The id of its last event, 0 before any."""
        return self.last_move.event if self.last_move else 0

    @property
    def current(self) -> TicketRow | None:
        return self.has[0] if self.has else None
