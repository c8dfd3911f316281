"""The fast path to a browser under Daphne: the same bytes in the same order, or else the ASGI way."""

import asyncio
import json
import socket
import time
from collections.abc import Iterator
from contextlib import closing, suppress
from functools import partial
from typing import Any

import pytest
from daphne.server import Server
from daphne.ws_protocol import WebSocketProtocol
from twisted.internet.tcp import Connection
from websockets.client import ClientProtocol
from websockets.frames import Frame, Opcode
from websockets.protocol import OPEN
from websockets.uri import parse_uri

from live import daphne_fast_path
from live.daphne_connection import HANDSHAKE as HELLO
from live.daphne_connection import DaphneConnection
from live.daphne_fast_path import HANDSHAKE, enable, fast_path, framed, self_test
from live.hub import hub
from live.socket import CLOSE_NONSENSE, WINDOW, Scope, serve
from live.source import Audience, Member, Message
from tests.kit.waiting import eventually_here
from tests.live.fakes import FakeAudience, FakeSource, new_topic
from tests.live.stage import no_hub_runs


@pytest.fixture
def _fast(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(daphne_fast_path.switch, "is_on", True)


@pytest.fixture(params=["fast", "plain"])
def _both(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(daphne_fast_path.switch, "is_on", request.param == "fast")


class Line:
    """An open connection of Daphne's, and the browser's end."""

    def __init__(self, connection: DaphneConnection, send: object) -> None:
        self.browser, self.transport, self.protocol = connection.browser, connection.transport, connection.protocol
        self.browser.settimeout(5)
        way = fast_path(send)
        assert way is not None
        self.way = way

    def arrived(self, size: int) -> bytes:
        return self.browser.recv(size, socket.MSG_WAITALL)

    @property
    def waiting(self) -> list[bytes]:
        """What the kernel didn't take, and the reactor has not yet."""
        waiting: list[bytes] = vars(self.transport)["_tempDataBuffer"]
        return waiting


@pytest.fixture
def line(_fast: None) -> Iterator[Line]:
    sends: list[object] = []

    async def application(scope: object, receive: object, send: Any) -> None:  # noqa: ARG001 - ASGI's names
        sends.append(send)
        await send({"type": "websocket.accept"})

    async def handshake() -> DaphneConnection:
        connection = DaphneConnection(application)
        await connection.hear(HELLO)
        assert b" 101 " in connection.sent()
        return connection

    with closing(asyncio.run(handshake())) as connection:
        yield Line(connection, sends[0])


@pytest.mark.parametrize("size", [0, 125, 126, 65_535, 65_536])
def test_a_frame_is_what_any_browser_reads(size: int) -> None:
    text = "ö" * (size // 2) + "x" * (size % 2)
    protocol = ClientProtocol(parse_uri("ws://localhost/"), state=OPEN)
    protocol.receive_data(framed(text.encode()))
    [frame] = protocol.events_received()
    assert isinstance(frame, Frame)
    assert (frame.opcode, frame.fin, bytes(frame.data).decode()) == (Opcode.TEXT, True, text)


def test_a_frame_is_handed_to_the_kernel_at_once(line: Line) -> None:
    assert line.way.write(b"whole")
    assert line.arrived(5) == b"whole"
    assert not line.waiting


def test_what_the_kernel_does_not_take_is_kept_for_the_reactor(line: Line) -> None:
    frame = bytes(range(256)) * 40_000
    assert line.way.write(frame)
    [rest] = line.waiting
    assert line.arrived(len(frame) - len(rest)) + rest == frame
    assert line.way.write(b"next")
    assert line.waiting == [rest, b"next"]


def test_a_full_socket_leaves_the_frame_to_the_reactor(line: Line) -> None:
    with suppress(BlockingIOError):
        while True:
            line.transport.getHandle().send(b"x" * 65_536)
    assert line.way.write(b"frame")
    assert line.waiting == [b"frame"]


@pytest.mark.parametrize("trouble", ["closing", "disconnecting", "gone", "unsent messages"])
def test_out_of_the_ordinary_the_asgi_way_is_taken(trouble: str, line: Line) -> None:
    if trouble == "closing":
        line.protocol.state = WebSocketProtocol.STATE_CLOSING
    elif trouble == "disconnecting":
        line.transport.disconnecting = True
    elif trouble == "gone":
        line.browser.close()
    else:
        line.protocol.send_queue = [(b"ping", False)]
    assert not line.way.write(b"frame")


def test_what_only_the_handshake_needed_is_forgotten(line: Line) -> None:
    line.transport.registerProducer("the HTTP channel", True)  # type: ignore[no-untyped-call]  # noqa: FBT003 - Twisted's
    line.protocol.http_headers = {"host": "localhost"}
    line.protocol.path = b"/ws/display/town/"
    line.way.forget_handshake()
    assert "http_headers" not in vars(line.protocol)
    assert line.protocol.path == b"/ws/display/town/"
    assert line.transport.producer is None
    assert line.way.write(b"frame")


CONFIRMATION = '{"key":"01234567"}'


@pytest.fixture
def ordinary(monkeypatch: pytest.MonkeyPatch) -> list[bytes]:
    """What has gone the ASGI way."""
    heard: list[bytes] = []
    monkeypatch.setattr(WebSocketProtocol, "dataReceived", lambda _protocol, data: heard.append(data))
    return heard


def said(text: str, opcode: Opcode = Opcode.TEXT) -> bytes:
    """As a browser sends it."""
    return Frame(opcode, text.encode()).serialize(mask=True)


def confirmed_on(line: Line) -> list[str]:
    """The keys that the fast path brings from now on."""
    keys: list[str] = []

    def confirmed(key: str) -> bool:
        keys.append(key)
        return True

    line.way.hear(confirmed)
    return keys


def test_a_confirmation_is_heard_at_once(line: Line, ordinary: list[bytes]) -> None:
    keys = confirmed_on(line)
    before = line.protocol.last_ping = time.time() - 60
    line.protocol.dataReceived(said(CONFIRMATION))
    assert (keys, ordinary) == (["01234567"], [])
    assert line.protocol.last_ping > before


@pytest.mark.parametrize(
    "data",
    [
        said('{"key": "0123456"}'),
        said('{"kez":"01234567"}'),
        said('{"key":"0123456"}'),
        said('{"key":"012345678"}'),
        said('{"key":"01234567",'),
        said(CONFIRMATION, Opcode.BINARY),
        said(CONFIRMATION)[:10],
        said(CONFIRMATION) * 2,
        said("x" * 18),
        said(""),
        b"GET / HTTP/1.1\r\nHost: a",
    ],
)
def test_whatever_else_a_browser_says_goes_the_asgi_way(data: bytes, line: Line, ordinary: list[bytes]) -> None:
    keys = confirmed_on(line)
    line.protocol.dataReceived(data)
    assert (keys, ordinary) == ([], [data])


@pytest.mark.parametrize("trouble", ["closing", "half a frame", "a frame begun", "a message begun", "a ping", "muted"])
def test_so_does_a_confirmation_out_of_the_ordinary(trouble: str, line: Line, ordinary: list[bytes]) -> None:
    keys = confirmed_on(line)
    if trouble == "closing":
        line.protocol.state = WebSocketProtocol.STATE_CLOSING
    elif trouble == "half a frame":
        line.protocol.data = b"\x81"
    elif trouble == "a frame begun":
        line.protocol.current_frame = object()
    elif trouble == "a message begun":
        line.protocol.inside_message = True
    elif trouble == "a ping":
        line.protocol.autoPingTimeoutCall = object()
    else:
        line.protocol.muted = True
    line.protocol.dataReceived(said(CONFIRMATION))
    assert (keys, len(ordinary)) == ([], 1)


def test_so_does_a_confirmation_that_asks_for_more_and_all_once_the_socket_has_ended(
    line: Line, ordinary: list[bytes]
) -> None:
    line.way.hear(lambda _key: False)
    line.protocol.dataReceived(said(CONFIRMATION))
    line.way.hear(lambda _key: True)
    line.way.end()
    line.way.end()
    line.protocol.dataReceived(said(CONFIRMATION))
    assert len(ordinary) == 2


def test_another_server_is_left_alone() -> None:
    async def send(_message: object) -> None: ...

    assert fast_path(send) is None
    assert fast_path(partial(send, object())) is None


def test_until_it_is_enabled_all_goes_the_asgi_way(line: Line, monkeypatch: pytest.MonkeyPatch) -> None:
    send = partial(print, line.protocol)
    assert fast_path(send) is not None
    monkeypatch.setattr(daphne_fast_path, "switch", daphne_fast_path.Switch())
    assert fast_path(send) is None
    enable()
    enable()
    assert fast_path(send) is not None


# With the socket that the system itself puts on it, on both ways


class Screen:
    """The browser at the other end: what it was sent, and what it says."""

    def __init__(self, connection: DaphneConnection) -> None:
        self.connection = connection
        self.reads = ClientProtocol(parse_uri("ws://localhost/"), state=OPEN)

    def frames(self) -> list[Frame]:
        self.reads.receive_data(self.connection.sent())
        return [frame for frame in self.reads.events_received() if isinstance(frame, Frame)]

    def texts(self) -> list[str]:
        return [bytes(frame.data).decode() for frame in self.frames()]

    async def say(self, text: str) -> None:
        await self.connection.hear(said(text))


async def watch(truth: FakeSource) -> Screen:
    """A screen that has been sent its first frame, and has confirmed it."""
    topic = new_topic()
    truth.says(topic, "first")

    async def access(_scope: Scope) -> tuple[Audience, Member]:
        return FakeAudience(topic), None

    screen = Screen(DaphneConnection(lambda scope, receive, send: serve(access, scope, receive, send)))
    await screen.connection.hear(HELLO)
    head, _end, early = screen.connection.sent().partition(b"\r\n\r\n")
    assert b" 101 " in head
    screen.reads.receive_data(early)
    first: list[str] = []

    def has_come() -> bool:
        first.extend(screen.texts())
        return bool(first)

    await eventually_here(has_come, what="the first frame")
    await screen.say(json.dumps({"key": json.loads(first[0])["key"]}))
    return screen


async def push(*texts: str) -> None:
    (room,) = hub().rooms.values()
    ((subscriber,),) = room.subscribers[next(iter(room.subscribers))].values()
    for text in texts:
        await subscriber.push(Message.of(text.encode(), text))


@pytest.mark.usefixtures("_both")
def test_a_screen_is_sent_a_window_and_with_each_confirmation_more(truth: FakeSource) -> None:
    keys = [f"{number:08}" for number in range(WINDOW + 2)]

    async def scene() -> None:
        screen = await watch(truth)
        with closing(screen.connection):
            await push(*keys)
            assert screen.texts()[-1] == keys[WINDOW - 1]
            await screen.say(json.dumps({"key": keys[0]}, separators=(",", ":")))
            await screen.say(json.dumps({"key": keys[1]}))
            assert screen.texts() == [keys[WINDOW + 1]]
            await screen.connection.lose()
            await no_hub_runs()

    asyncio.run(scene())


@pytest.mark.usefixtures("_both")
def test_a_screen_that_talks_nonsense_is_let_go(truth: FakeSource) -> None:
    async def scene() -> None:
        screen = await watch(truth)
        with closing(screen.connection):
            await screen.say("x" * len(CONFIRMATION))
            closing_frame = screen.frames()[-1]
            assert (closing_frame.opcode, closing_frame.data[:2]) == (Opcode.CLOSE, CLOSE_NONSENSE.to_bytes(2, "big"))
            await screen.connection.lose()
            await no_hub_runs()

    asyncio.run(scene())


# The self-test


def test_today_the_fast_path_may_be_taken() -> None:
    self_test()


def test_it_may_not_where_daphne_binds_something_else(monkeypatch: pytest.MonkeyPatch) -> None:
    create = Server.create_application

    def create_application(server: Server, protocol: WebSocketProtocol, scope: Scope) -> object:
        application = server.application

        async def unbound(scope: Scope, receive: object, send: Any) -> None:
            async def another(message: object) -> None:
                await send(message)

            await application(scope=scope, receive=receive, send=another)

        server.application = unbound
        return create(server, protocol, scope)

    monkeypatch.setattr(Server, "create_application", create_application)
    with pytest.raises(RuntimeError, match="Daphne doesn't bind its protocol"):
        self_test()


def test_it_may_not_where_a_handshake_leaves_something_else(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(daphne_fast_path, "HANDSHAKE", HANDSHAKE | {"http_cookies"})
    with pytest.raises(RuntimeError, match="a connection doesn't keep http_cookies"):
        self_test()


def test_it_may_not_where_what_is_forgotten_is_still_needed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(daphne_fast_path, "HANDSHAKE", HANDSHAKE | {"application_queue"})
    with pytest.raises(AttributeError, match="application_queue"):
        self_test()


def test_it_may_not_where_the_transport_hides_its_socket(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr(Connection, "getHandle")
    with pytest.raises(AttributeError, match="getHandle"):
        self_test()


def test_it_may_not_where_a_confirmation_comes_another_way(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(WebSocketProtocol, "muted", True)
    with pytest.raises(RuntimeError, match="a confirmation was not heard"):
        self_test()
