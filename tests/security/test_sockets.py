"""Every socket with everybody, its bounds, and what ends it."""

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager

import pytest
from asgiref.sync import async_to_sync, sync_to_async
from channels.testing import WebsocketCommunicator
from django.contrib.sessions.models import Session

from accounts.models import User
from live import socket as live_socket
from live.socket import Receive, Scope, Send
from queues.models import Role
from queuesite.asgi_middleware import SocketLimitMiddleware
from queuesite.routing import sockets
from staffdesk.access import StaffSocket, may_stay
from staffdesk.desk import sockets as desk_sockets
from tests.kit import factories
from tests.kit.sample_branch import SampleBranch
from tests.kit.sockets import Refused, connected
from tests.security.people import HOLDS_THE_LINK, PEOPLE, user_called

LET_IN = {
    "ws/display/<slug:branch>/": set(PEOPLE),
    "ws/kiosk/<slug:branch>/": set(PEOPLE),
    "ws/desk/<int:desk_id>/": {"clerk", "supervisor", "manager"},
    "ws/hall/<slug:branch>/": {"supervisor", "manager"},
    "ws/t/<slug:token>/": set(HOLDS_THE_LINK),
}


def test_every_socket_has_its_line_in_the_table() -> None:
    assert [str(route.pattern) for route in sockets.routes] == [*LET_IN, ""]  # the last one refuses everybody


@pytest.mark.django_db(transaction=True)
def test_everybody_is_let_in_where_the_table_says(sample: SampleBranch) -> None:
    ticket = factories.ticket(sample.passports)
    users = {name: user_called(name, sample) for name in PEOPLE}

    async def story() -> None:
        for route, may in LET_IN.items():
            for name in PEOPLE:
                token = ticket.token if name in HOLDS_THE_LINK else "A" * 22
                path = "/" + route.replace("<slug:branch>", sample.branch.slug).replace("<slug:token>", token)
                path = path.replace("<int:desk_id>", str(sample.desk.pk))
                assert await lets_in(path, name, users) == (name in may), (route, name)
            assert not await lets_in(path, "manager", users, origin="https://evil.example"), route

    async def lets_in(path: str, name: str, users: Mapping[str, User | None], origin: str = "") -> bool:
        try:
            async with connected(path, user=users[name], origin=origin):
                return True
        except Refused:
            return False

    async_to_sync(story)()


async def kept_open(_scope: Scope, receive: Receive, send: Send) -> None:
    await receive()
    await send({"type": "websocket.accept"})
    await receive()


@pytest.mark.parametrize(
    ("clients", "let_in"),
    [
        (["10.0.0.1", "10.0.0.1", "10.0.0.1"], [True, True, False]),
        (["10.0.0.1", "10.0.0.1", "10.0.0.2", "10.0.0.3"], [True, True, True, False]),
        (["10.0.0.1", "10.0.0.1", "left", "10.0.0.1"], [True, True, True, True]),
    ],
    ids=["an address", "the process", "one has left"],
)
def test_so_many_sockets_and_no_more(clients: list[str], let_in: list[bool]) -> None:
    few = SocketLimitMiddleware(kept_open, per_address=2, in_total=3)

    async def story() -> list[bool]:
        came: list[WebsocketCommunicator] = []
        found = []
        for client in clients:
            if client == "left":
                await came[0].disconnect()
                found.append(True)
                continue
            one = WebsocketCommunicator(few, "/ws/display/x/")
            one.scope["client"] = [client, 1]
            came.append(one)
            found.append((await one.connect())[0])
        for one in came[1:]:
            await one.disconnect()
        return found

    assert async_to_sync(story)() == let_in
    assert not few.open


@pytest.mark.django_db(transaction=True)
def test_a_clerks_socket_comes_back_through_the_door_in_time(
    sample: SampleBranch, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(desk_sockets, "STAFF_LASTS", -1.0)

    async def story() -> None:
        async with connected(f"/ws/desk/{sample.desk.pk}/", user=sample.clerk) as desk:
            assert await desk.closed() == live_socket.CLOSE_COME_AGAIN
        async with connected(f"/ws/display/{sample.branch.slug}/") as display:
            assert await display.heartbeat()

    async_to_sync(story)()


def lose(what: str, user: User) -> None:
    match what:
        case "account":
            User.objects.filter(pk=user.pk).update(is_active=False)
        case "work":
            user.memberships.all().delete()
        case "lead":
            user.memberships.update(role=Role.CLERK)
        case "password":
            user.set_password("another one")
            user.save()
        case "session":
            Session.objects.all().delete()


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("place", ["desk", "hall"])
@pytest.mark.parametrize("what", ["account", "work", "lead", "password", "session", "nothing"])
def test_who_lost_the_right_sees_nothing_more(
    what: str, place: str, sample: SampleBranch, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert live_socket.STAFF_ASKED_EVERY <= 4
    monkeypatch.setattr(live_socket, "STAFF_ASKED_EVERY", 0.1)
    leader = factories.clerk(sample.branch, role=Role.SUPERVISOR)
    path = f"/ws/desk/{sample.desk.pk}/" if place == "desk" else f"/ws/hall/{sample.branch.slug}/"
    stays = what == "nothing" or (what, place) == ("lead", "desk")

    async def story() -> None:
        async with connected(path, user=leader) as page:
            await page.frame()
            await sync_to_async(lose)(what, leader)
            if stays:
                assert await page.heartbeat()
            else:
                assert await page.closed() == live_socket.CLOSE_COME_AGAIN

    async_to_sync(story)()


@pytest.mark.django_db
def test_however_many_sockets_ask_it_is_one_question(
    sample: SampleBranch, django_assert_num_queries: Callable[[int], AbstractContextManager[object]]
) -> None:
    asked = [
        StaffSocket("a" * 32, factories.clerk(sample.branch).pk, sample.branch.pk, leads=bool(number % 2))
        for number in range(20)
    ]
    with django_assert_num_queries(3):
        assert may_stay(asked) == {}
