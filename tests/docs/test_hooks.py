"""What integrators and other tests hold on to in a page."""

import re
from uuid import uuid4

import pytest
from django.test import Client

from tests.kit import factories
from tests.kit.sample_branch import SampleBranch, drew, html, value, values

pytestmark = pytest.mark.django_db


def page(address: str) -> str:
    return html(Client().get(address))


def test_the_front_page_leads_to_every_surface(sample: SampleBranch) -> None:
    found = page("/")
    assert set(values(found, "data-surface")) == {"kiosk", "display", "desk", "hall"}
    assert f'href="/kiosk/{sample.branch.slug}/" data-surface="kiosk"' in found
    assert f'href="/display/{sample.branch.slug}/" data-surface="display"' in found
    assert 'href="/desk/" data-surface="desk"' in found
    assert f'href="/hall/{sample.branch.slug}/" data-surface="hall"' in found


@pytest.mark.parametrize("language", ["fi", "sv", "en"])
def test_each_language_is_offered_by_its_own_name(language: str) -> None:
    found = html(Client(headers={"accept-language": language}).get("/"))
    offered = [f'lang="{code}">{name}' for code, name in (("fi", "Suomi"), ("sv", "Svenska"), ("en", "English"))]
    buttons = re.sub(r">\s+", ">", found.replace(' aria-current="true"', ""))
    assert [one for one in offered if one not in buttons] == []


def test_the_kiosk_offers_each_language_of_its_branch_in_its_order(sample: SampleBranch) -> None:
    sample.branch.languages = ["sv", "en"]
    sample.branch.save()
    found = page(f"/kiosk/{sample.branch.slug}/")
    assert values(found, "data-language") == ["sv", "en"]


def test_the_kiosk_names_each_service_closed_ones_too(sample: SampleBranch) -> None:
    assert values(page(sample.services_page()), "data-service") == ["passports", "payments", "parking"]


def test_the_kiosk_can_change_its_language_within_the_same_visit(sample: SampleBranch) -> None:
    visit = uuid4()
    found = page(sample.services_page("sv", visit))
    assert values(found, "data-language") == ["fi", "sv", "en"]
    assert f'href="{sample.services_page("en", visit)}"' in found


def test_the_ticket_page_has_its_number_and_its_link(sample: SampleBranch) -> None:
    ticket = factories.ticket(sample.passports)
    found = html(drew(ticket).get(f"/kiosk/{sample.branch.slug}/en/ticket/{ticket.token}/"))
    assert value(found, "data-ticket-number") == "A1"
    assert f'/t/{ticket.token}/" data-ticket-url' in found
    assert values(found, "data-action") == ["more", "kiosk-help"]


def test_the_display_shows_each_call_the_newest_first(sample: SampleBranch) -> None:
    factories.waiting(2, sample.passports)
    first, second = factories.called(sample.desk), factories.called(sample.other_desk)
    found = page(f"/display/{sample.branch.slug}/")
    sample.branch.refresh_from_db()
    assert values(found, "data-call") == [str(second.last_call), str(first.last_call)]
    assert values(found, "data-number") == ["A2", "A1"]
    assert values(found, "data-desk") == ["4", "3"]
    assert value(found, "data-rev") == str(sample.branch.revision)


def test_the_sign_in_form_has_its_two_fields() -> None:
    found = page("/desk/sign-in/")
    assert {"username", "password"} <= set(values(found, "name"))


def test_the_choice_of_desks_names_each_desk(sample: SampleBranch, clerk_client: Client) -> None:
    found = html(clerk_client.get("/desk/"))
    assert values(found, "data-desk-choice") == [str(sample.desk.pk), str(sample.other_desk.pk)]
    assert f'href="/desk/{sample.desk.pk}/" data-desk-choice="{sample.desk.pk}"' in found


DESK_ACTIONS = [
    *("call-next", "recall", "start", "finish", "absent"),
    *("hold", "transfer", "link", "put-back", "plan", "back", "issue"),
    *("undo", "pause", "resume", "auto", "help", "help-ended", "record", "skip"),
]
"""Calling out of turn needs a permission, taking over somebody who sits there: those two have tests of their own."""


@pytest.mark.parametrize("state", ["FREE", "CALLED", "SERVING"])
def test_the_desk_has_every_action_in_every_state(state: str, sample: SampleBranch, clerk_client: Client) -> None:
    factories.ticket(sample.passports)
    {"FREE": lambda _desk: None, "CALLED": factories.called, "SERVING": factories.serving}[state](sample.desk)
    found = html(clerk_client.get(f"/desk/{sample.desk.pk}/"))
    assert sorted(values(found, "data-action")) == sorted(DESK_ACTIONS)
    assert value(found, "data-state") == state
    assert value(found, "data-current-number") == ("" if state == "FREE" else "A1")


def test_each_action_of_the_desk_has_one_key_which_is_shown(sample: SampleBranch, clerk_client: Client) -> None:
    found = html(clerk_client.get(f"/desk/{sample.desk.pk}/"))
    keys = values(found, "data-key")
    assert keys == values(found, "aria-keyshortcuts")
    assert sorted(keys) == sorted("12345679?prz")
    assert all(f"<kbd>{key.upper()}</kbd>" in found for key in keys)


def test_the_phone_has_its_number_its_state_and_its_place(sample: SampleBranch) -> None:
    factories.ticket(sample.passports)
    ticket = factories.ticket(sample.passports)
    found = page(f"/t/{ticket.token}/")
    assert (value(found, "data-number"), value(found, "data-state"), value(found, "data-place")) == (
        "A2",
        "WAITING",
        "2",
    )


def test_the_phone_has_every_press_in_every_state(sample: SampleBranch) -> None:
    """Which of them are seen is the style sheet's matter."""
    ticket = factories.ticket(sample.passports)
    presses = ["here", "thank", "tell", "leave"]
    assert values(page(f"/t/{ticket.token}/"), "data-action") == presses
    factories.served(sample.desk)
    assert values(page(f"/t/{ticket.token}/"), "data-action") == presses


def test_the_phone_has_no_place_once_it_is_called(sample: SampleBranch) -> None:
    ticket = factories.ticket(sample.passports)
    factories.called(sample.desk)
    found = page(f"/t/{ticket.token}/")
    assert (value(found, "data-state"), value(found, "data-place")) == ("CALLED", "")


@pytest.mark.parametrize(
    ("address", "socket"),
    [
        ("/display/{slug}/", "/ws/display/{slug}/"),
        ("/kiosk/{slug}/", "/ws/kiosk/{slug}/?page=start"),
        ("/kiosk/{slug}/sv/00000000-0000-4000-8000-000000000000/", "/ws/kiosk/{slug}/?language=sv"),
        ("/t/{token}/", "/ws/t/{token}/?language=en"),
        ("/desk/{desk}/", "/ws/desk/{desk}/?language=en"),
    ],
)
def test_each_live_page_names_its_socket(address: str, socket: str, sample: SampleBranch, clerk_client: Client) -> None:
    names = {"slug": sample.branch.slug, "token": factories.ticket(sample.passports).token, "desk": sample.desk.pk}
    found = html(clerk_client.get(address.format(**names)))
    assert value(found, "data-live-socket") == socket.format(**names)
