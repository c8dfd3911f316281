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
    assert "Här finns inget" in answer.content.decode()
