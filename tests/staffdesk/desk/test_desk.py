"""A clerk's presses and what each answers."""

import re
from collections.abc import Callable

import pytest
from django.test import Client

from queues import actions
from queues.models import Desk, Ticket, TicketEvent
from tests.kit import factories
from tests.kit.desk_pages import notice_of, press, state_of
from tests.kit.sample_branch import SampleBranch, html, refreshed, text, value, values

pytestmark = pytest.mark.django_db

PRESSES = ["call-next", "recall", "start", "finish", "absent", "hold", "put-back", "transfer"]


def test_a_day_at_the_desk_press_by_press(sample: SampleBranch, clerk_client: Client) -> None:
    ticket = factories.ticket(sample.passports)
    called = press(clerk_client, sample.press("call-next"), ticket=0)
    assert state_of(called) == ("CALLED", "A1")
    recalled = press(clerk_client, sample.press("recall"), ticket=ticket.pk, calls=1)
    assert state_of(recalled) == ("CALLED", "A1")
    assert state_of(press(clerk_client, sample.press("start"), ticket=ticket.pk)) == ("SERVING", "A1")
    assert state_of(press(clerk_client, sample.press("finish"), ticket=ticket.pk)) == ("FREE", "")
    assert (refreshed(ticket).state, ticket.calls) == ("DONE", 2)
    assert set(TicketEvent.objects.exclude(from_state="").values_list("by", "desk")) == {
        (sample.clerk.pk, sample.desk.pk)
    }


def test_a_visitor_who_does_not_come_is_marked_absent(sample: SampleBranch, clerk_client: Client) -> None:
    ticket = factories.ticket(sample.passports)
    factories.called(sample.desk)
    assert state_of(press(clerk_client, sample.press("absent"), ticket=ticket.pk)) == ("FREE", "")
    assert refreshed(ticket).state == "NO_SHOW"


@pytest.mark.parametrize("name", PRESSES)
def test_every_press_answers_with_the_panel_and_the_notice(
    name: str, sample: SampleBranch, clerk_client: Client
) -> None:
    factories.waiting(2, sample.passports)
    ticket = factories.serving(sample.desk) if name == "finish" else factories.called(sample.desk)
    if name == "call-next":
        factories.served(sample.other_desk)
    answer = press(clerk_client, sample.press(name), ticket=ticket.pk, calls=ticket.calls)
    assert answer.lstrip().startswith('<section class="current"')
    assert '<div id="notice" class="notice" role="alert" hx-swap-oob="innerHTML">' in answer
    assert "<html" not in answer
    sample.branch.refresh_from_db()
    assert value(answer, "data-answered-rev") == str(sample.branch.revision)


def test_the_panel_names_the_ticket_that_the_next_press_is_about(sample: SampleBranch, clerk_client: Client) -> None:
    ticket = factories.ticket(sample.passports)
    before = press(clerk_client, sample.press("recall"), ticket=0)
    assert (value(before, "data-ticket"), value(before, "data-calls")) == ("0", "0")
    after = press(clerk_client, sample.press("call-next"), ticket=0)
    assert (value(after, "data-ticket"), value(after, "data-calls")) == (str(ticket.pk), "1")


def test_nobody_waits_and_the_clerk_is_told_so(sample: SampleBranch, clerk_client: Client) -> None:
    panel = press(clerk_client, sample.press("call-next"), ticket=0)
    assert notice_of(panel) == "Nobody is waiting for this desk."
    assert state_of(panel) == ("FREE", "")


def test_who_still_has_somebody_is_told_whom(sample: SampleBranch, clerk_client: Client) -> None:
    factories.waiting(2, sample.passports)
    ticket = factories.called(sample.desk)
    panel = press(clerk_client, sample.press("call-next"), ticket=ticket.pk)
    assert notice_of(panel) == "You still have A1. Finish it first."


def test_the_same_press_twice_calls_one_visitor_and_says_nothing(sample: SampleBranch, clerk_client: Client) -> None:
    factories.waiting(2, sample.passports)
    panels = [press(clerk_client, sample.press("call-next"), ticket=0, seen=0) for _ in range(2)]
    assert [state_of(panel) for panel in panels] == [("CALLED", "A1")] * 2
    assert [notice_of(panel) for panel in panels] == ["", ""]
    assert Ticket.objects.filter(state="CALLED").count() == 1


def test_a_press_about_the_ticket_of_another_desk_is_told_whose_it_is(
    sample: SampleBranch, clerk_client: Client
) -> None:
    factories.ticket(sample.passports)
    ticket = factories.called(sample.other_desk)
    panel = press(clerk_client, sample.press("finish"), ticket=ticket.pk)
    assert notice_of(panel) == "A1: already called by desk 4."
    assert refreshed(ticket).state == "CALLED"


def test_a_press_on_an_outdated_page_is_told_how_it_is_now(sample: SampleBranch, clerk_client: Client) -> None:
    factories.ticket(sample.passports)
    ticket = factories.called(sample.desk)
    actions.leave(ticket)
    panel = press(clerk_client, sample.press("start"), ticket=ticket.pk)
    assert notice_of(panel) == "A1 has left the queue."
    assert state_of(panel) == ("FREE", "")


def test_finishing_before_starting_is_refused_in_words(sample: SampleBranch, clerk_client: Client) -> None:
    factories.ticket(sample.passports)
    ticket = factories.called(sample.desk)
    panel = press(clerk_client, sample.press("finish"), ticket=ticket.pk)
    assert notice_of(panel) == "A1 is now “Called”: this can't be done now."


@pytest.mark.parametrize("name", PRESSES)
def test_without_htmx_every_press_leads_back_to_the_desk(name: str, sample: SampleBranch, clerk_client: Client) -> None:
    answer = clerk_client.post(sample.press(name), {"ticket": 0})
    assert (answer.status_code, answer.headers["Location"]) == (302, f"/desk/{sample.desk.pk}/")


def test_without_htmx_the_notice_stands_on_the_page_that_follows_once(
    sample: SampleBranch, clerk_client: Client
) -> None:
    followed = html(clerk_client.post(sample.press("call-next"), {"ticket": 0}, follow=True))
    assert "Nobody is waiting for this desk." in text(followed)
    assert "Nobody is waiting for this desk." not in text(html(clerk_client.get(f"/desk/{sample.desk.pk}/")))


HOSTILE = ["", "0", "-1", "9" * 18, "9" * 19, "9" * 500, "١٢", "1.5", "one", "1;DROP", "\x00", "null", "²"]


@pytest.mark.parametrize("word", HOSTILE)
@pytest.mark.parametrize("name", PRESSES)
def test_a_nonsense_ticket_is_refused_in_words(
    name: str, word: str, sample: SampleBranch, clerk_client: Client
) -> None:
    panel = press(clerk_client, sample.press(name), ticket=word, calls=word)
    assert notice_of(panel)
    assert state_of(panel) == ("FREE", "")


def test_a_recall_with_nonsense_for_its_count_still_calls_once(sample: SampleBranch, clerk_client: Client) -> None:
    factories.ticket(sample.passports)
    ticket = factories.called(sample.desk)
    press(clerk_client, sample.press("recall"), ticket=ticket.pk, calls="many")
    assert refreshed(ticket).calls == 2


@pytest.mark.parametrize("name", PRESSES)
@pytest.mark.parametrize("method", ["get", "put", "delete", "patch", "head"])
def test_only_a_post_presses(method: str, name: str, sample: SampleBranch, clerk_client: Client) -> None:
    expected = 302 if method in ("get", "head") else 405
    assert getattr(clerk_client, method)(sample.press(name)).status_code == expected


@pytest.mark.parametrize("number", ["99999999999999999999999999", "0", "9223372036854775807"])
def test_a_desk_of_a_huge_number_does_not_exist(number: str, clerk_client: Client) -> None:
    assert clerk_client.get(f"/desk/{number}/").status_code == 404
    assert clerk_client.post(f"/desk/{number}/call-next/").status_code == 404


def test_a_press_without_the_token_of_its_form_is_refused(sample: SampleBranch) -> None:
    ticket = factories.ticket(sample.passports)
    client = Client(enforce_csrf_checks=True)
    client.force_login(sample.clerk)
    assert client.post(sample.press("call-next"), {"ticket": 0}).status_code == 403
    assert refreshed(ticket).state == "WAITING"


def test_the_token_in_the_header_is_enough(sample: SampleBranch) -> None:
    factories.ticket(sample.passports)
    client = Client(enforce_csrf_checks=True)
    client.force_login(sample.clerk)
    page = html(client.get(f"/desk/{sample.desk.pk}/"))
    token = page.split('"X-CSRFToken": "')[1].split('"')[0]
    headers = {"x-csrftoken": token, "hx-request": "true"}
    assert state_of(html(client.post(sample.press("call-next"), {"ticket": 0}, headers=headers))) == ("CALLED", "A1")


def test_the_desk_lists_who_waits_by_service_and_who_is_next(sample: SampleBranch, clerk_client: Client) -> None:
    factories.waiting(6, sample.passports)
    factories.waiting(1, sample.payments)
    found = text(html(clerk_client.get(f"/desk/{sample.desk.pk}/")))
    assert "Next A 1 · " in found
    assert "Passports 6 A 1 0 min" in found
    assert "and 1 more" in found
    assert "Payments 1 B 1 0 min" in found


def test_a_desk_sees_only_the_lines_that_it_serves(sample: SampleBranch, clerk_client: Client) -> None:
    factories.waiting(1, sample.payments)
    found = html(clerk_client.get(f"/desk/{sample.other_desk.pk}/"))
    assert "Payments" not in text(found.split('class="line"')[1].split("</section>\n")[0])
    assert value(found, "data-waiting") == "0"


MEANT_FIRST: dict[str, tuple[Callable[[Desk], object], str]] = {
    "free": (lambda _desk: None, "call-next"),
    "called": (factories.called, "start recall absent"),
    "serving": (factories.serving, "finish"),
}


@pytest.mark.parametrize("state", MEANT_FIRST)
def test_the_likely_press_comes_first(state: str, sample: SampleBranch, clerk_client: Client) -> None:
    arrange, allowed = MEANT_FIRST[state]
    factories.ticket(sample.passports)
    arrange(sample.desk)
    assert values(html(clerk_client.get(f"/desk/{sample.desk.pk}/")), "data-allowed") == [allowed]


def test_a_number_given_by_hand_is_given_once_however_often_it_is_pressed(
    sample: SampleBranch, clerk_client: Client
) -> None:
    page = html(clerk_client.get(f"/desk/{sample.desk.pk}/"))
    key = re.search(r'name="key" id="issue-key" value="([^"]+)"', page)
    assert key
    for service in (sample.passports, sample.passports, sample.payments):
        panel = press(clerk_client, sample.press("issue"), service=service.pk, key=key[1])
        assert notice_of(panel) == "A1 given for Passports. Tell the visitor."
    assert key[1] not in panel, "the answer brings the next one"
    press(clerk_client, sample.press("issue"), service=sample.passports.pk, key="nonsense")
    assert list(Ticket.objects.values_list("shown", flat=True)) == ["A1", "A2"]
