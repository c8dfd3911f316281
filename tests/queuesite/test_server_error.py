"""What a page answers while the database is away."""

import pytest
from django.db import OperationalError
from django.test import Client

from tests.kit import factories

pytestmark = pytest.mark.django_db


@pytest.fixture
def client() -> Client:
    """As behind a server: a failing view is answered, not raised."""
    return Client(raise_request_exception=False)


def away(*_asked: object) -> None:
    raise OperationalError("the database is away")


def test_a_screen_that_is_loaded_just_then_tries_again_by_itself(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    branch = factories.branch()
    monkeypatch.setattr("display.views.snapshot.read", away)
    answer = client.get(f"/display/{branch.slug}/")
    assert (answer.status_code, answer.headers["Refresh"]) == (500, "5")
    assert "Försök igen om en stund." in answer.content.decode()


def test_a_press_is_not_sent_again_by_itself(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    branch = factories.branch()
    monkeypatch.setattr("kiosk.views.actions.issue", away)
    service = factories.service(branch)
    visit = "7c9e6679-7425-40de-944b-e07fc1f90ae7"
    answer = client.post(f"/kiosk/{branch.slug}/en/{visit}/", {"service": service.slug})
    assert answer.status_code == 500
    assert "Refresh" not in answer.headers
