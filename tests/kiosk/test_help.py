"""A person is called to the kiosk: said there, seen by the staff, and by nobody else."""

from datetime import timedelta

import pytest
from django.test import Client

from queues import actions, clock
from queues.models import Branch, BranchEvent
from tests.kit import hall_pages
from tests.kit.sample_branch import SampleBranch, html, text, values

pytestmark = pytest.mark.django_db

ASKED = "A visitor at the kiosk asks for a person."
CALLED = "We have called the staff. Somebody comes to you here as soon as they can."


def call_from(page: str, sample: SampleBranch, language: str = "") -> str:
    fields = {"language": language, "back": page}
    return html(Client().post(f"/kiosk/{sample.branch.slug}/help/", fields, follow=True))


def desk_of(client: Client, sample: SampleBranch) -> str:
    return html(client.get(f"/desk/{sample.desk.pk}/"))


def test_a_call_is_confirmed_where_it_was_made_in_the_visitors_language(sample: SampleBranch) -> None:
    page = sample.services_page()
    answer = call_from(page, sample, "en")
    assert answer.count("data-helped") == 1
    assert CALLED in text(answer)
    assert "data-service" in answer


def test_before_a_language_is_chosen_it_is_confirmed_in_all_of_them(sample: SampleBranch) -> None:
    start = f"/kiosk/{sample.branch.slug}/"
    answer = call_from(start, sample)
    assert values(answer.split('class="helped"')[1].split("</div>")[0], "lang") == ["fi", "sv", "en"]
    assert "Kutsuimme henkilökuntaa." in text(answer)


@pytest.mark.parametrize("elsewhere", ["https://example.com/", "//example.com/", "/desk/", ""])
def test_it_leads_nowhere_but_to_the_kiosk(elsewhere: str, sample: SampleBranch) -> None:
    answer = Client().post(f"/kiosk/{sample.branch.slug}/help/", {"back": elsewhere})
    assert answer.headers["Location"] == f"/kiosk/{sample.branch.slug}/"


def test_desks_and_the_hall_see_it_until_somebody_goes(
    sample: SampleBranch, clerk_client: Client, supervisor_client: Client
) -> None:
    assert ASKED not in desk_of(clerk_client, sample)
    call_from("", sample)
    assert ASKED in desk_of(clerk_client, sample)
    assert ASKED in hall_pages.hall(supervisor_client, sample)
    for public in (f"/display/{sample.branch.slug}/", sample.services_page()):
        assert "asks for a person" not in html(Client().get(public))
    hall_pages.press(supervisor_client, sample, "kiosk/coming/")
    assert ASKED not in desk_of(clerk_client, sample)
    assert "Riitta M. went to the visitor at the kiosk." in text(hall_pages.hall(supervisor_client, sample))


def test_a_clerk_may_go_too(sample: SampleBranch, clerk_client: Client) -> None:
    call_from("", sample)
    answer = clerk_client.post(sample.press("kiosk-coming"), headers={"hx-request": "true"})
    assert ASKED not in html(answer)
    assert "waits for you" in html(answer)


def test_however_often_it_is_pressed_it_is_asked_once_in_a_minute(
    sample: SampleBranch, supervisor_client: Client
) -> None:
    def asked() -> int:
        return BranchEvent.objects.filter(what="kiosk-help").count()

    for _press in range(3):
        assert CALLED in text(call_from(sample.services_page(), sample, "en"))
    hall_pages.press(supervisor_client, sample, "kiosk/coming/")
    call_from("", sample)
    assert asked() == 1
    with clock.standing_at(clock.now() + timedelta(minutes=2)):
        call_from("", sample)
    assert asked() == 2


def test_nobody_is_asked_the_next_morning(sample: SampleBranch) -> None:
    actions.close_day(sample.branch)
    call_from("", sample)
    with clock.standing_at(clock.now() + timedelta(days=1)):
        actions.close_day(Branch.objects.get(pk=sample.branch.pk))
    assert Branch.objects.get(pk=sample.branch.pk).kiosk_help_since is None
