"""What the supervisor says and what happens to a ticket: each page in each of these states is open to everybody, and
at home on every screen."""

import pytest
from playwright.sync_api import Page, expect

from queues import actions
from queues.models import Branch, Service, Ticket
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

NOTICE = {
    "fi": "Hissi on rikki. Portaat ovat pääoven vieressä vasemmalla.",
    "sv": "Hissen är trasig. Trappan är till vänster om huvudingången.",
    "en": "The lift is broken. The stairs are to the left of the main door.",
}
LONG = {language: (text * 4)[:200] for language, text in NOTICE.items()}


def with_seven_services(system: System) -> None:
    """As many as a branch is likely to have, all of them served, with lines."""
    for number, letter in enumerate("DEFG"):
        added = factories.service(
            system.sample.branch, slug=f"more-{letter}", name_en=f"Service number {number}", number_prefix=letter
        )
        system.sample.desk.services.add(added)
    Service.objects.update(typical_seconds=400, description_en="Applications, and collecting finished documents")
    actions.open_session(system.sample.desk, by=system.sample.clerk)
    factories.waiting(3, system.sample.passports)


def kiosk_start_paused(system: System, page: Page) -> None:
    actions.show_notice(system.sample.branch, LONG, by=None)
    actions.pause_all(system.sample.branch, by=None)
    page.goto(system.kiosk)
    expect(page.locator(".announcement-alarm")).to_be_visible()


def kiosk_start_closed(system: System, page: Page) -> None:
    actions.stop_numbers(system.sample.branch, by=None)
    page.goto(system.kiosk)
    expect(page.locator(".announcement-closed")).to_be_visible()


def kiosk_services_with_a_notice(system: System, page: Page) -> None:
    with_seven_services(system)
    actions.show_notice(system.sample.branch, LONG, by=None)
    page.goto(system.kiosk)
    page.click(f'[data-language="{system.language}"]')
    expect(page.locator(".choice-wait").first).to_be_visible()


def kiosk_services_paused(system: System, page: Page) -> None:
    kiosk_services_with_a_notice(system, page)
    actions.pause_all(system.sample.branch, by=None)
    expect(page.locator(".announcement-alarm")).to_be_visible()


def kiosk_more(system: System, page: Page) -> None:
    with_seven_services(system)
    page.goto(system.kiosk)
    page.click(f'[data-language="{system.language}"]')
    page.click('[data-service="passports"]')
    page.click('[data-action="more"]')
    page.click("label:has(#needs-hearing-loop)")
    expect(page.locator("#needs-hearing-loop")).to_be_checked()


def kiosk_ticket_told(system: System, page: Page) -> None:
    kiosk_more(system, page)
    page.click("label:has(#needs-more-time)")
    page.click("label:has(#services-payments)")
    actions.show_notice(system.sample.branch, LONG, by=None)
    page.click('[data-action="tell"]')
    expect(page.locator('[data-told="plan"]')).to_be_visible()


KIOSK: list[Opening] = [
    kiosk_start_paused, kiosk_start_closed, kiosk_services_with_a_notice, kiosk_services_paused, kiosk_more,
    kiosk_ticket_told,
]  # fmt: skip


def display_with_everything(system: System, page: Page) -> None:
    """A full row of calls, a long notice, a withdrawn call, and the end of the day's numbers."""
    for _number in range(6):
        factories.ticket(system.sample.passports, language=system.language)
        factories.served(system.sample.desk)
    factories.waiting(2, system.sample.passports)
    factories.called(system.sample.desk)
    factories.called(system.sample.other_desk)
    actions.undo(system.sample.other_desk, by=None)
    actions.show_notice(system.sample.branch, LONG, by=None)
    actions.stop_numbers(system.sample.branch, by=None)
    page.goto(system.display)
    expect(page.locator("[data-withdrawn]")).to_be_visible()


def display_with_a_family_withdrawn(system: System, page: Page) -> None:
    display_with_a_family(system, page)
    actions.undo(system.sample.desk, by=None)
    expect(page.locator("[data-withdrawn]")).to_have_count(1)
    for words in ("kutsu peruttu", "kallelsen gäller inte", "call withdrawn"):
        expect(page.get_by_text(words).locator("visible=true")).to_have_count(1)


def display_with_a_notice(system: System, page: Page) -> None:
    factories.ticket(system.sample.passports, language=system.language)
    factories.called(system.sample.desk)
    actions.show_notice(system.sample.branch, NOTICE, by=None)
    page.goto(system.display)
    expect(page.locator("[data-notice]")).to_be_visible()


def display_with_a_family(system: System, page: Page) -> None:
    leader, *others = factories.waiting(6, system.sample.passports)
    for other in others:
        actions.link(system.sample.desk, leader.shown, other.shown, by=None)
    factories.called(system.sample.desk)
    page.goto(system.display)
    expect(page.locator("[data-call][data-others='5']")).to_be_visible()


def display_paused(system: System, page: Page) -> None:
    display_with_a_notice(system, page)
    actions.pause_all(system.sample.branch, by=None)
    expect(page.locator("[data-paused]")).to_be_visible()


DISPLAY: list[Opening] = [
    display_with_everything, display_with_a_notice, display_with_a_family, display_with_a_family_withdrawn,
    display_paused,
]  # fmt: skip


def held(system: System) -> Ticket:
    factories.ticket(system.sample.passports, language=system.language)
    return actions.hold(system.sample.desk, factories.called(system.sample.desk).pk, minutes=10, by=None)


def absent(system: System) -> Ticket:
    factories.ticket(system.sample.passports, language=system.language)
    return actions.mark_absent(system.sample.desk, factories.called(system.sample.desk).pk, by=None)


def phone_held(system: System, page: Page) -> None:
    page.goto(system.phone(held(system)))


def phone_absent(system: System, page: Page) -> None:
    page.goto(system.phone(absent(system)))
    expect(page.locator('[data-action="here"]')).to_be_visible()


def phone_missed(system: System, page: Page) -> None:
    Branch.objects.update(calls_limit=1)
    phone_absent(system, page)


def phone_telling(system: System, page: Page) -> None:
    Branch.objects.update(asks_name=True, shows_why=True)
    factories.priority(system.sample.branch, minutes=15)
    page.goto(system.phone(factories.ticket(system.sample.passports, language=system.language)))
    page.click(".tell summary")
    page.check("[value=more-time]")


def phone_paused(system: System, page: Page) -> None:
    actions.show_notice(system.sample.branch, LONG, by=None)
    ticket = factories.ticket(system.sample.passports, language=system.language)
    actions.pause_all(system.sample.branch, by=None)
    page.goto(system.phone(ticket))
    expect(page.locator("[data-paused]")).to_be_visible()


def phone_withdrawn(system: System, page: Page) -> None:
    ticket = factories.ticket(system.sample.passports, language=system.language)
    factories.called(system.sample.desk)
    actions.undo(system.sample.desk, by=None)
    page.goto(system.phone(ticket))
    expect(page.locator("[data-withdrawn]")).to_be_visible()


def phone_thanking(system: System, page: Page) -> None:
    page.goto(system.phone(served_by_the_clerk(system)))
    expect(page.locator('[data-action="thank"]')).to_be_visible()


def served_by_the_clerk(system: System) -> Ticket:
    desk, by = system.sample.desk, system.sample.clerk
    ticket = factories.ticket(system.sample.passports, language=system.language)
    actions.call_next(desk, by=by)
    actions.start_serving(desk, ticket.pk, by=by)
    return actions.finish(desk, ticket.pk, by=by)


PHONE_PAGES: list[Opening] = [
    phone_held, phone_absent, phone_missed, phone_telling, phone_paused, phone_withdrawn, phone_thanking,
]  # fmt: skip


HIDES_NO_CALL = """() => {
    const said = Array.from(document.querySelectorAll(".board-notice, .board-said, .board-waiting"));
    // A line is higher than what is written on it: capitals and digits are 0.67 of the type's size.
    const within = (part, outer) => {
        const inner = part.getBoundingClientRect();
        const middle = (inner.top + inner.bottom) / 2;
        const half = 0.36 * parseFloat(getComputedStyle(part).fontSize);
        return middle - half >= outer.top - 1 && middle + half <= outer.bottom + 1;
    };
    return Array.from(document.querySelectorAll(".call, .paused")).every((call) => {
        const box = call.getBoundingClientRect();
        const parts = Array.from(call.querySelectorAll(".number, .call-desk-name"));
        return box.height > 0 && box.bottom <= innerHeight && call.scrollWidth <= call.clientWidth + 1 &&
            parts.every((part) => within(part, box)) &&
            said.every((one) => {
                const other = one.getBoundingClientRect();
                return other.bottom <= box.top + 1 || other.top >= box.bottom - 1;
            });
    });
}"""
"""Within the row's box, each number is whole, and nothing that is said lies over it."""


@pytest.mark.parametrize(("opening", "language"), in_each_language([*KIOSK, *DISPLAY, *PHONE_PAGES]), ids=name_of)
def test_a_page_is_accessible_and_fits_every_screen(opening: Opening, language: str, system: System) -> None:
    system.language = language
    page = system.page((1024, 768))
    opening(system, page)
    expect_at_home(page)
    expect_open(page)
    if opening in DISPLAY:
        for size in WALLS:
            expect_no_scrolling(page, [size])
            assert page.evaluate(HIDES_NO_CALL)
    if opening in KIOSK:
        expect_no_scrolling(page, KIOSKS)
        page.click('[data-toggle="contrast"]')
        expect(page.locator("html")).to_have_attribute("data-contrast", "")
        expect_open(page, COLOURS)
