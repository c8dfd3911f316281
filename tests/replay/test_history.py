"""A log as the past: its own times and pairing, on past days, through the gate."""

from datetime import UTC, date, datetime, timedelta

import pytest
from django.core.management.base import CommandError

from queues import clock, queries
from queues.actions.issuing import draw, series_of
from queues.changes.bulk import BulkWriter
from queues.changes.transaction import changing
from queues.changes.transition import move
from queues.models import Desk, Ticket
from queues.refusals import DeskBusy
from queues.states import State
from replay.history import History
from replay.rows import Row, Step
from tests.kit import factories
from tests.kit.invariants import assert_sound
from tests.replay.conftest import Play
from tests.replay.logs import DAY, any_rows, gone, served

pytestmark = pytest.mark.django_db

NOON = datetime(2026, 3, 11, 10, tzinfo=UTC)  # 12 o'clock in Helsinki, a Wednesday


def story(ticket: Ticket) -> list[tuple[str, str, str | None]]:
    """State, the branch's local time, the desk."""
    zone = ticket.branch.zone
    return [
        (event.to_state, f"{event.at.astimezone(zone):%m-%d %H:%M:%S}", event.desk.name if event.desk else None)
        for event in ticket.events.select_related("desk")
    ]


def test_the_logs_own_times_and_pairing_are_kept(play: Play) -> None:
    with clock.standing_at(NOON):
        played = play(
            served("09:00:00", "09:10:00", "09:11:00", counter="C01"),
            served("09:01:00", "09:05:00", "09:06:00", counter="C02"),  # not whom the line would have called
            gone("09:02:00", "09:03:00"),
            options="--as-history",
        )
    played.counted(rows=3, issued=3, called=2, finished=2, left=1)
    assert [story(ticket) for ticket in Ticket.objects.order_by("id")] == [
        [
            (State.WAITING, "03-10 09:00:00", None),
            (State.CALLED, "03-10 09:10:00", "C01"),
            (State.SERVING, "03-10 09:10:00", "C01"),
            (State.DONE, "03-10 09:11:00", "C01"),
        ],
        [
            (State.WAITING, "03-10 09:01:00", None),
            (State.CALLED, "03-10 09:05:00", "C02"),
            (State.SERVING, "03-10 09:05:00", "C02"),
            (State.DONE, "03-10 09:06:00", "C02"),
        ],
        [(State.WAITING, "03-10 09:02:00", None), (State.LEFT, "03-10 09:03:00", None)],
    ]


def test_the_last_day_is_yesterday_and_the_days_keep_their_distances(play: Play) -> None:
    with clock.standing_at(NOON):
        play(
            gone("09:00:00", "09:05:00", day="2024-05-10"),
            gone("09:00:00", "09:05:00", day="2024-05-13"),
            gone("09:00:00", "09:05:00", day="2024-05-14"),
            options="--as-history",
        )
    days = Ticket.objects.order_by("id").values_list("business_day", flat=True)
    assert list(days) == [date(2026, 3, 6), date(2026, 3, 9), date(2026, 3, 10)]


def test_yesterday_is_that_of_the_branch_not_of_utc_or_midnight(play: Play) -> None:
    # One in the morning of the 11th in Helsinki: still the business day of the 10th.
    with clock.standing_at(datetime(2026, 3, 10, 23, tzinfo=UTC)):
        played = play(gone("09:00:00", "09:05:00"), options="--as-history")
        assert Ticket.objects.get().business_day == queries.today(played.branch) - timedelta(days=1)
    assert Ticket.objects.get().business_day == date(2026, 3, 9)


def test_who_came_after_midnight_belongs_to_the_evening_before(play: Play) -> None:
    with clock.standing_at(NOON):
        play(
            served("23:55:00", "23:58:00", "23:59:59", day="2024-05-13"),
            gone("00:10:00", "00:12:00", day="2024-05-14"),
            options="--as-history",
        )
    assert set(Ticket.objects.values_list("business_day", flat=True)) == {date(2026, 3, 10)}


def test_who_is_still_there_when_the_business_day_changes_goes_on(play: Play) -> None:
    with clock.standing_at(NOON):
        play(
            served("03:50:00", "03:52:00", "04:10:00"),
            served("03:55:00", "04:05:00", "04:15:00", counter="C02"),
            gone("03:58:00", "04:03:00"),
            served("04:09:00", "04:10:00", "04:20:00"),
            options="--as-history",
        ).counted(rows=4, issued=4, called=3, finished=3, left=1)
    days = Ticket.objects.order_by("id").values_list("business_day", flat=True)
    assert [day.day for day in days] == [9, 9, 9, 10]
    assert [at for _state, at, _desk in story(Ticket.objects.earliest("id"))][-1] == "03-10 04:10:00"


def test_two_visitors_at_one_desk_are_refused_before_anything_is_written() -> None:
    service = factories.service()
    desk = factories.desk(service)
    series = series_of(service.pk, date(2026, 3, 10))
    bulk = BulkWriter()
    with changing(service.branch_id) as branch, clock.standing_at(NOON):
        first, second = (
            draw(series, branch=branch, at=NOON, taken={f"A{n}"}, language="en", bulk=bulk) for n in range(2)
        )
        move(first, State.CALLED, action="call_next", desk=desk, bulk=bulk)
        with pytest.raises(DeskBusy):
            move(second, State.CALLED, action="call_next", desk=desk, bulk=bulk)
        move(first, State.SERVING, action="start_serving", bulk=bulk)
        move(first, State.DONE, action="finish", bulk=bulk)
        move(second, State.CALLED, action="call_next", desk=desk, bulk=bulk)
        bulk.write()
        series.save()
    assert_sound(service.branch)
    assert [ticket.state for ticket in Ticket.objects.order_by("id")] == [State.DONE, State.CALLED]


def test_local_times_stay_what_they_were_across_the_change_of_the_clocks(play: Play) -> None:
    # On 29 March 2026 Helsinki went from 03:00 to 04:00.
    with clock.standing_at(datetime(2026, 3, 31, 9, tzinfo=UTC)):
        play(
            served("09:00:00", "09:10:00", "09:20:00", day="2024-05-12"),
            served("09:00:00", "09:10:00", "09:20:00", day="2024-05-14"),
            options="--as-history",
        )
    before, after = Ticket.objects.order_by("id")
    assert [at for _state, at, _desk in story(before)] == [
        f"03-28 09:{minute}:00" for minute in ("00", "10", "10", "20")
    ]
    assert [at for _state, at, _desk in story(after)] == [
        f"03-30 09:{minute}:00" for minute in ("00", "10", "10", "20")
    ]


def test_services_that_overlap_at_a_counter_are_at_its_second_desk(play: Play) -> None:
    play(
        served("09:00:00", "09:00:00", "09:10:00"),
        served("09:00:00", "09:05:00", "09:12:00"),
        served("09:00:00", "09:06:00", "09:07:00"),
        served("09:00:00", "09:10:00", "09:11:00"),
        options="--as-history",
    ).counted(rows=4, issued=4, called=4, finished=4)
    assert [ticket.desk and ticket.desk.name for ticket in Ticket.objects.order_by("id")] == [
        "C01", "C01b", "C01c", "C01",
    ]  # fmt: skip


def test_more_visitors_at_once_than_99_get_a_wider_range_of_numbers(play: Play) -> None:
    rows = [gone(f"09:00:{second % 60:02}", "09:30:00") for second in range(120)]
    play(*rows, options="--as-history").counted(rows=120, issued=120, left=120)
    assert {len(shown) for shown in Ticket.objects.values_list("shown", flat=True)} == {2, 3, 4}


def test_services_of_no_length_follow_each_other_at_one_desk(play: Play) -> None:
    play(
        served("09:00:00", "09:00:00", "09:00:00"),
        served("09:00:00", "09:00:00", "09:00:00"),
        served("09:00:00", "09:00:00", "09:05:00"),
        served("09:05:00", "09:05:00", "09:05:00"),
        options="--as-history",
    ).counted(rows=4, issued=4, called=4, finished=4)
    assert Desk.objects.get().name == "C01"


def test_the_same_log_is_refused_the_second_time_and_another_one_is_not(play: Play) -> None:
    row = served("09:00:00", "09:01:00", "09:02:00")
    play(row, options="--as-history")
    with pytest.raises(CommandError, match="is in the branch played already"):
        play(row, options="--as-history")
    with (
        clock.standing_at(datetime.now(UTC) + timedelta(days=3)),
        pytest.raises(CommandError, match="is in the branch played already"),
    ):
        play(row, gone("09:00:00", "09:05:00"), options="--as-history")
    assert Ticket.objects.count() == 1
    play(gone("09:00:00", "09:05:00"), options="--as-history").counted(rows=1, issued=1, left=1)
    assert list(Ticket.objects.order_by("id").values_list("serial", flat=True)) == [1, 2]


@pytest.mark.parametrize("part", [slice(2, 4), slice(0, 1), slice(3, None)])
def test_a_part_of_a_log_that_is_there_is_refused_wherever_it_stands(play: Play, part: slice) -> None:
    log = any_rows(12, seed=5)
    play(*log, options="--as-history")
    before = Ticket.objects.count()
    with pytest.raises(CommandError, match="This log, or a part of it, is in the branch"):
        play(*reversed(log[part]), options="--as-history")
    assert Ticket.objects.count() == before


def test_two_equal_rows_are_two_visitors(play: Play) -> None:
    same = gone("09:00:00", "09:05:00")
    assert play(same, same, options="--as-history").tally["issued"] == 2


def test_a_wrong_date_is_refused_before_anything_is_made(play: Play) -> None:
    with pytest.raises(CommandError, match="can't reach from 1924-05-14 to 2024-05-14"):
        play(gone("09:00:00", "09:05:00"), gone("09:00:00", "09:05:00", day="1924-05-14"), options="--as-history")
    assert not Desk.objects.exists()


def test_an_import_that_is_stopped_leaves_whole_days(
    play: Play, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    move = History._move  # noqa: SLF001 - the place where Ctrl-C happens to strike

    def stop_at_the_second_days_end(self: History, step: Step, row: Row, taken: set[str]) -> None:
        if step is Step.FINISH and row.arrival.isoformat() > DAY:
            raise KeyboardInterrupt
        move(self, step, row, taken)

    monkeypatch.setattr(History, "_move", stop_at_the_second_days_end)
    with pytest.raises(SystemExit) as ended:
        play(
            served("09:00:00", "09:01:00", "09:02:00", day="2024-05-13"),
            served("09:00:00", "09:01:00", "09:02:00"),
            options="--as-history",
        )
    assert ended.value.code == 130
    assert Ticket.objects.get().state == State.DONE
    assert capsys.readouterr().out == ""


@pytest.mark.parametrize("seed", range(10, 14))
def test_whatever_the_log_every_ticket_has_a_legal_story_and_an_end(play: Play, seed: int) -> None:
    rows = any_rows(80, seed=seed, day="2024-05-13") + any_rows(80, seed=seed + 100)
    tally = play(*rows, options="--as-history").tally
    assert tally["issued"] == tally["rows"] == 160
    assert tally["called"] + tally["left"] == tally["finished"] + tally["left"] == 160
    assert tally["duplicates"] == tally["gaps"] == tally["deviations"] == tally["refused"] == 0
    assert not Ticket.objects.exclude(state__in=(State.DONE, State.LEFT)).exists()
