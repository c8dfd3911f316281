"""The hub: one per process. It alone reads, one reading after another, and every socket hears from it alone.

A change notice or the revision poll says that a topic has changed; the hub reads the truth once, renders each audience
once, and sends to every socket whose view has changed. See docs/live.md.
"""

import asyncio
import logging
import time
import uuid
from collections import defaultdict
from collections.abc import Awaitable, Callable, Collection, Coroutine, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any, Protocol, TypeVar
from weakref import WeakKeyDictionary

from channels.layers import get_channel_layer
from django.conf import settings
from django.db import close_old_connections, connections

from live.counters import counters
from live.garbage import reconnect_storms
from live.source import Audience, Member, Message, Snapshot, Stamp, source

logger = logging.getLogger(__name__)
T = TypeVar("T")

POLL_INTERVAL = 1.0
"""Seconds from one poll of the revisions to the next."""
HEARTBEAT_EVERY = 2
"""Polls from one heartbeat to the next."""
RENEW_EVERY = 10
"""Polls until everything is rendered anyway, because waits change by time alone."""
RETRY = 1.0
"""Seconds until the hub asks again what has failed: the channel layer or the database."""
LAYER_LIMIT = 2.0
"""Seconds the channel layer may take to subscribe or to let go."""
CANCEL_TRIES = 4
"""How often a task of the hub is told to end."""
GATHER = 0.2
"""Seconds from one reading to the next where only new subscribers want it: thousands may come within seconds, each from
a page that was true a moment ago."""
BATCH = 200
"""Sockets that are served before the event loop gets its turn."""


class Subscriber(Protocol):
    """A socket, as the hub sees it."""

    audience: Audience
    member: Member

    async def push(self, frame: Message) -> None:
        """Send a frame, or keep it, the newest one only, for a browser that is behind."""
        ...

    async def heartbeat(self, heartbeat: Message) -> None:
        """Send a heartbeat; a browser that is behind does without."""
        ...


class Room:
    """The subscribers of one topic, and what each audience was last sent."""

    def __init__(self, topic: str) -> None:
        self.topic = topic
        self.subscribers: dict[Audience, dict[Member, set[Subscriber]]] = {}
        self.new_subscribers: set[Subscriber] = set()
        self.sent: defaultdict[Audience, dict[Member, bytes]] = defaultdict(dict)
        self.rendered: frozenset[Audience] = frozenset()
        self.stamp: Stamp | None = None
        self.wanted = asyncio.Event()
        self.read_at = -GATHER
        self.gathers = False
        # Heartbeats let frames go first.
        self.no_frames_on_their_way = asyncio.Event()
        self.no_frames_on_their_way.set()

    def add(self, subscriber: Subscriber) -> None:
        self.subscribers.setdefault(subscriber.audience, defaultdict(set))[subscriber.member].add(subscriber)
        self.new_subscribers.add(subscriber)
        soon = self.read_at + GATHER - time.monotonic()
        if soon <= 0:
            self.wanted.set()
        elif not self.gathers:
            self.gathers = True
            asyncio.get_running_loop().call_later(soon, self._have_gathered)

    def _have_gathered(self) -> None:
        self.gathers = False
        self.wanted.set()

    def remove(self, subscriber: Subscriber) -> None:
        self.new_subscribers.discard(subscriber)
        members = self.subscribers.get(subscriber.audience, {})
        members.get(subscriber.member, set()).discard(subscriber)
        if not members.get(subscriber.member):
            members.pop(subscriber.member, None)
            self.sent[subscriber.audience].pop(subscriber.member, None)
        if not members:
            self.subscribers.pop(subscriber.audience, None)
            self.sent.pop(subscriber.audience, None)

    def present(self) -> dict[Audience, frozenset[Member]]:
        return {audience: frozenset(members) for audience, members in self.subscribers.items()}

    async def deliver(self, stamp: Stamp, bodies: Mapping[Audience, Mapping[Member, bytes]]) -> None:
        """Send each changed body to its subscribers, and every body to the new ones among them."""
        self.stamp = stamp
        self.rendered = frozenset(bodies)
        # Chosen before the first of them is handed out: whoever comes meanwhile waits for a reading of its own.
        chosen = [one for audience, those in bodies.items() for one in self._receivers(audience, those)]
        self.no_frames_on_their_way.clear()
        try:
            await self._hand_out(stamp, chosen)
        finally:
            self.no_frames_on_their_way.set()

    def _receivers(
        self, audience: Audience, bodies: Mapping[Member, bytes]
    ) -> Iterator[tuple[bytes, tuple[Subscriber, ...]]]:
        """Each body that is to be sent, and to whom."""
        subscribers = self.subscribers.get(audience, {})
        for member, body in bodies.items():
            shown_to = subscribers.get(member)
            if not shown_to:
                continue
            sent = self.sent[audience]
            receivers = tuple(shown_to if sent.get(member) != body else shown_to & self.new_subscribers)
            sent[member] = body
            if receivers:
                self.new_subscribers.difference_update(receivers)
                counters.frames += len(receivers)
                yield body, receivers

    async def _hand_out(self, stamp: Stamp, chosen: Collection[tuple[bytes, tuple[Subscriber, ...]]]) -> None:
        number = 0
        for body, receivers in chosen:
            message = Message.of(stamp.frame(body), stamp.key)
            for subscriber in receivers:
                await _hand(subscriber.push, message)
                number += 1
                if number % BATCH == 0:
                    await asyncio.sleep(0)

    async def heartbeat(self, stamp: Stamp) -> None:
        """Tell the subscribers that their view is still the truth, as of `stamp`. Those whose audience could not be
        rendered hear nothing, so that their pages say how old they are; new ones hear nothing before the state."""
        self.stamp = stamp
        message = Message.of(stamp.heartbeat, stamp.key)
        rendered = [members for audience, members in self.subscribers.items() if audience in self.rendered]
        receivers = [one for members in rendered for those in members.values() for one in those - self.new_subscribers]
        counters.heartbeats += len(receivers)
        for number, subscriber in enumerate(receivers, start=1):
            await _hand(subscriber.heartbeat, message)
            if number % BATCH == 0:
                await asyncio.sleep(0)
                await self.no_frames_on_their_way.wait()


async def _hand(give: Callable[[Message], Awaitable[None]], message: Message) -> None:
    """A socket that is just going must not keep the others from theirs."""
    try:
        await give(message)
    except Exception as error:  # noqa: BLE001 - whatever is wrong with that socket is its own
        logger.warning("A socket could not be sent to: %s: %s", type(error).__name__, error)


class Hub:
    """Starts with the first socket of an event loop and ends with its last one."""

    def __init__(self) -> None:
        self.rooms: dict[str, Room] = {}
        self._refreshers: dict[str, asyncio.Task[None]] = {}
        self._tasks: list[asyncio.Task[None]] = []
        self._rooms_changed = asyncio.Event()
        self._channel = f"hub.{uuid.uuid4().hex}"
        # Threads of its own: a reading must not queue behind the presses it is to show.
        self._threads = ThreadPoolExecutor(max_workers=4, thread_name_prefix="hub")

    def join(self, subscriber: Subscriber) -> None:
        """Subscribe first, then ask for a reading: what changes in between is seen by one or the other."""
        if not self._tasks:
            self._tasks = [_forever(work) for work in (self._receive, self._subscribe, self._poll_revisions)]
        topic = subscriber.audience.topic
        room = self.rooms.get(topic)
        if room is None:
            room = self.rooms[topic] = Room(topic)
            self._refreshers[topic] = _forever(lambda: self._refresh(room))
            self._rooms_changed.set()
        room.add(subscriber)
        reconnect_storms.moved()

    async def leave(self, subscriber: Subscriber) -> None:
        topic = subscriber.audience.topic
        room = self.rooms.get(topic)
        if room is None:
            return
        room.remove(subscriber)
        reconnect_storms.moved()
        if not room.subscribers:
            del self.rooms[topic]
            self._refreshers.pop(topic).cancel()
            self._rooms_changed.set()
        if not self.rooms:
            await self._stop()

    async def _stop(self) -> None:
        _hubs.pop(asyncio.get_running_loop(), None)
        tasks, self._tasks = set(self._tasks), []
        for _try in range(CANCEL_TRIES):
            if not tasks:
                break
            for task in tasks:
                task.cancel()
            # A cancellation that meets the end of an inner wait is sometimes swallowed there, and has to be said again.
            _ended, tasks = await asyncio.wait(tasks, timeout=LAYER_LIMIT / CANCEL_TRIES)
        self._threads.shutdown(wait=False)

    async def _in_thread(self, work: Callable[[], T]) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._threads, _with_fresh_connections, work)

    # Hearing that something has changed

    async def _receive(self) -> None:
        """One channel for all topics of this process. The layer may lose notices; it is never asked to keep any."""
        notice = await get_channel_layer().receive(self._channel)
        room = self.rooms.get(notice["topic"])
        if room is not None:
            room.wanted.set()

    async def _subscribe(self) -> None:
        layer = get_channel_layer()
        subscribed: set[str] = set()
        try:
            while True:
                self._rooms_changed.clear()
                for topic in subscribed - self.rooms.keys():
                    async with asyncio.timeout(LAYER_LIMIT):
                        await layer.group_discard(topic, self._channel)
                    subscribed.discard(topic)
                for topic in self.rooms.keys() - subscribed:
                    async with asyncio.timeout(LAYER_LIMIT):
                        await layer.group_add(topic, self._channel)
                    subscribed.add(topic)
                    if topic in self.rooms:
                        self.rooms[topic].wanted.set()
                await self._rooms_changed.wait()
        except asyncio.CancelledError:
            # The hub ends, its process goes on: the layer must not keep notices for a hub that is no more.
            for topic in subscribed:
                await layer.group_discard(topic, self._channel)
            raise

    async def _poll_revisions(self) -> None:
        """Compare revisions once a second. A heartbeat follows only a comparison, so silence means "not known"."""
        for number in range(HEARTBEAT_EVERY * RENEW_EVERY):
            await asyncio.sleep(POLL_INTERVAL)
            reconnect_storms.tick(sum(counters.sockets.values()))
            topics = tuple(self.rooms)
            revisions = await self._in_thread(partial(source().revisions, topics))
            now = source().now()
            for topic in topics:
                room = self.rooms.get(topic)
                if room is None or topic not in revisions:
                    continue
                current = room.stamp is not None and room.stamp.rev == revisions[topic]
                if not current or number % RENEW_EVERY == 0:
                    room.wanted.set()
                if current and number % HEARTBEAT_EVERY == 0:
                    await room.heartbeat(Stamp.of(revisions[topic], now, settings.BUILD))

    # Reading and sending

    async def _refresh(self, room: Room) -> None:
        """However many notices come while one reading runs, they ask for exactly one more."""
        await room.wanted.wait()
        room.wanted.clear()
        room.read_at = time.monotonic()
        try:
            read = await self._in_thread(partial(_read_and_render, room.topic, room.present()))
        except Exception:
            room.wanted.set()
            raise
        if read is not None:
            snapshot, bodies = read
            await room.deliver(Stamp.of(snapshot.rev, snapshot.at, settings.BUILD), bodies)


def _read_and_render(
    topic: str, present: Mapping[Audience, Collection[Member]]
) -> tuple[Snapshot, dict[Audience, Mapping[Member, bytes]]] | None:
    snapshot = source().read(topic, present)
    if snapshot is None:
        return None
    bodies: dict[Audience, Mapping[Member, bytes]] = {}
    for audience, members in present.items():
        try:
            bodies[audience] = audience.render(snapshot, members)
        except Exception:
            # One broken audience must not blank the others.
            logger.exception("%r could not be rendered.", audience)
    return snapshot, bodies


def _with_fresh_connections(work: Callable[[], T]) -> T:
    close_old_connections()
    try:
        return work()
    except Exception:
        # Nor is a connection used again on which one has failed: what is prepared on it may be out of date.
        for connection in connections.all(initialized_only=True):
            if connection.connection is not None:
                connection.connection.close()
        raise
    finally:
        connections.close_all()


def _forever(work: Callable[[], Coroutine[Any, Any, None]]) -> asyncio.Task[None]:
    """Run `work` again and again; after an error, which is logged, a moment later."""

    async def run() -> None:
        while True:
            try:
                await work()
            except Exception as error:  # noqa: BLE001 - the hub outlives whatever its database or Redis does
                logger.warning("The hub will try again: %s: %s", type(error).__name__, error)
                await asyncio.sleep(RETRY)

    return asyncio.create_task(run())


_hubs: WeakKeyDictionary[asyncio.AbstractEventLoop, Hub] = WeakKeyDictionary()


def hub() -> Hub:
    """The hub of the running event loop: Daphne's only one, or a test's own."""
    loop = asyncio.get_running_loop()
    if loop not in _hubs:
        _hubs[loop] = Hub()
    return _hubs[loop]


def stamps() -> dict[str, Stamp]:
    """What this process's sockets show of each topic now, for whoever watches the system; asked from any thread."""
    rooms = [room for one in list(_hubs.values()) for room in list(one.rooms.values())]
    return {room.topic: room.stamp for room in rooms if room.stamp is not None}
