"""The fast path to a browser under Daphne: the same bytes in the same order, or else the ASGI way."""

import asyncio
import socket
import time
from collections.abc import Iterator
from contextlib import suppress
from functools import partial

import pytest
from daphne.server import Server
from daphne.ws_protocol import WebSocketProtocol
from websockets.client import ClientProtocol
from websockets.frames import Frame, Opcode
from websockets.protocol import OPEN
from websockets.uri import parse_uri
from websockets.utils import apply_mask

from live.daphne_fast_path import Unmasking, fast_path, framed


class Transport:
    """Of a connection whose other end a test reads. What the kernel doesn't take is written to the reactor's buffer."""

    disconnecting = False

    def __init__(self, handle: socket.socket) -> None:
        self.handle = handle
        self.dataBuffer = b""
        self._tempDataBuffer: list[bytes] = []

    def getHandle(self) -> socket.socket:  # noqa: N802 - Twisted's name
        return self.handle

    def registerProducer(self, producer: object, _streaming: object) -> None:  # noqa: N802 - as above
        self.producer = producer

    def unregisterProducer(self) -> None:  # noqa: N802 - as above
        self.producer = None

    def write(self, data: bytes) -> None:
        self._tempDataBuffer.append(data)

    @property
    def waiting(self) -> list[bytes]:
        return self._tempDataBuffer


class Line:
    """A connection of Daphne's as an application is given it, and the browser's end."""

    def __init__(self, handle: socket.socket, browser: socket.socket) -> None:
        self.browser = browser
        self.transport = Transport(handle)
        self.protocol = WebSocketProtocol()
        self.protocol.state = WebSocketProtocol.STATE_OPEN
        self.protocol.send_queue = []
        self.protocol.transport = self.transport
        self.protocol.data, self.protocol.current_frame, self.protocol.inside_message = b"", None, False
        self.protocol.autoPingTimeoutCall = None
        self.sends: list[object] = []
        asyncio.run(self._be_let_in())
        way = fast_path(self.sends[0])
        assert way is not None, "Daphne doesn't bind its protocol any more"
        self.way = way

    async def _be_let_in(self) -> None:
        async def application(scope: object, receive: object, send: object) -> None:  # noqa: ARG001 - ASGI's names
            self.sends.append(send)

        server = Server(application, endpoints=["tcp:0"])
        server.connections = {self.protocol: {}}
        server.create_application(self.protocol, {"type": "websocket"})
        await server.connections[self.protocol]["application_instance"]

    def arrived(self, size: int) -> bytes:
        return self.browser.recv(size, socket.MSG_WAITALL)


@pytest.fixture
def line() -> Iterator[Line]:
    server, browser = socket.socketpair()
    server.settimeout(0)
    browser.settimeout(5)
    with server, browser:
        yield Line(server, browser)


@pytest.mark.parametrize("size", [0, 125, 126, 65_535, 65_536])
def test_a_frame_is_what_any_browser_reads(size: int) -> None:
    text = "ö" * (size // 2) + "x" * (size % 2)
    protocol = ClientProtocol(parse_uri("ws://localhost/"), state=OPEN)
    protocol.receive_data(framed(text))
    [frame] = protocol.events_received()
    assert isinstance(frame, Frame)
    assert (frame.opcode, frame.fin, bytes(frame.data).decode()) == (Opcode.TEXT, True, text)


def test_a_frame_is_handed_to_the_kernel_at_once(line: Line) -> None:
    assert line.way.write(b"whole")
    assert line.arrived(5) == b"whole"
    assert not line.transport.waiting


def test_what_the_kernel_does_not_take_is_kept_for_the_reactor(line: Line) -> None:
    frame = bytes(range(256)) * 40_000
    assert line.way.write(frame)
    [rest] = line.transport.waiting
    assert line.arrived(len(frame) - len(rest)) + rest == frame
    assert line.way.write(b"next")
    assert line.transport.waiting == [rest, b"next"]


def test_a_full_socket_leaves_the_frame_to_the_reactor(line: Line) -> None:
    with suppress(BlockingIOError):
        while True:
            line.transport.handle.send(b"x" * 65_536)
    assert line.way.write(b"frame")
    assert line.transport.waiting == [b"frame"]


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
    line.transport.registerProducer("the HTTP channel", True)  # noqa: FBT003 - Twisted's signature
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


@pytest.mark.parametrize("pieces", [(b"",), (b"x",), (b'{"key":"01234567"}',), (b"ab", b"cde", b"", b"f" * 300)])
def test_a_mask_comes_off_in_whatever_pieces_it_comes(pieces: tuple[bytes, ...]) -> None:
    mask = bytes((1, 0, 255, 129))
    unmasking = Unmasking(mask, 4)
    assert b"".join(unmasking.process(piece) for piece in pieces) == apply_mask(b"".join(pieces), mask)
    assert unmasking.pointer() == sum(map(len, pieces))
    unmasking.reset()
    assert unmasking.process(b"abcde") == apply_mask(b"abcde", mask)
