"""What is said to the whole house reaches every glass, and what was a mistake is taken back everywhere."""

import pytest
from playwright.sync_api import expect

from queues import actions
from queues.models import Thanks
from tests.browser.system import LYING, PHONE, STANDING, House
from tests.browser.test_phone import FEEL
from tests.kit import factories

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

NOTICE = {"fi": "Hissi on rikki <b>tänään</b>", "en": "The lift is broken today"}


def test_a_notice_reaches_kiosk_display_and_phone_and_goes_again(house: House) -> None:
    town = house.town
    phone, kiosk, display = house.page(PHONE), house.page(STANDING), house.page(LYING)
    phone.goto(house.phone(factories.ticket(town.passports, language="en")))
    kiosk.goto(house.kiosk)
    display.goto(house.display)
    actions.show_notice(town.branch, NOTICE, by=town.clerk)
    expect(phone.locator("[data-notice]")).to_have_text(NOTICE["en"])
    for everybodys in (kiosk, display):
        expect(everybodys.locator("[data-notice]")).to_contain_text(NOTICE["fi"])  # as words, not as markup
        expect(everybodys.locator("[data-notice]")).to_contain_text(NOTICE["en"])
    kiosk.click('[data-language="en"]')
    expect(kiosk.locator(".kiosk-services [data-notice]")).to_have_text(NOTICE["en"])
    actions.remove_notice(town.branch, by=town.clerk)
    for page in (phone, kiosk, display):
        expect(page.locator("[data-notice]")).to_have_count(0)


def test_a_pause_of_everything_is_seen_everywhere_and_keeps_every_place(house: House) -> None:
    town = house.town
    first, second = factories.ticket(town.passports), factories.ticket(town.passports)
    phone, kiosk, display = house.page(PHONE), house.page(STANDING), house.page(LYING)
    phone.goto(house.phone(second))
    kiosk.goto(house.kiosk)
    kiosk.click('[data-language="en"]')
    expect(kiosk.locator('[data-service="passports"]')).to_be_visible()
    factories.called(town.desk)
    display.goto(house.display)
    expect(display.locator('[data-number="A1"]')).to_be_visible()
    actions.pause_all(town.branch, by=town.clerk)
    expect(display.locator("[data-paused]")).to_be_visible()
    expect(display.locator("[data-call]")).to_have_count(0)
    expect(phone.locator("[data-paused]")).to_contain_text("Your place is kept.")
    expect(kiosk.locator(".announcement-alarm")).to_be_visible()
    expect(kiosk.locator('[data-service="passports"]')).to_have_attribute("aria-disabled", "true")
    kiosk.locator('[data-service="passports"]').click(force=True)
    expect(kiosk.locator("[data-ticket-number]")).to_have_count(0)
    actions.resume_all(town.branch, by=town.clerk)
    expect(display.locator('[data-number="A1"]')).to_be_visible()
    expect(phone.locator("[data-place]")).to_have_attribute("data-place", "1")
    kiosk.click('[data-service="passports"]')
    expect(kiosk.locator("[data-ticket-number]")).to_have_attribute("data-ticket-number", "A3")
    assert first.shown == "A1"


def test_an_undone_call_is_taken_back_on_the_board_and_the_phone(house: House) -> None:
    town = house.town
    ticket = factories.ticket(town.passports, language="en")
    phone, display = house.page(PHONE), house.page(LYING)
    phone.add_init_script(FEEL)
    phone.goto(house.phone(ticket))
    display.goto(house.display)
    actions.call_next(town.desk, by=town.clerk)
    expect(display.locator('[data-call][data-number="A1"]')).to_be_visible()
    expect(phone.locator("[data-state]")).to_have_attribute("data-state", "CALLED")
    actions.undo(town.desk, by=town.clerk)
    expect(display.locator("[data-call]")).to_have_count(0)
    expect(display.locator('[data-withdrawn="A1"]')).to_contain_text("call withdrawn")
    expect(phone.locator("[data-state]")).to_have_attribute("data-state", "WAITING")
    expect(phone.locator("[data-withdrawn]")).to_contain_text("You keep your place.")


def test_from_an_absence_back_to_the_desk_and_to_thanks(house: House) -> None:
    town = house.town
    ticket = factories.ticket(town.passports, language="en")
    phone = house.page(PHONE)
    phone.add_init_script(FEEL)
    phone.goto(house.phone(ticket))
    expect(phone.locator('[data-action="here"]')).to_be_hidden()
    actions.call_next(town.desk, by=town.clerk)
    actions.mark_absent(town.desk, ticket.pk, by=town.clerk)
    phone.click('[data-action="here"]')
    expect(phone.locator("[data-state]")).to_have_attribute("data-state", "WAITING")
    expect(phone.locator('[data-action="here"]')).to_be_hidden()
    actions.call_next(town.desk, by=town.clerk)
    actions.start_serving(town.desk, ticket.pk, by=town.clerk)
    expect(phone.locator("[data-state]")).to_have_attribute("data-state", "SERVING")
    actions.finish(town.desk, ticket.pk, by=town.clerk)
    phone.fill("#words", "Thank you for your patience")
    phone.click('[data-action="thank"]')
    expect(phone.locator(".said")).to_be_visible()
    expect(phone.locator('[data-action="thank"]')).to_be_hidden()
    assert list(Thanks.objects.values_list("to", "words")) == [(town.clerk.pk, "Thank you for your patience")]


def test_the_phone_names_the_service_it_was_sent_on_to(house: House) -> None:
    town = house.town
    ticket = factories.ticket(town.passports, language="en")
    phone = house.page(PHONE)
    phone.add_init_script(FEEL)
    phone.goto(house.phone(ticket))
    expect(phone.locator('[data-own="service"]')).to_have_text("Passports")
    actions.call_next(town.desk, by=town.clerk)
    actions.transfer(town.desk, ticket.pk, service=town.payments, by=town.clerk)
    expect(phone.locator('[data-own="service"]')).to_have_text("Next: Payments")
    expect(phone.locator("[data-number]")).to_have_attribute("data-number", "A1")
