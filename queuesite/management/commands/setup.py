"""Makes a real branch and, with the first one, its administrator. Nothing in production has an account before this."""

import getpass
import os
import pwd
import sys
from argparse import ArgumentParser
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError
from django.core.validators import validate_slug
from django.db import transaction
from django.utils.translation import override

from accounts.models import User
from queues import actions
from queues.models import Branch, Role
from queues.models.branch import validate_languages, validate_time_zone

Check = Callable[[str], None]
LONGEST_NAME = 80
STANDARD_INPUT = Path("-")


@dataclass(frozen=True, slots=True)
class Wish:
    """What is to be made. Every value has been checked."""

    slug: str
    names: dict[str, str]
    time_zone: str
    languages: list[str]
    admin: str
    password: str | None
    """None where the administrator is there already."""


class Command(BaseCommand):
    help = "Makes a branch, and its administrator if there is none of that name. Asks for what the options don't say."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--slug", help="the branch's name in addresses, such as keskus")
        for code, language in settings.LANGUAGES:
            parser.add_argument(f"--name-{code}", help=f"the branch's name in {language}")
        parser.add_argument("--time-zone", help="such as Europe/Helsinki")
        parser.add_argument("--languages", help="such as fi,sv,en: the first one is offered first")
        parser.add_argument("--admin", help="the administrator's user name")
        parser.add_argument(
            "--password-file", type=Path, help="where the password stands, - for standard input; or set ADMIN_PASSWORD"
        )

    def handle(self, **options: Any) -> None:
        with override("en"):  # the commands speak English, Django's own checks too
            self.set_up(options)

    def set_up(self, options: dict[str, Any]) -> None:
        try:
            wish = Asker(options, interactive=sys.stdin.isatty()).wish()
            with transaction.atomic():
                branch = actions.create_branch(
                    wish.slug, names=wish.names, time_zone=wish.time_zone, languages=wish.languages
                )
                if wish.password is None:
                    admin = User.objects.get(username=wish.admin)
                else:
                    admin = User.objects.create_superuser(wish.admin, password=wish.password)
                actions.add_member(branch, admin, Role.MANAGER)
        except ValidationError as error:
            raise CommandError(one_line(error)) from error
        except (KeyboardInterrupt, EOFError):
            raise CommandError("Stopped; nothing was changed.") from None
        made = f"Made the branch {wish.slug} and the administrator {wish.admin}."
        if wish.password is None:
            made = f"Made the branch {wish.slug}. {wish.admin} administers it, with the same password as before."
        self.stdout.write(f"{made}\nNext: sign in at {settings.PUBLIC_URL}/admin/ and add services, desks and clerks.")


class Asker:
    """Takes each value from the options, else from the terminal, where a wrong answer is asked again. Raises
    CommandError for a wrong option, and for a missing one where there is nobody to ask."""

    def __init__(self, options: dict[str, Any], *, interactive: bool) -> None:
        self.options = options
        self.interactive = interactive

    def wish(self) -> Wish:
        slug = self.value("slug", "Name of the branch in addresses (such as keskus)", check_slug)
        languages = self.value("languages", "Languages, the first one first", check_languages, default="fi,sv,en")
        codes = split(languages)
        names = {code: self.name(code, first=code == codes[0]) for code in codes}
        return Wish(
            slug=slug,
            names={code: name for code, name in names.items() if name},
            time_zone=self.value("time_zone", "Time zone", validate_time_zone, default="Europe/Helsinki"),
            languages=codes,
            admin=(admin := self.value("admin", "Administrator's user name", check_user_name)),
            password=None if User.objects.filter(username=admin).exists() else self.password(admin),
        )

    def name(self, code: str, *, first: bool) -> str:
        """The branch's name in one language; only the first language's must be there."""
        question = f"Name of the branch in {dict(settings.LANGUAGES)[code]}"
        return self.value(f"name_{code}", question, check_name, default=None if first else "")

    def value(self, option: str, question: str, check: Check, *, default: str | None = None) -> str:
        given = self.options.get(option)
        flag = f"--{option.replace('_', '-')}"
        if given is not None:
            return self.checked(given.strip(), check, said_by=flag)
        if not self.interactive:
            if default is None:
                raise CommandError(f"{flag} is missing.")
            return default
        while True:
            hint = f" [{default}]" if default else " (may be left empty)" if default == "" else ""
            answer = input(f"{question}{hint}: ").strip() or default or ""
            try:
                return self.checked(answer, check) if answer or default is None else answer
            except CommandError as wrong:
                sys.stderr.write(f"  {wrong}\n")

    def password(self, admin: str) -> str:
        check = password_check(admin)
        path = self.options.get("password_file")
        if path is not None:
            return self.checked(read_password(path), check, said_by="--password-file")
        if "ADMIN_PASSWORD" in os.environ:
            return self.checked(os.environ["ADMIN_PASSWORD"], check, said_by="ADMIN_PASSWORD")
        if not self.interactive:
            raise CommandError(
                "--password-file or ADMIN_PASSWORD is missing (sudo takes the latter away). With --password-file - the "
                "password is read from standard input."
            )
        while True:
            answer = getpass.getpass("Administrator's password: ")
            try:
                password = self.checked(answer, check)
            except CommandError as wrong:
                sys.stderr.write(f"  {wrong}\n")
                continue
            if getpass.getpass("Once more: ") == password:
                return password
            sys.stderr.write("  The two were not the same.\n")

    def checked(self, value: str, check: Check, *, said_by: str = "") -> str:
        try:
            check(value)
        except ValidationError as error:
            raise CommandError(f"{said_by}: {one_line(error)}" if said_by else one_line(error)) from error
        return value


def read_password(path: Path) -> str:
    """What the file says, or the next line of standard input. Raises CommandError where it can't be read."""
    try:
        text = sys.stdin.readline() if path == STANDARD_INPUT else path.read_text(encoding="utf-8")
    except PermissionError as error:
        raise CommandError(
            f"--password-file names {str(path)!r}, which the user {user_name()}, as whom this runs, may not read. "
            "Hand the password over on standard input: --password-file -"
        ) from error
    except (OSError, UnicodeDecodeError) as error:
        raise CommandError(f"--password-file names {str(path)!r}, which can't be read: {error}.") from error
    return text.strip()


def user_name() -> str:
    """Of whoever this process runs as; the number where it has no name."""
    try:
        return pwd.getpwuid(os.geteuid()).pw_name
    except KeyError:
        return str(os.geteuid())


def split(codes: str) -> list[str]:
    return [code.strip() for code in codes.split(",") if code.strip()]


def check_languages(value: str) -> None:
    validate_languages(split(value))


def check_slug(value: str) -> None:
    validate_slug(value)
    if Branch.objects.filter(slug=value).exists():
        raise ValidationError(f"There is a branch {value} already; nothing was changed.")


def check_name(value: str) -> None:
    if not 0 < len(value) <= LONGEST_NAME:
        raise ValidationError(f"A name has 1 to {LONGEST_NAME} characters.")


def check_user_name(value: str) -> None:
    User.username_validator(value)
    if User.objects.filter(username=value, is_superuser=False).exists():
        raise ValidationError(f"There is a user {value} already, who is no administrator; nothing was changed.")


def password_check(admin: str) -> Check:
    def check(value: str) -> None:
        validate_password(value, User(username=admin))

    return check


def one_line(error: ValidationError) -> str:
    return " ".join(error.messages)
