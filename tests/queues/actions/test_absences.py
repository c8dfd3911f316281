"""A visitor who does not come: put back, called again, a no-show."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest

from queues import actions, clock, queries
from queues.models import Branch, Desk, Service, Ticket
from queues.queries import statistics
from queues.refusals import (
    NobodyWaiting,
    OnHold,
    WrongState,
)
from queues.states import State
from tests.kit import factories
from tests.kit.invariants import assert_sound

pytestmark = pytest.mark.django_db

NINE = datetime(2026, 3, 2, 7, 0, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


def limit(branch: Branch, calls: int | None, *, cool_down: int = 120) -> None:
    Branch.objects.filter(pk=branch.pk).update(calls_limit=calls, cool_down=cool_down)


def test_who_does_not_come_is_absent_and_the_desk_is_free(service: Service, desk: Desk) -> None:
    factories.waiting(2, service)
    ticket = factories.called(desk)
    assert actions.mark_absent(desk, ticket.pk, by=None).state == State.NO_SHOW
    assert factories.called(desk).shown == "A2"


@pytest.mark.parametrize("press", [actions.mark_absent, actions.recall])
def test_who_is_being_served_or_on_hold_is_not_absent(
    press: Callable[..., Ticket], service: Service, desk: Desk
) -> None:
    factories.ticket(service)
    ticket = factories.serving(desk)
    with pytest.raises(WrongState):
        press(desk, ticket.pk, by=None)
    actions.hold(desk, ticket.pk, by=None)
    with pytest.raises(OnHold):
        press(desk, ticket.pk, by=None)
    assert_sound(service.branch)


def test_the_same_press_twice_about_a_family_that_has_parted_since_does_nothing(service: Service, desk: Desk) -> None:
    leader, follower = factories.waiting(2, service)
    actions.link(desk, leader.shown, follower.shown, by=None)
    factories.called(desk)
    Branch.objects.update(calls_limit=0)
    actions.mark_absent(desk, leader.pk, by=None)
    for one in (follower, leader):
        factories.brought_back(Ticket.objects.get(pk=one.pk))
    assert actions.mark_absent(desk, leader.pk, by=None).state == State.WAITING


def test_2_who_was_just_absent_is_not_offered_again_within_the_cool_down(service: Service, desk: Desk) -> None:
    limit(service.branch, 1)
    with clock.standing_at(NINE):
        ticket = factories.ticket(service)
        actions.mark_absent(desk, factories.called(desk).pk, by=None)
        with pytest.raises(NobodyWaiting):
            factories.called(desk)
    with clock.standing_at(NINE + timedelta(seconds=119)), pytest.raises(NobodyWaiting):
        factories.called(desk)
    with clock.standing_at(NINE + timedelta(seconds=120)):
        assert factories.called(desk) == ticket


@pytest.mark.parametrize(("calls", "ends"), [(0, ["NO_SHOW"]), (1, ["WAITING", "NO_SHOW"]), (None, ["NO_SHOW"])])
def test_5_an_absent_visitor_is_put_back_as_often_as_the_limit_says_and_then_a_no_show(
    calls: int | None, ends: list[str], service: Service, desk: Desk
) -> None:
    limit(service.branch, calls, cool_down=0)
    factories.ticket(service)
    for end in ends:
        ticket = factories.called(desk)
        assert actions.mark_absent(desk, ticket.pk, by=None).state == end
    assert statistics.desk_days(service.branch, queries.today(service.branch))[0].no_shows == 1
    assert_sound(service.branch)


def test_5_the_press_after_the_last_call_marks_the_visitor_absent(service: Service, desk: Desk) -> None:
    limit(service.branch, 1)
    factories.ticket(service)
    ticket = factories.called(desk)
    assert actions.recall(desk, ticket.pk, by=None).calls == 2
    assert actions.recall(desk, ticket.pk, by=None).state == State.NO_SHOW
