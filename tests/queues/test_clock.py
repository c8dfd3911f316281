"""The clock of the model layer."""

from datetime import UTC, datetime, timedelta

import pytest

from queues import clock

pytestmark = pytest.mark.embedded

YESTERDAY = datetime(2026, 3, 2, 15, 0, tzinfo=UTC)
TODAY = YESTERDAY + timedelta(days=1)


def test_the_clock_stands_where_a_test_sets_it_and_goes_on_afterwards() -> None:
    with clock.standing_at(YESTERDAY):
        with clock.standing_at(TODAY):
            assert clock.now() == TODAY
        assert clock.now() == YESTERDAY
    before = datetime.now(UTC)
    assert before <= clock.now() <= datetime.now(UTC)
    assert clock.now().tzinfo is UTC
