"""The lobby screen: what it says when it can't know, and what it lets hear."""

from typing import Any

import pytest
from playwright.sync_api import Page, WebSocket, expect

from queues import actions, clock
from tests.browser.link import linked
from tests.browser.system import LYING, STANDING, System, count_frames, frozen, until
from tests.kit import factories

pytestmark = [pytest.mark.browser, pytest.mark.embedded, pytest.mark.django_db(transaction=True)]

STALE_WITHIN = 5_000


def board(system: System, *, sounding: bool = True) -> Page:
    page = system.page(LYING, sounding=sounding)
    page.goto(system.display)
    return page


def chimes(page: Page) -> int:
    return int(page.evaluate("window.chimes"))


def expect_chimes(page: Page, count: int) -> None:
    page.wait_for_function("count => window.chimes >= count", arg=count)
    assert chimes(page) == count


def expect_stale(page: Page) -> None:
    said = "() => document.querySelector('[data-board]').hasAttribute('data-stale')"
    page.wait_for_function(said, timeout=STALE_WITHIN)
    expect(page.locator(".stale")).to_be_visible()


def expect_number(page: Page, number: str) -> None:
    expect(page.locator("[data-call]").first).to_have_attribute("data-number", number)


# The link


def test_a_server_that_stands_still_is_told_within_five_seconds(system: System) -> None:
    page = board(system)
    stale = page.locator(".stale")
    expect(stale).to_be_hidden()
    with frozen(system.servers.lobby):
        expect_stale(page)
    expect(stale).to_be_hidden()


def test_a_new_socket_that_waits_to_be_greeted_keeps_its_turn(system: System) -> None:
    """After thousands have come back at once: who begins again goes to the end of the line again."""
    page = system.page(LYING)
    sockets: list[WebSocket] = []
    page.on("websocket", lambda socket: sockets.append(socket))  # noqa: PLW0108 - Playwright marks what it is given
    page.clock.install()
    page.goto(system.display)
    expect(page.locator("[data-board]")).not_to_have_attribute("data-stale", "")
    with frozen(system.servers.lobby):
        before = len(sockets)
        page.clock.run_for(14_000)
        assert len(sockets) == before + 1


def test_a_cut_link_is_told_and_once_mended_the_newest_call_is_there(system: System) -> None:
    system.connection_may_fail = True
    page = system.page(LYING)
    factories.ticket(system.sample.passports)
    with linked(system.servers.lobby.port) as link:
        page.goto(f"{link.url}/display/{system.sample.branch.slug}/")
        expect(page.locator("[data-board]")).not_to_have_attribute("data-stale", "")
        link.cut()
        expect_stale(page)
        factories.called(system.sample.desk)
        link.mend()
        expect_number(page, "A1")
        expect(page.locator("[data-board]")).not_to_have_attribute("data-stale", "")


def test_where_no_socket_can_be_had_the_screen_asks_over_http(system: System) -> None:
    system.connection_may_fail = True
    page = system.page(LYING)
    page.route_web_socket("**/ws/**", lambda socket: socket.close(code=1011))
    page.goto(system.display)
    factories.ticket(system.sample.passports)
    factories.called(system.sample.desk)
    expect_number(page, "A1")
    expect(page.locator("[data-board]")).not_to_have_attribute("data-stale", "")


def test_a_socket_that_is_closed_in_good_order_is_opened_again(system: System) -> None:
    """Daphne closes every socket with 1000 once a day."""
    sockets: list[Any] = []
    page = system.page(LYING)

    def pass_on(socket: Any) -> None:
        socket.connect_to_server()
        sockets.append(socket)

    page.route_web_socket("**/ws/**", pass_on)
    page.goto(system.display)
    while not sockets:
        page.wait_for_timeout(20)
    sockets[0].close(code=1000)
    while len(sockets) < 2:
        page.wait_for_timeout(20)
    factories.ticket(system.sample.passports)
    factories.called(system.sample.desk)
    expect_number(page, "A1")


def test_as_of_is_the_servers_time_in_the_branchs_zone(system: System) -> None:
    page = system.page(LYING)
    page.goto(system.display)
    shown = page.locator("[data-as-of]").inner_text()
    at = int(page.locator("[data-board]").get_attribute("data-at") or 0)
    expected = page.evaluate(
        """at => new Intl.DateTimeFormat("fi",
            {timeStyle: "medium", timeZone: "Europe/Helsinki", hourCycle: "h23"}).format(at)""",
        at,
    )
    later = page.evaluate(
        """at => new Intl.DateTimeFormat("fi",
            {timeStyle: "medium", timeZone: "Europe/Helsinki", hourCycle: "h23"}).format(at)""",
        at - 1000,
    )
    assert shown in (expected, later)


# The sound


def test_one_chime_for_each_call_and_one_more_for_a_recall(system: System) -> None:
    factories.waiting(2, system.sample.passports)
    page = board(system)
    expect(page.locator("[data-sound-unlock]")).to_be_hidden()
    ticket = factories.called(system.sample.desk)
    expect_number(page, "A1")
    expect_chimes(page, 1)
    actions.recall(system.sample.desk, ticket.pk, by=None)
    expect_chimes(page, 2)
    factories.called(system.sample.other_desk)
    expect_number(page, "A2")
    expect_chimes(page, 3)


def test_two_calls_that_come_together_are_two_chimes(system: System) -> None:
    factories.waiting(2, system.sample.passports)
    page = board(system)
    with frozen(system.servers.lobby):
        factories.called(system.sample.desk)
        factories.called(system.sample.other_desk)
    expect_number(page, "A2")
    expect_chimes(page, 2)


def test_what_was_called_before_the_page_came_up_stays_silent(system: System) -> None:
    factories.waiting(2, system.sample.passports)
    factories.called(system.sample.desk)
    page = board(system)
    expect_number(page, "A1")
    factories.called(system.sample.other_desk)
    expect_number(page, "A2")
    expect_chimes(page, 1)


def test_a_start_and_a_finish_are_no_call(system: System) -> None:
    ticket = factories.ticket(system.sample.passports)
    page = system.page(LYING, sounding=True)
    frames = count_frames(page)
    page.goto(system.display)
    until(page, frames, more_than=0)
    factories.called(system.sample.desk)
    expect_chimes(page, 1)
    seen = len(frames)
    actions.start_serving(system.sample.desk, ticket.pk, by=None)
    until(page, frames, more_than=seen)
    assert chimes(page) == 1


def test_a_browser_that_blocks_sound_shows_a_mark_until_a_touch(system: System) -> None:
    factories.waiting(2, system.sample.passports)
    page = board(system, sounding=False)
    mark = page.locator("[data-sound-unlock]")
    expect(mark).to_be_visible()
    factories.called(system.sample.desk)
    expect_number(page, "A1")
    assert chimes(page) == 0
    mark.click()
    expect(mark).to_be_hidden()
    factories.called(system.sample.other_desk)
    expect_chimes(page, 1)


FRAME = """([id, after, late]) => {
    const at = Number(document.querySelector("[data-board]").dataset.at) + after;
    const calls = [{id, number: "A9", desk: "3", at}];
    document.dispatchEvent(new CustomEvent("live:frame", {detail: {html: "", calls, at: at + late}}));
}"""


@pytest.mark.parametrize(("late", "heard"), [(0, 1), (59_000, 1), (61_000, 0)])
def test_a_call_that_was_missed_is_announced_while_it_is_younger_than_a_minute(
    late: int, heard: int, system: System
) -> None:
    page = board(system)
    page.evaluate(FRAME, [1, 1000, late])
    page.evaluate(FRAME, [2, 2000, 0])  # a call that is heard in any case: the one before it has had its turn
    assert chimes(page) == heard + 1


def test_the_same_call_in_many_frames_is_announced_once(system: System) -> None:
    page = board(system)
    for late in (0, 1000, 2000):
        page.evaluate(FRAME, [1, 1000, late])
    assert chimes(page) == 1


def test_a_call_made_while_the_screen_loads_itself_anew_is_announced(system: System) -> None:
    factories.waiting(3, system.sample.passports)
    page = board(system)
    factories.called(system.sample.desk)
    expect_chimes(page, 1)
    page.goto("about:blank")
    called = factories.called(system.sample.other_desk)
    page.goto(system.display)
    expect_number(page, "A2")
    expect_chimes(page, 1)  # of the new page: A2 alone
    page.reload()
    expect_number(page, "A2")
    actions.recall(system.sample.other_desk, called.pk, by=None)
    expect_chimes(page, 1)


# A hand on the glass


def test_a_screen_on_which_a_hand_rests_is_as_true_as_any(system: System) -> None:
    factories.waiting(2, system.sample.passports)
    factories.called(system.sample.desk)
    page = board(system)
    page.mouse.move(200, 250)
    page.mouse.down()
    factories.called(system.sample.other_desk)
    expect(page.locator("[data-call]")).to_have_count(2, timeout=1_900)
    expect_number(page, "A2")


VOUCHED = """() => {
    window.vouched = 0;
    const page = document.querySelector("[data-at]");
    new MutationObserver(() => {
        if (page.textContent.includes("no queue")) window.vouched = Number(page.dataset.at);
    }).observe(page, {attributeFilter: ["data-at"]});
}"""


def test_a_view_held_still_for_a_press_is_vouched_for_by_nothing_and_soon_let_go(system: System) -> None:
    system.sample.payments.delete()
    page = system.page(STANDING)
    page.goto(f"{system.servers.lobby.url}{system.sample.services_page()}")
    line = page.locator("[data-service=passports] .choice-line")
    expect(line).to_contain_text("no queue")
    page.evaluate(VOUCHED)
    page.wait_for_function("() => window.vouched > 0")
    page.hover("[data-service=passports]")
    page.mouse.down()
    factories.ticket(system.sample.passports)
    drawn = clock.now().timestamp() * 1000
    expect(line).to_contain_text("1", timeout=4_000)
    page.mouse.up()
    # Up to the revision poll's second, an older reading may still be on its way.
    assert page.evaluate("window.vouched") < drawn + 1_200
