from pathlib import Path

import pytest

from replay.rows import CannotPlay, Malformed, Row, read
from tests.replay.logs import DAY, HEADER, gone, served, write

GOOD = served("09:00:00", "09:01:00", "09:05:00")


def entries(path: Path) -> list[Row | Malformed]:
    return list(read(path))


def test_a_served_visitor_and_one_who_gave_up_are_read(tmp_path: Path) -> None:
    first, second = entries(write(tmp_path / "log.csv", GOOD, gone("09:02:00", "09:04:00")))
    assert isinstance(first, Row)
    assert isinstance(second, Row)
    assert first.served == (first.called, first.finished)
    assert (first.line, first.service, first.counter) == (2, "PS", "C01")
    assert second.served is None
    assert second.end == second.left


def test_the_order_of_the_columns_is_free_and_more_columns_are_ignored(tmp_path: Path) -> None:
    header = "source,outcome,counter,service,priority,left,finished,called,arrival"
    row = f"x,served,C01,PS,2.0,,{DAY}T09:05:00,{DAY}T09:01:00,{DAY}T09:00:00"
    (mixed,) = entries(write(tmp_path / "mixed.csv", row, header=header))
    (plain,) = entries(write(tmp_path / "plain.csv", GOOD))
    assert mixed == plain


def test_a_byte_order_mark_windows_lines_and_blank_lines_are_no_error(tmp_path: Path) -> None:
    log = tmp_path / "log.csv"
    log.write_bytes(b"\xef\xbb\xbf" + f"{HEADER}\r\n\r\n{GOOD}\r\n".encode())
    (row,) = entries(log)
    assert isinstance(row, Row)
    assert row.line == 3


@pytest.mark.parametrize(
    ("spoilt", "why"),
    [
        (f"{DAY}T09:00:00,{DAY}T09:01:00,{DAY}T09:05:00", "3 fields where the header has 7"),
        (f"{GOOD},more,and more", "9 fields where the header has 7"),
        (f",,,{DAY}T09:05:00,PS,,abandoned", "arrival is empty"),
        (served("nine", "09:01:00", "09:05:00"), f"arrival is no time: '{DAY}Tnine'"),
        (f"{DAY},,,{DAY}T09:05:00,PS,,abandoned", f"arrival is no time of a local clock: '{DAY}'"),
        (gone("09:00:00Z", "09:05:00"), f"arrival is no time of a local clock: '{DAY}T09:00:00Z'"),
        (served("09:00:00", "08:59:59", "09:05:00"), "called is before arrival"),
        (served("09:00:00", "09:01:00", "09:00:59"), "finished is before called"),
        (gone("09:00:00", "08:00:00"), "left is before arrival"),
        (f"{DAY}T09:00:00,,,2024-05-16T09:00:00,PS,,abandoned", "more than a day from arrival to end"),
        (f"{DAY}T09:00:00,,{DAY}T09:05:00,,PS,C01,served", "called is empty"),
        (f"{DAY}T09:00:00,{DAY}T09:01:00,,,PS,C01,served", "finished is empty"),
        (f"{DAY}T09:00:00,,,,PS,,abandoned", "left is empty"),
        (served("09:00:00", "09:01:00", "09:05:00", counter=""), "counter is empty"),
        (gone("09:00:00", "09:05:00", service=""), "service is empty"),
        (gone("09:00:00", "09:05:00", service="P" * 51), "service is no name of at most 50 letters"),
        (gone("09:00:00", "09:05:00", service="P\0S"), "service is no name of at most 50 letters"),
        (GOOD.replace("served", "vanished"), "outcome is 'vanished', neither served nor abandoned"),
        (f'"{GOOD}', "not CSV (unexpected end of data)"),
    ],
)
def test_a_malformed_row_is_named_by_its_line_and_the_rest_goes_on(tmp_path: Path, spoilt: str, why: str) -> None:
    before, malformed, after = entries(write(tmp_path / "log.csv", GOOD, spoilt, GOOD))
    assert isinstance(before, Row)
    assert isinstance(malformed, Malformed)
    assert (malformed.line, malformed.why) == (3, why)
    assert isinstance(after, Row)


def test_a_row_in_another_encoding_spoils_only_itself(tmp_path: Path) -> None:
    log = tmp_path / "log.csv"
    others = gone("09:00:00", "09:05:00", service="Ä").encode()
    for spoilt in (gone("09:00:00", "09:05:00", service="Å").encode("latin-1"), b"\x81\xff"):
        log.write_bytes(b"\n".join((HEADER.encode(), others, spoilt, b"")))
        assert entries(log)[1] == Malformed(3, "not in UTF-8", None, "not in UTF-8")


# The files that people have

FINNISH = [gone("09:00:00", "09:05:00", service="Ääkköset"), served("09:00:00", "09:01:00", "09:05:00")]


def noted(log: Path) -> tuple[list[str], list[Row | Malformed]]:
    notes: list[str] = []
    return notes, list(read(log, note=notes.append))


@pytest.mark.parametrize("separator", [",", ";", "\t"])
@pytest.mark.parametrize(
    ("encoding", "said"),
    [("utf-8", ""), ("utf-8-sig", ""), ("cp1252", "Windows-1252"), ("utf-16", "UTF-16"), ("utf-16-be", "UTF-16")],
)
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_a_log_is_read_as_spreadsheets_write_it(
    separator: str, encoding: str, said: str, end: str, tmp_path: Path
) -> None:
    expected = entries(write(tmp_path / "plain.csv", *FINNISH))
    text = end.join((HEADER, *FINNISH, "")).replace(",", separator)
    log = tmp_path / "log.csv"
    mark = b"\xfe\xff" if encoding == "utf-16-be" else b""
    log.write_bytes(mark + text.encode(encoding))
    notes, found = noted(log)
    assert found == expected
    assert notes == ([f"{log} isn't in UTF-8; it was read as {said}."] if said else [])


def test_excels_own_first_line_is_passed_over(tmp_path: Path) -> None:
    log = tmp_path / "log.csv"
    log.write_text("\n".join(("sep=;", HEADER, *FINNISH)).replace(",", ";"), encoding="utf-8")
    assert [entry.line for entry in entries(log)] == [3, 4]
    assert all(isinstance(entry, Row) for entry in entries(log))


@pytest.mark.parametrize(
    "written", ["14.5.2024 9:00", "14.05.2024 09:00:00", "14.5.2024 9.00", "14.5.2024 klo 9.00", "14.5.2024T9:00"]
)
def test_a_time_may_be_written_with_the_day_first(written: str, tmp_path: Path) -> None:
    (row,) = entries(write(tmp_path / "log.csv", f"{written},,,14.5.2024 9:05,PS,,Abandoned"))
    assert isinstance(row, Row)
    assert (f"{row.arrival:%Y-%m-%d %H:%M}", f"{row.end:%H:%M}") == ("2024-05-14 09:00", "09:05")


@pytest.mark.parametrize("written", ["32.1.2024 9:00", "5/14/2024 9:00", "14.5.24 9:00", "9:00", "14.5.2024", "x"])
def test_what_could_be_another_day_is_no_time(written: str, tmp_path: Path) -> None:
    (row,) = entries(write(tmp_path / "log.csv", f"{written},,,14.5.2024 9:05,PS,,abandoned"))
    assert isinstance(row, Malformed)


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"", "is empty"),
        (GOOD.encode(), "has no header with each of these columns once: arrival, called"),
        (HEADER.replace(",counter", "").encode(), "columns once: counter."),
        (f"{HEADER},arrival".encode(), "columns once: arrival."),
        (b"\xff\xfe\x00\xd8", "has no header with each of these columns once: arrival, called"),
    ],
)
def test_a_file_that_is_no_log_is_refused_in_one_line(tmp_path: Path, content: bytes, why: str) -> None:
    log = tmp_path / "log.csv"
    log.write_bytes(content)
    with pytest.raises(CannotPlay) as refusal:
        entries(log)
    assert why in str(refusal.value)
    assert "\n" not in str(refusal.value)


def test_a_file_that_is_missing_or_a_folder_is_refused(tmp_path: Path) -> None:
    with pytest.raises(CannotPlay, match="No such file"):
        entries(tmp_path / "nowhere.csv")
    with pytest.raises(CannotPlay, match="Is a directory"):
        entries(tmp_path)
