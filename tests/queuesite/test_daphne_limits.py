"""What a server process takes in: bodies, headers and frames, each cut off where nothing of ours is as large, and
requests, let go where nothing of ours is as slow."""

import os
import socket
from base64 import b64encode
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, suppress

import pytest
from django.test import Client
from twisted.internet.base import DelayedCall
from twisted.internet.task import Clock
from twisted.internet.testing import StringTransport
from twisted.web.http import Request
from websockets.sync.client import connect

from queues import actions
from queues.models import Role
from queuesite.daphne_limits import BODY_WITHIN, HEADERS_WITHIN, MAX_BODY, MAX_MESSAGE, PromptChannel
from tests.kit import factories
from tests.kit.crowds import database_url
from tests.kit.sample_branch import SampleBranch
from tests.kit.servers import Server, running_server
from tests.kit.sockets import session_cookie
from tests.kit.waiting import eventually

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(scope="module")
def server(django_db_setup: None) -> Iterator[Server]:  # noqa: ARG001 - the database comes first
    with running_server(database_url=database_url(), SOCKETS_AN_ADDRESS="2") as running:
        yield running


def said(server: Server, request: bytes) -> bytes:
    """The first line of the answer to these bytes."""
    with socket.create_connection(("127.0.0.1", server.port), timeout=10) as connection:
        connection.sendall(request)
        return connection.recv(4096).split(b"\r\n")[0]


def head(*lines: str) -> bytes:
    return "\r\n".join([*lines, "Host: 127.0.0.1", "", ""]).encode()


@pytest.mark.fast_only
def test_a_large_body_is_cut_off_before_it_is_sent(server: Server) -> None:
    too_long = head("POST /desk/sign-in/ HTTP/1.1", f"Content-Length: {MAX_BODY + 1}")
    assert said(server, too_long) == b"HTTP/1.1 413 Content Too Large"


@pytest.mark.fast_only
def test_a_body_without_a_length_is_not_begun(server: Server) -> None:
    endless = head("POST /desk/sign-in/ HTTP/1.1", "Transfer-Encoding: chunked")
    assert said(server, endless) == b"HTTP/1.1 413 Content Too Large"


def test_endless_headers_are_cut_off(server: Server) -> None:
    assert said(server, head("GET / HTTP/1.1", *(f"X-{number}: {'x' * 1000}" for number in range(20)))) in (
        b"HTTP/1.1 400 Bad Request",
        b"",
    )


def test_an_ordinary_form_comes_in(server: Server) -> None:
    body = b"username=x&password=y"
    form = head("POST /desk/sign-in/ HTTP/1.1", f"Content-Length: {len(body)}") + body
    assert said(server, form).startswith(b"HTTP/1.1 403")  # it was read, and has no CSRF token


def opened(server: Server, sample: SampleBranch) -> tuple[socket.socket, bytes]:
    key = b64encode(os.urandom(16)).decode()
    connection = socket.create_connection(("127.0.0.1", server.port), timeout=10)
    lines = ["Upgrade: websocket", "Connection: Upgrade", f"Sec-WebSocket-Key: {key}", "Sec-WebSocket-Version: 13"]
    connection.sendall(head(f"GET /ws/display/{sample.branch.slug}/ HTTP/1.1", *lines))
    return connection, connection.recv(4096).split(b"\r\n")[0]


@pytest.mark.fast_only
def test_a_large_frame_ends_the_socket(server: Server, sample: SampleBranch) -> None:
    """Else this would wait for the rest of it, and run into the connection's time limit."""
    connection, answer = opened(server, sample)
    with connection:
        assert answer.startswith(b"HTTP/1.1 101")
        # Its head alone: what would follow is not waited for.
        connection.sendall(bytes([0x81, 0x80 | 126]) + (MAX_MESSAGE + 1).to_bytes(2, "big") + bytes(4))
        with suppress(ConnectionResetError):
            while connection.recv(65536):
                continue


def test_what_we_say_may_be_longer(server: Server, sample: SampleBranch) -> None:
    supervisor = session_cookie(factories.clerk(sample.branch, role=Role.SUPERVISOR))
    address = f"ws://127.0.0.1:{server.port}/ws/hall/{sample.branch.slug}/"
    with connect(address, additional_headers={"Cookie": supervisor}) as hall:
        assert len(hall.recv(timeout=10)) > MAX_MESSAGE


def test_one_address_opens_so_many_sockets_and_goes_on_over_http(server: Server, sample: SampleBranch) -> None:
    first, second, third = (opened(server, sample) for _socket in range(3))
    assert [answer[:12] for _connection, answer in (first, second, third)] == [
        b"HTTP/1.1 101",
        b"HTTP/1.1 101",
        b"HTTP/1.1 403",
    ]
    for connection, _answer in (first, second, third):
        connection.close()
    assert Client().get(f"/display/{sample.branch.slug}/frame/").status_code == 200


class Unanswered(Request):
    """A request that its test answers."""

    def process(self) -> None:
        pass


class OnClock(PromptChannel):
    requestFactory = Unanswered  # noqa: N815 - Twisted's

    def __init__(self, clock: Clock) -> None:
        super().__init__()  # type: ignore[no-untyped-call]  # Twisted's
        self.clock = clock

    def callLater(self, period: float, func: Callable[[], object]) -> object:  # noqa: N802 - Twisted's
        return self.clock.callLater(period, func)


class Connection:
    """One of a browser that sends what it is told to, on a clock of its own."""

    def __init__(self) -> None:
        self.clock = Clock()
        self.transport = StringTransport()  # type: ignore[no-untyped-call]
        self.channel = OnClock(self.clock)
        self.channel.makeConnection(self.transport)  # type: ignore[no-untyped-call]

    def say(self, text: bytes) -> None:
        self.channel.dataReceived(text)

    def trickle(self, byte: bytes, seconds: int) -> None:
        """One a second, for so long or until nobody listens any more."""
        for _second in range(seconds):
            self.clock.advance(1)
            if not self.is_open:
                return
            self.say(byte)

    def timers(self) -> Sequence[DelayedCall]:
        return self.clock.getDelayedCalls()

    def answer(self) -> None:
        self.channel.requests[0].finish()

    @property
    def is_open(self) -> bool:
        return not self.transport.disconnecting


BEGUN = b"GET / HTTP/1.1\r\nHost: here\r\n"


def test_a_request_that_stops_in_its_first_line_is_let_go() -> None:
    connection = Connection()
    connection.say(b"GE")
    connection.clock.advance(HEADERS_WITHIN - 1)
    assert connection.is_open
    connection.clock.advance(1)
    assert not connection.is_open


@pytest.mark.parametrize("said", [b"", BEGUN, BEGUN + b"X-Slow: "])
def test_trickled_bytes_of_a_head_win_no_time(said: bytes) -> None:
    connection = Connection()
    connection.say(said or b"G")
    connection.trickle(b"x", HEADERS_WITHIN - 1)
    assert connection.is_open
    connection.trickle(b"x", 1)
    assert not connection.is_open


def test_trickled_bytes_of_a_body_win_no_time() -> None:
    connection = Connection()
    connection.say(b"POST / HTTP/1.1\r\nContent-Length: 1000\r\n\r\n")
    connection.trickle(b"x", BODY_WITHIN - 1)
    assert connection.is_open
    connection.trickle(b"x", 1)
    assert not connection.is_open


def test_no_timer_that_runs_is_moved_forward() -> None:
    """Twisted would look for it among all that run: while thousands of screens come back that took as long as their
    handshakes."""
    connection = Connection()
    (idle,) = connection.timers()
    connection.say(b"G")
    assert not idle.active()
    assert len(connection.timers()) == 1


def test_an_answer_may_take_long_and_then_the_next_request_has_its_own_time() -> None:
    connection = Connection()
    connection.clock.advance(BODY_WITHIN - 1)
    for _request in range(3):
        connection.say(BEGUN)
        connection.clock.advance(HEADERS_WITHIN - 1)
        connection.say(b"\r\n")
        connection.clock.advance(24 * 3600)
        assert connection.is_open
        connection.answer()
        connection.clock.advance(BODY_WITHIN - 1)
        assert connection.is_open
    connection.clock.advance(1)
    assert not connection.is_open


def test_a_request_sent_ahead_has_its_time_from_the_answer_before() -> None:
    connection = Connection()
    connection.say(BEGUN + b"\r\n" + BEGUN)
    connection.clock.advance(24 * 3600)
    connection.answer()
    connection.trickle(b"x", HEADERS_WITHIN - 1)
    assert connection.is_open
    connection.trickle(b"x", 1)
    assert not connection.is_open


@pytest.fixture
def hasty_server() -> Iterator[Server]:
    """One that waits a second for what it waits for half a minute else."""
    with running_server(database_url=database_url(), DJANGO_SETTINGS_MODULE="tests.kit.hasty_settings") as running:
        yield running


@pytest.mark.fast_only
def test_half_requests_are_let_go_and_a_display_lives_on(hasty_server: Server, sample: SampleBranch) -> None:
    begun = [b"", b"GET", BEGUN, b"POST / HTTP/1.1\r\nHost: here\r\nContent-Length: 9\r\n\r\nhalf"]
    with ExitStack() as stack:
        display = stack.enter_context(connect(f"ws://127.0.0.1:{hasty_server.port}/ws/display/{sample.branch.slug}/"))
        display.recv(timeout=10)
        slow = [stack.enter_context(socket.create_connection(("127.0.0.1", hasty_server.port), 10)) for _one in begun]
        trickling = stack.enter_context(socket.create_connection(("127.0.0.1", hasty_server.port), 10))
        for connection, said in zip(slow, begun, strict=True):
            connection.sendall(said)
        eventually(lambda: is_let_go(trickling), what="who trickles is let go")
        assert [connection.recv(100) for connection in slow] == [b""] * len(begun)
        actions.show_notice(sample.branch, {"fi": "Tervetuloa"}, by=None)
        eventually(lambda: "Tervetuloa" in str(display.recv(timeout=10)), what="the display goes on")


def is_let_go(trickling: socket.socket) -> bool:
    """Whether the server no longer takes one byte more of a header's name."""
    try:
        trickling.sendall(b"x")
    except OSError:
        return True
    return False


HANDSHAKE = b"GET /ws/display/main/ HTTP/1.1\r\nHost: here\r\n\r\n"


def test_a_handshake_waits_for_its_turn_and_a_press_does_not() -> None:
    screen, clerk = Connection(), Connection()
    screen.say(HANDSHAKE)
    clerk.say(b"POST /desk/1/call-next/ HTTP/1.1\r\nContent-Length: 0\r\n\r\n")
    assert not screen.channel.requests
    assert clerk.channel.requests
    screen.clock.advance(0)
    assert screen.channel.requests


def test_a_handshake_whose_browser_has_gone_is_not_begun() -> None:
    screen = Connection()
    screen.say(HANDSHAKE)
    screen.channel.connectionLost()
    screen.clock.advance(0)
    assert not screen.channel.requests


def test_who_says_more_before_the_answer_is_not_waited_for() -> None:
    screen = Connection()
    begun, rest = HANDSHAKE[:-2], HANDSHAKE[-2:]
    screen.say(begun)
    screen.say(rest)
    assert screen.channel.requests
    screen.clock.advance(0)
    assert len(screen.channel.requests) == 1
