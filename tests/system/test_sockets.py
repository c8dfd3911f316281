"""Sockets through the whole application: who is let in, and what comes first."""

from collections.abc import Callable, Coroutine

import pytest
from asgiref.sync import async_to_sync, sync_to_async

from accounts.models import User
from queues import actions
from queues.models import Desk
from queues.refusals import NobodyWaiting
from queues.topics import branch_topic
from tests.kit import factories
from tests.kit.sockets import Refused, connected

pytestmark = pytest.mark.django_db(transaction=True)

Scene = Callable[[], Coroutine[object, object, None]]


def play(scene: Scene) -> None:
    async_to_sync(scene)()


@pytest.fixture
def desk() -> Desk:
    return factories.desk(factories.service(factories.branch(slug="town")), name="3")


async def refused(path: str, *, user: User | None = None, origin: str = "") -> None:
    with pytest.raises(Refused):
        async with connected(path, user=user, origin=origin):
            pytest.fail(f"{path} was let in")


def test_a_display_gets_the_full_state_first_then_each_change(desk: Desk) -> None:
    """Case 24."""
    factories.waiting(2, desk.services.get())

    async def scene() -> None:
        async with connected("/ws/display/town/") as screen:
            first = await screen.frame()
            assert first["calls"] == []
            await sync_to_async(actions.call_next)(desk, by=None)
            frame = await screen.frame()
            assert [(call["number"], call["desk"]) for call in frame["calls"]] == [("A1", "3")]
            # Read first, the revision may be older than what came with it, never newer; the heartbeat then catches up.
            assert first["rev"] <= frame["rev"] <= first["rev"] + 1
            assert (await screen.heartbeat())["rev"] == first["rev"] + 1

    play(scene)


def test_a_refused_press_sends_nothing(desk: Desk) -> None:
    """Case 1."""

    async def scene() -> None:
        async with connected("/ws/display/town/") as screen:
            await screen.frame()
            with pytest.raises(NobodyWaiting):
                await sync_to_async(actions.call_next)(desk, by=None)
            heartbeat = await screen.heartbeat()
            assert heartbeat["rev"] == (await screen.heartbeat())["rev"]
            await screen.silent()

    play(scene)


@pytest.mark.usefixtures("desk")
@pytest.mark.parametrize(
    "path",
    [
        "/ws/display/nowhere/",
        "/ws/kiosk/nowhere/",
        "/ws/t/no-such-link/",
        "/ws/t/%00/",
        "/ws/desk/999999/",
        "/ws/",
        "/",
    ],
)
def test_what_does_not_exist_is_refused(path: str) -> None:
    """Case 24."""

    async def scene() -> None:
        await refused(path)

    play(scene)


def test_a_desk_is_open_to_its_own_branchs_clerk_alone(desk: Desk) -> None:
    clerk = factories.clerk(desk.branch)
    elsewhere = factories.clerk(factories.branch())
    path = f"/ws/desk/{desk.pk}/?language=fi"

    async def scene() -> None:
        await refused(path)
        await refused(path, user=elsewhere)
        async with connected(path, user=clerk) as panel:
            assert (await panel.frame())["html"]

    play(scene)


def test_a_page_of_another_site_may_not_listen_in(desk: Desk) -> None:
    clerk = factories.clerk(desk.branch)

    async def scene() -> None:
        await refused(f"/ws/desk/{desk.pk}/?language=fi", user=clerk, origin="https://evil.example")

    play(scene)


def test_nonsense_closes_the_socket() -> None:
    topic = branch_topic(factories.branch(slug="town").pk)

    async def scene() -> None:
        async with connected("/ws/display/town/") as screen:
            await screen.frame()
            await screen.say(topic)
            assert await screen.closed() == 4400

    play(scene)
