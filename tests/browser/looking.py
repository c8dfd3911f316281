"""How a page is looked at: whether it is open to everybody, and at home on every screen."""

from collections.abc import Callable, Iterable, Sequence
from typing import Any

from axe_playwright_python.base import AxeResults
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

from tests.browser.system import Size, System

Opening = Callable[[System, Page], object]

SCREENS: Sequence[Size] = [(390, 844), (1024, 768), (1080, 1920), (1920, 1080)]
KIOSKS: Sequence[Size] = [(1080, 1920), (1920, 1080), (1366, 768), (1024, 768)]
WALLS: Sequence[Size] = [(1080, 1920), (1920, 1080)]
LANGUAGES = ("en", "fi", "sv")

COLOURS = "color-contrast"
"""The only one of axe's rules that another colour scheme can break."""

TOO_SMALL = """least => Array.from(document.querySelectorAll("button, summary, select, input:not([type=checkbox])"))
    .filter((one) => one.checkVisibility() && !one.closest(".visually-hidden") && one.type !== "hidden")
    .map((one) => [one.getBoundingClientRect(), one.innerText || one.name])
    .filter(([box]) => box.height > 0 && Math.min(box.width, box.height) < least - 0.5)
    .map(([box, words]) => `${words}: ${Math.round(box.width)} by ${Math.round(box.height)}`)"""
FINGER = 44
"""CSS pixels."""


def in_each_language(openings: Iterable[Opening]) -> list[Any]:
    """Each opening once, in one of the languages in turn: every language is met on every surface."""
    return [(opening, LANGUAGES[place % len(LANGUAGES)]) for place, opening in enumerate(openings)]


def name_of(argument: object) -> str:
    return getattr(argument, "__name__", str(argument))


def expect_open(page: Page, *rules: str) -> None:
    """axe has nothing to say: by all of its rules, or by these."""
    if not page.evaluate("'axe' in window"):
        page.evaluate(Axe().axe_script)
    options = {"resultTypes": ["violations"], **({"runOnly": rules} if rules else {})}
    found = AxeResults(page.evaluate("options => axe.run(options)", options))
    assert found.violations_count == 0, found.generate_report()


def expect_at_home(page: Page, screens: Iterable[Size] = SCREENS) -> None:
    """Nothing leads off the side of any of these screens, and nothing to press is too small for a finger."""
    page.wait_for_load_state()  # a page that a form led to may be here before its style sheet
    for width, height in screens:
        page.set_viewport_size({"width": width, "height": height})
        wide = page.evaluate("document.documentElement.scrollWidth")
        assert wide <= width, f"{wide} wide at {width} by {height}"
        small = page.evaluate(TOO_SMALL, FINGER)
        assert not small, f"{small} at {width} by {height}"


def expect_no_scrolling(page: Page, screens: Iterable[Size]) -> None:
    """Everything is in sight at once on each of these screens."""
    for width, height in screens:
        page.set_viewport_size({"width": width, "height": height})
        tall = page.evaluate("document.documentElement.scrollHeight")
        assert tall <= height, f"{tall} tall at {width} by {height}"
