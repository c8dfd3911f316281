"""The branch that tests of pages work on, and how they read a page."""

import re
from dataclasses import dataclass
from html import unescape
from typing import Any
from uuid import UUID, uuid4

from django.http import HttpResponse
from django.test import Client, RequestFactory

from accounts.models import User
from kiosk import visit
from queues.models import Branch, Desk, Service, Ticket
from tests.kit import factories


@dataclass(frozen=True, slots=True)
class SampleBranch:
    """One branch with three services, of which one is closed, and two desks; and another branch far away."""

    branch: Branch
    passports: Service
    payments: Service
    closed: Service
    desk: Desk
    other_desk: Desk
    clerk: User
    foreign_clerk: User
    stranger: User

    def services_page(self, language: str = "en", visit: UUID | None = None) -> str:
        return f"/kiosk/{self.branch.slug}/{language}/{visit or uuid4()}/"

    def press(self, name: str, desk: Desk | None = None) -> str:
        return f"/desk/{(desk or self.desk).pk}/{name}/"


def build_sample_branch() -> SampleBranch:
    branch = factories.branch(name_fi="Kaupungintalo", name_sv="Stadshuset", name_en="Town hall")
    passports = factories.service(
        branch, slug="passports", name_fi="Passit", name_sv="Pass", name_en="Passports", number_prefix="A"
    )
    payments = factories.service(
        branch, slug="payments", name_fi="Maksut", name_sv="Betalningar", name_en="Payments", number_prefix="B"
    )
    closed = factories.service(
        branch, slug="parking", name_en="Parking", number_prefix="C", is_open=False, closed_note_en="Opens on Tuesday."
    )
    return SampleBranch(
        branch=branch,
        passports=passports,
        payments=payments,
        closed=closed,
        desk=factories.desk(passports, payments, name="3"),
        other_desk=factories.desk(passports, name="4"),
        clerk=factories.clerk(branch),
        foreign_clerk=factories.clerk(factories.branch(name_fi="Kirjasto", name_en="Library")),
        stranger=factories.user(),
    )


def drew(ticket: Ticket, client: Client | None = None) -> Client:
    """The browser of the kiosk at which this ticket was drawn, in the same visit."""
    client = client or Client()
    answer = HttpResponse()
    visit.remember(RequestFactory().get(f"/kiosk/{ticket.branch.slug}/"), answer, ticket)
    client.cookies[visit.COOKIE] = answer.cookies[visit.COOKIE].value
    return client


def values(page: str, attribute: str) -> list[str]:
    """What stands in this attribute, in the page's order."""
    return [unescape(found) for found in re.findall(rf'\s{attribute}="([^"]*)"', page)]


def value(page: str, attribute: str) -> str:
    """What stands in the only such attribute."""
    (only,) = values(page, attribute)
    return only


def text(page: str) -> str:
    """What a reader sees, in one line."""
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", re.sub(r"(?s)<head>.*?</head>", "", page))).split())


def html(response: Any) -> str:
    return str(response.content.decode())


def refreshed(ticket: Ticket) -> Ticket:
    ticket.refresh_from_db()
    return ticket
