"""The gate: what may follow what, who comes second, and when it was."""

from datetime import UTC, datetime, timedelta
from itertools import product

import pytest

from queues import actions, clock
from queues.changes.transition import move
from queues.models import Desk, Ticket, TicketEvent
from queues.refusals import AlreadyCalled, AlreadyOver, OnHold, TicketRefusal
from queues.states import MOVES, State
from tests.kit import factories
from tests.kit.invariants import assert_legal_story, assert_sound

pytestmark = pytest.mark.django_db

MORNING = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)
MINUTE = timedelta(minutes=1)

W, C, S, H = State.WAITING, State.CALLED, State.SERVING, State.HELD
LEGAL = {
    (W, W), (W, C), (W, State.LEFT), (W, State.EXPIRED),
    (C, W), (C, C), (C, S), (C, H), (C, State.NO_SHOW), (C, State.LEFT), (C, State.EXPIRED),
    (S, W), (S, H), (S, State.DONE),
    (H, W), (H, C), (H, State.LEFT), (H, State.EXPIRED),
    (State.NO_SHOW, W),
}  # fmt: skip
ANYTHING = "call_next"
ENDS = (State.DONE, State.NO_SHOW, State.LEFT, State.EXPIRED)


def put(state: State) -> tuple[Ticket, Desk]:
    """A ticket in this state, as the database has it, and the desk it is at where it is at one."""
    ticket = factories.ticket(factories.service())
    desk = factories.desk(ticket.service)
    Ticket.objects.filter(pk=ticket.pk).update(state=state, desk=None if state == W else desk)
    ticket.refresh_from_db()
    return ticket, desk


def story(ticket: Ticket) -> list[TicketEvent]:
    return list(ticket.events.order_by("id"))


def test_the_table_of_moves_is_this_one() -> None:
    assert set(MOVES) == LEGAL


def test_what_is_over_has_no_way_out_but_for_an_absent_visitor_who_comes_after_all() -> None:
    assert [pair for pair in MOVES if pair[0] in ENDS] == [(State.NO_SHOW, W)]


@pytest.mark.parametrize(("seen", "to"), sorted(LEGAL))
def test_a_legal_move_passes_and_leaves_one_event(seen: State, to: State) -> None:
    ticket, desk = put(seen)
    by = factories.user()

    move(ticket, to, action=MOVES[seen, to][0], desk=desk if to == C else None, by=by)

    ticket.refresh_from_db()
    last = story(ticket)[-1]
    assert ticket.state == to
    assert (last.from_state, last.to_state, last.by, last.service) == (seen, to, by, ticket.service)
    assert last.action == MOVES[seen, to][0]
    assert len(story(ticket)) == 2


@pytest.mark.parametrize(("seen", "to"), sorted(set(product(State, State)) - LEGAL))
def test_any_other_move_is_refused_and_changes_nothing(seen: State, to: State) -> None:
    """Case 18: a finished, left or otherwise ended ticket is moved on."""
    ticket, desk = put(seen)
    with pytest.raises(TicketRefusal):
        move(ticket, to, action=ANYTHING, desk=desk)

    fresh = Ticket.objects.get(pk=ticket.pk)
    assert (fresh.state, fresh.desk_id, fresh.calls) == (seen, ticket.desk_id, 0)
    assert len(story(ticket)) == 1


@pytest.mark.parametrize(("seen", "to"), sorted(LEGAL))
def test_a_move_is_made_by_no_other_action_than_the_table_names(seen: State, to: State) -> None:
    every = {action for actions_of_move in MOVES.values() for action in actions_of_move}
    ticket, desk = put(seen)
    for action in every - set(MOVES[seen, to]):
        with pytest.raises(TicketRefusal):
            move(ticket, to, action=action, desk=desk)
    assert len(story(ticket)) == 1


@pytest.mark.parametrize(
    ("state", "refusal"),
    [
        (C, AlreadyCalled),
        (S, AlreadyCalled),
        (H, OnHold),
        *((end, AlreadyOver) for end in ENDS),
    ],
)
def test_whoever_comes_second_is_told_how_it_is_now(state: State, refusal: type[TicketRefusal]) -> None:
    """Cases 13 and 19: the caller saw a waiting ticket; meanwhile somebody else was faster."""
    seen = factories.ticket(factories.service())
    desk = factories.desk(seen.service)
    Ticket.objects.filter(pk=seen.pk).update(state=state, desk=desk)

    with pytest.raises(refusal) as refused:
        move(seen, State.CALLED, action="call_next", desk=factories.desk(seen.service), by=None)

    assert refused.value.ticket.state == state
    assert refused.value.ticket.desk == desk
    assert Ticket.objects.get(pk=seen.pk).desk == desk
    assert len(story(seen)) == 1


def test_a_ticket_called_to_one_desk_is_not_called_to_another_from_an_old_view() -> None:
    """Case 13: both desks saw it waiting."""
    service = factories.service()
    first, second = factories.desk(service, name="3"), factories.desk(service, name="4")
    ticket = factories.ticket(service)
    seen_by_first, seen_by_second = (Ticket.objects.get(pk=ticket.pk) for _ in range(2))

    move(seen_by_first, State.CALLED, action="call_next", desk=first)
    with pytest.raises(AlreadyCalled, match="A1: already called by desk 3"):
        move(seen_by_second, State.CALLED, action="call_next", desk=second)

    assert_sound(service.branch)


def test_one_state_ends_when_the_next_begins() -> None:
    """Case 21."""
    service = factories.service()
    desk = factories.desk(service)
    with clock.standing_at(MORNING):
        ticket = factories.ticket(service)
    with clock.standing_at(MORNING + 5 * MINUTE):
        factories.called(desk)
    with clock.standing_at(MORNING + 7 * MINUTE):
        actions.start_serving(desk, ticket.pk, by=None)
    with clock.standing_at(MORNING + 20 * MINUTE):
        actions.finish(desk, ticket.pk, by=None)

    ticket.refresh_from_db()
    assert [(event.to_state, event.at - MORNING) for event in story(ticket)] == [
        (W, 0 * MINUTE), (C, 5 * MINUTE), (S, 7 * MINUTE), (State.DONE, 20 * MINUTE),
    ]  # fmt: skip
    assert ticket.called_at == MORNING + 5 * MINUTE
    assert_legal_story(ticket, story(ticket))


def test_no_state_lasts_a_negative_time_when_the_clock_jumps_back() -> None:
    """Case 21: the machine's clock was an hour ahead and is set right."""
    service = factories.service()
    desk = factories.desk(service)
    with clock.standing_at(MORNING + 60 * MINUTE):
        ticket = factories.ticket(service)
    with clock.standing_at(MORNING):
        factories.called(desk)
        actions.start_serving(desk, ticket.pk, by=None)
    with clock.standing_at(MORNING + 61 * MINUTE):
        actions.finish(desk, ticket.pk, by=None)

    assert [event.at - MORNING for event in story(ticket)] == [60 * MINUTE, 60 * MINUTE, 60 * MINUTE, 61 * MINUTE]


def test_a_moved_ticket_in_hand_is_as_the_database_has_it() -> None:
    service = factories.service()
    factories.ticket(service)
    ticket = factories.called(factories.desk(service))
    fresh = Ticket.objects.get(pk=ticket.pk)
    names = ("state", "state_since", "desk_id", "called_at", "last_call", "calls")
    assert [getattr(ticket, name) for name in names] == [getattr(fresh, name) for name in names]
