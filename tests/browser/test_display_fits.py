"""The lobby screen has room for whatever set-up and a busy hall put on it, whole and in sight."""

import pytest
from playwright.sync_api import Page, expect

from queues import actions
from tests.browser.system import LYING, System
from tests.kit import factories

pytestmark = [pytest.mark.browser, pytest.mark.embedded, pytest.mark.django_db(transaction=True)]

WALLS = [(1920, 1080), (1366, 768), (1024, 768), (1080, 1920), (768, 1024)]

OUTSIDE = """() => {
    const pen = document.createElement("canvas").getContext("2d");
    const found = [];
    const screen = {left: 0, top: 0, right: innerWidth, bottom: innerHeight};
    for (const call of document.querySelectorAll("[data-call]")) {
        const card = call.getBoundingClientRect();
        for (const [what, text] of [[".call-number .number", ""], [".call-desk-name", call.dataset.desk]]) {
            const element = call.querySelector(what);
            const style = getComputedStyle(element);
            const range = document.createRange();
            range.selectNodeContents(element);
            const at = range.getBoundingClientRect();
            pen.font = `${style.fontWeight} ${style.fontSize} ${style.fontFamily}`;
            const size = pen.measureText(element.textContent);
            const base = at.top + size.fontBoundingBoxAscent;
            const ink = {left: at.left, right: at.right,
                top: base - size.actualBoundingBoxAscent, bottom: base + size.actualBoundingBoxDescent};
            const parent = element.closest(".call-desk, .call-number").getBoundingClientRect();
            for (const [name, box] of [["card", card], ["part", parent], ["screen", screen]]) {
                const upright = name !== "part" || call.classList.contains("call-large");
                if (ink.left < box.left - 1 || ink.right > box.right + 1
                    || (upright && (ink.top < box.top - 1 || ink.bottom > box.bottom + 1)))
                    found.push(`${element.textContent} leaves its ${name}`);
            }
            if (parseFloat(style.fontSize) < 14) found.push(`${element.textContent} is ${style.fontSize}`);
        }
        const [number, desk] = [".call-number", ".call-desk-name"].map(
            (one) => call.querySelector(one).getBoundingClientRect());
        if (!call.classList.contains("call-large") && number.right > desk.left + 1)
            found.push(`${call.dataset.number} runs into ${call.dataset.desk}`);
        if (call.classList.contains("call-large"))
            for (const part of call.querySelectorAll(".call-number, .call-desk"))
                if (Math.abs(part.getBoundingClientRect().width - card.width) > 1)
                    found.push(`${part.className} is narrower than its card`);
    }
    return found;
}"""


AROUND = """() => {
    const inks = [".board-head h1", ".sound-mark", ".clock time", ".board-waiting", ".board-foot .as-of"].map((one) => {
        const range = document.createRange();
        range.selectNodeContents(document.querySelector(one));
        const lines = new Set([...range.getClientRects()].map((line) => line.bottom));
        return [one, range.getBoundingClientRect(), lines.size];
    });
    const broken = inks.filter(([one, _ink, lines]) => one === ".clock time" && lines > 1);
    const found = broken.map(([one]) => `${one} breaks`);
    for (const [one, a] of inks)
        for (const [other, b] of inks)
            if (one < other && a.left < b.right && b.left < a.right && a.top < b.bottom && b.top < a.bottom)
                found.push(`${one} runs into ${other}`);
    return found;
}"""


def expect_whole(page: Page) -> None:
    page.evaluate("document.fonts.ready")
    for width, height in WALLS:
        page.set_viewport_size({"width": width, "height": height})
        page.evaluate("new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))")
        assert page.evaluate(OUTSIDE) == [], f"at {width} by {height}"
        wide, high = page.evaluate("[document.documentElement.scrollWidth, document.documentElement.scrollHeight]")
        assert (wide <= width, high <= height) == (True, True), f"at {width} by {height}"


@pytest.mark.parametrize(
    ("desk_name", "prefix", "first"),
    [("KASSA1", "A", 27), ("WWWWWW", "ÅW", 99_990), ("ÅÄÖgjq", "Ä", 1), ("7", "ÅW", 99_990)],
)
def test_every_number_and_desk_that_set_up_lets_in_is_whole(
    desk_name: str, prefix: str, first: int, system: System
) -> None:
    branch = system.sample.branch
    service = factories.service(branch, number_prefix=prefix, number_first=first, number_last=99_999)
    desks = [factories.desk(service, name=name) for name in (desk_name, f"{desk_name[:5]}_")]
    page = system.page(LYING)
    page.goto(system.display)
    factories.waiting(3, service)
    factories.called(desks[0])
    expect(page.locator("[data-call]")).to_have_count(1)
    expect_whole(page)
    # A family in the earlier rows, and somebody who is served.
    leader, *others = factories.waiting(4, service)
    for other in others:
        actions.link(desks[1], leader.shown, other.shown, by=None)
    actions.set_desk_services(desks[1], [service], by=None)
    factories.called(desks[1])
    expect(page.locator("[data-call]")).to_have_count(2)
    expect_whole(page)


@pytest.mark.parametrize("how_many", [6, 7, 40])
def test_everybody_who_is_awaited_is_on_the_screen(how_many: int, system: System) -> None:
    branch = system.sample.branch
    service = factories.service(branch, number_prefix="ÅW", number_first=100, number_last=999)
    page = system.page(LYING)
    page.goto(system.display)
    desks = [factories.desk(service, name=f"W{number}") for number in range(100, 100 + how_many)]
    factories.waiting(how_many + 8, service)
    awaited = [factories.called(desk).shown for desk in desks]
    quick = factories.desk(service, name="quick")
    for _visitor in range(7):
        factories.served(quick)
    shown = page.locator("[data-call]")
    expect(shown).to_have_count(how_many)
    numbers = shown.evaluate_all("calls => calls.map((call) => call.dataset.number)")
    assert numbers == awaited[::-1]
    expect_whole(page)


def test_nothing_around_the_calls_runs_into_anything(system: System) -> None:
    """In three languages, with the sound off, a hundred waiting and a branch of two words."""
    factories.waiting(120, factories.service(system.sample.branch, number_prefix="W"))
    page = system.page(LYING)
    page.goto(system.display)
    page.evaluate("document.querySelector('.sound-mark').hidden = false")
    page.evaluate("document.fonts.ready")
    for width, height in WALLS:
        page.set_viewport_size({"width": width, "height": height})
        assert page.evaluate(AROUND) == [], f"at {width} by {height}"
