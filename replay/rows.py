"""Reading a log: one row for each visitor, and what is wrong with the rows that are none."""

import csv
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import IntEnum
from pathlib import Path

COLUMNS = ("arrival", "called", "finished", "left", "service", "counter", "outcome")
LONGEST_VISIT = timedelta(days=1)
"""What lasts longer is a wrong date, not a long wait."""
LONGEST_WORD = 50
SHORTEST_TIME = len("1999-01-03T08:00")


class CannotPlay(Exception):  # noqa: N818 - an answer to who started it, not a fault
    """Nothing can be played, because of the file or of where it should be played; `str()` is the one line that says
    why."""


class Step(IntEnum):
    """What happens to a visitor; at the same instant of the log in this order."""

    FINISH = 0
    ARRIVE = 1
    LEAVE = 2
    CALL = 3


@dataclass(frozen=True, slots=True)
class Row:
    """One visitor as the log tells it, in its local clock. Either `served` or gone at `left`."""

    line: int
    arrival: datetime
    called: datetime | None
    finished: datetime | None
    left: datetime | None
    service: str
    counter: str

    @property
    def day(self) -> date:
        return self.arrival.date()

    @property
    def served(self) -> tuple[datetime, datetime] | None:
        """When the service began and ended; None for who gave up."""
        if self.called is None or self.finished is None:
            return None
        return self.called, self.finished

    @property
    def end(self) -> datetime:
        """When the visitor's number became free."""
        return self.finished or self.left or self.arrival


@dataclass(frozen=True, slots=True)
class Malformed:
    """A row that can't be played. `day` is that of its arrival, where that much can be read."""

    line: int
    why: str
    day: date | None


class _Unfit(Exception):  # noqa: N818 - it becomes a Malformed
    pass


def read(path: Path) -> Iterator[Row | Malformed]:
    """The rows of the log in the order of the file. Raises CannotPlay for a file that isn't one.

    Each line is a row of its own: a stray quotation mark or byte spoils one visitor, not all that follow.
    """
    try:
        with path.open("rb") as file:
            columns = _header(path, file.readline())
            for line, raw in enumerate(file, start=2):
                if raw.strip():
                    yield _row(line, raw, columns)
    except OSError as error:
        raise CannotPlay(f"{path} can't be read: {error.strerror}.") from error


def of_day(entries: Iterator[Row | Malformed], day: date) -> list[Row | Malformed]:
    """Those who arrived on this calendar day of the log, and the malformed ones of which nobody knows."""
    return [
        entry for entry in entries if (entry.arrival.date() if isinstance(entry, Row) else entry.day) in {day, None}
    ]


def _header(path: Path, raw: bytes) -> list[str]:
    if not raw:
        raise CannotPlay(f"{path} is empty.")
    try:
        names = [name.strip().lower() for name in _fields(raw.removeprefix(b"\xef\xbb\xbf"))]
    except _Unfit as unfit:
        raise CannotPlay(f"{path} has no header that can be read: {unfit}.") from unfit
    missing = [name for name in COLUMNS if names.count(name) != 1]
    if missing:
        raise CannotPlay(f"{path} has no header with each of these columns once: {', '.join(missing)}.")
    return names


def _row(line: int, raw: bytes, columns: list[str]) -> Row | Malformed:
    day = None
    try:
        values = _fields(raw)
        named = dict(zip(columns, (value.strip() for value in values), strict=False))
        # Whose day is it? That can be told even of a row which is otherwise spoilt.
        arrival = _time(named, "arrival")
        day = arrival.date()
        return _visit(line, arrival, named, fields=(len(values), len(columns)))
    except _Unfit as unfit:
        return Malformed(line, str(unfit), day)


def _fields(raw: bytes) -> list[str]:
    try:
        return next(csv.reader([raw.decode()], strict=True), [])
    except UnicodeDecodeError as error:
        raise _Unfit("not in UTF-8") from error
    except csv.Error as error:
        raise _Unfit(f"not CSV ({error})") from error


def _visit(line: int, arrival: datetime, named: Mapping[str, str], *, fields: tuple[int, int]) -> Row:
    """The row of a visitor who was served or gave up; `fields` are how many it has and should have. Raises _Unfit."""
    has, should = fields
    if has != should:
        raise _Unfit(f"{has} fields where the header has {should}")
    service = _word(named, "service")
    match named["outcome"]:
        case "served":
            called = _after(named, "called", arrival, "arrival")
            finished = _after(named, "finished", called, "called")
            _bound(finished, arrival)
            return Row(line, arrival, called, finished, None, service, _word(named, "counter"))
        case "abandoned":
            left = _after(named, "left", arrival, "arrival")
            _bound(left, arrival)
            return Row(line, arrival, None, None, left, service, "")
        case outcome:
            raise _Unfit(f"outcome is {outcome!r}, neither served nor abandoned")


def _time(named: Mapping[str, str], name: str) -> datetime:
    text = named.get(name, "")
    if not text:
        raise _Unfit(f"{name} is empty")
    try:
        time = datetime.fromisoformat(text)
    except ValueError as error:
        raise _Unfit(f"{name} is no time: {text!r}") from error
    if len(text) < SHORTEST_TIME or time.tzinfo is not None:
        raise _Unfit(f"{name} is no time of a local clock: {text!r}")
    return time


def _after(named: Mapping[str, str], name: str, earlier: datetime, earlier_name: str) -> datetime:
    time = _time(named, name)
    if time < earlier:
        raise _Unfit(f"{name} is before {earlier_name}")
    return time


def _bound(end: datetime, arrival: datetime) -> None:
    if end - arrival > LONGEST_VISIT:
        raise _Unfit("more than a day from arrival to end")


def _word(named: Mapping[str, str], name: str) -> str:
    word = named[name]
    if not word:
        raise _Unfit(f"{name} is empty")
    if len(word) > LONGEST_WORD or not word.isprintable():
        raise _Unfit(f"{name} is no name of at most {LONGEST_WORD} letters")
    return word
