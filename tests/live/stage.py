"""Screens before a hub, and how a test waits for what they show."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from asgiref.sync import sync_to_async
from channels.layers import get_channel_layer
from django.conf import settings
from redis.asyncio import Redis

from live.announce import send_change_notice
from live.hub import Hub, hub
from live.hub import __file__ as hub_file
from tests.kit.waiting import eventually_here
from tests.live.fakes import FakeAudience, FakeSource, Screen, new_topic

notified = sync_to_async(send_change_notice)


@asynccontextmanager
async def watched_by(*screens: Screen) -> AsyncIterator[Hub]:
    """The hub, with these screens joined for as long."""
    here = hub()
    for screen in screens:
        here.join(screen)
    try:
        yield here
    finally:
        for screen in screens:
            await here.leave(screen)


async def shows(screen: Screen, *texts: str) -> None:
    """Wait until these are the texts it was ever sent, in this order."""
    await eventually_here(lambda: screen.shown == list(texts), what=lambda: f"{texts} is shown, not {screen.shown}")


async def settled(truth: FakeSource) -> None:
    """All notices so far have been heard and read: one sent later to another topic has been."""
    fence = Screen(FakeAudience(new_topic(), "fence"))
    truth.says(fence.audience.topic, "up")
    async with watched_by(fence):
        await shows(fence, "up")
        for text in ("heard", "read"):
            truth.says(fence.audience.topic, text)
            await notified(fence.audience.topic)
            await eventually_here(lambda text=text: fence.shown[-1] == text, what="the fence")  # type: ignore[misc]


def a_screen(truth: FakeSource, *, text: str = "first", name: str = "board", member: int | None = None) -> Screen:
    topic = new_topic()
    truth.says(topic, text)
    return Screen(FakeAudience(topic, name), member)


def another(screen: Screen, *, name: str = "board", member: int | None = None) -> Screen:
    return Screen(FakeAudience(screen.audience.topic, name), member)


async def is_subscribed(topic: str) -> bool:
    """Whether the layer would hand a change notice of this topic to anybody."""
    if not settings.ENVIRONMENT.redis_url:
        return bool(get_channel_layer().groups.get(topic))
    redis = Redis.from_url(settings.ENVIRONMENT.redis_url, decode_responses=True)
    try:
        return bool(await redis.pubsub_channels(f"*__{topic}"))
    finally:
        await redis.aclose()


async def no_hub_runs() -> None:
    """Wait until the tasks of every hub on this loop have ended."""
    await eventually_here(lambda: not works_of_a_hub(), what="the hub has ended")


def works_of_a_hub() -> list[asyncio.Task[Any]]:
    """The tasks of any hub that run on this loop."""
    return [task for task in asyncio.all_tasks() if f"{hub_file}:" in repr(task)]
