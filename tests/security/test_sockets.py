"""Every socket with everybody, its bounds, and what ends it."""

from collections.abc import Mapping

import pytest
from asgiref.sync import async_to_sync
from channels.testing import WebsocketCommunicator

from accounts.models import User
from live import socket as live_socket
from live.socket import Receive, Scope, Send
from queuesite.asgi_middleware import SocketLimitMiddleware
from queuesite.routing import sockets
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
