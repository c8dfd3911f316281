"""Signing in: throttled by account and address, a new session each time, and its end."""

import time
from datetime import timedelta

import pytest
from axes.models import AccessAttempt
from django.conf import settings
from django.contrib.auth import SESSION_KEY
from django.contrib.sessions.models import Session
from django.test import Client
from django.utils import timezone

from accounts import idle
from tests.kit import factories
from tests.kit.sample_branch import SampleBranch, html, text

pytestmark = pytest.mark.django_db

SIGN_IN = "/desk/sign-in/"
HERE, THERE = "203.0.113.1", "203.0.113.2"


def attempt(username: str, password: str, *, address: str = HERE, client: Client | None = None) -> int:
    sent = {"username": username, "password": password}
    answer = (client or Client()).post(SIGN_IN, sent, REMOTE_ADDR=address)
    return answer.status_code


def guess(username: str, times: int, *, address: str = HERE) -> None:
    for _time in range(times):
        attempt(username, "wrong", address=address)


def guessed(username: str, times: int, *, address: str = HERE) -> None:
    """As `guess`, a moment ago."""
    AccessAttempt.objects.create(
        username=username, ip_address=address, failures_since_start=times, attempt_time=timezone.now()
    )


def test_after_five_wrong_passwords_even_the_right_one_waits(sample: SampleBranch) -> None:
    name = sample.clerk.username
    assert [attempt(name, "wrong") for _time in range(6)] == [200, 200, 200, 200, 429, 429]
    assert attempt(name, name) == 429


def test_a_stranger_elsewhere_keeps_no_clerk_out(sample: SampleBranch) -> None:
    guess(sample.clerk.username, 10, address=THERE)
    assert attempt(sample.clerk.username, sample.clerk.username, address=HERE) == 302


def test_one_who_tries_many_names_is_stopped_by_the_address(sample: SampleBranch) -> None:
    for number in range(13):
        guessed(f"name-{number}", 4)
    assert attempt("another", "wrong") == 429
    assert attempt(sample.clerk.username, sample.clerk.username, address=THERE) == 302


def test_one_who_tries_from_everywhere_is_stopped_at_the_account(sample: SampleBranch) -> None:
    for number in range(25):
        guessed(sample.clerk.username, 4, address=f"198.51.100.{number}")
    assert attempt(sample.clerk.username, sample.clerk.username, address=THERE) == 429


def test_signing_in_oneself_forgives_nothing_tried_at_a_colleague(sample: SampleBranch) -> None:
    own = factories.user()
    for _round in range(5):
        guess(sample.clerk.username, 1)
        assert attempt(own.username, own.username) == 302
    assert attempt(sample.clerk.username, sample.clerk.username) == 429


@pytest.mark.parametrize(
    ("language", "words"),
    [("fi", "Yritä uudelleen 15 minuutin"), ("sv", "Försök igen om 15 minuter"), ("en", "try again in 15 minutes")],
)
def test_it_is_said_when_to_try_again(language: str, words: str, sample: SampleBranch) -> None:
    guess(sample.clerk.username, 5)
    sent = {"username": sample.clerk.username, "password": "wrong", "next": "/desk/"}
    answer = Client(headers={"accept-language": language}).post(SIGN_IN, sent, REMOTE_ADDR=HERE)
    assert words in text(html(answer))
    assert 0 < int(answer.headers["Retry-After"]) <= 900
    assert 'name="next" value="/desk/"' in html(answer)


def test_a_pause_ends_by_itself_and_guesses_meanwhile_make_it_no_longer(sample: SampleBranch) -> None:
    guess(sample.clerk.username, 5)
    AccessAttempt.objects.update(attempt_time=timezone.now() - timedelta(minutes=14))
    guess(sample.clerk.username, 5)
    assert attempt(sample.clerk.username, sample.clerk.username) == 429
    AccessAttempt.objects.update(attempt_time=timezone.now() - timedelta(minutes=15))
    assert attempt(sample.clerk.username, sample.clerk.username) == 302


def test_no_password_is_kept_of_a_failed_try(sample: SampleBranch) -> None:
    attempt(sample.clerk.username, "hunter2-and-more")
    kept = AccessAttempt.objects.get()
    assert "hunter2" not in f"{kept.post_data}{kept.get_data}"


# Sessions


def test_the_session_is_another_after_signing_in(sample: SampleBranch) -> None:
    client = Client()
    client.session.save()
    planted = str(client.session.session_key)
    client.cookies[settings.SESSION_COOKIE_NAME] = planted
    assert attempt(sample.clerk.username, sample.clerk.username, client=client) == 302
    assert client.session.session_key != planted
    assert not Session.objects.filter(session_key=planted).exists()


def test_the_session_is_gone_after_signing_out(sample: SampleBranch) -> None:
    client = Client()
    client.force_login(sample.clerk)
    stolen = client.cookies[settings.SESSION_COOKIE_NAME].value
    client.post("/desk/sign-out/")
    client.cookies[settings.SESSION_COOKIE_NAME] = stolen
    assert client.get("/desk/").status_code == 302


def expiry(client: Client) -> float:
    return Session.objects.get(session_key=client.session.session_key).expire_date.timestamp()


def backdated(client: Client, *, pressed: int, signed_in: int = 0) -> float:
    """The session as if its last press was so many seconds ago; returns when it ends."""
    session = client.session
    session[idle.PRESSED] -= pressed
    session[idle.SIGNED_IN] -= signed_in
    session.save()
    ends = timezone.now() + timedelta(seconds=settings.SESSION_COOKIE_AGE - pressed)
    Session.objects.filter(session_key=session.session_key).update(expire_date=ends)
    return expiry(client)


def test_a_session_ends_when_nobody_presses(sample: SampleBranch) -> None:
    client = Client()
    client.force_login(sample.clerk)
    assert settings.SESSION_COOKIE_AGE == 3600
    backdated(client, pressed=settings.SESSION_COOKIE_AGE + 1)
    assert client.get("/desk/").status_code == 302


def test_a_press_moves_the_end_on_and_is_not_written_each_time(sample: SampleBranch) -> None:
    client = Client()
    client.force_login(sample.clerk)
    ends = backdated(client, pressed=idle.RENEW_EVERY - 10)
    client.get("/desk/")
    assert expiry(client) == ends
    backdated(client, pressed=idle.RENEW_EVERY)
    client.get("/desk/")
    assert expiry(client) >= time.time() + settings.SESSION_COOKIE_AGE - 5


def test_what_a_page_asks_by_itself_keeps_nobody_signed_in(sample: SampleBranch) -> None:
    client = Client()
    client.force_login(sample.clerk)
    ends = backdated(client, pressed=2 * idle.RENEW_EVERY)
    assert client.get(f"/desk/{sample.desk.pk}/frame/").status_code == 200
    assert expiry(client) == ends


def test_no_session_is_renewed_for_ever(sample: SampleBranch) -> None:
    client = Client()
    client.force_login(sample.clerk)
    ends = backdated(client, pressed=2 * idle.RENEW_EVERY, signed_in=idle.LONGEST)
    assert client.get("/desk/").status_code == 200
    assert expiry(client) == ends


def test_a_visitor_is_given_no_session(sample: SampleBranch) -> None:
    client = Client()
    ticket = factories.ticket(sample.passports)
    for page in ("/", f"/kiosk/{sample.branch.slug}/", f"/t/{ticket.token}/", f"/display/{sample.branch.slug}/"):
        assert client.get(page).status_code == 200
    assert settings.SESSION_COOKIE_NAME not in client.cookies
    assert SESSION_KEY not in client.session
