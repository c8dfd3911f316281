"""How far the numbers jump after a restore."""

from datetime import timedelta
from typing import Any

import pytest

from queues import actions, clock
from queues.actions.restore import FASTEST, LEAST
from queues.models import NumberSeries, Service, Ticket
from queues.states import State
from tests.kit import factories

pytestmark = pytest.mark.django_db

MINUTE = timedelta(minutes=1)


def jump(service: Service, *, minutes: float) -> str:
    jumps = actions.pass_over_given(service.branch, backed_up_at=clock.now() - minutes * MINUTE)
    return next(one.number for one in jumps if one.service == service)


def noon(service: Service) -> Any:
    local = clock.now().astimezone(service.branch.zone)
    return clock.standing_at(local.replace(hour=12, minute=0, second=0, microsecond=0))


def test_as_many_are_passed_over_as_may_have_been_given_at_the_fastest() -> None:
    service = factories.service(number_last=999)
    with noon(service):
        assert jump(service, minutes=10) == f"A{10 * MINUTE // FASTEST + 1}"
        assert factories.ticket(service).shown == f"A{10 * MINUTE // FASTEST + 1}"


def test_the_busiest_day_bounds_what_a_long_night_may_have_given() -> None:
    service = factories.service(number_last=999)
    with noon(service):
        for ago, gave in enumerate((90, 20, 100, 30), start=1):
            day = clock.now().date() - timedelta(days=ago)
            NumberSeries.objects.create(service=service, business_day=day, last_serial=gave, last_number=gave)
        assert jump(service, minutes=20) == "A601"  # too few days are known
        NumberSeries.objects.filter(business_day=clock.now().date()).update(last_number=0)
        day = clock.now().date() - timedelta(days=5)
        NumberSeries.objects.create(service=service, business_day=day, last_serial=1, last_number=1)
        assert jump(service, minutes=20) == "A201"


def test_a_backup_of_yesterday_has_lost_only_what_today_gave() -> None:
    service = factories.service(number_last=99999)
    with noon(service):  # the day began at four
        assert jump(service, minutes=3 * 24 * 60) == f"A{8 * 60 * MINUTE // FASTEST + 1}"


def test_the_jump_goes_round_the_range_and_over_numbers_in_use() -> None:
    service = factories.service(number_first=100, number_last=199)
    with noon(service):
        held = factories.ticket(service)
        NumberSeries.objects.update(last_number=195)
        factories.ticket(service, language="fi")
        assert jump(service, minutes=0) == f"A{196 + LEAST + 1 - 100}"
        NumberSeries.objects.update(last_number=189)
        assert held.shown == "A100"
        assert jump(service, minutes=0) == "A101"  # 190 to 199 passed over, 100 still in use


def test_where_every_number_may_be_out_half_the_range_is_passed_over_and_it_is_said() -> None:
    service = factories.service(number_last=40)
    with noon(service):
        (one,) = actions.pass_over_given(service.branch, backed_up_at=clock.now() - 60 * MINUTE)
        assert (one.number, one.may_repeat) == ("A21", True)


def test_services_that_share_their_numbers_jump_together() -> None:
    one = factories.service(number_last=999)
    other = factories.service(one.branch, number_last=999)
    apart = factories.service(one.branch, number_first=2000, number_last=2999)
    with noon(one):
        factories.waiting(5, other)
        numbers = [jump(service, minutes=0) for service in (one, other, apart)]
    assert numbers[:1] == [f"A{5 + 2 * LEAST + 1}"]
    assert numbers[2] == f"A{2000 + 3 * LEAST}"


def test_a_range_that_was_lowered_below_todays_last_number_goes_on_in_itself() -> None:
    service = factories.service(number_last=999)
    with noon(service):
        factories.waiting(120, service)
        Service.objects.filter(pk=service.pk).update(number_last=99)
        Ticket.objects.update(state=State.DONE)
        assert jump(service, minutes=0) == f"A{LEAST + 1}"
