"""A visitor's link: nobody guesses it, and nobody learns from an answer whether they were near."""

from base64 import urlsafe_b64decode
from datetime import timedelta

import pytest
from django.conf import settings as site
from django.test import Client
from pytest_django.fixtures import Settings

from queues import clock
from queues.models.ticket import new_token
from tests.kit import factories
from tests.kit.sample_branch import SampleBranch

pytestmark = pytest.mark.django_db

PLACES = ("t/{}/", "t/{}/frame/", "kiosk/{branch}/en/ticket/{}/", "kiosk/{branch}/en/ticket/{}/more/")
"""A kiosk, which nobody watches over, goes to its start instead of saying that there is nothing."""
PRESSES = ("leave", "here", "tell", "thank")


def test_a_link_has_128_random_bits() -> None:
    tokens = {new_token() for _time in range(1000)}
    assert len(tokens) == 1000
    assert {len(urlsafe_b64decode(f"{token}==")) for token in tokens} == {16}


@pytest.mark.parametrize("place", PLACES)
def test_every_link_that_leads_nowhere_is_answered_with_the_same_bytes(
    place: str, sample: SampleBranch, settings: Settings
) -> None:
    settings.DEBUG = False
    ticket = factories.ticket(sample.passports)
    another = factories.ticket(factories.service())
    links = ["A" * 22, "a", "A" * 2000, *((another.token,) if "kiosk" in place else ("%00", "ä"))]
    addresses = ["/" + place.format(link, branch=sample.branch.slug) for link in links]
    answers = [Client(headers={"accept-language": "sv"}).get(where) for where in addresses]
    with clock.standing_at(clock.now() + timedelta(days=1)):
        ended = "/" + place.format(ticket.token, branch=sample.branch.slug)
        answers.append(Client(headers={"accept-language": "sv"}).get(ended))
    assert {answer.status_code for answer in answers} == {302 if "kiosk" in place else 404}
    assert len({answer.content for answer in answers}) == 1
    own = ("X-Request-ID", "Expires")  # the second in which it was answered
    told = [{name: value for name, value in answer.headers.items() if name not in own} for answer in answers]
    assert all(headers == told[0] for headers in told)
    assert not any(answer.cookies for answer in answers)


@pytest.mark.parametrize("press", PRESSES)
def test_a_press_on_such_a_link_is_answered_the_same(press: str, sample: SampleBranch) -> None:
    ticket = factories.ticket(sample.passports)
    unknown = Client().post(f"/t/{'A' * 22}/{press}/")
    with clock.standing_at(clock.now() + timedelta(days=1)):
        ended = Client().post(f"/t/{ticket.token}/{press}/")
    assert unknown.status_code == ended.status_code == 404
    assert unknown.content == ended.content


def test_a_page_with_a_key_is_kept_by_nobody_and_its_address_told_to_nobody(sample: SampleBranch) -> None:
    ticket = factories.ticket(sample.passports)
    for place in PLACES:
        headers = Client().get("/" + place.format(ticket.token, branch=sample.branch.slug)).headers
        assert "no-store" in headers["Cache-Control"]
        assert headers["Referrer-Policy"] == "strict-origin"


def test_cookies_are_for_this_site_alone(sample: SampleBranch) -> None:
    client = Client()
    client.force_login(sample.clerk)
    client.get("/desk/")
    client.post("/language/", {"language": "sv", "next": "/"})
    client.get(f"/kiosk/{sample.branch.slug}/")
    assert set(client.cookies) == {
        site.SESSION_COOKIE_NAME,
        site.CSRF_COOKIE_NAME,
        site.LANGUAGE_COOKIE_NAME,
        "kiosk",
    }
    for cookie in client.cookies.values():
        if cookie.key != site.SESSION_COOKIE_NAME:  # force_login makes this one itself
            assert (cookie["httponly"], cookie["samesite"], cookie["path"]) == (True, "Lax", "/")


def test_an_error_page_shows_nothing_of_what_was_sent(settings: Settings) -> None:
    settings.DEBUG = False
    answer = Client(raise_request_exception=False).post(
        "/desk/sign-in/",
        b"x" * (site.DATA_UPLOAD_MAX_MEMORY_SIZE + 1),
        content_type="application/x-www-form-urlencoded",
    )
    assert answer.status_code == 400
    assert b"xxx" not in answer.content
    assert Client(headers={"host": "evil.example"}).get("/").status_code == 400
