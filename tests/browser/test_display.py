"""The lobby screen: what it says when it can't know, and what it lets hear."""

from typing import Any

import pytest
from playwright.sync_api import Page, WebSocket, expect

from queues import actions
from tests.browser.link import linked
from tests.browser.system import LYING, House, count_frames, frozen, until
from tests.kit import factories

pytestmark = [pytest.mark.browser, pytest.mark.embedded, pytest.mark.django_db(transaction=True)]

STALE_WITHIN = 5_000


def board(house: House, *, sounding: bool = True) -> Page:
    page = house.page(LYING, sounding=sounding)
    page.goto(house.display)
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


def test_a_server_that_stands_still_is_told_within_five_seconds(house: House) -> None:
    page = board(house)
    stale = page.locator(".stale")
    expect(stale).to_be_hidden()
    with frozen(house.servers.lobby):
        expect_stale(page)
    expect(stale).to_be_hidden()


def test_a_new_socket_that_waits_to_be_greeted_keeps_its_turn(house: House) -> None:
    """After thousands have come back at once: who begins again goes to the end of the line again."""
    page = house.page(LYING)
    sockets: list[WebSocket] = []
    page.on("websocket", lambda socket: sockets.append(socket))  # noqa: PLW0108 - Playwright marks what it is given
    page.clock.install()
    page.goto(house.display)
    expect(page.locator("[data-board]")).not_to_have_attribute("data-stale", "")
    with frozen(house.servers.lobby):
        before = len(sockets)
        page.clock.run_for(14_000)
        assert len(sockets) == before + 1


def test_a_cut_link_is_told_and_once_mended_the_newest_call_is_there(house: House) -> None:
    house.connection_may_fail = True
    page = house.page(LYING)
    factories.ticket(house.town.passports)
    with linked(house.servers.lobby.port) as link:
        page.goto(f"{link.url}/display/{house.town.branch.slug}/")
        expect(page.locator("[data-board]")).not_to_have_attribute("data-stale", "")
        link.cut()
        expect_stale(page)
        factories.called(house.town.desk)
        link.mend()
        expect_number(page, "A1")
        expect(page.locator("[data-board]")).not_to_have_attribute("data-stale", "")


def test_where_no_socket_can_be_had_the_screen_asks_over_http(house: House) -> None:
    house.connection_may_fail = True
    page = house.page(LYING)
    page.route_web_socket("**/ws/**", lambda socket: socket.close(code=1011))
    page.goto(house.display)
    factories.ticket(house.town.passports)
    factories.called(house.town.desk)
    expect_number(page, "A1")
    expect(page.locator("[data-board]")).not_to_have_attribute("data-stale", "")


def test_a_socket_that_is_closed_in_good_order_is_opened_again(house: House) -> None:
    """Daphne closes every socket with 1000 once a day."""
    sockets: list[Any] = []
    page = house.page(LYING)

    def pass_on(socket: Any) -> None:
        socket.connect_to_server()
        sockets.append(socket)

    page.route_web_socket("**/ws/**", pass_on)
    page.goto(house.display)
    while not sockets:
        page.wait_for_timeout(20)
    sockets[0].close(code=1000)
    while len(sockets) < 2:
        page.wait_for_timeout(20)
    factories.ticket(house.town.passports)
    factories.called(house.town.desk)
    expect_number(page, "A1")


def test_as_of_is_the_servers_time_in_the_branchs_zone(house: House) -> None:
    page = house.page(LYING)
    page.goto(house.display)
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


def test_one_chime_for_each_call_and_one_more_for_a_recall(house: House) -> None:
    factories.waiting(2, house.town.passports)
    page = board(house)
    expect(page.locator("[data-sound-unlock]")).to_be_hidden()
    ticket = factories.called(house.town.desk)
    expect_number(page, "A1")
    expect_chimes(page, 1)
    actions.recall(house.town.desk, ticket.pk, by=None)
    expect_chimes(page, 2)
    factories.called(house.town.other_desk)
    expect_number(page, "A2")
    expect_chimes(page, 3)


def test_two_calls_that_come_together_are_two_chimes(house: House) -> None:
    factories.waiting(2, house.town.passports)
    page = board(house)
    with frozen(house.servers.lobby):
        factories.called(house.town.desk)
        factories.called(house.town.other_desk)
    expect_number(page, "A2")
    expect_chimes(page, 2)


def test_what_was_called_before_the_page_came_up_stays_silent(house: House) -> None:
    factories.waiting(2, house.town.passports)
    factories.called(house.town.desk)
    page = board(house)
    expect_number(page, "A1")
    factories.called(house.town.other_desk)
    expect_number(page, "A2")
    expect_chimes(page, 1)


def test_a_start_and_a_finish_are_no_call(house: House) -> None:
    ticket = factories.ticket(house.town.passports)
    page = house.page(LYING, sounding=True)
    frames = count_frames(page)
    page.goto(house.display)
    until(page, frames, more_than=0)
    factories.called(house.town.desk)
    expect_chimes(page, 1)
    seen = len(frames)
    actions.start_serving(house.town.desk, ticket.pk, by=None)
    until(page, frames, more_than=seen)
    assert chimes(page) == 1


def test_a_browser_that_blocks_sound_shows_a_mark_until_a_touch(house: House) -> None:
    factories.waiting(2, house.town.passports)
    page = board(house, sounding=False)
    mark = page.locator("[data-sound-unlock]")
    expect(mark).to_be_visible()
    factories.called(house.town.desk)
    expect_number(page, "A1")
    assert chimes(page) == 0
    mark.click()
    expect(mark).to_be_hidden()
    factories.called(house.town.other_desk)
    expect_chimes(page, 1)


FRAME = """([id, after, late]) => {
    const at = Number(document.querySelector("[data-board]").dataset.at) + after;
    const calls = [{id, number: "A9", desk: "3", at}];
    document.dispatchEvent(new CustomEvent("live:frame", {detail: {html: "", calls, at: at + late}}));
}"""


@pytest.mark.parametrize(("late", "heard"), [(0, 1), (59_000, 1), (61_000, 0)])
def test_a_call_that_was_missed_is_announced_while_it_is_younger_than_a_minute(
    late: int, heard: int, house: House
) -> None:
    page = board(house)
    page.evaluate(FRAME, [1, 1000, late])
    page.evaluate(FRAME, [2, 2000, 0])  # a call that is heard in any case: the one before it has had its turn
    assert chimes(page) == heard + 1


def test_the_same_call_in_many_frames_is_announced_once(house: House) -> None:
    page = board(house)
    for late in (0, 1000, 2000):
        page.evaluate(FRAME, [1, 1000, late])
    assert chimes(page) == 1
