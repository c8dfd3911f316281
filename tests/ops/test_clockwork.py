"""What happens by the clock."""

import logging
from datetime import timedelta
from typing import NoReturn

import pytest
from django.core.management import call_command
from django.db import OperationalError

from queues import clock
from queues.management.commands import clockwork
from queues.states import State
from tests import factories

pytestmark = pytest.mark.django_db


def test_a_round_closes_the_day_of_every_branch() -> None:
    with clock.standing_at(clock.now() - timedelta(days=1)):
        yesterday = [factories.ticket(factories.service()) for _branch in range(2)]
    today = factories.ticket(factories.service())
    call_command("clockwork", "--once")
    for ticket in (*yesterday, today):
        ticket.refresh_from_db()
    assert [ticket.state for ticket in yesterday] == [State.EXPIRED, State.EXPIRED]
    assert today.state == State.WAITING


@pytest.mark.django_db(transaction=True)
def test_a_database_that_is_away_is_logged_and_outlived(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def away() -> NoReturn:
        raise OperationalError("server closed the connection")

    monkeypatch.setattr(clockwork, "go_round", away)
    with caplog.at_level(logging.WARNING):
        clockwork.tolerant_round()
    assert "server closed the connection" in caplog.text
