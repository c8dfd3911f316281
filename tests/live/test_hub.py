"""The hub: it alone reads, and all subscribers are shown the same truth, once each."""

import asyncio
import threading

import pytest

from live import hub as hub_module
from live.hub import GATHER, hub
from tests.kit.waiting import eventually_here
from tests.live.fakes import AT, FakeSource
from tests.live.stage import (
    a_screen,
    another,
    is_subscribed,
    no_hub_runs,
    notified,
    settled,
    shows,
    watched_by,
    works_of_a_hub,
)

# New subscribers


def test_a_new_subscriber_gets_the_full_state_first(truth: FakeSource) -> None:
    """Case 24."""
    screen = a_screen(truth)

    async def scene() -> None:
        async with watched_by(screen):
            await shows(screen, "first")

    asyncio.run(scene())
    said = screen.got[0]
    assert (said["html"], said["calls"], said["rev"], said["at"]) == ("board: first", [], 1, AT.timestamp() * 1000)
    assert said["build"]


@pytest.mark.usefixtures("quick_poll")
def test_no_beat_comes_before_the_state(truth: FakeSource) -> None:
    screen = a_screen(truth)
    truth.held_up[screen.audience.topic] = held = threading.Event()

    async def scene() -> None:
        async with watched_by(screen):
            await eventually_here(lambda: bool(truth.reads), what="a reading has begun")
            held.set()
            await eventually_here(lambda: bool(screen.heartbeats), what="a heartbeat")

    asyncio.run(scene())
    assert "html" in screen.got[0]


@pytest.mark.usefixtures("quick_poll")
def test_no_beat_vouches_for_a_page_that_was_sent_nothing_yet(truth: FakeSource) -> None:
    early = a_screen(truth)
    late = another(early)

    async def scene() -> None:
        async with watched_by(early):
            await eventually_here(lambda: bool(early.heartbeats), what="a heartbeat")
            truth.held_up[early.audience.topic] = held = threading.Event()
            async with watched_by(late):
                heartbeats = len(early.heartbeats)
                await eventually_here(lambda: len(early.heartbeats) > heartbeats + 3, what="the others have heartbeats")
                assert late.got == []
                held.set()
                await shows(late, "first")

    asyncio.run(scene())


def test_many_who_come_one_by_one_are_read_for_together(truth: FakeSource) -> None:
    """After a broken line; each used to be a reading of its own."""
    early = a_screen(truth)
    late = [another(early) for _screen in range(20)]

    async def scene() -> int:
        async with watched_by(early):
            await settled(truth)
            before = len(truth.reads)
            for screen in late:
                hub().join(screen)
                await asyncio.sleep(GATHER / 100)
            for screen in late:
                await shows(screen, "first")
                await hub().leave(screen)
            return len(truth.reads) - before

    assert asyncio.run(scene()) <= 4


def test_whoever_comes_later_gets_what_the_others_see_and_they_get_nothing_anew(truth: FakeSource) -> None:
    early = a_screen(truth)
    late = another(early)

    async def scene() -> None:
        async with watched_by(early):
            await shows(early, "first")
            async with watched_by(late):
                await shows(late, "first")
                await settled(truth)

    asyncio.run(scene())
    assert early.shown == ["first"]


def test_whoever_comes_while_a_reading_runs_gets_the_full_state_too(truth: FakeSource) -> None:
    early = a_screen(truth)
    late, other = another(early), another(early, name="desk")
    truth.held_up[early.audience.topic] = held = threading.Event()

    async def scene() -> None:
        async with watched_by(early):
            await eventually_here(lambda: bool(truth.reads), what="a reading has begun")
            async with watched_by(late, other):
                held.set()
                await shows(late, "first")
                await shows(other, "first")

    asyncio.run(scene())


# What changes


def test_a_change_reaches_all_of_every_audience_and_each_is_rendered_once(truth: FakeSource) -> None:
    board = a_screen(truth)
    boards = [board, another(board), another(board)]
    desks = [another(board, name="desk"), another(board, name="desk")]

    async def scene() -> None:
        async with watched_by(*boards, *desks):
            for screen in (*boards, *desks):
                await shows(screen, "first")
            await settled(truth)
            before = counts()
            truth.says(board.audience.topic, "second")
            await notified(board.audience.topic)
            for screen in (*boards, *desks):
                await shows(screen, "first", "second")
            await settled(truth)
            assert [after - once for after, once in zip(counts(), before, strict=True)] == [1, 1, 1]

    def counts() -> tuple[int, int, int]:
        rendered = {name: sum(len(s.shows.renders) for s in those) for name, those in (("b", boards), ("d", desks))}
        return truth.reads.count(board.audience.topic), rendered["b"], rendered["d"]

    asyncio.run(scene())


def test_an_equal_body_is_not_sent_twice(truth: FakeSource) -> None:
    screen = a_screen(truth)

    async def scene() -> None:
        async with watched_by(screen):
            await shows(screen, "first")
            truth.says(screen.audience.topic, "first")
            await notified(screen.audience.topic)
            await eventually_here(lambda: 2 in screen.shows.renders, what="it is rendered again")
            await settled(truth)

    asyncio.run(scene())
    assert screen.shown == ["first"]


def test_each_member_gets_its_own_and_only_when_that_has_changed(truth: FakeSource) -> None:
    one = a_screen(truth, text="ready 1", name="visitor", member=1)
    two = another(one, name="visitor", member=2)

    async def scene() -> None:
        async with watched_by(one, two):
            await shows(one, "ready 1")
            await shows(two, "ready 1")

    asyncio.run(scene())
    assert [said["own"] for screen in (one, two) for said in screen.got] == [{"mine": True}, {"mine": False}]


def test_any_number_of_change_notices_while_a_reading_runs_ask_for_exactly_one_more(truth: FakeSource) -> None:
    screen = a_screen(truth)
    topic = screen.audience.topic

    async def scene() -> None:
        async with watched_by(screen):
            await shows(screen, "first")
            await settled(truth)
            before = truth.reads.count(topic)
            truth.held_up[topic] = held = threading.Event()
            await notified(topic)
            await eventually_here(lambda: truth.reads.count(topic) == before + 1, what="a reading runs")
            truth.says(topic, "second")
            for _ in range(20):
                await notified(topic)
            await settled(truth)
            held.set()
            await shows(screen, "first", "second")
            await settled(truth)
            assert truth.reads.count(topic) == before + 2

    asyncio.run(scene())


# What time brings


@pytest.mark.usefixtures("quick_poll")
def test_the_revision_poll_finds_what_no_change_notice_has_told(truth: FakeSource) -> None:
    screen = a_screen(truth)

    async def scene() -> None:
        async with watched_by(screen):
            await shows(screen, "first")
            await eventually_here(lambda: len(screen.heartbeats) > 1, what="the first poll, which renders all, is over")
            truth.says(screen.audience.topic, "second")
            await shows(screen, "first", "second")

    asyncio.run(scene())


@pytest.mark.usefixtures("quick_poll")
def test_a_revision_that_went_back_is_a_change_too(truth: FakeSource) -> None:
    """A database restored from a backup."""
    screen = a_screen(truth)
    topic = screen.audience.topic
    truth.says(topic, "newer")
    earlier = type(truth.texts[topic])(1, "restored")

    async def scene() -> None:
        async with watched_by(screen):
            await shows(screen, "newer")
            await eventually_here(lambda: len(screen.heartbeats) > 1, what="the first poll, which renders all, is over")
            truth.texts[topic] = earlier
            await shows(screen, "newer", "restored")

    asyncio.run(scene())


@pytest.mark.usefixtures("quick_poll")
def test_once_in_a_while_everything_is_rendered_though_no_revision_has_moved(
    truth: FakeSource, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Waits grow by time alone."""
    monkeypatch.setattr(hub_module, "RENEW_EVERY", 3)
    screen = a_screen(truth, text="waits 4 min")
    topic = screen.audience.topic

    async def scene() -> None:
        async with watched_by(screen):
            await shows(screen, "waits 4 min")
            truth.texts[topic] = type(truth.texts[topic])(1, "waits 5 min")
            await shows(screen, "waits 4 min", "waits 5 min")

    asyncio.run(scene())


@pytest.mark.usefixtures("quick_poll")
def test_of_a_topic_that_is_gone_nothing_more_is_said(truth: FakeSource) -> None:
    gone, there = a_screen(truth), a_screen(truth)

    async def scene() -> None:
        async with watched_by(gone, there):
            await shows(gone, "first")
            del truth.texts[gone.audience.topic]
            heartbeats = len(there.heartbeats)
            await eventually_here(lambda: len(there.heartbeats) > heartbeats + 1, what="another poll")
            said, heartbeats = len(gone.got), len(there.heartbeats)
            await eventually_here(lambda: len(there.heartbeats) > heartbeats + 3, what="more polls")
            assert len(gone.got) == said

    asyncio.run(scene())


# Subscribers that leave


def test_the_last_one_to_leave_ends_the_hub(truth: FakeSource) -> None:
    first, second = a_screen(truth), a_screen(truth)

    async def scene() -> None:
        async with watched_by(first, second) as here:
            await shows(first, "first")
            await shows(second, "first")
            assert hub() is here
            assert works_of_a_hub()
        assert here.rooms == {}
        await no_hub_runs()
        assert hub() is not here

    asyncio.run(scene())


def test_whoever_comes_after_the_last_one_left_is_served_by_a_new_hub(truth: FakeSource) -> None:
    screen = a_screen(truth)
    later = another(screen)

    async def scene() -> None:
        async with watched_by(screen):
            await shows(screen, "first")
        truth.says(screen.audience.topic, "second")
        async with watched_by(later):
            await shows(later, "second")

    asyncio.run(scene())
    assert screen.shown == ["first"]


def test_whoever_leaves_one_topic_leaves_the_others_alone(truth: FakeSource) -> None:
    leaving, staying = a_screen(truth), a_screen(truth)

    async def scene() -> None:
        async with watched_by(staying):
            async with watched_by(leaving) as here:
                await shows(leaving, "first")
                await shows(staying, "first")
            assert set(here.rooms) == {staying.audience.topic}
            truth.says(staying.audience.topic, "second")
            await notified(staying.audience.topic)
            await shows(staying, "first", "second")

    asyncio.run(scene())


def test_whoever_never_came_may_leave(truth: FakeSource) -> None:
    screen = a_screen(truth)

    async def scene() -> None:
        await hub().leave(screen)

    asyncio.run(scene())


def test_a_topic_that_nobody_watches_any_more_is_no_longer_subscribed(truth: FakeSource) -> None:
    leaving, staying = a_screen(truth), a_screen(truth)
    topic = leaving.audience.topic

    async def scene() -> None:
        async with watched_by(staying):
            async with watched_by(leaving):
                await shows(leaving, "first")
                await settled(truth)
                assert await is_subscribed(topic)
            await settled(truth)
            assert not await is_subscribed(topic)

    asyncio.run(scene())


def test_a_hub_that_has_ended_leaves_no_subscription_behind(truth: FakeSource) -> None:
    """Its process may live on for weeks, with a hub for every morning."""
    screen = a_screen(truth)
    topic = screen.audience.topic

    async def scene() -> None:
        async with watched_by(screen):
            await shows(screen, "first")
            await settled(truth)
            assert await is_subscribed(topic)
        assert not await is_subscribed(topic)

    asyncio.run(scene())
