"""From a language to a number, press by press."""

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client, override_settings
from pytest_django.fixtures import Settings

from queues import actions, clock
from queues.changes.transaction import changing
from queues.models import Branch, Service, Ticket
from tests.kit import factories
from tests.kit.sample_branch import SampleBranch, drew, html, refreshed, text, value, values

pytestmark = pytest.mark.django_db


def take(page: str, service: str = "passports") -> str:
    """Press the service and follow to the page that comes; the number it shows."""
    return value(html(Client().post(page, {"service": service}, follow=True)), "data-ticket-number")


def test_a_press_on_a_service_gives_a_number_and_the_place_in_line(sample: SampleBranch) -> None:
    factories.ticket(sample.passports)
    answer = Client().post(sample.services_page(), {"service": "passports"}, follow=True)
    assert value(html(answer), "data-ticket-number") == "A2"
    assert "1 ahead of you" in text(html(answer))


def test_the_ticket_remembers_the_language_it_was_drawn_in(sample: SampleBranch) -> None:
    take(sample.services_page("sv"))
    assert Ticket.objects.get().language == "sv"


def test_any_number_of_presses_of_one_visit_give_one_ticket(sample: SampleBranch) -> None:
    page = sample.services_page()
    assert [take(page), take(page), take(page, "payments")] == ["A1", "A1", "A1"]
    assert Ticket.objects.count() == 1


def test_the_next_visit_gives_the_next_number(sample: SampleBranch) -> None:
    assert [take(sample.services_page()), take(sample.services_page())] == ["A1", "A2"]


def test_every_visit_to_the_start_has_a_key_of_its_own(sample: SampleBranch) -> None:
    starts = {html(Client().get(f"/kiosk/{sample.branch.slug}/")).split("/en/")[1][:36] for _ in range(2)}
    assert len(starts) == 2


def test_who_comes_back_to_the_services_is_shown_the_number_they_have(sample: SampleBranch) -> None:
    page, kiosk = sample.services_page(), Client()
    assert "You already have a number" not in text(html(kiosk.get(page)))
    kiosk.post(page, {"service": "passports"})
    shown = text(html(kiosk.get(page)))
    assert "You already have a number. Show A 1 To take another one, go back to the start." in shown


def test_a_closed_service_says_so_before_a_number_is_drawn(sample: SampleBranch) -> None:
    page = sample.services_page()
    assert "Opens on Tuesday." in text(html(Client().get(page)))
    answer = Client().post(page, {"service": "parking"})
    assert answer.status_code == 409
    assert "Parking is closed now. Opens on Tuesday." in text(html(answer))
    assert not Ticket.objects.exists()


def test_a_service_that_closed_while_the_page_was_open_is_refused_in_words(sample: SampleBranch) -> None:
    Service.objects.filter(pk=sample.passports.pk).update(is_open=False)
    answer = Client().post(sample.services_page(), {"service": "passports"})
    assert (answer.status_code, Ticket.objects.count()) == (409, 0)
    assert "Passports is closed now." in text(html(answer))


@pytest.mark.parametrize("gone", ["no-such-service", "", "passports'; --", "x" * 5000, "\x00"])
def test_a_service_that_is_gone_is_refused_in_words(gone: str, sample: SampleBranch) -> None:
    answer = Client().post(sample.services_page(), {"service": gone})
    assert (answer.status_code, Ticket.objects.count()) == (409, 0)
    assert "no longer offered here" in text(html(answer))


def test_a_service_of_another_branch_is_none_of_this_one(sample: SampleBranch) -> None:
    elsewhere = factories.service(slug="elsewhere")
    answer = Client().post(sample.services_page(), {"service": elsewhere.slug})
    assert (answer.status_code, Ticket.objects.count()) == (409, 0)


def test_when_every_number_is_in_use_the_visitor_is_told_so(sample: SampleBranch) -> None:
    sample.passports.number_last = 1
    sample.passports.save()
    take(sample.services_page())
    answer = Client().post(sample.services_page(), {"service": "passports"})
    assert answer.status_code == 409
    assert "All numbers of Passports are in use." in text(html(answer))


def test_the_same_visit_keeps_its_number_after_the_service_closed(sample: SampleBranch) -> None:
    page = sample.services_page()
    take(page)
    Service.objects.filter(pk=sample.passports.pk).update(is_open=False)
    assert take(page) == "A1"


@pytest.mark.parametrize("language", ["de", "FI", "fi-fi", "xx"])
def test_a_language_that_the_branch_does_not_speak_is_no_page(language: str, sample: SampleBranch) -> None:
    assert Client().get(sample.services_page(language)).status_code == 404
    assert Client().post(sample.services_page(language), {"service": "passports"}).status_code == 404


def test_a_language_that_only_other_branches_speak_is_no_page_here(sample: SampleBranch) -> None:
    sample.branch.languages = ["fi"]
    sample.branch.save()
    assert Client().get(sample.services_page("fi")).status_code == 200
    assert Client().get(sample.services_page("sv")).status_code == 404


@pytest.mark.parametrize(("language", "name"), [("fi", "Passit"), ("sv", "Pass"), ("en", "Passports")])
def test_the_services_are_named_in_the_chosen_language(language: str, name: str, sample: SampleBranch) -> None:
    found = html(Client(headers={"accept-language": "en"}).get(sample.services_page(language)))
    assert f"<strong>{name}</strong>" in found
    assert f'<html lang="{language}">' in found


def test_where_there_is_one_service_the_language_is_the_only_question() -> None:
    only = factories.service(slug="only")
    found = html(Client().get(f"/kiosk/{only.branch.slug}/"))
    assert found.count('data-service="only" data-language="') == 3
    action = found.split('action="')[3].split('"')[0]
    assert f"/kiosk/{only.branch.slug}/en/" in action
    assert take(action, "only") == "A1"


def test_where_the_only_service_is_closed_its_page_says_when_it_opens() -> None:
    only = factories.service(slug="only", is_open=False)
    assert 'data-service="' not in html(Client().get(f"/kiosk/{only.branch.slug}/"))


def test_a_branch_without_services_says_so() -> None:
    branch = factories.branch()
    found = html(Client().get(f"/kiosk/{branch.slug}/en/{uuid4()}/"))
    assert "No service is set up yet" in text(found)


def test_how_many_wait_stands_beside_each_service(sample: SampleBranch) -> None:
    factories.waiting(2, sample.passports)
    factories.waiting(1, sample.payments)
    found = text(html(Client().get(sample.services_page())))
    assert "Passports 2 in the queue" in found
    assert "Payments 1 in the queue" in found


def test_a_kiosk_that_has_lost_its_cookies_begins_anew_and_says_so(sample: SampleBranch) -> None:
    kiosk = Client(enforce_csrf_checks=True)
    answer = kiosk.post(sample.services_page(), {"service": "passports"}, follow=True)
    assert (answer.redirect_chain, Ticket.objects.count()) == ([(f"/kiosk/{sample.branch.slug}/", 302)], 0)
    assert "This screen had to begin anew. Please choose once more." in text(html(answer))
    assert html(answer).count("data-helped") == 3, "no language has been chosen yet"


def test_no_developers_helper_is_on_the_kiosk(sample: SampleBranch, settings: Settings) -> None:
    settings.DEBUG = True
    scripts = values(html(Client().get(f"/kiosk/{sample.branch.slug}/")), "src")
    assert [name for name in scripts if "htmx" in name] == ["/static/django_htmx/htmx-2.min.js"]


# A visit ends with its visitor


def test_what_the_visitor_before_was_shown_is_for_the_browser_that_drew_it(sample: SampleBranch) -> None:
    start, page = f"/kiosk/{sample.branch.slug}/", sample.services_page()
    kiosk = Client()
    ticket_page = kiosk.post(page, {"service": "passports"}).headers["Location"]
    addresses = (page, ticket_page, f"{ticket_page}more/")
    for address in addresses:
        assert kiosk.get(address).status_code == 200
        assert Client().get(address).headers["Location"] == start
    kiosk.get(start)
    for address in addresses:
        assert kiosk.get(address).headers["Location"] == start, "the next visitor has begun"


def test_a_visit_left_alone_is_over_after_a_few_minutes(sample: SampleBranch) -> None:
    kiosk, page = Client(), sample.services_page()
    with clock.standing_at(factories.NOON):
        ticket_page = kiosk.post(page, {"service": "passports"}).headers["Location"]
    for minutes in (2, 4):  # each page that is opened keeps the visit
        with clock.standing_at(factories.NOON + timedelta(minutes=minutes)):
            assert kiosk.get(ticket_page).status_code == 200
    with clock.standing_at(factories.NOON + timedelta(minutes=8)):
        assert kiosk.get(ticket_page).headers["Location"] == f"/kiosk/{sample.branch.slug}/"
        assert kiosk.get(f"{ticket_page}more/").headers["Location"] == f"/kiosk/{sample.branch.slug}/"
        assert kiosk.post(page, {"service": "payments"}).headers["Location"] == f"/kiosk/{sample.branch.slug}/"
    assert [(one.shown, one.needs) for one in Ticket.objects.all()] == [("A1", [])]


@pytest.mark.parametrize(
    ("said", "needs"), [({"needs": ["more-time"]}, ["more-time"]), ({"needs": ["more-time"], "back": "1"}, [])]
)
def test_who_takes_long_to_say_more_is_still_there(
    said: dict[str, Any], needs: list[str], sample: SampleBranch
) -> None:
    kiosk = Client()
    with clock.standing_at(factories.NOON):
        ticket_page = kiosk.post(sample.services_page(), {"service": "passports"}).headers["Location"]
        assert kiosk.get(f"{ticket_page}more/").status_code == 200
    assert kiosk.cookies["visit"]["max-age"] == 60 * 60, "or the browser would have nothing to send any more"
    with clock.standing_at(factories.NOON + timedelta(minutes=50)):
        answer = kiosk.post(f"{ticket_page}more/", said, follow=True)
    assert value(html(answer), "data-ticket-number") == "A1"
    assert Ticket.objects.get().needs == needs


def test_who_calls_a_person_from_a_page_that_has_long_been_open_is_still_there(sample: SampleBranch) -> None:
    kiosk, start = Client(), f"/kiosk/{sample.branch.slug}/"
    with clock.standing_at(factories.NOON):
        ticket_page = kiosk.post(sample.services_page(), {"service": "passports"}).headers["Location"]
    with clock.standing_at(factories.NOON + timedelta(minutes=10)):
        pressed = {"language": "en", "back": ticket_page}
        assert value(html(kiosk.post(f"{start}help/", pressed, follow=True)), "data-ticket-number") == "A1"
        kiosk.get(start)
        assert kiosk.post(f"{start}help/", pressed, follow=True).redirect_chain[-1] == (start, 302)


@pytest.mark.parametrize(("minutes", "opened"), [(61, []), (5, ["start"])])
def test_what_is_said_after_a_visit_is_not_taken(minutes: int, opened: list[str], sample: SampleBranch) -> None:
    """Its time is over, or the browser has opened the start for whoever came next."""
    kiosk, start = Client(), f"/kiosk/{sample.branch.slug}/"
    with clock.standing_at(factories.NOON):
        ticket_page = kiosk.post(sample.services_page(), {"service": "passports"}).headers["Location"]
    with clock.standing_at(factories.NOON + timedelta(minutes=minutes)):
        for _start in opened:
            kiosk.get(start)
        assert kiosk.post(f"{ticket_page}more/", {"needs": ["more-time"]}).headers["Location"] == start
    assert Ticket.objects.get().needs == []


@pytest.mark.parametrize("later", [timedelta(minutes=4), timedelta(days=1)])
def test_a_key_of_a_visit_that_was_used_before_leads_to_the_start(later: timedelta, sample: SampleBranch) -> None:
    page = sample.services_page()
    with clock.standing_at(factories.NOON):
        take(page)
    with clock.standing_at(factories.NOON + later):
        for answer in (Client().get(page), Client().post(page, {"service": "passports"})):
            assert answer.headers["Location"] == f"/kiosk/{sample.branch.slug}/"
    assert Ticket.objects.count() == 1


@pytest.mark.parametrize("forged", ["", "x", "[1, 2]", "eyJhIjoxfQ:1:x", "ä" * 200])
def test_nobody_makes_up_a_visit(forged: str, sample: SampleBranch) -> None:
    ticket = factories.ticket(sample.passports)
    kiosk = Client()
    kiosk.cookies["visit"] = forged
    assert kiosk.get(f"/kiosk/{sample.branch.slug}/en/ticket/{ticket.token}/").status_code == 302


@pytest.mark.parametrize("method", ["put", "delete", "patch"])
def test_other_methods_are_none_of_the_kiosks(method: str, sample: SampleBranch) -> None:
    ticket = factories.ticket(sample.passports)
    for page in (
        f"/kiosk/{sample.branch.slug}/",
        sample.services_page(),
        f"/kiosk/{sample.branch.slug}/en/ticket/{ticket.token}/",
    ):
        assert getattr(Client(), method)(page).status_code == 405


def test_the_kiosks_pages_are_never_kept_by_the_browser(sample: SampleBranch) -> None:
    ticket = factories.ticket(sample.passports)
    for page in (
        f"/kiosk/{sample.branch.slug}/",
        sample.services_page(),
        f"/kiosk/{sample.branch.slug}/en/ticket/{ticket.token}/",
        f"/kiosk/{sample.branch.slug}/en/frame/",
    ):
        assert "no-store" in Client().get(page).headers["Cache-Control"]


@override_settings(PUBLIC_URL="https://queue.example.fi")
def test_the_code_leads_to_the_public_address(sample: SampleBranch) -> None:
    ticket = factories.ticket(sample.passports)
    found = html(drew(ticket).get(f"/kiosk/{sample.branch.slug}/en/ticket/{ticket.token}/"))
    assert f'href="https://queue.example.fi/t/{ticket.token}/"' in found
    assert f"queue.example.fi/t/{ticket.token}" in text(found)


# The told wait


def learnt(service: Service, seconds: int | None) -> None:
    Service.objects.filter(pk=service.pk).update(typical_seconds=seconds)


def test_the_expected_wait_stands_beside_a_service_that_is_served(sample: SampleBranch) -> None:
    learnt(sample.passports, 400)
    actions.open_session(sample.desk, by=sample.clerk)
    factories.waiting(2, sample.passports)
    assert "Passports 2 in the queue about 15 min" in text(html(Client().get(sample.services_page())))


@pytest.mark.parametrize("unknown", ["nobody was ever served", "no desk is open", "the desk is paused"])
def test_where_nothing_can_be_expected_nothing_is_promised(unknown: str, sample: SampleBranch) -> None:
    """Case 11."""
    learnt(sample.passports, None if "ever" in unknown else 400)
    if "no desk" not in unknown:
        actions.open_session(sample.desk, by=sample.clerk)
    if "paused" in unknown:
        actions.pause(sample.desk, by=sample.clerk)
    factories.ticket(sample.passports)
    found = text(html(Client().get(sample.services_page())))
    assert "Passports 1 in the queue no estimate yet B Payments no queue C" in found
    drawn = Client().post(sample.services_page(), {"service": "passports"}, follow=True)
    assert "min" not in text(html(drawn)).replace("minute", "")


def test_the_ticket_says_what_was_told(sample: SampleBranch) -> None:
    learnt(sample.passports, 400)
    actions.open_session(sample.desk, by=sample.clerk)
    factories.ticket(sample.passports)
    page = text(html(Client().post(sample.services_page(), {"service": "passports"}, follow=True)))
    assert "1 ahead of you · about 10 min" in page
    assert Ticket.objects.get(shown="A2").told == 10


# What else a visitor may say


def more_page(sample: SampleBranch, ticket: Ticket) -> str:
    return f"/kiosk/{sample.branch.slug}/en/ticket/{ticket.token}/more/"


def test_needs_and_plans_are_said_beside_the_number_and_shown_on_it(sample: SampleBranch) -> None:
    ticket = factories.ticket(sample.passports)
    shown = html(drew(ticket).get(f"/kiosk/{sample.branch.slug}/en/ticket/{ticket.token}/"))
    assert values(shown, "data-action") == ["more", "kiosk-help"]
    said = {"needs": ["hearing-loop", "more-time"], "services": ["payments"]}
    for _press in range(2):
        page = html(drew(ticket).post(more_page(sample, ticket), said, follow=True))
    assert "The clerk will know: Hearing loop, More time" in text(page)
    assert "You also came for: Payments" in text(page)
    assert (refreshed(ticket).needs, ticket.plan) == (["hearing-loop", "more-time"], [sample.payments.pk])


def test_what_was_said_can_be_taken_back(sample: SampleBranch) -> None:
    ticket = factories.ticket(sample.passports, needs=["more-time"])
    actions.plan(ticket, [sample.payments])
    page = html(drew(ticket).get(more_page(sample, ticket)))
    assert page.count(" checked>") == 2
    page = html(drew(ticket).post(more_page(sample, ticket), follow=True))
    assert "Tell us more" in text(page)
    assert (refreshed(ticket).needs, ticket.plan) == ([], [])


def test_only_services_that_give_numbers_can_be_planned(sample: SampleBranch) -> None:
    hidden = factories.service(sample.branch, slug="hidden", name="Hidden", is_offered=False)
    ticket = factories.ticket(sample.passports)
    found = html(drew(ticket).get(more_page(sample, ticket)))
    assert [slug for slug in values(found, "value") if slug in ("passports", "payments", "parking", "hidden")] == [
        "payments"
    ]
    drew(ticket).post(
        more_page(sample, ticket), {"services": ["parking", hidden.slug, "passports", "nonsense", "\x00"]}
    )
    assert refreshed(ticket).plan == []


@pytest.mark.parametrize("nonsense", ["", "vip", "\x00", "x" * 5000])
def test_a_need_that_is_none_is_passed_over(nonsense: str, sample: SampleBranch) -> None:
    ticket = factories.ticket(sample.passports)
    answer = drew(ticket).post(more_page(sample, ticket), {"needs": [nonsense, "calm-place"]})
    assert (answer.status_code, refreshed(ticket).needs) == (302, ["calm-place"])


def test_who_has_left_has_nothing_more_to_say(sample: SampleBranch) -> None:
    ticket = factories.ticket(sample.passports)
    actions.leave(ticket)
    answer = drew(ticket).post(more_page(sample, ticket), {"needs": ["more-time"]})
    assert answer.status_code == 409
    assert "A1 has left the queue." in text(html(answer))
    assert refreshed(ticket).needs == []


def test_another_branchs_kiosk_knows_nothing_of_the_ticket(sample: SampleBranch) -> None:
    ticket = factories.ticket(factories.service())
    start = f"/kiosk/{sample.branch.slug}/"
    assert drew(ticket).get(more_page(sample, ticket)).headers["Location"] == start
    assert drew(ticket).post(more_page(sample, ticket), {"needs": ["more-time"]}).headers["Location"] == start
    assert refreshed(ticket).needs == []


# What the supervisor has said


def branch_says(sample: SampleBranch, **columns: Any) -> None:
    with changing(sample.branch.pk):
        Branch.objects.filter(pk=sample.branch.pk).update(**columns)


def kiosk_pages(sample: SampleBranch) -> tuple[Client, dict[str, str]]:
    ticket = factories.ticket(sample.payments)
    return drew(ticket), {
        "services": sample.services_page(),
        "ticket": f"/kiosk/{sample.branch.slug}/en/ticket/{ticket.token}/",
        "start": f"/kiosk/{sample.branch.slug}/",
    }


def test_a_service_that_is_not_offered_is_not_on_the_kiosk(sample: SampleBranch) -> None:
    Service.objects.filter(pk=sample.payments.pk).update(is_offered=False)
    assert values(html(Client().get(sample.services_page())), "data-service") == ["passports", "parking"]
    answer = Client().post(sample.services_page(), {"service": "payments"})
    assert (answer.status_code, Ticket.objects.count()) == (409, 0)
    assert "no longer offered here" in text(html(answer))


def test_where_one_service_is_offered_the_language_is_the_only_question(sample: SampleBranch) -> None:
    Service.objects.filter(pk__in=[sample.payments.pk, sample.closed.pk]).update(is_offered=False)
    assert html(Client().get(f"/kiosk/{sample.branch.slug}/")).count('data-service="passports"') == 3


@pytest.mark.parametrize(
    ("what", "said", "sign", "refusal"),
    [
        ("paused", "Everything is paused. Please follow", "Paused", "Places in the queue are kept."),
        ("closed", "No more numbers today.", "Closed", "No more numbers are given today."),
    ],
)
def test_while_no_numbers_are_given_the_kiosk_says_so_and_gives_none(
    what: str, said: str, sign: str, refusal: str, sample: SampleBranch
) -> None:
    kiosk, pages = kiosk_pages(sample)
    now = clock.now()
    branch_says(
        sample, **({"paused_since": now} if what == "paused" else {"closed_day": sample.branch.business_day(now)})
    )
    for name, page in pages.items():
        assert said in text(html(kiosk.get(page))), name
    found = html(Client().get(pages["services"]))
    assert found.count('aria-disabled="true"') == 3
    assert text(found).count(f"Passports {sign}") == text(found).count("Parking Closed Opens on Tuesday.") == 1
    assert 'name="service"' not in found
    answer = Client().post(sample.services_page(), {"service": "passports"})
    assert (answer.status_code, Ticket.objects.count()) == (409, 1)
    assert refusal in text(html(answer))


def test_a_notice_is_on_every_page_in_the_pages_language_and_is_never_markup(sample: SampleBranch) -> None:
    branch_says(sample, notice_fi="Kahvio on <b>kiinni</b> & tyhjä", notice_en="The <script>café</script> is closed")
    kiosk, pages = kiosk_pages(sample)
    for page in pages.values():
        found = html(kiosk.get(page))
        assert "The &lt;script&gt;café&lt;/script&gt; is closed" in found
        assert "<script>café" not in found
    start = html(Client().get(f"/kiosk/{sample.branch.slug}/"))
    finnish = '<p lang="fi">Kahvio on &lt;b&gt;kiinni&lt;/b&gt; &amp; tyhjä</p>'
    assert (start.count("Kahvio"), finnish in start) == (1, True), "once, and as Finnish, also for Swedish"
    assert "Kahvio" not in html(Client().get(sample.services_page()))
    assert finnish in html(Client().get(sample.services_page("sv"))), "where there is no Swedish"


def test_the_first_screen_hears_what_is_said(sample: SampleBranch) -> None:
    page = html(Client().get(f"/kiosk/{sample.branch.slug}/"))
    assert value(page, "data-live-socket") == f"/ws/kiosk/{sample.branch.slug}/?page=start"
    assert text(Client().get(value(page, "data-live-frame")).json()["html"]) == ""
    branch_says(sample, notice_en="Mind the step")
    assert "Mind the step" in Client().get(value(page, "data-live-frame")).json()["html"]
