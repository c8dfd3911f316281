"""Playing one day of a log live: the same presses at the same distances, in a branch that others may watch and use."""

import heapq
import time
from collections import defaultdict, deque
from collections.abc import Collection, Mapping
from contextlib import suppress
from datetime import date, datetime

from queues import actions
from queues.models import Ticket
from queues.refusals import Refusal
from queues.states import State
from replay.report import Bar, Tally
from replay.rows import Row, Step
from replay.stage import Place, Stage

LONGEST_NAP = 0.5
"""Seconds; the bar moves on meanwhile."""


class Player:
    """One run. `speed` is how many seconds of the log pass in one of ours; None: as fast as it goes."""

    def __init__(
        self,
        stage: Stage,
        rows: Collection[Row],
        places: Mapping[int, Place],
        *,
        tally: Tally,
        bar: Bar,
        speed: float | None,
    ) -> None:
        self.days: set[date] = set()  # the business days that have got tickets
        self._stage = stage
        self._places = places
        self._tally = tally
        self._bar = bar
        self._speed = speed
        self._language = str(stage.branch.languages[0])
        self._steps: list[tuple[datetime, Step, int, Row]] = []
        self._waiting: dict[int, tuple[Ticket, Row]] = {}  # by the ticket's id
        self._tickets: dict[int, Ticket] = {}  # by the row's line
        self._serving: dict[Place, Ticket] = {}
        self._presses: defaultdict[Place, deque[Row]] = defaultdict(deque)
        for row in rows:
            self._plan(row.arrival, Step.ARRIVE, row)
            if row.called is not None:
                self._plan(row.called, Step.CALL, row)
            elif row.left is not None:
                self._plan(row.left, Step.LEAVE, row)

    def play(self) -> None:
        """Play to the end: the log's last step, then whoever is still waiting, then every desk has finished."""
        if not self._steps:
            return
        first, began = self._steps[0][0], time.monotonic()
        at = first
        while self._steps:
            at, step, _line, row = heapq.heappop(self._steps)
            if self._speed:
                self._sleep_until(began + (at - first).total_seconds() / self._speed)
            self._do(step, row, at)
            self._bar.step()
            if not self._steps:
                self._call_the_rest(at)

    def _plan(self, at: datetime, step: Step, row: Row) -> None:
        heapq.heappush(self._steps, (at, step, row.line, row))

    def _sleep_until(self, due: float) -> None:
        while (left := due - time.monotonic()) > 0:
            time.sleep(min(left, LONGEST_NAP))
            self._bar.show()

    def _do(self, step: Step, row: Row, at: datetime) -> None:
        match step:
            case Step.ARRIVE:
                self._arrive(row)
            case Step.LEAVE:
                self._leave(row)
            case Step.CALL:
                self._presses[self._places[row.line]].append(row)
                self._press(self._places[row.line], at)
            case Step.FINISH:
                self._finish(self._places[row.line])
                self._press(self._places[row.line], at)

    def _arrive(self, row: Row) -> None:
        try:
            ticket = actions.issue(self._stage.services[row.service], language=self._language)
        except Refusal:
            self._tally.refused += 1
            return
        self._tally.issued += 1
        self.days.add(ticket.business_day)
        self._tickets[row.line] = ticket
        self._waiting[ticket.pk] = ticket, row

    def _leave(self, row: Row) -> None:
        """The visitor of this row gives up, unless the line has brought them to a desk before."""
        ticket = self._tickets.get(row.line)
        if ticket is None:
            return
        if ticket.pk not in self._waiting:
            self._tally.deviations += 1
            return
        del self._waiting[ticket.pk]
        try:
            actions.leave(ticket)
        except Refusal:
            self._tally.refused += 1
        else:
            self._tally.left += 1

    def _press(self, place: Place, at: datetime) -> None:
        """Carry out the presses that this desk owes, as far as it is free."""
        presses = self._presses[place]
        while presses and place not in self._serving:
            row = presses.popleft()
            try:
                self._call_for(row, place, at)
            except Refusal:
                self._tally.refused += 1

    def _call_for(self, row: Row, place: Place, at: datetime) -> None:
        """The line says whom the press of this row calls, the log how long the service lasts. Raises Refusal."""
        desk = self._stage.desks[place]
        ticket = actions.call_next(desk, by=None)
        self._tally.called += 1
        self._waiting.pop(ticket.pk, None)
        meant = self._tickets.get(row.line)
        if meant is None or meant.pk != ticket.pk:
            self._tally.deviations += 1
        actions.start_serving(desk, ticket.pk, by=None)
        self._serving[place] = ticket
        if row.served is not None:
            called, finished = row.served
            self._plan(at + (finished - called), Step.FINISH, row)

    def _finish(self, place: Place) -> None:
        ticket = self._serving.pop(place)
        try:
            actions.finish(self._stage.desks[place], ticket.pk, by=None)
        except Refusal:
            self._tally.refused += 1
        else:
            self._tally.finished += 1

    def _call_the_rest(self, at: datetime) -> None:
        """When the log is over, its presses may have gone to visitors who gave up in the log: whom it saw served and
        the line has not reached is called now, by the counter that served them. Such a press is not the log's, so it
        is meant for nobody, and whoever it calls is a deviation."""
        rest = [row for _ticket, row in self._waiting.values() if row.served]
        self._waiting.clear()
        for row in rest:
            del self._tickets[row.line]
            self._plan(at, Step.CALL, row)


def clear_away(stage: Stage) -> int:
    """End what an interrupted replay has left open in this branch: desks finish, who waits leaves. How many it was."""
    open_tickets = Ticket.objects.filter(
        branch=stage.branch, state__in=(State.WAITING, State.CALLED, State.SERVING)
    ).select_related("desk")
    cleared = 0
    for ticket in open_tickets.order_by("id"):
        with suppress(Refusal):  # somebody else was faster
            if ticket.state == State.SERVING and ticket.desk is not None:
                actions.finish(ticket.desk, ticket.pk, by=None)
            else:
                actions.leave(ticket)
            cleared += 1
    return cleared
