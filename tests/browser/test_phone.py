"""The visitor's phone: a call that nobody misses."""

import pytest
from playwright.sync_api import Page, expect

from queues import actions
from queues.models import Ticket
from tests.browser.link import linked
from tests.browser.system import PHONE, System
from tests.kit import factories

pytestmark = [pytest.mark.browser, pytest.mark.networked, pytest.mark.django_db(transaction=True)]

FEEL = "window.felt = 0; navigator.vibrate = () => { window.felt += 1; return true; };"


def waiting_phone(system: System, *, sounding: bool = False) -> tuple[Page, Ticket]:
    page = system.page(PHONE, sounding=sounding)
    page.add_init_script(FEEL)
    ticket = factories.ticket(system.sample.passports)
    page.goto(system.phone(ticket))
    expect(page.locator("[data-state]")).to_have_attribute("data-state", "WAITING")
    return page, ticket


def expect_felt(page: Page, times: int) -> None:
    page.wait_for_function("times => window.felt >= times", arg=times)
    assert page.evaluate("window.felt") == times


def test_a_call_turns_the_page_and_its_title_and_is_felt_once(system: System) -> None:
    page, _ticket = waiting_phone(system)
    factories.called(system.sample.desk)
    expect(page.locator("[data-state]")).to_have_attribute("data-state", "CALLED")
    expect(page.locator(".go-to")).to_contain_text("3")
    assert page.title().startswith("● ")
    expect_felt(page, 1)


def test_a_recall_is_felt_again_and_a_start_is_not(system: System) -> None:
    page, ticket = waiting_phone(system)
    factories.called(system.sample.desk)
    expect_felt(page, 1)
    actions.recall(system.sample.desk, ticket.pk, by=None)
    expect_felt(page, 2)
    actions.start_serving(system.sample.desk, ticket.pk, by=None)
    expect(page.locator("[data-state]")).to_have_attribute("data-state", "SERVING")
    expect_felt(page, 2)


def test_the_sound_is_offered_until_a_touch_allows_it(system: System) -> None:
    page, _ticket = waiting_phone(system)
    button = page.locator("[data-sound-unlock]")
    expect(button).to_be_visible()
    button.click()
    expect(button).to_be_hidden()
    expect(page.locator("[data-sound-on]")).to_be_visible()
    before = page.evaluate("window.chimes")
    factories.called(system.sample.desk)
    page.wait_for_function("before => window.chimes > before", arg=before)


def test_leaving_is_asked_twice(system: System) -> None:
    page, ticket = waiting_phone(system)
    expect(page.locator('[data-action="leave"]')).to_be_hidden()
    page.click(".leave summary")
    page.click('[data-action="leave"]')
    expect(page.locator("[data-state]")).to_have_attribute("data-state", "LEFT")
    ticket.refresh_from_db()
    assert ticket.state == "LEFT"


def test_a_phone_that_was_without_a_net_learns_of_its_call(system: System) -> None:
    system.connection_may_fail = True
    ticket = factories.ticket(system.sample.passports)
    page = system.page(PHONE)
    with linked(system.servers.office.port) as link:
        page.goto(system.phone(ticket).replace(system.servers.office.url, link.url))
        expect(page.locator("[data-state]")).to_have_attribute("data-state", "WAITING")
        link.cut()
        factories.called(system.sample.desk)
        expect(page.locator(".stale")).to_be_visible()
        link.mend()
        expect(page.locator("[data-state]")).to_have_attribute("data-state", "CALLED")
        expect(page.locator(".stale")).to_be_hidden()
