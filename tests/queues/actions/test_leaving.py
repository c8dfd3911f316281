"""A visitor goes."""

import pytest

from queues import actions
from queues.models import Ticket
from queues.refusals import AlreadyCalled, AlreadyOver, NobodyWaiting
from queues.states import State
from tests.kit import factories
from tests.kit.invariants import assert_sound

pytestmark = pytest.mark.django_db


def test_who_leaves_the_line_is_not_called() -> None:
    service = factories.service()
    first, second = factories.waiting(2, service)
    assert actions.leave(first).state == State.LEFT
    assert factories.called(factories.desk(service)) == second
    assert_sound(service.branch)


def test_who_leaves_when_called_frees_the_desk() -> None:
    service = factories.service()
    desk = factories.desk(service)
    factories.waiting(2, service)
    actions.leave(factories.called(desk))
    assert factories.called(desk).shown == "A2"


def test_leaving_twice_is_leaving_once() -> None:
    ticket = factories.ticket(factories.service())
    actions.leave(ticket)
    assert actions.leave(ticket).state == State.LEFT
    assert ticket.events.count() == 2


def test_a_page_that_still_shows_the_line_leaves_the_desk_it_was_called_to_meanwhile() -> None:
    service = factories.service()
    seen = factories.ticket(service)
    factories.called(factories.desk(service))
    assert actions.leave(seen).state == State.LEFT


def test_who_is_being_served_does_not_leave_by_phone() -> None:
    service = factories.service()
    factories.ticket(service)
    ticket = factories.serving(factories.desk(service, name="3"))
    with pytest.raises(AlreadyCalled, match="A1: already called by desk 3"):
        actions.leave(ticket)
    assert Ticket.objects.get().state == State.SERVING


@pytest.mark.parametrize("end", [State.DONE, State.NO_SHOW, State.EXPIRED])
def test_what_is_over_is_not_left(end: State) -> None:
    """Case 18."""
    ticket = factories.ticket(factories.service())
    Ticket.objects.update(state=end)
    with pytest.raises(AlreadyOver):
        actions.leave(ticket)


def test_the_last_one_leaves_and_nobody_waits() -> None:
    service = factories.service()
    actions.leave(factories.ticket(service))
    with pytest.raises(NobodyWaiting):
        factories.called(factories.desk(service))
