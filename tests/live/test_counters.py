"""What the relay counts of itself."""

import asyncio

import pytest

from live import announce as module
from live.announce import announce
from live.counters import BOUNDS, Counters, Durations
from live.hub import stamps
from tests.live.fakes import FailingLayer, FakeSource, new_topic
from tests.live.stage import a_screen, another, shows, watched_by


@pytest.fixture
def counted(monkeypatch: pytest.MonkeyPatch) -> Counters:
    """Counters that begin at nothing."""
    fresh = Counters()
    for name in ("live.announce", "live.hub", "live.socket"):
        monkeypatch.setattr(f"{name}.counters", fresh)
    return fresh


def test_a_change_notice_is_counted_as_sent_failed_or_withheld(
    counted: Counters, monkeypatch: pytest.MonkeyPatch
) -> None:
    announce(new_topic())
    monkeypatch.setattr(module, "get_channel_layer", FailingLayer)
    announce(new_topic())
    announce(new_topic())
    assert (sum(counted.notices.within), counted.notices_failed, counted.notices_withheld) == (1, 1, 1)
    assert counted.notices.seconds > 0


def test_a_duration_is_counted_once_at_the_first_bound_that_holds_it() -> None:
    durations = Durations()
    for seconds in (BOUNDS[0], BOUNDS[0] + 0.0001, 99.0):
        durations.add(seconds)
    assert durations.within == [1, 1, *[0] * (len(BOUNDS) - 2), 1]


def test_each_frame_is_counted_and_what_is_shown_can_be_asked(truth: FakeSource, counted: Counters) -> None:
    screen = a_screen(truth)
    neighbour = another(screen)

    async def scene() -> int:
        async with watched_by(screen, neighbour):
            await shows(screen, "first")
            await shows(neighbour, "first")
            return stamps()[screen.audience.topic].rev

    assert asyncio.run(scene()) == truth.texts[screen.audience.topic].rev
    assert counted.frames == 2


def test_an_open_socket_is_counted_by_its_kind(counted: Counters) -> None:
    class BoardAudience:
        pass

    counted.socket_opened(BoardAudience())
    assert counted.sockets == {"board": 1}
    counted.socket_closed(BoardAudience())
    assert counted.sockets == {"board": 0}
