"""The sessions at each desk on one day, and its pauses: what the branch's log says of them."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import NamedTuple

from queues.models import Branch, BranchEvent, What

NO_TIME = timedelta()
Span = tuple[datetime, datetime]
SESSION_EVENTS = (What.SAT_DOWN, What.TOOK_OVER, What.STOOD_UP, What.PAUSED, What.RESUMED)


class DeskSession(NamedTuple):
    """One person at the desk."""

    clerk_id: int | None
    begins: datetime
    ends: datetime


@dataclass(slots=True)
class DeskSessions:
    """One desk's day. `open_since` is when the desk was opened that is open now, whoever took over since."""

    sessions: list[DeskSession] = field(default_factory=list)
    pauses: list[Span] = field(default_factory=list)
    open_since: datetime | None = None
    last_event_at: datetime | None = None
    _clerk: int | None = None
    _since: datetime | None = None
    _paused: datetime | None = None

    def read(self, event: BranchEvent, day_began: datetime) -> None:
        """The next of the desk's events in time."""
        self.last_event_at = event.at
        if self._since is None and event.what not in (What.SAT_DOWN, What.TOOK_OVER):
            if event.what == What.STOOD_UP and event.by_id is None:
                return  # the change of the day, which closed what was left open
            self._open(event.by_id, day_began)
        match event.what:
            case What.SAT_DOWN | What.TOOK_OVER:
                self._close(event.at)
                self._open(event.by_id, event.at)
            case What.STOOD_UP:
                self.end(event.at)
                self.open_since = None
            case What.PAUSED:
                self._paused = event.at
            case What.RESUMED:
                self._resume(event.at)

    def end(self, at: datetime) -> None:
        """Nothing more is counted from this instant on."""
        self._close(at)
        self._resume(at)

    def clerk_at(self, at: datetime) -> int | None:
        """Who was signed in here then."""
        return next((one.clerk_id for one in self.sessions if one.begins <= at <= one.ends), None)

    @property
    def longest_stretch(self) -> timedelta:
        """The longest time that one person was signed in here without a pause."""
        return max((longest_without(self.pauses, session) for session in self.sessions), default=NO_TIME)

    def _open(self, clerk_id: int | None, at: datetime) -> None:
        self._clerk, self._since = clerk_id, at
        self.open_since = self.open_since or at

    def _close(self, at: datetime) -> None:
        if self._since is not None:
            self.sessions.append(DeskSession(self._clerk, self._since, max(self._since, at)))
        self._since = None

    def _resume(self, at: datetime) -> None:
        if self._paused is not None:
            self.pauses.append((self._paused, max(self._paused, at)))
        self._paused = None


def desk_sessions(branch: Branch, day: Span) -> dict[int, DeskSessions]:
    """By the desk's id, for desks that the log names between these instants; none has ended yet. One query."""
    begins, ends = day
    found: dict[int, DeskSessions] = {}
    log = BranchEvent.objects.filter(branch=branch, what__in=SESSION_EVENTS, at__gte=begins, at__lt=ends).order_by("id")
    for event in log:
        if event.desk_id is not None:
            found.setdefault(event.desk_id, DeskSessions()).read(event, begins)
    return found


def covered(spans: Iterable[Span]) -> timedelta:
    """How long any of these lasted; what several of them share, such as a party's time, counts once."""
    total = NO_TIME
    reached: datetime | None = None
    for begin, end in sorted(spans):
        since = begin if reached is None else max(begin, reached)
        total += max(end - since, NO_TIME)
        reached = end if reached is None else max(reached, end)
    return total


def longest_without(pauses: Iterable[Span], session: DeskSession) -> timedelta:
    """The longest part of a session that no pause interrupts."""
    longest, since = NO_TIME, session.begins
    for begin, end in sorted(pauses):
        longest = max(longest, min(begin, session.ends) - since)
        since = max(since, end)
    return max(longest, session.ends - since)
