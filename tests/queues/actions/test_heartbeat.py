"""The clockwork's sign of life."""

from datetime import timedelta

import pytest

from queues import actions, clock
from queues.models import Branch, Heartbeat
from tests.kit import factories
from tests.kit.factories import NOON

pytestmark = pytest.mark.django_db


def test_one_row_says_when_the_last_round_was() -> None:
    for later in (0, 5):
        with clock.standing_at(NOON + timedelta(seconds=later)):
            actions.record_heartbeat()
    assert [beat.at for beat in Heartbeat.objects.all()] == [NOON + timedelta(seconds=5)]


def test_it_changes_no_branch_so_that_no_screen_is_rendered_for_it() -> None:
    before = factories.branch().revision
    actions.record_heartbeat()
    assert Branch.objects.get().revision == before
