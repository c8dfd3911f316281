"""A branch and its administrator."""

import builtins
import getpass
import os
import pwd
import sys
from collections.abc import Callable, Iterator
from io import StringIO
from pathlib import Path
from types import SimpleNamespace

import pytest
from django.core.management import CommandError, call_command

from accounts.models import User
from queues.models import Branch, Role
from tests.kit import factories

pytestmark = pytest.mark.django_db

PASSWORD = "seven tired magpies"
OPTIONS = {"slug": "keskus", "name_fi": "Keskus", "name_sv": "Centrum", "languages": "fi,sv", "admin": "boss"}


@pytest.fixture(autouse=True)
def _nobody_at_the_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", SimpleNamespace(isatty=lambda: False))
    monkeypatch.setenv("ADMIN_PASSWORD", PASSWORD)


def set_up(**options: str | Path) -> str:
    said = StringIO()
    call_command("setup", stdout=said, **options)
    return said.getvalue()


def refusal(**options: str | Path) -> str:
    with pytest.raises(CommandError) as refused:
        set_up(**options)
    return str(refused.value)


def test_options_alone_make_a_branch_and_its_administrator() -> None:
    said = set_up(**OPTIONS)
    branch = Branch.objects.get(slug="keskus")
    admin = User.objects.get()
    assert "Made the branch keskus and the administrator boss." in said
    assert branch.languages == ["fi", "sv"]
    assert branch.time_zone == "Europe/Helsinki"
    assert admin.is_superuser
    assert admin.check_password(PASSWORD)
    assert admin.memberships.get().role == Role.MANAGER


def test_the_password_may_stand_in_a_file(tmp_path: Path) -> None:
    file = tmp_path / "password"
    file.write_text("four sleepy badgers\n")
    set_up(**OPTIONS, password_file=file)
    assert User.objects.get().check_password("four sleepy badgers")


def test_what_exists_is_refused_politely() -> None:
    factories.branch(slug="keskus")
    assert refusal(**OPTIONS) == "--slug: There is a branch keskus already; nothing was changed."
    factories.user(username="boss")
    said = refusal(**OPTIONS | {"slug": "toinen"})
    assert said == "--admin: There is a user boss already, who is no administrator; nothing was changed."
    assert Branch.objects.count() == 1


def test_a_further_branch_has_the_same_administrator_whose_password_stays(monkeypatch: pytest.MonkeyPatch) -> None:
    set_up(**OPTIONS)
    for password in ("quite another one", None):
        if password is None:
            monkeypatch.delenv("ADMIN_PASSWORD")
        else:
            monkeypatch.setenv("ADMIN_PASSWORD", password)
        slug = f"branch-{Branch.objects.count() + 1}"
        said = set_up(**OPTIONS | {"slug": slug})
        assert f"Made the branch {slug}. boss administers it, with the same password as before." in said
    admin = User.objects.get()
    assert admin.check_password(PASSWORD)
    assert sorted(admin.memberships.values_list("branch__slug", "role")) == [
        ("branch-2", Role.MANAGER),
        ("branch-3", Role.MANAGER),
        ("keskus", Role.MANAGER),
    ]


def test_at_the_terminal_an_administrator_who_is_there_is_asked_for_no_password(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    set_up(**OPTIONS)
    monkeypatch.setattr(sys, "stdin", SimpleNamespace(isatty=lambda: True))
    monkeypatch.delenv("ADMIN_PASSWORD")
    monkeypatch.setattr(builtins, "input", typed(iter(["toinen", "fi", "Toinen", "", "boss"])))
    monkeypatch.setattr(getpass, "getpass", typed(iter([])))
    set_up()
    assert User.objects.get().memberships.count() == 2


def test_the_password_may_come_on_standard_input(monkeypatch: pytest.MonkeyPatch) -> None:
    line = StringIO("four sleepy badgers\n")
    monkeypatch.setattr(sys, "stdin", line)
    set_up(**OPTIONS, password_file=Path("-"))
    assert User.objects.get().check_password("four sleepy badgers")


def test_a_file_that_is_not_for_the_sites_user_is_refused_with_the_way_that_works(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    def not_allowed(*_asked: object, **_how: object) -> str:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "read_text", not_allowed)
    file = tmp_path / "password"
    assert refusal(**OPTIONS, password_file=file) == (
        f"--password-file names '{file}', which the user {pwd.getpwuid(os.geteuid()).pw_name}, as whom this runs, may "
        "not read. Hand the password over on standard input: --password-file -"
    )


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        ({"slug": "has space"}, "--slug: Enter a valid “slug”"),
        ({"time_zone": "Mars/Olympus"}, "--time-zone: Mars/Olympus is not a time zone"),
        ({"languages": "fi,de"}, "--languages: Name at least one of these languages"),
        ({"name_fi": ""}, "--name-fi: A name has 1 to 80 characters."),
        ({"admin": "no spaces please"}, "--admin: Enter a valid username."),
        ({"password_file": Path("/nowhere")}, "--password-file names '/nowhere', which can't be read"),
    ],
)
def test_a_wrong_option_is_refused_in_one_line(wrong: dict[str, str], sentence: str) -> None:
    said = refusal(**OPTIONS | wrong)
    assert sentence in said
    assert "\n" not in said
    assert not Branch.objects.exists()


def test_a_weak_password_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ADMIN_PASSWORD", "password")
    assert refusal(**OPTIONS) == "ADMIN_PASSWORD: This password is too common."


def test_without_a_terminal_what_is_missing_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    assert refusal() == "--slug is missing."
    monkeypatch.delenv("ADMIN_PASSWORD")
    assert refusal(**OPTIONS).startswith("--password-file or ADMIN_PASSWORD is missing (sudo takes the latter away).")


def typed(answers: Iterator[str]) -> Callable[[str], str]:
    def answer(_question: str) -> str:
        return next(answers)

    return answer


def test_a_wrong_answer_is_asked_again(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr(sys, "stdin", SimpleNamespace(isatty=lambda: True))
    monkeypatch.delenv("ADMIN_PASSWORD")
    answers = ["has space", "keskus", "fi,xx", "sv,fi", "Centrum", "", "", "boss"]
    monkeypatch.setattr(builtins, "input", typed(iter(answers)))
    monkeypatch.setattr(getpass, "getpass", typed(iter(["short", PASSWORD, "other", PASSWORD, PASSWORD])))
    set_up()
    branch = Branch.objects.get(slug="keskus")
    assert branch.languages == ["sv", "fi"]
    assert branch.name == "Centrum"
    assert User.objects.get().check_password(PASSWORD)
    assert "The two were not the same." in capsys.readouterr().err


def test_stopping_in_the_middle_changes_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", SimpleNamespace(isatty=lambda: True))

    def interrupted(_question: str) -> str:
        raise KeyboardInterrupt

    monkeypatch.setattr(builtins, "input", interrupted)
    assert refusal() == "Stopped; nothing was changed."
    assert not Branch.objects.exists()
