"""From the kiosk to the glass: one visitor's way through every surface, in each language."""

import re
from urllib.parse import urlsplit

import pytest
from django.utils import translation
from django.utils.translation import gettext as _
from playwright.sync_api import Page, expect

from tests.browser.system import LYING, PHONE, STANDING, House
from tests.conftest import STACK

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

SPOKEN = ("fi", "sv", "en") if STACK == "embedded" else ("fi",)
"""The way is the same on both stacks, and so are the words: once is enough for them."""


def sign_in(page: Page, house: House) -> None:
    page.goto(f"{house.servers.office.url}/desk/")
    page.fill("[name=username]", house.town.clerk.username)
    page.fill("[name=password]", house.town.clerk.username)
    page.press("[name=password]", "Enter")
    page.click(f'[data-desk-choice="{house.town.desk.pk}"]')


def take_number(page: Page, house: House, language: str) -> tuple[str, str]:
    """The number on the ticket and the address behind its code."""
    page.goto(house.kiosk)
    page.click(f'[data-language="{language}"]')
    page.click('[data-service="passports"]')
    number = page.locator("[data-ticket-number]").get_attribute("data-ticket-number")
    link = page.locator("[data-ticket-url]").get_attribute("href")
    assert number
    assert link
    expect(page.locator("html")).to_have_attribute("lang", language)
    return number, urlsplit(link).path


def test_a_visitor_is_served_from_kiosk_to_thanks_in_each_language(house: House) -> None:
    kiosk, display, desk = house.page(STANDING), house.page(LYING), house.page(LYING, language="sv")
    display.goto(house.display)
    sign_in(desk, house)
    expect(desk.locator("html")).to_have_attribute("lang", "sv")
    expect(desk.locator("[data-state]")).to_have_attribute("data-state", "FREE")
    for place, language in enumerate(SPOKEN, start=1):
        number, path = take_number(kiosk, house, language)
        assert number == f"A{place}"
        phone = house.page(PHONE, language="de")
        phone.goto(f"{house.servers.office.url}{path}")
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


def test_a_visitor_who_leaves_on_the_phone_is_gone_from_the_desk(house: House) -> None:
    kiosk, phone, desk = house.page(STANDING), house.page(PHONE), house.page(LYING, clerk=True)
    _number, path = take_number(kiosk, house, "en")
    desk.goto(house.desk)
    expect(desk.locator(".upcoming")).to_contain_text("A1")
    phone.goto(f"{house.servers.office.url}{path}")
    phone.click(".leave summary")
    phone.click('[data-action="leave"]')
    expect(phone.locator("[data-state]")).to_have_attribute("data-state", "LEFT")
    expect(desk.locator("[data-live-view]")).not_to_contain_text("A1")


def test_a_place_in_line_grows_smaller_on_the_phone(house: House) -> None:
    kiosk, phone, desk = house.page(STANDING), house.page(PHONE), house.page(LYING, clerk=True)
    take_number(kiosk, house, "en")
    _number, path = take_number(kiosk, house, "en")
    phone.goto(f"{house.servers.office.url}{path}")
    expect(phone.locator("[data-place]")).to_have_attribute("data-place", "2")
    desk.goto(house.desk)
    desk.click('[data-action="call-next"]')
    expect(phone.locator("[data-place]")).to_have_attribute("data-place", "1")
