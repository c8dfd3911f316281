"""What a desk does with the line."""

from collections.abc import Callable
from datetime import timedelta

import pytest

from accounts.models import User
from queues import actions, clock, queries
from queues.actions.calling import NOTHING_YET
from queues.models import Branch, Desk, Role, Service, Ticket
from queues.refusals import (
    AlreadyCalled,
    AlreadyOver,
    ChangedMeanwhile,
    DeskBusy,
    NobodyWaiting,
    NotPermitted,
    OnHold,
    ReasonMissing,
    Refusal,
    UnknownTicket,
    WrongState,
)
from queues.states import State
from tests.kit import factories
from tests.kit.factories import NOON, seen
from tests.kit.invariants import assert_sound

pytestmark = pytest.mark.django_db

MINUTE = timedelta(minutes=1)
Press = Callable[..., Ticket]


def revision(desk: Desk) -> int:
    return Branch.objects.get(pk=desk.branch_id).revision


# Call next


def test_the_ticket_due_first_is_called_to_the_desk(service: Service, desk: Desk, clerk: User) -> None:
    with clock.standing_at(NOON - MINUTE):
        first, _second = factories.waiting(2, service)
    with clock.standing_at(NOON):
        called = actions.call_next(desk, by=clerk)
    assert (called, called.state, called.desk) == (first, State.CALLED, desk)
    assert (called.called_at, called.calls) == (NOON, 1)
    event = called.events.get(to_state=State.CALLED)
    assert (event.desk, event.by, called.last_call) == (desk, clerk, event.pk)


def test_who_is_due_first_is_called_first_and_ties_go_by_number(service: Service, desk: Desk) -> None:
    branch = service.branch
    hurried = factories.priority(branch, minutes=5)
    with clock.standing_at(NOON):
        factories.ticket(service)
        factories.ticket(service)
    with clock.standing_at(NOON + 5 * MINUTE):
        factories.ticket(service, priority=hurried)  # due at NOON like the other two
        factories.ticket(service)
    with clock.standing_at(NOON + 6 * MINUTE):
        factories.ticket(service, priority=hurried)
        assert [factories.served(desk).shown for _ in range(5)] == ["A1", "A2", "A3", "A5", "A4"]


def test_a_desk_calls_only_for_its_own_services(service: Service) -> None:
    other = factories.service(service.branch, number_prefix="B")
    factories.waiting(2, other)
    mine = factories.ticket(service)
    assert factories.called(factories.desk(service)) == mine


def test_a_desk_of_several_services_takes_whoever_is_due_first_in_any_of_them(service: Service) -> None:
    other = factories.service(service.branch, number_prefix="B")
    desk = factories.desk(service, other)
    for at in (other, service, service, other):
        factories.ticket(at)
    assert [factories.served(desk).shown for _ in range(4)] == ["B1", "A1", "A2", "B2"]


def test_a_desk_never_calls_for_another_branch(desk: Desk) -> None:
    factories.ticket(factories.service())
    with pytest.raises(NobodyWaiting):
        factories.called(desk)


def test_nobody_waits_so_the_desk_is_told_and_the_board_does_not_change(desk: Desk) -> None:
    """Case 1."""
    before = revision(desk)
    with pytest.raises(NobodyWaiting, match="Nobody is waiting for this desk"):
        factories.called(desk)
    assert revision(desk) == before
    assert not Ticket.objects.exists()


def test_a_desk_that_has_somebody_is_told_whom_it_still_has(service: Service, desk: Desk) -> None:
    """Case 3."""
    factories.waiting(2, service)
    mine = factories.called(desk)
    with pytest.raises(DeskBusy, match=r"You still have A1\. Finish it first\.") as refused:
        actions.call_next(desk, by=None)
    assert refused.value.ticket == mine

    actions.start_serving(desk, mine.pk, by=None)
    with pytest.raises(DeskBusy):
        actions.call_next(desk, by=None, saw=seen(desk))
    assert_sound(service.branch)


def test_a_second_press_of_call_next_gives_the_same_ticket(service: Service, desk: Desk) -> None:
    factories.waiting(3, service)
    first = actions.call_next(desk, by=None, saw=NOTHING_YET)
    again = actions.call_next(desk, by=None, saw=NOTHING_YET)
    assert (again, again.calls) == (first, 1)
    assert Ticket.objects.filter(state=State.CALLED).count() == 1
    assert first.events.count() == 2


def test_a_second_press_after_an_earlier_visitor_gives_the_same_ticket(service: Service, desk: Desk) -> None:
    factories.waiting(3, service)
    factories.served(desk)
    shown = seen(desk)
    called = actions.call_next(desk, by=None, saw=shown)
    assert actions.call_next(desk, by=None, saw=shown) == called


def test_two_windows_of_one_desk_call_one_visitor(service: Service, desk: Desk) -> None:
    """Both windows show an idle desk; the second press finds the visitor already being served."""
    factories.waiting(3, service)
    in_one = actions.call_next(desk, by=None, saw=NOTHING_YET)
    actions.start_serving(desk, in_one.pk, by=None)
    in_other = actions.call_next(desk, by=None, saw=NOTHING_YET)
    assert (in_other, in_other.state) == (in_one, State.SERVING)


def test_a_press_that_comes_after_the_visitor_has_gone_calls_nobody(service: Service, desk: Desk) -> None:
    """Case 19: the window slept through a whole visit; what it wanted to do has long been done."""
    factories.waiting(3, service)
    factories.served(desk)
    with pytest.raises(ChangedMeanwhile, match="Changed meanwhile: A1 is now “Served”"):
        actions.call_next(desk, by=None, saw=NOTHING_YET)
    assert actions.call_next(desk, by=None, saw=seen(desk)).shown == "A2"


def test_yesterdays_line_is_never_called_today(service: Service, desk: Desk) -> None:
    """Case 30, with the day's change not even carried out."""
    with clock.standing_at(NOON):
        factories.waiting(2, service)
    with clock.standing_at(NOON + timedelta(days=1)):
        with pytest.raises(NobodyWaiting):
            factories.called(desk)
        fresh = factories.ticket(service)
        assert factories.called(desk) == fresh


# Recall


def test_a_recall_calls_the_same_visitor_again(service: Service, desk: Desk, clerk: User) -> None:
    with clock.standing_at(NOON):
        ticket = factories.ticket(service)
        before = factories.called(desk)
    with clock.standing_at(NOON + MINUTE):
        again = actions.recall(desk, ticket.pk, by=clerk)
    assert (again.state, again.calls, again.called_at) == (State.CALLED, 2, NOON + MINUTE)
    assert again.last_call is not None
    assert before.last_call is not None
    assert again.last_call > before.last_call
    assert_sound(service.branch)


def test_a_recall_pressed_twice_recalls_once(service: Service, desk: Desk) -> None:
    ticket = factories.ticket(service)
    factories.called(desk)
    for _ in range(2):
        again = actions.recall(desk, ticket.pk, by=None, calls_seen=1)
    assert again.calls == 2
    assert actions.recall(desk, ticket.pk, by=None, calls_seen=2).calls == 3


def test_who_is_already_being_served_is_not_recalled(service: Service, desk: Desk) -> None:
    factories.ticket(service)
    ticket = factories.serving(desk)
    for calls_seen in (1, None):
        with pytest.raises(WrongState, match="A1 is now “Being served”"):
            actions.recall(desk, ticket.pk, by=None, calls_seen=calls_seen)


# Start and finish


def test_a_visit_goes_its_way(service: Service, desk: Desk, clerk: User) -> None:
    factories.ticket(service)
    ticket = factories.called(desk)
    assert actions.start_serving(desk, ticket.pk, by=clerk).state == State.SERVING
    assert queries.has_now(desk) == ticket
    assert actions.finish(desk, ticket.pk, by=clerk).state == State.DONE
    assert queries.has_now(desk) is None
    latest = queries.latest_event(desk)
    assert latest is not None
    assert (latest.ticket, latest.to_state) == (ticket, State.DONE)
    assert [event.by for event in ticket.events.order_by("id")] == [None, None, clerk, clerk]


def bring_to(state: State, desk: Desk) -> Ticket:
    """The next visitor of this desk, called, being served, served or absent."""
    ticket = factories.called(desk)
    if state in (State.SERVING, State.DONE):
        ticket = actions.start_serving(desk, ticket.pk, by=None)
    if state == State.DONE:
        ticket = actions.finish(desk, ticket.pk, by=None)
    if state == State.NO_SHOW:
        ticket = actions.mark_absent(desk, ticket.pk, by=None)
    return ticket


@pytest.mark.parametrize(
    ("press", "result"),
    [
        (actions.start_serving, State.SERVING),
        (actions.finish, State.DONE),
        (actions.mark_absent, State.NO_SHOW),
    ],
)
def test_the_same_press_twice_is_once(press: Press, result: State, service: Service, desk: Desk) -> None:
    factories.ticket(service)
    ticket = bring_to(result, desk)
    events = ticket.events.count()
    assert press(desk, ticket.pk, by=None).state == result
    assert ticket.events.count() == events


@pytest.mark.parametrize(
    ("state", "press"),
    [
        (State.CALLED, actions.finish),
        (State.SERVING, actions.mark_absent),
        (State.SERVING, actions.recall),
    ],
)
def test_a_desk_whose_other_window_was_faster_is_told_how_it_is_now(
    state: State, press: Press, service: Service, desk: Desk
) -> None:
    """Case 19."""
    factories.ticket(service)
    ticket = bring_to(state, desk)
    with pytest.raises(WrongState) as refused:
        press(desk, ticket.pk, by=None)
    assert refused.value.ticket.state == state


@pytest.mark.parametrize("press", [actions.recall, actions.start_serving, actions.finish, actions.mark_absent])
def test_another_desks_ticket_is_already_called_by_that_desk(press: Press, service: Service, desk: Desk) -> None:
    """Case 4."""
    other = factories.desk(service, name="4")
    factories.ticket(service)
    ticket = factories.called(desk)
    with pytest.raises(AlreadyCalled, match="A1: already called by desk 3"):
        press(other, ticket.pk, by=None)
    actions.start_serving(desk, ticket.pk, by=None)
    with pytest.raises(AlreadyCalled, match="A1: already called by desk 3"):
        press(other, ticket.pk, by=None)
    assert Ticket.objects.get().desk == desk


@pytest.mark.parametrize("press", [actions.recall, actions.start_serving, actions.finish, actions.mark_absent])
@pytest.mark.parametrize(
    ("end", "words"),
    [
        (State.DONE, "A1 has already been served. Another visit needs a new number; a clerk can give one by hand."),
        (State.NO_SHOW, "A1 was marked absent."),
        (State.LEFT, "A1 has left the queue."),
        (State.EXPIRED, "The day of A1 is over."),
    ],
)
def test_what_is_over_stays_over(press: Press, end: State, words: str, service: Service, desk: Desk) -> None:
    """Cases 4 and 18, at the desk itself and at another one."""
    factories.ticket(service)
    ticket = factories.called(desk)
    Ticket.objects.update(state=end)
    does_the_same = {actions.finish: State.DONE, actions.mark_absent: State.NO_SHOW}.get(press) == end
    for at in (factories.desk(service), *([] if does_the_same else [desk])):
        with pytest.raises(AlreadyOver) as refused:
            press(at, ticket.pk, by=None)
        assert str(refused.value) == words
    assert Ticket.objects.get().state == end


@pytest.mark.parametrize("press", [actions.recall, actions.start_serving, actions.finish, actions.mark_absent])
def test_who_still_waits_was_not_called_by_this_desk(press: Press, service: Service, desk: Desk) -> None:
    ticket = factories.ticket(service)
    with pytest.raises(ChangedMeanwhile, match="A1 is now “Waiting”"):
        press(desk, ticket.pk, by=None)


@pytest.mark.parametrize("press", [actions.recall, actions.start_serving, actions.finish, actions.mark_absent])
def test_an_unknown_ticket_and_another_branchs_are_the_same_to_a_desk(press: Press, desk: Desk) -> None:
    """Case 18: nothing tells a desk that the number exists elsewhere."""
    elsewhere = factories.service()
    factories.ticket(elsewhere)
    foreign = factories.called(factories.desk(elsewhere))
    for ticket_id in (foreign.pk, 10**9):
        with pytest.raises(UnknownTicket, match="There is no such ticket here"):
            press(desk, ticket_id, by=None)
    foreign.refresh_from_db()
    assert foreign.state == State.CALLED


@pytest.mark.parametrize("press", [actions.finish, actions.mark_absent])
def test_a_refused_press_changes_no_revision(press: Press, service: Service, desk: Desk) -> None:
    ticket = factories.ticket(service)
    before = revision(desk)
    with pytest.raises(Refusal):
        press(desk, ticket.pk, by=None)
    assert revision(desk) == before


def test_an_old_page_that_calls_another_number_is_told_whom_the_desk_has(
    service: Service, desk: Desk, supervisor: User
) -> None:
    factories.waiting(2, service)
    actions.call_ticket(desk, "A1", reason="early train", by=supervisor, saw=0)
    assert actions.call_ticket(desk, "A1", reason="early train", by=supervisor, saw=0).calls == 1
    with pytest.raises(DeskBusy, match="A1"):
        actions.call_ticket(desk, "A2", reason="early train", by=supervisor, saw=0)


def test_a_follower_at_another_desk_is_not_called_away(
    service: Service, desk: Desk, next_door: Desk, supervisor: User
) -> None:
    factories.waiting(2, service)
    actions.link(desk, factories.called(desk).shown, "A2", by=None)
    with pytest.raises(AlreadyCalled, match="A2: already called by desk 3"):
        actions.call_ticket(next_door, "A2", reason="late", by=supervisor)
    assert_sound(service.branch)


# Out of turn


def test_a_number_is_called_out_of_turn_with_the_permission_and_a_reason_which_is_logged(
    service: Service, desk: Desk, clerk: User
) -> None:
    factories.waiting(2, service)
    with pytest.raises(NotPermitted):
        actions.call_ticket(desk, "A2", reason="early train", by=clerk)
    clerk.memberships.update(may_call_any=True)
    assert actions.may_call_any(desk, clerk)
    with pytest.raises(ReasonMissing):
        actions.call_ticket(desk, "A2", reason="  ", by=clerk)
    called = actions.call_ticket(desk, "A2", reason=" early train ", by=clerk)
    assert (called.shown, called.state, called.desk) == ("A2", State.CALLED, desk)
    assert called.events.latest("id").reason == "early train"


@pytest.mark.parametrize(
    ("role", "may"), [(None, False), (Role.CLERK, False), (Role.SUPERVISOR, True), (Role.MANAGER, True)]
)
def test_whoever_leads_the_branch_may_call_out_of_turn(role: Role | None, may: bool, desk: Desk) -> None:  # noqa: FBT001 - a parameter of the test
    person = factories.clerk(desk.branch, role=role) if role else factories.user()
    factories.clerk(factories.branch(), role=Role.MANAGER)
    assert actions.may_call_any(desk, person) is may


def test_whoever_was_put_on_hold_here_is_called_again_from_here(service: Service, desk: Desk, next_door: Desk) -> None:
    factories.ticket(service)
    ticket = factories.called(desk)
    actions.hold(desk, ticket.pk, by=None)
    with pytest.raises(OnHold, match="A1 is on hold at desk 3"):
        actions.call_held(next_door, ticket.pk, by=None)
    for _press in range(2):
        assert actions.call_held(desk, ticket.pk, by=None).state == State.CALLED
    assert ticket.events.filter(action="call_held").count() == 1
