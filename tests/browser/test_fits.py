"""Every page has room for the widest words that set-up lets in: nothing runs off the page, or over what stands beside
it."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page

from queues import actions, clock
from queues.changes.transaction import changing
from queues.models import Service
from tests.browser.looking import KIOSKS, SCREENS
from tests.browser.system import LYING, Size, System
from tests.kit import factories

pytestmark = [pytest.mark.browser, pytest.mark.networked, pytest.mark.django_db(transaction=True)]

LANGUAGES = ("fi", "sv", "en")
FINNISH = "Toimeentulotukihakemusneuvonta"
WIDEST = "W"
SMALLEST = (320, 640)

LEAVES = """() => {
    const found = [];
    const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    while (texts.nextNode()) {
        const text = texts.currentNode;
        const parent = text.parentElement;
        if (!text.data.trim() || parent.closest("script, style, template, option, .visually-hidden, svg")) continue;
        if (!parent.checkVisibility({opacityProperty: true, visibilityProperty: true})) continue;
        if (parent.getBoundingClientRect().width <= 1) continue;  // for who can't see it
        const range = document.createRange();
        range.selectNodeContents(text);
        const at = range.getBoundingClientRect();
        if (at.width === 0) continue;
        let box = parent;
        while (getComputedStyle(box).display.startsWith("inline") && !box.matches("button, a")) box = box.parentElement;
        const room = box.getBoundingClientRect();
        if (at.left < -1 || at.right > innerWidth + 1) found.push(`off the page: ${text.data.trim()}`);
        if (at.left < room.left - 1 || at.right > room.right + 1) found.push(`out of its box: ${text.data.trim()}`);
    }
    const wide = document.documentElement.scrollWidth;
    if (wide > innerWidth) found.push(`the page is ${wide} wide`);
    return found.map((one) => one.slice(0, 60)).slice(0, 6);
}"""


def named(name: str, field: str, longest: int) -> dict[str, str]:
    """The field in all languages, filled to the brim."""
    return {f"{field}_{language}": (name * longest)[:longest] for language in LANGUAGES}


def fill(system: System, name: str) -> Service:
    """Set the branch up with names as long as they may be, made of this one."""
    branch = system.sample.branch
    with changing(branch.pk) as here:
        for field, longest in (("name", 80), ("opening_hours", 120), ("notice", 200)):
            for column, words in named(name, field, longest).items():
                setattr(here, column, words)
        here.notice_since = clock.now()
        here.save()
    wide: dict[str, str] = {}
    for field, longest in (("name", 60), ("description", 120), ("closed_note", 80)):
        wide |= named(name, field, longest)
    for service in (system.sample.closed, system.sample.payments):
        for column, words in wide.items():
            setattr(service, column, words)
        service.save()
    service = factories.service(
        branch, slug="widest", number_prefix="ÅW", number_first=99_990, number_last=99_999, position=9, **wide
    )
    actions.set_desk_services(system.sample.desk, [system.sample.passports, service], by=None)
    system.sample.desk.name = "WWWWWW"
    system.sample.desk.save()
    return service


def services_page(system: System, page: Page, _service: Service) -> Page:
    page.goto(f"{system.servers.lobby.url}{system.sample.services_page()}")
    return page


def start_page(system: System, page: Page, _service: Service) -> Page:
    page.goto(system.kiosk)
    return page


def ticket_page(system: System, page: Page, service: Service) -> Page:
    services_page(system, page, service).click(f"#service-{service.slug}")
    page.wait_for_selector("[data-ticket-number]")
    return page


def phone_page(system: System, page: Page, service: Service) -> Page:
    page.goto(system.phone(factories.ticket(service)))
    return page


def desk_page(system: System, _page: Page, service: Service) -> Page:
    page = system.page(LYING, clerk=True)
    factories.waiting(3, service)
    factories.ticket(system.sample.payments)
    page.goto(system.desk)
    factories.called(system.sample.desk)
    page.wait_for_selector("[data-state=CALLED]")
    return page


def hall_page(system: System, _page: Page, service: Service) -> Page:
    factories.waiting(3, service)
    factories.called(system.sample.desk)
    system.sample.clerk.memberships.update(role="supervisor")
    page = system.page(LYING, clerk=True)
    page.goto(f"{system.servers.office.url}/hall/{system.sample.branch.slug}/")
    return page


@pytest.mark.parametrize("name", [FINNISH, WIDEST])
@pytest.mark.parametrize(
    ("opening", "screens"),
    [
        (start_page, KIOSKS),
        (services_page, KIOSKS),
        (ticket_page, KIOSKS),
        (phone_page, [SMALLEST, *SCREENS]),
        (desk_page, [(1280, 800), *SCREENS]),
        (hall_page, [(1440, 900), *SCREENS]),
    ],
)
def test_the_widest_names_have_room(
    opening: Callable[[System, Page, Service], Page], screens: list[Size], name: str, system: System
) -> None:
    service = fill(system, name)
    page = opening(system, system.page(LYING), service)
    page.evaluate("() => document.fonts.ready.then(() => null)")
    for width, height in screens:
        page.set_viewport_size({"width": width, "height": height})
        page.evaluate("() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))")
        assert page.evaluate(LEAVES) == [], f"at {width} by {height}"
