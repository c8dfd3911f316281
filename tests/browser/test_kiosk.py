"""A touchscreen in a lobby: impatient fingers, lost answers, and a server that goes away."""

import re
from collections.abc import Callable

import pytest
from django.utils import translation
from django.utils.translation import gettext as _
from playwright.sync_api import Page, Route, expect

from queues.models import Ticket
from tests.browser.link import linked
from tests.browser.system import STANDING, System, press_anyway

pytestmark = [pytest.mark.browser, pytest.mark.networked, pytest.mark.django_db(transaction=True)]

PASSPORTS = '[data-service="passports"]'
PARKING = '[data-service="parking"]'
SERVICES_PAGE = re.compile(r"/kiosk/[^/]+/[a-z]+/[0-9a-f-]{36}/$")


def services(page: Page, system: System, language: str = "en") -> None:
    page.goto(system.kiosk)
    page.click(f'[data-language="{language}"]')
    expect(page.locator(PASSPORTS)).to_be_visible()


def expect_number(page: Page, number: str) -> None:
    expect(page.locator("[data-ticket-number]")).to_have_attribute("data-ticket-number", number)


def test_a_double_tap_gives_one_ticket(system: System) -> None:
    page = system.page(STANDING)
    services(page, system)
    page.dblclick(PASSPORTS)
    expect_number(page, "A1")
    assert Ticket.objects.count() == 1


def test_taps_while_the_answer_is_on_its_way_give_one_ticket(system: System) -> None:
    page = system.page(STANDING)
    posted: list[Route] = []
    services(page, system)
    page.route(SERVICES_PAGE, lambda route: posted.append(route))  # noqa: PLW0108 - Playwright looks into it
    page.click(PASSPORTS)
    page.click('[data-service="payments"]')
    page.click(PASSPORTS)
    for route in posted:
        route.continue_()
    expect_number(page, "A1")
    assert (len(posted), Ticket.objects.count()) == (1, 1)


def test_no_way_back_leads_to_the_visitor_before(system: System) -> None:
    """Not after "Done", not after the rest, not by the browser's memory, and not when the browser is started again."""
    page = system.page(STANDING)
    page.goto("about:blank")
    services(page, system)
    page.click(PASSPORTS)
    page.click('[data-action="more"]')
    page.click('[data-action="back"]')
    expect_number(page, "A1")
    page.click('[data-action="more"]')
    page.click("label:has(#needs-sign-language)")
    page.click('[data-action="tell"]')
    expect_number(page, "A1")
    ticket_page = page.url
    assert page.evaluate("history.length") == 2, "a visit is one entry"
    page.click("[data-done]")
    expect(page.locator(".greetings, .languages").first).to_be_visible()
    page.go_back()
    assert page.url == "about:blank"
    page.go_forward()
    expect(page.locator(".languages")).to_be_visible()
    page.goto(ticket_page)
    expect(page.locator(".languages")).to_be_visible()
    assert page.locator("[data-ticket-number], .given").count() == 0


def test_a_browser_restored_during_a_visit_shows_it_for_a_while_only(system: System) -> None:
    page = system.page(STANDING)
    services(page, system)
    page.click(PASSPORTS)
    expect_number(page, "A1")
    page.reload()
    expect_number(page, "A1")
    page.context.clear_cookies(name="visit")
    page.reload()
    expect(page.locator(".languages")).to_be_visible()


def test_a_kiosk_that_has_lost_its_cookies_says_why_it_begins_anew(system: System) -> None:
    page = system.page(STANDING)
    services(page, system)
    page.context.clear_cookies()
    page.click(PASSPORTS)
    said = page.locator("[data-helped][lang=fi]")
    expect(said).to_have_text("Tämä laite joutui aloittamaan alusta. Valitse vielä kerran.")
    page.click('[data-language="en"]')
    page.click(PASSPORTS)
    expect_number(page, "A1")
    assert Ticket.objects.count() == 1


def lose_the_answer(route: Route) -> None:
    """The server has done its work; the browser never hears of it."""
    route.fetch(max_redirects=0)
    route.abort("connectionreset")


def server_fails(route: Route) -> None:
    route.fulfill(status=502, body="Bad gateway")


@pytest.mark.parametrize("loss", [lose_the_answer, server_fails])
def test_a_press_that_got_no_answer_is_made_again_and_gives_one_ticket(
    loss: Callable[[Route], None], system: System
) -> None:
    system.connection_may_fail = True
    page = system.page(STANDING)
    services(page, system)
    page.route(SERVICES_PAGE, loss, times=1)
    page.click(PASSPORTS)
    expect(page.locator("[data-away]")).to_be_visible()
    expect_number(page, "A1")
    assert Ticket.objects.count() == 1


def test_with_the_server_away_a_plain_page_in_the_chosen_language_keeps_trying(system: System) -> None:
    system.connection_may_fail = True
    page = system.page(STANDING)
    with linked(system.servers.lobby.port) as link:
        page.goto(f"{link.url}/kiosk/{system.sample.branch.slug}/")
        page.click('[data-language="sv"]')
        expect(page.locator(PASSPORTS)).to_be_visible()
        link.cut()
        page.click(PASSPORTS)
        away = page.locator("[data-away]")
        expect(away).to_be_visible()
        assert away.evaluate("element => element.closest('[lang]').lang") == "sv"
        with translation.override("sv"):
            expect(away).to_contain_text(_("One moment"))
        link.mend()
        expect_number(page, "A1")
        expect(page.locator("[data-away]")).to_be_hidden()
    assert Ticket.objects.get().language == "sv"


def test_the_start_too_keeps_trying_until_the_server_is_back(system: System) -> None:
    system.connection_may_fail = True
    page = system.page(STANDING)
    with linked(system.servers.lobby.port) as link:
        page.goto(f"{link.url}/kiosk/{system.sample.branch.slug}/")
        link.cut()
        page.click('[data-language="sv"]')
        expect(page.locator("[data-away]")).to_be_visible()
        link.mend()
        expect(page.locator(PASSPORTS)).to_be_visible()


def test_a_closed_service_does_not_react_and_says_when_it_opens(system: System) -> None:
    page = system.page(STANDING)
    services(page, system)
    expect(page.locator(PARKING)).to_contain_text("Opens on Tuesday.")
    press_anyway(page, PARKING)
    expect(page.locator(PASSPORTS)).to_be_visible()
    assert not Ticket.objects.exists()


def test_contrast_and_reach_last_until_the_start_comes_back(system: System) -> None:
    page = system.page(STANDING)
    page.goto(system.kiosk)
    page.click('[data-toggle="contrast"]')
    page.click('[data-language="en"]')
    expect(page.locator("html")).to_have_attribute("data-contrast", "")
    page.click(PASSPORTS)
    expect(page.locator("html")).to_have_attribute("data-contrast", "")
    page.click("[data-done]")
    expect(page.locator('[data-language="en"]')).to_be_visible()
    expect(page.locator("html")).not_to_have_attribute("data-contrast", "")


def test_the_screen_goes_back_to_the_start_by_itself(system: System) -> None:
    page = system.page(STANDING)
    page.clock.install()
    services(page, system)
    page.clock.run_for(45_000)
    expect(page.locator("[data-still-there]")).to_be_visible()
    page.clock.run_for(16_000)
    expect(page.locator(".kiosk-start")).to_be_visible()


def test_a_touch_keeps_the_screen(system: System) -> None:
    page = system.page(STANDING)
    page.clock.install()
    services(page, system)
    page.clock.run_for(45_000)
    page.click("[data-go-on]")
    expect(page.locator("[data-still-there]")).to_be_hidden()
    page.clock.run_for(30_000)
    expect(page.locator(PASSPORTS)).to_be_visible()


def test_the_next_visitor_gets_the_next_number(system: System) -> None:
    page = system.page(STANDING)
    for number in ("A1", "A2"):
        services(page, system)
        page.click(PASSPORTS)
        expect_number(page, number)
        page.click("[data-done]")
        expect(page.locator(".kiosk-start")).to_be_visible()


def test_each_step_says_where_one_is(system: System) -> None:
    """To whoever listens: by the page's title, and by its heading, where the reading goes on."""
    page = system.page(STANDING)

    def expect_to_be_at(title: str, heading: str) -> None:
        expect(page).to_have_title(title)
        expect(page.locator("h1")).to_be_focused()
        expect(page.locator("h1")).to_contain_text(heading)

    services(page, system)
    expect_to_be_at("What can we help you with? · Town hall", "What can we help you with?")
    page.click(PASSPORTS)
    expect_to_be_at("A1 · Town hall", "A1")
    page.click('[data-action="more"]')
    expect_to_be_at("Tell us more · Town hall", "Tell us more")
    page.click('[data-action="back"]')
    expect_to_be_at("A1 · Town hall", "A1")
    page.click("[data-done]")
    expect_to_be_at("Kaupungintalo", "Kaupungintalo")  # in the branch's first language
