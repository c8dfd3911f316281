"""A branch in plain Python: what the words of the design and of docs/calling.md say, once more and on their own.

It knows no database and nothing of `queues`. Everything is counted from nought: visitors, desks, clerks, services.
Instants are microseconds since the first day began. A refusal is `No`, with the name that the system has for it.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from copy import copy
from dataclasses import dataclass, field

SECOND = 1_000_000
MINUTE = 60 * SECOND
DAY = 24 * 60 * MINUTE
OPEN = ("WAITING", "CALLED", "SERVING", "HELD")
AT_DESK = ("CALLED", "SERVING")
UNDO_WITHIN = 12 * SECOND
"""Ten seconds, and two for a press on its way."""


Target = tuple[int | None, int | None, int | None]
"""A service, a desk, a clerk."""


class No(Exception):  # noqa: N818 - an answer, not a fault
    """`kind` is the name of the refusal, `at_desk` where the visitor is of whom it speaks."""

    def __init__(self, kind: str, *, at_desk: int | None = None) -> None:
        super().__init__(kind)
        self.kind = kind
        self.at_desk = at_desk


@dataclass(frozen=True)
class Moved:
    """One line of a visitor's story."""

    frm: str
    to: str
    action: str
    desk: int | None
    at: int
    step: int
    led: bool


@dataclass
class Visitor:
    id: int
    number: str
    service: int
    day: int
    due: int
    head: int
    priority: int | None = None
    state: str = "WAITING"
    desk: int | None = None
    calls: int = 0
    not_before: int | None = None
    for_desk: int | None = None
    for_clerk: int | None = None
    back_to: tuple[int, int | None, int] | None = None
    plan: tuple[int, ...] = ()
    sent_on: int = 0
    leader: int | None = None
    story: tuple[Moved, ...] = ()

    @property
    def since(self) -> int:
        return self.story[-1].at

    def time_in(self, state: str, until: int) -> int:
        ends = [moved.at for moved in self.story[1:]] + [until]
        return sum(max(0, end - moved.at) for moved, end in zip(self.story, ends, strict=True) if moved.to == state)


@dataclass(frozen=True)
class Step:
    """The last thing at a desk: what it did to whom, and how they all were before; an undo did nothing to anybody."""

    id: int
    action: str
    by: int | None
    at: int
    lead: int
    before: dict[int, Visitor] = field(default_factory=dict)


@dataclass
class Desk:
    services: tuple[int, ...]
    main: int | None = None
    main_head: int = 0
    clerk: int | None = None
    clerk_since: int = 0
    ready: int = 0
    auto: bool = False
    paused: int | None = None
    last: Step | None = None
    sat: list[tuple[int, int]] = field(default_factory=list)
    rested: list[tuple[int, int]] = field(default_factory=list)


@dataclass(frozen=True)
class Rules:
    """How the branch is set up. Minutes, seconds, places."""

    ceiling: int = 60
    classes: tuple[int, ...] = (10, 90)
    calls_limit: int | None = None
    cool_down: int = 120
    back_places: int = 3
    breath: int = 10
    numbers: int = 9
    supervisors: frozenset[int] = frozenset({0})
    prefixes: tuple[str, ...] = ("A", "B", "C")


class BranchState:
    """A branch: what there is to see of it, and how anything in it moves. `ReferenceBranch` has the presses."""

    def __init__(self, rules: Rules, desks: list[Desk]) -> None:
        self.rules = rules
        self.desks = desks
        self.visitors: list[Visitor] = []
        self.now = 0
        self.paused: int | None = None
        self.day_begun = 0
        self.closed: int | None = None
        self.last_number: dict[tuple[int, int], int] = {}
        self.steps = 0

    # What there is to see.

    @property
    def today(self) -> int:
        return self.now // DAY

    def line(self) -> list[Visitor]:
        """Everybody who waits today, followers too, the one who is due first first."""
        there = [one for one in self.visitors if one.day == self.today and self.waits(one)]
        return sorted(there, key=lambda one: (one.due, one.id))

    def end_of_line(self) -> int:
        """When somebody is due behind everybody: now, unless others are due later than now."""
        last = self.last_due()
        return last + 1 if last > self.now else self.now

    def last_due(self) -> int:
        """When the last of those is due who wait; now, if that is later."""
        waiting = (one.due for one in self.visitors if one.day == self.today and one.state == "WAITING")
        return max([self.now, *waiting])

    def waits(self, one: Visitor) -> bool:
        hold_is_over = one.state == "HELD" and one.not_before is not None and one.not_before <= self.now
        return one.state == "WAITING" or hold_is_over

    def due_at(self, desk: int, by: int | None) -> list[Visitor]:
        """Whom this desk may call now, the next one first."""
        here = self.desks[desk]

        def mine(one: Visitor) -> bool:
            for_anybody = one.for_desk is None and one.for_clerk is None and one.service in here.services
            return for_anybody or one.for_desk == desk or (by is not None and one.for_clerk == by)

        def callable_now(one: Visitor) -> bool:
            return one.leader is None and (one.not_before is None or one.not_before <= self.now)

        largest = min(max(self.rules.classes, default=0), self.rules.ceiling)
        own = max(0, min(here.main_head, self.rules.ceiling - largest)) * MINUTE
        able = [one for one in self.line() if mine(one) and callable_now(one)]
        return sorted(able, key=lambda one: (one.due - (own if one.service == here.main else 0), one.id))

    def has(self, desk: int) -> Visitor | None:
        here = (one for one in self.visitors if one.desk == desk and one.state in AT_DESK and one.leader is None)
        return next(here, None)

    def followers(self, one: Visitor) -> list[Visitor]:
        return [other for other in self.visitors if other.leader == one.id]

    # How anything moves.

    def move(self, one: Visitor, to: str, action: str, *, desk: int | None = None, by: int | None = None,
              alone: bool = False, **changes: object) -> None:  # fmt: skip
        """The visitor and those who follow go on; at a desk, this is then the desk's last move."""
        self.steps += 1
        party = [one] if alone else [one, *self.followers(one)]
        before = {member.id: copy(member) for member in party}
        at_desk = desk
        for member in party:
            if desk is None and (member.state in AT_DESK or to in AT_DESK):
                at_desk = member.desk
            at = max(self.now, member.since)
            moved = Moved(member.state, to, action, at_desk, at, self.steps, led=member is not one)
            if member.state == "SERVING" and to in OPEN:
                member.calls = 0
            if to == "CALLED":
                member.calls, member.not_before = member.calls + 1, None
            if desk is not None:
                member.desk = desk
            member.state, member.story = to, (*member.story, moved)
            for name, value in changes.items():
                setattr(member, name, value)
        if at_desk is not None:
            self.desks[at_desk].last = Step(self.steps, action, by, self.now, one.id, before)

    @contextmanager
    def pressing(self, desk: int, by: int | None) -> Iterator[Desk]:
        """Who presses at a free desk sits down there, unless the press is refused. A desk that has the visitor is busy
        with them: they aren't called already by another one."""
        here = self.desks[desk]
        if by is not None and here.clerk not in (None, by):
            raise No("DeskTaken")
        sits = by is not None and here.clerk is None
        as_it_was = copy(here)
        if sits:
            self.set_clerk(here, by)
        try:
            yield here
        except No as no:
            self.desks[desk] = as_it_was
            if no.kind == "AlreadyCalled" and no.at_desk == desk:
                raise No("DeskBusy") from no
            raise

    def set_clerk(self, here: Desk, clerk: int | None) -> None:
        if here.clerk is not None:
            here.sat = [*here.sat, (here.clerk_since, self.now)]
        here.clerk, here.clerk_since, here.ready, here.auto = clerk, self.now, self.now, False

    def end_session(self, here: Desk) -> None:
        self.go_on(here)
        self.set_clerk(here, None)

    def go_on(self, here: Desk) -> None:
        if here.paused is not None:
            here.rested = [*here.rested, (here.paused, self.now)]
        here.paused = None

    def refusal(self, one: Visitor) -> No:
        if one.state in AT_DESK:
            return No("AlreadyCalled", at_desk=one.desk)
        if one.state == "HELD":
            return No("OnHold")
        return No("ChangedMeanwhile" if one.state in OPEN else "AlreadyOver")

    def own(self, desk: int, one: Visitor, *states: str, again: str = "", waits: bool = False) -> bool:
        """Whether the press is still to be done: False for the same press again. Raises what keeps the desk from it;
        nobody `waits` when their day is over."""
        if one.desk != desk or one.leader is not None:
            raise self.refusal(one)
        last = self.desks[desk].last
        if again and one.state == "WAITING" and last and last.action == again and one.id in last.before:
            return False
        if one.state not in states and one.state in AT_DESK:
            raise No("WrongState")
        if waits:
            self.refuse_if_day_is_over(one)
        if one.state not in states:
            raise self.refusal(one)
        return True

    def refuse_if_day_is_over(self, one: Visitor) -> None:
        if one.day != self.today:
            raise No("AlreadyOver")

    def refuse_unless_free(self, desk: int) -> None:
        if self.paused is not None:
            raise No("BranchPaused")
        if self.desks[desk].paused is not None:
            raise No("DeskPaused")
        if self.has(desk):
            raise No("DeskBusy")
