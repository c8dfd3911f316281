"""Every further state of the desk and every page around it: open to everybody, light and dark, on every screen."""

import time

import pytest
from axes.models import AccessAttempt
from django.utils import timezone
from django_otp.oath import TOTP
from django_otp.plugins.otp_totp.models import TOTPDevice
from playwright.sync_api import Page, expect

from queues import actions, clock
from queues.actions import VisitRecord
from queues.models import Branch, Desk, Need, Outcome, Ticket
from tests.browser.looking import COLOURS, Opening, expect_at_home, expect_open, in_each_language, name_of
from tests.browser.system import System
from tests.kit import factories

pytestmark = [pytest.mark.browser, pytest.mark.networked, pytest.mark.django_db(transaction=True)]


def everything_at_once(system: System, page: Page) -> None:
    """Late, with needs, with a family and a note; others on hold, sent here, absent; help, a notice, a pause of all."""
    sample = system.sample
    sample.clerk.memberships.update(may_call_any=True)
    factories.priority(sample.branch, minutes=15)
    Branch.objects.filter(pk=sample.branch.pk).update(asks_name=True, notice="The lift is out of order")
    Outcome.objects.create(service=sample.passports, name="Application left")
    with clock.standing_at(factories.earlier_today(sample.branch, minutes=40)):
        for _visitor in range(9):
            factories.ticket(sample.passports, language="sv", needs=[Need.MORE_TIME, Need.STEP_FREE])
    for _held in range(2):
        actions.hold(sample.desk, factories.serving(sample.desk).pk, reason="Fetches papers", minutes=20, by=None)
    sent = factories.serving(sample.other_desk)
    actions.transfer(sample.other_desk, sent.pk, to_desk=sample.desk, by=None)
    here = factories.serving(sample.desk)
    actions.link(sample.desk, here.shown, Ticket.objects.filter(state="WAITING").order_by("-id")[0].shown, by=None)
    colleague = factories.clerk(sample.branch)
    actions.ask_for_help(sample.other_desk, by=colleague)
    page.goto(system.desk)
    page.click("[data-action=help]")
    expect(page.locator(".tiding-help")).to_have_count(2)


def paused(system: System, page: Page) -> None:
    page.goto(system.desk)
    page.click("[data-action=pause]")
    expect(page.locator("[data-state=PAUSED]")).to_be_visible()


def asked_afterwards(system: System, page: Page) -> None:
    Outcome.objects.create(service=system.sample.passports, name="Application left")
    factories.ticket(system.sample.passports)
    page.goto(system.desk)
    for action in ("call-next", "start", "finish"):
        page.click(f"[data-action={action}]")
    expect(page.locator("[data-after-done]")).to_be_visible()  # else it would go with the finish
    page.get_by_label("Application left", exact=True).check()
    page.check("[name=hard]")


def pause_offered(system: System, page: Page) -> None:
    asked_afterwards(system, page)
    page.click("[data-action=record]")
    expect(page.locator(".offer")).to_be_visible()


def taken(system: System, page: Page) -> None:
    actions.take_over(Desk.objects.get(pk=system.sample.desk.pk), by=factories.clerk(system.sample.branch))
    factories.ticket(system.sample.passports)
    factories.called(system.sample.desk)
    page.goto(system.desk)
    expect(page.locator("[data-action=take-over]")).to_be_visible()


def leaving(system: System, page: Page) -> None:
    system.connection_may_fail = True  # it is a refusal
    factories.ticket(system.sample.passports)
    page.goto(system.desk)
    page.click("[data-action=call-next]")
    expect(page.locator("[data-state=CALLED]")).to_be_visible()
    page.click("[action$=sign-out\\/] button")
    expect(page.locator("[data-action=put-back]")).to_be_visible()


def day(system: System, page: Page) -> None:
    page.goto(f"{system.desk}day/")


def thanks(system: System, page: Page) -> None:
    colleague = factories.clerk(system.sample.branch)
    actions.thank_colleague(system.sample.branch, system.sample.clerk, "For the long day", by=colleague)
    page.goto(f"{system.servers.office.url}/desk/thanks/")


def helped(system: System, page: Page) -> None:
    sample = system.sample
    factories.ticket(sample.passports)
    ticket = actions.call_next(sample.desk, by=sample.clerk)
    actions.start_serving(sample.desk, ticket.pk, by=sample.clerk)
    actions.finish(sample.desk, ticket.pk, by=sample.clerk)
    actions.record(sample.desk, ticket.pk, VisitRecord(helped="The old permit"), by=sample.clerk)
    page.goto(f"{system.desk}helped/?q=permit")
    expect(page.get_by_text("The old permit")).to_be_visible()


def too_many_tries(system: System, page: Page) -> None:
    system.connection_may_fail = True  # it is a refusal
    guessed = {"username": "maija", "ip_address": "127.0.0.1", "failures_since_start": 5}
    AccessAttempt.objects.create(**guessed, attempt_time=timezone.now())
    page.context.clear_cookies()
    page.goto(f"{system.servers.office.url}/desk/sign-in/")
    page.fill("[name=username]", "maija")
    page.fill("[name=password]", "guess")
    page.press("[name=password]", "Enter")
    expect(page.locator(".refusal")).to_contain_text("15")


def phone_to_set_up(system: System, page: Page) -> None:
    page.goto(f"{system.servers.office.url}/desk/second-factor/")
    page.locator("summary").click()


def phone_set_up(system: System, page: Page) -> None:
    """By keyboard, as far as the backup codes."""
    phone_to_set_up(system, page)
    totp = TOTP(TOTPDevice.objects.get().bin_key)
    totp.time = time.time()
    page.fill("[name=code]", f"{totp.token():06}")
    page.press("[name=code]", "Enter")
    expect(page.locator(".backup-codes li")).to_have_count(8)


def code_asked(system: System, page: Page) -> None:
    system.connection_may_fail = True  # the code is refused
    TOTPDevice.objects.create(user=system.sample.clerk, name="phone")
    page.context.clear_cookies()
    page.goto(f"{system.servers.office.url}/desk/sign-in/")
    for name in ("username", "password"):
        page.fill(f"[name={name}]", system.sample.clerk.username)
    page.press("[name=password]", "Enter")
    page.fill("[name=code]", "no code")
    page.press("[name=code]", "Enter")
    expect(page.locator("#code-error")).to_be_visible()


OPENINGS: list[Opening] = [
    everything_at_once, paused, asked_afterwards, pause_offered, taken, leaving, day, thanks, helped, too_many_tries,
    phone_to_set_up, phone_set_up, code_asked,
]  # fmt: skip


@pytest.mark.parametrize(("opening", "language"), in_each_language(OPENINGS), ids=name_of)
def test_a_staff_page_is_accessible_and_fits_every_screen(opening: Opening, language: str, system: System) -> None:
    system.language = language
    page = system.page((1440, 900), clerk=True)
    opening(system, page)
    expect_at_home(page)
    expect_open(page)
    page.emulate_media(color_scheme="dark")
    expect_open(page, COLOURS)
