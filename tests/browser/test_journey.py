"""From the kiosk to the screen: one visitor's way through every surface, in each language."""

import re
from urllib.parse import urlsplit

import pytest
from django.utils import translation
from django.utils.translation import gettext as _
from playwright.sync_api import Page, expect

from tests.browser.system import LYING, PHONE, STANDING, System
from tests.conftest import STACK

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

SPOKEN = ("fi", "sv", "en") if STACK == "embedded" else ("fi",)
"""The way is the same on both stacks, and so are the words: once is enough for them."""


def sign_in(page: Page, system: System) -> None:
    page.goto(f"{system.servers.office.url}/desk/")
    page.fill("[name=username]", system.sample.clerk.username)
    page.fill("[name=password]", system.sample.clerk.username)
    page.press("[name=password]", "Enter")
    page.click(f'[data-desk-choice="{system.sample.desk.pk}"]')


def take_number(page: Page, system: System, language: str) -> tuple[str, str]:
    """The number on the ticket and the address behind its code."""
    page.goto(system.kiosk)
    page.click(f'[data-language="{language}"]')
    page.click('[data-service="passports"]')
    number = page.locator("[data-ticket-number]").get_attribute("data-ticket-number")
    link = page.locator("[data-ticket-url]").get_attribute("href")
    assert number
    assert link
    expect(page.locator("html")).to_have_attribute("lang", language)
    return number, urlsplit(link).path


def test_a_visitor_is_served_from_kiosk_to_thanks_in_each_language(system: System) -> None:
    kiosk, display, desk = system.page(STANDING), system.page(LYING), system.page(LYING, language="sv")
    display.goto(system.display)
    sign_in(desk, system)
    expect(desk.locator("html")).to_have_attribute("lang", "sv")
    expect(desk.locator("[data-state]")).to_have_attribute("data-state", "FREE")
    for place, language in enumerate(SPOKEN, start=1):
        number, path = take_number(kiosk, system, language)
        assert number == f"A{place}"
        phone = system.page(PHONE, language="de")
        phone.goto(f"{system.servers.office.url}{path}")
        expect(phone.locator("html")).to_have_attribute("lang", language)
        situation = phone.locator("[data-state]")
        expect(situation).to_have_attribute("data-state", "WAITING")
        expect(situation).to_have_attribute("data-place", "1")

        desk.click('[data-action="call-next"]')
        expect(desk.locator("[data-state]")).to_have_attribute("data-current-number", number)
        newest = display.locator("[data-call]").first
        expect(newest).to_have_attribute("data-number", number)
        expect(newest).to_have_attribute("data-desk", "3")
        expect(situation).to_have_attribute("data-state", "CALLED")
        with translation.override(language):
            expect(situation).to_contain_text(_("Your turn"))
            expect(phone).to_have_title(re.compile(f"● {_('Your turn')}"))

        desk.click('[data-action="start"]')
        expect(situation).to_have_attribute("data-state", "SERVING")
        desk.click('[data-action="finish"]')
        expect(situation).to_have_attribute("data-state", "DONE")
        with translation.override(language):
            expect(situation).to_contain_text(_("Thank you for your visit"))
        expect(desk.locator("[data-state]")).to_have_attribute("data-state", "FREE")


def test_a_visitor_who_leaves_on_the_phone_is_gone_from_the_desk(system: System) -> None:
    kiosk, phone, desk = system.page(STANDING), system.page(PHONE), system.page(LYING, clerk=True)
    _number, path = take_number(kiosk, system, "en")
    desk.goto(system.desk)
    expect(desk.locator(".upcoming")).to_contain_text("A1")
    phone.goto(f"{system.servers.office.url}{path}")
    phone.click(".leave summary")
    phone.click('[data-action="leave"]')
    expect(phone.locator("[data-state]")).to_have_attribute("data-state", "LEFT")
    expect(desk.locator("[data-live-view]")).not_to_contain_text("A1")


def test_a_place_in_line_grows_smaller_on_the_phone(system: System) -> None:
    kiosk, phone, desk = system.page(STANDING), system.page(PHONE), system.page(LYING, clerk=True)
    take_number(kiosk, system, "en")
    _number, path = take_number(kiosk, system, "en")
    phone.goto(f"{system.servers.office.url}{path}")
    expect(phone.locator("[data-place]")).to_have_attribute("data-place", "2")
    desk.goto(system.desk)
    desk.click('[data-action="call-next"]')
    expect(phone.locator("[data-place]")).to_have_attribute("data-place", "1")
