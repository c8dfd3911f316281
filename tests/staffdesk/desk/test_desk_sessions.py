"""Pauses, help, auto-call, and who is signed in at a desk."""

from datetime import datetime, timedelta

import pytest
from django.test import Client

from queues import actions, clock
from tests.kit import factories
from tests.kit.desk_pages import notice_of, page_of, press, state_of
from tests.kit.sample_branch import SampleBranch, html, refreshed, text, value

pytestmark = pytest.mark.django_db


def at_the_branch(sample: SampleBranch, instant: datetime | None) -> datetime:
    assert instant is not None
    return instant.astimezone(sample.branch.zone)


def test_a_paused_desk_calls_nobody_until_it_goes_on(sample: SampleBranch, clerk_client: Client) -> None:
    factories.ticket(sample.passports)
    paused = press(clerk_client, sample.press("pause"), reason="Coffee", minutes=10)
    assert (state_of(paused), value(paused, "data-allowed")) == (("PAUSED", ""), "resume")
    assert "On a pause : Coffee" in text(paused) or "On a pause: Coffee" in text(paused)
    assert notice_of(press(clerk_client, sample.press("call-next"))) == "This desk is paused. Press “Go on” first."
    assert state_of(press(clerk_client, sample.press("resume"))) == ("FREE", "")
    assert state_of(press(clerk_client, sample.press("call-next"))) == ("CALLED", "A1")


def test_nobody_pauses_in_front_of_a_visitor(sample: SampleBranch, clerk_client: Client) -> None:
    factories.ticket(sample.passports)
    factories.serving(sample.desk)
    assert notice_of(press(clerk_client, sample.press("pause"))) == "You still have A1. Finish it first."


def test_a_clerks_choice_that_the_desk_calls_by_itself(sample: SampleBranch, clerk_client: Client) -> None:
    factories.ticket(sample.passports)
    panel = press(clerk_client, sample.press("auto"), on="1")
    assert value(panel, "data-auto") == "1"
    with clock.standing_at(clock.now() + timedelta(seconds=11)):
        assert actions.auto_call_idle_desks() == 1
    assert value(press(clerk_client, sample.press("auto"), on="0"), "data-auto") == ""


def test_help_is_seen_by_colleagues_and_by_nobody_else(sample: SampleBranch, clerk_client: Client) -> None:
    colleague = Client(headers={"accept-language": "en"})
    colleague.force_login(factories.clerk(sample.branch, username="aino"))
    asked = press(clerk_client, sample.press("help"))
    assert "Your colleagues see that you ask for help." in text(asked)
    seen = text(page_of(colleague, sample.other_desk))
    assert f"Desk 3 ( {sample.clerk.username} ) asks for help." in seen or "Desk 3 (" in seen
    press(colleague, sample.press("help-coming", sample.other_desk), to=sample.desk.pk)
    assert "aino is coming to help." in text(page_of(clerk_client, sample.desk))
    assert "help" not in html(Client().get(f"/display/{sample.branch.slug}/"))
    assert value(press(clerk_client, sample.press("help-ended")), "data-help") == ""


def test_one_person_sits_at_a_desk_and_another_may_take_over(sample: SampleBranch, clerk_client: Client) -> None:
    factories.ticket(sample.passports)
    press(clerk_client, sample.press("call-next"))
    other = Client(headers={"accept-language": "en"})
    other.force_login(factories.clerk(sample.branch))
    sample.desk.refresh_from_db()
    since = at_the_branch(sample, sample.desk.clerk_since)
    told = html(other.get(f"/desk/{sample.desk.pk}/"))
    assert f"{sample.clerk.username} has been at this desk since {since:%H:%M}." in text(told)
    assert "data-current-number" not in told
    assert "has been at this desk" in notice_of(press(other, sample.press("recall"), ticket=1))
    taken = press(other, sample.press("take-over"))
    assert state_of(taken) == ("CALLED", "A1")
    assert "has been at this desk" in notice_of(press(clerk_client, sample.press("call-next")))


def test_who_sat_at_a_desk_comes_back_to_it_after_signing_in(sample: SampleBranch) -> None:
    client = Client()
    client.force_login(sample.clerk)
    factories.ticket(sample.passports)
    press(client, sample.press("call-next"))
    client.cookies.clear()  # the browser was closed
    fields = {"username": sample.clerk.username, "password": sample.clerk.username}
    answer = client.post("/desk/sign-in/", fields)
    assert answer.headers["Location"] == f"/desk/{sample.desk.pk}/"
    assert state_of(page_of(client, sample.desk)) == ("CALLED", "A1")


def test_signing_out_with_a_visitor_asks_first(sample: SampleBranch, clerk_client: Client) -> None:
    ticket = factories.ticket(sample.passports)
    press(clerk_client, sample.press("call-next"))
    asked = clerk_client.post("/desk/sign-out/")
    assert asked.status_code == 409
    assert "You still have A1." in text(html(asked))
    assert refreshed(ticket).state == "CALLED"
    gone = clerk_client.post("/desk/sign-out/", {"puts_back": "1"})
    assert gone.headers["Location"] == "/desk/sign-in/"
    assert refreshed(ticket).state == "WAITING"
    sample.desk.refresh_from_db()
    assert sample.desk.clerk is None


def test_who_changes_desks_leaves_the_first_one_free(sample: SampleBranch, clerk_client: Client) -> None:
    factories.ticket(sample.passports)
    press(clerk_client, sample.press("call-next"))
    assert 'data-action="leave-desk"' in html(clerk_client.get("/desk/"))
    asked = clerk_client.post(f"/desk/{sample.desk.pk}/leave/")
    assert (asked.status_code, "You still have A1." in text(html(asked))) == (409, True)
    left = clerk_client.post(f"/desk/{sample.desk.pk}/leave/", {"puts_back": "1"})
    assert left.headers["Location"] == "/desk/"
    sample.desk.refresh_from_db()
    assert sample.desk.clerk is None
    assert 'data-action="leave-desk"' not in html(clerk_client.get("/desk/"))


def test_nobody_makes_a_colleague_stand_up(sample: SampleBranch, clerk_client: Client) -> None:
    actions.open_session(sample.desk, by=factories.clerk(sample.branch, username="aino"))
    told = clerk_client.post(f"/desk/{sample.desk.pk}/leave/", follow=True)
    assert "aino has been at this desk since" in text(html(told))
    sample.desk.refresh_from_db()
    assert sample.desk.clerk is not None


def test_another_websites_link_sits_down_nobody(sample: SampleBranch, clerk_client: Client) -> None:
    page = clerk_client.get(f"/desk/{sample.desk.pk}/", headers={"sec-fetch-site": "cross-site"})
    assert page.status_code == 200
    sample.desk.refresh_from_db()
    assert sample.desk.clerk is None
    clerk_client.get(f"/desk/{sample.desk.pk}/", headers={"sec-fetch-site": "none"})
    sample.desk.refresh_from_db()
    assert sample.desk.clerk == sample.clerk


def test_an_administrator_who_only_looks_takes_no_desk(sample: SampleBranch, clerk_client: Client) -> None:
    administrator = Client()
    administrator.force_login(factories.user(is_staff=True, is_superuser=True))
    assert administrator.get(f"/desk/{sample.desk.pk}/").status_code == 200
    assert "Somebody" not in text(html(clerk_client.get(f"/desk/{sample.desk.pk}/")))
    sample.desk.refresh_from_db()
    assert sample.desk.clerk == sample.clerk
    assert 'class="refusal"' in html(administrator.get(f"/desk/{sample.desk.pk}/"))


def test_nothing_ticked_is_said_to_be_nothing_planned(sample: SampleBranch, clerk_client: Client) -> None:
    ticket = factories.ticket(sample.passports)
    press(clerk_client, sample.press("call-next"))
    assert notice_of(press(clerk_client, sample.press("plan"), ticket=ticket.pk)) == "Nothing else is planned for A1."
