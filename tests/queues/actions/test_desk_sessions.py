"""Desk sessions: who is signed in at a desk, and who is no longer."""

import pytest

from accounts.models import User
from queues import actions
from queues.models import Desk
from queues.refusals import DeskGone

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("at_noon")]


def test_a_desk_that_is_gone_is_told_to_whoever_wanted_something_of_it(desk: Desk, clerk: User) -> None:
    Desk.objects.filter(pk=desk.pk).delete()
    for press in (actions.take_over, actions.close_session, actions.go_and_help, actions.resume):
        with pytest.raises(DeskGone):
            press(desk, by=clerk)
