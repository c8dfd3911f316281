"""Out of turn, by hand, families, plans: the presses of a hard day, and what each says."""

import pytest
from django.test import Client

from queues import actions, clock
from queues.models import Branch, Membership, Need, Ticket, TicketEvent
from tests.kit import factories
from tests.kit.desk_pages import line_of, notice_of, page_of, press, state_of
from tests.kit.sample_branch import SampleBranch, refreshed, text

pytestmark = pytest.mark.django_db


def settle(branch: Branch, **fields: object) -> None:
    """The branch works like this from now on."""
    Branch.objects.filter(pk=branch.pk).update(**fields)


def test_calling_out_of_turn_needs_the_permission_and_a_reason(sample: SampleBranch, clerk_client: Client) -> None:
    factories.waiting(3, sample.passports)
    refused = press(clerk_client, sample.press("call-ticket"), number="A3", reason="Has to catch a train")
    assert notice_of(refused) == "You may not call out of turn here. Ask your supervisor."
    assert 'data-action="call-ticket"' not in page_of(clerk_client, sample.desk)
    Membership.objects.filter(user=sample.clerk).update(may_call_any=True)
    assert 'data-action="call-ticket"' in page_of(clerk_client, sample.desk)
    silent = press(clerk_client, sample.press("call-ticket"), number="A3")
    assert notice_of(silent) == "Say in a word why: it is kept with the ticket."
    assert state_of(
        press(clerk_client, sample.press("call-ticket"), number=" a 3 ", reason="Has to catch a train")
    ) == (
        "CALLED",
        "A3",
    )
    assert TicketEvent.objects.get(to_state="CALLED").reason == "Has to catch a train"


@pytest.mark.parametrize("number", ["", "A99", "\x00", "🙂", "A1" * 200])
def test_a_number_that_nobody_has_is_refused_in_words(number: str, sample: SampleBranch, clerk_client: Client) -> None:
    Membership.objects.filter(user=sample.clerk).update(may_call_any=True)
    panel = press(clerk_client, sample.press("call-ticket"), number=number, reason="Why not")
    assert notice_of(panel) == "There is no such ticket here."


def test_a_number_is_given_by_hand_with_what_the_visitor_needs(sample: SampleBranch, clerk_client: Client) -> None:
    panel = press(
        clerk_client, sample.press("issue"), service=sample.closed.pk, language="sv", need=["more-time", "nonsense"]
    )
    assert notice_of(panel) == "C1 given for Parking. Tell the visitor."
    ticket = Ticket.objects.get()
    assert (ticket.language, ticket.needs, ticket.visitor_name) == ("sv", [Need.MORE_TIME], "")


def test_a_name_is_kept_only_where_the_branch_asks_for_it(sample: SampleBranch, clerk_client: Client) -> None:
    settle(sample.branch, asks_name=True)
    press(clerk_client, sample.press("issue"), service=sample.passports.pk, name=" Maija \x00 Meri ")
    assert Ticket.objects.get().visitor_name == "Maija Meri"
    assert "Maija Meri" in text(press(clerk_client, sample.press("call-next")))


def test_the_clerk_meets_the_visitor_prepared(sample: SampleBranch, clerk_client: Client) -> None:
    with clock.standing_at(factories.earlier_today(sample.branch, minutes=24)):
        ticket = factories.ticket(sample.passports, language="sv", needs=[Need.MORE_TIME, Need.HEARING_LOOP])
        Ticket.objects.filter(pk=ticket.pk).update(told=15, sent_on=1)
    met = text(press(clerk_client, sample.press("call-next")))
    assert "Waited 24 minutes. Was told about 15 min. Sent on 1 time." in met
    assert "Waited longer than promised Svenska Hearing loop More time" in met


def test_where_the_branch_hides_them_only_number_and_service_are_seen(
    sample: SampleBranch, clerk_client: Client
) -> None:
    with clock.standing_at(factories.earlier_today(sample.branch, minutes=24)):
        factories.ticket(sample.passports, language="sv", needs=[Need.MORE_TIME])
    settle(sample.branch, hides_until_called=True)
    page = page_of(clerk_client, sample.desk)
    assert "More time" not in line_of(page)
    assert "Svenska" not in line_of(page)
    assert "Passports 1 A 1 B Payments 0" in line_of(page)
    assert "has waited" not in text(page)
    assert "More time" in text(press(clerk_client, sample.press("call-next")))


def test_a_family_is_called_and_finished_together(sample: SampleBranch, clerk_client: Client) -> None:
    first, second = factories.waiting(2, sample.passports)
    press(clerk_client, sample.press("call-next"))
    together = press(clerk_client, sample.press("link"), leader="A1", number="A2")
    assert "together with A 2" in text(together)
    assert 'data-undo-words="A1 started"' in press(clerk_client, sample.press("start"), ticket=first.pk)
    assert 'data-undo-words="A1 finished"' in press(clerk_client, sample.press("finish"), ticket=first.pk)
    assert {refreshed(one).state for one in (first, second)} == {"DONE"}


def test_a_visitor_who_came_for_more_goes_on_by_themselves(sample: SampleBranch, clerk_client: Client) -> None:
    ticket = factories.ticket(sample.passports)
    factories.serving(sample.desk)
    panel = press(clerk_client, sample.press("plan"), ticket=ticket.pk, plan=[sample.payments.pk, "x", 99999])
    assert notice_of(panel) == "A1 goes on by itself afterwards."
    assert "Then: Payments" in text(panel)
    press(clerk_client, sample.press("finish"), ticket=ticket.pk)
    gone_on = refreshed(ticket)
    assert (gone_on.state, gone_on.service, gone_on.plan) == ("WAITING", sample.payments, [])


def test_a_number_given_by_hand_may_be_for_several_services(sample: SampleBranch, clerk_client: Client) -> None:
    services = [sample.payments.pk, sample.passports.pk]
    press(clerk_client, sample.press("issue"), service=sample.passports.pk, plan=services)
    assert Ticket.objects.get().plan == [sample.payments.pk]


def test_who_comes_after_all_is_back_in_line(sample: SampleBranch, clerk_client: Client) -> None:
    factories.waiting(3, sample.passports)
    ticket = factories.called(sample.desk)
    actions.mark_absent(sample.desk, ticket.pk, by=None)
    panel = press(clerk_client, sample.press("back"), number="a1", places=0)
    assert notice_of(panel) == "A1 is back in the queue."
    assert state_of(press(clerk_client, sample.press("call-next"))) == ("CALLED", "A1")


PAGES = ["", "day/", "helped/"]


@pytest.mark.parametrize("page", PAGES)
def test_a_desks_pages_are_its_own_branchs(page: str, sample: SampleBranch) -> None:
    for who in (sample.foreign_clerk, sample.stranger):
        client = Client()
        client.force_login(who)
        assert client.get(f"/desk/{sample.desk.pk}/{page}").status_code == 404
    assert Client().get(f"/desk/{sample.desk.pk}/{page}").status_code == 302


def test_a_notice_and_a_pause_of_everything_are_told_at_the_desk(sample: SampleBranch, clerk_client: Client) -> None:
    settle(sample.branch, notice_en="The lift is out of order", paused_since=clock.now())
    found = text(page_of(clerk_client, sample.desk))
    assert "On every screen: The lift is out of order" in found
    assert "Everything is paused. Nobody is called; all places are kept." in found
    refused = notice_of(press(clerk_client, sample.press("call-next")))
    assert refused == "Everything is paused just now. Places in the queue are kept."
