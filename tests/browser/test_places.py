"""Nothing live moves what is being pressed: news has room of its own. Where something has moved all the same, a press
that comes too soon was meant for what stood there before."""

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from queues import actions
from queues.models import Branch, Service, Ticket
from tests.browser.system import System
from tests.kit import factories

pytestmark = [pytest.mark.browser, pytest.mark.networked, pytest.mark.django_db(transaction=True)]

PLACES = """() => Array.from(document.querySelectorAll("a, button"))
    .filter((one) => one.checkVisibility())
    .map((one) => [one.id || one.innerText, ["left", "top", "right", "bottom"].map(
        (side) => Math.round(one.getBoundingClientRect()[side]))])"""

KIOSKS = [(1080, 1920), (768, 1024), (1024, 768), (1366, 768)]
NOTICE = "Passikoneet ovat epäkunnossa; kotiin lähetettävät passit tilataan tiskiltä kaksi. " * 3


def in_all_languages(branch: Branch, words: str) -> dict[str, str]:
    return dict.fromkeys(branch.languages, words[:200])


def settled(page: Page) -> dict[str, Any]:
    page.evaluate("() => document.fonts.ready.then(() => null)")
    return dict(page.evaluate(PLACES))


def start(system: System, page: Page) -> None:
    page.goto(system.kiosk)


def services(system: System, page: Page) -> None:
    for number in range(4):
        factories.service(system.sample.branch, slug=f"more-{number}", name_en=f"Service {number}")
    page.goto(f"{system.servers.lobby.url}{system.sample.services_page()}")


@pytest.mark.parametrize("size", KIOSKS)
@pytest.mark.parametrize("opening", [start, services])
def test_what_the_supervisor_says_moves_nothing_at_the_kiosk(
    opening: Callable[[System, Page], None], size: tuple[int, int], system: System
) -> None:
    branch = system.sample.branch
    page = system.page(size)
    opening(system, page)
    before = settled(page)
    assert len(before) > 5
    news: tuple[Callable[[], object], ...] = (
        lambda: actions.show_notice(branch, in_all_languages(branch, NOTICE), by=None),
        lambda: actions.pause_all(branch, by=None),
    )
    for act in news:
        said = page.locator(".announcement").count()
        act()
        expect(page.locator(".announcement")).to_have_count(said + 1)
        assert settled(page) == before
        cut = page.evaluate(
            "() => Array.from(document.querySelectorAll('[data-fit-words]')).filter("
            "(one) => one.scrollHeight > one.clientHeight + 1).length"
        )
        assert cut == 0


@pytest.mark.parametrize(
    ("size", "language"), [((1080, 1920), "sv"), ((768, 1024), "en"), ((1024, 768), "sv"), ((1024, 768), "fi")]
)
def test_a_line_that_grows_moves_no_choice(size: tuple[int, int], language: str, system: System) -> None:
    page = system.page(size)
    page.goto(f"{system.servers.lobby.url}{system.sample.services_page(language)}")
    before = settled(page)
    line = page.locator("[data-service=payments] .choice-line b")
    factories.ticket(system.sample.payments)
    expect(line).to_have_text("1")
    assert settled(page) == before
    actions.open_session(system.sample.desk, by=system.sample.clerk)
    Service.objects.update(typical_seconds=5_000)
    factories.waiting(11, system.sample.payments)
    expect(line).to_have_text("12")
    assert settled(page) == before


def test_no_news_moves_a_press_at_the_desk(system: System) -> None:
    branch = system.sample.branch
    page = system.page((1280, 800), clerk=True)
    factories.waiting(3, system.sample.passports)
    page.goto(system.desk)
    colleague = factories.clerk(branch)
    actions.open_session(system.sample.other_desk, by=colleague)
    page.locator("[data-state=FREE]").wait_for()
    before = settled(page)
    news: tuple[Callable[[], object], ...] = (
        lambda: actions.ask_for_help(system.sample.other_desk, by=colleague),
        lambda: actions.ask_at_kiosk(branch),
        lambda: actions.show_notice(branch, in_all_languages(branch, NOTICE), by=None),
        lambda: actions.stop_numbers(branch, by=None),
    )
    for count, act in enumerate(news, 1):
        act()
        expect(page.locator(".tidings li")).to_have_count(count)
        after = settled(page)
        assert {name: after[name] for name in before} == before


def test_a_press_just_after_something_has_moved_is_not_taken(system: System) -> None:
    """A desk's line isn't of one height: who is on hold stands below whoever waits."""
    first, second = factories.waiting(2, system.sample.passports)
    for ticket in (first, second):
        factories.serving(system.sample.desk)
        actions.hold(system.sample.desk, ticket.pk, by=None)
    page = system.page((1280, 800), clerk=True)
    page.goto(system.desk)
    button = page.locator(f"#held-{first.pk}")
    button.hover()
    box = button.bounding_box()
    assert box is not None
    page.evaluate(
        """() => {
            window.taken = 0;
            document.addEventListener("click", () => (window.taken += 1));
            document.addEventListener("live:view", () => (window.shown = (window.shown ?? 0) + 1));
        }"""
    )
    factories.waiting(3, system.sample.passports)
    page.wait_for_function("() => window.shown > 0")
    page.mouse.click(
        *page.evaluate(
            "id => {const b = document.getElementById(id).getBoundingClientRect();return [b.x + 5, b.y + 5]}",
            f"held-{first.pk}",
        )
    )
    assert page.evaluate("window.taken") == 0
    assert Ticket.objects.get(pk=first.pk).state == "HELD"
    page.wait_for_timeout(600)
    button.click()
    expect(page.locator("[data-state=CALLED]")).to_be_visible()
