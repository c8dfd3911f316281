"""The close of a business day, and what becomes of those who still wait."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.db import connection

from accounts.models import User
from queues import actions, clock, queries
from queues.changes import together
from queues.models import Branch, Desk, Service, Ticket
from queues.refusals import AlreadyOver, BranchBusy, NobodyWaiting
from queues.states import State
from tests.kit import factories
from tests.kit.crowds import busy_after
from tests.kit.invariants import assert_sound

Counted = Callable[[int], AbstractContextManager[object]]
HELSINKI = ZoneInfo("Europe/Helsinki")
HONOLULU = ZoneInfo("Pacific/Honolulu")  # UTC-10
PHOENIX = ZoneInfo("America/Phoenix")  # UTC-7
YESTERDAY = datetime(2026, 3, 2, 15, 0, tzinfo=HELSINKI)
TODAY = YESTERDAY + timedelta(days=1)


@pytest.mark.django_db
def test_a_ticket_drawn_late_in_the_afternoon_in_the_west_belongs_to_today() -> None:
    """UTC has another date by then; the line, the call and the number all stay today's."""
    service = factories.service(factories.branch(time_zone=PHOENIX.key))
    desk = factories.desk(service)
    with clock.standing_at(datetime(2026, 3, 2, 16, 30, tzinfo=PHOENIX)):
        before = factories.ticket(service)
    with clock.standing_at(datetime(2026, 3, 2, 17, 30, tzinfo=PHOENIX)):
        after = factories.ticket(service)
        assert after.business_day == before.business_day == date(2026, 3, 2)
        assert (before.serial, after.serial) == (1, 2)
        assert actions.close_day(service.branch) == 0
        assert factories.served(desk) == before
        assert factories.called(desk) == after


@pytest.mark.django_db
def test_who_still_waits_or_was_called_yesterday_expires_and_is_counted() -> None:
    """Case 30."""
    service = factories.service()
    desk = factories.desk(service)
    with clock.standing_at(YESTERDAY):
        factories.waiting(3, service)
        factories.called(desk)
    with clock.standing_at(TODAY):
        assert actions.close_day(service.branch) == 3
        assert set(Ticket.objects.values_list("state", flat=True)) == {State.EXPIRED}
        with pytest.raises(NobodyWaiting):
            factories.called(desk)
        assert_sound(service.branch)


@pytest.mark.django_db
def test_the_event_of_an_expiry_names_nobody_and_its_instant() -> None:
    service = factories.service()
    with clock.standing_at(YESTERDAY):
        ticket = factories.ticket(service)
    with clock.standing_at(TODAY):
        actions.close_day(service.branch)
    event = ticket.events.get(to_state=State.EXPIRED)
    assert (event.from_state, event.at, event.by) == (State.WAITING, TODAY, None)


@pytest.mark.django_db
def test_who_is_being_served_over_midnight_is_finished_by_the_desk() -> None:
    service = factories.service()
    desk = factories.desk(service)
    with clock.standing_at(YESTERDAY):
        factories.waiting(2, service)
        ticket = factories.serving(desk)
    with clock.standing_at(TODAY):
        assert actions.close_day(service.branch) == 1
        assert queries.has_now(desk) == ticket
        assert actions.finish(desk, ticket.pk, by=None).state == State.DONE


@pytest.mark.django_db
def test_closing_a_day_twice_closes_it_once_and_touches_nothing_the_second_time() -> None:
    service = factories.service()
    with clock.standing_at(YESTERDAY):
        factories.waiting(2, service)
    with clock.standing_at(TODAY):
        assert actions.close_day(service.branch) == 2
        revision = Branch.objects.get().revision
        assert actions.close_day(service.branch) == 0
        assert Branch.objects.get().revision == revision


@pytest.mark.django_db
def test_todays_line_outlives_the_closing_of_yesterday() -> None:
    service = factories.service()
    with clock.standing_at(YESTERDAY):
        old = factories.ticket(service)
    with clock.standing_at(TODAY):
        fresh = factories.ticket(service)
        assert actions.close_day(service.branch) == 1
        assert list(queries.line(service.branch)) == [fresh]
    old.refresh_from_db()
    assert old.state == State.EXPIRED


@pytest.mark.django_db
def test_a_day_closes_at_the_roll_over_hour_and_not_a_second_before() -> None:
    service = factories.service(factories.branch(rollover_hour=4))
    with clock.standing_at(YESTERDAY):
        factories.ticket(service)
    with clock.standing_at(datetime(2026, 3, 3, 3, 59, 59, tzinfo=HELSINKI)):
        assert actions.close_day(service.branch) == 0
    with clock.standing_at(datetime(2026, 3, 3, 4, 0, tzinfo=HELSINKI)):
        assert actions.close_day(service.branch) == 1


@pytest.mark.django_db
def test_several_days_left_open_close_together() -> None:
    service = factories.service()
    for days in range(3):
        with clock.standing_at(YESTERDAY - timedelta(days=days)):
            factories.ticket(service)
    with clock.standing_at(TODAY):
        assert actions.close_day(service.branch) == 3


@pytest.mark.django_db
def test_another_branchs_day_is_its_own() -> None:
    """In Helsinki it is tomorrow already, in Honolulu it is still the same working day."""
    helsinki, honolulu = (factories.service(factories.branch(time_zone=zone.key)) for zone in (HELSINKI, HONOLULU))
    with clock.standing_at(datetime(2026, 3, 2, 20, 0, tzinfo=UTC)):
        factories.ticket(helsinki)
        factories.ticket(honolulu)
    with clock.standing_at(datetime(2026, 3, 3, 6, 0, tzinfo=UTC)):
        assert actions.close_day(honolulu.branch) == 0
        assert actions.close_day(helsinki.branch) == 1
        assert queries.line(honolulu.branch).count() == 1


@pytest.mark.django_db
def test_a_press_on_an_expired_ticket_says_that_its_day_is_over() -> None:
    service = factories.service()
    desk = factories.desk(service)
    with clock.standing_at(YESTERDAY):
        factories.ticket(service)
        ticket = factories.called(desk)
    with clock.standing_at(TODAY):
        actions.close_day(service.branch)
        with pytest.raises(AlreadyOver, match="The day of A1 is over"):
            actions.start_serving(desk, ticket.pk, by=None)


@pytest.mark.django_db
@pytest.mark.parametrize(
    "press",
    [
        lambda desk, ticket, by: actions.put_back(desk, ticket.pk, by=by),
        lambda desk, ticket, by: actions.hold(desk, ticket.pk, minutes=5, by=by),
        lambda desk, ticket, by: actions.transfer(desk, ticket.pk, to_desk=desk, by=by),
        lambda desk, _ticket, by: actions.close_session(desk, by=by, puts_back=True),
        lambda _desk, ticket, by: actions.release(ticket, back=True, by=by),
        lambda desk, ticket, by: actions.transfer_ticket(ticket, to_desk=desk, by=by),
    ],
)
def test_who_is_served_past_the_days_change_is_not_sent_to_wait_in_a_line_that_is_over(
    press: Callable[..., object],
) -> None:
    service = factories.service()
    desk, by = factories.desk(service), factories.clerk(service.branch)
    with clock.standing_at(YESTERDAY):
        factories.ticket(service)
        ticket = actions.start_serving(desk, actions.call_next(desk, by=by).pk, by=by)
        actions.plan(ticket, [factories.service(service.branch, number_prefix="B")])
    with clock.standing_at(TODAY):
        actions.close_day(service.branch)
        with pytest.raises(AlreadyOver, match="The day of A1 is over"):
            press(desk, ticket, by)
        assert actions.finish(desk, ticket.pk, by=by).state == State.DONE


@pytest.mark.django_db
def test_who_was_called_before_the_days_change_and_did_not_come_is_not_kept_waiting() -> None:
    """The clock's worker has not come round yet."""
    service = factories.service(factories.branch(calls_limit=3))
    desk = factories.desk(service)
    with clock.standing_at(YESTERDAY):
        factories.ticket(service)
        ticket = factories.called(desk)
    with clock.standing_at(TODAY):
        assert actions.mark_absent(desk, ticket.pk, by=None).state == State.NO_SHOW


@pytest.mark.django_db
def test_what_is_noted_of_a_visit_that_outlasts_its_day_is_forgotten_at_the_next_change() -> None:
    service = factories.service()
    desk, by = factories.desk(service), factories.clerk(service.branch)
    with clock.standing_at(YESTERDAY):
        factories.ticket(service)
        ticket = actions.start_serving(desk, actions.call_next(desk, by=by).pk, by=by)
    with clock.standing_at(TODAY):
        actions.close_day(service.branch)
        actions.finish(desk, ticket.pk, by=by)
        visit = actions.record(desk, ticket.pk, actions.VisitRecord(note="has lost her keys"), by=by)
    with clock.standing_at(TODAY + timedelta(days=1)):
        actions.close_day(Branch.objects.get(pk=service.branch_id))
    visit.refresh_from_db()
    assert visit.note == ""


@pytest.mark.django_db
def test_a_day_that_is_closed_late_leaves_todays_people_and_words_alone(
    service: Service, desk: Desk, next_door: Desk, supervisor: User
) -> None:
    """The clock's worker was away in the morning."""
    with clock.standing_at(YESTERDAY):
        actions.close_day(Branch.objects.get())
        actions.open_session(desk, by=supervisor)
    with clock.standing_at(TODAY):
        actions.open_session(next_door, by=supervisor)
        actions.pause_all(service.branch, by=supervisor)
    with clock.standing_at(TODAY + timedelta(minutes=5)):
        actions.close_day(Branch.objects.get())
        assert list(Desk.objects.values_list("clerk", flat=True)) == [None, supervisor.pk]
        assert Branch.objects.get().paused_since is not None
    with clock.standing_at(TODAY + timedelta(days=1)):
        actions.close_day(Branch.objects.get())
        assert Branch.objects.get().paused_since is None


# The boundary of the day


@pytest.mark.django_db
@pytest.mark.parametrize("hour", [1, 13, 23])
def test_another_hour_takes_effect_at_the_next_change_of_day_and_forgets_nobody(hour: int) -> None:
    service = factories.service(factories.branch(rollover_hour=4))
    branch = service.branch
    with clock.standing_at(YESTERDAY):
        actions.close_day(branch)
        first = factories.ticket(service)
        assert not actions.change_day_boundary(branch, time_zone="Europe/Helsinki", rollover_hour=hour)
        branch.refresh_from_db()
        assert actions.close_day(branch) == 0
        assert list(queries.line(branch)) == [first]
        assert factories.ticket(service).serial == 2
    with clock.standing_at(datetime(2026, 3, 3, 4, 0, tzinfo=HELSINKI)):
        assert actions.close_day(branch) == 2
        branch.refresh_from_db()
        assert (branch.rollover_hour, branch.next_rollover_hour) == (hour, None)
        assert queries.today(branch) == date(2026, 3, 3), "and not the day before once more"
        early = factories.ticket(service)
    with clock.standing_at(datetime(2026, 3, 3, 22, 0, tzinfo=HELSINKI)):
        assert actions.close_day(branch) == 0
        assert list(queries.line(branch)) == [early]
    with clock.standing_at(datetime(2026, 3, 4, hour, 0, tzinfo=HELSINKI)):
        assert actions.close_day(branch) == 1


@pytest.mark.django_db
def test_another_time_zone_never_leads_back_to_a_day_that_was() -> None:
    service = factories.service()
    branch = service.branch
    with clock.standing_at(YESTERDAY):
        actions.close_day(branch)
        factories.ticket(service)
        actions.change_day_boundary(branch, time_zone=HONOLULU.key, rollover_hour=4)
    with clock.standing_at(TODAY):
        actions.close_day(branch)
        branch.refresh_from_db()
        assert (branch.time_zone, queries.today(branch)) == (HONOLULU.key, TODAY.date())
        assert factories.ticket(service).serial == 1


@pytest.mark.django_db
def test_where_nobody_has_come_another_hour_counts_at_once() -> None:
    branch = factories.branch(rollover_hour=4)
    assert actions.change_day_boundary(branch, time_zone="Europe/Helsinki", rollover_hour=6)
    branch.refresh_from_db()
    assert (branch.rollover_hour, branch.next_rollover_hour) == (6, None)


@pytest.mark.django_db
def test_a_clock_that_goes_back_does_not_bring_yesterday_back() -> None:
    service = factories.service()
    branch = service.branch
    with clock.standing_at(TODAY):
        actions.close_day(branch)
        waiting = factories.ticket(service)
    with clock.standing_at(YESTERDAY):
        branch.refresh_from_db()
        assert actions.close_day(branch) == 0
        assert queries.today(branch) == TODAY.date()
        assert list(queries.line(branch)) == [waiting]
        assert factories.ticket(service).serial == 2


@pytest.mark.django_db
def test_a_clock_that_was_years_ahead_does_not_stop_the_days() -> None:
    branch = factories.branch()
    with clock.standing_at(TODAY + timedelta(days=1000)):
        actions.close_day(branch)
    with clock.standing_at(TODAY):
        branch.refresh_from_db()
        actions.close_day(branch)
        assert queries.today(branch) == TODAY.date()


@pytest.mark.django_db
@pytest.mark.parametrize("how_many", [5, 400])
def test_a_day_is_closed_in_as_many_statements_however_many_wait(
    how_many: int, django_assert_max_num_queries: Counted
) -> None:
    service = factories.service(number_last=99_999)
    with clock.standing_at(YESTERDAY):
        leader, follower, *_others = factories.waiting(how_many, service)
        actions.link(factories.desk(service), leader.shown, follower.shown, by=None)
    with clock.standing_at(TODAY):
        # SQLite takes no more than some sixty rows at a time.
        with django_assert_max_num_queries(20 if how_many < 60 or connection.vendor == "postgresql" else 40):
            assert actions.close_day(service.branch) == how_many - 1
        assert set(Ticket.objects.values_list("state", flat=True)) == {State.EXPIRED}
        event = follower.events.get(to_state=State.EXPIRED)
        assert event.led_by == leader.events.get(to_state=State.EXPIRED)
        assert_sound(service.branch)


@pytest.mark.django_db
def test_a_crowd_is_moved_in_turns_so_that_no_press_waits_for_all_of_them(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(together, "AT_ONCE", 3)
    service = factories.service()
    with clock.standing_at(YESTERDAY):
        factories.waiting(7, service)
    before = Branch.objects.get().revision
    with clock.standing_at(TODAY):
        assert actions.close_day(service.branch) == 7
    assert Branch.objects.get().revision == before + 4, "three turns, and the rest"
    assert set(Ticket.objects.values_list("state", flat=True)) == {State.EXPIRED}


@pytest.mark.django_db
def test_a_day_whose_close_was_held_up_goes_on_closing() -> None:
    service = factories.service()
    with clock.standing_at(YESTERDAY):
        factories.waiting(5, service)
    with clock.standing_at(TODAY):
        with busy_after(2), pytest.raises(BranchBusy):
            actions.close_day(service.branch)
        assert Ticket.objects.filter(state=State.EXPIRED).count() == 4
        branch = Branch.objects.get()
        assert (actions.close_day(branch), branch.day) == (1, queries.today(branch))
    assert set(Ticket.objects.values_list("state", flat=True)) == {State.EXPIRED}


@pytest.mark.django_db
def test_followers_are_counted_into_the_turns_in_which_a_crowd_is_moved(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(together, "AT_ONCE", 3)
    service = factories.service()
    desk = factories.desk(service)
    with clock.standing_at(YESTERDAY):
        tickets = factories.waiting(10, service)
        for leader, *followers in (tickets[:2], tickets[2:4], tickets[4:8]):
            for follower in followers:
                actions.link(desk, leader.shown, follower.shown, by=None)
    before = Branch.objects.get().revision
    with clock.standing_at(TODAY):
        assert actions.close_day(service.branch) == 5
    assert Branch.objects.get().revision == before + 5, "three families, one of them too large; two alone; the rest"
    assert set(Ticket.objects.values_list("state", flat=True)) == {State.EXPIRED}
