"""What a server process takes in: bodies, headers and frames, each cut off where nothing of ours is as large."""

import os
import socket
from base64 import b64encode
from collections.abc import Iterator
from contextlib import suppress

import pytest
from django.test import Client
from websockets.sync.client import connect

from queues.models import Role
from queuesite.daphne_limits import MAX_BODY, MAX_MESSAGE
from tests.kit import factories
from tests.kit.crowds import database_url
from tests.kit.sample_branch import SampleBranch
from tests.kit.servers import Server, running_server
from tests.kit.sockets import session_cookie

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
