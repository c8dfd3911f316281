"""The only statistics: what the logs say, counted. Moves that were taken back don't count."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from typing import NamedTuple, Protocol, TypeVar

from queues import clock
from queues.models import Branch, Desk, TicketEvent, Visit
from queues.queries.desk_sessions import NO_TIME, DeskSessions, Span, covered, desk_sessions
from queues.states import AT_DESK, State


class Logged(Protocol):
    """What a count needs to know of a ticket's event."""

    @property
    def id(self) -> int: ...
    @property
    def to_state(self) -> str: ...
    @property
    def at(self) -> datetime: ...
    @property
    def undoes_id(self) -> int | None: ...


L = TypeVar("L", bound=Logged)


def counted(events: Iterable[L]) -> list[L]:
    """The events that count, in their order: neither taken back nor taking back."""
    known = sorted(events, key=lambda event: event.id)
    undone = {event.undoes_id for event in known}
    return [event for event in known if event.undoes_id is None and event.id not in undone]


def time_in_states(events: Iterable[L], *, until: datetime | None = None) -> dict[State, timedelta]:
    """How long one ticket, of which these are all events, was in each state; the last one lasts `until`, or is left
    out. The time of service is what it was SERVING: time on hold is no part of that."""
    spent: dict[State, timedelta] = {}
    for event, end in _lasting(counted(events), until):
        state = State(event.to_state)
        spent[state] = spent.get(state, NO_TIME) + (end - event.at)
    return spent


def _lasting(story: Sequence[L], until: datetime | None) -> Iterator[tuple[L, datetime]]:
    """Each event with the instant at which its state ended."""
    for event, after in pairwise(story):
        yield event, after.at
    if story and until is not None:
        yield story[-1], max(until, story[-1].at)


@dataclass(frozen=True, slots=True)
class DeskDay:
    """What one business day asked of a desk. A visitor is counted once for each number: a party of three is three.

    `called`: visitors called from the line or from hold; `recalls`: how often somebody who was expected was called once
    more. `served`: visits that ended here as they should, also of those who then went on as planned; `no_shows`, `held`
    and `sent_on`: how often that was done here. `hard`: visits that the clerk marked as difficult. `issued`: numbers
    that the clerk signed in here gave by hand.

    `open`: how long somebody was signed in here, `open_since` since when now; where no session was closed, a day that
    is over ends with its last move. `paused` and `serving` are times within that; `longest_stretch` is the longest time
    that one person was signed in here without a pause.
    """

    desk_id: int
    desk: str
    called: int = 0
    recalls: int = 0
    served: int = 0
    no_shows: int = 0
    sent_on: int = 0
    held: int = 0
    hard: int = 0
    issued: int = 0
    serving: timedelta = NO_TIME
    open: timedelta = NO_TIME
    open_since: datetime | None = None
    paused: timedelta = NO_TIME
    longest_stretch: timedelta = NO_TIME

    @property
    def occupancy(self) -> float | None:
        """serving / (open - paused), as call centres measure it; None where the desk wasn't open."""
        ready = self.open - self.paused
        return self.serving / ready if ready > NO_TIME else None


def desk_days(branch: Branch, day: date) -> tuple[DeskDay, ...]:
    """What this business day asked of each desk of the branch, until now if it still lasts. Four queries."""
    begins, ends = bounds(branch, day)
    until = min(clock.now(), ends)
    moves = _moves(branch, day)
    sessions = _sessions(branch, (begins, ends), moves, until)
    serving = _serving(moves, until)
    counts: dict[int | None, Counter[str]] = {}
    for move in moves:
        at = move.desk_id if move.from_state else _issued_at(move, sessions)
        counts.setdefault(at, Counter())[_counts_as(move)] += 1
    hard = Visit.objects.filter(ticket__branch=branch, ticket__business_day=day, hard=True)
    for at in hard.values_list("desk", flat=True):
        counts.setdefault(at, Counter())["hard"] += 1
    nothing: Counter[str] = Counter()
    return tuple(
        _desk_day(pk, name, counts.get(pk, nothing), serving.get(pk, []), sessions.get(pk, DeskSessions()))
        for pk, name in Desk.objects.filter(branch=branch).values_list("pk", "name")
    )


def _desk_day(pk: int, name: str, count: Counter[str], serving: Iterable[Span], sessions: DeskSessions) -> DeskDay:
    return DeskDay(
        desk_id=pk,
        desk=name,
        called=count["called"],
        recalls=count["recall"],
        served=count["served"],
        no_shows=count["no-show"],
        sent_on=count["transferred"],
        held=count["held"],
        hard=count["hard"],
        issued=count["issued"],
        serving=covered(serving),
        open=covered((session.begins, session.ends) for session in sessions.sessions),
        open_since=sessions.open_since,
        paused=covered(sessions.pauses),
        longest_stretch=sessions.longest_stretch,
    )


def bounds(branch: Branch, day: date) -> Span:
    """When the business day begins, and when the next one does. In UTC: between two instants of one zone Python counts
    by the wall clock, an hour off where the clocks change."""
    hour = time(branch.rollover_hour, tzinfo=branch.zone)
    begins, ends = (datetime.combine(day + timedelta(days=days), hour).astimezone(UTC) for days in (0, 1))
    return begins, ends


class _Move(NamedTuple):
    id: int
    ticket_id: int
    from_state: str
    to_state: str
    desk_id: int | None
    by_id: int | None
    at: datetime
    undoes_id: int | None
    led_by_id: int | None
    action: str


def _moves(branch: Branch, day: date) -> list[_Move]:
    """All that counts of the day's tickets."""
    events = TicketEvent.objects.filter(ticket__branch=branch, ticket__business_day=day)
    return counted(_Move(*columns) for columns in events.values_list(*_Move._fields))


def _counts_as(move: _Move) -> str:
    """Which count of a desk's day this move is one of, if any."""
    if not move.from_state:
        return "issued"
    if move.to_state == State.CALLED:
        again = move.from_state == State.CALLED
        return "called" if not again else "recall" if move.led_by_id is None else ""
    if move.to_state == State.WAITING and move.from_state in AT_DESK:
        return {"transfer": "transferred", "finish": "served"}.get(move.action, "")
    return {State.DONE: "served", State.NO_SHOW: "no-show", State.HELD: "held"}.get(State(move.to_state), "")


def _issued_at(move: _Move, sessions: Mapping[int, DeskSessions]) -> int | None:
    """The desk at which the person who gave this number was signed in then."""
    if move.by_id is None:
        return None
    return next((desk for desk, there in sessions.items() if there.clerk_at(move.at) == move.by_id), None)


def _sessions(branch: Branch, day: Span, moves: Iterable[_Move], until: datetime) -> dict[int, DeskSessions]:
    """By desk. Where no session was closed, a day that is over ends with the last thing that happened at the desk."""
    sessions = desk_sessions(branch, day)
    signs = {pk: there.last_event_at or until for pk, there in sessions.items()}
    for move in moves:
        if move.desk_id in signs:
            signs[move.desk_id] = max(signs[move.desk_id], move.at)
    for pk, there in sessions.items():
        over = until == day[1]
        there.end(min(signs[pk], until) if over else until)
        if over:
            there.open_since = None
    return sessions


def _serving(moves: Iterable[_Move], until: datetime) -> dict[int, list[Span]]:
    """When each desk was serving somebody."""
    stories: dict[int, list[_Move]] = {}
    for move in moves:
        stories.setdefault(move.ticket_id, []).append(move)
    spans: dict[int, list[Span]] = {}
    for story in stories.values():
        for move, end in _lasting(story, until):
            if move.to_state == State.SERVING and move.desk_id is not None:
                spans.setdefault(move.desk_id, []).append((move.at, end))
    return spans
