"""What a real browser refuses to do on each page, and what it tells of where it was."""

from collections.abc import Callable, Iterator
from urllib.parse import urlsplit

import pytest
from django.conf import settings
from django.contrib import admin
from django.template.loader import render_to_string
from django.test import Client
from django.urls import reverse
from playwright.sync_api import Page, Request, Route, expect

from accounts.models import User
from kiosk import visit
from queues.models import Role, Ticket
from tests.browser.system import STANDING, System
from tests.kit import factories
from tests.kit.crowds import database_url
from tests.kit.sample_branch import drew
from tests.kit.servers import running_server

pytestmark = [pytest.mark.browser, pytest.mark.networked, pytest.mark.django_db(transaction=True)]

LISTEN = """document.addEventListener("securitypolicyviolation", (event) =>
  violated(`${location.pathname}: ${event.violatedDirective} ${event.blockedURI} ${event.sourceFile}`));"""


def signed_in(page: Page, user: User) -> None:
    client = Client()
    client.force_login(user)
    name = settings.SESSION_COOKIE_NAME
    cookie = {"name": name, "value": client.cookies[name].value, "domain": "127.0.0.1", "path": "/"}
    page.context.add_cookies([cookie])  # type: ignore[list-item]  # Playwright's own form of a dict


def open_to_all(system: System) -> Iterator[str]:
    sample = system.sample
    waiting, called = factories.ticket(sample.passports), factories.ticket(sample.payments)
    factories.called(sample.desk)
    kiosk = f"/kiosk/{sample.branch.slug}/"
    yield from ("/", kiosk, sample.services_page("sv"), f"/display/{sample.branch.slug}/", "/desk/sign-in/")
    yield from (f"{kiosk}en/ticket/{waiting.token}/", f"{kiosk}en/ticket/{waiting.token}/more/")
    yield from (f"/t/{waiting.token}/", f"/t/{called.token}/", "/t/nobody/")


def visit_of(system: System) -> str:
    """The cookie of the kiosk's browser that drew the ticket for passports."""
    return str(drew(Ticket.objects.get(service=system.sample.passports)).cookies[visit.COOKIE].value)


def for_staff(system: System) -> Iterator[str]:
    desk = f"/desk/{system.sample.desk.pk}/"
    hall = f"/hall/{system.sample.branch.slug}/"
    yield from ("/desk/", desk, f"{desk}day/", f"{desk}helped/", "/desk/thanks/", "/desk/second-factor/")
    yield from (hall, f"{hall}closing/")


def for_administrators(system: System) -> Iterator[str]:
    """The set-up's index, a list with filters, every model's form, and one filled in."""
    yield from ("/admin/", reverse("admin:queues_service_changelist"))
    for model in admin.site._registry:  # noqa: SLF001 - there is no other list of them
        name = f"admin:{model._meta.app_label}_{model._meta.model_name}"
        if name not in ("admin:queues_ticket", "admin:queues_ticketevent", "admin:queues_branchevent"):
            yield reverse(f"{name}_add")
    yield reverse("admin:queues_service_change", args=[system.sample.passports.pk])


def listening(system: System, violations: list[str]) -> Page:
    """A page on which every violation is noted."""
    page = system.page(STANDING)
    page.context.expose_function("violated", lambda what: violations.append(what))  # noqa: PLW0108 - Playwright marks it
    page.context.add_init_script(LISTEN)
    return page


def test_no_page_violates_its_policy_or_tells_where_it_was(system: System) -> None:
    violations: list[str] = []
    told: list[str] = []
    page = listening(system, violations)
    system.connection_may_fail = True  # the console notes a page that isn't there
    page.on("request", lambda request: told.append(referrer(request)))
    base = system.servers.office.url
    for address in open_to_all(system):
        if "/ticket/" in address:
            page.context.add_cookies([{"name": visit.COOKIE, "value": visit_of(system), "url": base}])
        page.goto(base + address, wait_until="load")
    signed_in(page, factories.clerk(system.sample.branch, role=Role.MANAGER, is_staff=True, is_superuser=True))
    for address in (*for_staff(system), *for_administrators(system)):
        answer = page.goto(base + address, wait_until="load")
        assert answer is not None
        assert answer.status == 200, address
        kept = {name: answer.headers[name] for name in ("content-security-policy", "referrer-policy")}
    # What is said when something breaks, under the same policy.
    for template in ("500.html", "not_understood.html", "not_yours.html", "refused.html"):
        page.route("**/broken/", answering(render_to_string(template), kept))
        page.goto(f"{base}/broken/", wait_until="load")
    assert violations == []
    assert any(told)
    assert [where for where in told if urlsplit(where).path not in ("", "/")] == []


def answering(text: str, headers: dict[str, str]) -> Callable[[Route], None]:
    def answer(route: Route) -> None:
        route.fulfill(body=text, headers={**headers, "content-type": "text/html"})

    return answer


def referrer(request: Request) -> str:
    return request.headers.get("referer", "")


def test_the_listener_hears_a_violation(system: System) -> None:
    """Else the test above would say nothing."""
    violations: list[str] = []
    page = listening(system, violations)
    system.connection_may_fail = True
    page.goto(f"{system.servers.office.url}/desk/sign-in/")
    page.evaluate("document.body.setAttribute('style', 'color: red')")
    page.wait_for_function("true")
    page.wait_for_timeout(200)
    assert [one.split(": ")[1].split()[0] for one in violations] == ["style-src-attr"]
    system.trouble.clear()


def test_a_kiosk_that_gave_many_numbers_says_so_and_goes_on_by_itself(system: System) -> None:
    with running_server(database_url=database_url(), KIOSK_TICKETS_A_MINUTE="1") as server:
        page = system.page(STANDING)
        system.connection_may_fail = True  # the console notes the 429
        number, pause = page.locator("[data-ticket-url]"), page.locator("[data-ends]")
        for visitor in range(3):  # the second one may come in the next minute
            page.goto(f"{server.url}/kiosk/{system.sample.branch.slug}/")
            page.locator("[data-language=en]").click()
            page.locator("[data-service=passports]").click()
            expect(number.or_(pause)).to_be_visible()
            if pause.is_visible():
                break
            assert visitor < 2
        expect(pause).to_contain_text("Please wait a moment and press again")
        page.evaluate("document.querySelector('[data-until]').dataset.until = '1'")
        expect(pause).to_be_hidden()
        expect(page.locator("[data-service=passports]")).to_be_enabled()
