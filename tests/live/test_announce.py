"""Change notices: sooner if they can, never at the price of the press."""

import asyncio
import uuid
from types import SimpleNamespace
from typing import Any

import pytest
from channels.layers import get_channel_layer

from live import announce as module
from live.announce import PAUSE, announce
from tests.live.fakes import FailingLayer, new_topic
from tests.live.stage import notified


def use(layer: object, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "get_channel_layer", lambda: layer)


def test_a_change_notice_reaches_subscribers_and_says_only_which_topic() -> None:
    topic = new_topic()

    async def scene() -> dict[str, Any]:
        layer = get_channel_layer()
        channel = f"test.{uuid.uuid4().hex}"
        hearing = asyncio.create_task(layer.receive(channel))
        await asyncio.sleep(0)  # it has a queue now
        await layer.group_add(topic, channel)
        await notified(topic)
        async with asyncio.timeout(5):
            heard: dict[str, Any] = await hearing
        await layer.group_discard(topic, channel)
        return heard

    assert asyncio.run(scene()) == {"type": "live.hint", "topic": topic}


def test_a_change_notice_to_nobody_is_no_error(caplog: pytest.LogCaptureFixture) -> None:
    announce(new_topic())
    assert not caplog.records


def test_a_layer_that_fails_is_no_error(monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture) -> None:
    layer = FailingLayer()
    use(layer, monkeypatch)
    announce("branch.1")
    assert layer.tried == 1
    assert "No change notice for branch.1 (ConnectionRefusedError: nobody listens)" in caplog.text


def test_after_a_failure_nobody_waits_for_the_layer_until_the_pause_is_over(monkeypatch: pytest.MonkeyPatch) -> None:
    layer = FailingLayer()
    use(layer, monkeypatch)
    at = [1000.0]
    monkeypatch.setattr(module, "time", SimpleNamespace(monotonic=lambda: at[0]))
    for _ in range(50):
        announce("branch.1")
    assert layer.tried == 1
    at[0] += PAUSE - 0.01
    announce("branch.1")
    assert layer.tried == 1
    at[0] += 0.02
    announce("branch.1")
    assert layer.tried == 2


def test_a_change_notice_that_succeeds_opens_no_breaker() -> None:
    announce(new_topic())
    assert not module.breaker.is_open


def test_a_press_on_an_event_loop_is_not_broken_by_its_change_notice() -> None:
    async def scene() -> None:
        announce(new_topic())

    asyncio.run(scene())
