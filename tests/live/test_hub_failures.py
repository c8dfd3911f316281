"""The hub when something fails: a template, a browser, the database."""

import asyncio
import threading

import pytest

from live.hub import Room
from live.source import Audience, Member
from tests.kit.waiting import eventually_here
from tests.live.fakes import FakeSource, GoneScreen, Screen
from tests.live.stage import a_screen, another, notified, settled, shows, watched_by


def test_the_audiences_present_are_listed_on_the_event_loop_not_in_the_readers_thread(
    truth: FakeSource, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Another thread would go through the subscribers while sockets come and go."""
    asked: set[threading.Thread] = set()
    present = Room.present

    def noting(room: Room) -> dict[Audience, frozenset[Member]]:
        asked.add(threading.current_thread())
        return present(room)

    monkeypatch.setattr(Room, "present", noting)
    screen = a_screen(truth)

    async def scene() -> None:
        async with watched_by(screen):
            await shows(screen, "first")

    asyncio.run(scene())
    assert asked == {threading.current_thread()}


def test_a_failing_audience_does_not_blank_the_others(truth: FakeSource) -> None:
    broken = a_screen(truth, name="broken")
    whole = another(broken)
    broken.shows.broken.append(True)

    async def scene() -> None:
        async with watched_by(broken, whole):
            await shows(whole, "first")
            truth.says(whole.audience.topic, "second")
            await notified(whole.audience.topic)
            await shows(whole, "first", "second")
            broken.shows.broken.clear()
            await notified(whole.audience.topic)
            await shows(broken, "second")

    asyncio.run(scene())


def test_a_new_subscriber_to_an_audience_that_failed_gets_the_state_when_it_works_again(
    truth: FakeSource,
) -> None:
    early = a_screen(truth)
    late = Screen(early.shows)
    topic = early.audience.topic

    async def scene() -> None:
        async with watched_by(early):
            await shows(early, "first")
            await settled(truth)
            early.shows.broken.append(True)
            renders = len(early.shows.renders)
            async with watched_by(late):
                await eventually_here(lambda: len(early.shows.renders) > renders, what="it has failed")
                early.shows.broken.clear()
                await notified(topic)
                await shows(late, "first")

    asyncio.run(scene())


@pytest.mark.usefixtures("quick_poll")
def test_no_beat_vouches_for_a_view_that_could_not_be_rendered(truth: FakeSource) -> None:
    screen = a_screen(truth)
    whole = another(screen, name="desk")

    async def scene() -> None:
        async with watched_by(screen, whole):
            await shows(screen, "first")
            screen.shows.broken.append(True)
            truth.says(screen.audience.topic, "second")
            await shows(whole, "first", "second")
            heartbeats = len(whole.heartbeats)
            await eventually_here(lambda: len(whole.heartbeats) > heartbeats + 3, what="the others have heartbeats")
            assert 2 not in screen.heartbeats

    asyncio.run(scene())


def test_a_screen_that_is_just_going_does_not_blank_the_others(truth: FakeSource) -> None:
    """Daphne's send raises between a browser's goodbye and the end of its connection."""
    first = a_screen(truth)
    gone = GoneScreen(first.shows)
    others = [Screen(first.shows) for _ in range(20)]

    async def scene() -> None:
        async with watched_by(first, *others[:10], gone, *others[10:]):
            for screen in (first, *others):
                await shows(screen, "first")
            truth.says(first.audience.topic, "second")
            await notified(first.audience.topic)
            for screen in (first, *others):
                await shows(screen, "first", "second")

    asyncio.run(scene())


@pytest.mark.usefixtures("quick_poll")
def test_a_screen_that_is_just_going_does_not_silence_the_others(truth: FakeSource) -> None:
    first = a_screen(truth)
    gone = GoneScreen(first.shows)
    others = [Screen(first.shows) for _ in range(20)]

    async def scene() -> None:
        async with watched_by(first, *others[:10], gone, *others[10:]):
            for screen in (first, *others):
                await eventually_here(lambda screen=screen: bool(screen.heartbeats), what="a heartbeat")  # type: ignore[misc]

    asyncio.run(scene())


@pytest.mark.usefixtures("quick_poll")
def test_while_the_database_is_away_there_is_no_beat_and_afterwards_the_truth(truth: FakeSource) -> None:
    screen = a_screen(truth)

    async def scene() -> None:
        async with watched_by(screen):
            await eventually_here(lambda: bool(screen.heartbeats), what="a heartbeat")
            truth.failing = True
            await eventually_here(lambda: truth.failures > 1, what="the hub has noticed")
            silent_since, tries = len(screen.got), truth.failures
            await eventually_here(lambda: truth.failures > tries + 3, what="the hub goes on trying")
            assert len(screen.got) == silent_since
            truth.says(screen.audience.topic, "second")
            truth.failing = False
            await shows(screen, "first", "second")
            heartbeats = len(screen.heartbeats)
            await eventually_here(lambda: len(screen.heartbeats) > heartbeats, what="heartbeats again")

    asyncio.run(scene())


def test_a_reading_that_failed_is_tried_again_without_another_change_notice(truth: FakeSource) -> None:
    screen = a_screen(truth)

    async def scene() -> None:
        truth.failing = True
        async with watched_by(screen):
            await eventually_here(lambda: truth.failures > 3, what="the hub has tried")
            truth.failing = False
            await shows(screen, "first")

    asyncio.run(scene())
