"""What is no longer there is said in words, whatever the mode."""

import pytest
from django.test import Client, override_settings

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("debug", [True, False])
@pytest.mark.parametrize("address", ["/t/ended/", "/display/nowhere/", "/kiosk/nowhere/", "/t/ended/frame/"])
def test_a_door_that_leads_nowhere_answers_with_our_own_page(client: Client, address: str, *, debug: bool) -> None:
    with override_settings(DEBUG=debug):
        answer = client.get(address, headers={"Accept-Language": "sv"})
    assert answer.status_code == 404
    assert "Sidan finns inte" in answer.content.decode()


@pytest.mark.parametrize(
    ("address", "again"),
    [
        ("/display/nowhere/", "/display/nowhere/"),
        ("/kiosk/nowhere/", "/kiosk/nowhere/"),
        ("/kiosk/nowhere/fi/ticket/AAAA/", "/kiosk/nowhere/"),
        ("/kiosk/x%0Ay/", "/kiosk/x%0Ay/"),
        ("/display/x%0D%0Aevil/", "/display/x%0D%0Aevil/"),
        ("/kiosk/%D0%BA/", "/kiosk/%D0%BA/"),
    ],
)
def test_a_screen_that_finds_nothing_asks_again_by_itself(client: Client, address: str, again: str) -> None:
    """Nobody stands beside it: once the branch is there again, so is the screen."""
    answer = client.get(address)
    assert answer.headers["Refresh"] == f"5; url={again}"
    assert 'href="/" class="primary"' not in answer.content.decode()


def test_a_persons_page_stays_as_it_is(client: Client) -> None:
    assert "Refresh" not in client.get("/t/ended/").headers
