"""A day of a log played live: the log says who comes and when a desk presses, the line says who is called."""

from itertools import pairwise

import pytest
from django.core.management.base import CommandError

from queues import actions, queries
from queues.models import Desk, Service, Ticket, TicketEvent
from queues.states import State
from tests.kit import factories
from tests.replay.conftest import Play, Played
from tests.replay.logs import any_rows, gone, served

pytestmark = pytest.mark.django_db


def calls(played: Played) -> list[tuple[str, str]]:
    """Which number was called to which desk, the first one first."""
    events = TicketEvent.objects.filter(ticket__branch=played.branch, to_state=State.CALLED).select_related(
        "ticket", "desk"
    )
    return [(event.ticket.shown, str(event.desk)) for event in events.order_by("id")]


def test_a_log_whose_pairing_is_the_lines_own_is_played_as_it_was(play: Play) -> None:
    played = play(
        served("09:00:00", "09:00:00", "09:05:00"),
        served("09:01:00", "09:02:00", "09:04:00", counter="C02"),
        gone("09:01:30", "09:03:00"),
        served("09:03:30", "09:05:00", "09:06:00"),
    )
    played.counted(rows=4, issued=4, called=3, finished=3, left=1)
    assert calls(played) == [("P1", "C01"), ("P2", "C02"), ("P4", "C01")]


def test_everybody_comes_on_the_present_business_day(play: Play) -> None:
    played = play(*any_rows(10, seed=1))
    assert set(Ticket.objects.values_list("business_day", flat=True)) == {queries.today(played.branch)}


def test_the_services_and_desks_that_the_day_needs_are_made(play: Play) -> None:
    play(
        served("09:00:00", "09:01:00", "09:02:00", service="PS", counter="C01"),
        served("09:00:00", "09:01:00", "09:02:00", service="PE", counter="C02"),
        served("09:03:00", "09:03:00", "09:04:00", service="PE", counter="C01"),
        gone("09:00:00", "09:02:00", service="TT"),
        served("09:00:00", "09:01:00", "09:02:00", service="XX", counter="C99", day="2024-05-15"),
    )
    services = Service.objects.order_by("name").values_list("name", "number_prefix", "number_first", "number_last")
    assert list(services) == [("PE", "P", 1, 99), ("PS", "S", 1, 99), ("TT", "T", 1, 99)]
    desks = {desk.name: {str(service) for service in desk.services.all()} for desk in Desk.objects.all()}
    assert desks == {"C01": {"PS", "PE"}, "C02": {"PE"}}


def test_a_counter_whose_name_no_screen_could_show_gets_a_number(play: Play) -> None:
    play(served("09:00:00", "09:01:00", "09:02:00", counter="Main hall"))
    assert Desk.objects.get().name == "1"


def test_a_press_at_a_busy_desk_is_carried_out_when_the_desk_is_free(play: Play) -> None:
    played = play(
        served("09:00:00", "09:00:00", "09:10:00"),
        served("09:00:01", "09:05:00", "09:08:00"),
        speed="1200",
    )
    played.counted(rows=2, issued=2, called=2, finished=2)
    first, second = Ticket.objects.order_by("id")
    assert second.called_at is not None
    assert second.called_at >= first.state_since
    # Three minutes, as in the log, however late they began.
    assert (second.state_since - second.called_at).total_seconds() == pytest.approx(3 * 60 / 1200, abs=0.1)


def test_the_log_passes_so_many_times_faster_than_life(play: Play) -> None:
    played = play(served("09:00:00", "09:00:00", "09:10:00"), gone("09:05:00", "09:20:00"), speed="2400")
    assert played.tally["seconds"] >= 20 * 60 / 2400


def test_where_the_pairing_differs_the_line_is_followed_and_the_deviation_counted(play: Play) -> None:
    played = play(
        served("09:00:00", "09:10:00", "09:11:00", counter="C01"),
        served("09:01:00", "09:05:00", "09:06:00", counter="C02"),
    )
    played.counted(rows=2, issued=2, called=2, finished=2, deviations=2)
    assert calls(played) == [("P1", "C02"), ("P2", "C01")]


def test_who_would_leave_but_has_been_called_is_served_and_the_one_passed_over_comes_last(play: Play) -> None:
    played = play(gone("09:00:00", "09:10:00"), served("09:01:00", "09:05:00", "09:06:00"))
    # Called instead of the other; could not leave; the other called without a press of the log.
    played.counted(rows=2, issued=2, called=2, finished=2, deviations=3)
    assert calls(played) == [("P1", "C01"), ("P2", "C01")]


def test_a_press_that_finds_nobody_is_refused_and_counted(play: Play) -> None:
    played = play(
        served("09:00:00", "09:05:00", "09:06:00", service="NW", counter="C01"),
        served("09:01:00", "09:02:00", "09:04:00", service="PS", counter="C02"),  # C02 takes the one for C01
        served("09:20:00", "09:20:00", "09:21:00", service="NW", counter="C02"),
    )
    played.counted(rows=3, issued=3, called=3, finished=3, refused=1, deviations=3)
    assert calls(played) == [("N1", "C02"), ("P1", "C02"), ("N2", "C02")]


def test_the_numbers_begin_again_after_99_and_the_serials_go_on(play: Play) -> None:
    minutes = [f"{9 + minute // 60:02}:{minute % 60:02}" for minute in range(210)]
    play(*[gone(f"{minute}:00", f"{minute}:30") for minute in minutes]).counted(rows=210, issued=210, left=210)
    shown = list(Ticket.objects.order_by("serial").values_list("serial", "shown"))
    assert shown == [(serial, f"P{(serial - 1) % 99 + 1}") for serial in range(1, 211)]


def test_a_number_that_cannot_be_given_is_a_refusal(play: Play) -> None:
    branch = factories.branch(slug="played")
    factories.service(branch, slug="PS", number_last=2)
    played = play(*[gone(f"09:00:0{second}", "09:05:00") for second in range(3)], options="--into-existing")
    played.counted(rows=3, issued=2, left=2, refused=1)


def test_a_branch_that_no_replay_has_made_is_left_alone_unless_told_otherwise(play: Play) -> None:
    branch = factories.branch(slug="played")
    with pytest.raises(CommandError, match="not made by a replay"):
        play(gone("09:00:00", "09:05:00"))
    assert not branch.services.exists()
    play(gone("09:00:00", "09:05:00"), options="--into-existing").counted(rows=1, issued=1, left=1)


def test_a_second_replay_ends_what_the_first_one_left_and_teaches_the_desks(play: Play) -> None:
    first = play(served("09:00:00", "09:01:00", "09:02:00"))
    waiting, called = factories.ticket(Service.objects.get()), factories.ticket(Service.objects.get())
    actions.call_next(Desk.objects.get(), by=None)
    second = play(served("09:00:00", "09:01:00", "09:02:00", service="NW"))
    second.counted(rows=1, issued=1, called=1, finished=1)
    assert "Ended 2 tickets" in second.stderr
    assert set(Ticket.objects.filter(pk__in=(waiting.pk, called.pk)).values_list("state", flat=True)) == {State.LEFT}
    assert Desk.objects.get().services.count() == 2
    assert first.branch == second.branch


def test_malformed_rows_are_reported_with_their_line_and_the_rest_is_played(play: Play) -> None:
    played = play(
        gone("09:00:00", "09:05:00"),
        gone("09:00:00", "08:00:00"),
        "rubbish",
        gone("09:00:00", "08:00:00", day="2024-05-15"),
        gone("09:01:00", "09:05:00"),
    )
    played.counted(rows=4, issued=2, left=2, malformed=2)
    assert "line 3: left is before arrival\n" in played.stderr
    assert "line 4: arrival is no time: 'rubbish'\n" in played.stderr
    assert "line 5" not in played.stderr


@pytest.mark.parametrize("seed", range(3, 6))
def test_whatever_the_log_every_ticket_has_a_legal_story_and_an_end(play: Play, seed: int) -> None:
    played = play(*any_rows(50, seed=seed, counters=3))
    tally = played.tally
    assert tally["issued"] == tally["rows"] == 50
    assert tally["called"] + tally["left"] == tally["finished"] + tally["left"] == 50
    assert tally["duplicates"] == tally["gaps"] == 0
    assert not Ticket.objects.exclude(state__in=(State.DONE, State.LEFT)).exists()
    for ticket in Ticket.objects.prefetch_related("events"):
        assert all(before.at <= after.at for before, after in pairwise(ticket.events.all()))
