"""What most tests of the model layer begin with: one service, the desk that serves it, and who works there."""

from collections.abc import Iterator

import pytest
from django.utils import translation

from accounts.models import User
from queues import clock
from queues.models import Desk, Role, Service
from tests.kit import factories


@pytest.fixture(autouse=True)
def _in_english() -> Iterator[None]:
    with translation.override("en"):
        yield


@pytest.fixture
def at_noon() -> Iterator[None]:
    with clock.standing_at(factories.NOON):
        yield


@pytest.fixture
def no_change_notices(monkeypatch: pytest.MonkeyPatch) -> None:
    """Threads without an event loop would make one for every change notice, where there is no Redis."""
    monkeypatch.setattr("queues.changes.transaction.announce", lambda _topic: None)


@pytest.fixture
def service() -> Service:
    return factories.service(slug="passports", name_en="Passports", name_fi="Passit")


@pytest.fixture
def desk(service: Service) -> Desk:
    return factories.desk(service, name="3")


@pytest.fixture
def next_door(service: Service) -> Desk:
    return factories.desk(service, name="4")


@pytest.fixture
def clerk(service: Service) -> User:
    return factories.clerk(service.branch)


@pytest.fixture
def supervisor(service: Service) -> User:
    return factories.clerk(service.branch, role=Role.SUPERVISOR)
