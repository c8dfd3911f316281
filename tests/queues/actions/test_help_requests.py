"""A desk asks for help, or a visitor at a kiosk does, and somebody goes there."""

from datetime import timedelta

import pytest

from accounts.models import User
from queues import actions, clock
from queues.models import Branch, BranchEvent, Desk, Service, What
from queues.refusals import DeskTaken
from tests.kit import factories
from tests.kit.factories import NOON

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("at_noon")]

MINUTE = timedelta(minutes=1)


def logged() -> list[tuple[str, int | None]]:
    """What the branch's log says, and of whom, apart from sessions."""
    return list(BranchEvent.objects.exclude(what=What.SAT_DOWN).values_list("what", "by"))


def test_a_desk_asks_once_the_first_colleague_goes_and_it_ends(service: Service, desk: Desk, clerk: User) -> None:
    first, second = (factories.clerk(service.branch) for _colleague in range(2))
    actions.ask_for_help(desk, by=clerk)
    with clock.standing_at(NOON + MINUTE):
        assert actions.ask_for_help(desk, by=clerk).help_since == NOON
    for colleague in (first, second):
        assert actions.go_and_help(desk, by=colleague).helper == first
    for _press in range(2):
        ended = actions.end_help(desk, by=clerk)
        assert (ended.help_since, ended.helper_id) == (None, None)
    assert logged() == [(What.HELP_ASKED, clerk.pk), (What.HELP_COMING, first.pk), (What.HELP_ENDED, clerk.pk)]


def test_nobody_goes_where_nobody_has_asked(desk: Desk, clerk: User) -> None:
    assert actions.go_and_help(desk, by=clerk).helper is None
    assert logged() == []


def test_whoever_asks_again_waits_for_somebody_anew(service: Service, desk: Desk, clerk: User) -> None:
    actions.ask_for_help(desk, by=clerk)
    actions.go_and_help(desk, by=factories.clerk(service.branch))
    actions.end_help(desk, by=clerk)
    assert actions.ask_for_help(desk, by=clerk).helper is None


def test_only_the_desks_own_clerk_asks_and_ends_it(service: Service, desk: Desk, clerk: User) -> None:
    actions.ask_for_help(desk, by=clerk)
    for press in (actions.ask_for_help, actions.end_help):
        with pytest.raises(DeskTaken):
            press(desk, by=factories.clerk(service.branch))
    desk.refresh_from_db()
    assert desk.help_since == NOON


def test_a_kiosk_asks_once_in_a_minute_until_somebody_goes(service: Service, clerk: User) -> None:
    branch = service.branch
    for _press in range(2):
        actions.ask_at_kiosk(branch)
    assert Branch.objects.get().kiosk_help_since == NOON
    for _press in range(2):
        actions.go_to_kiosk(branch, by=clerk)
    assert Branch.objects.get().kiosk_help_since is None
    assert logged() == [(What.KIOSK_HELP, None), (What.KIOSK_COMING, clerk.pk)]


def test_a_kiosk_asks_again_after_a_minute(service: Service, clerk: User) -> None:
    actions.ask_at_kiosk(service.branch)
    actions.go_to_kiosk(service.branch, by=clerk)
    for later, asked in ((MINUTE / 2, None), (2 * MINUTE, NOON + 2 * MINUTE)):
        with clock.standing_at(NOON + later):
            actions.ask_at_kiosk(service.branch)
        assert Branch.objects.get().kiosk_help_since == asked
