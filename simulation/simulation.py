"""A day's life in a branch, sped up: visitors come, desks serve. All of it through the same actions as real presses."""

import heapq
from datetime import timedelta
from random import Random

from queues import actions, clock, queries
from queues.models import Branch, Desk, Membership, Role, Service, Ticket, TicketEvent
from queues.refusals import NobodyWaiting, Refusal
from queues.states import State

# Seconds of a real day.
WALK = (15, 45)
SERVE = (120, 600)
TIDY = (10, 60)
LOOK_AGAIN = (20, 60)
ARRIVAL = 95.0
"""Seconds between two visitors, on average, while as many wait as should."""

EMPTY, FEW, MANY, FULL = 3, 7, 12, 15
"""How many should wait: under EMPTY visitors come in a rush, under FEW faster, over MANY slower, at FULL none."""

UNANSWERED, STAYS_AWAY, GIVES_UP = 0.12, 0.4, 0.04
"""How often a call goes unanswered, a recall too, and how often a visitor leaves the line."""

LEFT_TO_PEOPLE = timedelta(minutes=10)
"""A desk where a person has pressed something is left alone for so long."""


class Simulation:
    """`advance(now)` does everything that is due by then, `now` in seconds of any steady clock."""

    def __init__(self, branch: Branch, *, speed: float, random: Random, now: float = 0.0) -> None:
        self.branch = branch
        self.speed = speed
        self.random = random
        self.ours: list[int] = []
        self._due: list[tuple[float, int, Desk | None]] = [(now, 0, None)]
        self._open_desks()
        for desk in branch.desks.all():
            self._plan(desk, now + random.uniform(0, 120) / speed)

    def _open_desks(self) -> None:
        """A clerk of the branch at each free desk, so that the desk counts as open. Somebody who presses there for real
        is signed in there already, or takes over."""
        seated = Desk.objects.filter(clerk__isnull=False).values("clerk")
        members = Membership.objects.filter(branch=self.branch, role=Role.CLERK).exclude(user__in=seated)
        for desk, member in zip(self.branch.desks.filter(clerk=None), members.order_by("id"), strict=False):
            actions.open_session(desk, by=member.user)

    def advance(self, now: float) -> float:
        """Returns the instant at which something is due next."""
        while self._due[0][0] <= now:
            at, _tie, desk = heapq.heappop(self._due)
            pause = self.arrive() if desk is None else self.work(desk)
            self._plan(desk, max(at, now - 1) + pause / self.speed)  # after a long stop, no burst to catch up
        return self._due[0][0]

    def arrive(self) -> float:
        """Perhaps somebody comes, perhaps somebody has had enough. Returns the seconds until the next one."""
        waiting = queries.line(self.branch).count()
        if waiting < FULL:
            self._draw()
        if waiting >= FEW and self.random.random() < GIVES_UP:
            self._leave()
        crowd = 0.1 if waiting < EMPTY else 0.4 if waiting < FEW else 2.5 if waiting > MANY else 1.0
        return self.random.expovariate(1 / (ARRIVAL * crowd))

    def work(self, desk: Desk) -> float:
        """The desk's next press. Returns the seconds until the one after it."""
        since = clock.now() - LEFT_TO_PEOPLE
        if TicketEvent.objects.filter(desk=desk, by__isnull=False, at__gt=since).exists():
            return self._between(LOOK_AGAIN)
        ticket = queries.has_now(desk)
        try:
            if ticket is None:
                actions.call_next(desk, by=None)
                return self._between(WALK)
            if ticket.state == State.SERVING:
                actions.finish(desk, ticket.pk, by=None)
                return self._between(TIDY)
            return self._expect(desk, ticket)
        except NobodyWaiting:
            return self._between(LOOK_AGAIN)
        except Refusal:
            return self._between(TIDY)  # a person was faster

    def _expect(self, desk: Desk, ticket: Ticket) -> float:
        """The called visitor comes, or is called once more, or is marked absent."""
        if self.random.random() >= (UNANSWERED if ticket.calls == 1 else STAYS_AWAY):
            actions.start_serving(desk, ticket.pk, by=None)
            return self._between(SERVE)
        if ticket.calls == 1:
            actions.recall(desk, ticket.pk, by=None)
            return self._between(WALK)
        actions.mark_absent(desk, ticket.pk, by=None)
        return self._between(TIDY)

    def _draw(self) -> None:
        """A visitor for a service that somebody serves, less often for one where many wait already."""
        waiting = [service_id for (service_id,) in queries.line(self.branch).values_list("service")]
        services = list(Service.objects.filter(branch=self.branch, is_open=True, desks__isnull=False).distinct())
        if not services:
            return
        weights = [1 / (1 + waiting.count(service.pk)) for service in services]
        service = self.random.choices(services, weights)[0]
        language = self.random.choice(self.branch.languages)
        try:
            self.ours.append(actions.issue(service, language=language).pk)
        except Refusal:
            return  # closed meanwhile

    def _leave(self) -> None:
        """One of our own visitors leaves; a person's ticket is nobody else's to give up."""
        waiting = list(queries.line(self.branch).filter(pk__in=self.ours[-200:]))
        if not waiting:
            return
        try:
            actions.leave(self.random.choice(waiting))
        except Refusal:
            return  # called meanwhile

    def _between(self, seconds: tuple[int, int]) -> float:
        return self.random.uniform(*seconds)

    def _plan(self, desk: Desk | None, at: float) -> None:
        heapq.heappush(self._due, (at, desk.pk if desk else 0, desk))
