"""A clerk's hands: keys, a half-made click, and two windows, while the line moves."""

import pytest
from playwright.sync_api import Page, expect

from queues import actions
from queues.models import Ticket
from queues.states import State
from tests.browser.system import LYING, System, count_frames, let_settle, until
from tests.kit import factories

pytestmark = [pytest.mark.browser, pytest.mark.networked, pytest.mark.django_db(transaction=True)]


def desk(system: System) -> tuple[Page, list[str]]:
    """The desk's page, fresh, and the frames that come to it."""
    page = system.page(LYING, clerk=True)
    frames = count_frames(page)
    page.goto(system.desk)
    until(page, frames, more_than=0)
    return page, frames


def expect_state(page: Page, state: str, number: str = "") -> None:
    current = page.locator("[data-state]")
    expect(current).to_have_attribute("data-state", state)
    expect(current).to_have_attribute("data-current-number", number)
    # A frame may show it before the press is answered; until then the next key is not taken.
    expect(page.locator(".htmx-request")).to_have_count(0)


def press_key(page: Page, key: str) -> None:
    page.keyboard.press(key)


def let_them_come(page: Page) -> None:
    """Nobody stands at a desk, or has been waited for in vain, within a second of their call."""
    page.wait_for_timeout(1_050)


def somebody_comes(system: System, page: Page, frames: list[str]) -> None:
    """And the page hears of it."""
    heard = len(frames)
    factories.ticket(system.sample.passports)
    until(page, frames, more_than=heard)


def test_a_half_made_click_survives_what_comes_in(system: System) -> None:
    factories.ticket(system.sample.passports)
    page, frames = desk(system)
    page.hover('[data-action="call-next"]')
    page.mouse.down()
    somebody_comes(system, page, frames)
    page.mouse.up()
    expect_state(page, "CALLED", "A1")
    expect(page.locator(".upcoming")).to_contain_text("A2")


def test_what_came_in_during_a_press_is_shown_after_it(system: System) -> None:
    page, frames = desk(system)
    page.hover("[data-keys]")
    page.mouse.down()
    somebody_comes(system, page, frames)
    expect(page.locator(".upcoming")).not_to_contain_text("A1")
    page.mouse.up()
    expect(page.locator(".upcoming")).to_contain_text("A1")


def test_the_focus_stays_where_it_is_while_the_line_moves(system: System) -> None:
    page, frames = desk(system)
    page.focus('[data-action="recall"]')
    somebody_comes(system, page, frames)
    expect(page.locator(".upcoming")).to_contain_text("A1")
    expect(page.locator('[data-action="recall"]')).to_be_focused()


def test_the_focus_stays_on_the_button_that_was_pressed(system: System) -> None:
    factories.ticket(system.sample.passports)
    page, _frames = desk(system)
    page.focus('[data-action="call-next"]')
    page.keyboard.press("Enter")
    expect_state(page, "CALLED", "A1")
    expect(page.locator('[data-action="call-next"]')).to_be_focused()


def test_two_windows_of_one_desk_show_the_same(system: System) -> None:
    factories.ticket(system.sample.passports)
    (here, _frames), (there, _there) = desk(system), desk(system)
    here.click('[data-action="call-next"]')
    expect_state(there, "CALLED", "A1")
    let_settle(there)
    there.click('[data-action="start"]')
    expect_state(here, "SERVING", "A1")


def test_the_same_press_in_two_windows_calls_one_visitor(system: System) -> None:
    factories.waiting(2, system.sample.passports)
    (here, _frames), (there, _there) = desk(system), desk(system)
    here.click('[data-action="call-next"]')
    there.click('[data-action="call-next"]')
    expect_state(here, "CALLED", "A1")
    expect_state(there, "CALLED", "A1")
    assert Ticket.objects.filter(state="CALLED").count() == 1


def test_each_action_has_its_key(system: System) -> None:
    factories.waiting(2, system.sample.passports)
    page, _frames = desk(system)
    press_key(page, "1")
    expect_state(page, "CALLED", "A1")
    press_key(page, "4")
    expect(page.locator("[data-calls]")).to_have_attribute("data-calls", "2")
    press_key(page, "2")
    expect_state(page, "SERVING", "A1")
    let_them_come(page)
    press_key(page, "3")
    expect_state(page, "FREE")
    press_key(page, "1")
    expect_state(page, "CALLED", "A2")
    let_them_come(page)
    press_key(page, "5")
    expect_state(page, "FREE")
    assert list(Ticket.objects.order_by("serial").values_list("state", flat=True)) == ["DONE", "NO_SHOW"]


def test_the_space_bar_makes_the_likely_press(system: System) -> None:
    factories.ticket(system.sample.passports)
    page, _frames = desk(system)
    for state, number in (("CALLED", "A1"), ("SERVING", "A1"), ("FREE", "")):
        press_key(page, "Space")
        expect_state(page, state, number)
        if state == "SERVING":
            let_them_come(page)


def test_the_space_bar_presses_the_button_that_has_the_focus(system: System) -> None:
    factories.ticket(system.sample.passports)
    factories.called(system.sample.desk)
    page, _frames = desk(system)
    page.focus('[data-action="absent"]')
    press_key(page, "Space")
    expect_state(page, "FREE")
    assert Ticket.objects.get().state == "NO_SHOW"


def test_keys_that_are_switched_off_do_nothing_also_after_a_reload(system: System) -> None:
    page, frames = desk(system)
    page.click("[data-keys]")
    expect(page.locator("[data-keys]")).to_have_attribute("aria-pressed", "false")
    page.reload()
    expect(page.locator("[data-keys]")).to_have_attribute("aria-pressed", "false")
    page.locator("body").press("1")
    somebody_comes(system, page, frames)
    page.locator("body").press("1")
    somebody_comes(system, page, frames)
    expect_state(page, "FREE")
    page.click("[data-keys]")
    page.locator("body").press("1")
    expect_state(page, "CALLED", "A1")


def test_a_key_with_ctrl_is_the_browsers_own(system: System) -> None:
    page, frames = desk(system)
    somebody_comes(system, page, frames)
    page.keyboard.press("Control+1")
    somebody_comes(system, page, frames)
    expect_state(page, "FREE")


def test_a_press_that_gets_no_answer_says_so_and_can_be_made_again(system: System) -> None:
    system.connection_may_fail = True
    factories.ticket(system.sample.passports)
    page, _frames = desk(system)
    page.evaluate("window.pressedHere = true")
    page.route("**/call-next/", lambda route: route.fulfill(status=503), times=1)
    page.route("**/call-next/", lambda route: route.abort("connectionreset"), times=1)
    for _failure in range(2):
        page.evaluate("document.getElementById('notice').replaceChildren()")
        page.click('[data-action="call-next"]')
        expect(page.locator("#notice")).to_contain_text("press again")
    page.click('[data-action="call-next"]')
    expect_state(page, "CALLED", "A1")
    expect(page.locator("#notice")).to_be_empty()
    assert page.evaluate("window.pressedHere"), "an error page in its place would have to be reloaded by hand"


def test_a_press_whose_answer_was_lost_calls_nobody_twice(system: System) -> None:
    system.connection_may_fail = True
    factories.waiting(2, system.sample.passports)
    page, _frames = desk(system)

    def lose(route: object) -> None:
        route.fetch()  # type: ignore[attr-defined]
        route.abort("connectionreset")  # type: ignore[attr-defined]

    page.route("**/call-next/", lose, times=1)
    with page.expect_event("requestfailed"):  # which may come later than what the socket brings
        page.click('[data-action="call-next"]')
        expect_state(page, "CALLED", "A1")
    assert Ticket.objects.filter(state="CALLED").count() == 1


def test_what_is_offered_about_one_visitor_is_never_done_to_the_next(system: System) -> None:
    first, second = factories.waiting(2, system.sample.passports)
    page, _frames = desk(system)
    counter, clerk = system.sample.desk, system.sample.clerk

    def serve(ticket: Ticket) -> None:
        actions.call_next(counter, by=clerk)
        actions.start_serving(counter, ticket.pk, by=clerk)
        expect_state(page, "SERVING", ticket.shown)

    serve(first)
    let_settle(page)
    page.locator("#transfer-to").select_option(value=f"service:{system.sample.closed.pk}")
    page.click("[data-action=transfer]")
    expect(page.locator("[data-action=again]")).to_be_visible()
    actions.finish(counter, first.pk, by=clerk)
    serve(second)
    let_settle(page)
    page.click("[data-action=again]")
    expect(page.locator("#notice .refused")).not_to_contain_text("Nobody serves")
    second.refresh_from_db()
    assert second.state == State.SERVING


def test_a_desk_whose_session_has_ended_is_asked_to_sign_in(system: System) -> None:
    page, _frames = desk(system)
    page.context.clear_cookies()
    system.connection_may_fail = True
    page.click('[data-action="call-next"]')
    expect(page.locator("[name=password]")).to_be_visible()


def test_a_desk_that_was_signed_out_elsewhere_is_asked_to_sign_in(system: System) -> None:
    page, _frames = desk(system)
    page.context.clear_cookies(name="sessionid")
    system.connection_may_fail = True
    page.click('[data-action="call-next"]')
    expect(page.locator("main [name=password]")).to_be_visible()
    expect(page.locator("#panel")).to_have_count(0)
