"""A code from the phone: set up, asked for, replaced by a backup code, and owed by managers where the site says so."""

import re
import time
from collections.abc import Callable

import pytest
from django.contrib.auth import SESSION_KEY
from django.test import Client
from django_otp.oath import TOTP
from django_otp.plugins.otp_totp.models import TOTPDevice
from pytest_django.fixtures import Settings

from accounts import second_factor
from accounts.models import User
from queues.models import Role
from staffdesk import signing_in
from tests.kit import factories
from tests.kit.sample_branch import SampleBranch, html, text

pytestmark = pytest.mark.django_db

SIGN_IN, CODE, SET_UP = "/desk/sign-in/", "/desk/sign-in/code/", "/desk/second-factor/"


def shown_on_the_phone(user: User, *, later: int = 0) -> str:
    """The code of now, or of so many half minutes later: each works once."""
    device = TOTPDevice.objects.filter(user=user).latest("id")
    totp = TOTP(device.bin_key)
    totp.time = time.time() + 30 * later
    return f"{totp.token():06}"


def with_phone(user: User) -> list[str]:
    """Set up; returns the backup codes."""
    second_factor.being_set_up(user)
    codes = second_factor.confirm(user, shown_on_the_phone(user))
    TOTPDevice.objects.update(last_t=-1)  # the half minute is over
    return codes


def english() -> Client:
    return Client(headers={"accept-language": "en"})


def password_given(user: User, to: str = "") -> Client:
    client = english()
    answer = client.post(SIGN_IN, {"username": user.username, "password": user.username, "next": to})
    assert answer.status_code == 302
    return client


def signed_in(client: Client) -> bool:
    return SESSION_KEY in client.session


def test_the_password_alone_opens_nothing(sample: SampleBranch) -> None:
    with_phone(sample.clerk)
    client = password_given(sample.clerk)
    assert not signed_in(client)
    assert client.get("/desk/").status_code == 302
    assert client.get(CODE).status_code == 200


def test_the_code_opens_what_was_asked_for_and_the_session_is_another(sample: SampleBranch) -> None:
    with_phone(sample.clerk)
    client = password_given(sample.clerk, to=f"/desk/{sample.desk.pk}/")
    half_way = client.session.session_key
    answer = client.post(CODE, {"code": shown_on_the_phone(sample.clerk)})
    assert (answer.status_code, answer.headers["Location"]) == (302, f"/desk/{sample.desk.pk}/")
    assert signed_in(client)
    assert client.session.session_key != half_way


def test_no_code_works_twice(sample: SampleBranch) -> None:
    with_phone(sample.clerk)
    code = shown_on_the_phone(sample.clerk)
    assert password_given(sample.clerk).post(CODE, {"code": code}).status_code == 302
    answer = password_given(sample.clerk).post(CODE, {"code": code})
    assert answer.status_code == 409
    assert "doesn't fit" in text(html(answer))


def test_after_a_wrong_code_one_has_to_wait(sample: SampleBranch) -> None:
    with_phone(sample.clerk)
    client = password_given(sample.clerk)
    wrong = f"{(int(shown_on_the_phone(sample.clerk)) + 1) % 1000000:06}"
    client.post(CODE, {"code": wrong})
    TOTPDevice.objects.update(throttling_failure_count=6)
    answer = client.post(CODE, {"code": shown_on_the_phone(sample.clerk)})
    assert answer.status_code == 409
    assert re.search(r"try again in \d+ seconds", text(html(answer)))
    assert not signed_in(client)


@pytest.mark.parametrize("written", [lambda code: code, lambda code: f" {code[:5].upper()}-{code[5:].upper()} "])
def test_each_backup_code_lets_in_once(written: Callable[[str], str], sample: SampleBranch) -> None:
    codes = with_phone(sample.clerk)
    assert len(set(codes)) == 8
    client = password_given(sample.clerk)
    assert client.post(CODE, {"code": written(codes[0])}).status_code == 302
    assert signed_in(client)
    assert password_given(sample.clerk).post(CODE, {"code": codes[0]}).status_code == 409


def test_the_code_has_to_follow_the_password_soon(sample: SampleBranch, monkeypatch: pytest.MonkeyPatch) -> None:
    with_phone(sample.clerk)
    client = password_given(sample.clerk)
    monkeypatch.setattr(signing_in, "CODE_WITHIN", -1)
    answer = client.post(CODE, {"code": shown_on_the_phone(sample.clerk)})
    assert answer.headers["Location"] == SIGN_IN
    assert not signed_in(client)


def test_setting_it_up_shows_the_backup_codes_once(sample: SampleBranch) -> None:
    client = english()
    client.force_login(sample.clerk)
    page = html(client.get(SET_UP))
    assert "data:image/svg+xml" in page
    assert html(client.get(SET_UP)).count(second_factor.key(TOTPDevice.objects.get())) == 1
    assert client.post(SET_UP, {"code": "000000x"}).status_code == 409
    TOTPDevice.objects.update(throttling_failure_count=0)
    page = html(client.post(SET_UP, {"code": shown_on_the_phone(sample.clerk)}))
    codes = re.findall(r"<code>(\w+)</code>", page)
    assert len(codes) == 8
    assert codes[0] not in html(client.get(SET_UP))
    assert second_factor.is_set_up(sample.clerk)


def test_only_a_code_takes_the_phone_away(sample: SampleBranch) -> None:
    with_phone(sample.clerk)
    client = english()
    client.force_login(sample.clerk)
    assert client.post(f"{SET_UP}remove/", {"code": "nonsense"}).status_code == 409
    assert second_factor.is_set_up(sample.clerk)
    assert client.post(f"{SET_UP}remove/", {"code": shown_on_the_phone(sample.clerk)}).status_code == 302
    assert not second_factor.is_set_up(sample.clerk)


OWING: dict[str, Callable[[SampleBranch], User]] = {
    "a manager": lambda sample: factories.clerk(sample.branch, role=Role.MANAGER),
    "an administrator": lambda _town: factories.user(is_staff=True, is_superuser=True),
}


@pytest.mark.parametrize("who", OWING)
def test_where_it_is_required_nobody_who_owes_it_comes_in_without(
    who: str, sample: SampleBranch, settings: Settings
) -> None:
    settings.SECOND_FACTOR_REQUIRED = True
    user = OWING[who](sample)
    client = password_given(user, to="/admin/")
    assert not signed_in(client)
    assert client.get("/desk/").status_code == 302
    client.get(SET_UP)
    page = html(client.post(SET_UP, {"code": shown_on_the_phone(user)}))
    assert 'href="/admin/"' in page
    assert signed_in(client)


@pytest.mark.parametrize("role", [Role.CLERK, Role.SUPERVISOR])
def test_nobody_else_owes_it(role: Role, sample: SampleBranch, settings: Settings) -> None:
    settings.SECOND_FACTOR_REQUIRED = True
    assert signed_in(password_given(factories.clerk(sample.branch, role=role)))


def test_a_managers_password_alone_does_not_set_up_another_phone(sample: SampleBranch, settings: Settings) -> None:
    settings.SECOND_FACTOR_REQUIRED = True
    manager = factories.clerk(sample.branch, role=Role.MANAGER)
    with_phone(manager)
    client = password_given(manager)
    assert client.get(SET_UP).headers["Location"] == CODE
    assert client.post(SET_UP, {"code": shown_on_the_phone(manager)}).headers["Location"] == CODE
    assert TOTPDevice.objects.filter(user=manager).count() == 1


def test_set_up_has_no_other_sign_in(sample: SampleBranch) -> None:
    with_phone(sample.clerk)
    answer = english().get("/admin/login/?next=/admin/")
    assert answer.headers["Location"] == f"{SIGN_IN}?next=%2Fadmin%2F"
