"""Who sat at a desk on one day, and when it was paused: what the branch's log says of it."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import NamedTuple

from queues.models import Branch, BranchEvent, What

NO_TIME = timedelta()
Span = tuple[datetime, datetime]
ATTENDANCE = (What.SAT_DOWN, What.TOOK_OVER, What.STOOD_UP, What.PAUSED, What.RESUMED)


class Sitting(NamedTuple):
    """One person at the desk."""

    clerk_id: int | None
    begins: datetime
    ends: datetime


@dataclass(slots=True)
class Attendance:
    """One desk's day. `open_since` is when somebody sat down who sits there now, whoever took over since."""

    sittings: list[Sitting] = field(default_factory=list)
    pauses: list[Span] = field(default_factory=list)
    open_since: datetime | None = None
    last_sign: datetime | None = None
    _clerk: int | None = None
    _since: datetime | None = None
    _paused: datetime | None = None

    def hear(self, event: BranchEvent, day_began: datetime) -> None:
        """The next of the desk's events in time."""
        self.last_sign = event.at
        if self._since is None and event.what not in (What.SAT_DOWN, What.TOOK_OVER):
            if event.what == What.STOOD_UP and event.by_id is None:
                return  # the change of the day, which stood up whoever had not
            self._sit(event.by_id, day_began)
        match event.what:
            case What.SAT_DOWN | What.TOOK_OVER:
                self._stand(event.at)
                self._sit(event.by_id, event.at)
            case What.STOOD_UP:
                self.end(event.at)
                self.open_since = None
            case What.PAUSED:
                self._paused = event.at
            case What.RESUMED:
                self._go_on(event.at)

    def end(self, at: datetime) -> None:
        """Nothing more is counted from this instant on."""
        self._stand(at)
        self._go_on(at)

    def who(self, at: datetime) -> int | None:
        """Who sat here then."""
        return next((one.clerk_id for one in self.sittings if one.begins <= at <= one.ends), None)

    @property
    def longest_stretch(self) -> timedelta:
        """The longest time that one person sat here without a pause."""
        return max((longest_without(self.pauses, sitting) for sitting in self.sittings), default=NO_TIME)

    def _sit(self, clerk_id: int | None, at: datetime) -> None:
        self._clerk, self._since = clerk_id, at
        self.open_since = self.open_since or at

    def _stand(self, at: datetime) -> None:
        if self._since is not None:
            self.sittings.append(Sitting(self._clerk, self._since, max(self._since, at)))
        self._since = None

    def _go_on(self, at: datetime) -> None:
        if self._paused is not None:
            self.pauses.append((self._paused, max(self._paused, at)))
        self._paused = None


def attendance(branch: Branch, day: Span) -> dict[int, Attendance]:
    """By the desk's id, for desks that the log names between these instants; none has ended yet. One query."""
    begins, ends = day
    found: dict[int, Attendance] = {}
    log = BranchEvent.objects.filter(branch=branch, what__in=ATTENDANCE, at__gte=begins, at__lt=ends).order_by("id")
    for event in log:
        if event.desk_id is not None:
            found.setdefault(event.desk_id, Attendance()).hear(event, begins)
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


def longest_without(pauses: Iterable[Span], sitting: Sitting) -> timedelta:
    """The longest part of a sitting that no pause interrupts."""
    longest, since = NO_TIME, sitting.begins
    for begin, end in sorted(pauses):
        longest = max(longest, min(begin, sitting.ends) - since)
        since = max(since, end)
    return max(longest, sitting.ends - since)
