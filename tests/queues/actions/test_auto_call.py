"""An idle desk calls by itself, for the clerk who wanted it and only then."""

from datetime import timedelta

import pytest

from accounts.models import User
from queues import actions, clock
from queues.actions import auto_call
from queues.models import Desk, Service
from queues.states import State
from tests.kit import factories
from tests.kit.factories import NOON

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("at_noon")]

MINUTE = timedelta(minutes=1)


@pytest.mark.parametrize("leaves", [True, False])
def test_a_desk_that_was_left_or_left_to_itself_a_moment_ago_calls_nobody(
    leaves: bool,  # noqa: FBT001 - a parameter of the test
    service: Service,
    desk: Desk,
    clerk: User,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The clock has found the desk idle, and its clerk is faster."""
    ticket = factories.ticket(service)
    actions.set_auto_call(desk, on=True, by=clerk)
    with clock.standing_at(NOON + MINUTE):
        idle = list(auto_call._idle_desks())  # noqa: SLF001 - what the clock saw
        assert idle == [desk]
        if leaves:
            actions.close_session(desk, by=clerk)
        else:
            actions.set_auto_call(desk, on=False, by=clerk)
        monkeypatch.setattr(auto_call, "_idle_desks", lambda: idle)
        assert actions.auto_call_idle_desks() == 0
    desk.refresh_from_db()
    ticket.refresh_from_db()
    assert (desk.clerk, ticket.state) == (None if leaves else clerk, State.WAITING)
