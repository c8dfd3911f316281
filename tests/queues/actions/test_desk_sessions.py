"""A clerk's session at a desk, and its pauses."""

from datetime import timedelta

import pytest

from accounts.models import User
from queues import actions, clock, queries
from queues.models import BranchEvent, Desk, Service, What
from queues.refusals import AlreadyOver, DeskBusy, DeskGone, DeskPaused, DeskTaken
from queues.states import State
from tests.kit import factories
from tests.kit.factories import NOON

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("at_noon")]

MINUTE = timedelta(minutes=1)


def logged(desk: Desk) -> list[tuple[str, int | None]]:
    """What the branch's log says of this desk, and of whom."""
    return list(BranchEvent.objects.filter(desk=desk).values_list("what", "by"))


# Opened, taken over, closed


def test_a_session_is_opened_once_and_logged_once(desk: Desk, clerk: User) -> None:
    opened = actions.open_session(desk, by=clerk)
    assert (opened.clerk, opened.clerk_since, opened.calls_by_itself) == (clerk, NOON, False)
    with clock.standing_at(NOON + MINUTE):
        actions.open_session(desk, by=clerk)
    desk.refresh_from_db()
    assert desk.clerk_since == NOON
    assert logged(desk) == [(What.SAT_DOWN, clerk.pk)]


def test_a_session_is_not_opened_where_somebody_is_signed_in(desk: Desk, clerk: User, supervisor: User) -> None:
    actions.open_session(desk, by=clerk)
    with pytest.raises(DeskTaken):
        actions.open_session(desk, by=supervisor)
    desk.refresh_from_db()
    assert desk.clerk == clerk


def test_whoever_takes_over_has_the_visitor_and_the_choice_whether_it_calls_by_itself(
    service: Service, desk: Desk, clerk: User
) -> None:
    factories.ticket(service)
    ticket = actions.call_next(desk, by=clerk)
    actions.set_auto_call(desk, on=True, by=clerk)
    colleague = factories.clerk(service.branch)
    with clock.standing_at(NOON + MINUTE):
        taken = actions.take_over(desk, by=colleague)
    assert (taken.clerk, taken.clerk_since, taken.calls_by_itself) == (colleague, NOON + MINUTE, False)
    assert actions.start_serving(desk, ticket.pk, by=colleague).state == State.SERVING
    with pytest.raises(DeskTaken):
        actions.finish(desk, ticket.pk, by=clerk)
    assert logged(desk) == [(What.SAT_DOWN, clerk.pk), (What.TOOK_OVER, colleague.pk)]


def test_whoever_takes_over_the_own_desk_changes_nothing(desk: Desk, clerk: User) -> None:
    actions.open_session(desk, by=clerk)
    with clock.standing_at(NOON + MINUTE):
        assert actions.take_over(desk, by=clerk).clerk_since == NOON
    assert logged(desk) == [(What.SAT_DOWN, clerk.pk)]


def test_with_a_session_its_pause_and_its_call_for_help_end(desk: Desk, clerk: User) -> None:
    actions.pause(desk, reason="lunch", minutes=30, by=clerk)
    actions.ask_for_help(desk, by=clerk)
    actions.close_session(desk, by=clerk)
    desk.refresh_from_db()
    assert (desk.clerk, desk.clerk_since, desk.ready_since) == (None, None, None)
    assert (desk.paused_since, desk.pause_reason, desk.pause_until, desk.help_since) == (None, "", None, None)
    assert logged(desk)[-1] == (What.STOOD_UP, clerk.pk)


def test_a_session_is_closed_by_its_clerk_alone_and_once(desk: Desk, clerk: User, supervisor: User) -> None:
    actions.open_session(desk, by=clerk)
    with pytest.raises(DeskTaken):
        actions.close_session(desk, by=supervisor)
    for _press in range(2):
        assert actions.close_session(desk, by=clerk).clerk is None
    assert [what for what, _by in logged(desk)] == [What.SAT_DOWN, What.STOOD_UP]


def test_nobody_is_put_back_into_a_line_that_is_over(service: Service, desk: Desk, clerk: User) -> None:
    factories.ticket(service)
    actions.call_next(desk, by=clerk)
    with clock.standing_at(NOON + timedelta(days=1)), pytest.raises(AlreadyOver):
        actions.close_session(desk, by=clerk, puts_back=True)


# Pauses


def test_a_paused_desk_calls_nobody_until_it_goes_on(service: Service, desk: Desk, clerk: User) -> None:
    factories.ticket(service)
    paused = actions.pause(desk, reason="  lunch  ", minutes=30, by=clerk)
    assert (paused.paused_since, paused.pause_reason, paused.pause_until) == (NOON, "lunch", NOON + 30 * MINUTE)
    with clock.standing_at(NOON + 31 * MINUTE):
        with pytest.raises(DeskPaused):
            actions.call_next(desk, by=clerk)
        resumed = actions.resume(desk, by=clerk)
        assert (resumed.paused_since, resumed.pause_reason, resumed.pause_until) == (None, "", None)
        assert resumed.ready_since == NOON + 31 * MINUTE
        assert actions.call_next(desk, by=clerk).shown == "A1"
    assert [what for what, _by in logged(desk)] == [What.SAT_DOWN, What.PAUSED, What.RESUMED]


def test_a_pause_pressed_twice_is_the_first_one_and_so_is_its_end(desk: Desk, clerk: User) -> None:
    actions.pause(desk, reason="lunch", by=clerk)
    with clock.standing_at(NOON + MINUTE):
        again = actions.pause(desk, reason="post", minutes=5, by=clerk)
        assert (again.paused_since, again.pause_reason, again.pause_until) == (NOON, "lunch", None)
    for _press in range(2):
        actions.resume(desk, by=clerk)
    assert [what for what, _by in logged(desk)] == [What.SAT_DOWN, What.PAUSED, What.RESUMED]


def test_a_pause_is_planned_for_eight_hours_at_most_and_its_reason_is_cut_to_its_column(
    desk: Desk, clerk: User
) -> None:
    paused = actions.pause(desk, reason="x" * 100, minutes=10_000, by=clerk)
    assert (paused.pause_until, len(paused.pause_reason)) == (NOON + timedelta(hours=8), 60)


def test_a_desk_that_has_somebody_is_not_paused(service: Service, desk: Desk, clerk: User) -> None:
    factories.ticket(service)
    actions.call_next(desk, by=clerk)
    with pytest.raises(DeskBusy, match="You still have A1"):
        actions.pause(desk, by=clerk)


def test_a_desk_that_is_gone_is_told_to_whoever_wanted_something_of_it(desk: Desk, clerk: User) -> None:
    Desk.objects.filter(pk=desk.pk).delete()
    for press in (actions.take_over, actions.close_session, actions.go_and_help, actions.resume):
        with pytest.raises(DeskGone):
            press(desk, by=clerk)


def test_8_a_clerk_who_has_called_somebody_does_not_just_leave(service: Service, desk: Desk, clerk: User) -> None:
    with clock.standing_at(NOON):
        factories.waiting(2, service)
    with clock.standing_at(NOON + MINUTE):
        ticket = actions.call_next(desk, by=clerk)
        with pytest.raises(DeskBusy, match="You still have A1"):
            actions.close_session(desk, by=clerk)
        assert actions.close_session(desk, by=clerk, puts_back=True).clerk is None
        ticket.refresh_from_db()
        assert (ticket.state, ticket.due_at) == (State.WAITING, NOON)
        assert actions.call_next(desk, by=factories.clerk(service.branch)) == ticket


@pytest.mark.parametrize("lost", ["account", "work", "nothing"])
def test_who_may_not_press_any_more_is_not_there(lost: str, service: Service, desk: Desk, clerk: User) -> None:
    factories.ticket(service)
    actions.call_next(desk, by=clerk)
    administrator = factories.user(is_superuser=True)
    elsewhere = factories.desk(service, name="77")
    actions.open_session(elsewhere, by=administrator)
    if lost == "account":
        User.objects.filter(pk=clerk.pk).update(is_active=False)
    elif lost == "work":
        clerk.memberships.all().delete()
    assert actions.vacate_desks() == (lost != "nothing")
    assert actions.vacate_desks() == 0
    desk.refresh_from_db()
    elsewhere.refresh_from_db()
    assert (desk.clerk, elsewhere.clerk) == (clerk if lost == "nothing" else None, administrator)
    assert queries.has_now(desk) is not None, "the hall sees a visitor at a desk where nobody sits"
