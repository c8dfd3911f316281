"""Where a visitor with several errands goes next."""

import pytest

from queues import actions, queries
from queues.models import Service
from queues.queries.wait_estimate import quickest_of
from tests.kit import factories

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("learnt", [None, 600])
def test_a_service_that_nobody_serves_comes_after_all_others(learnt: int | None) -> None:
    passports = factories.service()
    payments, parking = (factories.service(passports.branch) for _service in range(2))
    Service.objects.update(typical_seconds=learnt)
    factories.waiting(5, payments)
    desk = factories.desk(payments)
    actions.open_session(desk, by=factories.clerk(passports.branch))
    asked = [payments.pk, parking.pk]
    assert quickest_of(passports.branch, asked) == payments
    factories.desk(parking)  # where nobody sits
    assert quickest_of(passports.branch, asked) == payments
    actions.close_session(desk, by=queries.desks_of(passports.branch)[0].clerk or factories.user())
    assert quickest_of(passports.branch, asked) == parking, "where none is served, the shorter line"
