"""Whoever is refused has a way back that is a page: no press is ever a link."""

import pytest
from django.test import Client

from queues.models import Role
from tests.kit import factories
from tests.kit.sample_branch import SampleBranch, html, text

pytestmark = pytest.mark.django_db


def follow(client: Client, where: str) -> int:
    return client.get(where, follow=True).status_code


def test_a_press_that_is_followed_as_a_link_leads_to_its_page(sample: SampleBranch, clerk_client: Client) -> None:
    ticket = factories.ticket(sample.passports)
    for where, page in (
        (f"/t/{ticket.token}/leave/", f"/t/{ticket.token}/"),
        (sample.press("resume"), f"/desk/{sample.desk.pk}/"),
        (f"/kiosk/{sample.branch.slug}/help/", f"/kiosk/{sample.branch.slug}/"),
        ("/desk/sign-out/", "/"),
    ):
        answer = clerk_client.get(where)
        assert (answer.status_code, answer.headers["Location"]) == (302, page)
        assert clerk_client.get(page).status_code == 200


@pytest.mark.parametrize(
    "place", ["/t/{token}/leave/", "/t/{token}/tell/", "/desk/{desk}/resume/", "/hall/{branch}/pause/"]
)
def test_the_button_of_a_refused_form_opens_a_page(place: str, sample: SampleBranch) -> None:
    ticket = factories.ticket(sample.passports)
    where = place.format(token=ticket.token, desk=sample.desk.pk, branch=sample.branch.slug)
    client = Client(enforce_csrf_checks=True, headers={"accept-language": "en"})
    client.force_login(factories.clerk(sample.branch, role=Role.SUPERVISOR))
    answer = client.post(where)
    assert answer.status_code == 403
    assert "your browser sent no cookie" in text(html(answer))
    assert follow(client, html(answer).split('class="primary"')[0].rsplit('href="', 1)[1].split('"')[0]) == 200
