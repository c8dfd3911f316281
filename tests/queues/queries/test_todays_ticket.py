"""A number as people write it."""

import pytest

from queues import queries
from queues.models import Service
from tests.kit import factories

pytestmark = pytest.mark.django_db


@pytest.fixture
def service() -> Service:
    service = factories.service(number_prefix="A")
    factories.waiting(12, service)
    return service


@pytest.mark.parametrize(
    "written", ["A2", "a2", " a 2 ", "A-2", "A.2", "A2.", "A02", "A002", "a\u20132", "\uff21\uff12", "(A/2)", "2", "02"]
)
def test_it_is_found_however_it_is_written(written: str, service: Service) -> None:
    found = queries.todays_ticket(service.branch, written)
    assert found is not None
    assert found.shown == "A2"


@pytest.mark.parametrize("written", ["", "A", "-", "A0", "B2", "A2A2", "22", "\x00", "x" * 500, "A" + "9" * 30, "2A"])
def test_what_is_no_number_of_today_finds_nobody(written: str, service: Service) -> None:
    assert queries.todays_ticket(service.branch, written) is None


def test_digits_alone_are_not_guessed_where_two_have_them(service: Service) -> None:
    other = factories.service(service.branch, number_prefix="B")
    second = factories.waiting(2, other)[-1]
    assert queries.todays_ticket(service.branch, "2") is None
    assert queries.todays_ticket(service.branch, "b2") == second
    plain = factories.service(service.branch, number_prefix="")
    whole = factories.waiting(2, plain)[-1]
    assert queries.todays_ticket(service.branch, "2") == whole
