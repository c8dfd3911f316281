"""Every page in every state: open to everybody, and at home on every screen."""

import pytest
from playwright.sync_api import Page, expect

from queues import actions
from tests.browser.looking import (
    COLOURS,
    KIOSKS,
    WALLS,
    Opening,
    expect_at_home,
    expect_no_scrolling,
    expect_open,
    in_each_language,
    name_of,
)
from tests.browser.system import System
from tests.kit import factories

pytestmark = [pytest.mark.browser, pytest.mark.networked, pytest.mark.django_db(transaction=True)]


def landing(system: System, page: Page) -> None:
    page.goto(f"{system.servers.lobby.url}/")


def kiosk_start(system: System, page: Page) -> None:
    page.goto(system.kiosk)


def kiosk_services(system: System, page: Page) -> None:
    factories.waiting(3, system.sample.passports)
    kiosk_start(system, page)
    page.click(f'[data-language="{system.language}"]')
    expect(page.locator(".choices")).to_be_visible()


def kiosk_ticket(system: System, page: Page) -> None:
    kiosk_services(system, page)
    page.click('[data-service="passports"]')
    expect(page.locator("[data-ticket-number]")).to_be_visible()


def kiosk_refusal(system: System, page: Page) -> None:
    page.route_web_socket("**/ws/**", lambda _socket: None)  # so that the page knows nothing of it
    system.connection_may_fail = True  # a refusal is an error on the console
    kiosk_services(system, page)
    system.sample.payments.is_open = False
    system.sample.payments.save()
    page.click('[data-service="payments"]')
    expect(page.locator(".refusal")).to_be_visible()


def display_idle(system: System, page: Page) -> None:
    page.goto(system.display)
    expect(page.locator(".idle")).to_be_visible()


def display_called(system: System, page: Page) -> None:
    """With a full row of calls, one of them still awaited."""
    for _number in range(6):
        factories.ticket(system.sample.passports, language=system.language)
        factories.served(system.sample.desk)
    factories.waiting(2, system.sample.passports)
    factories.called(system.sample.desk)
    page.goto(system.display)
    expect(page.locator("[data-call]").first).to_be_visible()


def sign_in(system: System, page: Page) -> None:
    page.context.clear_cookies()
    page.goto(f"{system.servers.office.url}/desk/sign-in/")


def sign_in_again(system: System, page: Page) -> None:
    sign_in(system, page)
    page.fill("[name=username]", "nobody")
    page.fill("[name=password]", "nothing")
    page.press("[name=password]", "Enter")
    expect(page.locator(".refusal")).to_be_visible()


def desks(system: System, page: Page) -> None:
    page.goto(f"{system.servers.office.url}/desk/")


def desk_idle(system: System, page: Page) -> None:
    page.goto(system.desk)


def desk_free(system: System, page: Page) -> None:
    factories.waiting(7, system.sample.passports)
    page.goto(system.desk)


def desk_called(system: System, page: Page) -> None:
    factories.waiting(3, system.sample.passports)
    factories.called(system.sample.desk)
    page.goto(system.desk)


def desk_serving(system: System, page: Page) -> None:
    factories.waiting(3, system.sample.passports)
    factories.serving(system.sample.desk)
    page.goto(system.desk)


def desk_refused(system: System, page: Page) -> None:
    page.goto(system.desk)
    page.click('[data-action="call-next"]')
    expect(page.locator("#notice")).not_to_be_empty()


def phone_waiting(system: System, page: Page) -> None:
    factories.waiting(7, system.sample.passports)
    page.goto(system.phone(factories.ticket(system.sample.passports, language=system.language)))


def phone_called(system: System, page: Page) -> None:
    ticket = factories.ticket(system.sample.passports, language=system.language)
    factories.called(system.sample.desk)
    page.goto(system.phone(ticket))


def phone_serving(system: System, page: Page) -> None:
    ticket = factories.ticket(system.sample.passports, language=system.language)
    factories.serving(system.sample.desk)
    page.goto(system.phone(ticket))


def phone_done(system: System, page: Page) -> None:
    ticket = factories.ticket(system.sample.passports, language=system.language)
    factories.served(system.sample.desk)
    page.goto(system.phone(ticket))


def phone_left(system: System, page: Page) -> None:
    ticket = factories.ticket(system.sample.passports, language=system.language)
    actions.leave(ticket)
    page.goto(system.phone(ticket))


def phone_ended(system: System, page: Page) -> None:
    system.connection_may_fail = True  # a page that isn't there is an error on the console
    page.goto(f"{system.servers.office.url}/t/ended/")


OPENINGS: list[Opening] = [
    landing, kiosk_start, kiosk_services, kiosk_ticket, kiosk_refusal, display_idle, display_called, sign_in,
    sign_in_again, desks, desk_idle, desk_free, desk_called, desk_serving, desk_refused, phone_waiting, phone_called,
    phone_serving, phone_done, phone_left, phone_ended,
]  # fmt: skip
DARK_TOO: list[Opening] = [desk_idle, desk_free, desk_called, desk_serving, desk_refused]
WITH_CONTRAST_TOO: list[Opening] = [kiosk_start, kiosk_services, kiosk_ticket, kiosk_refusal]


FILLED = """() => Array.from(document.querySelectorAll(".call")).every((call) => {
    const box = call.getBoundingClientRect();
    return box.height > 0 && box.bottom <= innerHeight && call.scrollWidth <= call.clientWidth + 1;
})"""


@pytest.mark.parametrize(("opening", "language"), in_each_language(OPENINGS), ids=name_of)
def test_a_page_is_accessible_and_fits_every_screen(opening: Opening, language: str, system: System) -> None:
    system.language = language
    page = system.page((1024, 768), clerk=True)
    opening(system, page)
    expect_at_home(page)
    expect_open(page)
    if opening in DARK_TOO:
        page.emulate_media(color_scheme="dark")
        expect_open(page, COLOURS)
    if opening in (kiosk_services, kiosk_ticket):
        expect_no_scrolling(page, KIOSKS)
    if opening in (display_idle, display_called):
        for size in WALLS:
            expect_no_scrolling(page, [size])
            assert page.evaluate(FILLED)
    if opening in WITH_CONTRAST_TOO:
        page.click('[data-toggle="contrast"]')
        expect(page.locator("html")).to_have_attribute("data-contrast", "")
        expect_open(page, COLOURS)
