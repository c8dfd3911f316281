"""A whole log as past days of a branch: its own times and its own pairing, by the same transitions, with the clock
set."""

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from itertools import chain, groupby, islice
from typing import NamedTuple
from uuid import UUID, uuid5

from queues import clock, queries
from queues.actions.issuing import draw, save_progress, series_of
from queues.changes.bulk import BulkWriter
from queues.changes.transaction import changing
from queues.changes.transition import move
from queues.models import Branch, NumberSeries, Ticket
from queues.refusals import Refusal
from queues.states import State
from replay.report import Bar, Tally
from replay.rows import CannotPlay, Row, Step
from replay.stage import Place, Stage

LOG = UUID("5b0c6a52-6f0e-4f6d-9c39-0d5c7c1f8a11")
"""The name space of the request keys by which a row is known again."""
LONGEST_LOG = timedelta(days=3660)
KEYS_AT_ONCE = 1000


class Moment(NamedTuple):
    """A step of a row; sorted, a log's moments are in the order in which its visitors' states can change."""

    at: datetime  # the log's clock
    rank: Step
    line: int
    place_in_row: int
    step: Step
    row: Row


class History:
    """One import. It locks the branch for a day at a time, so that who uses the system meanwhile waits seconds."""

    def __init__(
        self, stage: Stage, rows: Collection[Row], places: Mapping[int, Place], *, tally: Tally, bar: Bar
    ) -> None:
        self.days: set[date] = set()  # the business days that have got tickets
        self._stage = stage
        self._places = places
        self._tally = tally
        self._of_day, self._bulk = Tally(), BulkWriter()
        self._bar = bar
        self._zone = stage.branch.zone
        self._language = str(stage.branch.languages[0])
        self._shift = days_back(rows, stage.branch)
        self._moments = sorted(moment for row in rows for moment in _moments(row))
        self._keys = keys_of(rows)
        self._tickets: dict[int, Ticket] = {}  # by the row's line, while open

    def play(self) -> None:
        """Write every day, the first one first. A day is written whole or, if it is interrupted, not at all."""
        for day, moments in groupby(self._moments, key=lambda moment: self._day(moment.at)):
            self._of_day, self._bulk = Tally(), BulkWriter()
            with changing(self._stage.branch.pk) as branch:
                self._write_day(branch, day, moments)
            self._tally.add(self._of_day)

    def _write_day(self, branch: Branch, day: date, moments: Iterable[Moment]) -> None:
        taken = set(queries.numbers_in_use(branch.pk))
        numbers: dict[str, NumberSeries] = {}
        for moment in moments:
            row = moment.row
            with clock.standing_at(self._instant(moment.at)):
                try:
                    if moment.step is Step.ARRIVE:
                        if row.service not in numbers:
                            numbers[row.service] = series_of(self._stage.services[row.service].pk, day)
                        self._draw(branch, numbers[row.service], row, taken)
                    elif row.line in self._tickets:
                        self._move(moment.step, row, taken)
                except Refusal:
                    self._of_day.refused += 1
            self._bar.step()
        self._bulk.write()
        for series in numbers.values():
            save_progress(series)

    def _draw(self, branch: Branch, series: NumberSeries, row: Row, taken: set[str]) -> None:
        ticket = draw(
            series,
            branch=branch,
            at=clock.now(),
            taken=taken,
            language=self._language,
            request_key=self._keys[row.line],
            bulk=self._bulk,
        )
        self._of_day.issued += 1
        self.days.add(ticket.business_day)
        self._tickets[row.line] = ticket
        taken.add(ticket.shown)

    def _move(self, step: Step, row: Row, taken: set[str]) -> None:
        """The log's `called` is when service began, so the call and the start are the same instant. Raises Refusal."""
        ticket = self._tickets[row.line]
        match step:
            case Step.CALL:
                desk = self._stage.desks[self._places[row.line]]
                move(ticket, State.CALLED, action="call_next", desk=desk, bulk=self._bulk)
                move(ticket, State.SERVING, action="start_serving", bulk=self._bulk)
                self._of_day.called += 1
                return
            case Step.LEAVE:
                move(ticket, State.LEFT, action="leave", bulk=self._bulk)
                self._of_day.left += 1
            case Step.FINISH:
                move(ticket, State.DONE, action="finish", bulk=self._bulk)
                self._of_day.finished += 1
        taken.discard(ticket.shown)
        del self._tickets[row.line]

    def _instant(self, at: datetime) -> datetime:
        return (at + self._shift).replace(tzinfo=self._zone).astimezone(UTC)

    def _day(self, at: datetime) -> date:
        return _business_day(at + self._shift, self._stage.branch)


def refuse_wrong_dates(rows: Collection[Row]) -> None:
    """Raises CannotPlay for a log that would put its other days before anybody's memory."""
    first, last = min(row.day for row in rows), max(row.day for row in rows)
    if last - first > LONGEST_LOG:
        raise CannotPlay(f"The log can't reach from {first} to {last}: one of its dates must be wrong.")


def days_back(rows: Collection[Row], branch: Branch) -> timedelta:
    """What turns the log's last business day into the branch's yesterday."""
    last = max(_business_day(row.arrival, branch) for row in rows)
    return queries.today(branch) - timedelta(days=1) - last


def refuse_what_is_there(branch: Branch, rows: Collection[Row]) -> None:
    """Raises CannotPlay if the branch has any of these rows already, wherever they stood in the file that they came
    from."""
    keys = chain(keys_of(rows).values(), map(_key_by_line, rows))
    while chunk := list(islice(keys, KEYS_AT_ONCE)):
        if Ticket.objects.filter(branch=branch, request_key__in=chunk).exists():
            raise CannotPlay(f"This log, or a part of it, is in the branch {branch.slug} already. Take another branch.")


def keys_of(rows: Iterable[Row]) -> dict[int, UUID]:
    """The key of each row, by its line: its content, and how many equal rows came before it in this file. Two equal
    rows are two visitors, whichever part of a log they are read from."""
    met: Counter[Row] = Counter()
    keys = {}
    for row in rows:
        content = replace(row, line=0)
        keys[row.line] = uuid5(LOG, f"{content!r} {met[content]}")
        met[content] += 1
    return keys


def _key_by_line(row: Row) -> UUID:
    """As releases up to November 2026 made it: known only at the same line."""
    return uuid5(LOG, repr(row))


def _business_day(at: datetime, branch: Branch) -> date:
    """As Branch.business_day, of a time that is the branch's local clock already."""
    return (at - timedelta(hours=branch.rollover_hour)).date()


def _moments(row: Row) -> Iterator[Moment]:
    yield Moment(row.arrival, Step.ARRIVE, row.line, 0, Step.ARRIVE, row)
    if row.served:
        called, finished = row.served
        yield Moment(called, Step.CALL, row.line, 1, Step.CALL, row)
        # A service of no length ends after it began, and before the desk's next one.
        rank = Step.CALL if finished == called else Step.FINISH
        yield Moment(finished, rank, row.line, 2, Step.FINISH, row)
    else:
        yield Moment(row.end, Step.LEAVE, row.line, 1, Step.LEAVE, row)
