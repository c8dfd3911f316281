"""A clerk's whole morning, by keyboard alone; undo as the board sees it; what an idle desk hears."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from playwright.sync_api import Page, Route, expect

from queues import actions
from queues.models import Desk, Outcome, Ticket, Visit
from tests.browser.system import LYING, System, count_frames, until
from tests.browser.test_desk import expect_state, let_them_come
from tests.kit import factories

pytestmark = [pytest.mark.browser, pytest.mark.networked, pytest.mark.django_db(transaction=True)]


def sit_down(system: System, *, sounding: bool = False) -> tuple[Page, list[str]]:
    page = system.page((1440, 900), clerk=True, sounding=sounding)
    frames = count_frames(page)
    page.goto(system.desk)
    until(page, frames, more_than=0)
    return page, frames


def fill_in(page: Page, words: str) -> None:
    """Into whatever has the focus, and Enter presses."""
    page.keyboard.type(words)
    page.keyboard.press("Enter")


def test_a_whole_morning_by_keyboard_alone(system: System) -> None:
    sample = system.sample
    sample.clerk.memberships.update(may_call_any=True)
    Outcome.objects.create(service=sample.passports, name="Application left")
    factories.waiting(4, sample.passports)
    page, _frames = sit_down(system)
    the_first_has_left_the_papers_at_home(page)
    the_second_does_not_come(page)
    the_fourth_has_to_catch_a_train_and_needs_the_cashier(page)
    assert Ticket.objects.get(shown="A4").service == sample.payments
    the_first_is_back_with_the_papers(page)
    assert Visit.objects.get().outcomes.get().outcome.name == "Application left"
    a_coffee_and_somebody_who_cannot_use_the_kiosk(page)
    assert list(Ticket.objects.order_by("serial").values_list("state", flat=True)) == [
        "DONE",
        "NO_SHOW",
        "WAITING",
        "WAITING",
        "WAITING",
    ]


def the_first_has_left_the_papers_at_home(page: Page) -> None:
    page.keyboard.press("Space")
    expect_state(page, "CALLED", "A1")
    page.keyboard.press("Space")
    expect_state(page, "SERVING", "A1")
    page.get_by_label("Reason for the hold").focus()  # where Tab leads from the presses
    fill_in(page, "Fetches papers")
    expect_state(page, "FREE")
    expect(page.locator(".line-held")).to_contain_text("Fetches papers")
    page.keyboard.press("Escape")


def the_second_does_not_come(page: Page) -> None:
    page.keyboard.press("1")
    expect_state(page, "CALLED", "A2")
    page.keyboard.press("4")
    expect(page.locator("[data-calls]")).to_have_attribute("data-calls", "2")
    let_them_come(page)
    page.keyboard.press("5")
    expect_state(page, "FREE")


def the_fourth_has_to_catch_a_train_and_needs_the_cashier(page: Page) -> None:
    expect(page.locator("[data-action=call-ticket]")).to_be_visible()  # it is while nobody is at the desk
    page.keyboard.press("8")
    expect(page.locator("#call-number")).to_be_focused()
    fill_in(page, "a4")
    expect(page.locator("#notice")).to_contain_text("Say in a word why")
    page.get_by_label("because", exact=True).focus()
    fill_in(page, "Has to catch a train")
    expect_state(page, "CALLED", "A4")
    page.keyboard.press("Escape")
    page.keyboard.press("2")
    expect_state(page, "SERVING", "A4")
    page.keyboard.press("7")
    expect(page.locator("#transfer-to")).to_be_focused()
    page.locator("#transfer-to").select_option(label="Payments")
    page.locator("[data-action=transfer]").focus()
    page.keyboard.press("Enter")
    expect_state(page, "FREE")


def the_first_is_back_with_the_papers(page: Page) -> None:
    page.locator(".line-held button").focus()
    page.keyboard.press("Enter")
    expect_state(page, "CALLED", "A1")
    page.keyboard.press("2")
    expect_state(page, "SERVING", "A1")
    page.get_by_label("Application left", exact=True).focus()
    page.keyboard.press("Space")
    page.keyboard.press("3")
    expect_state(page, "SERVING", "A1")  # in a field, a digit is no press
    page.keyboard.press("Escape")
    let_them_come(page)
    page.keyboard.press("3")
    expect_state(page, "FREE")


def a_coffee_and_somebody_who_cannot_use_the_kiosk(page: Page) -> None:
    page.wait_for_timeout(100)  # a hand's own pace
    page.keyboard.press("p")
    expect_state(page, "PAUSED")
    page.keyboard.press("Space")
    expect_state(page, "FREE")
    page.keyboard.press("?")
    expect(page.locator(".tiding-help")).to_be_visible()
    page.keyboard.press("9")
    expect(page.locator("#issue-service")).to_be_focused()
    page.locator("[data-action=issue]").focus()
    page.keyboard.press("Enter")
    expect(page.locator("#notice")).to_contain_text("A5 given for Passports")


def test_undo_is_seen_on_the_board_and_gone_after_its_time(system: System) -> None:
    factories.ticket(system.sample.passports)
    board = system.page(LYING)
    frames = count_frames(board)
    board.goto(system.display)
    until(board, frames, more_than=0)
    page, _frames = sit_down(system)
    expect(page.locator(".undo")).to_be_hidden()
    page.click('[data-action="call-next"]')
    expect(board.locator("[data-number=A1]")).to_be_visible()
    expect(page.locator(".undo")).to_contain_text("A1 called")
    page.click('[data-action="undo"]')
    expect_state(page, "FREE")
    expect(page.locator(".undo")).to_be_hidden()
    expect(board.locator("[data-call]")).to_have_count(0)
    expect(board.locator("[data-withdrawn=A1]")).to_be_visible()


def test_presses_made_while_another_is_on_its_way_are_made_after_it(system: System) -> None:
    factories.ticket(system.sample.passports)
    page, _frames = sit_down(system)
    sent: list[str] = []
    page.on("request", lambda request: sent.append(request.url.rstrip("/").rsplit("/", 1)[-1]))
    with held_back(page, "start"):
        with page.expect_request("**/start/"):
            click(page, "call-next", "start", "finish")
        page.evaluate("fetch('/healthz')")  # comes after whatever was sent with the second press
        assert sent[:2] == ["call-next", "start"]
        assert "finish" not in sent
    expect(page.locator(".undo")).to_contain_text("A1 finished")
    assert Ticket.objects.get().state == "DONE"


def test_a_double_press_is_not_repeated_on_the_next_visitor(system: System) -> None:
    factories.waiting(2, system.sample.passports)
    page, _frames = sit_down(system)
    click(page, "call-next")
    expect_state(page, "CALLED", "A1")
    with held_back(page, "absent"):
        click(page, "absent", "absent", "call-next")
    expect_state(page, "CALLED", "A2")
    page.evaluate("fetch('/healthz')")
    expect_state(page, "CALLED", "A2")
    assert [ticket.state for ticket in Ticket.objects.order_by("id")] == ["NO_SHOW", "CALLED"]


def test_a_press_in_the_panel_waits_for_the_one_before_it(system: System) -> None:
    first, _second = factories.waiting(2, system.sample.passports)
    page, _frames = sit_down(system)
    actions.call_next(system.sample.desk, by=system.sample.clerk)
    actions.hold(system.sample.desk, first.pk, reason="Fetches papers", minutes=None, by=system.sample.clerk)
    actions.call_next(system.sample.desk, by=system.sample.clerk)
    expect_state(page, "CALLED", "A2")
    with held_back(page, "absent"):
        click(page, "absent")
        page.locator(".line-held button").evaluate("button => button.click()")
    expect_state(page, "CALLED", "A1")


def click(page: Page, *names: str) -> None:
    """These presses in one turn of the page: before any of them can be answered."""
    page.evaluate("names => names.forEach((name) => document.querySelector(`[data-action=${name}]`).click())", names)


@contextmanager
def held_back(page: Page, press: str) -> Iterator[None]:
    """This press, made inside, reaches the server no sooner than at the end."""
    held: list[Route] = []
    page.route(f"**/{press}/", lambda route: held.append(route))  # noqa: PLW0108 - Playwright wants a function of its own
    with page.expect_request(f"**/{press}/"):
        yield
    page.evaluate("1")  # what Playwright has to say of the request comes before its answer to this
    held.pop(0).continue_()
    page.unroute(f"**/{press}/")
    for route in held:
        route.continue_()


def test_an_idle_desk_hears_the_first_visitor_and_not_the_second(system: System) -> None:
    page, frames = sit_down(system, sounding=True)
    for chimes in (1, 1):
        heard = len(frames)
        factories.ticket(system.sample.passports)
        until(page, frames, more_than=heard)
        assert page.evaluate("window.chimes") == chimes
    expect(page.locator("[data-said]")).to_have_text("A visitor has come")


def test_the_page_of_who_was_taken_over_from_says_so(system: System) -> None:
    page, _frames = sit_down(system)
    page.click('[data-action="help"]')  # a press like any other
    colleague = factories.clerk(system.sample.branch, username="aino")
    actions.take_over(Desk.objects.get(pk=system.sample.desk.pk), by=colleague)
    expect(page.locator(".refusal")).to_contain_text("aino has been at this desk")
    page.click("[data-action=take-over]")
    expect_state(page, "FREE")


def test_what_is_being_typed_survives_what_comes_in(system: System) -> None:
    factories.ticket(system.sample.passports)
    factories.serving(system.sample.desk)
    page, frames = sit_down(system)
    field = page.get_by_label("Reason for the hold")
    field.type("Fetches")
    heard = len(frames)
    factories.ticket(system.sample.passports)
    until(page, frames, more_than=heard)
    expect(field).to_be_focused()
    expect(field).to_have_value("Fetches")
