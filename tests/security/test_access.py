"""Who may see and do what: each door with the three people, and the links that are nobody's."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.test import Client

from accounts.models import User
from queues import clock
from queues.models import TicketEvent
from tests.kit import factories
from tests.kit.listening import listening, on_a_loop
from tests.kit.sample_branch import SampleBranch, html, text, values
from tests.kit.sockets import Refused

pytestmark = pytest.mark.django_db

DESK_PAGES = ["", "frame/"]
PRESSES = ["call-next/", "recall/", "start/", "finish/", "absent/"]
NOT_THEIRS = {
    "another branch's clerk": lambda sample: sample.foreign_clerk,
    "a stranger": lambda sample: sample.stranger,
}


def signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


@pytest.mark.parametrize("page", DESK_PAGES)
def test_this_branchs_clerk_opens_the_desk(page: str, sample: SampleBranch) -> None:
    assert signed_in(sample.clerk).get(f"/desk/{sample.desk.pk}/{page}").status_code == 200


@pytest.mark.parametrize("who", NOT_THEIRS.values(), ids=NOT_THEIRS)
@pytest.mark.parametrize("page", DESK_PAGES)
def test_a_desk_of_others_is_as_one_that_does_not_exist(
    page: str, who: Callable[[SampleBranch], User], sample: SampleBranch
) -> None:
    client = signed_in(who(sample))
    theirs, none = (client.get(f"/desk/{pk}/{page}") for pk in (sample.desk.pk, 999999))
    assert theirs.status_code == none.status_code == 404
    assert text(html(theirs)) == text(html(none))


@pytest.mark.parametrize("page", ["", *(f"{{desk}}/{page}" for page in DESK_PAGES)])
def test_nobody_sees_the_desks_without_signing_in(page: str, sample: SampleBranch) -> None:
    address = f"/desk/{page.format(desk=sample.desk.pk)}"
    answer = Client().get(address)
    assert (answer.status_code, answer.headers["Location"]) == (302, f"/desk/sign-in/?next={address}")


@pytest.mark.parametrize("press", PRESSES)
def test_this_branchs_clerk_presses(press: str, sample: SampleBranch) -> None:
    answer = signed_in(sample.clerk).post(f"/desk/{sample.desk.pk}/{press}", headers={"hx-request": "true"})
    assert answer.status_code == 200


@pytest.mark.parametrize("who", NOT_THEIRS.values(), ids=NOT_THEIRS)
@pytest.mark.parametrize("press", PRESSES)
def test_nobody_presses_at_a_desk_of_others(
    press: str, who: Callable[[SampleBranch], User], sample: SampleBranch
) -> None:
    ticket = factories.ticket(sample.passports)
    answer = signed_in(who(sample)).post(f"/desk/{sample.desk.pk}/{press}", {"ticket": 0})
    assert answer.status_code == 404
    assert TicketEvent.objects.filter(ticket=ticket).count() == 1


@pytest.mark.parametrize("press", PRESSES)
def test_nobody_presses_without_signing_in(press: str, sample: SampleBranch) -> None:
    factories.ticket(sample.passports)
    answer = Client().post(f"/desk/{sample.desk.pk}/{press}", {"ticket": 0})
    assert answer.status_code == 302
    assert TicketEvent.objects.count() == 1


def test_a_clerk_chooses_among_the_desks_of_their_own_branch(sample: SampleBranch) -> None:
    def desks_of(user: User) -> list[str]:
        return values(html(signed_in(user).get("/desk/")), "data-desk-choice")

    assert desks_of(sample.clerk) == [str(sample.desk.pk), str(sample.other_desk.pk)]
    assert desks_of(sample.foreign_clerk) == []
    assert desks_of(sample.stranger) == []


def test_an_administrator_works_everywhere(sample: SampleBranch) -> None:
    client = signed_in(factories.user(is_superuser=True))
    assert client.get(f"/desk/{sample.desk.pk}/").status_code == 200


def test_somebody_who_no_longer_works_here_has_no_desk_on_the_next_press(sample: SampleBranch) -> None:
    client = signed_in(sample.clerk)
    sample.clerk.memberships.all().delete()
    assert client.post(sample.press("call-next")).status_code == 404


def test_set_up_is_for_administrators(sample: SampleBranch) -> None:
    assert signed_in(sample.clerk).get("/admin/").status_code == 302
    assert signed_in(factories.user(is_staff=True, is_superuser=True)).get("/admin/").status_code == 200


# Links


@pytest.mark.parametrize("page", ["", "frame/"])
def test_an_unknown_link_and_one_whose_day_has_ended_are_the_same_nothing(page: str, sample: SampleBranch) -> None:
    ticket = factories.ticket(sample.passports)
    assert Client().get(f"/t/{ticket.token}/{page}").status_code == 200
    with clock.standing_at(clock.now() + timedelta(days=1)):
        ended = Client().get(f"/t/{ticket.token}/{page}")
    unknown = Client().get(f"/t/AAAAAAAAAAAAAAAAAAAAAA/{page}")
    assert ended.status_code == unknown.status_code == 404
    assert text(html(ended)) == text(html(unknown))


def test_nobody_leaves_by_an_ended_link(sample: SampleBranch) -> None:
    ticket = factories.ticket(sample.passports)
    with clock.standing_at(clock.now() + timedelta(days=1)):
        assert Client().post(f"/t/{ticket.token}/leave/").status_code == 404
    ticket.refresh_from_db()
    assert ticket.state == "WAITING"


def test_a_ticket_is_not_shown_on_the_kiosk_of_another_branch(sample: SampleBranch) -> None:
    ticket = factories.ticket(factories.service(factories.branch()))
    assert Client().get(f"/kiosk/{sample.branch.slug}/en/ticket/{ticket.token}/").headers["Location"] == (
        f"/kiosk/{sample.branch.slug}/"
    )


@pytest.mark.parametrize(
    "page",
    [
        "/kiosk/nowhere/",
        "/kiosk/nowhere/en/frame/",
        "/kiosk/nowhere/en/00000000-0000-4000-8000-000000000000/",
        "/display/nowhere/",
        "/display/nowhere/frame/",
    ],
)
def test_there_is_no_page_of_a_branch_that_does_not_exist(page: str) -> None:
    assert Client().get(page).status_code == 404


# Sockets


async def assert_refused(path: str, user: User | None = None) -> None:
    with pytest.raises(Refused):
        async with listening(path, user):
            pass


@pytest.mark.django_db(transaction=True)
@on_a_loop
async def test_sockets_of_a_branch_that_does_not_exist_are_refused(sample: SampleBranch) -> None:
    await assert_refused("/ws/display/nowhere/")
    await assert_refused("/ws/kiosk/nowhere/")
    await assert_refused(f"/ws/kiosk/{sample.branch.slug}/?language=de")
    await assert_refused("/ws/t/AAAAAAAAAAAAAAAAAAAAAA/")


@pytest.mark.django_db(transaction=True)
@on_a_loop
async def test_only_this_branchs_clerk_listens_at_the_desk(sample: SampleBranch) -> None:
    path = f"/ws/desk/{sample.desk.pk}/"
    await assert_refused(path)
    await assert_refused(path, sample.foreign_clerk)
    await assert_refused(path, sample.stranger)
    await assert_refused("/ws/desk/999999/", sample.clerk)
    async with listening(path, sample.clerk) as desk:
        assert 'data-state="FREE"' in desk.last["html"]


@pytest.mark.django_db(transaction=True)
def test_the_socket_of_a_link_whose_day_has_ended_is_refused(sample: SampleBranch) -> None:
    ticket = factories.ticket(sample.passports)

    @on_a_loop
    async def story() -> None:
        async with listening(f"/ws/t/{ticket.token}/") as phone:
            assert phone.last["own"]["place"] == 1
        with clock.standing_at(clock.now() + timedelta(days=1)):
            await assert_refused(f"/ws/t/{ticket.token}/")

    story()


def test_a_session_key_that_nobody_was_given_is_nobodys(client: Client) -> None:
    cookie = r'sessionid="\000\000\000\000\000\000\000\000\000"'
    assert client.get("/desk/", headers={"cookie": cookie}).status_code == 302
