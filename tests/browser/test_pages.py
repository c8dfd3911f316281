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
from tests.browser.system import House
from tests.kit import factories

pytestmark = [pytest.mark.browser, pytest.mark.networked, pytest.mark.django_db(transaction=True)]


def landing(house: House, page: Page) -> None:
    page.goto(f"{house.servers.lobby.url}/")


def kiosk_start(house: House, page: Page) -> None:
    page.goto(house.kiosk)


def kiosk_services(house: House, page: Page) -> None:
    factories.waiting(3, house.town.passports)
    kiosk_start(house, page)
    page.click(f'[data-language="{house.language}"]')
    expect(page.locator(".choices")).to_be_visible()


def kiosk_ticket(house: House, page: Page) -> None:
    kiosk_services(house, page)
    page.click('[data-service="passports"]')
    expect(page.locator("[data-ticket-number]")).to_be_visible()


def kiosk_refusal(house: House, page: Page) -> None:
    page.route_web_socket("**/ws/**", lambda _socket: None)  # so that the page knows nothing of it
    house.connection_may_fail = True  # a refusal is an error on the console
    kiosk_services(house, page)
    house.town.payments.is_open = False
    house.town.payments.save()
    page.click('[data-service="payments"]')
    expect(page.locator(".refusal")).to_be_visible()


def display_idle(house: House, page: Page) -> None:
    page.goto(house.display)
    expect(page.locator(".idle")).to_be_visible()


def display_called(house: House, page: Page) -> None:
    """With a full row of calls, one of them still awaited."""
    for _number in range(6):
        factories.ticket(house.town.passports, language=house.language)
        factories.served(house.town.desk)
    factories.waiting(2, house.town.passports)
    factories.called(house.town.desk)
    page.goto(house.display)
    expect(page.locator("[data-call]").first).to_be_visible()


def sign_in(house: House, page: Page) -> None:
    page.context.clear_cookies()
    page.goto(f"{house.servers.office.url}/desk/sign-in/")


def sign_in_again(house: House, page: Page) -> None:
    sign_in(house, page)
    page.fill("[name=username]", "nobody")
    page.fill("[name=password]", "nothing")
    page.press("[name=password]", "Enter")
    expect(page.locator(".refusal")).to_be_visible()


def desks(house: House, page: Page) -> None:
    page.goto(f"{house.servers.office.url}/desk/")


def desk_idle(house: House, page: Page) -> None:
    page.goto(house.desk)


def desk_free(house: House, page: Page) -> None:
    factories.waiting(7, house.town.passports)
    page.goto(house.desk)


def desk_called(house: House, page: Page) -> None:
    factories.waiting(3, house.town.passports)
    factories.called(house.town.desk)
    page.goto(house.desk)


def desk_serving(house: House, page: Page) -> None:
    factories.waiting(3, house.town.passports)
    factories.serving(house.town.desk)
    page.goto(house.desk)


def desk_refused(house: House, page: Page) -> None:
    page.goto(house.desk)
    page.click('[data-action="call-next"]')
    expect(page.locator("#notice")).not_to_be_empty()


def phone_waiting(house: House, page: Page) -> None:
    factories.waiting(7, house.town.passports)
    page.goto(house.phone(factories.ticket(house.town.passports, language=house.language)))


def phone_called(house: House, page: Page) -> None:
    ticket = factories.ticket(house.town.passports, language=house.language)
    factories.called(house.town.desk)
    page.goto(house.phone(ticket))


def phone_serving(house: House, page: Page) -> None:
    ticket = factories.ticket(house.town.passports, language=house.language)
    factories.serving(house.town.desk)
    page.goto(house.phone(ticket))


def phone_done(house: House, page: Page) -> None:
    ticket = factories.ticket(house.town.passports, language=house.language)
    factories.served(house.town.desk)
    page.goto(house.phone(ticket))


def phone_left(house: House, page: Page) -> None:
    ticket = factories.ticket(house.town.passports, language=house.language)
    actions.leave(ticket)
    page.goto(house.phone(ticket))


def phone_ended(house: House, page: Page) -> None:
    house.connection_may_fail = True  # a page that isn't there is an error on the console
    page.goto(f"{house.servers.office.url}/t/ended/")


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
def test_a_page_is_accessible_and_fits_every_screen(opening: Opening, language: str, house: House) -> None:
    house.language = language
    page = house.page((1024, 768), clerk=True)
    opening(house, page)
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
