"""A supervisor's hands: all paused and resumed, a notice, a stuck ticket, the forms, while the branch works on."""

import re
from collections.abc import Callable

import pytest
from django.conf import settings
from django.test import Client
from playwright.sync_api import Page, expect

from queues import actions
from queues.models import Desk, Role, Service
from tests.browser.looking import COLOURS, expect_at_home, expect_open, name_of
from tests.browser.system import PHONE, Size, System, count_frames, let_settle, until
from tests.kit import factories

pytestmark = [pytest.mark.browser, pytest.mark.networked, pytest.mark.django_db(transaction=True)]

OFFICE: Size = (1440, 900)
SCREENS: list[Size] = [PHONE, (1024, 768), OFFICE]


def hall(system: System) -> Page:
    """The hall's page with its supervisor, fresh."""
    page = system.page(OFFICE)
    client = Client()
    client.force_login(factories.clerk(system.sample.branch, role=Role.SUPERVISOR, first_name="Riitta", last_name="M."))
    name = settings.SESSION_COOKIE_NAME
    page.context.add_cookies([{"name": name, "value": client.cookies[name].value, "domain": "127.0.0.1", "path": "/"}])
    frames = count_frames(page)
    page.goto(address(system))
    until(page, frames, more_than=0)
    return page


def address(system: System) -> str:
    return f"{system.servers.office.url}/hall/{system.sample.branch.slug}/"


def desk_row(name: str = "3") -> str:
    return f'[data-desk-row="{name}"]'


def called_by(system: System) -> str:
    return factories.called(system.sample.desk).shown


def test_everything_is_paused_and_goes_on_in_the_same_order(system: System) -> None:
    factories.waiting(3, system.sample.passports)
    page = hall(system)
    desk = system.page(OFFICE, clerk=True)
    desk.goto(system.desk)
    let_settle(page)
    page.click('[data-action="pause-all"]')
    expect(page.locator("[data-hall]")).to_have_attribute("data-paused", "1")
    expect(page.locator('[data-action="pause-all"]')).to_be_hidden()
    expect(page.locator('[data-action="resume-all"]')).to_be_focused()
    desk.click('[data-action="call-next"]')
    expect(desk.locator("#notice")).to_contain_text("paused")
    expect(desk.locator("[data-state]").first).to_have_attribute("data-state", "FREE")
    page.keyboard.press("Enter")
    expect(page.locator("[data-hall]")).to_have_attribute("data-paused", "")
    expect(page.locator('[data-action="pause-all"]')).to_be_focused()
    for number in ("A1", "A2", "A3"):
        ticket = factories.called(system.sample.desk)
        assert ticket.shown == number
        actions.mark_absent(system.sample.desk, ticket.pk, by=None)


def test_the_hall_is_live_when_a_desk_calls_and_when_it_finishes(system: System) -> None:
    factories.waiting(2, system.sample.passports)
    page = hall(system)
    row = page.locator(desk_row())
    expect(page.locator('[data-service-row="passports"] [data-waiting]')).to_have_text("2")
    ticket = factories.serving(system.sample.desk)
    expect(row).to_have_attribute("data-state", "SERVING")
    expect(row.locator("[data-since]")).to_have_text(re.compile(r"0:\d\d"))
    expect(page.locator('[data-service-row="passports"] [data-waiting]')).to_have_text("1")
    actions.finish(system.sample.desk, ticket.pk, by=None)
    expect(row).to_have_attribute("data-state", "NOBODY")


def test_a_notice_reaches_a_phone_and_leaves_it(system: System) -> None:
    phone = system.page(PHONE)
    phone.goto(system.phone(factories.ticket(system.sample.passports)))
    page = hall(system)
    page.fill("[name=notice_fi]", "Hissi ei toimi.")
    page.fill("[name=notice_en]", "The lift is out of order.")
    page.click('[data-action="notice"]')
    expect(page.locator("[data-notice-shown]")).to_contain_text("The lift is out of order.")
    expect(page.locator("[name=notice_fi]")).to_have_value("")
    expect(phone.get_by_text("The lift is out of order.")).to_be_visible()
    page.click('[data-action="remove-notice"]')
    expect(page.locator("[data-notice-shown]")).to_have_count(0)
    expect(phone.get_by_text("The lift is out of order.")).to_have_count(0)


def test_a_stuck_ticket_is_freed_by_keyboard_and_the_focus_is_where_it_is_said(system: System) -> None:
    factories.ticket(system.sample.passports)
    factories.called(system.sample.desk)
    page = hall(system)
    stuck = page.locator('[data-stuck="A1"] [data-action="free"]')
    stuck.focus()
    factories.ticket(system.sample.passports)
    expect(page.locator('[data-service-row="passports"] [data-waiting]')).to_have_text("1")
    expect(stuck).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("#notice")).to_contain_text("A1 is back in the queue")
    expect(page.locator("#notice")).to_be_focused()
    expect(page.locator('[data-stuck="A1"]')).to_have_count(0)
    assert called_by(system) == "A1"


def test_what_a_desk_serves_is_as_it_is_now_when_its_form_opens(system: System) -> None:
    page = hall(system)
    actions.set_desk_services(system.sample.other_desk, [system.sample.payments], by=None)
    expect(page.locator(desk_row("4"))).to_have_attribute("data-serves", str(system.sample.payments.pk))
    page.click("#menu-desk summary")
    form = page.locator('[data-serves-of="4"]')
    expect(form.get_by_label("Passports")).not_to_be_checked()
    form.get_by_label("Parking").check()
    form.locator("button").click()
    expect(page.locator("#notice")).to_contain_text("Desk 4 now serves: Payments, Parking.")
    expect(page.locator("#menu-desk summary")).to_be_focused()
    assert set(Desk.objects.get(name="4").services.all()) == {system.sample.payments, system.sample.closed}


def test_who_is_stuck_is_sent_on_from_where_it_is_said(system: System) -> None:
    factories.ticket(system.sample.passports)
    factories.serving(system.sample.desk)
    page = hall(system)
    page.click('[data-stuck="A1"] [data-fill]')
    expect(page.locator("#send-to")).to_be_focused()
    expect(page.locator("#send-number")).to_have_value("A1")
    page.select_option("#send-to", f"service:{system.sample.payments.pk}")
    page.click('[data-action="reassign"]')
    expect(page.locator("#notice")).to_contain_text("Nobody serves Payments just now.")
    page.click('[data-action="again"]')
    expect(page.locator("#notice")).to_contain_text("A1 has been sent on.")
    expect(page.locator('[data-service-row="payments"] [data-waiting]')).to_have_text("1")


def test_a_refused_form_keeps_what_was_written(system: System) -> None:
    page = hall(system)
    page.click("#menu-ticket summary")
    page.fill("#send-number", "Z99")
    page.click('[data-action="reassign"]')
    expect(page.locator("#notice .refused")).to_be_visible()
    expect(page.locator("#send-number")).to_have_value("Z99")
    page.keyboard.press("Escape")
    expect(page.locator("#send-number")).to_be_hidden()


def test_what_is_being_written_outlives_what_comes_in(system: System) -> None:
    page = hall(system)
    page.fill("[name=notice_fi]", "Hissi")
    factories.ticket(system.sample.passports)
    expect(page.locator('[data-service-row="passports"] [data-waiting]')).to_have_text("1")
    expect(page.locator("[name=notice_fi]")).to_be_focused()
    page.keyboard.type(" ei toimi.")
    expect(page.locator("[name=notice_fi]")).to_have_value("Hissi ei toimi.")


def test_closing_the_day_is_two_steps_and_reaches_the_phone(system: System) -> None:
    phone = system.page(PHONE)
    phone.goto(system.phone(factories.ticket(system.sample.passports)))
    page = hall(system)
    page.click('[data-action="close-day"]')
    expect(page.locator("main")).to_contain_text("1 visitor loses the place")
    page.fill("[name=notice_fi]", "Suljemme nyt.")
    page.fill("[name=notice_en]", "We close now.")
    page.click('[data-action="close-now"]')
    expect(page.locator("[data-hall]")).to_have_attribute("data-closed", "1")
    expect(phone.locator("[data-state]").first).to_have_attribute("data-state", "EXPIRED")
    expect(phone.get_by_text("We close now.")).to_be_visible()
    page.click('[data-action="reopen"]')
    expect(page.locator("[data-hall]")).to_have_attribute("data-closed", "")


def test_it_works_without_a_script(system: System) -> None:
    page = hall(system)
    cookies = page.context.cookies()
    plain = system.browsers.silent.new_context(java_script_enabled=False, locale="en")
    try:
        plain.add_cookies([{"name": one["name"], "value": one["value"], "url": address(system)} for one in cookies])
        bare = plain.new_page()
        bare.goto(address(system))
        bare.click('[data-action="pause-all"]')
        expect(bare.locator("[data-hall]")).to_have_attribute("data-paused", "1")
        bare.click('[data-action="resume-all"]')
        expect(bare.locator("[data-hall]")).to_have_attribute("data-paused", "")
    finally:
        plain.close()


# Every state of the page


def quiet(system: System) -> None:
    actions.open_session(system.sample.desk, by=system.sample.clerk)


def busy(system: System) -> None:
    Service.objects.update(target=0)
    actions.add_rule(
        system.sample.branch,
        service=system.sample.payments,
        over=0,
        under=0,
        desks=[system.sample.other_desk],
        name="Rush",
    )
    factories.waiting(4, system.sample.passports)
    factories.ticket(system.sample.payments)
    actions.apply_rules()
    factories.serving(system.sample.desk)
    actions.ask_for_help(system.sample.other_desk, by=factories.clerk(system.sample.branch))
    factories.called(system.sample.other_desk)


def paused(system: System) -> None:
    busy(system)
    actions.show_notice(system.sample.branch, {"fi": "Hissi ei toimi.", "en": "The lift is out of order."}, by=None)
    actions.stop_numbers(system.sample.branch, by=None)
    actions.pause_all(system.sample.branch, by=None)


@pytest.mark.parametrize(("state", "language"), [(quiet, "en"), (busy, "fi"), (paused, "sv")], ids=name_of)
def test_the_hall_is_accessible_and_fits_every_screen(
    state: Callable[[System], None], language: str, system: System
) -> None:
    system.language = language
    state(system)
    page = hall(system)
    for screen in SCREENS:
        expect_at_home(page, [screen])
        expect_open(page)
    page.emulate_media(color_scheme="dark")
    expect_open(page, COLOURS)


def test_each_menu_is_accessible_and_fits_a_phone(system: System) -> None:
    system.language = "fi"
    factories.priority(system.sample.branch, minutes=15)
    page = hall(system)
    for menu in ("service", "desk", "ticket", "rule"):
        page.set_viewport_size({"width": OFFICE[0], "height": OFFICE[1]})
        page.click(f"#menu-{menu} summary")
        expect_open(page)
        expect_at_home(page, [PHONE])


def test_the_closing_page_is_accessible(system: System) -> None:
    system.language = "sv"
    page = hall(system)
    page.goto(f"{address(system)}closing/")
    expect_open(page)
    page.emulate_media(color_scheme="dark")
    expect_open(page, COLOURS)
    expect_at_home(page, [PHONE])
