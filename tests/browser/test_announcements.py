"""What is said to the whole branch reaches every screen, and what was a mistake is taken back everywhere."""

import pytest
from playwright.sync_api import expect

from queues import actions
from queues.models import Thanks
from tests.browser.system import LYING, PHONE, STANDING, System, let_settle, press_anyway
from tests.browser.test_phone import FEEL
from tests.kit import factories

pytestmark = [pytest.mark.browser, pytest.mark.networked, pytest.mark.django_db(transaction=True)]

NOTICE = {"fi": "Hissi on rikki <b>tänään</b>", "en": "The lift is broken today"}


def test_a_notice_reaches_kiosk_display_and_phone_and_goes_again(system: System) -> None:
    sample = system.sample
    phone, kiosk, display = system.page(PHONE), system.page(STANDING), system.page(LYING)
    phone.goto(system.phone(factories.ticket(sample.passports, language="en")))
    kiosk.goto(system.kiosk)
    display.goto(system.display)
    actions.show_notice(sample.branch, NOTICE, by=sample.clerk)
    expect(phone.locator("[data-notice]")).to_have_text(NOTICE["en"])
    for everybodys in (kiosk, display):
        expect(everybodys.locator("[data-notice]")).to_contain_text(NOTICE["fi"])  # as words, not as markup
        expect(everybodys.locator("[data-notice]")).to_contain_text(NOTICE["en"])
    kiosk.click('[data-language="en"]')
    expect(kiosk.locator(".kiosk-services [data-notice]")).to_have_text(NOTICE["en"])
    actions.remove_notice(sample.branch, by=sample.clerk)
    for page in (phone, kiosk, display):
        expect(page.locator("[data-notice]")).to_have_count(0)


def test_a_pause_of_everything_is_seen_everywhere_and_keeps_every_place(system: System) -> None:
    sample = system.sample
    first, second = factories.ticket(sample.passports), factories.ticket(sample.passports)
    phone, kiosk, display = system.page(PHONE), system.page(STANDING), system.page(LYING)
    phone.goto(system.phone(second))
    kiosk.goto(system.kiosk)
    kiosk.click('[data-language="en"]')
    expect(kiosk.locator('[data-service="passports"]')).to_be_visible()
    factories.called(sample.desk)
    display.goto(system.display)
    expect(display.locator('[data-number="A1"]')).to_be_visible()
    actions.pause_all(sample.branch, by=sample.clerk)
    expect(display.locator("[data-paused]")).to_be_visible()
    expect(display.locator("[data-call]")).to_have_count(0)
    expect(phone.locator("[data-paused]")).to_contain_text("Your place is kept.")
    expect(kiosk.locator(".announcement-alarm")).to_be_visible()
    expect(kiosk.locator('[data-service="passports"]')).to_have_attribute("aria-disabled", "true")
    press_anyway(kiosk, '[data-service="passports"]')
    expect(kiosk.locator("[data-ticket-number]")).to_have_count(0)
    actions.resume_all(sample.branch, by=sample.clerk)
    expect(display.locator('[data-number="A1"]')).to_be_visible()
    expect(phone.locator("[data-place]")).to_have_attribute("data-place", "1")
    kiosk.click('[data-service="passports"]')
    expect(kiosk.locator("[data-ticket-number]")).to_have_attribute("data-ticket-number", "A3")
    assert first.shown == "A1"


def test_an_undone_call_is_taken_back_on_the_board_and_the_phone(system: System) -> None:
    sample = system.sample
    ticket = factories.ticket(sample.passports, language="en")
    phone, display = system.page(PHONE), system.page(LYING)
    phone.add_init_script(FEEL)
    phone.goto(system.phone(ticket))
    display.goto(system.display)
    actions.call_next(sample.desk, by=sample.clerk)
    expect(display.locator('[data-call][data-number="A1"]')).to_be_visible()
    expect(phone.locator("[data-state]")).to_have_attribute("data-state", "CALLED")
    actions.undo(sample.desk, by=sample.clerk)
    expect(display.locator("[data-call]")).to_have_count(0)
    expect(display.locator('[data-withdrawn="A1"]')).to_contain_text("call withdrawn")
    expect(phone.locator("[data-state]")).to_have_attribute("data-state", "WAITING")
    expect(phone.locator("[data-withdrawn]")).to_contain_text("You keep your place.")


def test_from_an_absence_back_to_the_desk_and_to_thanks(system: System) -> None:
    sample = system.sample
    ticket = factories.ticket(sample.passports, language="en")
    phone = system.page(PHONE)
    phone.add_init_script(FEEL)
    phone.goto(system.phone(ticket))
    expect(phone.locator('[data-action="here"]')).to_be_hidden()
    actions.call_next(sample.desk, by=sample.clerk)
    actions.mark_absent(sample.desk, ticket.pk, by=sample.clerk)
    phone.wait_for_selector('[data-action="here"]')
    let_settle(phone)
    phone.click('[data-action="here"]')
    expect(phone.locator("[data-state]")).to_have_attribute("data-state", "WAITING")
    expect(phone.locator('[data-action="here"]')).to_be_hidden()
    actions.call_next(sample.desk, by=sample.clerk)
    actions.start_serving(sample.desk, ticket.pk, by=sample.clerk)
    expect(phone.locator("[data-state]")).to_have_attribute("data-state", "SERVING")
    actions.finish(sample.desk, ticket.pk, by=sample.clerk)
    phone.fill("#words", "Thank you for your patience")
    let_settle(phone)
    phone.click('[data-action="thank"]')
    expect(phone.locator(".said")).to_be_visible()
    expect(phone.locator('[data-action="thank"]')).to_be_hidden()
    assert list(Thanks.objects.values_list("to", "words")) == [(sample.clerk.pk, "Thank you for your patience")]


def test_the_phone_names_the_service_it_was_sent_on_to(system: System) -> None:
    sample = system.sample
    ticket = factories.ticket(sample.passports, language="en")
    phone = system.page(PHONE)
    phone.add_init_script(FEEL)
    phone.goto(system.phone(ticket))
    expect(phone.locator('[data-own="service"]')).to_have_text("Passports")
    actions.call_next(sample.desk, by=sample.clerk)
    actions.transfer(sample.desk, ticket.pk, service=sample.payments, by=sample.clerk)
    expect(phone.locator('[data-own="service"]')).to_have_text("Next: Payments")
    expect(phone.locator("[data-number]")).to_have_attribute("data-number", "A1")
