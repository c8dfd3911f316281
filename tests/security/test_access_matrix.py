"""Every address with everybody: the expected answers stand in access_matrix.txt, one line an address."""

import re
from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import pytest
from django.db import transaction
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver

from queues import actions
from queues.models import Rule
from tests.kit import factories
from tests.kit.sample_branch import SampleBranch
from tests.security.people import HOLDS_THE_LINK, PEOPLE, Person, person

pytestmark = pytest.mark.django_db

METHODS = ("get", "post")
OTHER_METHODS = ("put", "delete")
SENDS_ON = {"set-language", "sign-in"}
GUESS = "A" * 22
ADMIN = "admin/"


def routes() -> Iterator[tuple[str, str]]:
    """Every address of the project with its name, as urls.py writes it."""
    yield from _routes(get_resolver(), "")


def _routes(resolver: URLResolver, before: str) -> Iterator[tuple[str, str]]:
    for pattern in resolver.url_patterns:
        route = before + str(pattern.pattern)
        if isinstance(pattern, URLPattern):
            yield route, pattern.name or ""
        else:
            yield from _routes(pattern, route)


def expected() -> dict[str, dict[str, list[int]]]:
    """Name to method to one status for each of PEOPLE."""
    table = {}
    for line in (Path(__file__).parent / "access_matrix.txt").read_text().splitlines():
        if line and not line.startswith("#"):
            name, *parts = re.split(r"\s+\|\s+|\s{2,}", line.strip())
            statuses = [[int(word) for word in part.split()] for part in parts]
            table[name] = dict(zip(METHODS, statuses, strict=True))
    return table


def address(route: str, values: dict[str, object]) -> str:
    return "/" + re.sub(r"<\w+:(\w+)>", lambda found: str(values[found[1]]), route)


@pytest.fixture
def values(sample: SampleBranch) -> dict[str, object]:
    """What stands in an address that leads somewhere, in this branch."""
    ticket = factories.ticket(sample.passports)
    rule = Rule.objects.create(branch=sample.branch, name="Rush", service=sample.passports, over=15, under=5)
    actions.open_session(sample.desk, by=sample.clerk)
    return {
        "branch": sample.branch.slug,
        "slug": sample.branch.slug,
        "language": "en",
        "visit": uuid4(),
        "token": ticket.token,
        "desk_id": sample.desk.pk,
        "ticket_id": ticket.pk,
        "rule_id": rule.pk,
        "object_id": 1,
        "app_label": "queues",
        "content_type_id": 1,
        "id": 1,
        "pk": 1,
    }


def answer(who: Person, method: str, where: str) -> int:
    """The status, with all that the request has done taken back."""
    with transaction.atomic():
        status: int = getattr(who.client(), method)(where).status_code
        transaction.set_rollback(True)
    return status


def test_every_address_has_its_line_in_the_table() -> None:
    named = {name for route, name in routes() if not route.startswith(ADMIN)}
    assert "" not in named
    assert named | {"into-set-up"} == set(expected())


@pytest.mark.parametrize("name", PEOPLE)
def test_everybody_is_answered_as_the_table_says(name: str, sample: SampleBranch, values: dict[str, object]) -> None:
    who = person(name, sample)
    values["token"] = values["token"] if name in HOLDS_THE_LINK else GUESS
    column = PEOPLE.index(name)
    table = expected()
    found, said = [], []
    for route, url in routes():
        if route.startswith(ADMIN) and url != "into-set-up":
            continue
        where = address(route, values)
        for method in METHODS:
            found.append((url, method, answer(who, method, where)))
            said.append((url, method, table[url][method][column]))
    assert [one for one, other in zip(found, said, strict=True) if one != other] == []


def test_no_address_takes_another_method(sample: SampleBranch, values: dict[str, object]) -> None:
    who = person("manager", sample)
    asked = [(address(route, values), url) for route, url in routes() if not route.startswith(ADMIN)]
    taken = [
        (method, url)
        for where, url in asked
        for method in OTHER_METHODS
        if answer(who, method, where) not in (404, 405)
    ]
    # Where somebody is sent elsewhere whatever they ask for.
    assert set(taken) == {(method, url) for method in OTHER_METHODS for url in SENDS_ON}


@pytest.mark.parametrize("name", ["nobody", "manager"])
def test_set_up_is_for_administrators_alone(name: str, sample: SampleBranch, values: dict[str, object]) -> None:
    who = person(name, sample)
    asked = [address(route, values) for route, url in routes() if route.startswith(ADMIN) and url != "into-set-up"]
    assert len(asked) > 60
    open_doors = [
        (method, where)
        for where in asked
        if "(?P" not in where
        for method in METHODS
        if answer(who, method, where) not in (302, 403, 405)
    ]
    assert open_doors == []


def test_an_administrator_comes_in(sample: SampleBranch) -> None:
    client = Client()
    client.force_login(factories.user(is_staff=True, is_superuser=True))
    assert client.get("/admin/").status_code == 200
    assert client.get(f"/hall/{sample.branch.slug}/").status_code == 200
