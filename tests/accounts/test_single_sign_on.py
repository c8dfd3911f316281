"""Signing in at the organisation, against a provider that speaks the real protocol over HTTP."""

import time
from collections.abc import Iterator
from urllib.parse import parse_qs, urlsplit

import pytest
from django.contrib.auth import SESSION_KEY
from django.test import Client
from pytest_django.fixtures import Settings

from accounts.models import User
from tests.accounts.provider import CLIENT, SECRET, Provider, running_provider
from tests.kit import factories
from tests.kit.sample_branch import SampleBranch, html, text

pytestmark = pytest.mark.django_db

BEGIN, SIGN_IN = "/desk/sign-in/organisation/", "/desk/sign-in/"
MAIJA = {"sub": "maija-1", "email": "Maija@example.fi", "email_verified": True}


@pytest.fixture(scope="module")
def _provider() -> Iterator[Provider]:
    with running_provider() as provider:
        yield provider


@pytest.fixture
def provider(_provider: Provider, settings: Settings) -> Provider:
    _provider.claims, _provider.breaks = dict(MAIJA), ""
    _provider.asked.clear()
    settings.SINGLE_SIGN_ON = (_provider.issuer, CLIENT, SECRET)
    return _provider


@pytest.fixture
def maija(sample: SampleBranch) -> User:
    return factories.clerk(sample.branch, email="maija@example.fi")


def sent_to(client: Client, to: str = "") -> str:
    answer = client.get(f"{BEGIN}?next={to}")
    assert answer.status_code == 302
    return str(answer.headers["Location"])


def come_back(client: Client, provider: Provider, to: str = "") -> str:
    """All the way there and back; returns where it leads."""
    back = urlsplit(provider.consent(sent_to(client, to)))
    answer = client.get(f"{back.path}?{back.query}")
    assert answer.status_code == 302
    return str(answer.headers["Location"])


def test_somebody_with_a_verified_address_comes_in_and_is_known_by_the_subject_from_then_on(
    provider: Provider, maija: User
) -> None:
    client = Client()
    assert come_back(client, provider, "/hall/x/") == "/hall/x/"
    assert client.session[SESSION_KEY] == str(maija.pk)
    provider.claims = {"sub": "maija-1"}
    again = Client()
    assert come_back(again, provider) == "/desk/"
    assert again.session[SESSION_KEY] == str(maija.pk)


@pytest.mark.usefixtures("provider")
def test_the_browser_is_sent_with_state_nonce_and_pkce_and_back_to_the_public_address() -> None:
    query = parse_qs(urlsplit(sent_to(Client())).query)
    assert query["redirect_uri"] == ["http://127.0.0.1:8000/desk/sign-in/back/"]
    assert query["code_challenge_method"] == ["S256"]
    assert query["state"][0] != query["nonce"][0]


STRANGERS: dict[str, dict[str, object]] = {
    "nobody here": {"sub": "x", "email": "stranger@example.fi", "email_verified": True},
    "not verified": {**MAIJA, "email_verified": False},
    "said in a word": {**MAIJA, "email_verified": "true"},
    "not said whether": {"sub": "maija-1", "email": "maija@example.fi"},
    "no address": {"sub": "maija-1"},
}


@pytest.mark.parametrize("who", STRANGERS)
def test_a_stranger_gets_no_account(who: str, provider: Provider, maija: User) -> None:
    provider.claims = STRANGERS[who]
    client, people = Client(headers={"accept-language": "en"}), User.objects.count()
    assert come_back(client, provider) == SIGN_IN
    assert "you have no account here" in text(html(client.get(SIGN_IN)))
    assert SESSION_KEY not in client.session
    assert User.objects.count() == people
    maija.refresh_from_db()
    assert maija.single_sign_on is None


@pytest.mark.usefixtures("maija")
def test_another_subject_does_not_take_over_an_account_by_its_address(provider: Provider) -> None:
    come_back(Client(), provider)
    provider.claims = {**MAIJA, "sub": "mallory"}
    assert come_back(Client(), provider) == SIGN_IN


@pytest.mark.usefixtures("maija")
def test_an_address_that_two_accounts_have_names_nobody(provider: Provider) -> None:
    factories.user(email="MAIJA@example.fi")
    assert come_back(Client(), provider) == SIGN_IN


def test_somebody_who_has_left_does_not_come_in(provider: Provider, maija: User) -> None:
    come_back(Client(), provider)
    User.objects.filter(pk=maija.pk).update(is_active=False)
    assert come_back(Client(), provider) == SIGN_IN


UNBELIEVABLE: dict[str, dict[str, object]] = {
    "another issuer": {"iss": "https://evil.example"},
    "for another client": {"aud": "other"},
    "too old": {"exp": int(time.time()) - 3600, "iat": int(time.time()) - 7200},
    "another sign-in's": {"nonce": "replayed"},
    "no subject": {"sub": None},
}


@pytest.mark.usefixtures("maija")
@pytest.mark.parametrize("what", [*UNBELIEVABLE, "key", "down"])
def test_what_does_not_add_up_is_not_believed(what: str, provider: Provider) -> None:
    provider.claims |= UNBELIEVABLE.get(what, {})
    provider.breaks = what
    client = Client(headers={"accept-language": "en"})
    assert come_back(client, provider) == SIGN_IN
    assert SESSION_KEY not in client.session
    assert "didn't work just now" in text(html(client.get(SIGN_IN)))


@pytest.mark.parametrize("query", ["", "?code=1", "?state=1&code=1", "?error=access_denied"])
def test_who_was_not_sent_does_not_come_back(query: str, provider: Provider) -> None:
    client = Client()
    assert client.get(f"/desk/sign-in/back/{query}").headers["Location"] == SIGN_IN
    assert provider.asked == {}


@pytest.mark.usefixtures("maija")
def test_a_code_of_somebody_elses_browser_is_not_taken(provider: Provider) -> None:
    back = urlsplit(provider.consent(sent_to(Client())))
    victim = Client()
    assert victim.get(f"{back.path}?{back.query}").headers["Location"] == SIGN_IN
    assert SESSION_KEY not in victim.session


@pytest.mark.usefixtures("maija")
@pytest.mark.parametrize("to", ["https://evil.example/", "//evil.example", "javascript:alert(1)"])
def test_it_leads_nowhere_else(to: str, provider: Provider) -> None:
    assert come_back(Client(), provider, to) == "/desk/"


@pytest.mark.usefixtures("provider")
def test_the_page_offers_it_where_there_is_one(settings: Settings) -> None:
    assert BEGIN in html(Client().get(SIGN_IN))
    settings.SINGLE_SIGN_ON = None
    assert BEGIN not in html(Client().get(SIGN_IN))


def test_a_provider_that_does_not_answer_is_said_in_words(settings: Settings) -> None:
    settings.SINGLE_SIGN_ON = ("http://127.0.0.1:9", CLIENT, SECRET)
    client = Client(headers={"accept-language": "en"})
    assert client.get(BEGIN).headers["Location"] == SIGN_IN
    assert "didn't work just now" in text(html(client.get(SIGN_IN)))
