"""What happens by the clock."""

import logging
from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import timedelta
from typing import NoReturn

import pytest
from django.contrib.sessions.models import Session
from django.core.management import call_command
from django.db import OperationalError
from django.utils import timezone

from queues import actions, clock
from queues.management.commands.clockwork import LEARN_AT_ONCE, Clockwork
from queues.models import Desk, Ticket
from queues.states import State
from queuesite.health import LATE, clockwork_lives
from tests.kit import factories

pytestmark = pytest.mark.django_db


Counted = Callable[[int], AbstractContextManager[object]]


def state_of(ticket: Ticket) -> str:
    return str(Ticket.objects.get(pk=ticket.pk).state)


def test_a_round_closes_the_day_of_every_branch() -> None:
    with clock.standing_at(clock.now() - timedelta(days=1)):
        yesterday = [factories.ticket(factories.service()) for _branch in range(2)]
    today = factories.ticket(factories.service())
    call_command("clockwork", "--once")
    assert [state_of(ticket) for ticket in yesterday] == [State.EXPIRED, State.EXPIRED]
    assert state_of(today) == State.WAITING


def test_with_a_days_close_ended_sessions_are_forgotten() -> None:
    ended = timezone.now() - timedelta(minutes=1)
    Session.objects.create(session_key="ended", expire_date=ended)
    Session.objects.create(session_key="current", expire_date=ended + timedelta(hours=1))
    factories.branch()
    call_command("clockwork", "--once")
    assert [one.session_key for one in Session.objects.all()] == ["current"]


def test_a_round_ends_holds_calls_for_idle_desks_and_applies_rules() -> None:
    service = factories.service()
    holding, idle, helper = (
        factories.desk(service),
        factories.desk(service),
        factories.desk(factories.service(service.branch)),
    )
    # Not the present: twenty minutes ago may have been another business day.
    with clock.standing_at(factories.NOON):
        actions.close_day(service.branch)
        held = factories.ticket(service)
        factories.serving(holding)
        actions.hold(holding, held.pk, minutes=5, by=None)
        actions.set_auto_call(idle, on=True, by=factories.clerk(service.branch))
        first, _second = factories.waiting(2, service)
        actions.add_rule(service.branch, service=service, over=10, under=5, desks=[helper])
    with clock.standing_at(factories.NOON + timedelta(minutes=20)):
        clerk = Desk.objects.get(pk=idle.pk).clerk
        assert clerk is not None
        actions.attend(idle, by=clerk, is_open=True, is_writing=False)
        call_command("clockwork", "--once")
    assert state_of(held) == State.CALLED  # due again in its old place, before the others
    assert state_of(first) == State.WAITING
    assert helper.services.filter(pk=service.pk).exists()


def test_a_round_with_nothing_to_do_asks_as_little_of_many_branches_as_of_one(
    django_assert_num_queries: Counted, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("queues.management.commands.clockwork.HEARTBEAT_EVERY", 3600.0)
    clockwork = Clockwork()
    for how_many in (1, 2 * LEARN_AT_ONCE):
        for _branch in range(how_many):
            service = factories.service()
            actions.set_auto_call(factories.desk(service), on=True, by=factories.clerk(service.branch))
            actions.add_rule(service.branch, service=service, over=10, under=5, desks=service.branch.desks.all())
        for _round in range(3):
            clockwork.go_round()  # the days begin, the service times are learnt
        with django_assert_num_queries(6):
            clockwork.go_round()


def away() -> NoReturn:
    raise OperationalError("server closed the connection")


def test_what_fails_is_logged_once_and_stops_nothing_else(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    with clock.standing_at(clock.now() - timedelta(days=1)):
        tickets = [factories.ticket(factories.service()) for _branch in range(2)]
    close_day = actions.close_day
    failing = tickets[0].branch

    def broken(branch: object) -> int:
        if branch == failing:
            raise ValueError("a row that no one foresaw")
        return close_day(branch)  # type: ignore[arg-type]  # a branch it is

    monkeypatch.setattr(actions, "close_day", broken)
    monkeypatch.setattr(actions, "apply_rules", away)
    clockwork = Clockwork()
    with caplog.at_level(logging.INFO):
        for _round in range(3):
            clockwork.go_round()
        assert caplog.text.count("without closing the day of") == 1
        assert caplog.text.count("applying rules: server closed the connection") == 1
        assert [state_of(ticket) for ticket in tickets] == [State.WAITING, State.EXPIRED]
        monkeypatch.undo()
        clockwork.go_round()
    assert "Applying rules works again." in caplog.text
    assert state_of(tickets[0]) == State.EXPIRED


def test_a_branch_is_learnt_from_again_when_something_has_happened_and_time_has_passed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    learnt: list[str] = []
    monkeypatch.setattr(actions, "learn_service_times", lambda branch: learnt.append(branch.slug))
    monkeypatch.setattr("queues.management.commands.clockwork.LEARN_EVERY", 0.0)
    service = factories.service(factories.branch(slug="town"))
    clockwork = Clockwork()
    clockwork.go_round()
    assert learnt == ["town"]
    clockwork.go_round()  # sees that the day has begun meanwhile
    clockwork.go_round()
    before = len(learnt)
    factories.ticket(service)
    clockwork.go_round()
    assert len(learnt) == before + 1


def test_its_health_check_asks_for_the_last_round() -> None:
    assert not clockwork_lives()
    call_command("clockwork", "--once")
    assert clockwork_lives()
    with clock.standing_at(clock.now() + timedelta(seconds=LATE)):
        assert not clockwork_lives()
