"""What a clerk types about a visitor is kept, with that visitor, whatever is pressed or happens elsewhere. And a key is
a press only where a hand meant one."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, Route, expect

from queues import actions
from queues.models import Desk, Outcome, Ticket, Visit
from queues.states import State
from tests.browser.system import LYING, System, let_settle, sign_in
from tests.browser.test_clerk import sit_down
from tests.browser.test_desk import expect_state
from tests.kit import factories

pytestmark = [pytest.mark.browser, pytest.mark.networked, pytest.mark.django_db(transaction=True)]

NOTE = "Speaks only Somali"


def serving(system: System) -> tuple[Page, Ticket]:
    """A page at which the clerk serves A1, three more waiting."""
    first, *_others = factories.waiting(4, system.sample.passports)
    page, _frames = sit_down(system)
    actions.call_next(system.sample.desk, by=system.sample.clerk)
    actions.start_serving(system.sample.desk, first.pk, by=system.sample.clerk)
    expect_state(page, "SERVING", "A1")
    let_settle(page)
    return page, first


def notes() -> list[tuple[str, str]]:
    return list(Visit.objects.order_by("id").values_list("ticket__shown", "note"))


def sign_out(page: Page) -> list[str]:
    """What the browser has of unsent words afterwards."""
    with page.expect_navigation(url=re.compile("/sign-(in|out)/")):
        page.get_by_role("button", name="Sign out").click()
    left: list[str] = page.evaluate("Object.keys(sessionStorage).filter((key) => key.startsWith('words '))")
    return left


def send_on(page: Page) -> None:
    page.locator("#transfer-to").select_option(label="Payments")
    page.click("[data-action=transfer]")


@pytest.mark.parametrize(
    "leave",
    [
        lambda page: page.click("[data-action=finish]"),
        lambda page: page.click("[data-action=hold]"),
        lambda page: page.click("[data-action=put-back]"),
        send_on,
    ],
)
def test_a_note_is_kept_by_every_press_that_ends_or_interrupts_a_visit(
    leave: Callable[[Page], None], system: System
) -> None:
    page, _first = serving(system)
    page.fill("#after [name=note]", NOTE)
    leave(page)
    expect_state(page, "FREE")
    expect(page.locator("#after [name=note]")).to_have_value("")
    assert notes() == [("A1", NOTE)]


def test_a_note_typed_after_the_visit_is_kept_by_the_next_call(system: System) -> None:
    page, _first = serving(system)
    page.click("[data-action=finish]")
    expect_state(page, "FREE")
    page.fill("#after [name=note]", NOTE)
    page.click("[data-action=call-next]")
    expect_state(page, "CALLED", "A2")
    assert notes() == [("A1", NOTE)]
    page.click("[data-action=start]")
    expect_state(page, "SERVING", "A2")
    expect(page.locator("#after [name=note]")).to_have_value("")


def test_a_press_that_is_refused_leaves_the_words_where_they_are(system: System) -> None:
    page, _first = serving(system)
    page.fill("#after [name=note]", NOTE)
    page.click("[data-action=recall]")
    expect(page.locator("#notice .refused")).to_be_visible()
    expect(page.locator("#after [name=note]")).to_have_value(NOTE)
    page.click("[data-action=finish]")
    expect_state(page, "FREE")
    assert notes() == [("A1", NOTE)]


def test_words_about_one_visitor_are_never_filed_under_another(system: System) -> None:
    page, first = serving(system)
    desk, clerk = system.sample.desk, system.sample.clerk
    page.click("[data-action=finish]")
    expect_state(page, "FREE")
    page.fill("#after [name=note]", "About A1")
    # In another window of the same desk.
    second = actions.call_next(desk, by=clerk)
    actions.start_serving(desk, second.pk, by=clerk)
    expect_state(page, "SERVING", "A2")
    expect(page.locator("#after [data-visit-number]")).to_have_text("A1")
    expect(page.locator("#after [name=note]")).to_have_value("About A1")
    let_settle(page)
    page.click("[data-action=finish]")
    expect_state(page, "FREE")
    assert notes() == [("A1", "About A1")]
    expect(page.locator("#after [data-visit-number]")).to_have_text("A2")
    expect(page.locator("#after [name=note]")).to_have_value("")
    assert (first.pk, second.pk) == tuple(Ticket.objects.filter(state=State.DONE).values_list("pk", flat=True))


def test_words_may_be_thrown_away(system: System) -> None:
    page, _first = serving(system)
    desk, clerk = system.sample.desk, system.sample.clerk
    page.click("[data-action=finish]")
    expect_state(page, "FREE")
    page.fill("#after [name=note]", "About A1")
    actions.call_next(desk, by=clerk)
    expect_state(page, "CALLED", "A2")
    let_settle(page)
    page.click("[data-throw-away]")
    expect(page.locator("#after")).to_be_hidden()
    page.click("[data-action=start]")
    expect_state(page, "SERVING", "A2")
    assert notes() == []


def test_words_survive_a_reload_and_are_kept_before_the_desk_is_left(system: System) -> None:
    page, first = serving(system)
    page.type("#after [name=note]", NOTE)
    page.reload()
    expect(page.locator("#after [name=note]")).to_have_value(NOTE)
    actions.hold(system.sample.desk, first.pk, by=system.sample.clerk)
    expect_state(page, "FREE")
    let_settle(page)
    assert sign_out(page) == []
    assert notes() == [("A1", NOTE)]


def require_an_outcome(system: System) -> None:
    system.sample.branch.after_visit = "required"
    system.sample.branch.save()
    Outcome.objects.create(service=system.sample.passports, name="Application left")


def owing_an_outcome(system: System) -> Page:
    """A desk whose visitor has just gone, and of whom nothing has been said yet."""
    require_an_outcome(system)
    page, _first = serving(system)
    page.click("[data-action=finish]")
    expect_state(page, "FREE")
    return page


def test_words_that_are_refused_stay_and_hold_up_no_press(system: System) -> None:
    require_an_outcome(system)
    page, _first = serving(system)
    page.fill("#after [name=note]", NOTE)
    page.click("[data-action=finish]")
    expect_state(page, "FREE")
    assert notes() == [("A1", NOTE)]
    page.click("[data-action=help]")
    expect(page.locator("[data-action=help-ended]")).to_be_visible()
    expect(page.locator("#notice")).to_be_empty()
    page.fill("#after [name=note]", "Only Somali")
    page.click("[data-action=help-ended]")
    expect(page.locator("[data-action=help]")).to_be_visible()
    expect(page.locator("#notice")).to_contain_text("not saved yet")
    expect(page.locator("#after [name=note]")).to_have_value("Only Somali")
    page.check("#after [name=outcome]")
    page.click("[data-action=call-next]")
    expect_state(page, "CALLED", "A2")
    assert notes() == [("A1", "Only Somali")]


def test_words_that_were_refused_go_along_when_they_are_typed_again(system: System) -> None:
    page = owing_an_outcome(system)
    page.fill("#after [name=note]", NOTE)
    page.click("[data-action=help]")
    expect(page.locator("#notice")).to_contain_text("not saved yet")
    page.fill("#after [name=note]", "")
    page.click("[data-action=help-ended]")
    expect(page.locator("#notice")).to_be_empty()
    page.fill("#after [name=note]", NOTE)
    page.click("[data-action=undo]")
    expect_state(page, "SERVING", "A1")
    expect(page.locator("#after [name=note]")).to_have_value(NOTE)
    page.click("[data-action=finish]")
    expect_state(page, "FREE")
    assert notes() == [("A1", NOTE)]


def test_unsent_words_come_back_to_whoever_typed_them(system: System) -> None:
    page, _first = serving(system)
    page.type("#after [name=note]", NOTE)
    page.goto("about:blank")
    colleague = factories.clerk(system.sample.branch)
    actions.take_over(system.sample.desk, by=colleague)
    for sits, note in ((colleague, ""), (system.sample.clerk, NOTE)):
        actions.take_over(system.sample.desk, by=sits)
        sign_in(page.context, sits)
        page.goto(system.desk)
        expect_state(page, "SERVING", "A1")
        expect(page.locator("#after [name=note]")).to_have_value(note)


def test_unsent_words_of_another_day_are_thrown_away(system: System) -> None:
    page, _first = serving(system)
    page.type("#after [name=note]", NOTE)
    page.evaluate(r"""() => {
        for (const [key, words] of Object.entries(sessionStorage)) {
            sessionStorage.removeItem(key);
            sessionStorage.setItem(key.replace(/\d+-\d+-\d+/, "2020-02-29"), words);
        }
    }""")
    page.reload()
    expect_state(page, "SERVING", "A1")
    expect(page.locator("#after [name=note]")).to_have_value("")
    assert page.evaluate("Object.keys(sessionStorage).filter((key) => key.startsWith('words '))") == []


@pytest.mark.parametrize(
    "fail",
    [
        lambda route: route.fulfill(status=403, body="Not you"),
        lambda route: route.fulfill(status=503, body="Later"),
        lambda _route: None,  # no answer ever
    ],
    ids=["forbidden", "unavailable", "silent"],
)
def test_words_that_the_server_has_not_kept_stay_and_keep_nobody_from_leaving(
    fail: Callable[[Route], None], system: System
) -> None:
    system.connection_may_fail = True
    page, _first = serving(system)
    page.type("#after [name=note]", NOTE)
    page.route("**/record/", fail)
    assert len(sign_out(page)) == 1
    assert notes() == []


def test_words_that_are_refused_as_the_desk_is_left_stay(system: System) -> None:
    page = owing_an_outcome(system)
    page.type("#after [name=note]", NOTE)
    assert len(sign_out(page)) == 1
    assert notes() == []


# Keys


def scan(page: Page, code: str) -> None:
    for sign in code:
        page.keyboard.down(sign)
        page.keyboard.up(sign)


@pytest.mark.parametrize("code", ["6415712501235", "131052-308T", "5 3 1"])
def test_what_a_scanner_sends_is_no_press(code: str, system: System) -> None:
    page, _first = serving(system)
    scan(page, code)
    page.keyboard.press("Enter")
    expect(page.locator("#notice")).to_contain_text("Keys came faster than a hand")
    page.wait_for_timeout(500)
    expect_state(page, "SERVING", "A1")
    assert Ticket.objects.filter(state=State.WAITING).count() == 3


def test_the_enter_of_a_scanner_does_not_press_what_has_the_focus(system: System) -> None:
    page, _first = serving(system)
    page.focus("[data-action=finish]")
    scan(page, "77123")
    page.keyboard.press("Enter")
    page.wait_for_timeout(300)
    expect_state(page, "SERVING", "A1")


def test_a_word_whose_field_is_taken_away_goes_on_as_no_press(system: System) -> None:
    page, first = serving(system)
    actions.finish(system.sample.desk, first.pk, by=system.sample.clerk)
    expect_state(page, "FREE")
    page.focus("#after [name=note]")
    actions.call_next(system.sample.desk, by=None)
    expect_state(page, "CALLED", "A2")
    page.wait_for_timeout(1_100)
    for key in ("5", "Space", "2"):
        page.keyboard.press(key)
        page.wait_for_timeout(150)
    expect_state(page, "CALLED", "A2")
    page.keyboard.press("Escape")
    page.wait_for_timeout(150)
    page.keyboard.press("2")
    expect_state(page, "SERVING", "A2")


def test_nobody_is_absent_or_done_by_a_key_within_a_second_of_the_call(system: System) -> None:
    factories.waiting(2, system.sample.passports)
    page, _frames = sit_down(system)
    actions.call_next(system.sample.desk, by=None)
    expect_state(page, "CALLED", "A1")
    page.keyboard.press("5")
    page.wait_for_timeout(150)
    page.keyboard.press("Space")
    page.wait_for_timeout(300)
    expect_state(page, "CALLED", "A1")


def test_a_desk_that_is_still_writing_does_not_call_by_itself(system: System) -> None:
    factories.waiting(2, system.sample.passports)
    page = system.page(LYING, clerk=True)
    page.goto(system.desk)
    page.click("[data-action=auto]")
    expect(page.locator("[data-action=auto]")).to_have_attribute("aria-pressed", "true")
    with page.expect_request("**/attend/"):
        page.type("input[name=reason][maxlength='60']", "Len")
    page.wait_for_timeout(200)
    desk = Desk.objects.get(pk=system.sample.desk.pk)
    assert desk.writing_until is not None
    assert desk.attended_until is not None
    page.close()
    page.context.pages  # noqa: B018 - the beacon of the closed page has been sent
    for _look in range(50):
        left = Desk.objects.get(pk=desk.pk)
        if left.attended_until and left.attended_until < desk.attended_until:
            return
        system.page(LYING).wait_for_timeout(50)
    raise AssertionError("A closed page leaves its desk attended.")
