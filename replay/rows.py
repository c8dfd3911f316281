"""Reading a log: one row for each visitor, and what is wrong with the rows that are none."""

import codecs
import csv
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import IntEnum
from pathlib import Path
from typing import BinaryIO

COLUMNS = ("arrival", "called", "finished", "left", "service", "counter", "outcome")
LONGEST_VISIT = timedelta(days=1)
"""What lasts longer is a wrong date, not a long wait."""
LONGEST_WORD = 50
SHORTEST_TIME = len("1999-01-03T08:00")
LOCAL_TIME = re.compile(r"(\d{1,2})\.(\d{1,2})\.(\d{4})[ T]+(?:klo )?(\d{1,2})[:.](\d{2})(?:[:.](\d{2}))?")
"""As people write it where the day comes first: "3.1.1999 8:15", also with seconds. Points leave no doubt."""
EXAMPLES = "such as 1999-01-03T08:15:00 or 3.1.1999 8:15"
SEPARATORS = (",", ";", "\t")
UTF_8, UTF_16, WINDOWS = "utf-8", "utf-16", "cp1252"
ENCODINGS = {UTF_16: "UTF-16", WINDOWS: "Windows-1252"}
UTF_16_MARKS = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)


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
    """A row that can't be played. `day` is that of its arrival, where that much can be read. `kind` is what is wrong,
    the same for every row that has this fault, with what would fit."""

    line: int
    why: str
    day: date | None
    kind: str


class _Unfit(Exception):  # noqa: N818 - it becomes a Malformed
    def __init__(self, why: str, *, kind: str = "") -> None:
        super().__init__(why)
        self.kind = kind or why


def read(path: Path, *, note: Callable[[str], object] = lambda _words: None) -> Iterator[Row | Malformed]:
    """The rows of the log in the order of the file. Raises CannotPlay for a file that isn't one. `note` hears how the
    file was read, where that isn't as this system would write it.

    Each line is a row of its own: a stray quotation mark or byte spoils one visitor, not all that follow.
    """
    try:
        encoding = _encoding_of(path)
        if encoding != UTF_8:
            note(f"{path} isn't in UTF-8; it was read as {ENCODINGS[encoding]}.")
        with path.open("rb") as file:
            lines = enumerate(_lines(file, encoding), start=1)
            header = _header(path, lines)
            for line, raw in lines:
                if raw.strip():
                    yield _row(line, raw, header)
    except OSError as error:
        raise CannotPlay(f"{path} can't be read: {error.strerror}.") from error


def _encoding_of(path: Path) -> str:
    """UTF-8 unless the file says otherwise, or has bytes that only Windows has as letters."""
    with path.open("rb") as file:
        start = file.read(2)
        if start in UTF_16_MARKS:
            return UTF_16
        file.seek(0)
        is_utf_8 = is_windows = False
        for raw in file:
            if raw.isascii():
                continue
            try:
                raw.decode()
                is_utf_8 = True
            except UnicodeDecodeError:
                is_windows = is_windows or _reads_well_as_windows(raw)
    return WINDOWS if is_windows and not is_utf_8 else UTF_8


def _reads_well_as_windows(raw: bytes) -> bool:
    try:
        text = raw.decode(WINDOWS)
    except UnicodeDecodeError:
        return False
    return all(sign.isascii() or sign.isalpha() for sign in text)


def _lines(file: BinaryIO, encoding: str) -> Iterator[bytes]:
    """Each line, in UTF-8 where it can be."""
    if encoding == UTF_16:
        text = file.read().decode(UTF_16, errors="replace")
        yield from (line.encode() for line in text.splitlines())
    else:
        for raw in file:
            yield raw if encoding == UTF_8 else raw.decode(encoding, errors="replace").encode()


def of_day(entries: Iterator[Row | Malformed], day: date) -> list[Row | Malformed]:
    """Those who arrived on this calendar day of the log, and the malformed ones of which nobody knows."""
    return [
        entry for entry in entries if (entry.arrival.date() if isinstance(entry, Row) else entry.day) in {day, None}
    ]


@dataclass(frozen=True, slots=True)
class _Header:
    columns: list[str]
    separator: str


def _header(path: Path, lines: Iterator[tuple[int, bytes]]) -> _Header:
    """The names of the columns and what stands between them: a comma, or what a spreadsheet writes where the comma is
    the decimal one."""
    first = next(lines, (0, b""))[1].removeprefix(codecs.BOM_UTF8)
    if first.strip().lower().startswith(b"sep="):  # Excel's own first line
        first = next(lines, (0, b""))[1]
    if not first:
        raise CannotPlay(f"{path} is empty.")
    found = []
    for separator in SEPARATORS:
        try:
            names = [name.strip().lower() for name in _fields(first, separator)]
        except _Unfit as unfit:
            raise CannotPlay(f"{path} has no header that can be read: {unfit}.") from unfit
        missing = [name for name in COLUMNS if names.count(name) != 1]
        if not missing:
            return _Header(names, separator)
        found.append(missing)
    fewest = min(found, key=len)
    raise CannotPlay(f"{path} has no header with each of these columns once: {', '.join(fewest)}.")


def _row(line: int, raw: bytes, header: _Header) -> Row | Malformed:
    day = None
    try:
        values = _fields(raw, header.separator)
        named = dict(zip(header.columns, (value.strip() for value in values), strict=False))
        # Whose day is it? That can be told even of a row which is otherwise spoilt.
        arrival = _time(named, "arrival")
        day = arrival.date()
        return _visit(line, arrival, named, fields=(len(values), len(header.columns)))
    except _Unfit as unfit:
        return Malformed(line, str(unfit), day, unfit.kind)


def _fields(raw: bytes, separator: str) -> list[str]:
    try:
        return next(csv.reader([raw.decode()], strict=True, delimiter=separator), [])
    except UnicodeDecodeError as error:
        raise _Unfit("not in UTF-8") from error
    except csv.Error as error:
        raise _Unfit(f"not CSV ({error})", kind="not CSV") from error


def _visit(line: int, arrival: datetime, named: Mapping[str, str], *, fields: tuple[int, int]) -> Row:
    """The row of a visitor who was served or gave up; `fields` are how many it has and should have. Raises _Unfit."""
    has, should = fields
    if has != should:
        raise _Unfit(f"{has} fields where the header has {should}", kind=f"not the {should} fields of the header")
    service = _word(named, "service")
    match named["outcome"].lower():
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
            raise _Unfit(f"outcome is {outcome!r}, neither served nor abandoned", kind="outcome is neither")


def _time(named: Mapping[str, str], name: str) -> datetime:
    text = named.get(name, "")
    if not text:
        raise _Unfit(f"{name} is empty")
    local = LOCAL_TIME.fullmatch(text)
    try:
        time = datetime.fromisoformat(_as_iso(local) if local else text)
    except ValueError as error:
        raise _Unfit(f"{name} is no time: {text!r}", kind=f"{name} is no time, {EXAMPLES}") from error
    if (not local and len(text) < SHORTEST_TIME) or time.tzinfo is not None:
        raise _Unfit(f"{name} is no time of a local clock: {text!r}", kind=f"{name} is no time, {EXAMPLES}")
    return time


def _as_iso(local: re.Match[str]) -> str:
    day, month, year, hour, minute, second = (int(part or 0) for part in local.groups())
    return f"{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}"


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
