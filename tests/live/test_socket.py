"""One browser's socket: what it is sent, what it may say, and when it is let go."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from types import SimpleNamespace

import pytest

from live import socket as socket_module
from live.daphne_fast_path import framed
from live.hub import Subscriber, hub
from live.socket import (
    CLOSE_NONSENSE,
    CLOSE_SILENT,
    MAX_CONFIRMATION,
    PATIENCE,
    WINDOW,
    AsgiMessage,
    Scope,
    Socket,
    serve,
)
from live.source import Audience, Member, Message
from tests.kit.waiting import eventually_here
from tests.live.fakes import FakeAudience, FakeSource, new_topic
from tests.live.stage import no_hub_runs


class Browser:
    """The other end of a socket: what it is sent, and what it says."""

    def __init__(self) -> None:
        self.sent: list[AsgiMessage] = []
        self.says: asyncio.Queue[AsgiMessage] = asyncio.Queue()

    async def send(self, message: AsgiMessage) -> None:
        self.sent.append(message)

    @property
    def texts(self) -> list[str]:
        return [message["text"] for message in self.sent if message["type"] == "websocket.send"]

    @property
    def closed(self) -> list[int | None]:
        return [message.get("code") for message in self.sent if message["type"] == "websocket.close"]

    @property
    def accepted(self) -> bool:
        return {"type": "websocket.accept"} in self.sent

    def say(self, **message: object) -> None:
        self.says.put_nowait({"type": "websocket.receive", **message})

    def go(self) -> None:
        self.says.put_nowait({"type": "websocket.disconnect", "code": 1001})


class Clock:
    """Stands still until a test moves it."""

    def __init__(self) -> None:
        self.at = 1000.0

    def monotonic(self) -> float:
        return self.at


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    standing = Clock()
    monkeypatch.setattr(socket_module, "time", SimpleNamespace(monotonic=standing.monotonic))
    return standing


def a_socket(browser: Browser) -> Socket:
    return Socket(FakeAudience(new_topic()), None, browser.send)


async def push_all(socket: Subscriber, *numbers: int) -> None:
    for number in numbers:
        await socket.push(Message.of(f"frame {number}".encode(), f"key {number}"))


# The window


def test_a_browser_that_never_confirms_gets_at_most_a_windowful() -> None:
    browser = Browser()
    asyncio.run(push_all(a_socket(browser), *range(1000)))
    assert browser.texts == [f"frame {number}" for number in range(WINDOW)]


def test_a_browser_that_was_behind_gets_only_the_newest_when_it_confirms() -> None:
    browser = Browser()

    async def scene() -> None:
        socket = a_socket(browser)
        await push_all(socket, *range(WINDOW + 5))
        await socket.confirmed("key 0")

    asyncio.run(scene())
    assert browser.texts[WINDOW:] == [f"frame {WINDOW + 4}"]


def test_what_was_held_is_sent_once() -> None:
    browser = Browser()

    async def scene() -> None:
        socket = a_socket(browser)
        await push_all(socket, *range(WINDOW + 1))
        await socket.confirmed("key 0")
        await socket.confirmed("key 1")

    asyncio.run(scene())
    assert browser.texts == [f"frame {number}" for number in range(WINDOW + 1)]


def test_confirming_a_frame_confirms_all_before_it() -> None:
    browser = Browser()

    async def scene() -> None:
        socket = a_socket(browser)
        await push_all(socket, *range(WINDOW))
        await socket.confirmed(f"key {WINDOW - 1}")
        await push_all(socket, *range(100, 100 + WINDOW + 3))

    asyncio.run(scene())
    assert len(browser.texts) == 2 * WINDOW


@pytest.mark.parametrize("key", ["", "key 999", "key"])
def test_a_key_that_was_never_sent_confirms_nothing(key: str) -> None:
    browser = Browser()

    async def scene() -> None:
        socket = a_socket(browser)
        await push_all(socket, *range(WINDOW + 1))
        await socket.confirmed(key)

    asyncio.run(scene())
    assert len(browser.texts) == WINDOW


def test_a_key_confirms_once() -> None:
    browser = Browser()

    async def scene() -> None:
        socket = a_socket(browser)
        await push_all(socket, *range(WINDOW))
        for _ in range(3):
            await socket.confirmed("key 0")
        await push_all(socket, *range(100, 103))

    asyncio.run(scene())
    assert len(browser.texts) == WINDOW + 1


def test_beats_count_as_frames_do_and_are_not_kept_for_a_browser_that_is_behind() -> None:
    browser = Browser()

    async def scene() -> None:
        socket = a_socket(browser)
        for number in range(WINDOW + 3):
            await socket.heartbeat(Message.of(f"heartbeat {number}".encode(), f"key {number}"))
        await socket.confirmed("key 0")

    asyncio.run(scene())
    assert browser.texts == [f"heartbeat {number}" for number in range(WINDOW)]


def test_a_browser_that_stays_silent_for_too_long_is_let_go_once(clock: Clock) -> None:
    browser = Browser()

    async def scene() -> None:
        socket = a_socket(browser)
        await push_all(socket, *range(WINDOW))
        clock.at += PATIENCE
        await push_all(socket, WINDOW)
        assert browser.closed == []
        clock.at += 0.1
        await push_all(socket, *range(20, 30))
        await socket.heartbeat(Message.of(b"heartbeat", "key"))

    asyncio.run(scene())
    assert browser.closed == [CLOSE_SILENT]
    assert len(browser.texts) == WINDOW


def test_who_confirms_frames_but_not_heartbeats_is_let_go_as_silent(clock: Clock) -> None:
    """docs/hooks.md says so to whoever writes such a program."""
    browser = Browser()

    async def scene() -> None:
        socket = a_socket(browser)
        await push_all(socket, 0)
        await socket.confirmed("key 0")
        for number in range(WINDOW):
            await socket.heartbeat(Message.of(f"heartbeat {number}".encode(), f"beat {number}"))
        await push_all(socket, 1)
        assert [text for text in browser.texts if not text.startswith("heartbeat")] == ["frame 0"]
        clock.at += PATIENCE + 0.1
        await socket.heartbeat(Message.of(b"heartbeat", "beat"))

    asyncio.run(scene())
    assert browser.closed == [CLOSE_SILENT]


def test_a_browser_that_reads_slowly_is_kept(clock: Clock) -> None:
    browser = Browser()

    async def scene() -> None:
        socket = a_socket(browser)
        for number in range(50):
            await push_all(socket, number)
            clock.at += PATIENCE / WINDOW
            if number >= WINDOW // 2:
                await socket.confirmed(f"key {number - WINDOW // 2}")

    asyncio.run(scene())
    assert browser.closed == []
    assert len(browser.texts) == 50


# The fast path of a confirmation


class FastPath:
    """As under Daphne: frames leave at once, and `confirmed` is called with each key that comes."""

    def __init__(self) -> None:
        self.written: list[bytes] = []
        self.confirmed: Callable[[str], bool] = lambda _key: False

    def forget_handshake(self) -> None: ...

    def write(self, frame: bytes) -> bool:
        self.written.append(frame)
        return True

    def hear(self, confirmed: Callable[[str], bool]) -> None:
        self.confirmed = confirmed


def test_a_confirmation_on_the_fast_path_makes_room(monkeypatch: pytest.MonkeyPatch) -> None:
    fast = FastPath()
    monkeypatch.setattr(socket_module, "fast_path", lambda _send: fast)
    socket = a_socket(Browser())
    asyncio.run(push_all(socket, *range(WINDOW)))
    assert fast.confirmed("key 0")
    assert not fast.confirmed("key 0"), "once only"
    asyncio.run(push_all(socket, WINDOW))
    assert fast.written == [framed(f"frame {number}".encode()) for number in range(WINDOW + 1)]


def test_one_that_brings_what_was_held_goes_the_asgi_way(monkeypatch: pytest.MonkeyPatch) -> None:
    fast = FastPath()
    monkeypatch.setattr(socket_module, "fast_path", lambda _send: fast)
    socket = a_socket(Browser())
    asyncio.run(push_all(socket, *range(WINDOW + 1)))
    assert not fast.confirmed("key 0")
    asyncio.run(socket.confirmed("key 0"))
    assert fast.written[-1] == framed(f"frame {WINDOW}".encode())


def test_so_does_one_of_a_browser_that_has_to_come_again(monkeypatch: pytest.MonkeyPatch, clock: Clock) -> None:
    fast = FastPath()
    monkeypatch.setattr(socket_module, "fast_path", lambda _send: fast)
    socket = Socket(FakeAudience(new_topic()), None, Browser().send, ends=clock.at + 600)
    asyncio.run(push_all(socket, 0, 1))
    clock.at += 600
    assert fast.confirmed("key 0")
    clock.at += 0.1
    assert not fast.confirmed("key 1")


# The connection


async def nobody(_scope: Scope) -> tuple[Audience, Member] | None:
    return None


@asynccontextmanager
async def connected(browser: Browser, truth: FakeSource) -> AsyncIterator["asyncio.Task[None]"]:
    """The browser let in, with its first frame; gone in the end."""
    topic = new_topic()
    truth.says(topic, "first")

    async def access(_scope: Scope) -> tuple[Audience, Member] | None:
        return FakeAudience(topic), None

    browser.says.put_nowait({"type": "websocket.connect"})
    serving = asyncio.create_task(serve(access, {}, browser.says.get, browser.send))
    try:
        await eventually_here(lambda: bool(browser.texts), what="the first frame")
        yield serving
    finally:
        browser.go()
        await asyncio.wait([serving])


def test_a_socket_without_access_is_refused_before_it_is_accepted() -> None:
    """Case 24: a branch that doesn't exist."""
    browser = Browser()

    async def scene() -> None:
        browser.says.put_nowait({"type": "websocket.connect"})
        await serve(nobody, {}, browser.says.get, browser.send)
        await no_hub_runs()

    asyncio.run(scene())
    assert browser.sent == [{"type": "websocket.close"}]


def test_a_socket_with_access_is_accepted_and_shown_the_state(truth: FakeSource) -> None:
    browser = Browser()

    async def scene() -> None:
        async with connected(browser, truth):
            pass

    asyncio.run(scene())
    assert browser.accepted
    assert json.loads(browser.texts[0])["html"] == "board: first"


def test_a_confirmation_makes_room(truth: FakeSource) -> None:
    browser = Browser()

    async def scene() -> None:
        async with connected(browser, truth):
            (room,) = hub().rooms.values()
            (members,) = room.subscribers.values()
            (socket,) = members[None]
            await push_all(socket, *range(WINDOW))
            assert len(browser.texts) == WINDOW
            browser.say(text=json.dumps({"key": json.loads(browser.texts[0])["key"]}))
            await eventually_here(lambda: len(browser.texts) == WINDOW + 1, what="the held frame")

    asyncio.run(scene())
    assert browser.texts[-1] == f"frame {WINDOW - 1}"
    assert browser.closed == []


@pytest.mark.parametrize(
    "nonsense",
    [
        {"text": ""},
        {"text": "hello"},
        {"text": "[]"},
        {"text": "null"},
        {"text": '{"key": 1}'},
        {"text": '{"key": null}'},
        {"text": '{"other": "x"}'},
        {"text": "[" * MAX_CONFIRMATION},
        {"text": json.dumps({"key": "x" * MAX_CONFIRMATION})},
        {"bytes": b'{"key": "x"}'},
        {"bytes": b"\x00" * 1_000_000, "text": None},
    ],
)
def test_nonsense_and_too_much_of_anything_closes_the_socket(nonsense: dict[str, object], truth: FakeSource) -> None:
    browser = Browser()

    async def scene() -> None:
        async with connected(browser, truth):
            browser.say(**nonsense)
            await eventually_here(lambda: bool(browser.closed), what="the socket is closed")

    asyncio.run(scene())
    assert browser.closed == [CLOSE_NONSENSE]


def test_a_browser_that_goes_leaves_the_hub(truth: FakeSource) -> None:
    browser = Browser()

    async def scene() -> None:
        async with connected(browser, truth) as serving:
            here = hub()
            browser.go()
            await serving
            assert here.rooms == {}
            await no_hub_runs()

    asyncio.run(scene())


def test_a_connection_that_is_cut_leaves_the_hub(truth: FakeSource) -> None:
    """The server cancels what serves it."""
    browser = Browser()

    async def scene() -> None:
        async with connected(browser, truth) as serving:
            here = hub()
            serving.cancel()
            await asyncio.wait([serving])
            assert here.rooms == {}
            await no_hub_runs()

    asyncio.run(scene())
